"""R1 党支部规模异常: a branch with too many or too few members."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER
from indicators.warnings.episodes import Found, of_periods
from indicators.warnings.facts import Calendar, Facts
from stores.periods import last_closed

KEY = "R1"
VERSION = 2
PERIOD = "month"
TABLES = ("member", "organisation", "transfer")
SOURCE = "V1 V2"
THRESHOLD = "most"
VANISHED = "retract"
HELP = {
    "most": "Members a branch should not exceed.",
    "least_full": "Full members a branch must have.",
    "large": "Severity of a branch that is too large.",
    "small": "Severity of one that is too small.",
}


def evaluate(facts: Facts, *, most: int = 50, least_full: int = 3, large: int = 1, small: int = 2) -> Found:
    """Find branches of the wrong size at the ends of closed months, from the first with data on."""
    grace = facts.settings.grace_days
    first = min(facts.first_month, last_closed("month", facts.as_of, grace))
    calendar = Calendar("month", first, facts.as_of, grace)
    months, closed = calendar.starts.tolist(), calendar.closed
    members = np.stack([facts.all_members(month) for month in months], axis=1)[:, :closed]
    full = facts.full_members(months)[:, :closed]
    last = calendar.end_days[:closed] - 1
    there = (facts.is_branch & ~facts.is_temporary & ~facts.resting)[:, None]
    there = there & (facts.founded[:, None] <= last) & (facts.abolished[:, None] > last)
    severity = np.select([there & (full < least_full), there & (members > most)], [small, large], 0)
    ends = np.full((facts.count, len(calendar)), NEVER, dtype=np.int64)
    ends[:, :closed] = np.where(severity == 0, calendar.closing[:closed], NEVER)
    value = np.where(full < least_full, full, members).astype(np.float64)
    made = of_periods(severity, calendar.closing, ends, calendar.keys, num=value, how="clear")
    return Found(made, checked=int(there[:, -1].sum()) if closed else 0)
