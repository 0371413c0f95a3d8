"""Through which places did those come who came to this one, and where did others go on to?

The ribbons of an alluvial: layer -1 comes into ``focus`` in the months asked for, -2 came into its senders
before; 1 leaves it, 2 leaves its receivers after.  Hop follows hop strictly in time and within twelve months;
each move is joined to one earlier move at most, first in first out, so a further layer never holds more than
the one before.  Flows are traced, not people: who moved is not known here.
"""

from __future__ import annotations

from typing import Any

from stores.flow_chains import as_layers, chain_layers
from stores.flow_places import read_places

PARAMS = ("basis", "level", "node", "focus", "from_month", "to_month", "hops")
PUBLISH = "layer, from_node, to_node = public; n = flow"
GATE = "chain"
shape = as_layers


def rows(store: Any, basis: str, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return shape(chain_layers(store, read_places(store, basis), **params))
