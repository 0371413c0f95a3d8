"""Which places below this one hold transfer steps, and how many of them for too long?

A step belongs to the place of the organisation that holds it.  Known for the last month only; visitors are
not told.
"""

from __future__ import annotations

from typing import Any

from stores.flow_steps import overdue_by_holder

PARAMS = ("basis", "node", "month")
PUBLISH = "node_id = node; level = level; n = flow; overdue = rare; longest = conduct"
GATE = "held"


def rows(store: Any, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return overdue_by_holder(store, **params)
