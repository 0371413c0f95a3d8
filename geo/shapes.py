"""Measure and simplify shapes of places for the wire without opening gaps between neighbours.

Shapes are shapely geometries in degrees, x = longitude, y = latitude, WGS84 (EPSG:4326). Lengths and
areas are measured in EPSG:4549 (CGCS2000, three-degree Gauss-Krüger zone at 120° E): true here to about
0.03 %, where Web Mercator would say 39 % too much.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
Bounds = tuple[float, float, float, float]

TO_SEAT = 0.15
"""How far a name moves from the widest place of its shape towards the seat."""
TO_SEAT_OF_CRESCENT = 0.55
CRESCENT = 0.62
"""A shape whose area is below this share of its convex hull is a crescent: its widest place lies far out."""


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(shape: BaseGeometry) -> BaseGeometry:
    """Turn a shape from degrees (EPSG:4326) into metres of EPSG:4549, x east and y north."""
    return shapely.transform(shape, _turner("EPSG:4326", "EPSG:4549"))


def to_degrees(shape: BaseGeometry) -> BaseGeometry:
    """Turn a shape from metres of EPSG:4549 back into degrees (EPSG:4326)."""
    return shapely.transform(shape, _turner("EPSG:4549", "EPSG:4326"))


def _turner(source: str, target: str) -> Any:
    def turn(xy: Floats) -> Floats:
        return np.column_stack(_transformer(source, target).transform(xy[:, 0], xy[:, 1]))

    return turn


def area_km2(shape: BaseGeometry) -> float:
    """Return the area in square kilometres, measured in EPSG:4549; 0 for a point or a line."""
    return float(to_metres(shape).area) / 1e6


def length_km(shape: BaseGeometry) -> float:
    """Return the length of a line, or of a polygon's border, in kilometres."""
    return float(to_metres(shape).length) / 1e3


def bounds_of(shapes: Sequence[BaseGeometry]) -> Bounds | None:
    """Return west, south, east, north in degrees around all shapes; None when there is nothing to bound."""
    filled = [shape for shape in shapes if not shape.is_empty]
    if not filled:
        return None
    west, south, east, north = (
        float(value) for value in shapely.total_bounds(np.asarray(filled, dtype=object))
    )
    return west, south, east, north


def label_point(shape: BaseGeometry, seat: tuple[float, float] | None = None) -> tuple[float, float]:
    """Return lon, lat of the best place for a name: the widest place, moved a little towards the `seat`.

    The widest place is the centre of the largest circle inside; it moves 15 % of the way to the seat, 55
    % in a crescent, and never out of the shape. Without a seat, or for points and lines, it does not
    move.
    """
    polygon = largest_part(shape)
    if polygon is None:
        point = shape.representative_point()
        return float(point.x), float(point.y)
    metres = to_metres(polygon)
    centre, edge = _widest(metres)
    placed = centre
    if seat is not None:
        goal = shapely.get_coordinates(to_metres(Point(seat)))[0]
        share = TO_SEAT_OF_CRESCENT if metres.area < CRESCENT * metres.convex_hull.area else TO_SEAT
        moved = centre + share * (goal - centre)
        # In a thin shape the way may lead outside: halve it until it does not.
        for _ in range(5):
            if metres.buffer(-0.2 * float(np.hypot(*(edge - centre)))).contains(Point(moved)):
                placed = moved
                break
            moved = (moved + centre) / 2
    lon, lat = shapely.get_coordinates(to_degrees(Point(placed)))[0]
    return round(float(lon), 6), round(float(lat), 6)


def inscribed_radius_m(shape: BaseGeometry) -> float:
    """Return the radius in metres of the largest circle inside: how much room there is for a name."""
    polygon = largest_part(shape)
    if polygon is None:
        return 0.0
    centre, edge = _widest(to_metres(polygon))
    return float(np.hypot(*(edge - centre)))


def _widest(metres: BaseGeometry) -> tuple[Floats, Floats]:
    """Give the centre of the largest circle inside, and a point on it."""
    polygon = cast(Polygon, metres)
    tolerance = max(float(np.sqrt(polygon.area)) / 200, 0.5)
    line = shapely.maximum_inscribed_circle(polygon, tolerance=tolerance)
    centre, edge = shapely.get_coordinates(line)
    return centre, edge


def largest_part(shape: BaseGeometry) -> Polygon | None:
    """Return the largest polygon of a shape; None when it holds none."""
    if isinstance(shape, Polygon):
        return None if shape.is_empty else shape
    if isinstance(shape, MultiPolygon) and not shape.is_empty:
        return max(shape.geoms, key=lambda part: part.area)
    return None


def simplify_together(shapes: Sequence[BaseGeometry], tolerance_m: float) -> list[BaseGeometry]:
    """Simplify neighbouring polygons so that a shared border stays shared: no gap and no overlap appears.

    `tolerance_m`: about the size in metres of the details that go. Shapes that overlap or gape already (not a
    valid coverage) are simplified each by itself, since they share no border to keep.
    """
    metres = shapely.transform(np.asarray(shapes, dtype=object), _turner("EPSG:4326", "EPSG:4549"))
    if shapely.coverage_is_valid(metres):
        simple = shapely.coverage_simplify(metres, tolerance_m)
    else:
        simple = shapely.simplify(metres, tolerance_m, preserve_topology=True)
    return list(shapely.transform(simple, _turner("EPSG:4549", "EPSG:4326")))


def quantised(shape: BaseGeometry, decimals: int = 5) -> BaseGeometry:
    """Round a shape to `decimals` of a degree (5: 1.1 m); equal vertices of neighbours stay equal.

    Vertices that fall together are dropped. A shape that would break stays unrounded.
    """
    rounded = shapely.transform(shape, lambda xy: np.round(xy, decimals))
    if not rounded.is_valid:
        return shape
    slim = shapely.remove_repeated_points(rounded)
    return slim if slim.is_valid else rounded


def feature_collection(
    shapes: Mapping[str, BaseGeometry],
    properties: Mapping[str, Mapping[str, Any]] | None = None,
    decimals: int = 5,
) -> dict[str, Any]:
    """Build GeoJSON (RFC 7946: lon, lat, outer rings anticlockwise), ids as `id`, in the given order."""
    features = []
    for place, shape in shapes.items():
        slim = shapely.orient_polygons(quantised(shape, decimals))
        about = dict(properties.get(place, {})) if properties else {}
        features.append({"type": "Feature", "id": place, "properties": about, "geometry": mapping(slim)})
    return {"type": "FeatureCollection", "features": features}


def geojson_text(collection: Mapping[str, Any]) -> str:
    """Write GeoJSON without spaces and with Chinese letters as they are."""
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))


def flat_rings(shape: BaseGeometry, scale: float = 1e5) -> list[list[int]]:
    """Return each ring or line as flat whole numbers lon, lat, lon, lat … in degrees × `scale`."""
    rings: list[list[int]] = []
    for part in shapely.get_parts(shape):
        lines = shapely.get_rings(part) if isinstance(part, Polygon) else [part]
        for line in lines:
            whole = np.round(shapely.get_coordinates(line) * scale).astype(int)
            kept = np.concatenate([[True], np.any(np.diff(whole, axis=0) != 0, axis=1)])
            rings.append([int(value) for value in whole[kept].ravel()])
    return rings
