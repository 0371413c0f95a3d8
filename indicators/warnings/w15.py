"""W15 学习学时滞后: too many members behind with their hours of study."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, Floats, Ints
from indicators.warnings.duty import found
from indicators.warnings.episodes import Found, of_periods
from indicators.warnings.facts import NO_DATA, TOO_FEW, Calendar, Facts

KEY = "W15"
VERSION = 1
PERIOD = "quarter"
TABLES = ("study_record", "member", "post")
SOURCE = "V6"
THRESHOLD = "share"
VANISHED = "retract"
NEARLY = 1e-6
HELP = {
    "share": "Share of members behind beyond which it counts.",
    "watch_share": "Share beyond which it is watched.",
    "clear_share": "Share up to which a warning ends at a quarter's close.",
    "hours": "Hours a year a member owes.",
    "secretary_hours": "Hours a year a secretary owes.",
    "half": "Part of the hours due by then that is enough before the year's end.",
    "self_share": "Most of the hours that may be self-study.",
    "oldest": "Age up to which study is expected.",
    "least_eligible": "Fewest members expected to be judged.",
    "first": "Severity within the year.",
    "second": "Severity beyond the second share.",
    "year_end": "Severity at the year's end.",
}


def evaluate(
    facts: Facts,
    *,
    share: float = 0.3,
    watch_share: float = 0.5,
    clear_share: float = 0.25,
    hours: float = 32,
    secretary_hours: float = 56,
    half: float = 0.5,
    self_share: float = 0.5,
    oldest: int = 80,
    least_eligible: int = 5,
    first: int = 1,
    second: int = 2,
    year_end: int = 3,
) -> Found:
    """Find branches where many members are behind at the close of a quarter."""
    calendar = facts.calendar("quarter")
    closed = calendar.closed
    shape = (facts.count, closed)
    behind, eligible = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for p in range(closed):
        made = at_quarter(facts, calendar, p, hours, secretary_hours, half, self_share, oldest)
        behind[:, p], eligible[:, p] = made
    outside = facts.outside(calendar, "theme_day")[:, :closed]
    silent = eligible.sum(axis=0) == 0
    outside = np.where((outside == 0) & (eligible < least_eligible), TOO_FEW, outside)
    outside = np.where(silent[None, :] & (outside == TOO_FEW), NO_DATA, outside)
    part = np.divide(behind, eligible, out=np.zeros(shape), where=eligible > 0)
    last = calendar.starts[:closed] % 12 == 9
    over = (outside == 0) & (part > share)
    severity = np.where(
        over & last[None, :], year_end, np.where(over & (part > watch_share), second, first) * over
    )
    ends = np.full((facts.count, len(calendar)), NEVER, dtype=np.int64)
    fine = (outside == 0) & (part <= clear_share)
    ends[:, :closed] = np.where(fine, calendar.closing[:closed], NEVER)
    episodes = of_periods(
        severity,
        calendar.closing,
        ends,
        calendar.keys,
        num=behind.astype(np.float64),
        den=eligible.astype(np.float64),
        how="clear",
    )
    for one in episodes:
        one.detail["members"] = int(one.num or 0)
    return found(episodes, outside)


def at_quarter(
    facts: Facts,
    calendar: Calendar,
    p: int,
    hours: float,
    secretary_hours: float,
    half: float,
    self_share: float,
    oldest: int,
) -> tuple[Ints, Ints]:
    """Count by organisation who is behind and who is expected, at the end of a quarter.

    Hours are expected for the months of the year in which the member was here and study was recorded.
    """
    member, org, done, expected = study_to(
        facts, int(calendar.starts[p]) + 2, hours, secretary_hours, self_share, oldest
    )
    whole = calendar.starts[p] % 12 == 9
    need = expected * (1.0 if whole else half)
    late = done < need - NEARLY
    count = facts.count
    del member
    return np.bincount(org[late], minlength=count), np.bincount(org, minlength=count)


def study_to(
    facts: Facts, month: int, hours: float, secretary_hours: float, self_share: float, oldest: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return member, organisation, hours done and hours expected from January to a month's end.

    Self-study counts for at most its share of all; a newly come member owes the months since.
    """
    c = facts.columns
    branch = facts.branch_in(month)
    age = month // 12 - c.ints("member", "birth_year", month // 12 - 40)
    expected_of = (branch >= 0) & ~c.flags("member", "exempt_study") & (age <= oldest)
    member = np.flatnonzero(expected_of)
    january = month // 12 * 12
    since = np.maximum(np.maximum(january, facts.first_study_month), facts.joined)
    moved, sender, _, when = facts.moves
    came = (sender < 0) & (when <= month)
    np.maximum.at(since, moved[came], when[came])
    months = np.clip(month + 1 - since, 0, 12)[member]
    own, alone = facts.study_hours(january, month)
    done = np.minimum(alone, self_share / (1 - self_share) * own) if self_share < 1 else alone
    p = facts.posts
    last = facts.last_day(month)
    leads = np.zeros(len(branch), dtype=np.bool_)
    heads = (p["secretary"] == 1) & (p["begin"] <= last) & (p["end"] > last) & (p["member"] >= 0)
    leads[p["member"][heads]] = True
    owed = np.where(leads[member], secretary_hours, hours) * months / 12
    kept = months > 0
    return member[kept], branch[member][kept], (own + done)[member][kept], owed[kept]
