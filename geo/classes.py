"""Cut values into few classes for a map, so that equal values are never told apart.

A class holds the values from its lower break up to, not including, the next one. Breaks are inner borders
only: n classes have n - 1 breaks. Fewer classes come out when there are fewer different values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal["nice", "quantile", "jenks"]

JENKS_LIMIT = 400
"""Different values up to which natural breaks are exact; more are first gathered into so many groups."""


@dataclass(frozen=True)
class Span:
    """What a class really holds: the `low` and `high` value found in it and their `count`."""

    low: float
    high: float
    count: int


def class_breaks(values: Iterable[float], classes: int = 5, method: Method = "nice") -> list[float]:
    """Return at most `classes` - 1 rising inner breaks for finite `values`; nulls (NaN) are left out.

    'quantile': classes of about equal numbers. 'jenks': least spread inside classes (Fisher's exact
    optimum). 'nice': round numbers near the quantile breaks, at most a twelfth of the different values
    away from them. One value, or none, gives no break. Raises ValueError for an unknown method or when
    `classes` is below 1.
    """
    if classes < 1:
        raise ValueError(f"classes must be 1 or more, not {classes}")
    known = np.asarray([value for value in values if np.isfinite(value)], dtype=float)
    different, count = np.unique(known, return_counts=True)
    if method not in ("nice", "quantile", "jenks"):
        raise ValueError(f"method must be nice, quantile or jenks, not {method!r}")
    starts = _jenks(different, count, classes) if method == "jenks" else _quantiles(different, count, classes)
    if method == "nice":
        return _rounded(different, starts)
    return [float(different[start]) for start in starts]


def class_of(value: float | None, breaks: Sequence[float]) -> int:
    """Return the class of a value, 0 for the lowest; -1 for null (None, NaN)."""
    if value is None or not np.isfinite(value):
        return -1
    return int(np.searchsorted(np.asarray(breaks, dtype=float), value, side="right"))


def classes_of(values: Sequence[float] | NDArray[np.float64], breaks: Sequence[float]) -> NDArray[np.int64]:
    """Return the class of each value (n,), -1 for NaN."""
    known = np.asarray(values, dtype=float)
    found = np.searchsorted(np.asarray(breaks, dtype=float), known, side="right").astype(np.int64)
    return np.where(np.isfinite(known), found, -1)


def class_spans(values: Iterable[float], breaks: Sequence[float]) -> list[Span | None]:
    """Return what each of the len(breaks) + 1 classes really holds, for honest labels; None for none."""
    known = np.asarray([value for value in values if np.isfinite(value)], dtype=float)
    which = classes_of(known, breaks)
    spans: list[Span | None] = []
    for number in range(len(breaks) + 1):
        own = known[which == number]
        spans.append(Span(float(own.min()), float(own.max()), len(own)) if len(own) else None)
    return spans


def _quantiles(different: NDArray[np.float64], count: NDArray[np.int64], classes: int) -> list[int]:
    """Choose where classes start, as positions in the different values, nearest to equal numbers."""
    if len(different) < 2:
        return []
    before = np.concatenate([[0], np.cumsum(count)[:-1]])
    starts: list[int] = []
    for share in np.arange(1, classes) / classes * count.sum():
        first = starts[-1] + 1 if starts else 1
        if first >= len(different):
            break
        starts.append(first + int(np.argmin(np.abs(before[first:] - share))))
    return starts


def _jenks(different: NDArray[np.float64], count: NDArray[np.int64], classes: int) -> list[int]:
    """Choose where classes start so that the sum of squares inside classes is least; O(classes n²)."""
    if len(different) < 2:
        return []
    if len(different) > JENKS_LIMIT:
        group = _quantiles(different, count, JENKS_LIMIT)
        coarse, edges = different[[0, *group]], [0, *group, len(different)]
        total = np.add.reduceat(count, [0, *group])
        return [edges[start] for start in _jenks(coarse, total, classes)]
    number = len(different)
    weight = np.concatenate([[0], np.cumsum(count)])
    first = np.concatenate([[0], np.cumsum(count * different)])
    second = np.concatenate([[0], np.cumsum(count * different**2)])
    low, high = np.arange(number)[:, None], np.arange(1, number + 1)[None, :]
    mass = np.maximum(weight[high] - weight[low], 1)
    spread = (second[high] - second[low]) - (first[high] - first[low]) ** 2 / mass
    spread = np.where(high > low, np.maximum(spread, 0), np.inf)
    classes = min(classes, number)
    best = spread[0].copy()
    origin = np.zeros((classes, number), dtype=int)
    for level in range(1, classes):
        cost = np.concatenate([[np.inf], best[:-1]])[:, None] + spread
        origin[level] = np.argmin(cost, axis=0)
        best = np.min(cost, axis=0)
    starts, end = [], number - 1
    for level in range(classes - 1, 0, -1):
        starts.append(int(origin[level, end]))
        end = starts[-1] - 1
    return starts[::-1]


def _rounded(different: NDArray[np.float64], starts: Sequence[int]) -> list[float]:
    """Move each start a little to where the break can be the roundest number."""
    slack = max(1, len(different) // 12)
    last, breaks = 0, list[float]()
    for number, start in enumerate(starts):
        highest = len(different) - (len(starts) - number)
        near = range(max(last + 1, start - slack), min(highest, start + slack) + 1)
        options = {place: _shortest(float(different[place - 1]), float(different[place])) for place in near}
        last = min(options, key=lambda place: (_digits(options[place]), abs(place - start)))
        breaks.append(options[last])
    return breaks


def _digits(number: float) -> int:
    """Count the digits one has to read: 3500 has two, 0.25 has two."""
    mantissa = f"{abs(number):.12e}".split("e")[0].replace(".", "")
    return len(mantissa.rstrip("0"))


def _shortest(below: float, above: float) -> float:
    """Return the roundest number in (below, above]: a multiple of the largest 1, 2 or 5 × 10^k that fits."""
    exponent = int(np.ceil(np.log10(max(abs(below), abs(above), above - below)))) + 1
    for power in range(exponent, exponent - 18, -1):
        for digit in (5, 2, 1):
            # Whole numbers of 10^power keep decimal fractions short: 0.3, not 0.30000000000000004.
            candidate = float(np.floor(above / (digit * 10.0**power))) * digit
            rounded = candidate * 10**power if power >= 0 else candidate / 10**-power
            if below < rounded <= above:
                return float(rounded)
    return above
