"""How many organisations are under rectification here, at which stage, and how many left the list?"""

from __future__ import annotations

from collections import Counter
from typing import Any

from stores.alert_views import Rows, seats, today

PARAMS = ("basis", "node")
PUBLISH = "node_id = node; stage = public; n = alerts"
LEFT = "delisted"


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return a row a stage as people wrote it down, 'delisted' last; the list itself names organisations."""
    own = {row["org_id"] for row in seats(store, basis, node)}
    until = today(store)
    found: Counter[str] = Counter()
    for row in store.ask("gate_weak"):
        if row["org_id"] in own and row["listed_on"] <= until:
            gone = row["delisted_on"] is not None and row["delisted_on"] <= until
            found[LEFT if gone else str(row["stage"] or "")] += 1
    order = sorted(found, key=lambda stage: (stage == LEFT, -found[stage], stage))
    return [{"node_id": node, "stage": stage, "n": found[stage]} for stage in order]
