"""W14 预备党员转正逾期: a probation that is over without a decision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicators.warnings.columns import NEVER, Ints, firsts_of
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "W14"
VERSION = 1
PERIOD = "day"
TABLES = ("member", "probation_decision")
SOURCE = "M"
THRESHOLD = "watch_days"
VANISHED = "clear"
HELP = {
    "watch_days": "Days after the end of a probation beyond which a member counts.",
    "warning_days": "Days beyond which it is a warning.",
    "serious_days": "Days beyond which it is serious.",
}


def evaluate(facts: Facts, *, watch_days: int = 30, warning_days: int = 90, serious_days: int = 180) -> Found:
    """Find members on probation whose time is over and about whom nothing was decided."""
    member, end, decided = probations(facts)
    days = [end + count + 1 for count in (watch_days, watch_days, warning_days, serious_days)]
    starts = np.stack(days, axis=1)

    def grade(counts: Sequence[int]) -> int:
        return 4 if counts[3] else 3 if counts[2] else 2 if counts[1] else 0

    reached = np.where(starts <= facts.today, starts, NEVER)
    org = facts.branch[member]
    made = of_cases(org, reached, decided, grade, key=facts.day, members=True)
    on = facts.columns.equal("member", "status", "probationary")
    heads = np.bincount(facts.branch[on & (facts.branch >= 0)], minlength=facts.count)
    for one in made:
        one.den = float(heads[one.org])
    return Found(made, checked=int((heads > 0).sum()))


def probations(facts: Facts) -> tuple[Ints, Ints, Ints]:
    """Return member, last day of probation (with an extension), day of the decision (``NEVER`` = none).

    Without a recorded end it is a year after the month of admission, by its last day, in the member's favour.
    """
    c = facts.columns
    ends = c.days("member", "probation_end")
    on = c.equal("member", "status", "probationary")
    joined = c.months("member", "joined_month")
    rule = firsts_of(np.where(joined < 0, NEVER, joined + 13))
    ends = np.where(ends < NEVER, ends, np.where(on & (joined >= 0), rule - 1, NEVER))
    of, day = c.members("probation_decision"), c.days("probation_decision", "decided_on")
    known = (of >= 0) & (day <= facts.today)
    extends = known & c.equal("probation_decision", "kind", "extend")
    longer = c.days("probation_decision", "extended_to")
    decided = np.full(len(on), NEVER, dtype=np.int64)
    final = known & ~extends
    np.minimum.at(decided, of[final], day[final])
    # An extension decided too late settles the case too, until the longer time is over.
    more = extends & (longer < NEVER)
    later = np.full(len(on), -NEVER, dtype=np.int64)
    np.maximum.at(later, of[more], longer[more])
    ends = np.where(later > -NEVER, np.maximum(later, np.where(ends < NEVER, ends, -NEVER)), ends)
    member = np.flatnonzero((on | (decided < NEVER)) & (ends < NEVER))
    return member, ends[member], decided[member]
