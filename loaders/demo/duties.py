"""Keep the books of a branch: dues, study records, appraisal, stars and the list of weak organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.absences import lean
from loaders.demo.members import Members
from loaders.demo.moves import Moves, Roll, branch_in
from loaders.demo.organisations import Organisations
from loaders.demo.posts import Posts
from loaders.demo.workdays import MONTHS, workdays_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]
Months = NDArray[np.datetime64]

ARREARS: Final = 52
"""Members at scale 1 who can be reached and yet have paid nothing for over six months: 89 with the lost."""
ARREARS_BRANCHES: Final = 74
"""Branches at scale 1 in which somebody is so far behind."""

STUDY_KINDS: Final = ("fixed_day", "lecture", "training", "self", "online", "field")
STUDY_ODDS: Final = (0.36, 0.15, 0.13, 0.12, 0.19, 0.05)
STUDY_MONTHS: Final = (0.9, 0.9, 0.9, 1.05, 1.05, 0.8, 0.95, 0.95, 1.0, 1.15, 1.15, 0.9)
WINTER_MONTHS: Final = (0.9, 0.85, 0.75, 0.45, 0.75, 0.8, 0.8, 0.55, 0.9, 3.6, 1.9, 1.3)
"""In the countryside the winter training of December to February carries the year; harvests leave no time."""

YEAR_SHARE: Final = 0.9
"""Part of the twelve months' hours that falls in the ten months of the calendar year."""

CRITERIA: Final = ("书记空缺3个月以上", "组织生活不正常", "连续两年未发展党员", "群众满意度低", "届满未换届")


@dataclass
class Dues:
    """Per member: paid through, quarterly payer, months of exemption (NaT: none), liable from."""

    paid: Months
    quarterly: Bools
    exempt_from: Months
    exempt_to: Months
    liable: Months


def build_dues(members: Members, organisations: Organisations, scale: int, seed: int) -> Dues:
    """Say of every present member how far the dues are paid; the lost have not paid since they were lost."""
    rng = np.random.default_rng([seed, 70])
    count = len(members)
    last = np.datetime64("2019-02")
    lag = rng.choice(5, count, p=(0.925, 0.055, 0.012, 0.006, 0.002))
    quarterly = (
        rng.random(count)
        < np.where(np.isin(organisations.domain, ("village", "urban_community")), 0.18, 0.04)[members.branch]
    )
    paid = last - np.where(quarterly, np.where(lag < 2, 2, 5), lag).astype("timedelta64[M]")
    lost = members.contact == "lost"
    score = np.log(organisations.laxity[members.branch]) + rng.gumbel(0, 1, count)
    able = members.current & (members.contact == "normal") & (members.status == "full")
    behind = _behind(np.where(able, score, -np.inf), members.branch, members.branch[lost], scale)
    # Seven to twelve months are unpaid when January is closed; nobody is behind for longer.
    paid[behind] = last - rng.integers(8, 14, int(behind.sum())).astype("timedelta64[M]")
    paid[lost] = members.lost_since[lost].astype("datetime64[M]")
    quarterly &= ~behind & ~lost
    early = members.current & (rng.random(count) < 0.06) & ~behind & ~lost
    paid[early] = last + rng.integers(1, 5, int(early.sum())).astype("timedelta64[M]")
    exempt = (
        members.current & (rng.random(count) < np.where(members.age >= 75, 0.05, 0.004)) & ~behind & ~lost
    )
    none = np.full(count, np.datetime64("NaT"), dtype="datetime64[M]")
    begin = np.where(exempt, np.datetime64("2018-01"), none).astype("datetime64[M]")
    end = np.where(exempt, np.datetime64("2019-12"), none).astype("datetime64[M]")
    paid = np.maximum(paid, members.joined - np.timedelta64(1, "M"))
    return Dues(paid.astype("datetime64[M]"), quarterly, begin, end, members.joined)


def _behind(score: Floats, branch: Ints, lost: Ints, scale: int) -> Bools:
    """Choose who is far behind: with the lost at most two of a branch, in as many branches as planned."""
    chosen = np.zeros(len(score), dtype=np.bool_)
    heads = dict(zip(*(part.tolist() for part in np.unique(lost, return_counts=True)), strict=True))
    fresh, more = ARREARS_BRANCHES * scale - len(heads), 0
    more = ARREARS * scale - fresh
    for row in np.argsort(-score, kind="stable").tolist():
        own = int(branch[row])
        if not fresh + more:
            break
        if own not in heads and fresh:
            fresh -= 1
        elif heads.get(own) == 1 and more:
            more -= 1
        else:
            continue
        heads[own] = heads.get(own, 0) + 1
        chosen[row] = True
    return chosen


def dues_of(
    month: int,
    roll: Roll,
    members: Members,
    dues: Dues,
    organisations: Organisations,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Count a month's dues by branch: rows of branches, liable, paid, exempt."""
    now = np.datetime64(MONTHS[month])
    count = len(organisations)
    exempt = ~np.isnat(dues.exempt_from[roll.member])
    liable = ~exempt & (dues.liable[roll.member] <= now)
    settled = dues.paid[roll.member] >= now
    # A quarterly payer is on time until the quarter is over.
    settled |= dues.quarterly[roll.member] & (dues.paid[roll.member] >= np.datetime64("2018-12"))
    tardy = rng.random(len(roll.member)) < 0.008 * np.minimum(organisations.laxity[roll.branch], 6)
    rows = organisations.branches
    made = [
        np.bincount(roll.branch[chosen], minlength=count)[rows]
        for chosen in (liable, liable & settled & ~tardy, exempt)
    ]
    return rows, made[0], made[1], made[2]


@dataclass
class Study:
    """All study records as columns, sorted by month: member, branch, day, hours, kind, course."""

    member: Ints
    branch: Ints
    day: Days
    hours: Ints
    kind: Ints
    course: Ints
    month: Ints


def study_hours(members: Members, organisations: Organisations, posts: Posts, seed: int) -> Floats:
    """Give each member's hours over the twelve months: median 34, 18 % below 32, boards near 56."""
    rng = np.random.default_rng([seed, 80])
    count = len(members)
    lax = np.log(organisations.laxity)[members.branch]
    eager = organisations.bearing["study"][members.branch]
    behind = lax * 0.15 - 0.35 * eager + rng.gumbel(0, 1, count)
    rank = np.argsort(np.argsort(-behind, kind="stable"), kind="stable") / count
    over = 32 + rng.exponential(4.4, count)
    under = 31.5 - 24 * rng.beta(1.1, 2.6, count)
    hours = np.where(rank < 0.18, under, over)
    seat = np.zeros(count, dtype=np.bool_)
    seat[posts.member[posts.board]] = True
    hours = np.where(seat & (rank >= 0.1), 55 + rng.exponential(4, count), hours)
    months = np.clip((np.datetime64("2019-03") - members.joined).astype(np.int64), 1, 12)
    idle = members.exempt_study | (members.contact == "lost") | ~members.current
    away = np.where(members.floating == "out", 0.8, 1.0)
    return np.where(idle, 0.0, hours * away * months / 12)


def build_study(
    hours: Floats, members: Members, moves: Moves, organisations: Organisations, seed: int, chosen: Ints
) -> Study:
    """Split the hours of the `chosen` members into records of 1 to 8 hours on working days."""
    rng = np.random.default_rng([seed, 81, int(chosen[0])])
    whole = np.round(hours[chosen]).astype(np.int64)
    pieces = np.maximum(1, np.round(whole / 5.2)).astype(np.int64) * (whole > 0)
    member = np.repeat(chosen, pieces)
    base = np.repeat(whole // np.maximum(pieces, 1), pieces)
    rest = np.repeat(whole % np.maximum(pieces, 1), pieces)
    number = np.arange(len(member)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    # Half days and full days: move two hours between neighbours.
    swing = 2 * (rng.random(len(member)) < 0.5) * (number % 2 == 0) * (np.repeat(pieces, pieces) > number + 1)
    amount = base + (number < rest)
    swing = np.minimum(swing, np.maximum(base - 1, 0))
    amount = amount + swing
    amount[1:] -= swing[:-1]
    month = _study_months(member, members, organisations, rng)
    day, branch = np.zeros(len(member), dtype="datetime64[D]"), np.zeros(len(member), dtype=np.int64)
    for k in range(12):
        own = np.flatnonzero(month == k)
        day[own] = rng.choice(workdays_of(MONTHS[k]), len(own))
        branch[own] = branch_in(members, moves, k)[member[own]] if len(own) else 0
    kind = rng.choice(len(STUDY_KINDS), len(member), p=STUDY_ODDS)
    kept = (branch >= 0) & (amount > 0)
    order = np.flatnonzero(kept)[np.lexsort((member[kept], day[kept]))]
    course = rng.integers(1, 180, len(member))
    return Study(
        member[order], branch[order], day[order], amount[order], kind[order], course[order], month[order]
    )


def _study_months(
    member: Ints, members: Members, organisations: Organisations, rng: np.random.Generator
) -> Ints:
    rural = (organisations.domain == "village")[members.branch[member]]
    month = np.where(rural, _drawn(WINTER_MONTHS, member, rng), _drawn(STUDY_MONTHS, member, rng))
    joined = (members.joined[member] - np.datetime64(MONTHS[0])).astype(np.int64)
    spread = joined + (rng.random(len(member)) * (12 - np.clip(joined, 0, 11))).astype(np.int64)
    return np.where(joined > 0, np.clip(spread, 0, 11), month)


def _drawn(weights: tuple[float, ...], member: Ints, rng: np.random.Generator) -> Ints:
    """Draw months for the records of each member, spread evenly over the weights.

    The plan of the calendar year is mostly met by December.
    """
    share = np.array(weights)
    share[:10] *= YEAR_SHARE / share[:10].sum()
    share[10:] *= (1 - YEAR_SHARE) / share[10:].sum()
    first = np.searchsorted(member, member)
    number = np.arange(len(member)) - first
    total = np.bincount(member, minlength=int(member.max()) + 1)[member] if len(member) else number
    offset = rng.random(int(member.max()) + 1)[member] if len(member) else number
    at = (number + offset) / np.maximum(total, 1)
    drawn: Ints = np.minimum(np.searchsorted(np.cumsum(share), at, side="right"), 11).astype(np.int64)
    return drawn


def appraisals(members: Members, organisations: Organisations, seed: int) -> list[Ints]:
    """Count the appraisal of 2018: rows, eligible, participated, excellent, qualified, basic, unqualified."""
    rng = np.random.default_rng([seed, 71])
    rows, count = organisations.branches, len(organisations)
    here = members.current
    able = here & (members.contact != "lost") & (members.availability != "abroad")
    eligible = np.bincount(members.branch[able], minlength=count)[rows]
    part = np.bincount(members.branch[here & ~members.unappraised], minlength=count)[rows]
    excellent = np.floor(part * rng.uniform(0.18, 0.33, len(rows))).astype(np.int64)
    basic = rng.binomial(part - excellent, 0.004 * np.minimum(organisations.laxity[rows], 5))
    unqualified = rng.binomial(part - excellent - basic, 0.0006)
    return [rows, eligible, part, excellent, part - excellent - basic - unqualified, basic, unqualified]


def stars(organisations: Organisations, seed: int) -> list[Ints | Floats]:
    """Rate the branches for 2018: rows, stars (10, 30, 40, 20 per cent), score, stars of the year before."""
    rng = np.random.default_rng([seed, 72])
    rows = organisations.branches
    tidy = lean(organisations.domain, {"organ": 0.5, "school": 0.4, "nonpublic": -0.4, "floating": -0.8})[
        rows
    ]
    standing = -np.log(organisations.laxity[rows]) + tidy + 0.2 * organisations.bearing["service"][rows]

    def rate(score: Floats) -> tuple[Ints, Floats]:
        place = np.argsort(np.argsort(score, kind="stable"), kind="stable") / len(score)
        given = np.select(
            [place >= 0.9, place >= 0.6, place >= 0.2, place >= 0.06, place >= 0.02], [5, 4, 3, 2, 1], 0
        )
        low, high = np.array([45, 56, 61, 70, 80, 90])[given], np.array([55, 60, 69, 79, 89, 99])[given]
        return given.astype(np.int64), np.round(low + (high - low) * rng.random(len(score)), 1)

    now, score = rate(standing + rng.normal(0, 0.5, len(rows)))
    before, _ = rate(standing + rng.normal(0, 0.7, len(rows)))
    now[organisations.life[rows] == "new"] = 0
    score[organisations.life[rows] == "new"] = 0.0
    return [rows, now, score, before]


@dataclass
class Weak:
    """The weak organisations as columns; `delisted` is NaT while under rectification."""

    organisation: Ints
    listed: Days
    kind: Texts
    criteria: Texts
    stage: Texts
    delisted: Days


def weak_list(organisations: Organisations, scale: int, seed: int) -> Weak:
    """List the weakest village and community branches: twelve at scale 1, three of them taken off again."""
    rng = np.random.default_rng([seed, 73])
    rows = organisations.branches
    homely = np.isin(organisations.domain[rows], ("village", "urban_community")) & (
        organisations.life[rows] == "late"
    )
    own = rows[homely]
    own = own[np.argsort(-organisations.laxity[own], kind="stable")]
    rest = rows[np.isin(organisations.domain[rows], ("village", "urban_community")) & ~homely]
    rest = rest[np.argsort(-organisations.laxity[rest], kind="stable")]
    count = totals.WEAK_ORGANISATIONS * scale
    chosen = np.concatenate([own, rest])[:count]
    off = np.arange(count) >= count - 3 * scale
    reached = np.where(off, "摘帽", np.where(rng.random(count) < 0.3, "验收", "整顿中"))
    first = rng.choice(len(CRITERIA), count)
    second = (first + 1 + rng.choice(len(CRITERIA) - 1, count)) % len(CRITERIA)
    day = np.datetime64("2019-01-10") + rng.integers(0, 40, count).astype("timedelta64[D]")
    return Weak(
        organisation=chosen,
        listed=np.datetime64("2018-04-02") + rng.integers(0, 60, count).astype("timedelta64[D]"),
        kind=np.where(rng.random(count) < 0.6, "weak", "backward").astype(object),
        criteria=np.array(
            [f"{CRITERIA[a]}；{CRITERIA[b]}" for a, b in zip(first, second, strict=True)], dtype=object
        ),
        stage=reached.astype(object),
        delisted=np.where(off, day, np.datetime64("NaT")).astype("datetime64[D]"),
    )
