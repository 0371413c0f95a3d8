"""By which day the present stage of a warning should be over: one rule for the wall and the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from stores.settings import DeskRules

RECTIFY_DAYS: Final = 30
"""Days to rectify where no day was promised."""


def due_day(row: Mapping[str, Any], rules: DeskRules) -> date | None:
    """Return the last day of the stage; None for a closed warning.

    Args:
        row: ``state``, ``state_at`` (ISO text), ``promised_on`` and ``urging_due_on`` (ISO days or None).
        rules: the deployment's limits.
    """
    state, since = row["state"], datetime.fromisoformat(row["state_at"]).date()
    if state == "rectifying" and row["promised_on"]:
        return date.fromisoformat(row["promised_on"])
    if state == "notified" and row.get("urging_due_on"):
        return date.fromisoformat(row["urging_due_on"])
    limits = {
        "open": rules.remind_days,
        "notified": rules.acknowledge_days,
        "acknowledged": rules.promise_days,
        "rectifying": RECTIFY_DAYS,
    }
    return since + timedelta(limits[state]) if state in limits else None
