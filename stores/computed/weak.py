"""Which organisations are listed as weak or backward here, as people decided, and how far are they?"""

from __future__ import annotations

from datetime import date
from typing import Any

from stores.alert_views import Rows, seats, today

PARAMS = ("basis", "node")
PUBLISH = """org_id, name, region_name, kind, criteria, lead_by, stage = named;
listed_on, delisted_on, months = named"""
MODES = ("leader", "duty")


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return the list, those under rectification first and the longest listed of them first."""
    here = {row["org_id"]: row for row in seats(store, basis, node)}
    until = today(store)
    made = []
    for row in store.ask("gate_weak"):
        if row["org_id"] not in here or row["listed_on"] > until:
            continue
        seat = here[row["org_id"]]
        off = row["delisted_on"] if row["delisted_on"] and row["delisted_on"] <= until else None
        made.append(
            {
                "org_id": row["org_id"],
                "name": seat["name"],
                "region_name": seat["region_name"],
                **{name: row[name] for name in ("kind", "criteria", "lead_by", "stage")},
                "listed_on": row["listed_on"].isoformat(),
                "delisted_on": off.isoformat() if off else None,
                "months": _months(row["listed_on"], off or until),
            }
        )
    return sorted(made, key=lambda row: (row["delisted_on"] is not None, row["listed_on"], row["org_id"]))


def _months(first: date, last: date) -> int:
    """Count whole months between days."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
