"""W01 超过6个月未缴纳党费党员: organisations with members whose dues are unpaid for over six months."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicators.warnings.columns import NEVER, Ints, firsts_of
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts
from stores.periods import LENGTH, last_closed

KEY = "W01"
VERSION = 1
PERIOD = "month"
TABLES = ("dues_status", "member")
SOURCE = "A138 V16 V17"
THRESHOLD = "months"
VANISHED = "clear"
HELP = {
    "months": "Closed months unpaid beyond which a member counts.",
    "notice_months": "Closed months unpaid beyond which a notice is given.",
    "serious_months": "Closed months unpaid beyond which one member makes it serious.",
    "serious_members": "Members who count, from which on it is serious.",
    "clear_months": "A warning ends when no member has more months unpaid than this.",
}


def evaluate(
    facts: Facts,
    *,
    months: int = 6,
    notice_months: int = 3,
    serious_months: int = 12,
    serious_members: int = 3,
    clear_months: int = 1,
) -> Found:
    """Find members behind with dues, by organisation.

    A quarterly payer is looked at when a quarter has closed. A member without a record is unknown.
    """
    c = facts.columns
    member, paid = c.members("dues_status"), c.months("dues_status", "paid_through_month")
    liable_from = c.months("dues_status", "liable_from")
    liable_from = np.where(liable_from < 0, facts.joined[member], liable_from)
    here = (member >= 0) & facts.current[member]
    known = np.flatnonzero(here & (paid >= 0))
    paid, member = np.maximum(paid[known], liable_from[known] - 1), member[known]
    exempt = (c.months("dues_status", "exempt_from")[known], c.months("dues_status", "exempt_to")[known])
    quarterly = c.equal("dues_status", "cycle", "quarterly")[known]
    org = facts.branch[member]

    def day_beyond(count: int) -> Ints:
        """Return the day on which more than so many closed months are unpaid."""
        month = nth_month(paid, exempt, count + 1)
        month = np.where(quarterly, month + (2 - month % 3), month)
        day = firsts_of(np.where(month >= NEVER, NEVER, month + 1)) + facts.settings.grace_days
        return facts.reached(np.where(month >= NEVER, NEVER, day))

    beyond = day_beyond(months)
    starts = np.stack([day_beyond(notice_months), beyond, beyond, day_beyond(serious_months)], axis=1)
    ends = np.full(len(org), NEVER, dtype=np.int64)
    lost = c.equal("member", "contact_state", "lost")[member]

    def grade(counts: Sequence[int]) -> int:
        if counts[3] or counts[1] >= serious_members:
            return 4
        return 3 if counts[1] else 1 if counts[0] else 0

    episodes = of_cases(
        org,
        starts,
        ends,
        grade,
        key=lambda day: facts.day(day)[:7],
        counted=2,
        flags={"lost": lost, "notice": np.ones(len(org), dtype=np.bool_)},
        members=True,
    )
    liable = np.bincount(org[org >= 0], minlength=facts.count)
    for one in episodes:
        one.den = float(liable[one.org])
        one.detail["notice"] = int(((org == one.org) & (starts[:, 0] < NEVER)).sum())
    still = day_beyond(clear_months) < NEVER
    missing = int((facts.current.sum()) - len(known))
    excluded = {"no_dues_record": missing} if missing else {}
    checked = int((liable > 0).sum())
    return Found(episodes, frozenset(org[still & (org >= 0)].tolist()), checked, excluded)


def nth_month(paid: Ints, exempt: tuple[Ints, Ints], count: int) -> Ints:
    """Return the month that is the n-th unpaid one after the month paid up to; exempt months do not count."""
    first, last = exempt
    goal = paid + count
    begin = np.maximum(first, paid + 1)
    length = np.where((first >= 0) & (last >= begin), last - begin + 1, 0)
    # Exempt without an end: nothing is owed any more from there on.
    endless = (first >= 0) & (last < 0) & (goal >= begin)
    return np.where(endless, NEVER, np.where((length > 0) & (goal >= begin), goal + length, goal))


def unpaid_months(facts: Facts, quarter_only: bool = True) -> tuple[Ints, Ints, Ints]:
    """Return member, organisation and closed months unpaid of all whose dues are known.

    Args:
        facts: as known on a day.
        quarter_only: whether quarterly payers are counted up to the last closed quarter only.
    """
    c = facts.columns
    member, paid = c.members("dues_status"), c.months("dues_status", "paid_through_month")
    liable_from = c.months("dues_status", "liable_from")
    known = np.flatnonzero((member >= 0) & facts.current[member] & (paid >= 0))
    since = np.where(liable_from < 0, facts.joined[member], liable_from)[known]
    paid, member = np.maximum(paid[known], since - 1), member[known]
    grace = facts.settings.grace_days
    month = last_closed("month", facts.as_of, grace)
    quarter = last_closed("quarter", facts.as_of, grace) + LENGTH["quarter"] - 1
    quarterly = c.equal("dues_status", "cycle", "quarterly")[known] & quarter_only
    last = np.where(quarterly, quarter, month)
    first = c.months("dues_status", "exempt_from")[known]
    until = c.months("dues_status", "exempt_to")[known]
    until = np.where((first >= 0) & (until < 0), NEVER, until)
    exempt = np.clip(np.minimum(until, last) - np.maximum(first, paid + 1) + 1, 0, None)
    exempt = np.where(first >= 0, exempt, 0)
    return member, facts.branch[member], np.clip(last - paid - exempt, 0, None)
