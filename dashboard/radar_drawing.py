"""The radar as a drawing: fixed order, rings from nought, gaps as gaps, marks by shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin
from typing import Any, Final

from dashboard.drawing import Mark, canvas, mark, tap, text
from dashboard.words import Words
from stores.figure import NO_DATA, Figure

RINGS: Final = (60, 80, 100)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """Hold one axis of a node, as published.

    ``value`` and ``previous`` are 0 to 100; ``direction`` is 'better', 'worse', 'steady', 'not_comparable' or
    '' where it is hidden; ``gap`` says why there is no value; ``peers`` are the values of town, district and
    the median of the same kind, ``low`` and ``high`` the quartiles of the latter.
    """

    key: str
    value: Figure = NO_DATA
    previous: Figure = NO_DATA
    delta: Figure = NO_DATA
    direction: str = ""
    gap: str = ""
    peers: Mapping[str, Figure] = field(default_factory=dict)
    low: Figure = NO_DATA
    high: Figure = NO_DATA


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold where a radar is drawn, in design px: its size, centre and the radius of 100."""

    width: float
    height: float
    radius: float

    @property
    def centre(self) -> Point:
        """Return the centre."""
        return self.width / 2, self.height / 2

    def at(self, index: int, count: int, value: float) -> Point:
        """Return the point of a value 0 to 100 on an axis, the first axis straight up, then clockwise."""
        angle = 2 * pi * index / count
        x, y = self.centre
        far = self.radius * value / 100
        return x + far * sin(angle), y - far * cos(angle)


SMALL: Final = Frame(390, 258, 86)
LARGE: Final = Frame(390, 332, 98)


def drawing(axes: Sequence[Axis], peers: Sequence[str], frame: Frame, words: Words, names: str) -> Mark:
    """Return the radar.

    Args:
        axes: in their fixed order.
        peers: whose outlines are drawn, of 'town', 'district' and 'kind'.
        frame: the place; with room for it, values stand beside the names.
        words: the language.
        names: section of the locales that names the axes, such as 'radar'.
    """
    count = len(axes)
    marks = [*_web(frame, count)]
    if "kind" in peers:
        marks += _band(axes, frame)
    marks += _outline([axis.previous for axis in axes], frame, "ghost")
    for peer in peers:
        marks += _outline([axis.peers.get(peer, NO_DATA) for axis in axes], frame, f"peer {peer}")
    marks += _filled([axis.value for axis in axes], frame)
    marks += _outline([axis.value for axis in axes], frame, "now")
    marks += _dots(axes, peers, frame)
    marks += [_label(axis, i, count, frame, words, names) for i, axis in enumerate(axes)]
    return canvas(frame.width, frame.height, marks, words("radar.title"), class_="radar")


def runs(values: Sequence[Figure]) -> list[list[int]]:
    """Return the runs of neighbouring axes that have a value, around the circle; one closed run has all."""
    count = len(values)
    known = [figure.value is not None for figure in values]
    if all(known):
        return [list(range(count))]
    starts = [i for i in range(count) if known[i] and not known[i - 1]]
    found = []
    for start in starts:
        run = [start]
        while known[(run[-1] + 1) % count]:
            run.append((run[-1] + 1) % count)
        found.append(run)
    return found


def _web(frame: Frame, count: int) -> list[Mark]:
    rings = [
        mark("polygon", points=_points([frame.at(i, count, ring) for i in range(count)]), class_="ring")
        for ring in RINGS
    ]
    x, y = frame.centre
    spokes = []
    for i in range(count):
        to = frame.at(i, count, 100)
        spokes.append(mark("line", x1=x, y1=y, x2=to[0], y2=to[1], class_="spoke"))
    return rings + spokes


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _spots(values: Sequence[Figure], run: Sequence[int], frame: Frame) -> list[Point]:
    return [frame.at(i, len(values), float(values[i].value or 0)) for i in run]


def _outline(values: Sequence[Figure], frame: Frame, look: str) -> list[Mark]:
    found = []
    for run in runs(values):
        tag = "polygon" if len(run) == len(values) else "polyline"
        if len(run) > 1:
            found.append(mark(tag, points=_points(_spots(values, run, frame)), class_=look))
    return found


def _filled(values: Sequence[Figure], frame: Frame) -> list[Mark]:
    found = []
    for run in runs(values):
        spots = _spots(values, run, frame)
        if len(run) > 1:
            closed = spots if len(run) == len(values) else [*spots, frame.centre]
            found.append(mark("polygon", points=_points(closed), class_="area"))
    return found


def _band(axes: Sequence[Axis], frame: Frame) -> list[Mark]:
    """Return the belt between the quartiles of the same kind, a piece between each two known axes."""
    found, count = [], len(axes)
    for i in range(count):
        pair = (axes[i], axes[(i + 1) % count])
        if any(one.low.value is None or one.high.value is None for one in pair):
            continue
        low = [frame.at((i + k) % count, count, float(one.low.value or 0)) for k, one in enumerate(pair)]
        high = [frame.at((i + k) % count, count, float(one.high.value or 0)) for k, one in enumerate(pair)]
        found.append(mark("polygon", points=_points([*low, *reversed(high)]), class_="belt"))
    return found


def _dots(axes: Sequence[Axis], peers: Sequence[str], frame: Frame) -> list[Mark]:
    """Return a dot a value; on an axis without one, a hollow dot at the median of the same kind."""
    found, count = [], len(axes)
    for i, axis in enumerate(axes):
        if axis.value.value is not None:
            x, y = frame.at(i, count, float(axis.value.value))
            found.append(mark("circle", cx=x, cy=y, r=4.5, class_="spot"))
            continue
        median = axis.peers.get("kind", NO_DATA).value
        if median is not None and "kind" in peers:
            x, y = frame.at(i, count, float(median))
            found.append(mark("circle", cx=x, cy=y, r=5.0, class_="spot hollow"))
    return found


def value_words(axis: Axis, words: Words) -> str:
    """Write an axis's value; where there is none, why."""
    if axis.gap == "no_transfers" and axis.value.state == "no_data":
        return words("radar.no_transfers")
    return words.figure(axis.value)


def _label(axis: Axis, index: int, count: int, frame: Frame, words: Words, names: str) -> Mark:
    """Return name, value and mark of an axis as one button that tells how it is counted."""
    angle = 2 * pi * index / count
    side = round(sin(angle), 3)
    x, y = frame.at(index, count, 100 * (1 + 9 / frame.radius))
    anchor = "middle" if abs(side) < 0.1 else "start" if side > 0 else "end"
    rise = -cos(angle)
    large = frame is not SMALL
    name, value = words(f"{names}.{axis.key}"), value_words(axis, words)
    changed = axis.direction in ("better", "worse")
    plain = axis.value.shown
    if large:
        top = y - 32 if rise < -0.9 else y + 22 if rise > 0.9 else y - 4 + 10 * rise
        lines = [
            text(x, top, name, "axis" + (" changed" if changed else ""), anchor),
            text(x, top + 28, value, "value" if plain else "why", anchor),
        ]
        wide, low = (24.0 + 16 * len(value) if plain else 0.0), top + 18
    else:
        top = y - 4 if rise < -0.9 else y + 20 if rise > 0.9 else y + 8 + 4 * rise
        lines = [text(x, top, name, "axis" + (" changed" if changed else ""), anchor)]
        if not plain:
            lines.append(text(x, top + 24, value, "why", anchor))
        wide, low = 26 + (22 if words.lang == "zh" else 13.5) * len(name), top - 8
    if changed or (large and axis.direction == "steady"):
        off = {"start": wide - 10, "end": 10 - wide, "middle": wide / 2 + (0 if large else 2)}[anchor]
        lines.append(direction_mark(axis.direction, x + off, low))
    said = f"{name} {value}"
    box = {"start": x - 4, "middle": x - 60, "end": x - 100}[anchor]
    hit = mark("rect", x=box, y=top - 24, width=104 if anchor != "middle" else 120, height=60, class_="hit")
    return tap([hit, *lines], "how", f"{names}:{axis.key}", f"{names}/{axis.key}", said)


def direction_mark(direction: str, x: float, y: float) -> Mark:
    """Return ▲, ▼ or ● around a point; colour only repeats the shape."""
    if direction == "better":
        return mark("path", d=f"M{x - 8:.1f} {y + 7:.1f}h16l-8 -14Z", class_="better")
    if direction == "worse":
        return mark("path", d=f"M{x - 8:.1f} {y - 7:.1f}h16l-8 14Z", class_="worse")
    return mark("circle", cx=x, cy=y, r=4.5, class_="steady")


def axes_of(rows: Sequence[Mapping[str, Any]], peers: Sequence[Mapping[str, Any]]) -> list[Axis]:
    """Read published rows of ``radar`` or ``radar_basics`` and of ``radar_peers`` into axes."""
    made = []
    for row in rows:
        own = [peer for peer in peers if peer["axis"] == row["axis"]]
        kind = next((peer for peer in own if peer["peer"] == "kind"), {})
        way = row.get("direction")
        made.append(
            Axis(
                key=str(row["axis"]),
                value=row["value"],
                previous=row["previous"],
                delta=row.get("delta", NO_DATA),
                direction=way if isinstance(way, str) else "",
                gap=str(row.get("gap") or ""),
                peers={str(peer["peer"]): peer["value"] for peer in own},
                low=kind.get("low", NO_DATA),
                high=kind.get("high", NO_DATA),
            )
        )
    return made
