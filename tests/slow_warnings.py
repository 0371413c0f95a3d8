"""The warnings once more, slowly and plainly: one organisation, one day after the other, from the rules.

Nothing here is shared with the product. Each function walks the days up to the data date and tells what it
would have opened, grown and closed: (organisation, key, ((day, severity), …), closed on, how).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Tables = dict[str, Sequence[Row]]
Story = tuple[str, str, tuple[tuple[str, int], ...], str, str]
GRACE = 5
DAY = timedelta(days=1)


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def later(day: date, months: int) -> date:
    number = month_of(day) + months
    return min(first(number) + timedelta(days=day.day - 1), first(number + 1) - DAY)


def name_of(kind: str, start: int) -> str:
    day = first(start)
    if kind == "month":
        return f"{day:%Y-%m}"
    return f"{day.year}Q{(day.month - 1) // 3 + 1}" if kind == "quarter" else str(day.year)


def days_to(begin: date, as_of: date) -> Iterable[date]:
    day = begin
    while day <= as_of:
        yield day
        day += DAY


class Diary:
    """Note what one organisation's warnings do."""

    def __init__(self, org: str) -> None:
        self.org = org
        self.now: list[Any] | None = None
        self.done: list[Story] = []

    def raise_to(self, key: str, day: date, severity: int) -> None:
        if self.now is None:
            self.now = [key, [(day.isoformat(), severity)]]
        elif severity > self.now[1][-1][1]:
            steps = [step for step in self.now[1] if step[0] != day.isoformat()]
            self.now[1] = [*steps, (day.isoformat(), severity)]

    def close(self, day: date, how: str) -> None:
        assert self.now is not None
        self.done.append((self.org, self.now[0], tuple(self.now[1]), day.isoformat(), how))
        self.now = None

    def told(self) -> list[Story]:
        lasting = [] if self.now is None else [(self.org, self.now[0], tuple(self.now[1]), "", "")]
        return self.done + lasting


def begins(tables: Tables) -> date:
    return min(row["start_at"].date() for row in tables["activity"])


def took_place(tables: Tables, org: str, institution: str, as_of: date) -> list[Row]:
    return [
        row
        for row in tables["activity"]
        if row["org_id"] == org
        and row["institution"] == institution
        and row["status"] == "held"
        and row["start_at"].date() <= as_of
    ]


def owes(row: Row, tables: Tables, institution: str, begin: date, end: date) -> bool:
    """Tell whether an organisation owes an institution in [begin, end)."""
    if row["kind"] not in ("branch", "joint_branch", "temp_branch"):
        return False
    if row["kind"] == "temp_branch" and institution not in ("member_meeting", "lecture", "theme_day"):
        return False
    if row["founded_on"] > begin or (row.get("abolished_on") and row["abolished_on"] < end - DAY):
        return False
    rests = 0
    for pause in tables.get("org_pause", ()):
        if pause["org_id"] == row["org_id"]:
            until = pause["to_on"] or date.max
            rests += sum(1 for day in days_to(begin, end - DAY) if pause["from_on"] <= day <= until)
    if 2 * rests >= (end - begin).days:
        return False
    return not any(
        one["org_id"] == row["org_id"] and one["institution"] == institution
        for one in tables.get("exempt_institution", ())
    )


def duty(
    tables: Tables,
    as_of: date,
    institution: str,
    kind: str,
    ladder: Sequence[int],
    in_scope: Callable[[Row, date, date], bool] = lambda row, begin, end: True,
) -> set[Story]:
    """Walk a duty of every month or quarter."""
    length = 1 if kind == "month" else 3
    start = -(-month_of(begins(tables)) // length) * length
    stories: list[Story] = []
    for row in tables["organisation"]:
        diary, run, judged = Diary(row["org_id"]), 0, start
        missed_last, end_of_last = False, date.max
        own = took_place(tables, row["org_id"], institution, as_of)
        plain = [one["start_at"].date() for one in own if not one.get("make_up_for")]
        again = [(one["make_up_for"], one["start_at"].date()) for one in own if one.get("make_up_for")]
        for day in days_to(first(start), as_of):
            begin, end = first(judged), first(judged + length)
            # A day may end a warning by what was made up for of the period judged last.
            last = judged - length
            if diary.now is not None and last >= start:
                key, until = name_of(kind, last), first(last + length) + timedelta(days=30)
                made = [made for name, made in again if name == key and made < until]
                if missed_last and made and min(made) == day and day > end_of_last:
                    diary.close(day, "make_up")
                    run = 0 if any(begin <= met < end and met <= day for met in plain) else run
            if day == end + timedelta(days=GRACE):
                missed_last = False
                met = [one for one in plain if begin <= one < end]
                key = name_of(kind, judged)
                made = [
                    made
                    for name, made in again
                    if name == key and made <= day and made < end + timedelta(days=30)
                ]
                if met or made:
                    run = 0
                elif owes(row, tables, institution, begin, end) and in_scope(row, begin, end):
                    run += 1
                    missed_last = True
                    diary.raise_to(key, day, ladder[min(run, len(ladder)) - 1])
                judged += length
                end_of_last = day
                begin, end = first(judged), first(judged + length)
            if diary.now is not None and any(begin <= one < end and one <= day for one in plain):
                diary.close(day, "expire")
        stories += diary.told()
    return set(stories)


def cases(
    as_of: date,
    begin: date,
    orgs: Sequence[str],
    levels_on: Callable[[str, date], list[int]],
    grade: Callable[[list[int]], int],
    key: Callable[[date], str] = date.isoformat,
) -> set[Story]:
    """Walk cases: ``levels_on`` gives the level of every case of an organisation on a day (0 = none)."""
    stories: list[Story] = []
    for org in orgs:
        diary = Diary(org)
        for day in days_to(begin, as_of):
            levels = levels_on(org, day)
            severity = grade([sum(1 for one in levels if one >= level) for level in (1, 2, 3, 4)])
            if severity:
                diary.raise_to(key(day), day, severity)
            elif diary.now is not None:
                diary.close(day, "clear")
        stories += diary.told()
    return set(stories)


def w01_open(tables: Tables, as_of: date) -> dict[str, int]:
    """Return organisation → severity now, from the months as they stand."""
    found: dict[str, int] = {}
    closed = month_of(as_of) - 1
    while first(closed + 1) + timedelta(days=GRACE) > as_of:
        closed -= 1
    for row in tables["organisation"]:
        unpaid = []
        for state in tables["dues_status"]:
            member = next(one for one in tables["member"] if one["member_pid"] == state["member_pid"])
            if member["branch_id"] != row["org_id"] or member["status"] not in ("full", "probationary"):
                continue
            if state["paid_through_month"] is None:
                continue
            last = closed
            if state["cycle"] == "quarterly":
                while last % 3 != 2:
                    last -= 1
            count = 0
            for month in range(month_of(date(2016, 1, 1)), last + 1):
                text = name_of("month", month)
                paid = text <= state["paid_through_month"]
                free = state["exempt_from"] and state["exempt_from"] <= text <= (state["exempt_to"] or "9999")
                liable = text >= (state["liable_from"] or member["joined_month"])
                count += not paid and not free and liable
            unpaid.append(count)
        three, six, twelve = (sum(1 for one in unpaid if one > line) for line in (3, 6, 12))
        if twelve or six >= 3:
            found[row["org_id"]] = 4
        elif six:
            found[row["org_id"]] = 3
        elif three:
            found[row["org_id"]] = 1
    return found


def w02(tables: Tables, as_of: date) -> set[Story]:
    """Walk the sign-in rates of closed months, as reported."""
    start = month_of(begins(tables))
    counted = {
        "member_meeting",
        "group_meeting",
        "lecture",
        "theme_day",
        "org_life_meeting",
        "fixed_study_day",
    }
    stories: list[Story] = []
    for row in tables["organisation"]:
        diary, run = Diary(row["org_id"]), 0

        def sums(first_month: int, last_month: int, row: Row = row) -> tuple[int, int]:
            due = came = 0
            for one in tables["activity"]:
                inside = first_month <= month_of(one["start_at"].date()) <= last_month
                if (
                    one["org_id"] == row["org_id"]
                    and one["institution"] in counted
                    and one["status"] == "held"
                    and inside
                ):
                    due += one["due_count"]
                    came += one["attended_count"]
            return due, came

        month = start
        while first(month + 1) + timedelta(days=GRACE) <= as_of:
            day = first(month + 1) + timedelta(days=GRACE)
            own_due, _ = sums(month, month)
            due, came = sums(month, month)
            if due < 10:
                due, came = sums(max(month - 2, start), month)
            if own_due and due >= 10 and owes(row, tables, "theme_day", first(month), first(month + 1)):
                if came / due < 0.5:
                    run += 1
                    severity = 4 if came / due < 0.25 or run >= 3 else run + 1
                    diary.raise_to(name_of("month", month), day, severity)
                elif came / due >= 0.55:
                    run = 0
                    if diary.now is not None:
                        diary.close(day, "clear")
            month += 1
        stories += diary.told()
    return set(stories)


def w03(tables: Tables, as_of: date) -> set[Story]:
    """Walk the steps of transfers, workday by workday."""
    off = {row["day"]: row["is_workday"] for row in tables.get("workday", ())}

    def worked(first_day: date, last_day: date) -> int:
        return sum(1 for day in days_to(first_day + DAY, last_day) if off.get(day, day.weekday() < 5))

    def levels(org: str, day: date) -> list[int]:
        made = []
        for move in tables["transfer"]:
            events = [one for one in tables["transfer_event"] if one["transfer_id"] == move["transfer_id"]]
            events = [one for one in sorted(events, key=lambda one: one["seq"]) if one["at"].date() <= day]
            if not events or not events[-1]["to_status"].startswith("pending") or events[-1]["org_id"] != org:
                continue
            entered = events[-1]["at"].date()
            if (day - move["applied_on"]).days > 90:
                made.append(4)
            elif worked(entered, day) > 10:
                made.append(3)
            elif worked(entered, day) > 5:
                made.append(2)
        return made

    begin = min((one["at"].date() for one in tables["transfer_event"]), default=as_of)
    orgs = [row["org_id"] for row in tables["organisation"]]
    return cases(as_of, begin, orgs, levels, lambda n: 4 if n[3] else 3 if n[2] else 2 if n[1] else 0)


def w09(tables: Tables, as_of: date) -> set[Story]:
    """Walk the life meeting of every year with data."""
    stories: list[Story] = []
    begin = begins(tables)
    for row in tables["organisation"]:
        for year in range(begin.year, as_of.year):
            if begin >= date(year, 11, 1) or row["founded_on"] > date(year, 10, 1):
                continue
            if row["kind"] not in ("branch", "joint_branch"):
                continue
            deadline = date(year + 1, 3, 1) - DAY
            if row.get("abolished_on") and row["abolished_on"] < min(deadline, as_of) + DAY:
                continue
            span = list(days_to(date(year, 7, 1), deadline))
            rests = sum(
                1
                for pause in tables.get("org_pause", ())
                if pause["org_id"] == row["org_id"]
                for day in span
                if pause["from_on"] <= day <= (pause["to_on"] or date.max)
            )
            if 2 * rests >= len(span):
                continue
            if any(
                one["org_id"] == row["org_id"] and one["institution"] == "org_life_meeting"
                for one in tables.get("exempt_institution", ())
            ):
                continue
            held = [
                one["start_at"].date()
                for one in took_place(tables, row["org_id"], "org_life_meeting", as_of)
                if one.get("for_year") == year
            ]
            diary = Diary(row["org_id"])
            for day in days_to(date(year + 1, 2, 1), as_of):
                done = any(one <= day for one in held)
                if done:
                    if diary.now is not None:
                        diary.close(day, "clear")
                    break
                severity = 4 if day >= date(year + 1, 4, 1) else 3 if day > deadline else 1
                diary.raise_to(str(year), day, severity)
            stories += diary.told()
    return set(stories)


def w12(tables: Tables, as_of: date) -> set[Story]:
    """Walk vacancies day by day."""
    stories: list[Story] = []
    for row in tables["organisation"]:
        posts = [one for one in tables["post"] if one["org_id"] == row["org_id"] and one["from_on"] <= as_of]
        heads = [one for one in posts if one["role"] in ("secretary", "acting", "first_secretary")]
        if not posts:
            continue
        founded = row["founded_on"]
        free = first(month_of(founded) + 1)
        begin = max(min(one["from_on"] for one in heads or posts), free)
        diary, since = Diary(row["org_id"]), None
        for day in days_to(begin, as_of):
            filled = any(
                one["from_on"] <= day and (one["to_on"] is None or day < one["to_on"]) for one in heads
            )
            if filled:
                if diary.now is not None:
                    diary.close(day, "clear")
                since = None
                continue
            since = since or day
            vacant = (day - since).days
            if vacant > 30:
                diary.raise_to(since.isoformat(), day, 4 if vacant > 90 else 3 if vacant > 60 else 2)
        stories += diary.told()
    return set(stories)


def w13(tables: Tables, as_of: date) -> set[Story]:
    """Walk members out of contact."""

    def levels(org: str, day: date) -> list[int]:
        made = []
        for one in tables["member"]:
            if one["branch_id"] != org or one["contact_state"] not in ("lost", "found"):
                continue
            if one["lost_since"] is None or one["lost_since"] > day:
                continue
            acts = sorted(
                (act["on_date"], act["kind"])
                for act in tables["disposal"]
                if act["member_pid"] == one["member_pid"] and act["on_date"] <= day
            )
            if one["found_on"] is not None and one["found_on"] <= day:
                acts = sorted([*acts, (one["found_on"], "found")])
            halts = [when for when, kind in acts if kind == "suspended"]
            if halts and day >= later(halts[0], 24):
                if not [1 for when, kind in acts if when > halts[0] and kind != "suspended"]:
                    made.append(4)
                continue
            if acts:
                continue
            for level, months in ((4, 12), (3, 6), (1, 3)):
                if day >= later(one["lost_since"], months):
                    made.append(level)
                    break
        return made

    begin = min((one["lost_since"] for one in tables["member"] if one["lost_since"]), default=as_of)
    orgs = [row["org_id"] for row in tables["organisation"]]
    return cases(as_of, begin, orgs, levels, lambda n: 4 if n[3] else 3 if n[1] else 1 if n[0] else 0)


def w14(tables: Tables, as_of: date) -> set[Story]:
    """Walk probations that are over."""

    def levels(org: str, day: date) -> list[int]:
        made = []
        for one in tables["member"]:
            acts = [act for act in tables["probation_decision"] if act["member_pid"] == one["member_pid"]]
            was = any(act["decided_on"] <= as_of for act in acts) or one["status"] == "probationary"
            if one["branch_id"] != org or not was or one["probation_end"] is None:
                continue
            if any(act["kind"] != "extend" and act["decided_on"] <= day for act in acts):
                continue
            over = (day - one["probation_end"]).days
            if over > 30:
                made.append(4 if over > 180 else 3 if over > 90 else 2)
        return made

    begin = min((one["probation_end"] for one in tables["member"] if one["probation_end"]), default=as_of)
    orgs = [row["org_id"] for row in tables["organisation"]]
    return cases(as_of, begin, orgs, levels, lambda n: 4 if n[3] else 3 if n[2] else 2 if n[1] else 0)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour)
