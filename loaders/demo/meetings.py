"""Hold the meetings of a month: which branch meets when, who is due, who comes, when each signs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.absences import lean
from loaders.demo.members import Members
from loaders.demo.moves import Roll
from loaders.demo.organisations import Organisations
from loaders.demo.wording import TITLES
from loaders.demo.workdays import MONTHS, unified_day, workdays_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]

# How likely each quarterly duty falls into which month of its quarter, by MONTHS (March ends a quarter).
MEETING_MONTHS: Final = (0.45, 0.3, 0.25, 0.45, 0.3, 0.3, 0.4, 0.25, 0.3, 0.45, 0.4, 0.35)
LECTURE_MONTHS: Final = (0.35, 0.2, 0.2, 0.6, 0.55, 0.2, 0.25, 0.25, 0.3, 0.4, 0.35, 0.3)
LIFE_MONTHS: Final = {9: 0.34, 10: 0.44, 11: 0.22}
HEART_MONTHS: Final = (0.06, 0.06, 0.06, 0.08, 0.06, 0.05, 0.06, 0.06, 0.08, 0.16, 0.2, 0.08)
PARTY_DAY: Final = np.datetime64("2018-07-01")

WEAK_RATE: Final = 0.62
"""Sign-in rate below which a branch's attendance comes and goes."""
LEAST_RATE: Final = 0.5
WEAK_EFFORTS: Final = (0.28, -0.07, -0.07)
LEAST_EFFORTS: Final = (0.18, -0.1, -0.1)
"""What that adds to the rate in three months running."""
LIMITS: Final = (0.42, 0.97)

PAPER: Final = {
    "member_meeting": 0.55,
    "lecture": 0.6,
    "group_meeting": 0.75,
    "committee_meeting": 0.6,
    "appraisal": 1.0,
}
"""Share of meetings whose attendance is taken on paper: the ledger has counts, the readers have nothing."""

FARMING: Final = ("2018-06-01", "2018-06-14", "2018-10-15", "2018-10-28")
"""First and last days of the wheat and rice harvests, when villages do not meet."""


@dataclass
class Activities:
    """One month's activities as columns; `due`, `came` and `on_leave` are −1 where nobody is counted."""

    organisation: Ints
    institution: Texts
    start: NDArray[np.datetime64]
    minutes: Ints
    title: Texts
    public: Bools
    place: Texts
    lecturer: Texts
    paper: Bools
    year: Ints
    group: Ints
    due: Ints
    came: Ints
    on_leave: Ints

    def __len__(self) -> int:
        return len(self.organisation)


@dataclass
class SignIns:
    """Sign-ins as columns; `activity` is a row of the month's activities."""

    activity: Ints
    member: Ints
    at: NDArray[np.datetime64]
    channel: Ints


@dataclass(frozen=True)
class Habits:
    """What does not change from month to month: rates of branches and members, hours, favourite days."""

    rate: Floats
    keen: Floats
    evening: Bools
    unified: Bools
    life_month: Ints
    due: Bools
    slots: Ints
    meeting_month: Ints
    lecture_month: Ints

    @classmethod
    def draw(cls, members: Members, organisations: Organisations, seed: int) -> Habits:
        """Draw the habits of all branches and members."""
        rng = np.random.default_rng([seed, 50])
        count = len(organisations)
        homely = np.isin(organisations.domain, ("village", "urban_community"))
        size = np.where(homely, -0.004 * (organisations.size - 40), 0.0)
        rate = lean(organisations.domain, totals.SIGN_IN) + size + rng.normal(0, 0.05, count)
        rate -= 0.055 * np.maximum(organisations.laxity - 1.2, 0)
        rate += 0.033 * organisations.bearing["attendance"]
        for domain, aim in totals.SIGN_IN.items():
            own = np.flatnonzero(organisations.domain == domain)
            own = own[own >= organisations.first_branch]
            weights = organisations.size[own]
            for _ in range(4 if len(own) else 0):  # who is weak, and so makes an effort, follows the rate
                rate[own] += aim - np.average(_usual(rate[own]), weights=weights)
        gone = np.isin(members.availability, ("ill_long", "aged", "abroad")) | (members.floating == "out")
        life = rng.choice(list(LIFE_MONTHS), count, p=list(LIFE_MONTHS.values()))
        return cls(
            rate=np.clip(rate, *LIMITS),
            keen=rng.normal(0, 0.09, len(members)),
            evening=rng.random(count)
            < np.where(np.isin(organisations.domain, ("nonpublic", "park", "building")), 0.35, 0.08),
            unified=rng.random(count) < 0.57,
            life_month=np.where(organisations.life == "held", life, -1).astype(np.int64),
            due=~gone & (members.contact != "lost") & ~members.exempt_activity,
            slots=rng.integers(0, 2, count),
            meeting_month=_quarter_months(MEETING_MONTHS, count, rng),
            lecture_month=_quarter_months(LECTURE_MONTHS, count, rng),
        )


def _quarter_months(weights: tuple[float, ...], count: int, rng: np.random.Generator) -> Ints:
    """Draw for each branch and quarter the month of its quarterly duty: branch × 5 quarters, rows of MONTHS.

    The first quarter ends with the first month, the last one is not over: its duty may fall after the end.
    """
    made = np.full((count, 5), -1, dtype=np.int64)
    for quarter, first in enumerate(range(1, 11, 3), 1):
        odds = np.array([weights[month] if month < 12 else weights[0] for month in range(first, first + 3)])
        made[:, quarter] = first + rng.choice(3, count, p=odds / odds.sum())
    made[:, 0] = np.where(rng.random(count) < weights[0], 0, -1)
    return made


def hold_month(
    month: int, organisations: Organisations, habits: Habits, board_start: Ints, rng: np.random.Generator
) -> Activities:
    """Choose what each branch holds in MONTHS[month], in order of time."""
    first = np.datetime64(f"{MONTHS[month]}-01")
    rows = organisations.branches
    rows = rows[(organisations.founded[rows] <= first) & (organisations.life[rows] != "paused")]
    quarter = (month + 2) // 3
    duty = np.exp(-0.8 * organisations.bearing["duty"][rows])
    miss = np.minimum(0.011 * organisations.laxity[rows] * duty / duty.mean() + 0.005, 0.3)
    met = rng.random((6, len(rows))) > miss * np.array([[1.5], [1.2], [0.9], [1.0], [1.6], [1.0]])
    boards = np.diff(board_start)[rows] >= 2
    chosen = {
        "theme_day": rows[met[0]],
        "committee_meeting": rows[met[1] & boards & (rng.random(len(rows)) < 0.985)],
        "member_meeting": rows[met[2] & (habits.meeting_month[rows, quarter] == month)],
        "lecture": rows[met[3] & (habits.lecture_month[rows, quarter] == month)],
        "heart_talk": rows[met[4] & (rng.random(len(rows)) < HEART_MONTHS[month])],
        "org_life_meeting": rows[habits.life_month[rows] == month],
        "appraisal": rows[habits.life_month[rows] == month],
    }
    groups = rows[(organisations.groups[rows] > 0) & met[5]]
    many = organisations.groups[groups]
    chosen["group_meeting"] = np.repeat(groups, many)
    kind = np.concatenate([np.full(len(v), k, dtype=object) for k, v in chosen.items()])
    where = np.concatenate(list(chosen.values()))
    group = np.full(len(kind), -1, dtype=np.int64)
    group[kind == "group_meeting"] = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    start = _starts(month, kind, where, organisations, habits, rng)
    order = np.lexsort((group, where, start))
    return _described(kind[order], where[order], group[order], start[order], organisations, rng)


def _starts(
    month: int,
    kind: Texts,
    where: Ints,
    organisations: Organisations,
    habits: Habits,
    rng: np.random.Generator,
) -> NDArray[np.datetime64]:
    """Give the start of each: theme days round the unified day, the rest towards the month's end."""
    days = workdays_of(MONTHS[month])
    count = len(kind)
    late = np.linspace(0.7, 1.6, len(days))
    late[-3:] *= 1.5
    day = rng.choice(days, count, p=late / late.sum())
    theme = np.isin(kind, ("theme_day",))
    unified = unified_day(MONTHS[month])
    around = days[np.abs((days - unified).astype(np.int64)) <= 3]
    near = rng.choice(around, count)
    draw = rng.random(count)
    on_day = habits.unified[where] & (draw < 0.95)
    day = np.where(theme & (draw < 0.86), near, day)
    day = np.where(theme & on_day, unified, day)
    day = _round_july(month, kind, day, rng)
    busy = (organisations.domain[where] == "village") & ~theme
    for begin, end in (FARMING[:2], FARMING[2:]):
        clash = busy & (day >= np.datetime64(begin)) & (day <= np.datetime64(end))
        free = days[(days < np.datetime64(begin)) | (days > np.datetime64(end))]
        if clash.any():
            day[clash] = rng.choice(free, int(clash.sum()))
    start: NDArray[np.datetime64] = day.astype("datetime64[s]") + _hours(kind, where, habits, rng).astype(
        "timedelta64[m]"
    )
    return start


def _round_july(month: int, kind: Texts, day: Days, rng: np.random.Generator) -> Days:
    """Draw lectures and some theme days to the eve of the Party's birthday and to that day, a Sunday."""
    draw = rng.random(len(kind))
    if month == 3:
        eve = rng.choice(np.arange("2018-06-26", "2018-06-30", dtype="datetime64[D]"), len(kind))
        return np.where((kind == "lecture") & (draw < 0.75), eve, day)
    if month == 4:
        early = (kind == "lecture") & (draw < 0.55)
        return np.where(early | ((kind == "theme_day") & (draw < 0.4)), PARTY_DAY, day)
    return day


def _hours(kind: Texts, where: Ints, habits: Habits, rng: np.random.Generator) -> Ints:
    """Give minutes of the day: two humps, from 9 and from 14 on; some firms and villages meet after work."""
    count = len(kind)
    afternoon = np.where(rng.random(count) < 0.85, habits.slots[where] == 1, rng.random(count) < 0.5)
    begin = np.where(afternoon, 14 * 60, 9 * 60) + rng.choice(
        (0, 15, 30, 60), count, p=(0.45, 0.1, 0.35, 0.1)
    )
    evening = habits.evening[where] & (rng.random(count) < 0.7)
    return np.where(evening, 18 * 60 + rng.choice((0, 30, 60), count, p=(0.2, 0.5, 0.3)), begin).astype(
        np.int64
    )


def _described(
    kind: Texts,
    where: Ints,
    group: Ints,
    start: NDArray[np.datetime64],
    organisations: Organisations,
    rng: np.random.Generator,
) -> Activities:
    count = len(kind)
    pick = rng.random((4, count))
    title = np.array(
        [TITLES[k][int(p * len(TITLES[k]))] for k, p in zip(kind, pick[0], strict=True)], dtype=object
    )
    paper = pick[1] < lean(kind, {**PAPER, "heart_talk": 1.0})
    yearly = np.isin(kind, ("org_life_meeting", "appraisal"))
    homely = np.isin(organisations.domain[where], ("village", "urban_community"))
    place = np.where(
        pick[2] < np.where(homely, 0.35, 0.08), "position", np.where(pick[2] > 0.95, "outdoor", "own")
    )
    none = np.full(count, -1, dtype=np.int64)
    return Activities(
        organisation=where,
        institution=kind,
        start=start,
        minutes=rng.choice((60, 90, 120), count, p=(0.35, 0.45, 0.2)).astype(np.int64),
        title=title,
        public=(kind == "theme_day") | (kind == "lecture"),
        place=place.astype(object),
        lecturer=np.where(kind != "lecture", "", np.where(pick[3] < 0.7, "secretary", "member")).astype(
            object
        ),
        paper=paper,
        year=np.where(yearly, 2018, start.astype("datetime64[Y]").astype(np.int64) + 1970),
        group=group,
        due=none.copy(),
        came=none.copy(),
        on_leave=none.copy(),
    )


def sign_in(
    activities: Activities,
    roll: Roll,
    board: tuple[Ints, Ints],
    organisations: Organisations,
    habits: Habits,
    rng: np.random.Generator,
    part: slice,
) -> SignIns:
    """Decide who is due and who comes to a `part` of the activities.

    Writes the counts of that part into `activities` and gives the readers' sign-ins in order of time.
    """
    rows = np.arange(len(activities))[part]
    activity, member = _invited(activities, rows, roll, board, organisations, habits)
    # Leave is asked for by about one in forty; it takes a person out of those due.
    leave = rng.random(len(activity)) < 0.026
    chance = habits.rate[activities.organisation[activity]] + habits.keen[member]
    kind = activities.institution[activity]
    chance = chance + lean_of(
        kind, {"committee_meeting": 0.12, "group_meeting": -0.03, "org_life_meeting": 0.07}
    )
    mood = rng.normal(0, 0.035, len(rows)) + _efforts(activities, rows, habits)
    place = activity - part.start
    came = ~leave & (rng.random(len(activity)) < np.clip(chance + mood[place], 0.02, 0.995))
    counted = activities.institution[part] != "heart_talk"
    for column, chosen in ((activities.due, ~leave), (activities.came, came), (activities.on_leave, leave)):
        column[part] = np.where(counted, np.bincount(place[chosen], minlength=len(rows)), -1)
    read = came & ~activities.paper[activity]
    return _stamped(activity[read], member[read], activities, rng)


def _usual(rate: Floats) -> Floats:
    """Give the rate that comes out over the months: limited, and with the efforts of those who are weak."""
    effort = np.where(rate < LEAST_RATE, sum(LEAST_EFFORTS), sum(WEAK_EFFORTS)) / 3
    usual: Floats = np.clip(rate, *LIMITS) + np.where(rate < WEAK_RATE, effort, 0.0)
    return usual


def _efforts(activities: Activities, rows: Ints, habits: Habits) -> Floats:
    """Say how far weak branches pull themselves together every third month, and let go in the others."""
    month = activities.start[rows].astype("datetime64[M]").astype(np.int64)
    own = activities.organisation[rows]
    weak = habits.rate[own] < WEAK_RATE
    turn = (month + own) % 3
    least = habits.rate[own] < LEAST_RATE
    effort = np.where(least, np.array(LEAST_EFFORTS)[turn], np.array(WEAK_EFFORTS)[turn])
    made: Floats = np.where(weak, effort, 0.0)
    return made


def lean_of(kind: Texts, table: dict[str, float]) -> Floats:
    """Add up a table over many rows without a Python step for each."""
    result = np.zeros(len(kind))
    for key, value in table.items():
        result[kind == key] = value
    return result


def _invited(
    activities: Activities,
    rows: Ints,
    roll: Roll,
    board: tuple[Ints, Ints],
    organisations: Organisations,
    habits: Habits,
) -> tuple[Ints, Ints]:
    """Give each pair of activity and member due: the branch, its committee, or one of its groups."""
    sitting, board_start = board
    kind = activities.institution[rows]
    small = rows[kind == "committee_meeting"]
    wide = rows[(kind != "committee_meeting") & (kind != "heart_talk")]
    first, member = _expand(roll.member, roll.start, activities.organisation[wide])
    activity = wide[first]
    group = activities.group[activity]
    # Groups take turns through the roll of their branch.
    number = member % np.maximum(organisations.groups[activities.organisation[activity]], 1)
    kept = habits.due[member] & ((group < 0) | (number == group))
    first, seated = _expand(sitting, board_start, activities.organisation[small])
    return np.concatenate([activity[kept], small[first]]), np.concatenate([member[kept], seated])


def _expand(values: Ints, start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Give for each of `rows` all its values: (position in `rows`, value)."""
    length = start[rows + 1] - start[rows]
    position = np.repeat(np.arange(len(rows)), length)
    offset = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    return position, values[start[rows][position] + offset]


def _stamped(activity: Ints, member: Ints, activities: Activities, rng: np.random.Generator) -> SignIns:
    """Time the sign-ins: most come in the ten minutes before the start, few after it."""
    count = len(activity)
    minutes = np.clip(rng.normal(-6, 6.5, count), -50, 25)
    at = activities.start[activity] + np.round(minutes * 60).astype(np.int64).astype("timedelta64[s]")
    channel = rng.choice(4, count, p=(0.64, 0.23, 0.09, 0.04))
    order = np.lexsort((member, at))
    return SignIns(activity[order], member[order], at[order], channel[order].astype(np.int64))
