"""Which steps were taken since a time on warnings of organisations here?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, seats

PARAMS = ("basis", "node", "since")
PUBLISH = "alert_id, org_id, seq, at, verb, state = named"
MODES = ("duty",)


def rows(store: Any, basis: str, node: str, since: str) -> Rows:
    """Return the steps in the order of their times; what happened in that very second counts."""
    here = {row["org_id"] for row in seats(store, basis, node)}
    found = store.desk.read(
        """select s.alert_id, a.org_id, s.seq, s.at, s.verb, s.state from alert_step s
        join alert a on a.alert_id = s.alert_id where s.at >= $since order by s.at, s.alert_id, s.seq""",
        since=since,
    )
    return [row for row in found if row["org_id"] in here]
