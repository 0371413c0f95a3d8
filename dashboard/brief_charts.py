"""The drawings of a brief beside its map: the radar and the months, in tenths of a millimetre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, pi, sin
from typing import Any, Final

from dashboard import parts
from dashboard.paper import Point, drawing, element, ink, line, path
from dashboard.radar_drawing import RINGS, Axis, Frame, runs, value_words
from dashboard.words import Words
from stores.figure import NO_DATA, Figure

RADAR: Final = Frame(700, 560, 175)
MONTHS: Final = (630.0, 330.0)
Texts = list[dict[str, Any]]


def radar(axes: Sequence[Axis], peer: str, words: Words, names: str) -> tuple[str, Texts]:
    """Draw a radar: rings, the quarter before dashed, one peer's outline, now; and its texts.

    Args:
        axes: in their fixed order.
        peer: 'town', 'district' or 'kind'; '' for none.
        words: the language.
        names: section of the locales that names the axes.
    """
    count, (x, y) = len(axes), RADAR.centre
    marks = []
    for ring in RINGS:
        spots = [RADAR.at(i, count, ring) for i in range(count)]
        marks.append(element("path", d=path([spots]), fill="none", stroke=ink("line"), stroke_width=1.5))
    spokes = [line([(x, y), RADAR.at(i, count, 100)]) for i in range(count)]
    marks += [element("path", d=spoke, stroke=ink("line"), stroke_width=1) for spoke in spokes]
    now = [axis.value for axis in axes]
    marks += _outline(now, fill=ink("2"), fill_opacity=0.75, stroke="none")
    marks += _outline([axis.previous for axis in axes], stroke=ink("quiet"), dash="8 7", width=2)
    if peer:
        rows = [axis.peers.get(peer, NO_DATA) for axis in axes]
        marks += _outline(rows, stroke=ink("contour"), width=2.5)
    marks += _outline(now, stroke=ink("outline"), width=4)
    for i, axis in enumerate(axes):
        if axis.value.value is not None:
            spot = RADAR.at(i, count, float(axis.value.value))
            marks.append(element("circle", cx=spot[0], cy=spot[1], r=7, fill=ink("outline")))
    texts = []
    for i, axis in enumerate(axes):
        texts.append(_axis(axis, i, count, words, names))
        marks += _way(axis, i, count)
    return drawing(RADAR.width, RADAR.height, marks), texts


def _outline(
    values: Sequence[Figure], *, stroke: str, width: float = 3, dash: str = "", **more: Any
) -> list[str]:
    """Draw the runs of axes that have a value; one that closes is an area."""
    found = []
    for run in runs(values):
        if len(run) < 2:
            continue
        spots = [RADAR.at(i, len(values), float(values[i].value or 0)) for i in run]
        closed = len(run) == len(values)
        if "fill" in more and not closed:
            spots.append(RADAR.centre)
        about = {"fill": "none", **more} | ({"stroke_dasharray": dash} if dash else {})
        text = path([spots]) if closed or "fill" in more else line(spots)
        found.append(element("path", d=text, stroke=stroke, stroke_width=width, **about))
    return found


def _spot(index: int, count: int, far: float) -> tuple[Point, float]:
    angle = 2 * pi * index / count
    x, y = RADAR.centre
    return (x + far * sin(angle), y - far * cos(angle)), round(sin(angle), 3)


def _axis(axis: Axis, index: int, count: int, words: Words, names: str) -> dict[str, Any]:
    """Return the two lines at an axis's end and how they are set: name and value."""
    (x, y), side = _spot(index, count, RADAR.radius + 22)
    look = "middle" if abs(side) < 0.1 else "start" if side > 0 else "end"
    up = cos(2 * pi * index / count)
    lines = {"name": words(f"{names}.{axis.key}"), "value": value_words(axis, words)}
    return {**lines, "x": round(x, 1), "y": round(y - 26 - 26 * up, 1), "look": look}


def _way(axis: Axis, index: int, count: int) -> list[str]:
    """Draw ▲ or ▼ on the axis, outside the rings, where it changed."""
    if axis.direction not in ("better", "worse"):
        return []
    (x, y), _ = _spot(index, count, RADAR.radius + 9)
    up = axis.direction == "better"
    spots = (
        [(x - 9, y + 8), (x + 9, y + 8), (x, y - 8)] if up else [(x - 9, y - 8), (x + 9, y - 8), (x, y + 8)]
    )
    return [element("path", d=path([spots]), fill=ink(axis.direction))]


def months(rows: Sequence[Mapping[str, Any]], words: Words) -> tuple[str, Texts]:
    """Draw twelve months: activities as bars from nought, the sign-in rate as a line from 0 to 100 %.

    Args:
        rows: of the question ``series``, ascending.
        words: the language.

    Returns:
        The drawing, and its texts: a month under every bar, number and rate of the last.
    """
    wide, high = MONTHS
    low, top, step = high - 48, 20.0, (wide - 20) / max(1, len(rows))
    counts = [parts.size(row["activities"]) for row in rows]
    rates = [parts.signin(row).value for row in rows]
    most = max([count for count in counts if count] or [1])
    marks = [element("path", d=line([(0, low), (wide, low)]), stroke=ink("line"), stroke_width=2)]
    for i, count in enumerate(counts):
        if count is not None:
            tall = (low - top) * count / most
            tone = ink("5" if i == len(rows) - 1 else "3")
            about = {"x": 10 + step * i + step * 0.18, "y": low - tall, "width": step * 0.64, "height": tall}
            marks.append(element("rect", fill=tone, **about))
    spots = [
        (10 + step * (i + 0.5), low - (low - top) * float(rate))
        for i, rate in enumerate(rates)
        if rate is not None
    ]
    marks.append(element("path", d=line(spots), fill="none", stroke=ink("contour"), stroke_width=4))
    marks += [element("circle", cx=x, cy=y, r=7, fill=ink("contour")) for x, y in spots[-1:]]
    texts: Texts = []
    for i, row in enumerate(rows):
        month = str(row["month"])
        new = i == 0 or month.endswith("-01")
        year = month[:4] if new else ""
        texts.append({"x": 10 + step * (i + 0.5), "name": words.month_short(month), "year": year})
    return drawing(wide, high, marks), texts
