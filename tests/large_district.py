"""A district of any size made in seconds, with the demo's numbers of everything but none of its care."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import shapely

ROOT = "320115"
MONTHS = np.array([f"2018-{month:02}" for month in range(3, 13)] + ["2019-01", "2019-02"], dtype=object)
BRANCHES, MEMBERS, ACTIVITIES, SIGN_INS, STUDIES, TRANSFERS = 2283, 62498, 68000, 700_000, 360_000, 3940
DOMAINS = np.array(
    ["village", "urban_community", "nonpublic", "school", "organ", "soe", "institution"], dtype=object
)
INSTITUTIONS = np.array(
    ["theme_day", "member_meeting", "committee_meeting", "lecture", "group_meeting"], dtype=object
)


def tables(scale: int = 1, seed: int = 1, events: float = 1) -> dict[str, pa.Table]:
    """Return the facts by table of the store: regions as they are, all else `scale` times.

    ``events`` is the share of activities, sign-ins and study records that is made: what screens ask grows
    with places, organisations and months, not with them.
    """
    busy = scale * events
    rng = np.random.default_rng(seed)
    made = {"region": _regions(), "building": _buildings(round(8000 * scale**0.7), rng)}
    made["organisation"] = _organisations(scale, made["building"], rng)
    branches = np.array(
        [f"O{index:06}" for index in range(10 + 292 * scale, 10 + (292 + 2283) * scale)], dtype=object
    )
    made["member"] = _members(MEMBERS * scale, branches, rng)
    made["activity"] = _activities(round(ACTIVITIES * busy), branches, rng)
    made["attendance"] = _sign_ins(round(ACTIVITIES * busy), MEMBERS * scale, rng)
    made["dues_month"] = _dues(branches)
    made["study_record"] = _studies(round(STUDIES * busy), branches, made["member"], rng)
    made["transfer"] = _transfers(scale, made["member"], branches, rng)
    made["unit"] = _units(made["building"], rng)
    return made


def _codes() -> list[str]:
    return [f"320115{town:03}{community:03}" for town in range(1, 11) for community in range(1, 22)]


def _regions() -> pa.Table:
    rows: list[dict[str, Any]] = [_region(ROOT, "district", None, (118.6, 31.7, 119.1, 32.1))]
    for town in range(1, 11):
        west = 118.6 + 0.05 * (town - 1)
        code = f"320115{town:03}"
        rows.append(_region(code, "town", ROOT, (west, 31.7, west + 0.05, 32.1)))
        for number in range(21):
            south = 31.7 + number * 0.019
            box = (west, south, west + 0.05, south + 0.019)
            rows.append(_region(f"{code}{number + 1:03}", "community", code, box))
    return pa.Table.from_pylist(rows)


def _region(
    key: str, level: str, parent: str | None, box: tuple[float, float, float, float]
) -> dict[str, Any]:
    geom = bytes(shapely.to_wkb(shapely.box(*box)))
    return {"region_id": key, "name": f"{level} {key}", "level": level, "parent_id": parent, "geom": geom}


def _buildings(count: int, rng: np.random.Generator) -> pa.Table:
    codes = np.array(_codes(), dtype=object)
    place = rng.integers(0, len(codes), count)
    lon = 118.6 + 0.05 * (place // 21) + 0.048 * rng.random(count)
    lat = 31.7 + 0.019 * (place % 21) + 0.018 * rng.random(count)
    return pa.table(
        {
            "building_id": [f"B{index:06}" for index in range(count)],
            "name": [f"building {index}" for index in range(count)],
            "community_id": codes[place],
            "kind": rng.choice(["office", "residential", "factory"], count),
            "floors": rng.integers(2, 31, count),
            "geom": pa.array(shapely.to_wkb(shapely.box(lon, lat, lon + 0.0004, lat + 0.0004)), pa.binary()),
        }
    )


def _organisations(scale: int, buildings: pa.Table, rng: np.random.Generator) -> pa.Table:
    committees, general, branches = 124 * scale, 168 * scale, 2283 * scale
    count = 10 + committees + general + branches
    kind = np.repeat(
        np.array(["work_committee", "committee", "general_branch", "branch"], dtype=object),
        [10, committees, general, branches],
    )
    parent: list[str | None] = [None] * 10
    parent += [f"O{up:06}" for up in rng.integers(0, 10, committees)]
    parent += [f"O{up:06}" for up in rng.integers(10, 10 + committees, general)]
    parent += [f"O{up:06}" for up in rng.integers(10, 10 + committees + general, branches)]
    where = rng.integers(0, buildings.num_rows, count)
    inside = rng.random(count) < 0.5
    community = np.array(buildings["community_id"].to_pylist(), dtype=object)[where]
    town = (np.array([int(code[6:9]) for code in community]) - 1) * 0.05
    return pa.table(
        {
            "org_id": [f"O{index:06}" for index in range(count)],
            "name": [f"organisation {index}" for index in range(count)],
            "kind": kind,
            "domain": rng.choice(DOMAINS, count),
            "parent_org_id": pa.array(parent, pa.string()),
            "region_id": community,
            "building_id": pa.array(
                [f"B{at:06}" if own else None for at, own in zip(where, inside, strict=True)]
            ),
            "floor": rng.integers(1, 9, count),
            "lon": 118.6 + town + 0.05 * rng.random(count),
            "lat": 31.7 + 0.4 * rng.random(count),
            "status": ["active"] * count,
        }
    )


def _members(count: int, branches: np.ndarray, rng: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "member_pid": [f"{index:032x}" for index in range(count)],
            "branch_id": rng.choice(branches, count),
            "status": rng.choice(["full", "probationary"], count, p=[0.98, 0.02]),
            "sex": rng.choice(["f", "m"], count, p=[0.27, 0.73]),
            "birth_year": rng.integers(1935, 2001, count),
            "education": rng.choice(["postgrad", "bachelor", "college", "secondary", "junior"], count),
            "occupation": rng.choice(["worker", "farmer", "professional", "manager", "retired"], count),
            "joined_month": rng.choice([f"{year}-07" for year in range(1955, 2019)], count),
        }
    )


def _activities(count: int, branches: np.ndarray, rng: np.random.Generator) -> pa.Table:
    day = np.datetime64("2018-03-01") + rng.integers(0, 365, count)
    due = rng.integers(5, 45, count)
    return pa.table(
        {
            "activity_id": [f"A{index:08}" for index in range(count)],
            "org_id": rng.choice(branches, count),
            "institution": rng.choice(INSTITUTIONS, count),
            "start_at": pa.array(
                (day + rng.integers(8, 20, count) * np.timedelta64(1, "h")).astype("datetime64[us]")
            ),
            "due_count": due,
            "attended_count": (due * 0.2).astype(int),
            "status": ["held"] * count,
        }
    )


def _sign_ins(activities: int, members: int, rng: np.random.Generator) -> pa.Table:
    each = SIGN_INS // ACTIVITIES
    activity = np.repeat(np.arange(activities), each)
    first = rng.integers(0, members - 20, activities)
    member = np.repeat(first, each) + np.tile(np.arange(each), activities)
    return pa.table(
        {
            "activity_id": [f"A{index:08}" for index in activity],
            "member_pid": [f"{index:032x}" for index in member],
            "at": pa.array(np.full(len(activity), np.datetime64("2019-01-01T10:00:00", "us"))),
            "channel": pa.array(["card"] * len(activity)),
            "state": pa.array(["valid"] * len(activity)),
        }
    )


def _dues(branches: np.ndarray) -> pa.Table:
    count = len(branches) * len(MONTHS)
    return pa.table(
        {
            "branch_id": np.repeat(branches, len(MONTHS)),
            "month": np.tile(MONTHS, len(branches)),
            "liable_count": [27] * count,
            "paid_count": [25] * count,
        }
    )


def _studies(count: int, branches: np.ndarray, members: pa.Table, rng: np.random.Generator) -> pa.Table:
    who = rng.integers(0, members.num_rows, count)
    return pa.table(
        {
            "record_id": [f"S{index:08}" for index in range(count)],
            "member_pid": members["member_pid"].take(pa.array(who)),
            "branch_id": members["branch_id"].take(pa.array(who)),
            "on_date": pa.array(
                (np.datetime64("2018-03-01") + rng.integers(0, 365, count)).astype("datetime64[D]")
            ),
            "hours": rng.integers(2, 10, count).astype(float),
            "kind": rng.choice(["fixed_day", "lecture", "online"], count),
        }
    )


def _transfers(scale: int, members: pa.Table, branches: np.ndarray, rng: np.random.Generator) -> pa.Table:
    count = TRANSFERS * scale
    who = rng.choice(members.num_rows, count, replace=False)
    day = (np.datetime64("2018-03-01") + rng.integers(0, 365, count)).astype("datetime64[us]")
    inside = rng.random(count) < 0.6
    origin = [f if own else None for f, own in zip(rng.choice(branches, count), inside, strict=True)]
    return pa.table(
        {
            "transfer_id": [f"T{index:07}" for index in range(count)],
            "member_pid": members["member_pid"].take(pa.array(who)),
            "from_org_id": pa.array(origin, pa.string()),
            "from_external": pa.array([None if own else "安徽省" for own in inside], pa.string()),
            "to_org_id": members["branch_id"].take(pa.array(who)),
            "status": ["completed"] * count,
            "applied_on": day.astype("datetime64[D]"),
            "decided_at": pa.array(day),
        }
    )


def _units(buildings: pa.Table, rng: np.random.Generator) -> pa.Table:
    count = buildings.num_rows
    return pa.table(
        {
            "unit_id": [f"U{index:06}" for index in range(count)],
            "name": [f"unit {index}" for index in range(count)],
            "building_id": buildings["building_id"],
            "floor": rng.integers(1, 9, count),
            "coverage": rng.choice(["own", "joint", "under3", "none", "gap"], count),
        }
    )
