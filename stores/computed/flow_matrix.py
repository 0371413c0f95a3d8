"""From where to where did members move: the table of places with its margins?

Margins are the rows from or to 'total'; they include moves inside a place and equal the places' totals.
See ``flow_edges`` for the places.
"""

from __future__ import annotations

from typing import Any

from stores.flow_tables import exact_table, matrix

PARAMS = ("basis", "level", "node", "from_month", "to_month")
PUBLISH = "from_node, to_node = public; n = flow"
GATE = "matrix"
shape = matrix


def rows(store: Any, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return shape(exact_table(store, **params))
