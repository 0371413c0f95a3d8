"""Between which places around this one did members move, and how many?

Places are those of ``level`` inside ``node`` and, around it, its neighbours ('ext:…' outside the district).
An edge from a place to itself is moves inside it.  In a published answer a place may stand for its rest (a
town: its communities too small to be named, 'ext:江苏省': its other cities), 'other' for other places of the
district, 'ext:other' for others outside.
"""

from __future__ import annotations

from typing import Any

from stores.flow_tables import edges, exact_table

PARAMS = ("basis", "level", "node", "from_month", "to_month")
PUBLISH = "from_node, to_node = public; n = flow"
GATE = "matrix"
shape = edges


def rows(store: Any, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    return shape(exact_table(store, **params))
