"""Each warning agrees with a slow and plain evaluation over random histories, and every day with the end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.warnings.columns import NEVER
from tests import slow_warnings as slow
from tests.plain_store import found, told

START, END = date(2018, 1, 1), date(2019, 4, 20)
ORGS = ("O1", "O2", "O3")
few = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
days = st.dates(START, END)


@st.composite
def organisations(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for name in ORGS:
        kind = draw(st.sampled_from(["branch", "branch", "joint_branch", "temp_branch", "committee"]))
        gone = draw(st.one_of(st.none(), st.none(), days))
        founded = draw(st.one_of(st.just(date(2010, 1, 1)), st.dates(date(2017, 11, 1), date(2018, 12, 31))))
        row = {"org_id": name, "kind": kind, "status": "active", "founded_on": founded, "abolished_on": gone}
        rows.append(row)
    return rows


@st.composite
def pauses(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = {}
    for _ in range(draw(st.integers(0, 2))):
        org, begin = draw(st.sampled_from(ORGS)), draw(days)
        until = draw(
            st.one_of(st.none(), st.integers(5, 120).map(lambda n, begin=begin: begin + timedelta(n)))
        )
        made[org] = {"org_id": org, "from_on": begin, "to_on": until}
    return list(made.values())


@st.composite
def meetings(
    draw: st.DrawFn, institution: str, most: int, heads: bool = False, years: bool = False
) -> list[dict[str, Any]]:
    rows = [meeting(0, "O9", "heart_talk", START)]
    for number in range(draw(st.integers(0, most))):
        row = meeting(number + 1, draw(st.sampled_from(ORGS)), institution, draw(days))
        row["status"] = draw(st.sampled_from(["held", "held", "held", "cancelled"]))
        if heads:
            row["due_count"] = draw(st.integers(0, 24))
            row["attended_count"] = draw(st.integers(0, row["due_count"]))
        if years:
            row["for_year"] = draw(st.sampled_from([2017, 2018]))
        elif draw(st.integers(0, 4)) == 0 and not heads:
            month = row["start_at"].year * 12 + row["start_at"].month - 2
            kind = "quarter" if institution in ("member_meeting", "lecture") else "month"
            start = month // 3 * 3 if kind == "quarter" else month
            row["make_up_for"] = slow.name_of(kind, start)
        rows.append(row)
    return rows


def meeting(number: int, org: str, institution: str, day: date) -> dict[str, Any]:
    start = datetime(day.year, day.month, day.day, 14)
    row = {"activity_id": f"H{number}", "org_id": org, "institution": institution, "status": "held"}
    return row | {
        "start_at": start,
        "end_at": start + timedelta(hours=2),
        "due_count": 0,
        "attended_count": 0,
    }


def exemptions(institution: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.sampled_from(ORGS).map(lambda org: [{"org_id": org, "institution": institution}])
    return st.one_of(st.just([]), st.just([]), row)


@pytest.mark.parametrize(
    ("key", "institution", "kind", "ladder"),
    [
        ("W04", "member_meeting", "quarter", (2, 3, 4)),
        ("W05", "committee_meeting", "month", (1, 2, 3)),
        ("W08", "theme_day", "month", (2, 3, 4)),
    ],
)
@few
@given(data=st.data(), as_of=st.dates(date(2018, 5, 1), END))
def test_duties(
    key: str, institution: str, kind: str, ladder: tuple[int, ...], data: st.DataObject, as_of: date
) -> None:
    tables: slow.Tables = {
        "organisation": data.draw(organisations()),
        "org_pause": data.draw(pauses()),
        "exempt_institution": data.draw(exemptions(institution)),
        "activity": data.draw(meetings(institution, 14)),
    }
    row = {"status": "full", "joined_month": "2000-01", "full_month": "2001-01"}
    tables["member"] = [row | {"member_pid": f"{org}{n}", "branch_id": org} for org in ORGS for n in range(7)]
    expected = slow.duty(tables, as_of, institution, kind, ladder)
    assert told(found(key, tables, as_of), tables) == expected


@few
@given(data=st.data(), as_of=st.dates(date(2018, 5, 1), END))
def test_sign_in_rates(data: st.DataObject, as_of: date) -> None:
    tables: slow.Tables = {
        "organisation": data.draw(organisations()),
        "org_pause": data.draw(pauses()),
        "activity": data.draw(meetings("theme_day", 24, heads=True)),
    }
    tables["activity"] = [row for row in tables["activity"] if row["start_at"].day < 26]
    assert told(found("W02", tables, as_of), tables) == slow.w02(tables, as_of)


@st.composite
def dues(draw: st.DrawFn) -> slow.Tables:
    months = st.dates(date(2017, 1, 1), date(2019, 6, 1)).map(lambda day: f"{day:%Y-%m}")
    members, states = [], []
    for number in range(draw(st.integers(1, 6))):
        pid = f"P{number}"
        status = draw(st.sampled_from(["full", "probationary", "suspended"]))
        member = {"member_pid": pid, "branch_id": draw(st.sampled_from(ORGS)), "status": status}
        members.append(member | {"joined_month": draw(st.sampled_from(["2000-01", "2018-03"]))})
        begin = draw(st.one_of(st.none(), st.none(), months))
        state = {"member_pid": pid, "paid_through_month": draw(st.one_of(months, st.none()))}
        state |= {"cycle": draw(st.sampled_from(["monthly", "quarterly"])), "exempt_from": begin}
        end = draw(st.one_of(st.none(), months)) if begin else None
        state["exempt_to"] = max(begin, end) if begin and end else None
        states.append(state | {"liable_from": draw(st.one_of(st.none(), months))})
    rows = [{"org_id": name, "kind": "branch", "status": "active"} for name in ORGS]
    return {"organisation": rows, "member": members, "dues_status": states}


@few
@given(tables=dues(), as_of=st.dates(date(2018, 5, 1), END))
def test_dues(tables: slow.Tables, as_of: date) -> None:
    made = found("W01", tables, as_of)
    now = {ORGS[one.org]: one.severity for one in made.episodes if one.closed >= NEVER}
    assert now == slow.w01_open(tables, as_of)


@st.composite
def transfers(draw: st.DrawFn) -> slow.Tables:
    moves, events = [], []
    for number in range(draw(st.integers(1, 5))):
        name, day = f"T{number}", draw(st.dates(START, date(2019, 1, 31)))
        moves.append({"transfer_id": name, "status": "completed", "applied_on": day, "route": "online"})
        for seq in range(draw(st.integers(1, 5))):
            status = draw(
                st.sampled_from(
                    ["pending_from_branch", "pending_to_committee", "returned", "pending_to_branch"]
                )
            )
            event = {"transfer_id": name, "seq": seq, "to_status": status, "at": slow.at(day)}
            events.append(event | {"org_id": draw(st.sampled_from([*ORGS, None]))})
            day += timedelta(days=draw(st.integers(0, 40)))
        if draw(st.booleans()):
            end = {
                "transfer_id": name,
                "seq": 9,
                "to_status": "completed",
                "at": slow.at(day),
                "org_id": None,
            }
            events.append(end)
    free = draw(st.lists(st.tuples(days, st.booleans()), max_size=12, unique_by=lambda pair: pair[0]))
    rows = [{"org_id": name, "kind": "branch", "status": "active"} for name in ORGS]
    calendar = [{"day": day, "is_workday": worked} for day, worked in free]
    return {"organisation": rows, "transfer": moves, "transfer_event": events, "workday": calendar}


@few
@given(tables=transfers(), as_of=st.dates(date(2018, 5, 1), END))
def test_steps_of_transfers(tables: slow.Tables, as_of: date) -> None:
    assert told(found("W03", tables, as_of), tables) == slow.w03(tables, as_of)


@few
@given(data=st.data(), as_of=st.dates(date(2018, 5, 1), END))
def test_life_meetings(data: st.DataObject, as_of: date) -> None:
    tables: slow.Tables = {
        "organisation": data.draw(organisations()),
        "org_pause": data.draw(pauses()),
        "exempt_institution": data.draw(exemptions("org_life_meeting")),
        "activity": data.draw(meetings("org_life_meeting", 8, years=True)),
    }
    assert told(found("W09", tables, as_of), tables) == slow.w09(tables, as_of)


@few
@given(data=st.data(), as_of=st.dates(date(2018, 5, 1), END))
def test_vacancies(data: st.DataObject, as_of: date) -> None:
    rows = [row | {"abolished_on": None} for row in data.draw(organisations())]
    posts = []
    for number in range(data.draw(st.integers(0, 8))):
        begin = data.draw(st.dates(date(2017, 10, 1), END))
        until = data.draw(
            st.one_of(st.none(), st.integers(1, 150).map(lambda n, begin=begin: begin + timedelta(n)))
        )
        role = data.draw(st.sampled_from(["secretary", "acting", "deputy_secretary"]))
        post = {"post_id": str(number), "org_id": data.draw(st.sampled_from(ORGS)), "member_pid": "P"}
        posts.append(post | {"role": role, "from_on": begin, "to_on": until})
    tables: slow.Tables = {"organisation": rows, "post": posts}
    assert told(found("W12", tables, as_of), tables) == slow.w12(tables, as_of)


@few
@given(data=st.data(), as_of=st.dates(date(2018, 5, 1), END))
def test_lost_members_and_probations(data: st.DataObject, as_of: date) -> None:
    members, disposals, decisions = [], [], []
    for number in range(data.draw(st.integers(1, 6))):
        pid, since = f"P{number}", data.draw(st.dates(date(2016, 1, 1), END))
        state = data.draw(st.sampled_from(["lost", "found", "normal"]))
        after = st.integers(1, 400).map(lambda n, since=since: since + timedelta(n))
        found_on = data.draw(after) if state == "found" else None
        row = {"member_pid": pid, "branch_id": data.draw(st.sampled_from(ORGS)), "contact_state": state}
        row |= {"status": data.draw(st.sampled_from(["full", "probationary"])), "lost_since": since}
        row |= {"found_on": found_on, "joined_month": "2010-01"}
        members.append(row | {"probation_end": data.draw(st.one_of(st.none(), days))})
        if state == "lost" and data.draw(st.booleans()):
            halt = {"member_pid": pid, "on_date": data.draw(after), "kind": "suspended"}
            disposals.append(halt)
            if data.draw(st.booleans()):
                end = halt["on_date"] + timedelta(data.draw(st.integers(1, 900)))
                disposals.append({"member_pid": pid, "on_date": end, "kind": "removed"})
        if data.draw(st.booleans()):
            kind = data.draw(st.sampled_from(["convert", "cancel"]))
            decisions.append({"member_pid": pid, "decided_on": data.draw(days), "kind": kind})
    rows = [{"org_id": name, "kind": "branch", "status": "active"} for name in ORGS]
    tables: slow.Tables = {"organisation": rows, "member": members, "disposal": disposals}
    tables["probation_decision"] = decisions
    assert told(found("W13", tables, as_of), tables) == slow.w13(tables, as_of)
    assert told(found("W14", _dated(tables), as_of), tables) == slow.w14(_dated(tables), as_of)


def _dated(tables: slow.Tables) -> slow.Tables:
    """Leave out members on probation without a day of its end: the rule for those has a test of its own."""
    return tables | {"member": [row for row in tables["member"] if row["probation_end"] is not None]}
