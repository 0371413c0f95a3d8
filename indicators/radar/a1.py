"""A1 组织健全: organisations with a secretary, a running term, the right size and a committee."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import Quarter, Sums, plain, ratio
from indicators.warnings.columns import Flags, Floats
from indicators.warnings.w11 import terms
from indicators.warnings.w12 import vacancies
from stores.settings import Radar

KEY = "A1"
ORDER = 1
MEMBERS = False
TABLES = ("organisation", "post", "election", "member")
LEAST_FULL, MOST, COMMITTEE_FROM, SEATS, EXTENSION = 3, 50, 7, 3, 365


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation whether it passes all that applies to it, and whether it is there."""
    return plain(q.there & sound(q), q.there)


def sound(q: Quarter) -> Flags:
    """Tell which organisations pass all that applies to them."""
    f, day = q.facts, q.end - 1
    vacant = np.zeros(f.count, dtype=np.bool_)
    empty, begin, end = vacancies(f)
    vacant[empty[(begin <= day) & (end > day)]] = True
    org, _, until, following = terms(f, EXTENSION)
    expired = np.zeros(f.count, dtype=np.bool_)
    now = following > day
    expired[org[now & (until < day)]] = True
    full = f.full_members([q.month])[:, 0]
    sized = (full >= LEAST_FULL) & (q.members <= MOST) | ~f.is_branch | f.is_temporary
    p = f.posts
    known = np.zeros(f.count, dtype=np.bool_)
    known[p["org"][(p["committee"] == 1) & (p["begin"] <= day)]] = True
    # Who sat before the first post on record is not known.
    board = (full < COMMITTEE_FROM) | (f.committee_size(day) >= SEATS) | ~known
    board |= ~f.is_branch | f.is_temporary
    passes: Flags = ~vacant & ~expired & sized & board
    return passes


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share of organisations that pass; a gap where there is none."""
    return ratio(sums["num"], sums["den"], 1)
