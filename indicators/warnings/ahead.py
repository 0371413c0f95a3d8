"""What will come due in the next weeks: ends of terms and probations, steps of transfers."""

from __future__ import annotations

from collections import Counter

import numpy as np

from indicators.warnings.columns import NEVER, Ints
from indicators.warnings.facts import Facts
from indicators.warnings.steps import steps_of
from indicators.warnings.w11 import terms
from indicators.warnings.w14 import probations

EXTENSION_DAYS = 365
LETTER_DAYS = 30
LETTER_MOST = 90


def ahead(facts: Facts) -> list[tuple[str, str, str, int]]:
    """Return (due_on, kind, org_id, n) of what comes due after the day, within the days looked ahead.

    Kinds: 'term' (a term ends), 'probation' (n probations end), 'transfer_step' (n steps reach their limit).
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
    return sorted(found)


def _counted(facts: Facts, kind: str, org: Ints, day: Ints) -> list[tuple[str, str, str, int]]:
    """Count by day and organisation."""
    last = facts.today + facts.settings.coming_days
    inside = np.flatnonzero((day > facts.today) & (day <= last) & (org >= 0))
    counts = Counter(zip(day[inside].tolist(), org[inside].tolist(), strict=True))
    ids = facts.columns.org_ids
    return [(facts.day(number), kind, str(ids[row]), n) for (number, row), n in counts.items()]
