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
    member, begin, end, decided = probations(facts)
    lines = (watch_days, watch_days, warning_days, serious_days)
    days = [np.maximum(end + count + 1, begin) for count in lines]
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


def probations(facts: Facts) -> tuple[Ints, Ints, Ints, Ints]:
    """Return member, day from which it holds, last day of probation, day of the decision (``NEVER`` = none).

    An extension is a decision too, and begins another time that holds from its own day on. Without a recorded
    end it is a year after the month of admission, by its last day, in the member's favour.
    """
    c = facts.columns
    ends = c.days("member", "probation_end")
    on = c.equal("member", "status", "probationary")
    joined = c.months("member", "joined_month")
    of, day = c.members("probation_decision"), c.days("probation_decision", "decided_on")
    extends = c.equal("probation_decision", "kind", "extend")
    longer = c.days("probation_decision", "extended_to")
    final = (of >= 0) & ~extends
    # About whom was decided, be it later, was on probation until then.
    was = on.copy()
    was[of[final]] = True
    rule = firsts_of(np.where(joined < 0, NEVER, joined + 13)) - 1
    ends = np.where(ends < NEVER, ends, np.where(on & (joined >= 0), rule, NEVER))
    decided = np.full(len(on), NEVER, dtype=np.int64)
    np.minimum.at(decided, of[final], day[final])
    member = np.flatnonzero(was & (ends < NEVER))
    begin, end, over = np.full(len(member), -NEVER, dtype=np.int64), ends[member], decided[member]
    more = np.flatnonzero((of >= 0) & extends & (longer < NEVER) & (day <= facts.today))
    if len(more):
        begin, end, over, member = _extended(begin, end, over, member, of[more], day[more], longer[more])
    return member, begin, end, facts.reached(over)


def _extended(
    begin: Ints, end: Ints, over: Ints, member: Ints, of: Ints, day: Ints, longer: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Cut the time of each member that was extended into parts, each ended by the next extension."""
    rows = {int(one): place for place, one in enumerate(member)}
    parts = list(zip(begin.tolist(), end.tolist(), over.tolist(), member.tolist(), strict=True))
    last = dict(enumerate(parts))
    for at in np.lexsort((longer, day, of)).tolist():
        place = rows.get(int(of[at]))
        if place is None:
            continue
        since, until, decision, who = last[place]
        if day[at] >= decision:
            continue
        parts[parts.index((since, until, decision, who))] = (since, until, int(day[at]), who)
        last[place] = (int(day[at]), max(until, int(longer[at])), decision, who)
        parts.append(last[place])
    table = np.array(parts, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
