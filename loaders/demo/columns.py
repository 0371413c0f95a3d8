"""Turn what was built into the columns of the source files, in the words of the office."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from loaders.demo.absences import CITIES
from loaders.demo.codes import WORDS
from loaders.demo.district import District
from loaders.demo.files import look_up, or_empty, worded, yes_no
from loaders.demo.geography import Geography
from loaders.demo.meetings import Activities, SignIns
from loaders.demo.members import EDUCATION, OCCUPATIONS
from loaders.demo.moves import OUTSIDE, REASONS
from loaders.demo.organisations import Organisations
from loaders.demo.venues import Positions
from loaders.demo.wording import home_addresses, identity_numbers, person_names, phone_numbers
from loaders.demo.workdays import AS_OF

Ints = NDArray[np.int64]

DISTRICT: Final = "320115"
LECTURERS: Final = {"secretary": "书记", "member": "委员"}
RECEIVING_TOWNS: Final = (1, 3)
"""Rows of TOWNS whose offices hand over what they received: 秣陵, 淳化."""


def region_rows(g: Geography) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
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


def position_rows(p: Positions, community: NDArray[np.object_], o: Organisations) -> list[dict[str, Any]]:
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


def organisation_columns(
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


def member_columns(d: District, rows: Ints) -> dict[str, Any]:
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
    days: NDArray[np.datetime64] = months.astype("datetime64[D]") + (rows * 7 % 27).astype("timedelta64[D]")
    return days


def transfer_columns(d: District) -> dict[str, Any]:
    v, o, count = d.moves, d.organisations, len(d.moves)
    outside = np.array([name for name, _ in OUTSIDE], dtype=object)
    number = np.arange(1, count + 1)
    letters = np.array(
        [f"JSX{n:06d}" if flag else None for n, flag in zip(number, v.letter, strict=True)], dtype=object
    )
    days = (v.entered.astype("datetime64[D]") - v.applied).astype(np.int64)
    near = (v.source_city + v.target_city >= len(CITIES) - 1) & (days <= 5) & ~np.isnat(v.decided)
    # Over the holidays a letter was given more time.
    valid = np.where(near, 10, np.where(days > 22, 60, 30))
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


def received_columns(d: District, seed: int) -> dict[str, Any]:
    """Write down again, as two receiving offices do, every second transfer to them within the district.

    They number for themselves, call organisations by their names in usual variants, and note the day on which
    the member came, up to a week before or after the sender's.
    """
    v, o = d.moves, d.organisations
    rng = np.random.default_rng([seed, 33])
    done = (v.scope == "inside_branch_tree") & (v.status == "completed") & (v.source >= 0) & (v.target >= 0)
    rows = np.flatnonzero(done & np.isin(o.town[v.target], RECEIVING_TOWNS))
    rows = rows[rng.random(len(rows)) < 0.5]
    late = rng.integers(-5, 8, len(rows))
    last = AS_OF.astype("datetime64[s]") + np.timedelta64(86_399, "s")
    decided = np.minimum(v.decided[rows] + (late * 86_400).astype("timedelta64[s]"), last)
    applied = np.minimum(v.applied[rows], decided.astype("datetime64[D]"))
    names = [
        _in_other_words(o.name[at], way)
        for at, way in zip(v.source[rows], rng.integers(0, 4, len(rows)), strict=True)
    ]
    return {
        "转接编码": np.array([f"JS{n:06d}" for n in range(1, len(rows) + 1)], dtype=object),
        "党员编码": d.code.take(pa.array(v.member[rows])).to_numpy(zero_copy_only=False),
        "姓名": person_names(v.member[rows] + 1),
        "类别": np.array(["内部转接"] * len(rows), dtype=object),
        "转出党组织": np.array(names, dtype=object),
        "转入基层党组织": o.org_id[v.target[rows]],
        "转接状态": np.array(["已完成"] * len(rows), dtype=object),
        "申请时间": applied,
        "办理时间": decided,
    }


def _in_other_words(name: str, way: int) -> str:
    """Call an organisation as somebody else would."""
    if way == 0:
        return name
    if way == 1 or not name.endswith("党支部"):
        return f"中共{name}"
    return (
        f"中共{name.removesuffix('党支部')}支部委员会" if way == 2 else f"{name.removesuffix('党支部')}支部"
    )


def activity_columns(a: Activities, code: Any, d: District, rng: np.random.Generator) -> dict[str, Any]:
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
        "党小组序号": or_empty(a.group + 1, a.group < 0),
        "授课人职务": np.array([LECTURERS.get(role) for role in a.lecturer.tolist()], dtype=object),
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


def sign_in_columns(s: SignIns, a: Activities, code: Any, d: District) -> dict[str, Any]:
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


def numbered(mark: str, first: int, count: int) -> Any:
    return pa.array([f"{mark}{number:07d}" for number in range(first + 1, first + count + 1)])
