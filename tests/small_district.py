"""A district small enough for a test and true enough for the product: two towns, four quarters, real rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from stores.desk import open_desk
from stores.gate import Gate
from stores.settings import Settings
from stores.store import LoadReport, open_store
from stores.whole import WholeStore

ROOT = "320115"
TOWNS = {"320115001": ("东山街道", "Dongshan Subdistrict"), "320115002": ("秣陵街道", "Moling Subdistrict")}
COMMUNITIES = {
    "320115001001": ("中前社区", "Zhongqian Community"),
    "320115001002": ("东山社区", "Dongshan Community"),
    "320115002001": ("东旺社区", "Dongwang Community"),
    "320115002002": ("太平社区", "Taiping Community"),
}
WEST, SOUTH, STEP = 118.80, 31.90, 0.02
MONTHS = [f"2018-{month:02}" for month in range(3, 13)] + ["2019-01", "2019-02"]


@dataclass(frozen=True)
class Opened:
    """Hold an opened small district."""

    store: WholeStore
    gate: Gate
    settings: Settings


def open_small(folder: Path) -> Opened:
    """Load the small district into a new store in a folder and open it."""
    settings = settings_in(folder)
    store = WholeStore(open_store(settings.store.url, settings), open_desk(settings), settings)
    meta = {"as_of": "2019-02-28", "data_label": "demo"}
    store.load(tables(), LoadReport(folder="small", started_at=datetime(2019, 3, 1), meta=meta))
    return Opened(store, Gate(store, settings, b"a key for tests only"), settings)


def settings_in(folder: Path) -> Settings:
    """Return settings whose store and data lie in a folder."""
    base = Settings(data_dir=folder)
    address = base.store.model_copy(update={"url": f"duckdb:///{folder / 'ejia.duckdb'}"})
    return base.model_copy(update={"store": address})


def tables() -> dict[str, pa.Table]:
    """Return the facts, by table of the store."""
    rows = {
        "region": _regions(),
        "building": _buildings(),
        "organisation": _organisations(),
        "member": _members(),
        "activity": _activities(),
        "transfer": _transfers(),
        "position": _positions(),
    }
    return {
        name: pa.Table.from_pylist([row | {"source_id": f"{name}.csv"} for row in part])
        for name, part in rows.items()
    }


def _square(column: int, row: int, width: int = 1, height: int = 1) -> bytes:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return bytes(shapely.to_wkb(shapely.box(west, south, west + width * STEP, south + height * STEP)))


def _region(
    key: str, names: tuple[str, str], level: str, kind: str, parent: str | None, geom: bytes
) -> dict[str, Any]:
    about = {"region_id": key, "code_system": "nbs", "name": names[0], "name_en": names[1], "level": level}
    basis = "official" if level == "district" else "schematic"
    return about | {"kind": kind, "parent_id": parent, "geom": geom, "geom_basis": basis}


def _regions() -> list[dict[str, Any]]:
    """Tile the district: a town is a column of two squares, a community one square."""
    rows = [
        _region(ROOT, ("江宁区", "Jiangning District"), "district", "district", None, _square(0, 0, 2, 2))
    ]
    for column, (key, names) in enumerate(TOWNS.items()):
        rows.append(_region(key, names, "town", "subdistrict", ROOT, _square(column, 0, 1, 2)))
    for i, (key, names) in enumerate(COMMUNITIES.items()):
        rows.append(_region(key, names, "community", "urban_community", key[:9], _square(i // 2, i % 2)))
    return rows


def _buildings() -> list[dict[str, Any]]:
    rows = []
    for i, community in enumerate(COMMUNITIES):
        west, south = WEST + (i // 2) * STEP + 0.005, SOUTH + (i % 2) * STEP + 0.005
        foot = bytes(shapely.to_wkb(shapely.box(west, south, west + 0.001, south + 0.0008)))
        about = {"building_id": f"B{i + 1:06}", "name": f"科创大厦{i + 1}号楼", "community_id": community}
        rows.append(about | {"kind": "office", "floors": 12, "geom": foot, "crs_in": "wgs84"})
    return rows


def _organisations() -> list[dict[str, Any]]:
    """Give each town a committee, each community a general branch with two branches."""
    rows = [
        _organisation(
            f"O1000{i + 1}", f"中共{names[0]}工作委员会", "work_committee", None, f"{town}001", None
        )
        for i, (town, names) in enumerate(TOWNS.items())
    ]
    for i, (community, names) in enumerate(COMMUNITIES.items()):
        above = f"O2000{i + 1}"
        town = f"O1000{1 + list(TOWNS).index(community[:9])}"
        rows.append(_organisation(above, f"{names[0]}党总支", "general_branch", town, community, None))
        for n in (1, 2):
            name = f"{names[0]}第{n}党支部"
            rows.append(_organisation(f"O3{i + 1}00{n}", name, "branch", above, community, f"B{i + 1:06}"))
    return rows


def _organisation(
    key: str, name: str, kind: str, parent: str | None, community: str, building: str | None
) -> dict[str, Any]:
    i = list(COMMUNITIES).index(community)
    about = {"org_id": key, "name": name, "short_name": name, "kind": kind, "unit_relation": "own"}
    where = {"parent_org_id": parent, "region_id": community, "building_id": building}
    spot = {
        "floor": 3 if building else None,
        "lon": WEST + (i // 2 + 0.3) * STEP,
        "lat": SOUTH + (i % 2 + 0.3) * STEP,
    }
    return (
        about
        | where
        | spot
        | {"domain": "urban_community", "founded_on": date(2010, 7, 1), "status": "active"}
    )


def branches() -> list[str]:
    """Return the ids of the branches."""
    return [row["org_id"] for row in _organisations() if row["kind"] == "branch"]


def _members() -> list[dict[str, Any]]:
    """Give the branches 24, 31, 38 … members of mixed sex, age and education."""
    rows = []
    for i, branch in enumerate(branches()):
        for n in range(24 + 7 * i):
            mixed = {"sex": "mf"[n % 3 == 0], "birth_year": 1940 + (n * 7 + i) % 60, "education": "bachelor"}
            state = {
                "status": "probationary" if n == 3 else "full",
                "joined_month": "2009-07",
                "contact_state": "normal",
            }
            rows.append(
                {"member_pid": f"{branch}-{n:03}", "branch_id": branch, **mixed, **state, "floating": "no"}
            )
    return rows


def _activities() -> list[dict[str, Any]]:
    rows = []
    for i, branch in enumerate(branches()):
        due = 24 + 7 * i
        for month in MONTHS:
            begin = datetime.fromisoformat(f"{month}-15 09:00")
            head = {
                "activity_id": f"A-{branch}-{month}",
                "org_id": branch,
                "institution": "theme_day",
                "title": "主题党日",
            }
            when = {
                "start_at": begin,
                "end_at": begin.replace(hour=11),
                "lon": WEST + 0.01,
                "lat": SOUTH + 0.01,
            }
            sums = {"due_count": due, "attended_count": due * 3 // 4, "leave_count": 2, "absent_count": 1}
            rows.append(head | when | sums | {"public": True, "status": "held"})
    return rows


def _transfers() -> list[dict[str, Any]]:
    """Move members between the first and the last branch."""
    ends = branches()[0], branches()[-1]
    rows = []
    for n in range(12):
        at = datetime(2019, 1, 10 + n, 10)
        ids = {
            "transfer_id": f"T{n:03}",
            "member_pid": f"{ends[1]}-{n:03}",
            "from_org_id": ends[0],
            "to_org_id": ends[1],
        }
        state = {
            "scope": "inside_branch_tree",
            "status": "completed",
            "applied_on": date(2019, 1, 4),
            "decided_at": at,
        }
        rows.append(ids | state)
    return rows


def _positions() -> list[dict[str, Any]]:
    spot = {"lon": WEST + 0.012, "lat": SOUTH + 0.012, "opened_on": date(2018, 1, 1), "featured": True}
    about = {"position_id": "P001", "name": "东山街道党群服务中心", "kind": "service_centre"}
    return [about | {"org_id": "O10001", "region_id": "320115001001"} | spot]
