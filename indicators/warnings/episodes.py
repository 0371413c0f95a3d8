"""A failing of an organisation from its beginning to its end: an episode, from which warnings are made.

Two machines make them. ``of_periods`` walks closed periods: a missed one opens or prolongs, a met one ends.
``of_cases`` sweeps over cases with a beginning and an end (a step overdue, a member out of contact): as long
as one is there, the episode lasts. Both tell of a day only what was known on that day, so that walking day by
day and looking once at the end find the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from indicators.warnings.columns import NEVER, Flags, Floats, Ints

MOST: Final = 4
Grade = Callable[[Sequence[int]], int]
"""From the number of cases at levels 1 to 4 (each at least so far) to a severity, 0 = none."""


@dataclass
class Episode:
    """Hold one failing.

    Args:
        org: row of the organisation.
        key: the period in which it began.
        levels: day on which severity 1, 2, 3, 4 was reached; ``NEVER`` = not.
        closed: day on which it ended, ``NEVER`` = it lasts.
        how: 'clear', 'expire' or 'make_up'.
        num, den: the latest value.
        detail: counts that explain it: ``run`` periods in a row, ``cases``, ``closed_cases``, ``members`` …
    """

    org: int
    key: str
    levels: list[int]
    closed: int = NEVER
    how: str = ""
    num: float | None = None
    den: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def opened(self) -> int:
        """Return the day of the beginning."""
        return min(self.levels)

    @property
    def severity(self) -> int:
        """Return the worst severity reached."""
        return max(at + 1 for at, day in enumerate(self.levels) if day < NEVER)

    def steps(self) -> list[tuple[int, int]]:
        """Return (day, severity) of the beginning and of each growth, ascending."""
        days = sorted({day for day in self.levels if day < NEVER})
        return [
            (day, max(at + 1 for at, reached in enumerate(self.levels) if reached <= day)) for day in days
        ]


@dataclass
class Found:
    """Hold what an indicator finds.

    Args:
        episodes: every failing, those that have ended included.
        holds: rows of organisations whose open warning stays even without an episode (hysteresis).
        checked: how many organisations were judged last.
        excluded: how many were not, by reason.
    """

    episodes: list[Episode]
    holds: frozenset[int] = frozenset()
    checked: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)


def raise_to(levels: list[int], severity: int, day: int) -> None:
    """Note that a severity, and all below it, was reached on a day."""
    for at in range(severity):
        levels[at] = min(levels[at], day)


def counted_runs(missed: Flags, met: Flags) -> Ints:
    """Count at each missed period how many were missed since one was met; 0 where it was not missed.

    Periods that are neither missed nor met (not applicable, unknown) neither count nor break the run.
    """
    runs = np.zeros(missed.shape, dtype=np.int64)
    running = np.zeros(len(missed), dtype=np.int64)
    for p in range(missed.shape[1]):
        running = np.where(met[:, p], 0, running + missed[:, p])
        runs[:, p] = np.where(missed[:, p], running, 0)
    return runs


def of_periods(
    severity: Ints,
    closing: Ints,
    ends: Ints,
    keys: Sequence[str],
    *,
    made_up: Ints | None = None,
    num: Floats | None = None,
    den: Floats | None = None,
    how: str = "expire",
    runs: Ints | None = None,
) -> list[Episode]:
    """Make episodes of periods.

    Args:
        severity: organisation × closed period; 0 = not missed.
        closing: day on which each period closes.
        ends: organisation × period that has begun: the day in it that ends an open episode; ``NEVER`` =
            none.
        keys: of the closed periods.
        made_up: organisation × closed period: day on which it was made up for after it had closed.
        num, den: values of each period.
        how: how an end by a met period is called.
        runs: periods in a row, for the detail.
    """
    made: list[Episode] = []
    open_now: dict[int, Episode] = {}
    pending: dict[int, int] = {}
    for p in range(severity.shape[1] + 1):
        if p and p < ends.shape[1]:
            # What is met before the period before it was judged ends nothing until then.
            _end(open_now, pending, np.maximum(ends[:, p], closing[p - 1]), how)
        if p == severity.shape[1]:
            break
        for org in np.flatnonzero(severity[:, p]).tolist():
            found = open_now.get(org)
            if found is None:
                found = open_now[org] = Episode(org, keys[p], [NEVER] * MOST)
                made.append(found)
            raise_to(found.levels, int(severity[org, p]), int(closing[p]))
            found.num = None if num is None else float(num[org, p])
            found.den = None if den is None else float(den[org, p])
            if runs is not None:
                found.detail["run"] = int(runs[org, p])
            if made_up is not None and made_up[org, p] < NEVER:
                pending[org] = int(made_up[org, p])
    return made


def _end(open_now: dict[int, Episode], pending: dict[int, int], ends: Ints, how: str) -> None:
    """End the open episodes whose period was made up for, or followed by one that was met."""
    for org in list(open_now):
        day, way = min((pending.pop(org, NEVER), "make_up"), (int(ends[org]), how))
        if day < NEVER:
            found = open_now.pop(org)
            found.closed, found.how = max(day, found.opened), way


def of_cases(
    org: Ints,
    starts: Ints,
    ends: Ints,
    grade: Grade,
    *,
    key: Callable[[int], str],
    counted: int = 1,
    flags: Mapping[str, Flags] | None = None,
    members: bool = False,
) -> list[Episode]:
    """Make episodes of cases.

    Args:
        org: row of the organisation of each case.
        starts: case × 4: the day on which it reached level 1, 2, 3, 4; ``NEVER`` = has not.
        ends: the day on which it was settled; ``NEVER`` = is not.
        grade: severity from the number of cases at each level.
        key: period key from the first day.
        counted: level from which a case counts as one in ``num`` and ``cases``.
        flags: further counts of the detail: cases with this mark among those that count now.
        members: whether cases are members, so that urging counts heads.
    """
    first = starts.min(axis=1)
    kept = np.flatnonzero((first < NEVER) & (first < ends) & (org >= 0))
    kept = kept[np.argsort(org[kept], kind="stable")]
    made: list[Episode] = []
    bounds = np.flatnonzero(np.diff(org[kept], prepend=-1, append=-1))
    for begin, end in pairwise(bounds.tolist()):
        rows = kept[begin:end]
        made += _sweep(int(org[rows[0]]), rows, starts, ends, grade, key, counted, flags or {}, members)
    return made


def _sweep(
    org: int,
    rows: Ints,
    starts: Ints,
    ends: Ints,
    grade: Grade,
    key: Callable[[int], str],
    counted: int,
    flags: Mapping[str, Flags],
    members: bool,
) -> list[Episode]:
    """Sweep over the days on which something changes for one organisation."""
    own, until = starts[rows], ends[rows]
    days = np.unique(np.concatenate([own.ravel(), until]))
    made: list[Episode] = []
    now: Episode | None = None
    for day in days[days < NEVER].tolist():
        alive = until > day
        reached = (own <= day) & alive[:, None]
        counts = reached.sum(axis=0).tolist()
        severity = grade(counts)
        if severity and now is None:
            now = Episode(org, key(day), [NEVER] * MOST)
            now.detail["cases"] = 0
            seen: set[int] = set()
            made.append(now)
        if now is None:
            continue
        if severity:
            raise_to(now.levels, severity, day)
        seen |= set(rows[reached[:, counted - 1]].tolist())
        now.num = float(counts[counted - 1])
        now.detail |= {"cases": len(seen), "open_cases": int(counts[counted - 1])}
        now.detail |= {
            name: int((flag[rows] & reached[:, counted - 1]).sum()) for name, flag in flags.items()
        }
        if members:
            now.detail["members"] = int(counts[counted - 1])
        if not severity:
            now.closed, now.how = day, "clear"
            now = None
    return made
