"""Tell the steps of every transfer: who held it from when until when, and where it lay too long."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo.moves import STEPS, Moves
from loaders.demo.organisations import Organisations
from loaders.demo.workdays import workday_calendar

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

LATE: Final = 56
"""Transfers at scale 1 that lay too long at a step and were settled after warning."""
MOST: Final = 4
"""Workdays a step takes at most in time; the fifth is the limit."""


def with_late(moves: Moves, organisations: Organisations, scale: int, seed: int) -> NDArray[np.bool_]:
    """Choose the transfers that lay too long and date their applications back; return which they are.

    They were completed between May and December; six to forty-five days went by at one step.
    """
    rng = np.random.default_rng([seed, 34])
    able = np.flatnonzero((moves.month >= 2) & (moves.month <= 9) & ~moves.letter)
    late = np.zeros(len(moves), dtype=np.bool_)
    end = np.where(moves.source[able] >= 0, moves.source[able], moves.target[able])
    odds = np.exp(-1.2 * organisations.bearing["speed"][end])
    late[rng.choice(able, LATE * scale, replace=False, p=odds / odds.sum())] = True
    rows = np.flatnonzero(late)
    back = rng.integers(14, 46, len(rows)).astype("timedelta64[D]")
    moves.applied[rows] = moves.decided[rows].astype("datetime64[D]") - back
    moves.entered[rows] = np.minimum(
        moves.entered[rows], moves.applied[rows].astype("datetime64[s]") + np.timedelta64(2 * 86_400, "s")
    )
    return late


def steps_of(
    moves: Moves, organisations: Organisations, late: NDArray[np.bool_]
) -> tuple[Ints, Ints, Texts, Texts, NDArray[np.datetime64], Ints]:
    """Give rows of moves, number of the step, state before and after, when, and who holds it (−1: outside).

    Across the district's border only the own steps are known. A move under way ends at its present step.
    """
    days, worked, _ = workday_calendar()
    past = days[worked]
    made: list[tuple[int, int, str, str, np.datetime64, int]] = []
    for row in range(len(moves)):
        scope, status = moves.scope[row], moves.status[row]
        own = {"in_from_outside": STEPS[3:], "out_to_outside": STEPS[:3]}.get(scope, STEPS)
        if status == "draft":
            continue
        pending = status in STEPS
        chain = [name for name in own if not pending or STEPS.index(name) <= STEPS.index(status)]
        first = int(np.searchsorted(past, moves.applied[row]))
        last = moves.entered[row] if pending else moves.decided[row]
        end = int(np.searchsorted(past, last.astype("datetime64[D]"), side="right")) - 1
        # The branch takes an application up on its day, so that both begin together.
        heads = int(len(chain) > 1 and chain[0] == STEPS[0])
        at = _spread(first, max(end, first), len(chain) - heads, pending, bool(late[row]))
        at = at[:1] * heads + at
        before = "draft"
        for number, name in enumerate(chain):
            day = past[min(at[number], len(past) - 1)].astype("datetime64[s]") + np.timedelta64(32_400, "s")
            when = last if pending and number == len(chain) - 1 else min(day, last)
            made.append((row, number + 1, before, name, when, _holder(moves, organisations, row, name)))
            before = name
        if not pending:
            end_org = _holder(moves, organisations, row, before)
            made.append((row, len(chain) + 1, before, str(status), last, end_org))
    columns = list(zip(*made, strict=True))
    return (
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=object),
        np.array(columns[3], dtype=object),
        np.array(columns[4], dtype="datetime64[s]"),
        np.array(columns[5], dtype=np.int64),
    )


def _spread(first: int, end: int, count: int, pending: bool, late: bool) -> list[int]:
    """Give the workdays on which steps begin: evenly, or in the last days when the first one is late."""
    length = end - first
    if late:
        rest = min(count - 1, max(length - 8, 0))
        return [first, *(end - rest + number for number in range(count - 1))]
    if not pending:
        # What lay outside before is not known here.
        first, length = max(first, end - MOST * count), min(length, MOST * count)
    if pending and count > 1:
        first, length = max(first, end - MOST * (count - 1)), min(length, MOST * (count - 1))
    parts = count - 1 if pending else count
    return [first + (length * number) // max(parts, 1) for number in range(count)]


def _holder(moves: Moves, organisations: Organisations, row: int, name: str) -> int:
    """Give who holds a step: a branch, or the organisation above it."""
    source, target = int(moves.source[row]), int(moves.target[row])
    if name in (*STEPS[:2], "returned"):
        return source
    if name == STEPS[2]:
        return int(organisations.parent[source]) if source >= 0 else -1
    if name == STEPS[3]:
        return int(organisations.parent[target]) if target >= 0 else -1
    return target
