"""Write the whole demo folder: build the district's data, check its totals, write one file after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
import shapely
from numpy.typing import NDArray

from loaders.demo import headers, totals
from loaders.demo.duties import (
    STUDY_KINDS,
    appraisals,
    build_dues,
    build_study,
    dues_of,
    stars,
    study_hours,
    weak_list,
)
from loaders.demo.files import (
    declare,
    in_pieces,
    look_up,
    or_empty,
    worded,
    write_csv,
    write_geojson,
    write_geopackage,
    write_xlsx,
    yes_no,
)
from loaders.demo.geography import Geography, build_geography
from loaders.demo.headers import WORDS, Sheet
from loaders.demo.meetings import Activities, Habits, SignIns, hold_month, sign_in
from loaders.demo.members import CITIES, EDUCATION, OCCUPATIONS, Members, build_members
from loaders.demo.moves import OUTSIDE, REASONS, Moves, build_moves, roll_of, with_leavers
from loaders.demo.organisations import Organisations, build_organisations
from loaders.demo.posts import Posts, board_of, build_posts
from loaders.demo.venues import (
    CATEGORIES,
    Positions,
    build_positions,
    build_requests,
    build_units,
    position_use,
)
from loaders.demo.wording import home_addresses, identity_numbers, person_names, phone_numbers
from loaders.demo.workbook import HEADER_ROW
from loaders.demo.workdays import AS_OF, MONTHS, workday_calendar

Ints = NDArray[np.int64]
Progress = Callable[[str, float], None]

ROSTER_LIMIT: Final = 1_000_000
"""Rows a worksheet can hold, roughly; a longer roster is handed over as text."""

DISTRICT: Final = "320115"
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


@dataclass
class District:
    """Everything built before the monthly books are written."""

    geography: Geography
    organisations: Organisations
    members: Members
    moves: Moves
    posts: Posts
    positions: Positions
    code: Any


def write_demo(out: Path, scale: int = 1, seed: int = 2019, progress: Progress | None = None) -> DemoSummary:
    """Write the demo district's source files into `out`, the same for the same `seed`.

    `scale` multiplies members, organisations and positions over the same places. `progress` is called with
    what is being done and the share done (0 … 1). Raises ValueError for a scale below 1 and when a built
    total differs from the promised one.
    """
    if scale < 1:
        raise ValueError(f"scale must be 1 or more, not {scale}")
    say = progress or (lambda text, share: None)
    out.mkdir(parents=True, exist_ok=True)
    say("绘制区划与楼宇", 0.0)
    geography = build_geography(seed, scale)
    say("生成党组织与党员", 0.1)
    district = build_district(geography, scale, seed)
    check_totals(district, scale)
    writer = _Writer(out, district, scale, seed)
    steps: list[tuple[str, float, Callable[[], None]]] = [
        ("区划、楼宇与阵地", 0.15, writer.places),
        ("党组织信息", 0.2, writer.organisation_sheet),
        ("党员花名册", 0.22, writer.roster),
        ("任职、转接、评议", 0.45, writer.books),
        ("入驻单位与服务需求", 0.5, writer.surroundings),
    ]
    for text, share, step in steps:
        say(text, share)
        step()
    for month, name in enumerate(MONTHS):
        say(f"{name} 活动、签到、党费", 0.55 + 0.3 * month / 12)
        writer.month(month)
    say("学习记实", 0.87)
    writer.study()
    declare(out / headers.DECLARATION, "江宁区党建数据（演示）", str(AS_OF), writer.declared)
    say("完成", 1.0)
    return writer.summary


def build_district(geography: Geography, scale: int, seed: int) -> District:
    """Build organisations, members, moves, posts and positions."""
    organisations = build_organisations(geography, scale, seed)
    members = with_leavers(build_members(organisations, scale, seed), scale, seed, organisations)
    moves = build_moves(members, organisations, scale, seed)
    posts = build_posts(members, organisations, scale, seed)
    positions = build_positions(geography, organisations, scale, seed)
    code = pa.array([f"DY{number:07d}" for number in range(1, len(members) + 1)])
    return District(geography, organisations, members, moves, posts, positions, code)


def check_totals(district: District, scale: int) -> None:
    """Compare what was built with the promised figures. Raises ValueError naming the first that differs."""
    o, m, v = district.organisations, district.members, district.moves
    here = m.current
    found = {
        "members": (int(here.sum()), totals.MEMBERS),
        "organisations": (len(o), totals.ORGANISATIONS),
        "committees": (int(np.isin(o.kind, ("committee", "work_committee")).sum()), totals.COMMITTEES),
        "general branches": (int((o.kind == "general_branch").sum()), totals.GENERAL_BRANCHES),
        "branches": (len(o.branches), totals.BRANCHES),
        "life meetings": (int((o.life == "held").sum()), totals.LIFE_MEETINGS),
        "appraised": (int((here & ~m.unappraised).sum()), totals.APPRAISED),
        "women": (int((here & m.woman).sum()), totals.WOMEN),
        "college and above": (int((here & (m.education <= 2)).sum()), totals.COLLEGE),
        "lost": (int((m.contact != "normal").sum()), totals.LOST),
        "found": (int((m.contact == "found").sum()), totals.FOUND),
        "probationary": (int((m.status == "probationary").sum()), totals.PROBATIONARY),
        "floating out": (int((m.floating == "out").sum()), totals.FLOATING_OUT),
        "floating in": (int((m.floating == "in").sum()), totals.FLOATING_IN),
        "transfers": (int((v.status == "completed").sum()), sum(totals.TRANSFERS.values())),
        "two-micro": (
            int(np.isin(district.positions.kind, ("micro_a", "micro_b")).sum()),
            totals.POSITIONS["micro_a"] + totals.POSITIONS["micro_b"],
        ),
    }
    for low, high, count in totals.AGE_BANDS:
        found[f"aged {low}–{high}"] = (int((here & (m.age >= low) & (m.age <= high)).sum()), count)
    for what, (built, promised) in found.items():
        if built != promised * scale:
            raise ValueError(f"demo data: {what} are {built}, not {promised * scale}")


class _Writer:
    """Writes file after file and remembers what to declare."""

    def __init__(self, out: Path, district: District, scale: int, seed: int) -> None:
        self.out, self.district, self.scale, self.seed = out, district, scale, seed
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

    def _note(self, sheet: Sheet, path: str, rows: int, **more: Any) -> None:
        entry: dict[str, Any] = {"path": path, "layout": sheet.layout}
        entry |= {"crs": sheet.crs} if sheet.crs else {}
        entry |= {"code_system": sheet.code_system} if sheet.code_system else {}
        self.declared.append(entry | more)
        self.summary.rows[path] = rows

    def _csv(self, sheet: Sheet, columns: dict[str, Any], month: str = "", turn: int = 0) -> None:
        path = sheet.path.format(month=month)
        encoding = sheet.encodings[turn % len(sheet.encodings)]
        self._note(sheet, path, write_csv(self.out / path, sheet, columns, encoding), encoding=encoding)

    def _xlsx(self, sheet: Sheet, pieces: Iterator[dict[str, Any]]) -> None:
        rows = write_xlsx(self.out / sheet.path, sheet, pieces, REMARK, CLOSING)
        self._note(sheet, sheet.path, rows, header_row=HEADER_ROW)

    # ── places ──────────────────────────────────────────────────────────────────────────────────────

    def places(self) -> None:
        """Write regions, buildings, positions and the calendar."""
        g, p = self.district.geography, self.district.positions
        regions, shapes = _region_rows(g)
        self._note(
            headers.REGION,
            headers.REGION.path,
            write_geojson(self.out / headers.REGION.path, headers.REGION, regions, shapes),
        )
        table = g.buildings
        town = dict(zip(g.communities["region_id"], g.communities["name"], strict=True))
        named = {
            "楼宇编号": table["building_id"],
            "楼宇名称": table["name"],
            "标准地址": [
                "江宁区" + town[c] + n for c, n in zip(table["community_id"], table["name"], strict=True)
            ],
            "区划代码": table["community_id"],
            "类型": worded("building.kind", table["kind"].to_numpy(dtype=object)),
            "楼层数": table["floors"],
            "等级": table["grade"],
        }
        frame = table.drop(columns=[c for c in table.columns if c != "geometry"]).assign(**named)
        self._note(
            headers.BUILDING,
            headers.BUILDING.path,
            write_geopackage(self.out / headers.BUILDING.path, headers.BUILDING, frame),
            layer=headers.BUILDING.layer,
        )
        rows = _position_rows(p, self.community, self.district.organisations)
        self._note(
            headers.POSITION,
            headers.POSITION.path,
            write_geojson(
                self.out / headers.POSITION.path, headers.POSITION, rows, shapely.points(p.lon, p.lat)
            ),
        )
        days, worked, remark = workday_calendar()
        self._csv(
            headers.WORKDAY,
            {"日期": days, "是否工作日": yes_no(worked), "说明": np.array(remark, dtype=object)},
        )

    def organisation_sheet(self) -> None:
        """Write the organisations."""
        columns = _organisation_columns(self.district, self.community, self.building)
        count = len(self.district.organisations)
        self._xlsx(
            headers.ORGANISATION, ({k: c[rows] for k, c in columns.items()} for rows in in_pieces(count))
        )

    def roster(self) -> None:
        """Write the members: a workbook, or text in several files when a worksheet cannot hold them."""
        d = self.district
        count = len(d.members)
        pieces = (_member_columns(d, rows) for rows in in_pieces(count))
        if count <= ROSTER_LIMIT:
            self._xlsx(headers.MEMBER, pieces)
            return
        for number, start in enumerate(range(0, count, ROSTER_LIMIT // 2), 1):
            rows = np.arange(start, min(start + ROSTER_LIMIT // 2, count))
            path = headers.MEMBER.path.replace(".xlsx", f"_{number:02d}.csv")
            written = write_csv(self.out / path, headers.MEMBER, _member_columns(d, rows), "utf-8-sig")
            self._note(headers.MEMBER, path, written, encoding="utf-8-sig")

    def books(self) -> None:
        """Write posts, transfers, appraisal, stars, weak organisations and the state of dues."""
        d, o = self.district, self.district.organisations
        p = d.posts
        self._csv(
            headers.POST,
            {
                "任职编号": _numbered("RZ", 0, len(p)),
                "党组织编码": o.org_id[p.organisation],
                "党员编码": d.code.take(pa.array(p.member)),
                "党内职务": worded("post.role", p.role),
                "任职日期": p.since.astype("datetime64[D]"),
                "离任日期": p.until,
                "是否兼任": yes_no(p.concurrent),
            },
        )
        transfers = _transfer_columns(d)
        self._xlsx(
            headers.TRANSFER, ({k: c[rows] for k, c in transfers.items()} for rows in in_pieces(len(d.moves)))
        )
        counts = appraisals(d.members, o, self.seed)
        names = headers.APPRAISAL.headers
        self._csv(
            headers.APPRAISAL,
            {
                names[0]: o.org_id[counts[0]],
                names[1]: np.full(len(counts[0]), 2018),
                **dict(zip(names[2:], counts[1:], strict=True)),
            },
        )
        rated = stars(o, self.seed)
        names = headers.STARS.headers
        self._csv(
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
        self._csv(
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
        self._csv(
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
        self._csv(
            headers.POSITION_USE,
            {
                "阵地编号": d.positions.position_id[row],
                "日期": day,
                "活动场次": events,
                "到访人次": visits,
            },
        )
        u = build_units(d.geography, o, self.scale, self.seed)
        self._csv(
            headers.UNIT,
            {
                "单位编号": _numbered("DW", 0, len(u.name)),
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
        self._csv(
            headers.SERVICE,
            {
                "需求编号": _numbered("XQ", 0, len(r.raised)),
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

    # ── books of the months ─────────────────────────────────────────────────────────────────────────

    def month(self, month: int) -> None:
        """Write one month's ledger, sign-ins and dues."""
        d, o = self.district, self.district.organisations
        rng = np.random.default_rng([self.seed, 60, month])
        roll = roll_of(d.members, d.moves, month, o)
        activities = hold_month(month, o, self.habits, self.board[1], rng)
        signed = sign_in(activities, roll, self.board, o, self.habits, rng)
        name = MONTHS[month]
        code = _numbered("HD" + name.replace("-", ""), 0, len(activities))
        self._csv(headers.ACTIVITY, _activity_columns(activities, code, d, rng), name, month)
        self._csv(headers.ATTENDANCE, _sign_in_columns(signed, activities, code, d), name, month)
        rows, liable, paid, exempt = dues_of(month, roll, d.members, self.dues, o, rng)
        self._csv(
            headers.DUES_MONTH,
            {
                "党组织编码": o.org_id[rows],
                "月份": np.full(len(rows), name, dtype=object),
                "应缴人数": liable,
                "实缴人数": paid,
                "免缴人数": exempt,
            },
            name,
            month,
        )
        self.summary.activities += len(activities)
        self.summary.sign_ins += len(signed.activity)

    def study(self) -> None:
        """Write the study records month by month."""
        d = self.district
        hours = study_hours(d.members, d.organisations, d.posts, self.seed)
        s = build_study(hours, d.members, d.moves, d.organisations, self.seed, np.arange(len(d.members)))
        bounds = np.searchsorted(s.month[np.argsort(s.month, kind="stable")], np.arange(13))
        kinds = pa.array([WORDS["study_record.kind"][k] for k in STUDY_KINDS])
        for month, name in enumerate(MONTHS):
            own = slice(int(bounds[month]), int(bounds[month + 1]))
            self._csv(
                headers.STUDY,
                {
                    "记录编号": _numbered("XX" + name.replace("-", ""), 0, own.stop - own.start),
                    "党员编码": d.code.take(pa.array(s.member[own])),
                    "党组织编码": pa.array(d.organisations.org_id).take(pa.array(s.branch[own])),
                    "学习日期": s.day[own],
                    "学时": s.halves[own] / 2,
                    "学习类型": kinds.take(pa.array(s.kind[own])),
                    "课程编号": _course_codes().take(pa.array(s.course[own])),
                },
                name,
                month,
            )
        self.summary.study_records = len(s.member)


def _numbered(mark: str, first: int, count: int) -> Any:
    return pa.array([f"{mark}{number:07d}" for number in range(first + 1, first + count + 1)])


def _course_codes() -> Any:
    return pa.array([f"KC{number:03d}" for number in range(200)])


def _region_rows(g: Geography) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    words = WORDS
    rows: list[dict[str, Any]] = [
        _region(DISTRICT, "江宁区", "Jiangning District", "district", "district", None, "official")
    ]
    shapes: list[Any] = [g.district]
    for level, table, parents in (
        ("town", g.towns, [DISTRICT] * len(g.towns)),
        ("community", g.communities, list(g.communities["town_id"])),
    ):
        for region, name, name_en, kind, parent, shape in zip(
            table["region_id"],
            table["name"],
            table["name_en"],
            table["kind"],
            parents,
            table.geometry,
            strict=True,
        ):
            assert kind in words["region.kind"]
            rows.append(_region(region, name, name_en, level, kind, parent, "schematic"))
            shapes.append(shape)
    return rows, np.array(shapes, dtype=object)


def _region(
    region: str, name: str, name_en: str, level: str, kind: str, parent: str | None, basis: str
) -> dict[str, Any]:
    return {
        "区划代码": region,
        "名称": name,
        "英文名称": name_en,
        "级别": WORDS["region.level"][level],
        "类型": WORDS["region.kind"][kind],
        "上级区划代码": parent,
        "边界依据": WORDS["region.geom_basis"][basis],
        "常住人口": None,
        "生效日期": "2018-01-01",
    }


def _position_rows(p: Positions, community: NDArray[np.object_], o: Organisations) -> list[dict[str, Any]]:
    kinds, runners = worded("position.kind", p.kind), look_up(o.org_id, p.organisation)
    return [
        {
            "阵地编号": p.position_id[i],
            "名称": p.name[i],
            "类型": kinds[i],
            "党组织编码": runners[i],
            "区划代码": community[p.community[i]],
            "启用日期": str(p.opened[i]),
            "容纳人数": int(p.capacity[i]),
            "是否亮点": "是" if p.featured[i] else "否",
        }
        for i in range(len(p))
    ]


def _organisation_columns(
    d: District, community: NDArray[np.object_], building: NDArray[np.object_]
) -> dict[str, Any]:
    o, count = d.organisations, len(d.organisations)
    full = np.bincount(d.members.branch[d.members.status == "full"], minlength=count)
    chain = np.arange(count)
    full_all, members_all = full.astype(np.int64), o.size.copy()
    for row in chain[::-1]:
        if o.parent[row] >= 0:
            full_all[o.parent[row]] += full_all[row]
            members_all[o.parent[row]] += members_all[row]
    homely = np.isin(o.domain, ("nonpublic", "soe"))
    credit = np.array(
        [f"91000000DEMO{i:06d}" if h else None for i, h in enumerate(homely.tolist())], dtype=object
    )
    return {
        "序号": chain + 1,
        "党组织编码": o.org_id,
        "党组织全称": o.name,
        "党组织简称": o.short_name,
        "组织类别": worded("organisation.kind", o.kind),
        "党组织所在单位情况": worded("organisation.unit_relation", o.relation),
        "单位性质类别": worded("organisation.domain", o.domain),
        "上一级党组织唯一标识": look_up(o.org_id, o.parent),
        "党组织所在行政区划": community[o.community],
        "所在楼宇编号": look_up(building, o.building),
        "所在楼层": or_empty(o.floor, o.floor == 0),
        "经度": o.lon,
        "纬度": o.lat,
        "成立日期": o.founded,
        "撤销日期": np.full(count, None, dtype=object),
        "状态": worded("organisation.status", o.status),
        "覆盖单位数": o.units,
        "党小组数": o.groups,
        "任期": o.term_years,
        "换届时间": o.elected,
        "届满时间": o.term_end,
        "延期至": o.extended,
        "正式党员数": full_all,
        "党组织党员人数": members_all,
        "法人单位统一社会信用代码": credit,
        "是否网络支部": yes_no(o.network),
        "党组织书记": person_names(chain + 9_000_000),
        "党组织联系人": person_names(chain + 8_000_000),
        "联系电话": phone_numbers(chain + 50_000_000),
    }


def _member_columns(d: District, rows: Ints) -> dict[str, Any]:
    m = d.members
    reasons = np.array([WORDS["member.lost_reason"].get(str(r)) for r in range(8)], dtype=object)
    cities = np.array([name for name, _ in CITIES], dtype=object)
    education = worded("member.education", np.array(EDUCATION, dtype=object))
    occupation = worded("member.occupation", np.array(OCCUPATIONS, dtype=object))
    return {
        "序号": rows + 1,
        "党员编码": d.code.take(pa.array(rows)).to_numpy(zero_copy_only=False),
        "姓名": person_names(rows + 1),
        "性别": np.where(m.woman[rows], "女", "男").astype(object),
        "公民身份号码": identity_numbers(m.born[rows], rows),
        "出生日期": m.born[rows],
        "学历": education[m.education[rows]],
        "人员类别": worded("member.status", m.status[rows]),
        "所在党支部编码": d.organisations.org_id[m.branch[rows]],
        "入党日期": _day_in(m.joined[rows], rows),
        "转正日期": _day_in(m.full[rows], rows),
        "工作岗位": occupation[m.occupation[rows]],
        "手机号码": phone_numbers(rows + 1),
        "家庭住址": home_addresses(rows),
        "是否失联党员": worded("member.contact_state", m.contact[rows]),
        "失去联系日期": m.lost_since[rows],
        "最近联系日期": m.last_contact[rows],
        "找回日期": m.found_on[rows],
        "失联原因": reasons[m.lost_reason[rows]],
        "是否流动党员": worded("member.floating", m.floating[rows]),
        "外出流向": look_up(cities, m.city[rows]),
        "参加活动情况": worded("member.availability", m.availability[rows]),
        "免予参加活动": yes_no(m.exempt_activity[rows]),
        "免予学习考核": yes_no(m.exempt_study[rows]),
        "在职党员": yes_no(m.in_service[rows]),
        "已到社区报到": yes_no(m.reported[rows]),
        "预备期满日": m.probation_end[rows],
    }


def _day_in(months: NDArray[np.datetime64], rows: Ints) -> NDArray[np.datetime64]:
    """Turn months into days of that month, a fixed one for each row."""
    return (months.astype("datetime64[D]") + (rows * 7 % 27).astype("timedelta64[D]")).astype("datetime64[D]")


def _transfer_columns(d: District) -> dict[str, Any]:
    v, o, count = d.moves, d.organisations, len(d.moves)
    outside = np.array([name for name, _ in OUTSIDE], dtype=object)
    number = np.arange(1, count + 1)
    letters = np.array(
        [f"JSX{n:06d}" if flag else None for n, flag in zip(number, v.letter, strict=True)], dtype=object
    )
    valid = np.where(v.source_city + v.target_city >= len(CITIES) - 1, 10, 30)
    issued = np.where(v.letter, v.applied, np.datetime64("NaT")).astype("datetime64[D]")
    return {
        "转接编号": np.array([f"ZJ{n:06d}" for n in number], dtype=object),
        "党员编码": d.code.take(pa.array(v.member)).to_numpy(zero_copy_only=False),
        "姓名": person_names(v.member + 1),
        "转接类型": worded("transfer.scope", v.scope),
        "转出党组织编码": look_up(o.org_id, v.source),
        "转出地": look_up(outside, v.source_city),
        "转入党组织编码": look_up(o.org_id, v.target),
        "转入地": look_up(outside, v.target_city),
        "转接原因": np.array(REASONS, dtype=object)[v.reason],
        "转接方式": worded("transfer.route", np.where(v.letter, "letter", "online").astype(object)),
        "介绍信编号": letters,
        "介绍信开具日期": issued,
        "介绍信有效期天数": or_empty(valid, ~v.letter),
        "党费缴纳至年月": v.applied.astype("datetime64[M]"),
        "状态": worded("transfer.status", v.status),
        "申请日期": v.applied,
        "进入当前环节时间": v.entered,
        "办结时间": v.decided,
        "办结党组织编码": look_up(o.org_id, np.where(np.isnat(v.decided), -1, v.holder)),
    }


def _activity_columns(a: Activities, code: Any, d: District, rng: np.random.Generator) -> dict[str, Any]:
    o, p = d.organisations, d.positions
    position = _position_near(a, o, p, rng)
    at = position >= 0
    lon = np.where(at, p.lon[position], o.lon[a.organisation])
    lat = np.where(at, p.lat[position], o.lat[a.organisation])
    uncounted = a.due < 0
    kinds, titles = worded("activity.institution", a.institution), a.title
    source = np.where(a.paper, "import", "card").astype(object)
    place = np.where((a.place == "position") & ~at, "own", a.place).astype(object)
    return {
        "活动编号": code,
        "党组织编码": o.org_id[a.organisation],
        "会议类型": kinds,
        "活动主题": titles,
        "是否公开": yes_no(a.public),
        "起始时间": a.start,
        "结束时间": a.start + (a.minutes * 60).astype("timedelta64[s]"),
        "活动地点": worded("activity.place_kind", place),
        "阵地编号": look_up(p.position_id, position),
        "经度": np.round(lon, 6),
        "纬度": np.round(lat, 6),
        "应到人数": or_empty(a.due, uncounted),
        "实到人数": or_empty(a.came, uncounted),
        "请假人数": or_empty(a.on_leave, uncounted),
        "缺席人数": or_empty(a.due - a.came, uncounted),
        "所属年度": a.year,
        "授课人职务": np.where(
            a.lecturer == "secretary", "书记", np.where(a.lecturer == "member", "委员", None)
        ).astype(object),
        "状态": np.full(len(a), WORDS["activity.status"]["held"], dtype=object),
        "数据来源": worded("activity.source", source),
    }


def _position_near(a: Activities, o: Organisations, p: Positions, rng: np.random.Generator) -> Ints:
    """Choose a position of the branch's own community, −1 where the meeting is elsewhere or there is none."""
    order = np.argsort(p.community, kind="stable")
    count = int(max(p.community.max(), o.community.max())) + 1
    start = np.searchsorted(p.community[order], np.arange(count + 1))
    place = o.community[a.organisation]
    length = (start[1:] - start[:-1])[place]
    pick = start[place] + (rng.random(len(a)) * length).astype(np.int64)
    chosen = order[np.minimum(pick, len(order) - 1)]
    return np.where((a.place == "position") & (length > 0), chosen, -1)


def _sign_in_columns(s: SignIns, a: Activities, code: Any, d: District) -> dict[str, Any]:
    channels = pa.array([WORDS["attendance.channel"][c] for c in ("card", "qr", "app", "manual")])
    row = a.organisation[s.activity]
    readers = pa.array([f"DK{i:06d}" for i in range(len(d.organisations))])
    by_reader = pa.array(np.where(s.channel <= 1, row, -1))
    reader = readers.take(pa.compute.if_else(pa.compute.equal(by_reader, -1), None, by_reader))
    return {
        "活动编号": code.take(pa.array(s.activity)),
        "党员编码": d.code.take(pa.array(s.member)),
        "签到时间": s.at,
        "签到方式": channels.take(pa.array(s.channel)),
        "读卡器编号": reader,
        "签到状态": pa.array(np.full(len(s.at), WORDS["attendance.state"]["valid"], dtype=object)),
    }
