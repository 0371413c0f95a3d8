"""A8 作用发挥: stars, voluntary work and points, weighted 40, 30, 30."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import NO_DATA, Quarter, Sums
from indicators.warnings.columns import Floats, Ints
from stores.settings import Radar

KEY = "A8"
ORDER = 8
MEMBERS = True
TABLES = ("star_rating", "volunteer_year", "points_branch")
LOW_BAND = "<60"
WEIGHTS = (40, 30, 30)
MOST_STARS = 5


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation stars and rated, volunteers and members, members with 60 points and scored."""
    c, count = q.facts.columns, q.facts.count
    year = q.month // 12
    stars = _latest(q, "star_rating", "org_id", year)
    given, org = c.ints("star_rating", "stars", -1), c.orgs("star_rating", "org_id")
    rated = stars & (given > 0)
    helped = _latest(q, "volunteer_year", "branch_id", year)
    who, heads = c.orgs("volunteer_year", "branch_id"), c.ints("volunteer_year", "volunteers")
    points = _latest(q, "points_branch", "branch_id", year)
    branch, n = c.orgs("points_branch", "branch_id"), c.ints("points_branch", "n")
    high = points & ~c.equal("points_branch", "band", LOW_BAND)
    told = np.zeros(count, dtype=np.bool_)
    told[who[helped]] = True

    def summed(rows: Ints, weights: Ints) -> Floats:
        return np.bincount(rows, weights=weights, minlength=count).astype(np.float64)

    return {
        "stars": summed(org[rated], given[rated]),
        "rated": summed(org[rated], np.ones(int(rated.sum()), dtype=np.int64)),
        "volunteers": summed(who[helped], heads[helped]),
        "members": np.where(told, q.members, 0).astype(np.float64),
        "num": summed(branch[high], n[high]),
        "den": summed(branch[points], n[points]),
    }


def _latest(q: Quarter, table: str, name: str, year: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Tell which rows are of the latest year up to a year."""
    c = q.facts.columns
    years = c.ints(table, "year")
    known = (years <= year) & (c.orgs(table, name) >= 0)
    newest = int(years[known].max()) if known.any() else -1
    flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = known & (years == newest)
    return flags


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the weighted sum; a gap where stars or voluntary work are not known."""
    if not sums["rated"] or not sums["members"] or not sums["den"]:
        return None, NO_DATA
    parts = (
        sums["stars"] / sums["rated"] / MOST_STARS,
        min(1.0, sums["volunteers"] / (settings.volunteer_share * sums["members"])),
        sums["num"] / sums["den"],
    )
    return sum(weight * part for weight, part in zip(WEIGHTS, parts, strict=True)), ""
