"""Which buildings stand in a box of the map, with how many organisations, gaps and members?"""

from typing import Any

from stores.spatial import spatial

PARAMS = ("west", "south", "east", "north", "month")
PUBLISH = (
    "node_id = node; level = level; members = members; "
    "name, kind, floors, community_id, lon, lat, organisations, gaps = public"
)


def rows(
    store: Any, west: float, south: float, east: float, north: float, month: str
) -> list[dict[str, Any]]:
    """Look the buildings up by their outline; the box is in degrees of WGS84."""
    return about(store, spatial(store).buildings_in(west, south, east, north), month)


def about(store: Any, ids: list[str], month: str) -> list[dict[str, Any]]:
    """Return what is known of some buildings, in their order."""
    known = {row["node_id"]: row for row in store.ask("gate_buildings", month=month)}
    return [known[one] for one in ids if one in known]
