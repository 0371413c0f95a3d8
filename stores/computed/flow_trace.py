"""From where did flows reach this place, or whereto did they go on, hop by hop?

``direction``: 'backward' (hop 1 comes into ``focus`` in the months asked for, hop 2 came into its senders
before) or 'forward'.  The hops are the layers of ``flow_layers``.
"""

from __future__ import annotations

from typing import Any

from stores.flow_chains import as_hops, chain_layers
from stores.flow_places import read_places

PARAMS = ("basis", "level", "node", "focus", "from_month", "to_month", "direction", "hops")
PUBLISH = "from_node, to_node, hop = public; n = flow"
GATE = "chain"
shape = as_hops


def rows(store: Any, basis: str, direction: str, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return shape(chain_layers(store, read_places(store, basis), **params), direction)
