"""R1 党支部规模异常: a branch with too many or too few members."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, day_number
from indicators.warnings.episodes import Episode, Found, raise_to
from indicators.warnings.facts import Facts
from stores.periods import closing_day, last_closed, month_key

KEY = "R1"
VERSION = 1
PERIOD = "month"
TABLES = ("member", "organisation", "transfer")
SOURCE = "V1 V2"
THRESHOLD = "most"
VANISHED = "clear"
HELP = {
    "most": "Members a branch should not exceed.",
    "least_full": "Full members a branch must have.",
    "large": "Severity of a branch that is too large.",
    "small": "Severity of one that is too small.",
}


def evaluate(facts: Facts, *, most: int = 50, least_full: int = 3, large: int = 1, small: int = 2) -> Found:
    """Find branches of the wrong size at the last closed month."""
    month = last_closed("month", facts.as_of, facts.settings.grace_days)
    day = day_number(closing_day("month", month, facts.settings.grace_days))
    members, full = facts.all_members(month), facts.full_members([month])[:, 0]
    there = facts.is_branch & ~facts.is_temporary & ~facts.resting
    there &= (facts.founded <= facts.last_day(month)) & (facts.abolished > facts.today)
    severity = np.select([there & (full < least_full), there & (members > most)], [small, large], 0)
    made = []
    for row in np.flatnonzero(severity).tolist():
        value = full[row] if full[row] < least_full else members[row]
        one = Episode(row, month_key(month), [NEVER] * 4, num=float(value))
        raise_to(one.levels, int(severity[row]), day)
        made.append(one)
    return Found(made, checked=int(there.sum()))
