"""A rate is shown only as finely as nobody can be counted out of it.

A rate of small numbers gives the numbers away: 86 % of seven is six, and one stayed at home.  So a rate needs
a large enough whole and at least three on either side, and a visitor's rate is rounded to a step that always
leaves four or more possible counts.
"""

from __future__ import annotations

from typing import Final

from stores.figure import HIDDEN, NO_DATA, NOT_APPLICABLE, Figure, exact, rounded
from stores.gate_policy import BUILDING, Mode, Policy
from stores.gate_tree import SLACK

STEPS: Final = (1, 2, 5, 10, 20)
"""Steps of a visitor's rate in per cent."""
_ROOM: Final = 4


def step_for(whole: int) -> int | None:
    """Choose the finest step, in per cent, that spans four counts of the whole; None = none does."""
    return next((step for step in STEPS if step * whole >= 100 * _ROOM), None)


def rate(
    part: float | None, whole: float | None, near: int | None, mode: Mode, rank: int, policy: Policy
) -> Figure:
    """Make the figure of a rate, as a fraction of one.

    Args:
        part: true numerator; None = no data.
        whole: true denominator; None = no data.
        near: the denominator's rounded value; the step depends on it alone, so that the step tells nothing.
        mode: who looks.
        rank: the row's level.
        policy: thresholds.

    Returns:
        Duty: exact to four digits.  Leader: to a whole per cent.  Visitor: to a step of 1 to 20 per cent,
        none below the community.
    """
    if part is None or whole is None:
        return NO_DATA
    if mode == "duty":
        return exact(round(part / whole, 4)) if whole else NOT_APPLICABLE
    least = policy.rate_least if mode == "visitor" else policy.rate_least_leader
    if whole < least or part < policy.rate_side or whole - part < policy.rate_side:
        return HIDDEN
    if mode == "leader":
        return rounded(round(part / whole, 2))
    return HIDDEN if near is None or rank >= BUILDING else _stepped(part / whole, near, policy.rate_side)


def _stepped(share: float, near: int, side: int) -> Figure:
    """Round a rate to the step its whole allows.

    A step that reaches below the least side is hidden as a whole: what is known to be three or more and shown
    as 1 % of 300 would be three or four.
    """
    step = step_for(near)
    if step is None:
        return HIDDEN
    shown = round(100 * share / step) * step
    edge = min(shown, 100 - shown) - step / 2
    return rounded(round(shown / 100, 2)) if edge * (near - SLACK) >= 100 * side else HIDDEN
