"""Which places around this one send and receive most?

Ranks are read off the numbers shown; 1 is first, equal numbers share a rank.
See ``flow_edges`` for the places.
"""

from __future__ import annotations

from typing import Any

from stores.flow_tables import exact_table, hubs

PARAMS = ("basis", "level", "node", "from_month", "to_month")
PUBLISH = (
    "node_id = node; level = level; moved_in, moved_out, net = flow; "
    "rank_in, rank_out, rank_both, rank_between, rank_prestige = public"
)
GATE = "matrix"
shape = hubs


def rows(store: Any, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return shape(exact_table(store, **params))
