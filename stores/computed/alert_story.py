"""What was done about one warning of an organisation here, step by step, and how was it urged?"""

from __future__ import annotations

from typing import Any

from stores import alerts
from stores.alert_views import Rows, seats

PARAMS = ("basis", "node", "alert_id")
STEP = ("at", "verb", "state", "severity", "actor", "note", "evidence", "approver", "value")
URGING = ("kind", "at", "by_account", "due_on", "text", "reply_at", "result")
PUBLISH = "part, mark, at, verb, state, severity, actor, note, evidence, approver, value = named; " + (
    "kind, by_account, due_on, text, reply_at, result = named"
)
MODES = ("duty",)


def rows(store: Any, basis: str, node: str, alert_id: str) -> Rows:
    """Return the steps (``part`` 'step'), then the urgings ('urging'), each in order of time and with a
    ``mark`` of its own."""
    here = {row["org_id"] for row in seats(store, basis, node)}
    if alerts.alert(store.desk, alert_id, here) is None:
        return []
    steps, urgings = alerts.history(store.desk, alert_id)
    none = dict.fromkeys((*STEP, *URGING))
    made = [("step", str(row["seq"]), {name: row[name] for name in STEP}) for row in steps]
    made += [("urging", row["urging_id"], {name: row[name] for name in URGING}) for row in urgings]
    return [{"part": part, "mark": mark} | none | own for part, mark, own in made]
