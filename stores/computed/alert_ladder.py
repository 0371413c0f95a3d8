"""How many warnings stand at each stage here, for how long, and how many are late?"""

from __future__ import annotations

from typing import Any

from stores.alert_due import due_day
from stores.alert_views import STAGES, Rows, days_between, open_now, seats, today

PARAMS = ("basis", "node")
PUBLISH = "stage = public; node_id = node; n, oldest_days, median_days, late = alerts"


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return the stages from open to rectifying: ``n``, days since the oldest and the middle one came there,
    ``late``: still there after the day by which the stage should be over, as at the desk."""
    own = {row["org_id"] for row in seats(store, basis, node)}
    day = today(store)
    made = []
    mine = [row for row in open_now(store) if row["org_id"] in own]
    for stage in STAGES:
        here = [row for row in mine if row["state"] == stage]
        ages = sorted(days_between(row["state_at"], day) for row in here)
        late = sum(1 for row in here if (due := due_day(row, store.settings.desk)) and due < day)
        made.append(
            {
                "stage": stage,
                "node_id": node,
                "n": len(here),
                "oldest_days": ages[-1] if ages else 0,
                "median_days": ages[len(ages) // 2] if ages else 0,
                "late": late,
            }
        )
    return made
