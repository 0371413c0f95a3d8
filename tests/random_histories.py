"""A made-up district for the warnings: every table they read, a year of ups and downs, from one seed.

Nothing in it is likely; everything that the rules tell apart happens somewhere: pauses, mergers, new and
temporary branches, silent readers, lessons made up for, steps sent back, members lost and found.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
DAY = timedelta(days=1)
CHANCE = {
    "member_meeting": 0.34,
    "committee_meeting": 0.8,
    "group_meeting": 0.7,
    "lecture": 0.3,
    "theme_day": 0.85,
    "org_life_meeting": 0.1,
    "appraisal": 0.07,
    "heart_talk": 0.1,
    "fixed_study_day": 0.4,
}
STEPS = ("pending_from_branch", "pending_from_committee", "pending_to_committee", "pending_to_branch")


class History:
    """Make a district's tables.

    Args:
        seed: the same seed makes the same district.
        organisations: how many; the first three are committees, one a community, and stay.
        members: how many a branch has on average.
        first, last: between which days things happen.
    """

    def __init__(self, seed: int, organisations: int, members: int, first: date, last: date) -> None:
        self.chance = Random(seed)
        self.first, self.last = first, last
        self.orgs = [f"O{number:02}" for number in range(organisations)]
        self.tables: Tables = {}
        self._organisations()
        self._members(members)
        self._activities()
        self._people()
        self._transfers()
        self._places()

    def _day(self, first: date | None = None, last: date | None = None) -> date:
        begin, end = first or self.first, last or self.last
        return begin + DAY * self.chance.randint(0, max((end - begin).days, 0))

    def _maybe(self, part: float, value: Any) -> Any:
        return value if self.chance.random() < part else None

    def _organisations(self) -> None:
        pick, rows = self.chance.choice, []
        for number, name in enumerate(self.orgs):
            kind = pick(["branch"] * 6 + ["joint_branch", "temp_branch"]) if number > 2 else "committee"
            row: Row = {"org_id": name, "kind": kind, "status": "active", "parent_org_id": self.orgs[0]}
            row["domain"] = "village" if number < 3 else pick(["village", "soe", "urban_community", "school"])
            row["region_id"] = "CDE"[number] if number < 3 else pick("CDE")
            row["founded_on"] = self._maybe(0.15, self._day()) or date(2009, 5, 1)
            row["group_count"] = pick([0, 0, 2, 3])
            row["term_years"] = self._maybe(0.3, 4)
            row["last_election_on"] = self._maybe(0.8, self._day(date(2013, 1, 1)))
            row["extension_to"] = self._maybe(0.1, self._day())
            if number > 2 and self.chance.random() < 0.1:
                row["abolished_on"] = self._day()
                row["merged_into"] = self._maybe(0.5, self.orgs[3])
            if number > 2 and self.chance.random() < 0.05:
                row["status"] = "paused"
            rows.append(row)
        rows[0]["parent_org_id"] = None
        self.tables["organisation"] = rows
        rests = {name: self._day() for name in self.orgs if self.chance.random() < 0.2}
        self.tables["org_pause"] = [
            {"org_id": name, "from_on": day, "to_on": self._maybe(0.7, self._day(day))}
            for name, day in rests.items()
        ]
        self.tables["exempt_institution"] = [
            {"org_id": name, "institution": pick(list(CHANCE))} for name in self.orgs if pick(range(12)) == 0
        ]
        self.tables["election"] = [
            {"org_id": name, "held_on": self._day(date(2015, 1, 1)), "approved_extension_to": None}
            for name in self.orgs
            if pick(range(4)) == 0
        ]
        self.tables["reader"] = [
            {"reader_id": f"R{name}", "org_id": name, "last_seen_at": self._maybe(0.2, _at(self._day(), 9))}
            for name in self.orgs[::3]
        ]
        self.tables["reader_outage"] = [
            {"reader_id": row["reader_id"], "from_on": day, "to_on": self._maybe(0.7, self._day(day))}
            for row in self.tables["reader"]
            if pick(range(3)) == 0
            for day in [self._day()]
        ]

    def _members(self, mean: int) -> None:
        pick, rows, dues, study = self.chance.choice, [], [], []
        disposals, decisions = [], []
        for name in self.orgs[3:]:
            for number in range(pick([0, 2, 3, mean, mean, mean, 2 * mean])):
                pid = f"{name}P{number}"
                row: Row = {"member_pid": pid, "branch_id": name, "birth_year": pick([1930, 1960, 1990])}
                row["status"] = pick(["full"] * 8 + ["probationary", "suspended"])
                row["joined_month"] = self._maybe(0.1, f"{self._day():%Y-%m}") or "2001-07"
                row["full_month"] = f"{int(row['joined_month'][:4]) + 1}{row['joined_month'][4:]}"
                row["probation_end"] = (
                    self._maybe(0.5, self._day()) if row["status"] == "probationary" else None
                )
                row["contact_state"] = pick(["normal"] * 8 + ["lost", "found"])
                row["lost_since"] = self._maybe(0.8, self._day(date(2016, 1, 1)))
                row["last_contact_on"] = self._maybe(0.7, self._day(date(2017, 1, 1)))
                row["found_on"] = None
                if row["contact_state"] == "found" and row["lost_since"]:
                    row["found_on"] = row["lost_since"] + DAY * pick(range(1, 500))
                if row["contact_state"] == "lost" and pick(range(2)) == 0:
                    disposals.append(
                        {"member_pid": pid, "on_date": self._day(), "kind": pick(["suspended", "removed"])}
                    )
                if row["status"] == "probationary" and pick(range(2)) == 0:
                    act = {"member_pid": pid, "decided_on": self._day(), "kind": pick(["convert", "extend"])}
                    decisions.append(act | {"extended_to": self._day() if act["kind"] == "extend" else None})
                row["floating"] = pick(["no"] * 6 + ["out"])
                row["exempt_study"] = pick(range(10)) == 0
                rows.append(row)
                paid = {"member_pid": pid, "cycle": pick(["monthly", "monthly", "quarterly"])}
                paid["paid_through_month"] = self._maybe(0.95, f"{self._day(date(2017, 6, 1)):%Y-%m}")
                dues.append(paid)
                for at in range(pick(range(12))):
                    one = {"record_id": f"{pid}-{at}", "member_pid": pid, "on_date": self._day()}
                    study.append(
                        one | {"hours": pick([1.0, 2.5, 4.0, 8.0]), "kind": pick(["self", "training"])}
                    )
        self.tables |= {"member": rows, "dues_status": dues, "study_record": study}
        self.tables |= {"disposal": disposals, "probation_decision": decisions}

    def _activities(self) -> None:
        acts, signs = [], []
        branches = self.orgs[3:]
        people: dict[str, list[str]] = {}
        for row in self.tables["member"]:
            people.setdefault(row["branch_id"], []).append(row["member_pid"])
        month = self.first.replace(day=1)
        while month <= self.last:
            following = (month + 32 * DAY).replace(day=1)
            for name in branches:
                for institution, part in CHANCE.items():
                    for _ in range(self.chance.choice([1, 1, 3]) if institution == "group_meeting" else 1):
                        if self.chance.random() < part:
                            row = self._activity(f"A{len(acts)}", name, institution, month, following)
                            acts.append(row)
                            signs += self._signs(row, people.get(name, []))
            month = following
        self.tables |= {"activity": acts, "attendance": signs}

    def _activity(self, key: str, org: str, institution: str, month: date, following: date) -> Row:
        pick, day = self.chance.choice, self._day(month, following - DAY)
        start = datetime(day.year, day.month, day.day, pick([9, 14, 19]))
        row: Row = {"activity_id": key, "org_id": org, "institution": institution, "start_at": start}
        row["end_at"] = self._maybe(0.9, start + timedelta(hours=2))
        row["status"] = pick(["held"] * 8 + ["cancelled", "approved"])
        due = pick([0, 4, 9, 12, 20])
        row |= {"due_count": due, "attended_count": self.chance.randint(0, due), "absent_count": 0}
        row["for_year"] = (
            pick([day.year - 1, day.year]) if institution in ("org_life_meeting", "appraisal") else None
        )
        row["group_no"] = self._maybe(0.8, pick([1, 2, 3])) if institution == "group_meeting" else None
        row["lecturer_role"] = self._maybe(0.2, "committee_secretary") if institution == "lecture" else None
        if pick(range(8)) == 0:
            before = month - DAY
            quarter = f"{before.year}Q{(before.month - 1) // 3 + 1}"
            row["make_up_for"] = (
                quarter if institution in ("member_meeting", "lecture") else f"{before:%Y-%m}"
            )
        return row

    def _signs(self, act: Row, people: list[str]) -> list[Row]:
        rows = []
        for pid in people:
            if self.chance.random() < 0.3:
                late = self.chance.choice(
                    [timedelta(minutes=m) for m in (-90, -10, 5, 170)] + [9 * DAY, 20 * DAY]
                )
                row = {"activity_id": act["activity_id"], "member_pid": pid, "at": act["start_at"] + late}
                row["channel"] = self.chance.choice(["card", "card", "manual", "visit"])
                rows.append(row | {"state": self.chance.choice(["valid", "valid", "late", "rejected"])})
        return rows

    def _people(self) -> None:
        pick = self.chance.choice
        posts = []
        for name in self.orgs:
            # Either no head ever, or one before the records begin: see W12 on what is known of the first.
            roles = pick([("member",), ("secretary", "acting", "member")])
            for turn in range(pick([0, 1, 2, 3])):
                begin = self._day() if turn else self._day(date(2016, 3, 1), self.first)
                until = self._maybe(0.5, self._day(begin))
                post: Row = {"post_id": f"{name}-{turn}", "org_id": name, "member_pid": f"{name}P0"}
                role = pick(roles) if turn else roles[0]
                posts.append(post | {"role": role, "from_on": begin, "to_on": until})
        self.tables["post"] = posts
        years = range(self.first.year, self.last.year)
        self.tables["appraisal_year"] = [
            {"org_id": name, "year": year, "eligible": n, "participated": self.chance.randint(n // 2, n)}
            for name in self.orgs
            for year in years
            if pick(range(3))
            for n in [pick([3, 8, 20])]
        ]
        self.tables["heart_talk_year"] = [
            {"org_id": name, "year": year, "due_count": 6, "held_count": pick([4, 6])}
            for name in self.orgs
            for year in years
        ]

    def _transfers(self) -> None:
        pick, moves, events = self.chance.choice, [], []
        people = [row["member_pid"] for row in self.tables["member"]]
        for number in range(len(self.orgs)):
            day = self._day()
            move: Row = {"transfer_id": f"T{number}", "member_pid": pick(people) if people else None}
            move |= {"from_org_id": pick([*self.orgs, None]), "to_org_id": pick([*self.orgs, None])}
            move |= {
                "applied_on": day,
                "route": pick(["online", "online", "letter"]),
                "letter_valid_days": None,
            }
            move["letter_issued_on"] = day if move["route"] == "letter" else None
            done = pick([True, False])
            for seq, status in enumerate(STEPS[: pick(range(1, 5))]):
                event: Row = {"transfer_id": move["transfer_id"], "seq": seq, "to_status": status}
                events.append(event | {"at": _at(day, 9), "org_id": pick([*self.orgs, None])})
                day += DAY * pick(range(40))
            move["status"] = "completed" if done else status
            move["decided_at"] = _at(day, 9) if done else None
            if done:
                end: Row = {"transfer_id": move["transfer_id"], "seq": 9, "to_status": "completed"}
                events.append(end | {"at": move["decided_at"], "org_id": None})
            moves.append(move)
        self.tables |= {"transfer": moves, "transfer_event": events}
        self.tables["workday"] = [
            {"day": day, "is_workday": pick([True, False])}
            for day in sorted({self._day() for _ in range(20)})
        ]

    def _places(self) -> None:
        pick = self.chance.choice
        halls: list[Row] = [
            {"position_id": f"Z{n}", "org_id": pick(self.orgs), "opened_on": self._maybe(0.3, self._day())}
            for n in range(5)
        ]
        self.tables["position"] = halls
        uses = {(pick(halls)["position_id"], self._day()) for _ in range(25)}
        self.tables["position_use"] = [
            {"position_id": hall, "on_date": day, "events": pick([0, 1, 2]), "visits": 3}
            for hall, day in sorted(uses)
        ]
        asks = []
        for number in range(15):
            raised = datetime.combine(self._day(), datetime.min.time()) + timedelta(hours=pick(range(24)))
            taken = self._maybe(0.8, raised + timedelta(hours=pick([2, 40, 60, 300])))
            row = {"request_id": f"Q{number}", "community_id": pick("CDEF"), "raised_at": raised}
            asks.append(row | {"taken_at": taken, "done_at": None})
        self.tables["service_request"] = asks
        self.tables["building"] = [{"building_id": "B1", "community_id": "C"}]
        self.tables["unit"] = [
            {"unit_id": f"U{n}", "region_id": pick(["C", "D", None]), "building_id": pick(["B1", None])}
            | {"member_count": pick([1, 3, 7]), "org_id": self._maybe(0.3, pick(self.orgs))}
            for n in range(8)
        ]


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour)
