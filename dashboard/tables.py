"""A published table leaves as JSON, CSV or GeoJSON, and says of each figure how far it may be trusted."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo.grids import cell_centre
from layers.scene import World
from stores.figure import Figure

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_PLACES: Final = ("node_id", "building_id", "region_id", "community_id")


def as_json(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """Write tables by name, see `row_as_json`."""
    return {name: [row_as_json(row) for row in rows] for name, rows in tables.items()}


def row_as_json(row: Row) -> dict[str, Any]:
    """Write figures as {v, s, lo, hi}; public columns stay plain."""
    return {name: _plain(value) for name, value in row.items()}


def as_csv(rows: Sequence[Row]) -> str:
    """Write rows as CSV with a heading; a figure has a second column `<name>_state`, a band is written lo–hi.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    flat = [_flat(row, as_text=True) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in flat)
    return out.getvalue()


def as_geojson(rows: Sequence[Row], world: World, lod: int = 0) -> dict[str, Any]:
    """Write rows as features: points, outlines of places, cells of heat, lines between places, or nothing."""
    features = [
        {"type": "Feature", "geometry": _geometry(row, world, lod), "properties": _flat(row, as_text=False)}
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def inside(tables: Tables, basis: str, place: str, world: World) -> dict[str, list[Row]]:
    """Keep the rows that lie in a place; rows that name no place of their own are kept.

    The affiliation tree has no ground: under it, and for the whole district, everything is kept.
    """
    if basis != "place" or place == world.root:
        return {name: list(rows) for name, rows in tables.items()}
    belongs = _test(place, world)
    return {name: [row for row in rows if belongs(row)] for name, rows in tables.items()}


def _test(place: str, world: World) -> Callable[[Row], bool]:
    head = place.partition("/")[0]
    outline = world.outline(place)

    def belongs(row: Row) -> bool:
        ids = [row[name] for name in ("town_id", "community_id", "building_id", "region_id") if row.get(name)]
        if ids:
            return head in ids or any(head in world.chain("place", str(one)) for one in ids)
        if "cell_x" in row and outline is not None:
            return bool(outline.contains(cell(row["cell_x"], row["cell_y"], 0).centroid))
        return True

    return belongs


def cell(x: int, y: int, lod: int) -> BaseGeometry:
    """Return a cell of the heat lattice as a square in degrees."""
    lon, lat = cell_centre([x - 0.5, x + 0.5], [y - 0.5, y + 0.5], lod)
    square: BaseGeometry = shapely.box(lon[0], lat[0], lon[1], lat[1])
    return square


def _geometry(row: Row, world: World, lod: int) -> dict[str, Any] | None:
    """Find a row's geometry from its own coordinates, its cell, its two ends, or its place."""
    if row.get("lon") is not None and row.get("lat") is not None:
        return {"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]}
    if "cell_x" in row:
        return _mapping(cell(row["cell_x"], row["cell_y"], lod))
    if "from_node" in row:
        ends = [world.label_point(str(row[name])) for name in ("from_node", "to_node")]
        return None if None in ends else {"type": "LineString", "coordinates": ends}
    place = next((row[name] for name in _PLACES if row.get(name)), None)
    outline = world.outline(str(place)) if place else None
    return None if outline is None else _mapping(outline)


def _mapping(area: BaseGeometry) -> dict[str, Any]:
    found: dict[str, Any] = shapely.geometry.mapping(shapely.set_precision(area, 1e-5))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Figure):
        return value.json()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _flat(row: Row, *, as_text: bool) -> dict[str, Any]:
    """Give each figure a column for its value and one for its state."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Figure):
            flat[name] = str(value) if as_text and value.state == "band" else value.value
            if value.state == "band" and not as_text:
                flat[f"{name}_low"], flat[f"{name}_high"] = value.low, value.high
            flat[f"{name}_state"] = value.state
        else:
            flat[name] = _plain(value)
    return flat


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
