"""Where on the map of this node do warnings stand, how bad is the worst unseen, and how many?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, by_org, children, counts, open_now, seats

PARAMS = ("basis", "node")
PUBLISH = """node_id = node; level = level; lon, lat = public; name = named;
n, unseen, alerting, worst, worst_unseen = alerts"""
UPPER = frozenset({"town", "community", "committee", "general_branch"})


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return a point a unit with warnings: its places or inferior organisations, below a community the
    organisations themselves. ``worst_unseen`` 0 = all were acknowledged.

    A point below the community is never for visitors; the gate drops it.
    """
    groups = by_org(open_now(store))
    nodes, under = children(store, basis, node)
    wide = [child for child in nodes if child["level"] in UPPER]
    made = [_point(child["node_id"], child, counts(groups, under[child["node_id"]])) for child in wide]
    inside = {org for child in wide for org in under[child["node_id"]]}
    made += [
        _point(seat["org_id"], seat | {"level": "branch"}, counts(groups, [seat["org_id"]]))
        for seat in seats(store, basis, node)
        if seat["org_id"] in groups and seat["org_id"] not in inside
    ]
    return [row for row in made if row["n"] and row["lon"] is not None]


def _point(name: str, about: dict[str, Any], found: dict[str, int]) -> dict[str, Any]:
    row = {"node_id": name} | {key: about[key] for key in ("level", "lon", "lat", "name")}
    return row | {key: found[key] for key in ("n", "unseen", "alerting", "worst", "worst_unseen")}
