"""What is there to say about this place's flows in one sentence?

See ``stores.flow_tables.summary`` for the columns.  median_workdays is from application to decision over the
completed transfers that touch the place; return_rate is returned over returned and completed, a fraction of
one.
"""

from __future__ import annotations

from typing import Any

from stores.flow_places import read_places
from stores.flow_tables import exact_table, summary, took_and_returned

PARAMS = ("basis", "node", "from_month", "to_month")
PUBLISH = (
    "node_id = node; level = level; main_from, main_to, top3_nodes = public; "
    "moved_in, moved_out, inside, net, from_n, from_share, to_n, to_share, outside_share, top3 = flow; "
    "median_workdays, return_rate = conduct"
)
GATE = "summary"


def rows(store: Any, basis: str, node: str, **params: Any) -> list[dict[str, Any]]:
    """Count exactly."""
    places = read_places(store, basis)
    if not places.chain(node):
        return []
    own, below = places.own_level(node), places.next_level(node)
    tables = [exact_table(store, basis, level, node, **params) for level in (own, below)]
    found = summary(tables[0], tables[1])[0]
    days, completed, returned = took_and_returned(store, basis, node, **params)
    ended = completed + returned
    return [found | {"median_workdays": days, "return_rate": round(returned / ended, 4) if ended else None}]
