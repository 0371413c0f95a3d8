"""Write the files of places, organisations, members and yearly books, and remember what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely

from loaders.demo import headers
from loaders.demo.columns import (
    member_columns,
    numbered,
    organisation_columns,
    position_rows,
    received_columns,
    region_rows,
    transfer_columns,
)
from loaders.demo.district import District
from loaders.demo.duties import (
    appraisals,
    build_dues,
    stars,
    weak_list,
)
from loaders.demo.files import (
    in_pieces,
    look_up,
    worded,
    write_csv,
    write_geojson,
    write_geopackage,
    write_xlsx,
    yes_no,
)
from loaders.demo.headers import Sheet
from loaders.demo.meetings import Habits
from loaders.demo.posts import board_of
from loaders.demo.venues import CATEGORIES, build_requests, build_units, position_use
from loaders.demo.workbook import HEADER_ROW
from loaders.demo.workdays import MONTHS, workday_calendar

ROSTER_LIMIT: Final = 1_000_000
"""Rows a worksheet can hold, roughly; a longer roster is handed over as text."""

CLOSING: Final = "注：本表为演示数据，姓名、证件号码、电话、住址均为虚构。"
REMARK: Final = "填报单位：江宁区委组织部（演示）　　数据截至：2019年2月28日"


@dataclass
class DemoSummary:
    """What has been written: the folder, rows by file and the figures the demo promises."""

    folder: Path
    scale: int
    rows: dict[str, int] = field(default_factory=dict)
    members: int = 0
    organisations: int = 0
    activities: int = 0
    sign_ins: int = 0
    study_records: int = 0
    transfers_completed: int = 0


class Writer:
    """Writes file after file and remembers what to declare."""

    def __init__(self, out: Path, district: District, scale: int, seed: int) -> None:
        self.out, self.district, self.scale, self.seed = out, district, scale, seed
        self.studied = [0] * len(MONTHS)
        self.declared: list[dict[str, Any]] = []
        m, o = district.members, district.organisations
        self.summary = DemoSummary(
            out,
            scale,
            members=int(m.current.sum()),
            organisations=len(o),
            transfers_completed=int((district.moves.status == "completed").sum()),
        )
        self.habits = Habits.draw(m, o, seed)
        self.board = board_of(district.posts, o)
        self.dues = build_dues(m, o, scale, seed)
        self.community = district.geography.communities["region_id"].to_numpy(dtype=object)
        self.building = district.geography.buildings["building_id"].to_numpy(dtype=object)

    def note(self, sheet: Sheet, path: str, rows: int, **more: Any) -> None:
        """Remember a file that was written, for declaration and summary."""
        entry: dict[str, Any] = {"path": path, "layout": sheet.layout}
        entry |= {"crs": sheet.crs} if sheet.crs else {}
        entry |= {"code_system": sheet.code_system} if sheet.code_system else {}
        self.declared.append(entry | more)
        self.summary.rows[path] = rows

    def csv(
        self, sheet: Sheet, columns: dict[str, Any], month: str = "", turn: int = 0, append: bool = False
    ) -> None:
        """Write or continue a text table; `turn` chooses among the encodings the offices use."""
        path = sheet.path.format(month=month)
        encoding = sheet.encodings[turn % len(sheet.encodings)]
        rows = write_csv(self.out / path, sheet, columns, encoding, append)
        if append:
            self.summary.rows[path] += rows
        else:
            self.note(sheet, path, rows, encoding=encoding)

    def xlsx(self, sheet: Sheet, pieces: Iterator[dict[str, Any]]) -> None:
        """Write a workbook."""
        rows = write_xlsx(self.out / sheet.path, sheet, pieces, REMARK, CLOSING)
        self.note(sheet, sheet.path, rows, header_row=HEADER_ROW)

    def places(self) -> None:
        """Write regions, buildings, positions and the calendar."""
        g, p = self.district.geography, self.district.positions
        regions, shapes = region_rows(g)
        self.note(
            headers.REGION,
            headers.REGION.path,
            write_geojson(self.out / headers.REGION.path, headers.REGION, regions, shapes),
        )
        table = g.buildings
        street = dict(zip(g.towns["region_id"], g.towns["name"], strict=True))
        homes = g.communities[["region_id", "town_id", "name"]].itertuples(index=False)
        place = {region: street[town] + name for region, town, name in homes}
        named = {
            "楼宇编号": table["building_id"],
            "楼宇名称": table["name"],
            "标准地址": [f"江宁区{place[c]}{n}号" for n, c in enumerate(table["community_id"], 1)],
            "区划代码": table["community_id"],
            "类型": worded("building.kind", table["kind"].to_numpy(dtype=object)),
            "楼层数": table["floors"],
            "等级": table["grade"],
        }
        frame = table.drop(columns=[c for c in table.columns if c != "geometry"]).assign(**named)
        self.note(
            headers.BUILDING,
            headers.BUILDING.path,
            write_geopackage(self.out / headers.BUILDING.path, headers.BUILDING, frame),
            layer=headers.BUILDING.layer,
        )
        rows = position_rows(p, self.community, self.district.organisations)
        self.note(
            headers.POSITION,
            headers.POSITION.path,
            write_geojson(
                self.out / headers.POSITION.path,
                headers.POSITION,
                rows,
                np.array(shapely.points(p.lon, p.lat), dtype=object),
            ),
        )
        days, worked, remark = workday_calendar()
        self.csv(
            headers.WORKDAY,
            {"日期": days, "是否工作日": yes_no(worked), "说明": np.array(remark, dtype=object)},
        )

    def organisation_sheet(self) -> None:
        """Write the organisations."""
        columns = organisation_columns(self.district, self.community, self.building)
        count = len(self.district.organisations)
        self.xlsx(
            headers.ORGANISATION, ({k: c[rows] for k, c in columns.items()} for rows in in_pieces(count))
        )

    def roster(self) -> None:
        """Write the members: a workbook, or text in several files when a worksheet cannot hold them."""
        d = self.district
        count = len(d.members)
        pieces = (member_columns(d, rows) for rows in in_pieces(count))
        if count <= ROSTER_LIMIT:
            self.xlsx(headers.MEMBER, pieces)
            return
        for number, start in enumerate(range(0, count, ROSTER_LIMIT // 2), 1):
            rows = np.arange(start, min(start + ROSTER_LIMIT // 2, count))
            path = headers.MEMBER.path.replace(".xlsx", f"_{number:02d}.csv")
            written = write_csv(self.out / path, headers.MEMBER, member_columns(d, rows), "utf-8-sig")
            self.note(headers.MEMBER, path, written, encoding="utf-8-sig")

    def books(self) -> None:
        """Write posts, transfers, appraisal, stars, weak organisations and the state of dues."""
        d, o = self.district, self.district.organisations
        p = d.posts
        self.csv(
            headers.POST,
            {
                "任职编号": numbered("RZ", 0, len(p)),
                "党组织编码": o.org_id[p.organisation],
                "党员编码": d.code.take(pa.array(p.member)),
                "党内职务": worded("post.role", p.role),
                "任职日期": p.since.astype("datetime64[D]"),
                "离任日期": p.until,
                "是否兼任": yes_no(p.concurrent),
            },
        )
        transfers = transfer_columns(d)
        self.xlsx(
            headers.TRANSFER, ({k: c[rows] for k, c in transfers.items()} for rows in in_pieces(len(d.moves)))
        )
        self.csv(headers.TRANSFER_RECEIVED, received_columns(d, self.seed))
        counts = appraisals(d.members, o, self.seed)
        names = headers.APPRAISAL.headers
        self.csv(
            headers.APPRAISAL,
            {
                names[0]: o.org_id[counts[0]],
                names[1]: np.full(len(counts[0]), 2018),
                **dict(zip(names[2:], counts[1:], strict=True)),
            },
        )
        rated = stars(o, self.seed)
        names = headers.STARS.headers
        self.csv(
            headers.STARS,
            {
                names[0]: o.org_id[o.branches],
                names[1]: np.full(len(o.branches), 2018),
                **dict(zip(names[2:], rated[1:], strict=True)),
            },
        )
        self._weak_and_dues()

    def _weak_and_dues(self) -> None:
        d, o = self.district, self.district.organisations
        w = weak_list(o, self.scale, self.seed)
        lead = look_up(o.short_name, np.where(o.parent[w.organisation] >= 0, o.town[w.organisation], -1))
        self.csv(
            headers.WEAK,
            {
                "党组织编码": o.org_id[w.organisation],
                "列入日期": w.listed,
                "类型": worded("weak_org.kind", w.kind),
                "列入依据": w.criteria,
                "联系单位": lead,
                "整顿阶段": w.stage,
                "摘帽日期": w.delisted,
            },
        )
        now = np.flatnonzero(d.members.current)
        q = self.dues
        self.csv(
            headers.DUES_STATUS,
            {
                "党员编码": d.code.take(pa.array(now)),
                "党费缴纳至年月": q.paid[now],
                "缴纳周期": worded(
                    "dues_status.cycle", np.where(q.quarterly[now], "quarterly", "monthly").astype(object)
                ),
                "免缴起始年月": q.exempt_from[now],
                "免缴截止年月": q.exempt_to[now],
                "起缴年月": q.liable[now],
            },
        )

    def surroundings(self) -> None:
        """Write the use of positions, the units in buildings and the requests for help."""
        d, o = self.district, self.district.organisations
        row, day, events, visits = position_use(d.positions, self.seed)
        self.csv(
            headers.POSITION_USE,
            {
                "阵地编号": d.positions.position_id[row],
                "日期": day,
                "活动场次": events,
                "到访人次": visits,
            },
        )
        u = build_units(d.geography, o, self.scale, self.seed)
        self.csv(
            headers.UNIT,
            {
                "单位编号": numbered("DW", 0, len(u.name)),
                "单位名称": u.name,
                "楼宇编号": self.building[u.building],
                "楼层": u.floor,
                "区划代码": d.geography.buildings["community_id"].to_numpy(dtype=object)[u.building],
                "组织覆盖方式": worded("unit.coverage", u.coverage),
                "党员人数": u.members,
                "党组织编码": look_up(o.org_id, u.organisation),
            },
        )
        r = build_requests(d.geography, self.scale, self.seed)
        self.csv(
            headers.SERVICE,
            {
                "需求编号": numbered("XQ", 0, len(r.raised)),
                "区划代码": self.community[r.community],
                "需求类别": np.array(CATEGORIES, dtype=object)[r.category],
                "提出时间": r.raised,
                "认领时间": r.taken,
                "完成时间": r.done,
                "状态": r.status,
                "志愿者人数": r.volunteers,
                "服务时长": r.hours,
            },
        )
