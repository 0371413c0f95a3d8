"""More warnings slowly and plainly: W06, W07, W10, W15 and the reserves; see slow_warnings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tests.slow_warnings import (
    DAY,
    GRACE,
    Diary,
    Row,
    Story,
    Tables,
    begins,
    cases,
    days_to,
    first,
    later,
    month_of,
    name_of,
    owes,
)


def happened(tables: Tables, as_of: date, *orgs: str) -> list[Row]:
    """List what took place up to a day; of a merged organisation's history the one that took it over."""
    goal = {row["org_id"]: row.get("merged_into") or row["org_id"] for row in tables["organisation"]}
    return [
        row
        for row in tables["activity"]
        if goal[row["org_id"]] in orgs
        and row["status"] in ("held", "approved")
        and row["start_at"].date() <= as_of
    ]


def silences(tables: Tables, as_of: date) -> list[tuple[str, date, date]]:
    """List organisation, first silent day and the day of its end of every silence."""
    of = {row["reader_id"]: row["org_id"] for row in tables["reader"]}
    found = [
        (of[row["reader_id"]], row["from_on"], row["to_on"] or date.max) for row in tables["reader_outage"]
    ]
    lasting = {org for org, _, end in found if end == date.max}
    for row in tables["reader"]:
        if row["last_seen_at"] and row["org_id"] not in lasting:
            found.append((row["org_id"], row["last_seen_at"].date() + DAY, date.max))
    made = []
    for org, begin, end in found:
        if begin <= as_of:
            told = [row["start_at"].date() for row in happened(tables, as_of, org)]
            made.append((org, begin, min([end, *(day for day in told if day >= begin)])))
    return made


def is_silent(tables: Tables, as_of: date, org: str, begin: date, end: date) -> bool:
    """Tell whether readers were silent for more than a week of [begin, end)."""
    until = min(end, as_of + DAY)
    return any(
        (min(stop, until) - max(start, begin)).days > 7
        for one, start, stop in silences(tables, as_of)
        if one == org
    )


def owed(tables: Tables, row: Row, institution: str, begin: date, end: date) -> bool:
    """Tell whether a duty is owed; who is paused without a pause on record is paused."""
    paused = row["status"] == "paused" and all(one["org_id"] != row["org_id"] for one in tables["org_pause"])
    return owes(row, tables, institution, begin, end) and not paused


def walk(
    tables: Tables,
    as_of: date,
    kind: str,
    institution: str,
    row: Row,
    met_on: Callable[[date, date], date | None],
    heard: Callable[[date, date], bool],
    judge: Callable[[int, bool | None], int],
    scope: Callable[[date, date], bool],
) -> list[Story]:
    """Walk one organisation's duty; ``judge`` gets the period and whether it was met (None = not judged)
    and says how bad it is, 0 = not at all."""
    length = 1 if kind == "month" else 3
    start = -(-month_of(begins(tables)) // length) * length
    diary, judged, bad_last, end_of_last = Diary(row["org_id"]), start, False, date.max
    again = [
        (one["make_up_for"], one["start_at"].date())
        for one in happened(tables, as_of, row["org_id"])
        if one["institution"] == institution and one.get("make_up_for")
    ]

    def made_up(period: int, day: date) -> list[date]:
        until = first(period + length) + timedelta(days=30)
        return [one for key, one in again if key == name_of(kind, period) and one < until and one <= day]

    for day in days_to(first(start), as_of):
        begin, end = first(judged), first(judged + length)
        if diary.now is not None and judged > start and bad_last:
            made = made_up(judged - length, day)
            if made and min(made) == day and day > end_of_last:
                diary.close(day, "make_up")
        if day == end + timedelta(days=GRACE):
            met: bool | None = met_on(begin, end) is not None or bool(made_up(judged, day))
            if not scope(begin, end) or (not met and not heard(begin, end)):
                met = met or None
            severity = judge(judged, met)
            bad_last = met is False
            if severity:
                diary.raise_to(name_of(kind, judged), day, severity)
            judged, end_of_last = judged + length, day
            begin, end = first(judged), first(judged + length)
        if diary.now is not None:
            done = met_on(begin, end)
            if done is not None and done <= day:
                diary.close(day, "expire")
    return diary.told()


def w06(tables: Tables, as_of: date) -> set[Story]:
    stories: list[Story] = []
    for row in tables["organisation"]:
        acts = [one for one in happened(tables, as_of, row["org_id"]) if not one.get("make_up_for")]
        groups, state = row["group_count"], {"run": 0}

        def within(name: str, begin: date, end: date, acts: list[Row] = acts) -> list[Row]:
            found = [
                one for one in acts if one["institution"] == name and begin <= one["start_at"].date() < end
            ]
            return sorted(found, key=lambda one: one["start_at"])

        def done(begin: date, end: date, groups: int = groups, within: Any = within) -> list[date]:
            """Give a day for each group that met."""
            seen: set[int] = set()
            days = []
            for one in within("group_meeting", begin, end):
                if one["group_no"] is None or one["group_no"] not in seen:
                    days.append(one["start_at"].date())
                    seen |= {one["group_no"]} - {None}
            return days[:groups]

        def met_on(
            begin: date, end: date, groups: int = groups, done: Any = done, within: Any = within
        ) -> date | None:
            days = done(begin, end)
            found = [days[-1]] if len(days) == groups and groups else []
            found += [one["start_at"].date() for one in within("member_meeting", begin, end)[:1]]
            return min(found, default=None)

        def heard(begin: date, end: date, row: Row = row, within: Any = within) -> bool:
            some = within("group_meeting", begin, end) or within("member_meeting", begin, end)
            return bool(some) or not is_silent(tables, as_of, row["org_id"], begin, end)

        def judge(
            period: int,
            met: bool | None,
            state: Any = state,
            groups: int = groups,
            done: Any = done,
            row: Row = row,
        ) -> int:
            if not owed(tables, row, "group_meeting", first(period), first(period + 1)) or not groups:
                return 0
            if met is None:
                return 0
            lacking = groups - len(done(first(period), first(period + 1)))
            many = not met and 2 * lacking >= groups
            state["run"] = state["run"] + 1 if many else 0
            if met:
                return 0
            return {0: 1, 1: 1, 2: 2}.get(state["run"], 3)

        def scope(begin: date, end: date, row: Row = row, groups: int = groups) -> bool:
            return bool(groups) and owed(tables, row, "group_meeting", begin, end)

        stories += walk(tables, as_of, "month", "group_meeting", row, met_on, heard, judge, scope)
    return set(stories)


def w07(tables: Tables, as_of: date) -> set[Story]:
    stories: list[Story] = []
    for row in tables["organisation"]:
        acts = [one for one in happened(tables, as_of, row["org_id"]) if one["institution"] == "lecture"]
        state: dict[Any, Any] = {"run": 0, "owed": set()}

        def met_on(begin: date, end: date, acts: list[Row] = acts) -> date | None:
            days = [one["start_at"].date() for one in acts if not one.get("make_up_for")]
            return min((day for day in days if begin <= day < end), default=None)

        def heard(begin: date, end: date, row: Row = row, met_on: Any = met_on) -> bool:
            return met_on(begin, end) is not None or not is_silent(tables, as_of, row["org_id"], begin, end)

        def scope(begin: date, end: date, row: Row = row) -> bool:
            return owed(tables, row, "lecture", begin, end)

        def judge(
            period: int,
            met: bool | None,
            state: Any = state,
            acts: list[Row] = acts,
            scope: Any = scope,
            heard: Any = heard,
        ) -> int:
            begin, end = first(period), first(period + 3)
            if scope(begin, end) and heard(begin, end):
                state["owed"].add(period)
            state["run"] = 0 if met else state["run"] + (met is False)
            year = period - 9
            whole = period % 12 == 9 and {year, year + 3, year + 6, year + 9} <= state["owed"]
            if whole and sum(1 for one in acts if year <= month_of(one["start_at"].date()) < year + 12) < 2:
                return 3
            return min(state["run"], 2) if met is False else 0

        stories += walk(tables, as_of, "quarter", "lecture", row, met_on, heard, judge, scope)
    return set(stories) | _secretaries(tables, as_of)


def _secretaries(tables: Tables, as_of: date) -> set[Story]:
    above = {row["org_id"]: row["parent_org_id"] for row in tables["organisation"]}
    everybody = [row["org_id"] for row in tables["organisation"]]
    given = [
        one for one in happened(tables, as_of, *everybody) if one["lecturer_role"] == "committee_secretary"
    ]
    merged = {row["org_id"]: row.get("merged_into") or row["org_id"] for row in tables["organisation"]}

    def under(org: str, top: str) -> bool:
        now: str | None = merged[org]
        while now is not None and now != top:
            now = above[now]
        return now == top

    stories = set()
    begin = begins(tables)
    for row in tables["organisation"]:
        if row["kind"] != "committee" or not given:
            continue
        days = sorted(one["start_at"].date() for one in given if under(one["org_id"], row["org_id"]))
        for year in range(begin.year + (begin > date(begin.year, 1, 31)), as_of.year):
            closing = date(year + 1, 1, 1) + timedelta(days=GRACE)
            here = row["founded_on"] <= date(year, 1, 1) and (row.get("abolished_on") or date.max) >= date(
                year, 12, 31
            )
            if closing > as_of or not here or any(day.year == year for day in days):
                continue
            after = min((day for day in days if day.year == year + 1), default=None)
            closed = max(after, closing).isoformat() if after else ""
            stories.add(
                (row["org_id"], str(year), ((closing.isoformat(), 1),), closed, "expire" if after else "")
            )
    return stories


def w10(tables: Tables, as_of: date) -> set[Story]:
    stories = set()
    begin = begins(tables)
    for year in range(begin.year + (begin >= date(begin.year, 11, 1)), as_of.year):
        deadline = date(year + 1, 3, 1) - DAY
        told = {row["org_id"]: row for row in tables["appraisal_year"] if row["year"] == year}
        if as_of <= deadline or not told:
            continue
        for row in tables["organisation"]:
            span = list(days_to(date(year, 7, 1), deadline))
            rests = sum(
                1
                for pause in tables["org_pause"]
                if pause["org_id"] == row["org_id"]
                for day in span
                if pause["from_on"] <= day <= (pause["to_on"] or date.max)
            )
            known = any(pause["org_id"] == row["org_id"] for pause in tables["org_pause"])
            free = any(
                one["org_id"] == row["org_id"] and one["institution"] == "appraisal"
                for one in tables["exempt_institution"]
            )
            if row["kind"] not in ("branch", "joint_branch") or row["founded_on"] > date(year, 10, 1) or free:
                continue
            if (row.get("abolished_on") or date.max) <= deadline or 2 * rests >= len(span):
                continue
            if row["status"] == "paused" and not known:
                continue
            mine = told.get(row["org_id"])
            share = mine["participated"] / mine["eligible"] if mine else 0
            severity = 3 if share < 0.75 else 2 if share < 0.9 else 0
            if severity and not (mine and mine["eligible"] < 5):
                stories.add((row["org_id"], str(year), (((deadline + DAY).isoformat(), severity),), "", ""))
    return stories


def branch_at(tables: Tables, member: Row, month: int) -> str | None:
    """Return a member's branch at a month's end; None = not here, or not yet admitted."""
    if member["status"] not in ("full", "probationary"):
        found = None
    else:
        found = member["branch_id"]
    moves = [
        row
        for row in tables["transfer"]
        if row["member_pid"] == member["member_pid"]
        and row["status"] == "completed"
        and row["decided_at"]
        and month_of(row["decided_at"].date()) > month
    ]
    if moves:
        found = min(moves, key=lambda row: row["decided_at"])["from_org_id"]
    return None if member["joined_month"] > name_of("month", month) else found


def w15(tables: Tables, as_of: date) -> set[Story]:
    start = -(-month_of(begins(tables)) // 3) * 3
    studied = min((month_of(row["on_date"]) for row in tables["study_record"]), default=10**6)
    diaries = {row["org_id"]: Diary(row["org_id"]) for row in tables["organisation"]}
    period = start
    while first(period + 3) + timedelta(days=GRACE) <= as_of:
        month, january = period + 2, period // 12 * 12
        day = first(period + 3) + timedelta(days=GRACE)
        counts: dict[str, list[bool]] = {}
        for member in tables["member"]:
            org = branch_at(tables, member, month)
            if org is None or member["exempt_study"] or month // 12 - member["birth_year"] > 80:
                continue
            since = max(
                january, studied, int(member["joined_month"][:4]) * 12 + int(member["joined_month"][5:]) - 1
            )
            for move in tables["transfer"]:
                if move["member_pid"] == member["member_pid"] and move["status"] == "completed":
                    when = month_of(move["decided_at"].date())
                    if move["from_org_id"] is None and when <= month:
                        since = max(since, when)
            months = min(month + 1 - since, 12)
            if months <= 0:
                continue
            mine = [
                row
                for row in tables["study_record"]
                if row["member_pid"] == member["member_pid"] and january <= month_of(row["on_date"]) <= month
            ]
            alone = sum(row["hours"] for row in mine if row["kind"] == "self")
            own = sum(row["hours"] for row in mine if row["kind"] != "self")
            last = first(month + 1) - DAY
            leads = any(
                post["member_pid"] == member["member_pid"]
                and post["role"] == "secretary"
                and post["from_on"] <= last
                and (post["to_on"] is None or post["to_on"] > last)
                for post in tables["post"]
            )
            need = (56 if leads else 32) * months / 12 * (1 if month % 12 == 11 else 0.5)
            counts.setdefault(org, []).append(own + min(own, alone) < need - 1e-6)
        for row in tables["organisation"]:
            behind, diary = counts.get(row["org_id"], []), diaries[row["org_id"]]
            if len(behind) < 5 or not owed(tables, row, "theme_day", first(period), first(period + 3)):
                continue
            part = sum(behind) / len(behind)
            if part > 0.3:
                diary.raise_to(
                    name_of("quarter", period), day, 3 if month % 12 == 11 else 2 if part > 0.5 else 1
                )
            elif part <= 0.25 and diary.now is not None:
                diary.close(day, "clear")
        period += 3
    return {story for diary in diaries.values() for story in diary.told()}


def r1(tables: Tables, as_of: date) -> set[Story]:
    stories: list[Story] = []
    for row in tables["organisation"]:
        diary, month = Diary(row["org_id"]), month_of(begins(tables))
        while first(month + 1) + timedelta(days=GRACE) <= as_of:
            day, last = first(month + 1) + timedelta(days=GRACE), first(month + 1) - DAY
            here = [one for one in tables["member"] if branch_at(tables, one, month) == row["org_id"]]
            full = [
                one
                for one in here
                if one["status"] != "probationary" and one["full_month"] <= name_of("month", month)
            ]
            there = row["kind"] in ("branch", "joint_branch") and row["status"] != "paused"
            there = there and row["founded_on"] <= last < (row.get("abolished_on") or date.max)
            severity = 0 if not there else 2 if len(full) < 3 else 1 if len(here) > 50 else 0
            if severity:
                diary.raise_to(name_of("month", month), day, severity)
            elif diary.now is not None:
                diary.close(day, "clear")
            month += 1
        stories += diary.told()
    return set(stories)


def names(tables: Tables) -> list[str]:
    return [row["org_id"] for row in tables["organisation"]]


def r2(tables: Tables, as_of: date) -> set[Story]:
    def levels(org: str, day: date) -> list[int]:
        return [
            1
            for one in tables["member"]
            if one["branch_id"] == org
            and one["floating"] == "out"
            and one["status"] in ("full", "probationary")
            and one["contact_state"] != "lost"
            and one["last_contact_on"]
            and later(one["last_contact_on"], 6) <= day
        ]

    begin = min((one["last_contact_on"] for one in tables["member"] if one["last_contact_on"]), default=as_of)
    return cases(as_of, begin, names(tables), levels, lambda n: 2 if n[0] else 0)


def r3(tables: Tables, as_of: date) -> set[Story]:
    return {
        (row["org_id"], str(row["year"]), ((day.isoformat(), 1),), "", "")
        for row in tables["heart_talk_year"]
        for day in [date(row["year"] + 1, 1, 1) + timedelta(days=GRACE)]
        if day <= as_of and row["held_count"] < row["due_count"]
    }


def r4(tables: Tables, as_of: date) -> set[Story]:
    uses = [row for row in tables["position_use"] if row["events"] > 0 and row["on_date"] <= as_of]
    start = min((row["on_date"] for row in uses), default=None)

    def levels(org: str, day: date) -> list[int]:
        made = []
        for one in tables["position"]:
            begin = max(start, one["opened_on"] or start) if start else None
            if one["org_id"] != org or begin is None:
                continue
            days = [row["on_date"] for row in uses if row["position_id"] == one["position_id"]]
            last = max((it for it in [*days, begin] if it <= day), default=None)
            made += [1] if last is not None and (day - last).days > 60 else []
        return made

    return cases(as_of, start or as_of, names(tables), levels, lambda n: 1 if n[0] else 0)


def r5(tables: Tables, as_of: date) -> set[Story]:
    found = silences(tables, as_of)

    def levels(org: str, day: date) -> list[int]:
        return [1 for one, begin, end in found if one == org and begin + timedelta(days=7) <= day < end]

    start = min((begin for _, begin, _ in found), default=as_of)
    return cases(as_of, start, names(tables), levels, lambda n: 2 if n[0] else 0)


def leads(tables: Tables, as_of: date) -> dict[str, str]:
    """Return community → the organisation that leads it."""
    order = ("committee", "general_branch", "branch", "joint_branch")
    found: dict[str, str] = {}
    rows = [row for row in tables["organisation"] if row["kind"] in order]
    rows = [row for row in rows if (row.get("abolished_on") or date.max) > as_of]
    rows.sort(key=lambda row: (row["domain"] not in ("village", "urban_community"), order.index(row["kind"])))
    for row in rows:
        found.setdefault(row["region_id"], row["org_id"])
    return found


def r6(tables: Tables, as_of: date) -> set[Story]:
    lead = leads(tables, as_of)

    def levels(org: str, day: date) -> list[int]:
        made = []
        for row in tables["service_request"]:
            taken = row["taken_at"] or datetime.max
            late, long = (row["raised_at"] + timedelta(hours=hours) for hours in (48, 168))
            if lead.get(row["community_id"]) == org and taken > late and late.date() <= day < taken.date():
                made.append(2 if taken > long and long.date() <= day else 1)
        return made

    begin = min((row["raised_at"].date() for row in tables["service_request"]), default=as_of)
    return cases(as_of, begin, names(tables), levels, lambda n: 2 if n[1] else 1 if n[0] else 0)


def r7(tables: Tables, as_of: date) -> set[Story]:
    lead, home = leads(tables, as_of), {row["building_id"]: row["community_id"] for row in tables["building"]}
    known = set(names(tables))
    month = month_of(begins(tables))
    day = first(month + 1) + timedelta(days=GRACE)
    bare = {
        lead[place]
        for row in tables["unit"]
        for place in [row["region_id"] or home.get(row["building_id"])]
        if row["member_count"] >= 3 and row["org_id"] not in known and place in lead
    }
    return {(org, name_of("month", month), ((day.isoformat(), 1),), "", "") for org in bare}


ALL: dict[str, Callable[[Tables, date], set[Story]]] = {
    "W06": w06,
    "W07": w07,
    "W10": w10,
    "W15": w15,
    "R1": r1,
    "R2": r2,
    "R3": r3,
    "R4": r4,
    "R5": r5,
    "R6": r6,
    "R7": r7,
}
