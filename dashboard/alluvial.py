"""The layout of an alluvial that runs downward: rows of places in the order of time, ribbons between them.

Pure: numbers in, rectangles out.  Lengths are design px; a member is equally wide everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

Flow = tuple[int, str, str, float]
"""(layer, from, to, n): layer −1 arrives at the centre, −2 at a place of layer −1; 1 leaves it, and so on."""
Move = tuple[int, str, str]

REST: Final = "rest"
"""The band of a row that gathers all places too small for a label of their own."""


@dataclass(frozen=True, slots=True)
class Band:
    """Hold one place of a row: its members, the room it takes, and the bar inside that room."""

    row: int
    node: str
    n: float
    left: float
    room: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Hold one flow between two rows; `start` and `end` are (x, width) at the upper and the lower row."""

    row: int
    upper: str
    lower: str
    n: float
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Alluvial:
    """Hold the whole drawing; row 0 is the centre, `scale` is px a member."""

    bands: tuple[Band, ...]
    ribbons: tuple[Ribbon, ...]
    scale: float

    def row(self, row: int) -> list[Band]:
        """Return the bands of a row from left to right."""
        return sorted((band for band in self.bands if band.row == row), key=lambda band: band.left)

    @property
    def rows(self) -> list[int]:
        """Return the rows that hold bands, in the order of time."""
        return sorted({band.row for band in self.bands})


def layout(
    flows: Iterable[Flow], width: float, gap: float, label: Callable[[str], float], most: float = 2.02
) -> Alluvial:
    """Lay flows through one centre out over a width.

    Args:
        flows: what moved, by layer; flows of no members are left out.
        width: of the drawing, px.
        gap: between the rooms of neighbouring bands, px.
        label: place → the width of its label, px; `REST` must be known too.
        most: the largest scale, px a member.

    Returns:
        Bands whose rooms (the larger of bar and label) lie side by side without overlap inside the width.
        Of each place the ribbons fill its bar on the side of the centre; on the other side they fill at most
        the bar, for what arrived earlier may be more than what went on.
    """
    label = cache(label)
    merged = _merged(flows, width, gap, label)
    rows = _rows(merged)
    scale = _scale(rows, width, gap, label, most)
    bands = [band for row, places in rows.items() for band in _row(row, places, width, gap, label, scale)]
    return Alluvial(tuple(bands), tuple(_ribbons(merged, bands, scale)), scale)


def _merged(
    flows: Iterable[Flow], width: float, gap: float, label: Callable[[str], float]
) -> dict[Move, float]:
    """Add up flows by layer and ends, small places joined to `REST` until a row's labels fit."""
    sums: dict[Move, float] = defaultdict(float)
    for layer, start, end, n in flows:
        if n > 0 and layer:
            sums[layer, start, end] += n
    kept: dict[int, set[str]] = {}
    total: dict[Move, float] = defaultdict(float)
    for (layer, start, end), n in sorted(sums.items(), key=lambda item: abs(item[0][0])):
        if layer not in kept:
            kept[layer] = _kept(layer, sums, kept, width, gap, label)
        far, near = (start, end) if layer < 0 else (end, start)
        far = far if far in kept[layer] else REST
        inner = layer + 1 if layer < 0 else layer - 1
        near = near if not inner or near in kept.get(inner, set()) else REST
        total[(layer, far, near) if layer < 0 else (layer, near, far)] += n
    return dict(total)


def _kept(
    layer: int,
    sums: dict[Move, float],
    kept: dict[int, set[str]],
    width: float,
    gap: float,
    label: Callable[[str], float],
) -> set[str]:
    """Return the places of a layer that keep their names: the largest whose labels fit beside `REST`."""
    size: dict[str, float] = defaultdict(float)
    for (own, start, end), n in sums.items():
        if own == layer:
            size[start if layer < 0 else end] += n
    order = sorted(size, key=lambda node: (-size[node], node))
    named = [node for node in order if node != REST]
    room = width
    found: list[str] = []
    for place, node in enumerate(named):
        last = place == len(named) - 1 and len(named) == len(order)
        wanted = label(node) + gap
        if room - wanted < (0 if last else label(REST)) - gap * last:
            break
        found.append(node)
        room -= wanted
    return set(found)


def _rows(merged: dict[Move, float]) -> dict[int, dict[str, float]]:
    """Return the members of each place by row: a place of the centre's row is as wide as its wider side."""
    rows: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    sides: dict[int, float] = defaultdict(float)
    centre = ""
    for (layer, start, end), n in merged.items():
        rows[layer][start if layer < 0 else end] += n
        if abs(layer) == 1:
            sides[layer] += n
            centre = end if layer < 0 else start
    for layer in list(rows):  # a place that nothing reached nearer the centre still needs a bar to land on
        inner = layer + 1 if layer < 0 else layer - 1
        for (own, start, end), n in merged.items():
            near = end if layer < 0 else start
            if own == layer and inner and near not in rows[inner]:
                rows[inner][near] = n
    if sides:
        rows[0][centre] = max(sides.values())
    return {row: dict(places) for row, places in sorted(rows.items())}


def _scale(
    rows: dict[int, dict[str, float]], width: float, gap: float, label: Callable[[str], float], most: float
) -> float:
    """Return the largest scale at which each row fits, by halving."""
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        if all(_length(places, gap, label, middle, row) <= width for row, places in rows.items()):
            low = middle
        else:
            high = middle
    return low


def _length(
    places: dict[str, float], gap: float, label: Callable[[str], float], scale: float, row: int
) -> float:
    rooms = [max(scale * n, label(node) if row else 0.0) for node, n in places.items()]
    return sum(rooms) + gap * (len(rooms) - 1)


def _row(
    row: int, places: dict[str, float], width: float, gap: float, label: Callable[[str], float], scale: float
) -> list[Band]:
    """Lay one row out around the middle, the largest first, what is left over last."""
    order = sorted(places, key=lambda node: (node == REST, -places[node], node))
    rooms = {node: max(scale * places[node], label(node) if row else 0.0) for node in order}
    at = max(0.0, (width - sum(rooms.values()) - gap * (len(order) - 1)) / 2)
    bands = []
    for node in order:
        bar = scale * places[node]
        bands.append(Band(row, node, places[node], at, rooms[node], at + (rooms[node] - bar) / 2, bar))
        at += rooms[node] + gap
    return bands


def _ribbons(merged: dict[Move, float], bands: list[Band], scale: float) -> list[Ribbon]:
    """Stack the ribbons of each bar side in the order of their other ends, so that few cross."""
    place = {(band.row, band.node): band for band in bands}
    made = [
        (min(layer, layer - 1) if layer > 0 else layer, start, end, n)
        for (layer, start, end), n in merged.items()
    ]
    found: dict[tuple[int, str, str], list[tuple[float, float]]] = {}
    for side in ("start", "end"):
        groups: dict[tuple[int, str], list[tuple[int, str, str, float]]] = defaultdict(list)
        for one in made:
            groups[(one[0], one[1]) if side == "start" else (one[0] + 1, one[2])].append(one)
        for key, group in groups.items():
            for one, spot in zip(*_stack(place[key], group, side, place, scale), strict=True):
                found.setdefault(one[:3], []).append(spot)
    return [Ribbon(row, a, b, n, found[row, a, b][0], found[row, a, b][1]) for row, a, b, n in made]


def _stack(
    band: Band,
    group: list[tuple[int, str, str, float]],
    side: str,
    place: dict[tuple[int, str], Band],
    scale: float,
) -> tuple[list[tuple[int, str, str, float]], list[tuple[float, float]]]:
    def other(one: tuple[int, str, str, float]) -> float:
        return place[(one[0] + 1, one[2]) if side == "start" else (one[0], one[1])].x

    order = sorted(group, key=lambda one: (other(one), one[1], one[2]))
    total = scale * sum(one[3] for one in order)
    shrink = min(1.0, band.width / total) if total else 1.0
    widths = [scale * one[3] * shrink for one in order]
    at = band.x + (band.width - sum(widths)) / 2
    edges = [at]
    for width in widths:
        edges.append(edges[-1] + width)
    return order, [(left, right - left) for left, right in pairwise(edges)]
