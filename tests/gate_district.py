"""A small district with both hierarchies, small branches and rare events, as the gate's tests need it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = "320115"
MONTHS = ("2018-11", "2018-12", "2019-01", "2019-02")
CANARY = "canary-member"
Rows = list[dict[str, Any]]


def small_district(
    seed: int = 1, towns: int = 4, communities: int = 6, branches: int = 8
) -> dict[str, pa.Table]:
    """Make the facts of a small district as tables for ``Store.load``.

    One member, ``CANARY``, has attributes nobody shares.
    """
    rng = np.random.default_rng(seed)
    regions = _regions(towns, communities)
    places = [row["region_id"] for row in regions if row["level"] == "community"]
    buildings = [
        {
            "building_id": f"B{at:06d}",
            "name": f"楼{at}",
            "community_id": places[at // 3],
            "kind": "office",
            "floors": 6,
        }
        for at in range(3 * len(places))
    ]
    organisations = _organisations(rng, places, towns, communities, branches)
    leaves = [row for row in organisations if row["kind"] == "branch"]
    members = _members(rng, leaves)
    facts: dict[str, Rows] = {
        "region": regions,
        "building": buildings,
        "organisation": organisations,
        "member": members,
        "activity": _activities(rng, leaves, members),
        "dues_month": _dues(rng, leaves, members),
        "study_record": _study(rng, members),
        "transfer": _transfers(rng, leaves, members),
        "appraisal_year": _appraisals(rng, leaves, members),
    }
    return {name: pa.Table.from_pylist(rows) for name, rows in facts.items()}


def _regions(towns: int, communities: int) -> Rows:
    """Make the district, its towns and their communities."""
    rows: Rows = [
        {"region_id": ROOT, "name": "江宁区", "level": "district", "kind": "district", "parent_id": None}
    ]
    for town in range(towns):
        code = f"{ROOT}{town + 1:03d}"
        rows.append(
            {"region_id": code, "name": f"街道{town}", "level": "town", "kind": "街道", "parent_id": ROOT}
        )
        for one in range(communities):
            rows.append(_region(f"{code}{one + 1:03d}", f"社区{town}.{one}", "community", code))
    return rows


def _region(code: str, name: str, level: str, parent: str | None) -> dict[str, Any]:
    """Make one region."""
    kind = {"town": "街道", "community": "urban_community"}.get(level, level)
    return {"region_id": code, "name": name, "level": level, "kind": kind, "parent_id": parent}


def _organisations(
    rng: np.random.Generator, places: list[str], towns: int, communities: int, branches: int
) -> Rows:
    """Make town committees, community general branches, one committee across all towns, and branches."""
    rows: Rows = []

    def add(kind: str, parent: str | None, place: str, **more: Any) -> str:
        name = f"O{len(rows):05d}"
        rows.append(
            {
                "org_id": name,
                "name": f"组织{len(rows)}",
                "kind": kind,
                "parent_org_id": parent,
                "region_id": place,
                "status": "active",
                "founded_on": date(2001, 7, 1),
                "domain": "urban_community",
                "building_id": None,
                "floor": None,
                **more,
            }
        )
        return name

    heads = [add("work_committee", None, places[town * communities]) for town in range(towns)]
    across = add("committee", None, places[0])
    for at, place in enumerate(places):
        general = add("general_branch", heads[at // communities], place)
        for _ in range(int(rng.integers(branches // 2, branches + 1))):
            home = at * 3 + int(rng.integers(3))
            housed = rng.random() < 0.6
            add(
                "branch",
                across
                if rng.random() < 0.15
                else heads[at // communities]
                if rng.random() < 0.1
                else general,
                place,
                domain=str(rng.choice(["urban_community", "nonpublic", "school", "soe"])),
                building_id=f"B{home:06d}" if housed else None,
                floor=int(rng.integers(1, 4)) if housed else None,
            )
    return rows


def _members(rng: np.random.Generator, leaves: Rows) -> Rows:
    """Make members; sizes of branches are log-normal, from three up."""
    rows: Rows = []
    for leaf in leaves:
        rows += [
            _member(rng, f"m{len(rows) + at}", leaf["org_id"])
            for at in range(3 + int(rng.lognormal(2.4, 0.8)))
        ]
    canary = {**rows[0], "member_pid": CANARY, "birth_year": 1990, "sex": "u", "education": "postgrad"}
    return [
        *rows,
        {**canary, "contact_state": "lost", "lost_since": date(2018, 5, 1), "occupation": "student"},
    ]


def _member(rng: np.random.Generator, name: str, branch: str) -> dict[str, Any]:
    """Make one member."""
    lost = rng.random() < 0.01
    probation = rng.random() < 0.02
    return {
        "member_pid": name,
        "branch_id": branch,
        "status": "probationary" if probation else "full",
        "sex": "f" if rng.random() < 0.3 else "m",
        "birth_year": int(rng.integers(1930, 1999)),
        "education": str(rng.choice(["bachelor", "college", "secondary", "junior"])),
        "occupation": str(rng.choice(["worker", "farmer", "retired", "manager"])),
        "joined_month": "2018-08" if probation else f"{int(rng.integers(1970, 2017))}-07",
        "full_month": None if probation else "2018-01",
        "contact_state": "lost" if lost else "normal",
        "lost_since": date(2018, 3, 5) if lost else None,
    }


def _size(members: Rows) -> dict[str, int]:
    """Count members by branch."""
    size: dict[str, int] = {}
    for member in members:
        size[member["branch_id"]] = size.get(member["branch_id"], 0) + 1
    return size


def _activities(rng: np.random.Generator, leaves: Rows, members: Rows) -> Rows:
    """Make two meetings a branch and month."""
    size, rows = _size(members), []
    for leaf in leaves:
        for month in MONTHS:
            for institution in ("member_meeting", "theme_day"):
                due = size[leaf["org_id"]]
                start = datetime(int(month[:4]), int(month[5:]), int(rng.integers(1, 28)), 9, 30)
                rows.append(
                    {
                        "activity_id": f"a{len(rows)}",
                        "org_id": leaf["org_id"],
                        "institution": institution,
                        "start_at": start,
                        "due_count": due,
                        "attended_count": int(rng.binomial(due, 0.85)),
                        "status": "held",
                        "lon": 118.8 + float(rng.random()) * 0.2,
                        "lat": 31.9 + float(rng.random()) * 0.2,
                    }
                )
    return rows


def _dues(rng: np.random.Generator, leaves: Rows, members: Rows) -> Rows:
    """Make dues of each branch and month; few are in arrears."""
    size = _size(members)
    return [
        {
            "branch_id": leaf["org_id"],
            "month": month,
            "liable_count": size[leaf["org_id"]],
            "paid_count": int(rng.binomial(size[leaf["org_id"]], 0.97)),
            "exempt_count": 0,
        }
        for leaf in leaves
        for month in MONTHS
    ]


def _study(rng: np.random.Generator, members: Rows) -> Rows:
    """Make a few records of study, with halves of hours."""
    return [
        {
            "record_id": f"s{at}",
            "member_pid": member["member_pid"],
            "branch_id": member["branch_id"],
            "on_date": date(2019, int(rng.integers(1, 3)), int(rng.integers(1, 28))),
            "hours": float(rng.integers(1, 9)) / 2,
            "kind": str(rng.choice(["lecture", "online", "self"])),
        }
        for at, member in enumerate(members)
        if rng.random() < 0.5
    ]


def _transfers(rng: np.random.Generator, leaves: Rows, members: Rows) -> Rows:
    """Make transfers between branches, in from outside, and some still pending."""
    rows: Rows = []
    for at, pick in enumerate(rng.choice(len(members) - 1, 160, replace=False)):
        member = members[int(pick)]
        outside = rng.random() < 0.3
        other = leaves[int(rng.integers(len(leaves)))]["org_id"]
        if other == member["branch_id"]:
            continue
        pending = rng.random() < 0.2
        day = datetime(2018 + int(rng.random() < 0.5), 1, 10, 10, 0)
        day = day.replace(month=12) if day.year == 2018 else day
        rows.append(
            {
                "transfer_id": f"x{at}",
                "member_pid": member["member_pid"],
                "scope": "in_from_outside" if outside else "inside_branch_tree",
                "from_org_id": None if outside else other,
                "from_external": "安徽省" if outside else None,
                "to_org_id": member["branch_id"],
                "status": "pending_to_branch" if pending else "completed",
                "applied_on": day.date(),
                "step_entered_at": day,
                "decided_at": None if pending else day,
            }
        )
    return rows


def _appraisals(rng: np.random.Generator, leaves: Rows, members: Rows) -> Rows:
    """Make the yearly appraisal of each branch."""
    size = _size(members)
    return [
        {
            "org_id": leaf["org_id"],
            "year": 2018,
            "eligible": size[leaf["org_id"]],
            "participated": int(rng.binomial(size[leaf["org_id"]], 0.93)),
        }
        for leaf in leaves
    ]
