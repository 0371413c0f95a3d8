"""Districts drawn at random, with what goes wrong in real ones: loops, strays, late and double events."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from stores.tables import fact_tables

Rows = dict[str, list[dict[str, Any]]]
ROOT = "320115"
FIRST, LAST = date(2018, 11, 1), date(2019, 2, 28)
KINDS = ("work_committee", "committee", "general_branch", "branch", "branch", "joint_branch", "temp_branch")
STATUS = ("full", "full", "full", "probationary", "transferred_out", "suspended")


def draw(seed: int) -> Rows:
    """Draw a district from a seed: one to three towns, up to a dozen organisations, forty members."""
    dice = random.Random(seed)
    rows: Rows = {"region": _regions(dice)}
    communities = [row["region_id"] for row in rows["region"] if row["level"] == "community"]
    rows["building"] = [
        {
            "building_id": f"B{n}",
            "name": f"b{n}",
            "community_id": dice.choice([*communities, "nowhere"]),
            "floors": 5,
        }
        for n in range(dice.randint(0, 4))
    ]
    rows["organisation"] = _organisations(dice, rows)
    orgs = [row["org_id"] for row in rows["organisation"]]
    rows["member"] = [_member(dice, n, orgs) for n in range(dice.randint(1, 40))]
    rows["transfer"] = [_transfer(dice, n, orgs, rows["member"]) for n in range(dice.randint(0, 12))]
    rows["activity"] = [_activity(dice, n, orgs) for n in range(dice.randint(1, 25))]
    rows["attendance"] = sign_ins(dice, rows, dice.randint(0, 30))
    rows["study_record"] = [_study(dice, n, orgs, rows["member"]) for n in range(dice.randint(0, 25))]
    rows["dues_month"] = _dues(dice, orgs)
    return rows


def arrow(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Lay rows out as a table with the types of the store, even when a column is empty."""
    kinds = {
        "text": pa.string(), "integer": pa.int64(), "bigint": pa.int64(), "double": pa.float64(),
        "boolean": pa.bool_(), "date": pa.date32(), "timestamp": pa.timestamp("us"), "blob": pa.binary(),
    }  # fmt: skip
    used = {key for row in rows for key in row} or set(fact_tables()[name].key)
    columns = {column: kind for column, kind in fact_tables()[name].columns.items() if column in used}
    if "source_id" in used:
        columns["source_id"] = "text"
    arrays = [pa.array([row.get(column) for row in rows], kinds[kind]) for column, kind in columns.items()]
    return pa.table(arrays, names=list(columns))


def sign_ins(dice: random.Random, rows: Rows, count: int) -> list[dict[str, Any]]:
    """Draw sign-ins, some double, some for activities that are not known."""
    activities = [row["activity_id"] for row in rows["activity"]] + ["A-unknown"]
    people = [row["member_pid"] for row in rows["member"]]
    return [
        {
            "activity_id": dice.choice(activities),
            "member_pid": dice.choice(people),
            "at": datetime(2019, 1, 1) + timedelta(minutes=dice.randint(0, 50_000)),
            "channel": "card",
            "state": dice.choice(("valid", "valid", "valid", "late", "observer", "rejected")),
        }
        for _ in range(count)
    ]


def _regions(dice: random.Random) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"region_id": ROOT, "level": "district", "name": "district"}]
    for town in range(1, dice.randint(2, 4)):
        code = f"{ROOT}{town:03}"
        rows.append(
            {"region_id": code, "level": "town", "name": code, "parent_id": dice.choice([ROOT, None])}
        )
        for number in range(1, dice.randint(2, 4)):
            one = f"{code}{number:03}"
            parent = dice.choice([code, None])
            rows.append({"region_id": one, "level": "community", "name": one, "parent_id": parent})
    return rows


def _organisations(dice: random.Random, rows: Rows) -> list[dict[str, Any]]:
    count = dice.randint(1, 12)
    places = [row["region_id"] for row in rows["region"]] + [None, "nowhere"]
    buildings = [row["building_id"] for row in rows["building"]] + [None, None, "B-unknown"]
    ids = [f"O{n:05}" for n in range(count)]
    return [
        {
            "org_id": key,
            "name": key,
            "kind": dice.choice(KINDS),
            "domain": dice.choice(("village", "organ", None)),
            # now and then above itself: a loop
            "parent_org_id": dice.choice(
                [*ids[:place], *ids[: max(1, place // 2)], None, "O-unknown", ids[-1]]
            ),
            "region_id": dice.choice(places),
            "building_id": dice.choice(buildings),
            "floor": dice.choice((1, 2, None)),
            "lon": dice.choice((118.8, 118.85, None)),
            "lat": 31.9,
            "founded_on": dice.choice((None, date(2015, 1, 1), date(2018, 12, 31), date(2019, 1, 15))),
            "abolished_on": dice.choice((None, None, None, date(2019, 1, 31))),
            "status": dice.choice(("active", "active", "active", "merged")),
        }
        for place, key in enumerate(ids)
    ]


def _member(dice: random.Random, number: int, orgs: list[str]) -> dict[str, Any]:
    status = dice.choice(STATUS)
    joined = dice.choice(("1980-07", "2018-12", "2019-01", None))
    return {
        "member_pid": f"m{number:02}",
        "branch_id": dice.choice(orgs),
        "status": status,
        "sex": dice.choice(("m", "f", None)),
        "birth_year": dice.choice((1950, 1988, 1989, None)),
        "joined_month": joined,
        "full_month": dice.choice((None, "1981-07", "2019-01", "2019-02")),
        "exempt_study": dice.choice((False, False, True, None)),
    }


def _transfer(
    dice: random.Random, number: int, orgs: list[str], members: list[dict[str, Any]]
) -> dict[str, Any]:
    status = dice.choice(("completed", "completed", "completed", "pending_to_branch", "returned"))
    applied = FIRST + timedelta(days=dice.randint(0, 110))
    decided = datetime(applied.year, applied.month, applied.day, 9) + timedelta(
        days=dice.randint(0, 9), minutes=number
    )
    return {
        "transfer_id": f"t{number}",
        "member_pid": dice.choice([row["member_pid"] for row in members] + ["m-gone"]),
        "from_org_id": dice.choice([*orgs, None]),
        "from_external": "安徽省",
        "to_org_id": dice.choice([*orgs, None]),
        "to_external": "上海市",
        "status": status,
        "applied_on": applied,
        "step_entered_at": decided,
        "decided_at": None if status.startswith("pending") else decided,
    }


def _activity(dice: random.Random, number: int, orgs: list[str]) -> dict[str, Any]:
    day = FIRST + timedelta(days=dice.randint(0, (LAST - FIRST).days))
    return {
        "activity_id": f"A{number:03}",
        "org_id": dice.choice([*orgs, "O-unknown"]),
        "institution": dice.choice(("theme_day", "theme_day", "lecture", "org_life_meeting")),
        "start_at": datetime(day.year, day.month, day.day, dice.choice((9, 14, 19))),
        "due_count": dice.choice((None, 2, 5, 30)),
        "attended_count": dice.choice((None, 0, 2, 6)),
        "leave_count": dice.choice((None, 1)),
        "absent_count": dice.choice((None, 3)),
        "for_year": dice.choice((None, 2018)),
        "status": dice.choice(("held", "held", "held", "approved", "planned", "cancelled")),
    }


def _study(
    dice: random.Random, number: int, orgs: list[str], members: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "record_id": f"s{number}",
        "member_pid": dice.choice(members)["member_pid"],
        "branch_id": dice.choice(orgs),
        "on_date": FIRST + timedelta(days=dice.randint(0, (LAST - FIRST).days)),
        "hours": dice.choice((1.0, 2.5, 8.0)),
        "kind": dice.choice(("lecture", "online")),
    }


def _dues(dice: random.Random, orgs: list[str]) -> list[dict[str, Any]]:
    return [
        {"branch_id": org, "month": month, "liable_count": 5, "paid_count": dice.randint(0, 5)}
        for org in orgs
        for month in ("2018-11", "2019-01")
        if dice.random() < 0.5
    ]
