"""What will come due in the next weeks: terms, probations, steps of transfers, days of the district."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from indicators.warnings.columns import NEVER, Ints, first_of
from indicators.warnings.facts import INSTITUTIONS, Facts
from indicators.warnings.matrix import WINDOW_DAY
from indicators.warnings.steps import steps_of
from indicators.warnings.w11 import terms
from indicators.warnings.w14 import probations
from indicators.warnings.yearly import deadline_of, outside_year, years
from stores.alerts import EVERYBODY
from stores.periods import number_of

EXTENSION_DAYS = 365
LETTER_DAYS = 30
LETTER_MOST = 90


def ahead(facts: Facts) -> list[tuple[str, str, str, int]]:
    """Return (due_on, kind, org_id, n) of what comes due after the day, within the days looked ahead.

    Kinds: 'term' (a term ends), 'probation' (n probations end), 'transfer_step' (n steps reach their limit),
    'org_life_meeting' (the last day of a year's meeting, of those that have not held it); and for everybody,
    org_id ``EVERYBODY``: 'unified_day', 'month_close' (a month, and with it a quarter or year, is closed).
    """
    org, _, until, following = terms(facts, EXTENSION_DAYS)
    found = _counted(facts, "term", org[following >= NEVER], until[following >= NEVER])
    member, _, end, decided = probations(facts)
    waits = decided >= NEVER
    found += _counted(facts, "probation", facts.branch[member[waits]], end[waits])
    steps = steps_of(facts, LETTER_DAYS, LETTER_MOST)
    given = facts.settings.parameters.get("W03", {}).get("sla_workdays", 5)
    limit = facts.after_workdays(steps.entered, int(given))
    still = steps.left >= NEVER
    found += _counted(facts, "transfer_step", steps.org[still], limit[still])
    found += _meetings(facts)
    found += [(facts.day(day), kind, EVERYBODY, 1) for kind, day in _days(facts)]
    return sorted(found)


def _meetings(facts: Facts) -> list[tuple[str, str, str, int]]:
    """List who has yet to hold the life meeting of last year, by its last day."""
    year = facts.as_of.year - 1
    deadline = deadline_of(year)
    if year not in years(facts) or deadline < facts.today:
        return []
    a = facts.activity
    chosen = (a["institution"] == INSTITUTIONS.index("org_life_meeting")) & (a["for_year"] == year)
    done = np.zeros(facts.count, dtype=np.bool_)
    done[a["org"][chosen]] = True
    org = np.flatnonzero((outside_year(facts, year, "org_life_meeting", deadline) == 0) & ~done)
    return _counted(facts, "org_life_meeting", org, np.full(len(org), deadline), today=True)


def _days(facts: Facts) -> Iterator[tuple[str, int]]:
    """Give the unified days and the days on which a month is closed, within the days looked ahead."""
    month, last = number_of(facts.as_of), facts.today + facts.settings.coming_days
    for number in range(month - 2, month + 6):
        start = first_of(number)
        unified = int(facts.after_workdays(np.array([start + WINDOW_DAY - 2]), 1)[0])
        for kind, day in (
            ("unified_day", unified),
            ("month_close", first_of(number + 1) + facts.settings.grace_days),
        ):
            if facts.today <= day <= last:
                yield kind, day


def _counted(
    facts: Facts, kind: str, org: Ints, day: Ints, today: bool = False
) -> list[tuple[str, str, str, int]]:
    """Count by day and organisation what is due after the day, or on it too."""
    last = facts.today + facts.settings.coming_days
    inside = np.flatnonzero((day > facts.today - today) & (day <= last) & (org >= 0))
    counts = Counter(zip(day[inside].tolist(), org[inside].tolist(), strict=True))
    ids = facts.columns.org_ids
    return [(facts.day(number), kind, str(ids[row]), n) for (number, row), n in counts.items()]
