"""Build the demo district in memory and hold it against the promised figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.geography import Geography
from loaders.demo.members import Members, build_members
from loaders.demo.moves import Moves, build_moves, with_leavers
from loaders.demo.organisations import Organisations, build_organisations
from loaders.demo.posts import Posts, build_posts
from loaders.demo.steps import with_late
from loaders.demo.venues import Positions, build_positions


@dataclass
class District:
    """Everything built before the monthly books are written."""

    geography: Geography
    organisations: Organisations
    members: Members
    moves: Moves
    posts: Posts
    positions: Positions
    code: Any
    late: NDArray[np.bool_]


def build_district(geography: Geography, scale: int, seed: int) -> District:
    """Build organisations, members, moves, posts and positions."""
    organisations = build_organisations(geography, scale, seed)
    members = with_leavers(build_members(organisations, scale, seed), scale, seed, organisations)
    moves = build_moves(members, organisations, scale, seed)
    late = with_late(moves, organisations, scale, seed)
    posts = build_posts(members, organisations, scale, seed)
    positions = build_positions(geography, organisations, scale, seed)
    code = pa.array([f"DY{number:07d}" for number in range(1, len(members) + 1)])
    return District(geography, organisations, members, moves, posts, positions, code, late)


def check_totals(district: District, scale: int) -> None:
    """Compare what was built with the promised figures. Raises ValueError naming the first that differs."""
    o, m, v = district.organisations, district.members, district.moves
    here = m.current
    found = {
        "members": (int(here.sum()), totals.MEMBERS),
        "organisations": (len(o), totals.ORGANISATIONS),
        "committees": (int(np.isin(o.kind, ("committee", "work_committee")).sum()), totals.COMMITTEES),
        "general branches": (int((o.kind == "general_branch").sum()), totals.GENERAL_BRANCHES),
        "branches": (len(o.branches), totals.BRANCHES),
        "life meetings": (int((o.life == "held").sum()), totals.LIFE_MEETINGS),
        "appraised": (int((here & ~m.unappraised).sum()), totals.APPRAISED),
        "women": (int((here & m.woman).sum()), totals.WOMEN),
        "college and above": (int((here & (m.education <= 2)).sum()), totals.COLLEGE),
        "lost": (int((m.contact != "normal").sum()), totals.LOST),
        "found": (int((m.contact == "found").sum()), totals.FOUND),
        "probationary": (int((m.status == "probationary").sum()), totals.PROBATIONARY),
        "floating out": (int((m.floating == "out").sum()), totals.FLOATING_OUT),
        "floating in": (int((m.floating == "in").sum()), totals.FLOATING_IN),
        "transfers": (int((v.status == "completed").sum()), sum(totals.TRANSFERS.values())),
        "two-micro": (
            int(np.isin(district.positions.kind, ("micro_a", "micro_b")).sum()),
            totals.POSITIONS["micro_a"] + totals.POSITIONS["micro_b"],
        ),
    }
    for low, high, count in totals.AGE_BANDS:
        found[f"aged {low}–{high}"] = (int((here & (m.age >= low) & (m.age <= high)).sum()), count)
    for what, (built, promised) in found.items():
        if built != promised * scale:
            raise ValueError(f"demo data: {what} are {built}, not {promised * scale}")
