"""How many warnings were opened and closed here in each of the last months, and open at its end?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, seats, today
from stores.periods import month_key, number_of

PARAMS = ("basis", "node")
PUBLISH = "month = month; node_id = node; opened, cleared, n = alerts"
MONTHS = 12


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return the last twelve months, ascending; ``n`` were open at the end; retracted ones are left out."""
    own = {row["org_id"] for row in seats(store, basis, node)}
    found = store.desk.read(
        """select org_id, substr(opened_at, 1, 7) as opened, substr(cleared_at, 1, 7) as cleared from alert
        where state <> 'retracted'"""
    )
    mine = [row for row in found if row["org_id"] in own]
    last = number_of(today(store))
    made = []
    for number in range(last - MONTHS + 1, last + 1):
        name = month_key(number)
        made.append(
            {
                "month": name,
                "node_id": node,
                "opened": sum(row["opened"] == name for row in mine),
                "cleared": sum(row["cleared"] == name for row in mine),
                "n": sum(row["opened"] <= name and (row["cleared"] or "9999") > name for row in mine),
            }
        )
    return made
