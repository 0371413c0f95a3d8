"""A small district whose every private text is marked, and its true numbers counted by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from stores.desk import SqliteDesk
from stores.gate import Gate
from stores.settings import Settings
from stores.store import LoadReport, Store, open_store
from stores.whole import WholeStore
from tests.gate_district import CANARY, MONTHS, ROOT, Rows, small_district
from tests.small_district import Opened, settings_in

SECRET = "verschwiegen"
"""Stands in every text that is stored and never published."""
PID = "p7q"
"""Begins every member's id."""
HTML = "<img src=x onerror=alert(1)>"
"""Stands in names; the wall may show it, as letters."""
WORDS = str.maketrans("0123456789.", "零一二三四五六七八九点")
"""Names without digits, so that a number on the wall is a count."""
LONELY_HOUR = 3
"""One person alone signed in at this hour of the night, far from everybody."""
WEST, SOUTH, STEP = 118.7, 31.8, 0.03
SUMS = ("due", "attended", "dues_liable", "dues_paid")
COUNTED = frozenset({"full", "probationary"})


class Facts:
    """Hold the facts as rows and count from them what the store must never say exactly."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {name: t.to_pylist() for name, t in small_district(seed=3).items()}
        self._draw()
        self._mark()
        self._be_alone()

    def tables(self) -> dict[str, pa.Table]:
        """Give the facts as tables for `Store.load`."""
        return {name: pa.Table.from_pylist(rows) for name, rows in self.rows.items()}

    def _draw(self) -> None:
        """Give towns, communities, buildings and organisations a place on the ground."""
        places = [row for row in self.rows["region"] if row["level"] == "community"]
        spots = {row["region_id"]: (i // 6, i % 6) for i, row in enumerate(places)}
        for row in self.rows["region"]:
            inside = [spot for key, spot in spots.items() if key.startswith(row["region_id"])]
            row["geom"] = bytes(shapely.to_wkb(shapely.union_all([_square(*spot) for spot in inside])))
            row["geom_basis"] = "schematic"
        for row in self.rows["building"]:
            west, south = _corner(*spots[row["community_id"]])
            foot = shapely.box(west + 0.01, south + 0.01, west + 0.011, south + 0.011)
            row["geom"] = bytes(shapely.to_wkb(foot))
        for row in self.rows["organisation"]:
            west, south = _corner(*spots[row["region_id"]])
            row["lon"], row["lat"] = west + 0.012, south + 0.013
        self.rows["position"] = [
            {
                "position_id": "Z1",
                "name": f"阵地{HTML}",
                "kind": "service_centre",
                "lon": 118.71,
                "lat": 31.81,
            }
            | {"org_id": "O00000", "region_id": places[0]["region_id"], "featured": True}
        ]
        self.rows["unit"] = [
            {"unit_id": "U1", "name": "公司", "building_id": "B000000", "floor": 2, "coverage": "none"}
            | {"region_id": places[0]["region_id"], "member_count": 2}
        ]

    def _mark(self) -> None:
        """Mark what is private, give members long ids, and put a tag into names."""
        for name in ("member", "study_record", "transfer"):
            for row in self.rows[name]:
                pid = row["member_pid"]
                row["member_pid"] = pid if pid == CANARY else f"{PID}{int(pid[1:]):06d}"
        marks = {
            "member": ("lost_reason", "flow_city"),
            "transfer": ("reason", "letter_no", "decided_by_org"),
            "activity": ("title", "source"),
            "organisation": ("unified_credit_code",),
            "study_record": ("course_id",),
        }
        for name, columns in marks.items():
            for row in self.rows[name]:
                row.update(dict.fromkeys(columns, f"{SECRET}-{name}"))
        for rows in self.rows.values():
            for row in rows:
                row["source_id"] = f"{SECRET}-source"
        for name in ("region", "building", "organisation"):
            for row in self.rows[name]:
                row["name"] = row["name"].translate(WORDS)
        for row in self.rows["organisation"]:
            row["name"] += HTML
            row["short_name"] = row["name"]
        leaves = [row for row in self.rows["member"] if row["member_pid"] == CANARY]
        self.rows["post"] = [
            {"post_id": "T1", "org_id": leaves[0]["branch_id"], "member_pid": CANARY, "role": "secretary"}
            | {"from_on": date(2017, 1, 1), "source_id": SECRET}
        ]
        meeting = next(row for row in self.rows["activity"] if row["org_id"] == leaves[0]["branch_id"])
        self.rows["attendance"] = [
            {"activity_id": meeting["activity_id"], "member_pid": CANARY, "at": meeting["start_at"]}
            | {"channel": "card", "reader_id": SECRET, "state": "valid", "source_id": SECRET}
        ]

    def _be_alone(self) -> None:
        """Let one person sign in alone, where and when nobody else does."""
        first = self.rows["activity"][0]
        self.rows["activity"].append(
            {**first, "activity_id": "alone", "start_at": datetime(2019, 2, 20, LONELY_HOUR, 5)}
            | {"institution": "lecture", "due_count": 1, "attended_count": 1, "lon": 118.86, "lat": 31.97}
        )

    @cached_property
    def nodes(self) -> dict[tuple[str, str], set[str]]:
        """Return the organisations under each (basis, node); branches only."""
        organisations = {row["org_id"]: row for row in self.rows["organisation"]}
        found: dict[tuple[str, str], set[str]] = {}
        for row in organisations.values():
            if row["kind"] != "branch":
                continue
            place = row["region_id"]
            under = [("place", node) for node in (ROOT, place[:9], place)]
            if row["building_id"]:
                under += [("place", row["building_id"]), ("place", f"{row['building_id']}/{row['floor']}")]
            above: str | None = row["org_id"]
            while above:
                under.append(("affiliation", above))
                above = organisations[above]["parent_org_id"]
            for node in [*under, ("affiliation", ROOT)]:
                found.setdefault(node, set()).add(row["org_id"])
        return found

    def organisations(self, basis: str, node: str) -> Rows:
        """Return the organisations of all kinds under a node."""
        rows = self.rows["organisation"]
        if basis == "affiliation":
            return [row for row in rows if node == ROOT or node in self._chain(row["org_id"])]
        if node.startswith("B"):
            building, _, floor = node.partition("/")
            return [r for r in rows if r["building_id"] == building and floor in ("", str(r["floor"]))]
        return [row for row in rows if row["region_id"].startswith(node)]

    def _chain(self, organisation: str) -> list[str]:
        """Return an organisation and those above it."""
        parents = {row["org_id"]: row["parent_org_id"] for row in self.rows["organisation"]}
        found = [organisation]
        while parents[found[-1]]:
            found.append(parents[found[-1]])
        return found

    @cached_property
    def _heads(self) -> dict[str, Counter[str]]:
        """Count the members of each branch in each month, transfers that came later taken back."""
        heads: dict[str, Counter[str]] = {month: Counter() for month in MONTHS}
        moves = {row["member_pid"]: row for row in self.rows["transfer"] if row["status"] == "completed"}
        for row in self.rows["member"]:
            move = moves.get(row["member_pid"])
            for month in MONTHS:
                branch: str | None = row["branch_id"]
                if move and f"{move['decided_at']:%Y-%m}" > month:
                    branch = move["from_org_id"]
                if branch and row["status"] in COUNTED and row["joined_month"] <= month:
                    heads[month][branch] += 1
        return heads

    def members(self, basis: str, node: str, month: str) -> int:
        """Count the members under a node in a month."""
        return sum(self._heads[month][branch] for branch in self.nodes.get((basis, node), ()))

    @cached_property
    def _conduct(self) -> dict[tuple[str, str], Counter[str]]:
        """Sum due, attended, dues_liable and dues_paid by branch and month."""
        sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for row in self.rows["activity"]:
            own = sums[row["org_id"], f"{row['start_at']:%Y-%m}"]
            own.update(due=row["due_count"], attended=row["attended_count"])
        for row in self.rows["dues_month"]:
            own = sums[row["branch_id"], row["month"]]
            own.update(dues_liable=row["liable_count"], dues_paid=row["paid_count"])
        return sums

    def conduct(self, basis: str, node: str, month: str) -> dict[str, int]:
        """Count due, attended, dues_liable and dues_paid under a node in a month."""
        found = [self._conduct[branch, month] for branch in self.nodes.get((basis, node), ())]
        return {name: sum(one[name] for one in found) for name in SUMS}


def _corner(column: int, row: int) -> tuple[float, float]:
    return WEST + column * STEP, SOUTH + row * STEP


def _square(column: int, row: int) -> Any:
    west, south = _corner(column, row)
    return shapely.box(west, south, west + STEP, south + STEP)


def open_secret(folder: Path, facts: Facts) -> Opened:
    """Load the facts into a new store in a folder and open it."""
    settings: Settings = settings_in(folder)
    store: Store = open_store(settings.store.url, settings)
    meta = {"as_of": "2019-02-28", "data_label": "demo"}
    store.load(facts.tables(), LoadReport(folder="secret", started_at=datetime(2019, 3, 1), meta=meta))
    whole = WholeStore(store, SqliteDesk(folder / "desk.sqlite"))
    return Opened(whole, Gate(whole, settings, b"a key for tests only"), settings)
