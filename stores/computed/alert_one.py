"""What is one warning of an organisation here, open or closed?"""

from __future__ import annotations

from typing import Any

from stores import alerts
from stores.alert_views import Rows, seats

PARAMS = ("basis", "node", "alert_id")
PUBLISH = """alert_id, indicator, org_id, period_key, value_num, value_den, threshold, severity = named;
first_severity, seen_severity, opened_at, escalated_at, state, state_at, cleared_at, clear_reason = named;
assigned_to, promised_on, rule_version, detail, unseen, urged, urging_due_on = named"""
MODES = ("duty",)


def rows(store: Any, basis: str, node: str, alert_id: str) -> Rows:
    """Return one row, none where there is no such warning here; ``urged`` says how often."""
    here = {row["org_id"] for row in seats(store, basis, node)}
    found = alerts.alert(store.desk, alert_id, here)
    if found is None:
        return []
    _, urgings = alerts.history(store.desk, alert_id)
    due = [one["due_on"] for one in urgings if one["reply_at"] is None and one["due_on"]]
    return [found | {"urged": len(urgings), "urging_due_on": min(due, default=None)}]
