"""Divide a shape into schematic regions of given sizes whose borders look natural and are shared exactly.

A power diagram (a Voronoi diagram with one weight a site) is fitted on a raster so that each region gets
its share of the area. Its distances are measured in a space bent by smooth noise, so that borders wander as
rivers and ridges do. Borders are then taken as lines, each line once for both sides, smoothed, and noded with
the outline; regions are built from the faces between lines, so gaps and overlaps cannot arise.

All coordinates are metres in a projected system (EPSG:4549 here), x east and y north.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString, MultiLineString, Polygon

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

NODE_GRID = 0.5
"""Grid in metres on which lines are noded; far below what a map shows, far above rounding of 1e-7 degrees."""


@dataclass(frozen=True)
class Frame:
    """A raster of square cells of `cell` metres from `left`, `bottom`; row 0 is in the south."""

    left: float
    bottom: float
    cell: float
    columns: int
    rows: int

    @classmethod
    def around(cls, shape: Polygon, cell: float, margin: float) -> Frame:
        """Cover the bounds of `shape` and `margin` metres around them."""
        west, south, east, north = shape.bounds
        columns = int(np.ceil((east - west + 2 * margin) / cell))
        rows = int(np.ceil((north - south + 2 * margin) / cell))
        return cls(west - margin, south - margin, cell, columns, rows)

    def centres(self) -> tuple[Floats, Floats]:
        """Give x and y of all cell centres, each of shape (rows, columns)."""
        x = self.left + (np.arange(self.columns) + 0.5) * self.cell
        y = self.bottom + (np.arange(self.rows) + 0.5) * self.cell
        grid = np.meshgrid(x, y)
        return grid[0], grid[1]

    def lookup(self, labels: Labels, x: Floats, y: Floats) -> Labels:
        """Read `labels` (rows, columns) at points; points outside read the nearest cell."""
        column = np.clip(((x - self.left) / self.cell).astype(int), 0, self.columns - 1)
        row = np.clip(((y - self.bottom) / self.cell).astype(int), 0, self.rows - 1)
        found: Labels = labels[row, column]
        return found


@dataclass(frozen=True)
class Style:
    """How borders wander: `warp` pairs of (amplitude, wavelength) and the `smooth` length, all in metres."""

    warp: tuple[tuple[float, float], ...]
    smooth: float


@dataclass(frozen=True)
class Division:
    """A fitted division: border `lines` in the shape, and the `labels` raster that names the faces."""

    frame: Frame
    labels: Labels
    lines: list[LineString]

    def label_at(self, points: Floats) -> Labels:
        """Name the region of each point of shape (n, 2)."""
        return self.frame.lookup(self.labels, points[:, 0], points[:, 1])


def noise(frame: Frame, wavelength: float, rng: np.random.Generator) -> Floats:
    """Draw a smooth random field of unit spread whose bumps are about `wavelength` metres apart."""
    sigma = wavelength / frame.cell / 4.0
    pad = int(np.ceil(3 * sigma))
    raw = rng.standard_normal((frame.rows + 2 * pad, frame.columns + 2 * pad))
    soft = ndimage.gaussian_filter(raw, sigma, mode="wrap")
    field = soft[pad : pad + frame.rows, pad : pad + frame.columns]
    scaled: Floats = field / max(float(np.std(field)), 1e-12)
    return scaled


def bent_space(frame: Frame, style: Style, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Give the cell centres after bending, so that straight borders become wandering ones."""
    x, y = frame.centres()
    for amplitude, wavelength in style.warp:
        x = x + amplitude * noise(frame, wavelength, rng)
        y = y + amplitude * noise(frame, wavelength, rng)
    return x, y


def nearest_site(x: Floats, y: Floats, sites: Floats, weights: Floats) -> Labels:
    """Give for each point the site of least power distance |p - s|^2 - w; ties go to the first site."""
    best = np.full(x.shape, np.inf)
    label: Labels = np.zeros(x.shape, dtype=np.int32)
    for number, (site, weight) in enumerate(zip(sites, weights, strict=True)):
        power = (x - site[0]) ** 2 + (y - site[1]) ** 2 - weight
        closer = power < best
        best = np.where(closer, power, best)
        label[closer] = number
    return label


def fit_weights(
    x: Floats, y: Floats, cell_area: float, sites: Floats, owner: Labels, shares: Floats, rounds: int = 90
) -> Floats:
    """Find the weight of each site so that every owner's cells cover its share of all cells.

    `x`, `y`: bent cell centres inside the shape, (n,). `owner`: the region of each site (a region may
    have several). `shares`: wanted share of each region, summing to one. Returns weights (sites,) in m².
    """
    weights = np.zeros(len(shares))
    wanted = shares * len(x) * cell_area
    step, past = np.full(len(shares), 0.6), np.zeros(len(shares))
    for _ in range(rounds):
        label = owner[nearest_site(x, y, sites, weights[owner])]
        lacking = wanted - np.bincount(label, minlength=len(shares)) * cell_area
        # Where a region swings about its size the step is halved, elsewhere it may grow.
        step = np.where(lacking * past < 0, step * 0.5, np.minimum(step * 1.15, 2.5))
        weights, past = weights + step * lacking, lacking
    result: Floats = weights[owner]
    return result


def relax(x: Floats, y: Floats, sites: Floats, weights: Floats, held: Floats) -> Floats:
    """Move each site towards the middle of its region; `held` (sites,) in 0..1 is how firmly it stays."""
    label = nearest_site(x, y, sites, weights)
    count = np.bincount(label, minlength=len(sites))
    total = [np.bincount(label, axis, minlength=len(sites)) for axis in (x, y)]
    middle = np.column_stack(total) / np.maximum(count, 1)[:, None]
    stay = np.where(count == 0, 1.0, held)[:, None]
    moved: Floats = stay * sites + (1 - stay) * middle
    return moved


def keep_main_parts(labels: Labels, inside: NDArray[np.bool_]) -> Labels:
    """Give cells cut off from their region's main part, and cells outside, to the nearest main part."""
    kept = np.zeros(labels.shape, dtype=bool)
    for number in range(int(labels.max()) + 1):
        parts, found = ndimage.label(inside & (labels == number))
        if found:
            sizes = np.bincount(parts.ravel())
            sizes[0] = 0
            kept |= parts == int(np.argmax(sizes))
    near = ndimage.distance_transform_edt(~kept, return_distances=False, return_indices=True)
    whole: Labels = labels[near[0], near[1]]
    return whole


def border_lines(frame: Frame, labels: Labels) -> list[LineString]:
    """Take the borders between unlike cells as lines that end where three regions meet."""
    step, left, bottom = frame.cell, frame.left, frame.bottom
    row, column = np.nonzero(labels[:, :-1] != labels[:, 1:])
    upright = np.stack([np.stack([column + 1, row], 1), np.stack([column + 1, row + 1], 1)], 1)
    row, column = np.nonzero(labels[:-1, :] != labels[1:, :])
    level = np.stack([np.stack([column, row + 1], 1), np.stack([column + 1, row + 1], 1)], 1)
    ends = np.concatenate([upright, level]) * step + np.array([left, bottom])
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends)))
    return [part for part in shapely.get_parts(merged) if isinstance(part, LineString)]


def smooth_line(line: LineString, length: float, step: float) -> LineString:
    """Round a stepped line over about `length` metres; its ends stay, so that lines go on meeting there."""
    points = shapely.get_coordinates(line)
    if line.is_ring:
        ring = ndimage.gaussian_filter1d(points[:-1], length / step, axis=0, mode="wrap")
        return LineString(np.vstack([ring, ring[:1]]))
    # A short line gets a narrower filter; an odd mirror at both ends keeps the ends where they are.
    sigma = min(length / step, len(points) / 5)
    reach = len(points) - 1
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    rounded = ndimage.gaussian_filter1d(np.vstack([before, points, after]), sigma, axis=0)
    middle = rounded[len(before) : len(before) + len(points)]
    middle[0], middle[-1] = points[0], points[-1]
    return LineString(middle)


def divide(
    shape: Polygon,
    sites: Floats,
    owner: Sequence[int],
    shares: Sequence[float],
    cell: float,
    style: Style,
    rng: np.random.Generator,
    held: Sequence[float] | Floats | None = None,
    rounds: int = 3,
) -> Division:
    """Divide `shape` (metres) into `len(shares)` regions of the given shares of its area.

    `sites` (n, 2) with `owner` (n,) naming the region of each; `held` (n,) in 0..1 says how firmly each
    site keeps its place while regions are rounded off in `rounds` turns. Areas are met to about 5 %, less
    well where sites crowd. The same state of `rng` gives the same division.
    """
    frame = Frame.around(shape, cell, margin=6 * cell + 2 * style.smooth)
    x, y = bent_space(frame, style, rng)
    centre_x, centre_y = frame.centres()
    shapely.prepare(shape)
    inside: NDArray[np.bool_] = shapely.contains_xy(shape, centre_x, centre_y)
    xs, ys, owners = x[inside], y[inside], np.asarray(owner, dtype=np.int32)
    share = np.asarray(shares, dtype=float) / float(np.sum(shares))
    stay = np.ones(len(sites)) if held is None else np.asarray(held, dtype=float)
    # The fit needs no more than some thousand cells; the final labels use them all.
    thin = slice(None, None, max(1, len(xs) // 14000))
    area = cell * cell * len(xs) / len(xs[thin])
    place = np.asarray(sites, dtype=float)
    for turn in range(rounds):
        weights = fit_weights(xs[thin], ys[thin], area, place, owners, share, 30 if turn < rounds - 1 else 90)
        if turn < rounds - 1:
            place = relax(xs[thin], ys[thin], place, weights, stay)
    labels = owners[nearest_site(x, y, place, weights)]
    labels = keep_main_parts(labels, inside)
    smoothed = [smooth_line(line, style.smooth, cell) for line in border_lines(frame, labels)]
    # Lines reach a little over the outline, so that noding surely joins them to it; loose ends bound no face.
    reach = shape.buffer(4 * NODE_GRID)
    cut = [shapely.get_parts(line.simplify(cell / 6).intersection(reach)) for line in smoothed]
    lines = [part for parts in cut for part in parts if isinstance(part, LineString) and part.length > 1]
    return Division(frame, labels, lines)


def faces(outline: Polygon, lines: Sequence[LineString]) -> list[Polygon]:
    """Node the lines with the outline and give every face between them that lies inside the outline."""
    web = shapely.union_all([outline.boundary, MultiLineString(list(lines))], grid_size=NODE_GRID)
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(web)))
    shapely.prepare(outline)
    return [face for face in polygons if outline.contains(face.representative_point())]


def regions(pieces: Sequence[Polygon], label_of: Callable[[Floats], Labels], count: int) -> list[Polygon]:
    """Join faces into `count` regions of one part each; strays go to the neighbour with the longest border.

    `label_of` names the region of points (n, 2). Raises ValueError when a region got no face at all.
    """
    points = shapely.get_coordinates(shapely.point_on_surface(np.asarray(pieces, dtype=object)))
    labels = label_of(points)
    parts: list[list[Polygon]] = [[] for _ in range(count)]
    for face, label in zip(pieces, labels, strict=True):
        parts[int(label)].append(face)
    if any(not part for part in parts):
        raise ValueError("a region is too small for the raster: use smaller cells")
    joined = [_main_and_rest(part) for part in parts]
    whole = [main for main, _ in joined]
    strays = [stray for _, rest in joined for stray in rest]
    return _place_strays(whole, strays)


def _main_and_rest(part: Sequence[Polygon]) -> tuple[Polygon, list[Polygon]]:
    groups = [p for p in shapely.get_parts(shapely.coverage_union_all(part)) if isinstance(p, Polygon)]
    groups.sort(key=lambda p: -p.area)
    return groups[0], groups[1:]


def _place_strays(whole: list[Polygon], strays: list[Polygon]) -> list[Polygon]:
    waiting = sorted(strays, key=lambda s: -s.area)
    while waiting:
        left: list[Polygon] = []
        for stray in waiting:
            borders = [region.intersection(stray).length for region in whole]
            best = int(np.argmax(borders))
            if borders[best] > 0:
                whole[best] = cast(Polygon, shapely.coverage_union_all([whole[best], stray]))
            else:
                left.append(stray)
        if len(left) == len(waiting):
            raise ValueError("a piece touches no region")
        waiting = left
    return whole
