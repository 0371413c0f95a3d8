"""Change and direction of the radar's axes: in points, and only beyond the noise of the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import sqrt
from statistics import median
from typing import Final, Literal

Direction = Literal["better", "worse", "steady", "not_comparable"]
Point = tuple[float | None, float]
"""A period's value, 0 to 100 (None = a gap), and its denominator."""
_WHOLE: Final = 100.0


def standard_error(now: Point, before: Point) -> float | None:
    """Return the standard error of a change of two ratios, in points; None = one is missing.

    100·sqrt(p(1−p)/n_before + p(1−p)/n_now), with p the share of both together.
    """
    if now[0] is None or before[0] is None or now[1] <= 0 or before[1] <= 0:
        return None
    p = (now[0] * now[1] + before[0] * before[1]) / (now[1] + before[1]) / _WHOLE
    p = min(max(p, 0.0), 1.0)
    return _WHOLE * sqrt(p * (1 - p) / before[1] + p * (1 - p) / now[1])


def direction(now: Point, before: Point, noise: float, least: float) -> Direction:
    """Return where an axis goes: a change of at least ``least`` points and ``noise`` standard errors."""
    error = standard_error(now, before)
    if error is None or now[0] is None or before[0] is None:
        return "not_comparable"
    delta = now[0] - before[0]
    if abs(delta) < least or abs(delta) < noise * error:
        return "steady"
    return "better" if delta > 0 else "worse"


def persisting(points: Sequence[Point], noise: float, least: float) -> bool:
    """Tell whether the last two changes went the same way, neither steady; points are oldest first."""
    if len(points) < 3:
        return False
    last = direction(points[-1], points[-2], noise, least)
    return last in ("better", "worse") and last == direction(points[-2], points[-3], noise, least)


def slope(values: Sequence[float | None]) -> float | None:
    """Return the Theil–Sen slope in points a period: the median of all pairs' slopes; gaps are left out.

    None = fewer than three values.
    """
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 3:
        return None
    return median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(known, 2))
