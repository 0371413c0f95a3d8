"""Decide who is lost or found, floating, ill or abroad, and who missed the appraisal for it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.organisations import Organisations
from loaders.demo.workdays import AS_OF

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

SILENT: Final = 0.04
"""Share of members of whom nothing was heard for half a year; it matters for those who are away."""
LOST_ODDS: Final = (0.45, 0.12, 0.16, 0.1, 0.05, 0.08, 0.04)


CITIES: Final = (
    ("江苏省苏州市", 16),
    ("江苏省无锡市", 11),
    ("上海市", 15),
    ("安徽省合肥市", 8),
    ("安徽省马鞍山市", 7),
    ("江苏省镇江市", 8),
    ("江苏省常州市", 7),
    ("浙江省杭州市", 7),
    ("广东省深圳市", 6),
    ("北京市", 6),
    ("江苏省扬州市", 5),
    ("安徽省滁州市", 4),
)


def top(score: Floats, count: int, among: Bools | None = None) -> Bools:
    """Choose the `count` highest scores, only `among` those where that is true."""
    chosen = np.zeros(len(score), dtype=np.bool_)
    if count <= 0:
        return chosen
    if among is not None:
        if int(among.sum()) < count:
            raise ValueError(f"only {int(among.sum())} can be chosen from, not {count}")
        score = np.where(among, score, -np.inf)
    chosen[np.argpartition(-score, count - 1)[:count]] = True
    return chosen


def spread(score: Floats, count: int, among: Bools, group: Ints, most: int) -> Bools:
    """Choose the `count` highest scores `among` those allowed, but no more than `most` of a group."""
    chosen = np.zeros(len(score), dtype=np.bool_)
    taken: dict[int, int] = {}
    for row in np.argsort(-np.where(among, score, -np.inf), kind="stable").tolist():
        if count == 0 or not among[row]:
            break
        if taken.get(int(group[row]), 0) < most:
            taken[int(group[row])] = taken.get(int(group[row]), 0) + 1
            chosen[row] = True
            count -= 1
    if count:
        raise ValueError(f"{count} more cannot be chosen")
    return chosen


def lean(domain: Texts, table: dict[str, float]) -> Floats:
    """Look each domain up, 0 where it is not listed."""
    return np.array([table.get(d, 0.0) for d in domain], dtype=np.float64)


class Absences:
    """Decide who is lost, found, floating, ill, abroad, and who missed the appraisal for it."""

    def __init__(
        self,
        organisations: Organisations,
        branch: Ints,
        age: Ints,
        status: Texts,
        joined: NDArray[np.datetime64],
        scale: int,
        rng: np.random.Generator,
    ) -> None:
        count = len(branch)
        domain = organisations.domain[branch]
        lax = np.log(organisations.laxity[branch])
        care = organisations.bearing["care"][branch]
        free = (status == "full") & (joined < np.datetime64("2017-01"))
        mobile = -np.abs(age - 36) / 12.0
        noise = rng.gumbel(0, 1, (6, count))

        # Lost members cluster in few branches: firms that closed, villages with many away.
        lost_lean = lax - 0.5 * care + mobile
        lost_lean += lean(domain, {"nonpublic": 0.8, "floating": 1.0, "organ": -3.0, "school": -2.0})
        lost_any = top(lost_lean + noise[0], totals.LOST * scale, free)
        still = spread(lax + noise[1], (totals.LOST - totals.FOUND) * scale, lost_any, branch, 2)
        self.contact = np.where(still, "lost", np.where(lost_any, "found", "normal")).astype(object)
        self._lost_days(lost_any, still, SILENT * np.exp(-0.7 * care), rng)
        self.lost_reason = np.where(lost_any, 1 + rng.choice(7, count, p=LOST_ODDS), 0).astype(np.int64)
        free = (status == "full") & ~lost_any

        away_lean = lean(
            domain, {"village": 0.9, "urban_community": 0.3, "floating": 1.5, "organ": -3, "school": -3}
        )
        out = top(away_lean + 1.4 * mobile + noise[2], totals.FLOATING_OUT * scale, free)
        coming = {
            "nonpublic": 2.0,
            "park": 2.4,
            "building": 2.4,
            "floating": 2.0,
            "organ": -3,
            "village": -1.0,
        }
        into = top(lean(domain, coming) + mobile + noise[3], totals.FLOATING_IN * scale, free & ~out)
        self.floating = np.where(out, "out", np.where(into, "in", "no")).astype(object)
        odds = np.array([weight for _, weight in CITIES], dtype=np.float64)
        self.city = np.where(out | into, rng.choice(len(CITIES), count, p=odds / odds.sum()), -1).astype(
            np.int64
        )

        free &= ~out & ~into
        abroad = top(mobile + noise[4], totals.ABROAD * scale, free & (age < 60))
        unwell = top(0.09 * age + noise[5], totals.ILL_OR_AGED * scale, free & ~abroad)
        old = unwell & (age >= 72) & (rng.random(count) < 0.8)
        self.availability = np.where(
            abroad, "abroad", np.where(old, "aged", np.where(unwell, "ill_long", "available"))
        ).astype(object)
        on_leave = top(rng.random(count), 320 * scale, free & ~abroad & ~unwell & (age < 60))
        self.availability[on_leave] = "leave"

        rest = ~(still | out | abroad | unwell)
        moving = top(
            mobile + 2.0 * (joined >= np.datetime64("2018-11")) + noise[0],
            totals.UNAPPRAISED_MOVING * scale,
            rest,
        )
        absent = top(lax + noise[1], totals.UNAPPRAISED_ABSENT * scale, rest & ~moving)
        gone = top(noise[2] + mobile, totals.UNAPPRAISED_OUT * scale, out)
        self.unappraised = still | gone | abroad | unwell | moving | absent

    def _lost_days(self, lost_any: Bools, still: Bools, silent: Floats, rng: np.random.Generator) -> None:
        """Draw the days: lost since 2015–2018, found over 2017–18, most of them in the first months.

        Who is still lost has been so for less than a year: older cases were settled.
        """
        count = len(lost_any)
        none = np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")
        found = np.datetime64("2017-02-15") + (620 * rng.beta(2.0, 3.4, count)).astype(np.int64).astype(
            "timedelta64[D]"
        )
        before = (200 + 900 * rng.beta(1.2, 2.5, count)).astype(np.int64).astype("timedelta64[D]")
        late = np.datetime64("2018-06-25") - (110 * rng.beta(1.0, 1.6, count)).astype(np.int64).astype(
            "timedelta64[D]"
        )
        since = np.where(still, late, found - before)
        self.lost_since = np.where(lost_any, since, none).astype("datetime64[D]")
        self.found_on = np.where(lost_any & ~still, found, none).astype("datetime64[D]")
        quiet = rng.random(count) < silent
        days = np.where(quiet, rng.integers(185, 330, count), rng.integers(0, 40, count))
        recent = AS_OF - days.astype("timedelta64[D]")
        self.last_contact = np.where(still, since, recent).astype("datetime64[D]")
