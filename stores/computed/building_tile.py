"""Which buildings does a tile of the map show, drawn and without any number of members?"""

from typing import Any

from stores.spatial import spatial

PARAMS = ("z", "x", "y")
PUBLISH = "tile = public"


def rows(store: Any, z: int, x: int, y: int) -> list[dict[str, Any]]:
    """Return one row with the tile's bytes."""
    return [{"tile": spatial(store).tile(z, x, y)}]
