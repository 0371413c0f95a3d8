"""Vector tiles of all buildings: made by the database, sent once, confirmed by their tag afterwards."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from dashboard.errors import RefusedError
from dashboard.sessions import current_mode
from stores.spatial import TilesUnsupportedError

if TYPE_CHECKING:
    from stores.gate import Gate
    from stores.store import Store

MIME: Final = "application/vnd.mapbox-vector-tile"
LAYERS: Final = ("buildings",)
DEEPEST: Final = 22
KEPT: Final = 2048
AHEAD: Final = 14  # the level whose tiles are the costliest of those with all buildings
MOST_AHEAD: Final = 1500
CACHE: Final = "private, no-cache"  # kept, and asked after by its tag


class Tiles:
    """Make tiles through the gate and keep the last ones of the present shapes."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store, self._gate = store, gate
        self._seen: tuple[int, str] = (-1, "")
        self._made: OrderedDict[tuple[str, int, int, int], bytes] = OrderedDict()
        self._lock = Lock()

    def mark(self) -> str:
        """Return what changes with shapes and organisations; it is read once a version of the store."""
        version = self._store.version
        if self._seen[0] != version:
            self._seen = (version, str(self._store.ask("gate_mark")[0]["mark"]))
        return self._seen[1]

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return a tile of buildings.

        Raises:
            TilesUnsupportedError: the store is embedded.
        """
        name = (self.mark(), z, x, y)
        with self._lock:
            if name in self._made:
                self._made.move_to_end(name)
                return self._made[name]
        found: bytes = self._gate.answer("building_tile", current_mode(), z=z, x=x, y=y)[0]["tile"]
        with self._lock:
            self._made[name] = found
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return found


def ahead(bounds: tuple[float, float, float, float]) -> Iterator[str]:
    """Give the addresses of the tiles a district is first looked at with, so that they are made before.

    Args:
        bounds: west, south, east and north in degrees of WGS84.
    """
    west, south, east, north = bounds
    first, last = _at(west, north), _at(east, south)
    columns, lines = range(first[0], last[0] + 1), range(first[1], last[1] + 1)
    if len(columns) * len(lines) <= MOST_AHEAD:
        yield from (f"/tiles/buildings/{AHEAD}/{x}/{y}.mvt" for x in columns for y in lines)


def _at(lon: float, lat: float) -> tuple[int, int]:
    """Return the tile of Web Mercator in which a point lies."""
    x = (lon + 180) / 360 * 2**AHEAD
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**AHEAD
    return int(x), int(y)


def blueprint(store: Store, gate: Gate) -> Blueprint:
    """Return the route /tiles/<layer>/<z>/<x>/<y>.mvt."""
    routes, tiles = Blueprint("tiles", __name__), Tiles(store, gate)

    @routes.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
    def tile(layer: str, z: int, x: int, y: int) -> Response:
        if layer not in LAYERS:
            raise RefusedError(404, "no_layer", value=layer, allowed=", ".join(LAYERS))
        if z > DEEPEST or x >= 2**z or y >= 2**z:
            raise RefusedError(404, "not_found")
        tag = f"{tiles.mark()}-{layer}-{z}-{x}-{y}"
        if tag in request.if_none_match:
            response = Response(status=304)
        else:
            try:
                body = tiles.tile(z, x, y)
            except TilesUnsupportedError as error:
                raise RefusedError(501, "no_tiles") from error
            response = Response(body, mimetype=MIME)
        response.set_etag(tag)
        response.headers["Cache-Control"] = CACHE
        return response

    return routes
