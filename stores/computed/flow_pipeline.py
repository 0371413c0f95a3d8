"""At which steps do this place's transfers stand at a month's end, and how long have they waited?

``waited`` is None in a stage's own row (n, overdue, median and longest wait in workdays) and else a number of
workdays or, published to a leader, a band of them ('2-4', '11+').
"""

from __future__ import annotations

from typing import Any

from stores.flow_steps import pipeline

PARAMS = ("basis", "node", "month")
PUBLISH = (
    "node_id = node; level = level; status, waited = band; n = flow; overdue = rare; "
    "median, longest = conduct"
)
GATE = "steps"


def rows(store: Any, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return pipeline(store, **params)
