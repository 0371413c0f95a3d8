"""How many members moved into each place around this one, out of it and inside it?

The nets of all places, those outside included, sum to nought.
See ``flow_edges`` for the places.
"""

from __future__ import annotations

from typing import Any

from stores.flow_tables import exact_table, totals

PARAMS = ("basis", "level", "node", "from_month", "to_month")
PUBLISH = "node_id = node; level = level; moved_in, moved_out, inside, net = flow"
GATE = "matrix"
shape = totals


def rows(store: Any, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return shape(exact_table(store, **params))
