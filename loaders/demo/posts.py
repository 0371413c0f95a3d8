"""Fill the posts: secretaries, committee members, group leaders, and those who hold a higher post as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.members import Members
from loaders.demo.organisations import Organisations
from loaders.demo.workdays import AS_OF

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]

THREE: Final = ("secretary", "organisation_member", "publicity_member")
FIVE: Final = (
    "secretary",
    "deputy_secretary",
    "organisation_member",
    "publicity_member",
    "discipline_member",
)


@dataclass
class Posts:
    """Posts as columns; `until` is NaT while held, `board` tells those that sit in a branch's committee."""

    organisation: Ints
    member: Ints
    role: Texts
    since: Days
    until: Days
    concurrent: Bools
    board: Bools

    def __len__(self) -> int:
        return len(self.organisation)


def build_posts(members: Members, organisations: Organisations, scale: int, seed: int) -> Posts:
    """Give each branch its secretary and committee by size, higher organisations a secretary from below."""
    rng = np.random.default_rng([seed, 40])
    row, rank = _ranked(members, rng)
    branch = members.branch[row]
    full = np.bincount(members.branch[(members.status == "full")], minlength=len(organisations))[branch]
    seats = np.where(full >= 20, 5, np.where(full >= 7, 3, np.where(full >= 5, 2, 1)))
    leaders = organisations.groups[branch]
    role = np.full(len(row), "", dtype=object)
    for number in range(5):
        role[(rank == number) & (seats == 5)] = FIVE[number]
        if number < 3:
            role[(rank == number) & (seats == 3)] = THREE[number]
    role[(rank == 0) & (seats < 3)] = "secretary"
    role[(rank == 1) & (seats == 2)] = "deputy_secretary"
    role[(rank >= seats) & (rank < seats + leaders)] = "group_leader"
    lax = organisations.laxity * np.exp(rng.normal(0, 0.5, len(organisations)))
    lax[: organisations.first_branch] = 0
    vacant = np.argsort(-lax, kind="stable")[: totals.VACANT_SECRETARIES * scale]
    role[np.isin(branch, vacant) & (role == "secretary")] = ""
    held = role != ""
    own = _own_posts(row[held], branch[held], role[held], organisations, rng)
    return _with_upper(own, organisations, vacant, rng)


def _ranked(members: Members, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Order the able full members of each branch; give their rows and rank inside the branch."""
    able = (members.status == "full") & (members.contact == "normal") & (members.floating != "out")
    row = np.flatnonzero(able & np.isin(members.availability, ("available", "leave")))
    # Boards are rather in the middle of life and better schooled than their branch.
    key = rng.random(len(row)) + np.abs(members.age[row] - 46) / 60.0 + 0.12 * members.education[row]
    row = row[np.lexsort((key, members.branch[row]))]
    branch = members.branch[row]
    first = np.searchsorted(branch, branch)
    return row, np.arange(len(row)) - first


def _own_posts(
    row: Ints, branch: Ints, role: Texts, organisations: Organisations, rng: np.random.Generator
) -> Posts:
    since = organisations.elected[branch].copy()
    # Some took over between elections.
    later = rng.random(len(row)) < 0.12
    gap = (AS_OF - since).astype(np.int64)
    since[later] += (gap[later] * rng.random(int(later.sum()))).astype(np.int64).astype("timedelta64[D]")
    return Posts(
        organisation=branch,
        member=row,
        role=role,
        since=since,
        until=np.full(len(row), np.datetime64("NaT"), dtype="datetime64[D]"),
        concurrent=np.zeros(len(row), dtype=np.bool_),
        board=role != "group_leader",
    )


def _with_upper(own: Posts, organisations: Organisations, vacant: Ints, rng: np.random.Generator) -> Posts:
    """Add secretaries of higher organisations (from a branch below) and the posts vacated of late."""
    secretary = np.full(len(organisations), -1, dtype=np.int64)
    lead = own.role == "secretary"
    secretary[own.organisation[lead]] = own.member[lead]
    below = secretary.copy()
    for row in range(len(organisations) - 1, -1, -1):
        parent = organisations.parent[row]
        if parent >= 0 and below[row] >= 0:
            below[parent] = below[row]
    upper = np.flatnonzero(below[: organisations.first_branch] >= 0)
    left = rng.choice(np.flatnonzero(lead), len(vacant), replace=False)
    gone = AS_OF - rng.integers(5, 88, len(vacant)).astype("timedelta64[D]")
    none = np.full(len(upper), np.datetime64("NaT"), dtype="datetime64[D]")
    return Posts(
        organisation=np.concatenate([own.organisation, upper, vacant]),
        member=np.concatenate([own.member, below[upper], own.member[left]]),
        role=np.concatenate([own.role, np.full(len(upper) + len(vacant), "secretary", dtype=object)]),
        since=np.concatenate(
            [own.since, organisations.elected[upper], np.minimum(organisations.elected[vacant], gone - 30)]
        ),
        until=np.concatenate([own.until, none, gone]).astype("datetime64[D]"),
        concurrent=np.concatenate([own.concurrent, np.ones(len(upper), bool), np.zeros(len(vacant), bool)]),
        board=np.concatenate([own.board, np.zeros(len(upper) + len(vacant), bool)]),
    )


def board_of(posts: Posts, organisations: Organisations) -> tuple[Ints, Ints]:
    """Give the members of all branch committees sorted by branch, and where each branch begins."""
    sitting = np.flatnonzero(posts.board)
    sitting = sitting[np.argsort(posts.organisation[sitting], kind="stable")]
    start = np.searchsorted(posts.organisation[sitting], np.arange(len(organisations) + 1))
    return posts.member[sitting], start.astype(np.int64)
