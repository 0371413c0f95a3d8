"""How many warnings of each indicator are open here, how many were opened and closed in twelve months?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, seats, today
from stores.periods import month_key, number_of

PARAMS = ("basis", "node")
PUBLISH = "indicator = public; node_id = node; n, alerting, worst, opened, cleared = alerts"


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return a row an indicator that is evaluated, those without warnings included."""
    own = {row["org_id"] for row in seats(store, basis, node)}
    first = month_key(number_of(today(store)) - 11)
    names = [row["indicator"] for row in store.desk.read("select indicator from indicator_run")]
    found = store.desk.read(
        """select indicator, org_id, severity, substr(opened_at, 1, 7) as opened,
        substr(cleared_at, 1, 7) as cleared from alert where state <> 'retracted'"""
    )
    mine = [row for row in found if row["org_id"] in own]
    made = []
    for name in sorted(names, key=lambda key: (key[0] != "W", key)):
        rows = [row for row in mine if row["indicator"] == name]
        now = [row for row in rows if row["cleared"] is None]
        made.append(
            {
                "indicator": name,
                "node_id": node,
                "n": len(now),
                "alerting": len({row["org_id"] for row in now}),
                "worst": max((row["severity"] for row in now), default=0),
                "opened": sum(row["opened"] >= first for row in rows),
                "cleared": sum((row["cleared"] or "") >= first for row in rows),
            }
        )
    return made
