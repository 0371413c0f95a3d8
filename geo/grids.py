"""Turn sparse lattice cells into a smooth surface and its contour lines, dropping cells too small to show.

The lattice lies in Web Mercator (EPSG:3857): cell_x = floor(mercator_x / size), cell_y = floor(mercator_y
/ size), size 250 m (level of detail 0) or 1,000 m (1) at the equator. Mercator lengths are 1 /
cos(latitude) too long, so that kernels, given in metres on the ground, are stretched by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import contourpy
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from geo.shapes import flat_rings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RADIUS = 6_378_137.0
CELL = {0: 250.0, 1: 1000.0}
KERNEL = ((0.75, 1150.0), (0.25, 2600.0))
"""Shares and widths (standard deviation, metres on the ground) of the two gaussians of the kernel."""
LEVELS = (0.045, 0.08, 0.13, 0.20, 0.30, 0.43, 0.58, 0.75, 0.90)
"""Contour levels as shares of the maximum."""
MINIMUM = 3
"""Least organisations in a cell for it to be drawn at all."""
REACH = 3.0
"""Widths beyond which the kernel counts as zero."""


def to_mercator(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Turn degrees into Web Mercator metres, x east and y north."""
    x = RADIUS * np.radians(np.asarray(lon, dtype=float))
    y = RADIUS * np.arctanh(np.sin(np.radians(np.asarray(lat, dtype=float))))
    return x, y


def from_mercator(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Turn Web Mercator metres into degrees, longitude first."""
    lon: Floats = np.degrees(np.asarray(x, dtype=float) / RADIUS)
    lat: Floats = np.degrees(np.arcsin(np.tanh(np.asarray(y, dtype=float) / RADIUS)))
    return lon, lat


def cell_of(lon: ArrayLike, lat: ArrayLike, lod: int = 0) -> tuple[Ints, Ints]:
    """Return the cell numbers (east, north) of points in degrees; `lod` 0 is 250 m, 1 is 1,000 m."""
    x, y = to_mercator(lon, lat)
    return np.floor(x / CELL[lod]).astype(np.int64), np.floor(y / CELL[lod]).astype(np.int64)


def cell_centre(cell_x: ArrayLike, cell_y: ArrayLike, lod: int = 0) -> tuple[Floats, Floats]:
    """Return longitude and latitude of the centres of cells."""
    x = (np.asarray(cell_x, dtype=float) + 0.5) * CELL[lod]
    y = (np.asarray(cell_y, dtype=float) + 0.5) * CELL[lod]
    return from_mercator(x, y)


@dataclass(frozen=True)
class Surface:
    """A surface on lattice cells: `values` (rows, columns), row 0 in the south; centres in Mercator."""

    values: Floats
    x: Floats
    y: Floats


def large_enough(support: ArrayLike, minimum: int | Sequence[int]) -> NDArray[np.bool_]:
    """Say which cells may be shown: every count of `support` (n,) or (n, k) is at least its `minimum`.

    This is disclosure control: a cell of one organisation, or of a few sign-ins, would show who met where.
    """
    counts = np.asarray(support, dtype=float)
    counts = counts[:, None] if counts.ndim == 1 else counts
    kept: NDArray[np.bool_] = np.all(counts >= np.asarray(minimum, dtype=float), axis=1)
    return kept


def density(
    cell_x: ArrayLike,
    cell_y: ArrayLike,
    weight: ArrayLike,
    support: ArrayLike,
    minimum: int | Sequence[int] = MINIMUM,
    lod: int = 0,
) -> Surface | None:
    """Smooth the weights of sparse cells (n,) with the two-part kernel; None when no cell is large enough.

    `support` (n,) or (n, k): the counts behind each cell; cells below `minimum` are dropped before
    anything else, so that no trace of them is in the result. Repeated cells add up. The sum of weights is
    kept.
    """
    east, north, mass = np.asarray(cell_x, int), np.asarray(cell_y, int), np.asarray(weight, float)
    kept = np.isfinite(mass) & (mass > 0)
    if len(mass):
        kept &= large_enough(support, minimum)
    if not kept.any():
        return None
    east, north, mass = east[kept], north[kept], mass[kept]
    size = CELL[lod]
    middle = from_mercator(0, (north.min() + north.max() + 1) / 2 * size)[1]
    widths = [width / np.cos(np.radians(float(middle))) / size for _, width in KERNEL]
    pad = int(np.ceil(REACH * max(widths))) + 1
    columns, rows = int(np.ptp(east)) + 1 + 2 * pad, int(np.ptp(north)) + 1 + 2 * pad
    left, bottom = int(east.min()) - pad, int(north.min()) - pad
    grid = np.bincount((north - bottom) * columns + east - left, mass, rows * columns).reshape(rows, columns)
    values = sum(
        share * ndimage.gaussian_filter(grid, width, mode="constant", truncate=REACH)
        for (share, _), width in zip(KERNEL, widths, strict=True)
    )
    x = (np.arange(columns, dtype=np.float64) + left + 0.5) * size
    y = (np.arange(rows, dtype=np.float64) + bottom + 0.5) * size
    return Surface(np.asarray(values, dtype=np.float64), np.asarray(x, np.float64), np.asarray(y, np.float64))


def contours(
    surface: Surface,
    outline: BaseGeometry | None = None,
    levels: Sequence[float] = LEVELS,
    tolerance: float = 40.0,
) -> list[tuple[float, BaseGeometry]]:
    """Draw the lines where the surface has each share of its maximum inside the outline.

    `outline`: polygon in degrees to cut by; the maximum is taken inside it. `tolerance`: metres by which
    a line may be simplified. Returns (share, lines in degrees) for levels that have a line, lowest first.
    """
    top = _maximum(surface, outline)
    if top <= 0:
        return []
    maker = contourpy.contour_generator(
        surface.x, surface.y, surface.values, line_type=contourpy.LineType.Separate
    )
    if outline is not None:
        shapely.prepare(outline)
    drawn: list[tuple[float, BaseGeometry]] = []
    for share in levels:
        found = cast(list[Floats], maker.lines(share * top))
        slim = MultiLineString([line for line in found if len(line) > 3]).simplify(tolerance)
        whole = shapely.transform(slim, _to_degrees)
        inside = _lines(whole if outline is None else whole.intersection(outline))
        if not inside.is_empty:
            drawn.append((share, inside))
    return drawn


def _to_degrees(xy: Floats) -> Floats:
    return np.column_stack(from_mercator(xy[:, 0], xy[:, 1]))


def _lines(shape: BaseGeometry) -> BaseGeometry:
    merged = shapely.line_merge(shape) if isinstance(shape, MultiLineString) else shape
    return MultiLineString([part for part in shapely.get_parts(merged) if isinstance(part, LineString)])


def _maximum(surface: Surface, outline: BaseGeometry | None) -> float:
    if outline is None:
        return float(surface.values.max())
    x, y = np.meshgrid(surface.x, surface.y)
    lon, lat = from_mercator(x, y)
    shapely.prepare(outline)
    inside = surface.values[shapely.contains_xy(outline, lon, lat)]
    return float(inside.max()) if inside.size else 0.0


def contour_levels(
    cells: Sequence[tuple[int, int, float, int]],
    outline: BaseGeometry | None = None,
    minimum: int = MINIMUM,
    lod: int = 0,
    levels: Sequence[float] = LEVELS,
) -> list[tuple[float, list[list[int]]]]:
    """Return (share of the maximum, lines) of cells (cell_x, cell_y, weight, organisations).

    Lines are flat whole numbers lon, lat, lon, lat … in degrees × 1e5 (about 1 m), cut by the `outline`
    (degrees). Cells of fewer than `minimum` organisations are dropped first; nothing large enough gives
    an empty list.
    """
    if not cells:
        return []
    table = np.asarray(cells, dtype=float)
    surface = density(table[:, 0], table[:, 1], table[:, 2], table[:, 3], minimum, lod)
    if surface is None:
        return []
    found = [(share, flat_rings(lines)) for share, lines in contours(surface, outline, levels)]
    return [(share, [ring for ring in rings if len(ring) >= 4]) for share, rings in found]
