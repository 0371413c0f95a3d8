"""Everything a store may be asked, at nodes and in months that it has."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from stores.questions import names, question

MOST = 24
"""Askings of one question at most, spread over all combinations."""


def every_asking(store: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """List questions with parameters that fit the store's own nodes, months and organisations."""
    nodes = store.ask("gate_nodes")
    months = [row["month"] for row in store.ask("months")] or ["2019-02"]
    by_level: dict[tuple[str, str], list[str]] = {}
    for row in nodes:
        by_level.setdefault((row["basis"], row["level"]), []).append(row["node_id"])
    orgs = [row["node_id"] for row in nodes if row["basis"] == "affiliation"]
    pools: dict[str, list[Any]] = {
        "month": [months[-1], months[0]],
        "from_month": [months[0]],
        "to_month": [months[-1]],
        "year": [2018, 2019],
        "lod": [0, 1],
        "day_kind": ["all", "workday"],
        "hour_from": [0, 9],
        "hour_to": [24],
        "dim": ["age", "sex", "education", "status", "joined", "occupation"],
        "level": ["town", "community", "committee", "branch"],
        "community": by_level.get(("place", "community"), ["none"])[:3],
        "building": by_level.get(("place", "building"), ["none"])[:3],
        "org_id": orgs[:4],
        "table_name": ["member", "organisation"],
    }
    for name in names():
        params = question(name).params
        for basis in ("place", "affiliation") if "basis" in params else ("place",):
            some = [found[0] for (kind, _), found in by_level.items() if kind == basis]
            here = {**pools, "basis": [basis], "node": [*some, "none"]}
            combined = list(itertools.product(*(here.get(param, [None]) for param in params)))
            for chosen in combined[:: max(1, len(combined) // MOST)]:
                yield name, dict(zip(params, chosen, strict=True))
