"""Arcs: there and back are two curves."""

from __future__ import annotations

from typing import Final

import numpy as np

from geo.flows.moves import Floats

Point = tuple[float, float]
BEND: Final = 0.18
"""Height of an arc over its chord, as a share of the chord."""


def arc(start: Point, end: Point, bend: float = BEND) -> tuple[Point, Point, Point]:
    """Return start, control point and end of a quadratic curve that bends to the right of travel.

    Points are (lon, lat) in degrees. Right of travel means that there and back are two separate arcs. The
    curve's top stands `bend` times the chord aside; lengths are made equal in both axes by the cosine of
    the latitude.
    """
    squeeze = float(np.cos(np.radians((start[1] + end[1]) / 2)))
    east, north = (end[0] - start[0]) * squeeze, end[1] - start[1]
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    # A quadratic curve rises half as far as its control point.
    control = (middle[0] + 2 * bend * north / squeeze, middle[1] - 2 * bend * east)
    return start, control, end


def arc_points(start: Point, end: Point, count: int = 24, bend: float = BEND) -> Floats:
    """Return `count` points (count, 2) lon, lat along the arc, evenly spaced in its parameter."""
    first, control, last = (np.array(point) for point in arc(start, end, bend))
    share = np.linspace(0.0, 1.0, count)[:, None]
    points: Floats = (1 - share) ** 2 * first + 2 * share * (1 - share) * control + share**2 * last
    return points
