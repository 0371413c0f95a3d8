"""What the warnings ask of the facts, as it was known on a day: duties, pauses, heads, silence of readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from indicators.warnings.columns import (
    DAY,
    NEVER,
    Columns,
    Flags,
    Floats,
    Ints,
    add_months,
    day_number,
    day_of,
    first_of,
    months_of,
)
from indicators.warnings.studied import PARTS, first_month, studied
from stores.periods import LENGTH, Kind, closing_day, last_closed, number_of, period_key
from stores.settings import Warnings

BRANCHES: Final = ("branch", "joint_branch", "temp_branch")
TEMPORARY: Final = frozenset({"member_meeting", "lecture", "theme_day", "heart_talk"})
"""What a temporary branch must carry out."""
INSTITUTIONS: Final = (
    "member_meeting",
    "committee_meeting",
    "group_meeting",
    "lecture",
    "theme_day",
    "org_life_meeting",
    "appraisal",
    "heart_talk",
)
COMMITTEE: Final = (
    "secretary",
    "deputy_secretary",
    "organisation_member",
    "publicity_member",
    "discipline_member",
    "member",
)
HEADS: Final = ("secretary", "acting", "first_secretary")
REASONS: Final = (
    "",
    "no_branch",
    "founded_later",
    "abolished",
    "paused",
    "exempt",
    "temporary",
    "no_committee",
    "no_groups",
    "no_data",
    "too_few",
)
"""Why an organisation is not judged, by number; 0 = it is."""
NO_BRANCH, LATER, ABOLISHED, PAUSED, EXEMPT, TEMPORARY_BRANCH, NO_COMMITTEE, NO_GROUPS, NO_DATA, TOO_FEW = (
    range(1, 11)
)
UNKNOWN: Final = frozenset({NO_DATA, TOO_FEW})
_HALF: Final = 2


class Calendar:
    """Hold the closed periods of a kind and the running one.

    Args:
        kind: month, quarter or year.
        first: first month of the first whole period with data.
        as_of: the data date.
        grace_days: until a period is closed.
    """

    def __init__(self, kind: Kind, first: int, as_of: date, grace_days: int) -> None:
        length = LENGTH[kind]
        begin = -(-first // length) * length
        running = max(number_of(as_of) // length * length, begin)
        last = last_closed(kind, as_of, grace_days)
        self.kind: Kind = kind
        self.length = length
        self.starts = np.arange(begin, running + 1, length, dtype=np.int64)
        """First months of all periods that have begun."""
        self.closed = int((self.starts <= last).sum())
        """How many of them are closed; they come first."""
        self.first_days = np.array([first_of(int(m)) for m in self.starts], dtype=np.int64)
        self.end_days = np.array([first_of(int(m) + length) for m in self.starts], dtype=np.int64)
        """The day after each one's last day."""
        self.closing = np.array(
            [day_number(closing_day(kind, int(m), grace_days)) for m in self.starts], dtype=np.int64
        )
        self.keys = [period_key(kind, int(m)) for m in self.starts]

    def __len__(self) -> int:
        return len(self.starts)

    def place(self, months: Ints) -> Ints:
        """Return in which period months lie; -1 = before the first, or later than the running one."""
        found = (months - self.starts[0]) // self.length
        return np.where((months >= self.starts[0]) & (found < len(self)), found, -1)


class Facts:
    """Answer what the warnings ask, as it was known at the end of a day.

    Args:
        columns: of the store; shared by the days of a replay.
        settings: what all warnings share.
        as_of: the day.
    """

    def __init__(self, columns: Columns, settings: Warnings, as_of: date) -> None:
        self.columns = columns
        self.settings = settings
        self._full: dict[tuple[int, ...], Ints] = {}
        self.as_of = as_of
        self.today = day_number(as_of)
        c = columns
        self.count = len(c.org_ids)
        self.founded = np.where((days := c.days("organisation", "founded_on")) >= NEVER, -NEVER, days)
        self.abolished = c.days("organisation", "abolished_on")
        gone = c.equal("organisation", "status", "abolished", "merged")
        self.abolished = np.where(gone & (self.abolished >= NEVER), -NEVER, self.abolished)
        self.is_branch = c.equal("organisation", "kind", *BRANCHES)
        self.is_temporary = c.equal("organisation", "kind", "temp_branch")
        self.is_organisation = ~c.equal("organisation", "kind", "party_group")
        self.resting = c.equal("organisation", "status", "paused")
        self.groups = c.ints("organisation", "group_count")

    def calendar(self, kind: Kind) -> Calendar:
        """Return the periods of a kind, from the first whole one with data on."""
        return Calendar(kind, self.first_month, self.as_of, self.settings.grace_days)

    @cached_property
    def first_month(self) -> int:
        """Return the month of the first activity there ever was, of all; the running month without any."""
        starts = self.columns.days("activity", "start_at")
        known = starts[starts < NEVER]
        return int(months_of(known.min(keepdims=True))[0]) if len(known) else number_of(self.as_of)

    @cached_property
    def activity(self) -> dict[str, Ints]:
        """Return what took place up to the day: row, org, institution, day, month, group, for_year.

        What a merged organisation held counts for the one it was merged into.
        """
        c = self.columns
        day = c.days("activity", "start_at")
        org = c.orgs("activity", "org_id")
        took = c.equal("activity", "status", "held", "approved") & (day <= self.today) & (org >= 0)
        row = np.flatnonzero(took)
        return {
            "row": row,
            "org": self.merged_into[org[row]],
            "institution": c.codes("activity", "institution", INSTITUTIONS)[row],
            "day": day[row],
            "month": months_of(day[row]),
            "group": c.ints("activity", "group_no", -1)[row],
            "for_year": c.ints("activity", "for_year", -1)[row],
        }

    @cached_property
    def merged_into(self) -> Ints:
        """Return for each organisation the one that carries its history on; itself where not merged."""
        own = np.arange(self.count, dtype=np.int64)
        goal = self.columns.orgs("organisation", "merged_into")
        goal = np.where(goal >= 0, goal, own)
        for _ in range(8):
            goal = goal[goal]
        return np.where(goal[goal] == goal, goal, own)

    def first_held(self, institution: str, calendar: Calendar) -> Ints:
        """Return organisation × period: the first day on which an institution was held; ``NEVER`` = not.

        What was held to make up for another period does not count for its own.
        """
        a = self.activity
        chosen = (a["institution"] == INSTITUTIONS.index(institution)) & ~self.is_make_up
        place = calendar.place(a["month"][chosen])
        held = np.full((self.count, len(calendar)), NEVER, dtype=np.int64)
        inside = place >= 0
        np.minimum.at(held, (a["org"][chosen][inside], place[inside]), a["day"][chosen][inside])
        return held

    @cached_property
    def _make_up_key(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        return self.columns.text("activity", "make_up_for")[self.activity["row"]]

    @cached_property
    def is_make_up(self) -> Flags:
        """Tell which of what took place made up for another period, so that it does not count for its own."""
        return np.array([key is not None for key in self._make_up_key], dtype=np.bool_)

    def made_up(self, institution: str, calendar: Calendar) -> Ints:
        """Return organisation × period: the day on which it was made up for, within the days allowed."""
        a = self.activity
        days = np.full((self.count, len(calendar)), NEVER, dtype=np.int64)
        places = {key: p for p, key in enumerate(calendar.keys)}
        for at in np.flatnonzero(self.is_make_up & (a["institution"] == INSTITUTIONS.index(institution))):
            p = places.get(self._make_up_key[at])
            day = int(a["day"][at])
            if p is not None and day < calendar.end_days[p] + self.settings.make_up_days:
                org = int(a["org"][at])
                days[org, p] = min(days[org, p], day)
        return days

    @cached_property
    def pauses(self) -> tuple[Ints, Ints, Ints]:
        """Return org, first day and last day of every pause."""
        c = self.columns
        org, begin = c.orgs("org_pause", "org_id"), c.days("org_pause", "from_on")
        known = (org >= 0) & (begin <= self.today)
        return org[known], begin[known], c.days("org_pause", "to_on")[known]

    @cached_property
    def has_pause(self) -> Flags:
        """Tell of which organisations any pause is on record; of the others the present state decides."""
        has = np.zeros(self.count, dtype=np.bool_)
        org = self.columns.orgs("org_pause", "org_id")
        has[org[org >= 0]] = True
        return has

    def paused_days(self, begin: int, end: int, known: int = NEVER) -> Ints:
        """Count for each organisation the days of [begin, end) within pauses that began by a day."""
        org, first, last = self.pauses
        early = first <= known
        org, first, last = org[early], first[early], last[early]
        inside = np.clip(np.minimum(last + 1, end) - np.maximum(first, begin), 0, None)
        return np.bincount(org, weights=inside, minlength=self.count).astype(np.int64)

    @cached_property
    def exempt(self) -> dict[str, Flags]:
        """Return by institution who need not carry it out."""
        org = self.columns.orgs("exempt_institution", "org_id")
        code = self.columns.codes("exempt_institution", "institution", INSTITUTIONS)
        found = {}
        for at, name in enumerate(INSTITUTIONS):
            flags = np.zeros(self.count, dtype=np.bool_)
            flags[org[(code == at) & (org >= 0)]] = True
            found[name] = flags
        return found

    def outside(self, calendar: Calendar, institution: str) -> Ints:
        """Return organisation × period: why an institution is not owed, a place in ``REASONS``; 0 = it is."""
        reason = np.zeros((self.count, len(calendar)), dtype=np.int64)
        for p in range(len(calendar)):
            begin, end = int(calendar.first_days[p]), int(calendar.end_days[p])
            rests = self.paused_days(begin, end) * _HALF >= end - begin
            rests |= self.resting & ~self.has_pause
            reason[:, p] = np.select(
                [~self.is_branch, self.founded > begin, self.abolished < end - 1, rests],
                [NO_BRANCH, LATER, ABOLISHED, PAUSED],
                0,
            )
        if institution in self.exempt:
            reason = np.where((reason == 0) & self.exempt[institution][:, None], EXEMPT, reason)
        if institution not in TEMPORARY:
            reason = np.where((reason == 0) & self.is_temporary[:, None], TEMPORARY_BRANCH, reason)
        return reason

    @cached_property
    def current(self) -> Flags:
        """Tell which members are full or on probation at present."""
        return self.columns.equal("member", "status", "full", "probationary")

    @cached_property
    def branch(self) -> Ints:
        """Return each member's branch; a transfer under way leaves it with the sender."""
        return self.columns.orgs("member", "branch_id")

    @cached_property
    def joined(self) -> Ints:
        """Return each member's month of admission; far in the past where it is not known."""
        found = self.columns.months("member", "joined_month")
        return np.where(found < 0, 0, found)

    @cached_property
    def moves(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return member, sender, receiver and month of completed transfers, by member and time."""
        c = self.columns
        at = c.moments("transfer", "decided_at")
        member = c.members("transfer")
        done = np.flatnonzero(c.equal("transfer", "status", "completed") & (at < NEVER * DAY) & (member >= 0))
        done = done[np.lexsort((at[done], member[done]))]
        month = months_of(at[done] // DAY)
        sender, receiver = c.orgs("transfer", "from_org_id"), c.orgs("transfer", "to_org_id")
        return member[done], sender[done], receiver[done], month

    def branch_in(self, month: int) -> Ints:
        """Return each member's branch at a month's end; -1 = not here or not yet admitted."""
        member, sender, _, when = self.moves
        branch = np.where(self.current, self.branch, -1)
        later = when > month
        # The earliest of the later moves decides: write them from the last to the first.
        branch[member[later][::-1]] = sender[later][::-1]
        return np.where(self.joined > month, -1, branch)

    def full_members(self, months: Sequence[int]) -> Ints:
        """Count the full members of each organisation at each month's end."""
        if (kept := self._full.get(tuple(months))) is not None:
            return kept
        full_from = self.columns.months("member", "full_month")
        on_probation = self.columns.equal("member", "status", "probationary")
        full_from = np.where(on_probation, NEVER, full_from)
        made = np.zeros((self.count, len(months)), dtype=np.int64)
        for at, month in enumerate(months):
            branch = self.branch_in(month)
            chosen = branch[(branch >= 0) & (full_from <= month)]
            made[:, at] = np.bincount(chosen, minlength=self.count)
        self._full[tuple(months)] = made
        return made

    def all_members(self, month: int) -> Ints:
        """Count the members of each organisation at a month's end."""
        branch = self.branch_in(month)
        return np.bincount(branch[branch >= 0], minlength=self.count)

    @cached_property
    def all_members_now(self) -> Ints:
        """Count the members of each organisation at present."""
        here = self.current & (self.branch >= 0)
        return np.bincount(self.branch[here], minlength=self.count)

    @cached_property
    def first_study_month(self) -> int:
        """Return the month of the first study record there ever was; far in the future without any."""
        return first_month(self.columns)

    def study_hours(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Sum each member's hours of guided study and of self-study from the first month of a quarter to the
        last of another, which is over on the day."""
        own, alone = studied(self.columns).between(first // 3, last // 3)
        return own / PARTS, alone / PARTS

    def last_day(self, month: int) -> int:
        """Return the number of a month's last day."""
        return first_of(month + 1) - 1

    @cached_property
    def posts(self) -> dict[str, Ints]:
        """Return posts known on the day: org, member, committee, head (0 or 1), first day, day of leaving."""
        c = self.columns
        org = c.orgs("post", "org_id")
        begin = c.days("post", "from_on")
        begin = np.where(begin >= NEVER, -NEVER, begin)
        kept = (org >= 0) & (begin <= self.today)
        return {
            "org": org[kept],
            "member": c.members("post")[kept],
            "committee": c.equal("post", "role", *COMMITTEE)[kept].astype(np.int64),
            "head": c.equal("post", "role", *HEADS)[kept].astype(np.int64),
            "secretary": c.equal("post", "role", "secretary")[kept].astype(np.int64),
            "begin": begin[kept],
            "end": c.days("post", "to_on")[kept],
        }

    def committee_size(self, day: int) -> Ints:
        """Count those who sit in each organisation's committee on a day."""
        p = self.posts
        sits = (p["committee"] == 1) & (p["begin"] <= day) & (p["end"] > day)
        return np.bincount(p["org"][sits], minlength=self.count)

    @cached_property
    def silences(self) -> tuple[Ints, Ints, Ints]:
        """Return org, first silent day and day of the end (``NEVER`` = lasts) of each silence of its readers.

        A silence ends with the feed or with the first activity that was entered in the meantime.
        """
        c = self.columns
        readers = c.column("reader", "reader_id").to_pylist()
        of = dict(zip(readers, c.orgs("reader", "org_id").tolist(), strict=True))
        rows = [
            (of.get(reader, -1), begin, end)
            for reader, begin, end in zip(
                c.column("reader_outage", "reader_id").to_pylist(),
                c.days("reader_outage", "from_on").tolist(),
                c.days("reader_outage", "to_on").tolist(),
                strict=True,
            )
        ]
        covered = {org for org, _, end in rows if end >= NEVER}
        seen = c.days("reader", "last_seen_at").tolist()
        latest: dict[int, int] = {}
        for reader, day in zip(readers, seen, strict=True):
            if day < NEVER:
                latest[of[reader]] = max(latest.get(of[reader], -NEVER), day)
        rows += [(org, day + 1, NEVER) for org, day in latest.items() if org not in covered]
        known = [(org, begin, end) for org, begin, end in rows if org >= 0 and begin <= self.today]
        made = [(org, begin, self._spoken(org, begin, end)) for org, begin, end in known]
        table = np.array(made, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def _spoken(self, org: int, begin: int, end: int) -> int:
        """Return the day on which a silence ended: by the feed, or by an activity that was entered."""
        days = self._days_by_org.get(org)
        if days is None:
            return end
        at = int(np.searchsorted(days, begin))
        return min(end, int(days[at])) if at < len(days) else end

    @cached_property
    def _days_by_org(self) -> dict[int, Ints]:
        """Return the days with activities of the organisations that have readers, ascending."""
        mine = np.unique(self.columns.orgs("reader", "org_id"))
        a = self.activity
        chosen = np.isin(a["org"], mine)
        org, day = a["org"][chosen], a["day"][chosen]
        order = np.lexsort((day, org))
        org, day = org[order], day[order]
        bounds = np.flatnonzero(np.diff(org, prepend=-2, append=-2))
        return {int(org[b]): day[b:e] for b, e in pairwise(bounds.tolist())}

    def silent(self, calendar: Calendar) -> Flags:
        """Tell organisation × period: whether its readers were silent in it for longer than allowed."""
        org, begin, end = self.silences
        flags = np.zeros((self.count, len(calendar)), dtype=np.bool_)
        for p in range(len(calendar)):
            first, last = int(calendar.first_days[p]), min(int(calendar.end_days[p]), self.today + 1)
            days = np.minimum(end, last) - np.maximum(begin, first)
            flags[org[days > self.settings.silent_days], p] = True
        return flags

    @cached_property
    def workdays(self) -> tuple[int, Ints]:
        """Return the first day of a calendar and, for it and each day after, the workdays up to and with it.

        The table of workdays decides, public holidays and swapped days included; a day that is not in it is
        a workday from Monday to Friday.
        """
        first = day_number(date(2010, 1, 1))
        count = self.today - first + 800
        numbers = np.arange(first, first + count, dtype=np.int64)
        worked = (numbers + 3) % 7 < 5
        days = self.columns.days("workday", "day")
        inside = (days >= first) & (days < first + count)
        worked[days[inside] - first] = self.columns.flags("workday", "is_workday")[inside]
        return first, np.cumsum(worked)

    def after_workdays(self, days: Ints, number: int | Ints) -> Ints:
        """Return the day of the n-th workday after each day; ``NEVER`` stays."""
        first, count = self.workdays
        known = np.clip(np.where(days >= NEVER, first, days) - first, 0, len(count) - 1)
        goal = first + np.searchsorted(count, count[known] + number, side="left")
        return np.where(days >= NEVER, NEVER, goal)

    def reached(self, days: Ints) -> Ints:
        """Keep the days that have come; later ones become ``NEVER``."""
        return np.where(days <= self.today, days, NEVER)

    def month_later(self, days: Ints, months: int) -> Ints:
        """Add calendar months to days."""
        return add_months(days, months)

    def day(self, number: int) -> str:
        """Write a day."""
        return day_of(number).isoformat()

    @cached_property
    def term_years(self) -> Ints:
        """Return the years of a term: as recorded, else five in villages and communities, three elsewhere."""
        own = self.columns.ints("organisation", "term_years")
        homely = self.columns.equal("organisation", "domain", "village", "urban_community")
        return np.where(own > 0, own, np.where(homely, 5, 3))

    @cached_property
    def values(self) -> Floats:
        """Return a column of nothing, for indicators without a value."""
        return np.full(self.count, np.nan)
