"""Make the members of the demo: who they are, where they belong, whether they can come.

Totals are exact because each attribute is drawn by rank: everybody gets a score that leans with branch, age
and place, and the best-scoring n get the attribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.absences import Absences, lean, top
from loaders.demo.organisations import Organisations

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]

LEAN_OLD: Final = {
    "village": 0.42,
    "urban_community": 0.30,
    "soe": -0.35,
    "nonpublic": -0.95,
    "park": -1.15,
    "building": -1.15,
    "school": -0.5,
    "institution": -0.45,
    "organ": -0.4,
    "social_org": -0.4,
    "retired": 1.7,
    "floating": -0.4,
    "other": -0.4,
}
LEAN_WOMEN: Final = {"school": 1.25, "institution": 0.45, "village": -0.25, "other": -0.6, "soe": -0.2}
LEAN_COLLEGE: Final = {
    "organ": 1.6,
    "school": 2.2,
    "institution": 1.3,
    "soe": 0.3,
    "nonpublic": 0.2,
    "park": 0.9,
    "building": 0.9,
    "village": -0.7,
    "retired": 1.2,
}
TOWN_AGE: Final = np.array([-0.16, -0.18, 0.0, 0.0, 0.02, 0.04, 0.14, 0.16, 0.16, -0.04])
TOWN_COLLEGE: Final = np.array([0.5, 0.55, -0.1, 0.1, -0.1, -0.2, -0.4, -0.4, -0.45, 0.2])

EDUCATION: Final = ("postgrad", "bachelor", "college", "secondary", "junior")
OCCUPATIONS: Final = (
    "worker",
    "farmer",
    "professional",
    "manager",
    "civil_servant",
    "student",
    "retired",
    "other",
)
WORK: Final = {
    "organ": (0.05, 0, 0.08, 0.05, 0.82, 0, 0, 0),
    "school": (0.03, 0, 0.84, 0.08, 0, 0.05, 0, 0),
    "institution": (0.12, 0, 0.7, 0.15, 0.03, 0, 0, 0),
    "soe": (0.45, 0, 0.2, 0.3, 0, 0, 0, 0.05),
    "nonpublic": (0.4, 0, 0.27, 0.28, 0, 0, 0, 0.05),
    "park": (0.22, 0, 0.48, 0.28, 0, 0, 0, 0.02),
    "building": (0.22, 0, 0.45, 0.3, 0, 0, 0, 0.03),
    "social_org": (0.15, 0, 0.45, 0.25, 0, 0, 0, 0.15),
    "village": (0.2, 0.55, 0.04, 0.06, 0, 0.01, 0, 0.14),
    "urban_community": (0.28, 0.18, 0.1, 0.12, 0, 0.02, 0, 0.3),
}


@dataclass
class Members:
    """The members as columns, sorted by branch; people who have left stand at the end.

    `branch` is the organisation's row, `born` the day of birth, `joined` and `full` months ('M'; NaT: not
    yet), `city` a row of CITIES (−1: not away), `lost_reason` 0 (none) … 7, `unappraised` who took no part
    in the appraisal of 2018.
    """

    branch: Ints
    status: Texts
    woman: Bools
    born: Days
    education: Ints
    occupation: Ints
    joined: NDArray[np.datetime64]
    full: NDArray[np.datetime64]
    probation_end: Days
    contact: Texts
    lost_since: Days
    last_contact: Days
    found_on: Days
    lost_reason: Ints
    floating: Texts
    city: Ints
    availability: Texts
    exempt_activity: Bools
    exempt_study: Bools
    in_service: Bools
    reported: Bools
    unappraised: Bools

    def __len__(self) -> int:
        return len(self.branch)

    @property
    def age(self) -> Ints:
        """Give 2019 minus the year of birth."""
        return 2019 - (self.born.astype("datetime64[Y]").astype(np.int64) + 1970)

    @property
    def current(self) -> Bools:
        """Tell full and probationary members at the data date."""
        return np.isin(self.status, ("full", "probationary"))


def build_members(organisations: Organisations, scale: int, seed: int) -> Members:
    """Make every present member, 62,498 times `scale`."""
    rng = np.random.default_rng([seed, 20])
    rows = organisations.branches
    branch = np.repeat(rows, organisations.size[rows])
    count = len(branch)
    domain, town = organisations.domain, organisations.town
    age = _ages(organisations, branch, scale, rng)
    woman = top(
        lean(domain, LEAN_WOMEN)[branch] + _by_age(age, (0.95, 0.15, -0.3)) + rng.logistic(0, 1, count),
        totals.WOMEN * scale,
    )
    schooling = (
        lean(domain, LEAN_COLLEGE)[branch]
        + TOWN_COLLEGE[town][branch]
        + _by_age(age, (1.75, 0.3, -1.35))
        + rng.logistic(0, 1, count)
    )
    college = top(schooling, totals.COLLEGE * scale)
    born = _birthdays(age, rng)
    status, joined, full, probation_end = _admission(organisations, branch, age, born, scale, rng)
    occupation = _occupations(domain[branch], age, rng)
    away = Absences(organisations, branch, age, status, joined, scale, rng)
    in_service = (
        (occupation != 6)
        & (occupation != 1)
        & (age < 61)
        & ~np.isin(domain[branch], ("village", "urban_community", "retired", "floating"))
    )
    return Members(
        branch=branch,
        status=status,
        woman=woman,
        born=born,
        education=_education(college, schooling, age, rng),
        occupation=occupation,
        joined=joined,
        full=full,
        probation_end=probation_end,
        contact=away.contact,
        lost_since=away.lost_since,
        last_contact=away.last_contact,
        found_on=away.found_on,
        lost_reason=away.lost_reason,
        floating=away.floating,
        city=away.city,
        availability=away.availability,
        exempt_activity=(age >= 80) & (rng.random(count) < 0.75),
        exempt_study=(age >= 80) | (away.availability == "ill_long"),
        in_service=in_service,
        reported=in_service & (rng.random(count) < 0.78),
        unappraised=away.unappraised,
    )


def _by_age(age: Ints, parts: tuple[float, float, float]) -> Floats:
    """Give one of three leanings: up to 35, 36–60, older."""
    return np.select([age <= 35, age <= 60], [parts[0], parts[1]], parts[2])


def _ages(organisations: Organisations, branch: Ints, scale: int, rng: np.random.Generator) -> Ints:
    """Rank all by a latent age and hand out the bands from the young end."""
    domain, size = organisations.domain, organisations.size
    own = rng.normal(0, 0.25, len(organisations))
    homely = np.isin(domain, ("village", "urban_community"))
    own += lean(domain, LEAN_OLD) + np.where(homely, TOWN_AGE[organisations.town] + 0.012 * (size - 40), 0.0)
    latent = own[branch] + rng.normal(0, 1, len(branch)) * np.where(homely, 1.0, 0.8)[branch]
    ages = np.concatenate(
        [
            np.sort(np.round(np.linspace(low - 0.49, high + 0.49, number * scale)).astype(np.int64))
            for low, high, number in totals.AGE_BANDS
        ]
    )
    # The oldest thin out instead of being spread evenly.
    old = ages > 80
    ages[old] = 81 + np.sort((rng.beta(1.1, 3.0, int(old.sum())) * 15).astype(np.int64))
    result = np.zeros(len(branch), dtype=np.int64)
    result[np.argsort(latent, kind="stable")] = ages
    return result


def _birthdays(age: Ints, rng: np.random.Generator) -> Days:
    year = (2019 - age - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    days = (rng.random(len(age)) * 365).astype(np.int64).astype("timedelta64[D]")
    born: Days = (year + days).astype("datetime64[D]")
    return born


def _education(college: Bools, schooling: Floats, age: Ints, rng: np.random.Generator) -> Ints:
    count = len(age)
    upper = schooling + rng.normal(0, 1.5, count)
    high = np.where(upper > 6.2, 0, np.where(upper > 2.6, 1, 2))
    low = np.where((age <= 55) ^ (rng.random(count) < 0.25), 3, 4)
    return np.where(college, high, low).astype(np.int64)


def _occupations(domain: Texts, age: Ints, rng: np.random.Generator) -> Ints:
    """Draw occupations by domain; from 60 on most are retired, in villages many still farm."""
    result = np.full(len(age), 7, dtype=np.int64)
    for key in set(domain.tolist()):
        own = np.flatnonzero(domain == key)
        odds = np.array(WORK.get(key, (0.3, 0.1, 0.15, 0.15, 0, 0, 0, 0.3)), dtype=np.float64)
        result[own] = rng.choice(8, len(own), p=odds / odds.sum())
    result[(result == 5) & (age > 28)] = 2
    leaving = rng.random(len(age))
    retired = ((age >= 60) & (leaving < np.where(domain == "village", 0.35, 0.93))) | (
        (age >= 55) & (leaving < 0.25) & (domain != "village")
    )
    result[retired | (domain == "retired")] = 6
    result[(domain == "village") & (age >= 60) & (result != 6)] = 1
    return result


ADMISSIONS: Final = np.array([0.6, 0.6, 0.8, 1.9, 1.9, 0.7, 0.7, 0.7, 0.9, 2.0, 0.7, 0.5])
"""Admissions from March to February: peaks before 1 July and at the year's end."""


def _admission(
    organisations: Organisations, branch: Ints, age: Ints, born: Days, scale: int, rng: np.random.Generator
) -> tuple[Texts, NDArray[np.datetime64], NDArray[np.datetime64], Days]:
    """Give status, month of joining, month of becoming full, end of probation."""
    count = len(branch)
    young = -np.abs(age - 28) / 9.0 + 3.0 * (age <= 21)
    recent = top(young + rng.gumbel(0, 1, count), totals.PROBATIONARY * scale)
    # As many were admitted the year before; they become full within the months shown.
    before = top(young + rng.gumbel(0, 1, count), totals.PROBATIONARY * scale, ~recent)
    month = rng.choice(12, count, p=ADMISSIONS / ADMISSIONS.sum()).astype("timedelta64[M]")
    admitted_in = np.where(recent, np.datetime64("2018-03"), np.datetime64("2017-03")) + month
    overdue = recent & (rng.random(count) < 0.022)
    admitted_in[overdue] = np.datetime64("2017-10") + rng.integers(0, 4, int(overdue.sum())).astype(
        "timedelta64[M]"
    )
    at_age = 18.5 + 26 * rng.beta(1.6, 3.4, count)
    birth = born.astype("datetime64[M]")
    joined = birth + np.floor(at_age * 12).astype(np.int64).astype("timedelta64[M]")
    # Who is too young for the drawn age joined some time since the eighteenth birthday.
    since = np.maximum((np.datetime64("2017-02") - birth).astype(np.int64) - 217, 0)
    sooner = birth + (217 + rng.random(count) * since).astype(np.int64).astype("timedelta64[M]")
    joined = np.where(joined > np.datetime64("2017-02"), sooner, joined)
    joined = np.where(recent | before, np.maximum(admitted_in, birth + np.timedelta64(217, "M")), joined)
    joined = np.minimum(joined, np.where(recent, np.datetime64("2019-02"), np.datetime64("2018-02")))
    joined = joined.astype("datetime64[M]")
    year = np.timedelta64(12, "M")
    full = np.where(recent, np.datetime64("NaT"), joined + year).astype("datetime64[M]")
    admitted = joined.astype("datetime64[D]") + rng.integers(0, 27, count).astype("timedelta64[D]")
    end = (joined + year).astype("datetime64[D]") + (admitted - joined.astype("datetime64[D]"))
    end = np.where(recent, end, np.datetime64("NaT")).astype("datetime64[D]")
    status = np.where(recent, "probationary", "full").astype(object)
    # Those admitted in early 2018 without being full yet are within their first year or overdue by rule.
    full = np.where(np.isnat(full) | (full <= np.datetime64("2019-02")), full, np.datetime64("2019-02"))
    return status, joined, full.astype("datetime64[M]"), end
