"""W11 届满未换届: a term about to end, or ended, without an election."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicators.warnings.columns import NEVER, Ints, add_months
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "W11"
VERSION = 1
PERIOD = "day"
TABLES = ("organisation", "election")
SOURCE = "V1 V5"
THRESHOLD = "notice_days"
VANISHED = "clear"
HELP = {
    "notice_days": "Days before the end of a term from which on a notice is given.",
    "watch_days": "Days before the end from which on it is watched.",
    "serious_days": "Days after the end beyond which it is serious.",
    "extension_days": "Most days a term can be extended by.",
}


def evaluate(
    facts: Facts,
    *,
    notice_days: int = 180,
    watch_days: int = 60,
    serious_days: int = 365,
    extension_days: int = 365,
) -> Found:
    """Find organisations whose term ends soon or has ended."""
    org, end, until, until_next = terms(facts, extension_days)
    starts = np.stack([end - notice_days, end - watch_days, until + 1, until + serious_days + 1], axis=1)
    for at in (2, 1, 0):
        starts[:, at] = np.minimum(starts[:, at], starts[:, at + 1])

    def grade(counts: Sequence[int]) -> int:
        return 4 if counts[3] else 3 if counts[2] else 2 if counts[1] else 1 if counts[0] else 0

    of = dict(zip(zip(org.tolist(), starts[:, 0].tolist(), strict=True), end.tolist(), strict=True))
    reached = np.where(starts <= facts.today, starts, NEVER)
    made = of_cases(org, reached, until_next, grade, key=facts.day)
    for one in made:
        term = of.get((one.org, one.opened))
        one.key = facts.day(term) if term is not None else one.key
        one.num, one.den = None, None
        one.detail = {"term_end": one.key}
    unknown = int((facts.is_organisation & ~facts.is_temporary).sum()) - len(np.unique(org))
    return Found(made, checked=len(np.unique(org)), excluded={"no_data": unknown} if unknown else {})


def terms(facts: Facts, extension_days: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return org, last day of the term, the same with its extension, day of the next election.

    Every election known on the day begins a term; before the first, what the organisation's own row says.
    """
    c = facts.columns
    years = facts.term_years
    org, held = c.orgs("election", "org_id"), c.days("election", "held_on")
    known = (org >= 0) & (held <= facts.today)
    own = np.arange(facts.count, dtype=np.int64)
    last, stated = c.days("organisation", "last_election_on"), c.days("organisation", "term_end_on")
    # What the row says stands beside the elections, unless they tell of the same day.
    told = np.zeros(facts.count, dtype=np.bool_)
    told[org[known][held[known] == last[org[known]]]] = True
    has = np.isin(own, org[known])
    row = ((last < NEVER) & (last <= facts.today) & ~told) | ((last >= NEVER) & (stated < NEVER) & ~has)
    all_org = np.concatenate([org[known], own[row]])
    begin = np.concatenate([held[known], np.where(last[row] < NEVER, last[row], -NEVER)])
    extension = np.concatenate(
        [c.days("election", "approved_extension_to")[known], c.days("organisation", "extension_to")[row]]
    )
    end = add_months(np.where(begin <= -NEVER, NEVER, begin), years[all_org] * 12)
    said = np.concatenate([np.full(int(known.sum()), NEVER, dtype=np.int64), stated[row]])
    end = np.where(said < NEVER, said, end)
    order = np.lexsort((begin, all_org))
    all_org, begin, end, extension = all_org[order], begin[order], end[order], extension[order]
    same = np.concatenate([all_org[1:] == all_org[:-1], [False]])
    until_next = np.where(same, np.concatenate([begin[1:], [NEVER]]), NEVER)
    extra = np.where(extension < NEVER, np.minimum(extension, end + extension_days), end)
    until = np.maximum(end, extra)
    kept = (end < NEVER) & ~facts.is_temporary[all_org] & facts.is_organisation[all_org]
    # An organisation that is no more has no term to end; what was open on its last day ends with it.
    until_next = np.minimum(until_next, facts.reached(facts.abolished[all_org]))
    return all_org[kept], end[kept], until[kept], until_next[kept]
