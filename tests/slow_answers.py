"""The roll-ups once more, in plain slow Python: what the SQL is held against."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from random_district import ROOT, Rows

HELD = ("held", "approved")
COUNTED = ("valid", "late")
Row = dict[str, Any]


def months_of(rows: Rows, as_of: date) -> list[str]:
    """List the months from the first event to the data date."""
    days = [str(row["start_at"])[:7] for row in rows["activity"] if row["status"] in HELD]
    days += [str(row["on_date"])[:7] for row in rows["study_record"]]
    days += [str(row["decided_at"])[:7] for row in rows["transfer"] if row["status"] == "completed"]
    days += [row["month"] for row in rows["dues_month"]]
    first, last = min([*days, f"{as_of:%Y-%m}"]), f"{as_of:%Y-%m}"
    found, year, month = [], int(first[:4]), int(first[5:])
    while f"{year}-{month:02}" <= last:
        found.append(f"{year}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def nodes_above(rows: Rows) -> dict[tuple[str, str], list[str]]:
    """Return (basis, organisation) → the nodes it counts in, root last."""
    above: dict[tuple[str, str], list[str]] = {}
    parents = _affiliation(rows)
    places = _places(rows)
    for org in rows["organisation"]:
        key = org["org_id"]
        chain = [key]
        while parents.get(chain[-1]):
            chain.append(parents[chain[-1]])
        above["affiliation", key] = chain
        if org["building_id"] in places:
            start = [org["building_id"]]
            if org["floor"] is not None:
                start = [f"{org['building_id']}/{org['floor']}", org["building_id"]]
        else:
            start = [org["region_id"] if org["region_id"] in places else ROOT]
        while places.get(start[-1]):
            start.append(places[start[-1]])
        above["place", key] = start
    return above


def _affiliation(rows: Rows) -> dict[str, str]:
    given = {row["org_id"]: row["parent_org_id"] for row in rows["organisation"]}
    parents = {}
    for key, parent in given.items():
        seen, here = set(), parent
        while here in given and here not in seen:
            seen.add(here)
            here = given[here]
        looped = key in seen
        parents[key] = parent if parent in given and not looped else ROOT
    return parents


def _places(rows: Rows) -> dict[str, str | None]:
    known = {row["region_id"]: row for row in rows["region"] if row["region_id"] != ROOT}
    places: dict[str, str | None] = {ROOT: None}
    for key, row in known.items():
        if row["level"] == "town":
            places[key] = ROOT
        else:
            wanted = row["parent_id"] if row["parent_id"] in known else key[:9]
            places[key] = wanted if wanted in known else ROOT
    for row in rows["building"]:
        places[row["building_id"]] = row["community_id"] if row["community_id"] in known else ROOT
    return places


def in_scope(org: Row, month: str) -> bool:
    """Tell whether an organisation counts in a month."""
    if org["founded_on"] and str(org["founded_on"])[:7] > month:
        return False
    if org["abolished_on"]:
        return str(org["abolished_on"])[:7] > month
    return org["status"] not in ("merged", "abolished")


def branch_of(pid: str, member: Row | None, moves: list[Row], month: str) -> str | None:
    """Follow one member's completed transfers back from today to the end of a month."""
    for move in sorted(moves, key=lambda row: (row["decided_at"], row["transfer_id"])):
        if str(move["decided_at"])[:7] > month:
            return move["from_org_id"]
    current = member is not None and member["status"] in ("full", "probationary")
    return member["branch_id"] if member and current else None


def leaves(rows: Rows, as_of: date) -> dict[tuple[str, str], Counter[str]]:
    """Return (organisation, month) → what it counts."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    known = {row["org_id"] for row in rows["organisation"]}
    months = months_of(rows, as_of)
    _count_members(rows, months, known, found)
    for row in _activities(rows):
        counts = found[row["org_id"], str(row["start_at"])[:7]]
        counts.update(
            activities=1, due=row["due"], attended=row["attended"], on_leave=row["leave_count"] or 0
        )
    for row in rows["dues_month"]:
        found[row["branch_id"], row["month"]].update(
            dues_liable=row["liable_count"], dues_paid=row["paid_count"]
        )
    for row in rows["study_record"]:
        found[row["branch_id"], str(row["on_date"])[:7]].update(study_hours=row["hours"])
    for row in rows["transfer"]:
        if row["status"] == "completed":
            found[row["to_org_id"], str(row["decided_at"])[:7]].update(transfers_in=1)
            found[row["from_org_id"], str(row["decided_at"])[:7]].update(transfers_out=1)
    return {key: counts for key, counts in found.items() if key[0] in known and key[1] in months}


def _count_members(
    rows: Rows, months: list[str], known: set[str], found: dict[tuple[str, str], Counter[str]]
) -> None:
    members = {row["member_pid"]: row for row in rows["member"]}
    moves: dict[str, list[Row]] = defaultdict(list)
    for row in rows["transfer"]:
        if row["status"] == "completed":
            moves[row["member_pid"]].append(row)
    records = sorted(str(row["on_date"])[:7] for row in rows["study_record"])
    for pid in members.keys() | moves.keys():
        member = members.get(pid)
        done: list[float] = []
        for month in months:
            branch = branch_of(pid, member, moves[pid], month)
            joined = member["joined_month"] if member else None
            if branch not in known or (joined and joined > month):
                continue
            probation = bool(member) and (
                member["status"] == "probationary"
                or bool(member["full_month"] and member["full_month"] > month)
            )
            counts = found[branch, month]
            counts.update(members=1, probationary=int(probation), full_members=int(not probation))
            counts.update(joined=int(joined == month))
            if records and month >= records[0] and not (member and member["exempt_study"]):
                own = [row for row in rows["study_record"] if row["member_pid"] == pid]
                done.append(sum(row["hours"] for row in own if str(row["on_date"])[:7] == month))
                share = 0.5 if len(done) < 12 else 1.0
                lagging = sum(done[-12:]) < 32 / 12 * len(done[-12:]) * share - 1e-6
                counts.update(study_members=1, study_lagging=int(lagging))


def _activities(rows: Rows) -> list[Row]:
    first: dict[tuple[str, str], Row] = {}
    for row in rows["attendance"]:
        first.setdefault((row["activity_id"], row["member_pid"]), row)
    signed = Counter(key[0] for key, row in first.items() if row["state"] in COUNTED)
    held = [row for row in rows["activity"] if row["status"] in HELD]
    return [row | _came(row, signed[row["activity_id"]]) for row in held]


def _came(row: Row, signed: int) -> Row:
    reported = row["attended_count"] or 0
    due = row["due_count"]
    if due is None:
        due = 0 if row["attended_count"] is None else row["attended_count"] + (row["absent_count"] or 0)
    attended = max(reported, signed)
    return {"attended": attended, "due": max(due, attended)}


def domain_of(org: Row) -> str:
    """Return the domain an organisation counts in."""
    return str(org["domain"] or "other")


def trees(rows: Rows, as_of: date, domain: str | None = None) -> dict[tuple[str, str, str], Counter[str]]:
    """Return (basis, node, month) → what all organisations below it count, or those of one domain."""
    found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    above = nodes_above(rows)
    leaf = leaves(rows, as_of)
    for org in rows["organisation"]:
        if domain not in (None, domain_of(org)):
            continue
        for month in months_of(rows, as_of):
            counts = Counter(leaf.get((org["org_id"], month), Counter()))
            if in_scope(org, month):
                level = {"work_committee": "committees", "committee": "committees"}
                level |= {"general_branch": "general_branches"}
                counts.update({"organisations": 1, level.get(org["kind"], "branches"): 1})
            for basis in ("place", "affiliation"):
                for node in above[basis, org["org_id"]]:
                    found[basis, node, month].update(counts)
    return found


def moved(
    rows: Rows, basis: str, node: str, months: list[str], domain: str | None = None
) -> tuple[int, int, int]:
    """Count completed transfers inside a node, into it and out of it; of one domain, of its organisations."""
    above = nodes_above(rows)
    for org in rows["organisation"]:
        if domain not in (None, domain_of(org)):
            above[basis, org["org_id"]] = []
    inside = into = out = 0
    for row in rows["transfer"]:
        if row["status"] != "completed" or str(row["decided_at"])[:7] not in months:
            continue
        leaves_it = node in above.get((basis, str(row["from_org_id"])), ())
        arrives = node in above.get((basis, str(row["to_org_id"])), ())
        inside += leaves_it and arrives
        into += arrives and not leaves_it
        out += leaves_it and not arrives
    return inside, into, out
