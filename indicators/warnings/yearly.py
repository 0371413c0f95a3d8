"""What yearly duties share: who owes the year, and the days on which it is told and judged."""

from __future__ import annotations

from datetime import date

import numpy as np

from indicators.warnings.columns import Ints, day_number
from indicators.warnings.facts import ABOLISHED, EXEMPT, LATER, NO_BRANCH, PAUSED, TEMPORARY_BRANCH, Facts


def years(facts: Facts) -> list[int]:
    """Return the years whose last quarter lies within the data, up to the one before the running one."""
    first = facts.first_month
    begin = first // 12 + (first % 12 > 9)
    return list(range(begin, facts.as_of.year))


def outside_year(
    facts: Facts, year: int, institution: str, deadline: int, told_on: int | None = None
) -> Ints:
    """Return why each organisation does not owe a yearly duty, a place in ``REASONS``; 0 = it does.

    Founded after 1 October of the year, temporary, abolished before the deadline, exempt, or paused for half
    of the time from 1 July, the half in which it falls due, to the deadline or more: not applicable.

    Args:
        facts: as known on a day.
        year: of the duty.
        institution: the duty.
        deadline: its last day.
        told_on: day of the first notice: what came later excuses nobody from it; None = the deadline.
    """
    begin = day_number(date(year, 7, 1))
    judged = deadline if told_on is None else told_on
    end = min(judged, facts.today) + 1
    rests = facts.paused_days(begin, deadline + 1, judged) * 2 >= deadline + 1 - begin
    rests |= facts.resting & ~facts.has_pause
    late = facts.founded > day_number(date(year, 10, 1))
    gone = facts.abolished < end
    exempt = facts.exempt.get(institution, np.zeros(facts.count, dtype=np.bool_))
    conditions = [~facts.is_branch, late, gone, rests, exempt, facts.is_temporary]
    return np.select(conditions, [NO_BRANCH, LATER, ABOLISHED, PAUSED, EXEMPT, TEMPORARY_BRANCH], 0)


def deadline_of(year: int) -> int:
    """Return the last day of February of the year after."""
    return day_number(date(year + 1, 3, 1)) - 1
