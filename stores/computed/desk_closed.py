"""Which warnings of organisations here were closed since a day, and how?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, seats

PARAMS = ("basis", "node", "since")
PUBLISH = "alert_id, org_id, state, opened_at, cleared_at = named"
MODES = ("duty",)


def rows(store: Any, basis: str, node: str, since: str) -> Rows:
    """Return them by the time of closing; retracted ones, which never were, are left out."""
    here = {row["org_id"] for row in seats(store, basis, node)}
    found = store.desk.read(
        """select alert_id, org_id, state, opened_at, cleared_at from alert
        where cleared_at >= $since and state <> 'retracted' order by cleared_at, alert_id""",
        since=since,
    )
    return [row for row in found if row["org_id"] in here]
