"""Move members: transfers in, out and inside the district, those under way, and who belonged where when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.absences import CITIES, lean
from loaders.demo.members import Members
from loaders.demo.organisations import Organisations
from loaders.demo.workdays import AS_OF, MONTHS, workdays_before, workdays_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]

SEASON: Final = np.array([1.35, 1.3, 0.75, 0.85, 1.45, 1.7, 1.45, 0.8, 0.75, 0.7, 0.75, 0.45])
"""Completed transfers from March to February: graduates in July to September, firms in March and April."""

OUTSIDE: Final = (
    *CITIES,
    ("江苏省南京市", 44),
    ("江苏省南通市", 5),
    ("江苏省徐州市", 6),
    ("湖北省武汉市", 4),
)
MOBILE: Final = {
    "park": 1.6,
    "building": 1.6,
    "nonpublic": 1.2,
    "floating": 1.0,
    "village": -0.6,
    "retired": -1.5,
}
REASONS: Final = ("工作调动", "毕业", "升学", "退休", "居住地变动", "机构调整", "其他")
STEPS: Final = (
    "pending_application",
    "pending_from_branch",
    "pending_from_committee",
    "pending_to_committee",
    "pending_to_branch",
)
"""An application and what four offices do with it."""
FRESH: Final = 3
"""Workdays within which a branch takes an application up."""


@dataclass
class Moves:
    """Transfers as columns, by date of application.

    `source` and `target` are rows of organisations (−1: outside, then `source_city` or `target_city` is a row
    of OUTSIDE), `month` the month of completion 0 … 11 in MONTHS (−1: not completed), `holder` the
    organisation that decided or holds the step.
    """

    member: Ints
    scope: Texts
    source: Ints
    target: Ints
    source_city: Ints
    target_city: Ints
    reason: Ints
    letter: Bools
    status: Texts
    applied: Days
    entered: Days
    decided: Days
    holder: Ints
    month: Ints

    def __len__(self) -> int:
        return len(self.member)


@dataclass(frozen=True)
class Roll:
    """Who belonged where in one month: rows of members sorted by branch, and each organisation's first one.

    `start` has one entry more than there are organisations: branch b holds member[start[b]:start[b + 1]].
    """

    member: Ints
    branch: Ints
    start: Ints


def with_leavers(members: Members, scale: int, seed: int, organisations: Organisations) -> Members:
    """Append those who have moved out of the district, as rows of history."""
    rng = np.random.default_rng([seed, 30])
    chance = _mobility(members, organisations) * (members.status == "full") * (members.contact == "normal")
    like = rng.choice(len(members), totals.TRANSFERS["out_to_outside"] * scale, p=chance / chance.sum())
    like.sort()
    columns = {f.name: getattr(members, f.name) for f in fields(members)}
    grown = Members(**{name: np.concatenate([column, column[like]]) for name, column in columns.items()})
    gone = slice(len(members), None)
    grown.status[gone] = "transferred_out"
    grown.floating[gone], grown.city[gone] = "no", -1
    grown.availability[gone], grown.contact[gone] = "available", "normal"
    grown.unappraised[gone] = False
    grown.found_on[gone] = grown.lost_since[gone] = np.datetime64("NaT")
    return grown


def _mobility(members: Members, organisations: Organisations) -> Floats:
    pull = lean(organisations.domain, MOBILE)[members.branch] - np.abs(members.age - 29) / 12.0
    chance: Floats = np.exp(pull)
    return chance


def build_moves(members: Members, organisations: Organisations, scale: int, seed: int) -> Moves:
    """Make about 3,700 completed transfers times `scale`, 240 under way, and those that came to nothing."""
    rng = np.random.default_rng([seed, 31])
    old = (
        (members.joined < np.datetime64("2018-02"))
        & (members.contact == "normal")
        & (members.availability == "available")
    )
    able = np.flatnonzero(members.current & old & (members.floating == "no") & (members.status == "full"))
    chance = _mobility(members, organisations)[able]
    others = {"pending": totals.PENDING, "returned": totals.RETURNED, **totals.OTHER_ENDS}
    inside, into = totals.TRANSFERS["inside_branch_tree"] * scale, totals.TRANSFERS["in_from_outside"] * scale
    some = rng.choice(
        able, inside + into + sum(others.values()) * scale, replace=False, p=chance / chance.sum()
    )
    leavers = np.flatnonzero(members.status == "transferred_out")
    member = np.concatenate([some[: inside + into], leavers, some[inside + into :]])
    done = inside + into + len(leavers)
    scope = np.array(["inside_branch_tree"] * len(member), dtype=object)
    scope[inside : inside + into] = "in_from_outside"
    scope[inside + into : done] = "out_to_outside"
    scope[done:] = rng.choice(list(totals.TRANSFERS), len(member) - done, p=(0.55, 0.23, 0.22))
    status = np.array(
        ["completed"] * done + [k for k, n in others.items() for _ in range(n * scale)], dtype=object
    )
    source, target = _ends(members.branch[member], scope, status, organisations, rng)
    moves = _dated(member, scope, status, source, target, rng)
    order = np.lexsort((moves.member, moves.applied))
    return Moves(**{f.name: getattr(moves, f.name)[order] for f in fields(moves)})


def _ends(
    branch: Ints, scope: Texts, status: Texts, organisations: Organisations, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Give both ends: a completed move has led to the present branch, an open one leads away from it."""
    other = _partners(branch, organisations, rng)
    arrived = (status == "completed") & (scope != "out_to_outside")
    source = np.where(arrived, other, branch)
    target = np.where(arrived, branch, other)
    source = np.where(scope == "in_from_outside", -1, source)
    target = np.where((scope == "in_from_outside") & ~arrived, branch, target)
    return source, np.where(scope == "out_to_outside", -1, target)


def _partners(branch: Ints, organisations: Organisations, rng: np.random.Generator) -> Ints:
    """Choose another branch for each: half in the same subdistrict, else anywhere, larger ones more often."""
    rows = organisations.branches
    weight = organisations.size[rows] * np.exp(lean(organisations.domain, MOBILE)[rows] * 0.5)
    weight = weight * (organisations.life[rows] == "held")
    partner = rng.choice(rows, len(branch), p=weight / weight.sum())
    near = rng.random(len(branch)) < 0.42
    for town in range(int(organisations.town.max()) + 1):
        own = np.flatnonzero(near & (organisations.town[branch] == town))
        inside = organisations.town[rows] == town
        partner[own] = rng.choice(rows[inside], len(own), p=weight[inside] / weight[inside].sum())
    same = np.flatnonzero(partner == branch)
    settled = rows[organisations.life[rows] == "held"]
    partner[same] = np.where(branch[same] == settled[0], settled[1], settled[0])
    return partner


def _dated(
    member: Ints, scope: Texts, status: Texts, source: Ints, target: Ints, rng: np.random.Generator
) -> Moves:
    """Add days, steps, reasons and outside places to the ends of the moves."""
    count = len(member)
    under_way = np.isin(status, ("pending", "draft"))
    month = rng.choice(12, count, p=SEASON / SEASON.sum())
    step = _step(scope, rng)
    applied, entered, decided = _days(month, step, under_way, rng)
    fresh = (status == "pending") & (step == 0) & (np.arange(count) % 2 == 0)
    fresh &= entered.astype("datetime64[D]") >= workdays_before(np.array([AS_OF]), np.array([FRESH]))
    applied = np.where(fresh, entered.astype("datetime64[D]"), applied)
    odds = np.array([weight for _, weight in OUTSIDE], dtype=np.float64)
    city = rng.choice(len(OUTSIDE), count, p=odds / odds.sum())
    graduate = np.isin(month, (4, 5, 6)) & (rng.random(count) < 0.5)
    reason = np.where(graduate, 1, rng.choice(7, count, p=(0.5, 0.04, 0.04, 0.12, 0.2, 0.04, 0.06)))
    # Of those at the first office every other one of the last days is not yet taken up.
    reached = np.where(fresh, 0, step + 1)
    final = [STEPS[s] if name == "pending" else name for s, name in zip(reached, status, strict=True)]
    return Moves(
        member=member,
        scope=scope,
        source=source,
        target=target,
        source_city=np.where(source < 0, city, -1),
        target_city=np.where(target < 0, city, -1),
        reason=reason.astype(np.int64),
        letter=(scope != "inside_branch_tree") & (rng.random(count) < 0.35),
        status=np.array(final, dtype=object),
        applied=applied,
        entered=entered,
        decided=decided,
        holder=_holders(status, step, source, target),
        month=np.where(status == "completed", month, -1),
    )


def _step(scope: Texts, rng: np.random.Generator) -> Ints:
    """Choose the step a pending move has reached; across the district's border only the own steps exist."""
    step = rng.choice(4, len(scope), p=(0.3, 0.25, 0.25, 0.2))
    step = np.where((scope == "in_from_outside") & (step < 2), step + 2, step)
    return np.where((scope == "out_to_outside") & (step > 1), step - 2, step)


def _days(
    month: Ints, step: Ints, under_way: Bools, rng: np.random.Generator
) -> tuple[Days, NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Give application, entry into the last step and decision; moves under way have no decision.

    A move takes six working days in the median. Those under way have waited two or three in their step.
    """
    count = len(month)
    decided = np.full(count, np.datetime64("NaT"), dtype="datetime64[s]")
    for number, name in enumerate(MONTHS):
        own = np.flatnonzero(month == number)
        decided[own] = rng.choice(workdays_of(name), len(own)).astype("datetime64[s]")
    hour = rng.integers(9 * 3600, 17 * 3600, count).astype("timedelta64[s]")
    took = np.clip(rng.lognormal(np.log(6), 0.6, count), 1, 18).astype(np.int64)
    applied = workdays_before(decided.astype("datetime64[D]"), took)
    waiting = np.minimum(rng.lognormal(np.log(2.6), 0.75, count), 40).astype(np.int64)
    today = np.full(count, AS_OF, dtype="datetime64[D]")
    reached = workdays_before(today, waiting).astype("datetime64[s]") + hour
    decided += hour
    entered = decided - rng.integers(3600, 200_000, count).astype("timedelta64[s]")
    entered = np.where(under_way, reached, entered).astype("datetime64[s]")
    started = workdays_before(today, waiting + 1 + step * 2)
    applied = np.where(under_way, started, np.minimum(applied, entered.astype("datetime64[D]")))
    decided = np.where(under_way, np.datetime64("NaT"), decided).astype("datetime64[s]")
    return applied.astype("datetime64[D]"), entered, decided


def _holders(status: Texts, step: Ints, source: Ints, target: Ints) -> Ints:
    """Give who holds the step of a pending move, or who decided the others; never someone outside."""
    with_sender = ((status == "pending") & (step < 2)) | (status == "draft")
    holder = np.where(with_sender, source, target)
    return np.where(holder < 0, np.maximum(source, target), holder)


def branch_in(members: Members, moves: Moves, month: int) -> Ints:
    """Give each member's branch at the end of MONTHS[month], −1 for those not in the district then."""
    branch = members.branch.copy()
    inside = (moves.month > month) & (moves.scope == "inside_branch_tree")
    branch[moves.member[inside]] = moves.source[inside]
    coming = (moves.month > month) & (moves.scope == "in_from_outside")
    branch[moves.member[coming]] = -1
    left = (moves.month >= 0) & (moves.month <= month) & (moves.scope == "out_to_outside")
    branch[moves.member[left]] = -1
    branch[members.joined > np.datetime64(MONTHS[month])] = -1
    return branch


def roll_of(members: Members, moves: Moves, month: int, organisations: Organisations) -> Roll:
    """Sort the members of a month by branch."""
    branch = branch_in(members, moves, month)
    member = np.flatnonzero(branch >= 0)
    member = member[np.argsort(branch[member], kind="stable")]
    start = np.searchsorted(branch[member], np.arange(len(organisations) + 1))
    return Roll(member, branch[member], start.astype(np.int64))
