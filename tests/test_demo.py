"""The demo folder keeps its promises: totals, distributions, seasons, two hierarchies, nothing real in it."""

from __future__ import annotations

import csv
import json
import tomllib
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
from python_calamine import CalamineWorkbook

from geo.coordinates import convert
from loaders.demo import headers, totals, write_demo
from loaders.demo.codes import WORDS
from loaders.demo.workdays import MONTHS, unified_day, workday_calendar

Table = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="module")
def declared(demo_folder: Path) -> dict[str, Any]:
    return tomllib.loads((demo_folder / headers.DECLARATION).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def table(demo_folder: Path, declared: dict[str, Any]) -> Table:
    """Read all files of a layout into one frame, as declared."""
    kept: dict[str, pd.DataFrame] = {}

    def read(layout: str) -> pd.DataFrame:
        if layout not in kept:
            twice = headers.TRANSFER_RECEIVED.path  # what another file tells already
            files = [f for f in declared["file"] if f["layout"] == layout and f["path"] != twice]
            kept[layout] = pd.concat([_read(demo_folder, f) for f in files], ignore_index=True)
        return kept[layout]

    return read


def _read(folder: Path, file: dict[str, Any]) -> pd.DataFrame:
    path = folder / file["path"]
    if path.suffix == ".csv":
        return pd.read_csv(path, encoding=file["encoding"], dtype={"区划代码": str, "介绍信编号": str})
    if path.suffix == ".xlsx":
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
        head = file["header_row"] - 1
        return pd.DataFrame(rows[head + 1 : -1], columns=rows[head])
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return pd.DataFrame([{**f["properties"], "geometry": f["geometry"]} for f in features])


@pytest.fixture(scope="module")
def organisations(table: Table) -> pd.DataFrame:
    return table("organisation").set_index("党组织编码", drop=False)


@pytest.fixture(scope="module")
def members(table: Table, organisations: pd.DataFrame) -> pd.DataFrame:
    """Present members with the domain of their branch and their age."""
    frame = table("member")
    frame = frame[frame["人员类别"].isin(["正式党员", "预备党员"])].copy()
    frame["领域"] = organisations["单位性质类别"].reindex(frame["所在党支部编码"]).to_numpy()
    frame["年龄"] = 2019 - pd.to_datetime(frame["出生日期"]).dt.year
    frame["大专"] = frame["学历"].isin(["研究生", "大学本科", "大专"])
    return frame


def kind(name: str) -> str:
    return WORDS["organisation.kind"][name]


def test_every_file_is_declared_and_has_its_headers(demo_folder: Path, declared: dict[str, Any]) -> None:
    files = (p.relative_to(demo_folder) for p in demo_folder.rglob("*") if p.is_file())
    found = {str(p) for p in files if p.parts[0] != "rejects"}  # a load lists there what two offices report
    assert found - {headers.DECLARATION} == {f["path"] for f in declared["file"]}
    assert declared["data_label"] == "demo"
    assert str(declared["as_of"]) == "2019-02-28"
    sheets = {s.layout: s for s in headers.SHEETS}
    for file in declared["file"]:
        path = demo_folder / file["path"]
        if path.suffix == ".csv":
            with path.open(encoding=file["encoding"], newline="") as text:
                twice = file["path"] == headers.TRANSFER_RECEIVED.path
                sheet = headers.TRANSFER_RECEIVED if twice else sheets[file["layout"]]
                assert next(csv.reader(text)) == sheet.headers
    assert {f.get("encoding") for f in declared["file"]} >= {"utf-8-sig", "gb18030"}


def test_csv_files_really_are_in_the_declared_encoding(demo_folder: Path) -> None:
    with_mark = (demo_folder / "活动台账/活动台账_2018-03.csv").read_bytes()
    assert with_mark.startswith(b"\xef\xbb\xbf")
    chinese = (demo_folder / "活动台账/活动台账_2018-04.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        chinese.decode("utf-8")
    assert "活动编号" in chinese.decode("gb18030")


def test_organisations_are_as_many_as_told(organisations: pd.DataFrame) -> None:
    kinds = Counter(organisations["组织类别"])
    assert len(organisations) == 2585
    assert kinds[kind("work_committee")] + kinds[kind("committee")] == 134
    assert kinds[kind("general_branch")] == 168
    assert kinds[kind("branch")] + kinds[kind("joint_branch")] + kinds[kind("temp_branch")] == 2283
    assert organisations["党组织全称"].is_unique
    assert organisations["党组织编码"].is_unique


def test_the_tree_of_affiliation_is_whole(organisations: pd.DataFrame) -> None:
    parent = organisations["上一级党组织唯一标识"]
    above = parent[parent != ""]
    assert above.isin(organisations.index).all()
    upper = organisations["组织类别"].isin(
        [kind(k) for k in ("work_committee", "committee", "general_branch")]
    )
    assert upper.reindex(above).all()
    assert upper[parent == ""].all()
    assert (above.value_counts().reindex(organisations.index[upper]).fillna(0) >= 1).all()
    sums = organisations[~upper].groupby("上一级党组织唯一标识")["党组织党员人数"].sum()
    community = organisations[upper & organisations["单位性质类别"].isin(["社区", "村"])]
    assert (sums.reindex(community.index) == community["党组织党员人数"]).all()


def test_community_committees_have_a_few_branches_each(organisations: pd.DataFrame) -> None:
    upper = organisations["组织类别"].isin([kind("committee"), kind("general_branch")])
    community = organisations.index[upper & organisations["单位性质类别"].isin(["社区", "村"])]
    assert len(community) == 204
    below = organisations["上一级党组织唯一标识"].value_counts().reindex(community)
    assert below.min() >= 2
    assert below.between(2, 8).mean() > 0.9


def test_the_two_hierarchies_differ(organisations: pd.DataFrame) -> None:
    town = organisations["党组织所在行政区划"].str[:9]
    zone = organisations.index[organisations["党组织全称"] == "江宁经济技术开发区党工委"][0]

    def root(org: str) -> str:
        while organisations.at[org, "上一级党组织唯一标识"]:
            org = organisations.at[org, "上一级党组织唯一标识"]
        return org

    roots = pd.Series({org: root(org) for org in organisations.index})
    firms = organisations["单位性质类别"].isin(["非公企业", "园区", "楼宇"])
    assert ((town == "320115002") & firms & (roots == zone)).sum() > 60
    organs = organisations.index[organisations["党组织全称"] == "江宁区级机关党工委"][0]
    assert (town[roots == organs] == "320115001").mean() > 0.85
    away = roots.map(organisations["党组织全称"]).str.contains("街道")
    assert away.mean() < 0.75


def test_branches_stand_in_their_community(organisations: pd.DataFrame, demo_folder: Path) -> None:
    import shapely

    regions = json.loads((demo_folder / "区划.geojson").read_text(encoding="utf-8"))["features"]
    shapes = {f["properties"]["区划代码"]: shapely.geometry.shape(f["geometry"]) for f in regions}
    levels = Counter(f["properties"]["级别"] for f in regions)
    assert levels == {"区": 1, "街道": 10, "社区": 207}
    at = shapely.points(organisations["经度"].astype(float), organisations["纬度"].astype(float))
    own = np.array([shapes[r] for r in organisations["党组织所在行政区划"]], dtype=object)
    assert shapely.contains(own, at).mean() > 0.995
    assert {f["properties"]["边界依据"] for f in regions if f["properties"]["级别"] != "区"} == {"示意"}


def test_buildings_hold_branches_on_floors(organisations: pd.DataFrame, demo_folder: Path) -> None:
    buildings = pyogrio.read_dataframe(demo_folder / "楼宇.gpkg", layer="楼宇", read_geometry=False)
    assert len(buildings) == 8000
    floors = buildings.set_index("楼宇编号")["楼层数"]
    seated = organisations[organisations["所在楼宇编号"] != ""]
    assert seated["所在楼宇编号"].isin(floors.index).all()
    assert (
        seated["所在楼层"].astype(int).to_numpy() <= floors.reindex(seated["所在楼宇编号"]).to_numpy()
    ).all()
    shared = seated.groupby("所在楼宇编号")["所在楼层"].nunique()
    assert (shared >= 3).sum() >= 20


def test_members_by_domain_are_as_planned(members: pd.DataFrame, organisations: pd.DataFrame) -> None:
    branches = organisations[organisations["组织类别"].str.contains("支部")]["单位性质类别"]
    groups = {
        "village": ("村", "社区"),
        "soe": ("国有企业",),
        "nonpublic": ("非公企业", "园区", "楼宇"),
        "school": ("学校",),
        "institution": ("事业单位",),
        "organ": ("机关",),
        "social_org": ("社会组织",),
        "other": ("离退休", "流动", "其他"),
    }
    for group, words in groups.items():
        expected = totals.DOMAINS[group]
        assert (branches.isin(words).sum(), members["领域"].isin(words).sum()) == expected, group


def test_members_meet_the_totals(members: pd.DataFrame) -> None:
    assert len(members) == 62_498
    assert members["党员编码"].is_unique
    assert (members["性别"] == "女").sum() == 17_016
    assert members["大专"].sum() == 31_001
    assert (members["人员类别"] == "预备党员").sum() == 1_300
    bands = np.histogram(members["年龄"], [0, 30.5, 35.5, 40.5, 45.5, 50.5, 55.5, 60.5, 200])[0]
    assert bands.tolist() == [8788, 6469, 5935, 5957, 6434, 6291, 4688, 17936]
    contact = Counter(members["是否失联党员"])
    assert (contact["是"], contact["已找回"]) == (37, 313)
    floating = Counter(members["是否流动党员"])
    assert (floating["流出"], floating["流入"]) == (2600, 1500)


def test_members_lean_as_insiders_expect(members: pd.DataFrame) -> None:
    women = members["性别"] == "女"
    young, old = members["年龄"] <= 35, members["年龄"] >= 61
    assert women[young].mean() == pytest.approx(0.45, abs=0.03)
    assert women[old].mean() == pytest.approx(0.18, abs=0.04)
    assert members["大专"][young].mean() == pytest.approx(0.85, abs=0.03)
    assert members["大专"][old].mean() == pytest.approx(0.15, abs=0.03)
    by_domain = members.groupby("领域")
    ages, schooled = by_domain["年龄"].mean(), by_domain["大专"].mean()
    assert ages["园区"] < ages["非公企业"] < ages["机关"] < ages["社区"] < ages["村"]
    assert schooled["机关"] > 0.75 > 0.5 > schooled["社区"] > schooled["村"]
    assert women[members["领域"] == "学校"].mean() == pytest.approx(0.55, abs=0.05)
    assert (members["领域"] == "村").sum() < (members["领域"] == "社区").sum()


def test_branch_sizes_have_the_right_shape(organisations: pd.DataFrame) -> None:
    size = organisations[organisations["组织类别"].str.contains("支部")]["党组织党员人数"].astype(int)
    assert size.sum() == 62_498
    assert size.min() >= 3
    assert size.max() <= 70
    assert (size > 50).mean() == pytest.approx(0.04, abs=0.015)
    assert size.median() == pytest.approx(26, abs=4)


def test_towns_have_their_share_of_members(organisations: pd.DataFrame) -> None:
    branches = organisations[organisations["组织类别"].str.contains("支部")]
    share = branches.groupby(branches["党组织所在行政区划"].str[:9])["党组织党员人数"].sum() / 62_498
    expected = [0.20, 0.18, 0.09, 0.09, 0.09, 0.08, 0.06, 0.09, 0.07, 0.05]
    assert share.astype(float).to_numpy() == pytest.approx(expected, abs=0.01)


def test_nothing_personal_could_be_real(table: Table, demo_folder: Path) -> None:
    roster = table("member")
    assert roster["姓名"].str.startswith("演示").all()
    assert roster["手机号码"].str.startswith("000").all()
    assert roster["家庭住址"].str.contains("虚构").all()
    numbers = roster["公民身份号码"]
    assert numbers.str.fullmatch(r"000000\d{11}[\dX]").all()
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in numbers[::97]:
        right = "10X98765432"[sum(w * int(d) for w, d in zip(weights, number, strict=False)) % 11]
        assert number[-1] != right
    upper = table("organisation")
    assert upper["党组织书记"].str.startswith("演示").all()
    assert upper["联系电话"].str.startswith("000").all()


def membership(table: Table) -> list[int]:
    """Count members at each month's end: present ones, reversed through later moves."""
    roster, moves = table("member"), table("transfer")
    done = moves[moves["状态"] == "完成"]
    month = pd.to_datetime(done["办结时间"]).dt.strftime("%Y-%m")
    here = roster[roster["人员类别"].isin(["正式党员", "预备党员"])]
    joined = pd.to_datetime(here["入党日期"]).dt.strftime("%Y-%m")
    came, left = month[done["转接类型"] == "转入"], month[done["转接类型"] == "转出"]
    return [int((joined <= m).sum() - (came > m).sum() + (left > m).sum()) for m in MONTHS]


def test_membership_grows_plausibly_through_the_months(table: Table) -> None:
    counts = membership(table)
    assert counts[-1] == 62_498
    assert all(-150 < b - a < 350 for a, b in pairwise(counts))
    assert 200 < counts[-1] - counts[-4] < 450


def test_transfers_are_complete_and_seasonal(table: Table, organisations: pd.DataFrame) -> None:
    moves = table("transfer")
    state = Counter(moves["状态"])
    assert state["完成"] == 3700
    pending = [WORDS["transfer.status"][s] for s in WORDS["transfer.status"] if s.startswith("pending")]
    assert sum(state[s] for s in pending) == 240
    assert state["返回修改"] / len(moves) == pytest.approx(0.065, abs=0.01)
    done = moves[moves["状态"] == "完成"]
    assert (done["转接类型"] == "区内").mean() == pytest.approx(0.55, abs=0.01)
    by_month = pd.to_datetime(done["办结时间"]).dt.strftime("%Y-%m").value_counts()
    summer = by_month[["2018-07", "2018-08", "2018-09"]].mean()
    spring = by_month[["2018-03", "2018-04"]].mean()
    winter = by_month[["2018-11", "2018-12", "2019-01"]].mean()
    assert summer > spring > winter
    assert (pd.to_datetime(moves["申请日期"]) <= pd.to_datetime(moves["进入当前环节时间"])).all()
    inside = done[done["转接类型"] == "区内"]
    assert (inside["转出党组织编码"] != inside["转入党组织编码"]).all()
    assert inside["转出党组织编码"].isin(organisations.index).all()
    present = table("member").set_index("党员编码")["所在党支部编码"]
    arrived = done[done["转接类型"] != "转出"]
    assert (present.reindex(arrived["党员编码"]).to_numpy() == arrived["转入党组织编码"].to_numpy()).all()


@pytest.fixture(scope="module")
def ledger(table: Table, organisations: pd.DataFrame) -> pd.DataFrame:
    frame = table("activity").copy()
    frame["日"] = frame["起始时间"].str[:10]
    frame["月"] = frame["起始时间"].str[:7]
    frame["领域"] = organisations["单位性质类别"].reindex(frame["党组织编码"]).to_numpy()
    return frame


def test_life_meetings_and_appraisal_are_as_told(ledger: pd.DataFrame, table: Table) -> None:
    held = ledger[(ledger["会议类型"] == "组织生活会") & (ledger["所属年度"] == 2018)]
    assert held["党组织编码"].nunique() == 2095
    appraised = table("appraisal_year")
    assert appraised["参评人数"].sum() == 58_087
    assert (appraised["参评人数"] <= appraised["应评人数"]).all()
    parts = appraised[["优秀", "合格", "基本合格", "不合格"]].sum(axis=1)
    assert (parts == appraised["参评人数"]).all()
    assert (appraised["优秀"] * 3 <= appraised["参评人数"]).all()


def test_activities_and_sign_ins_are_as_many_as_expected(ledger: pd.DataFrame, table: Table) -> None:
    signed = table("attendance")
    assert len(ledger) == pytest.approx(72_000, rel=0.15)
    assert len(signed) == pytest.approx(700_000, rel=0.05)
    assert ledger["活动编号"].is_unique
    assert not signed.duplicated(["活动编号", "党员编码"]).any()
    counted = signed.groupby("活动编号").size()
    cards = ledger[(ledger["数据来源"] == "刷卡") & ledger["实到人数"].notna()].set_index("活动编号")[
        "实到人数"
    ]
    assert (counted.reindex(cards.index).fillna(0) == cards).all()
    known = ledger["实到人数"].notna()
    assert (ledger["实到人数"] + ledger["缺席人数"] == ledger["应到人数"])[known].all()


def test_sign_ins_fall_round_their_activity(ledger: pd.DataFrame, table: Table) -> None:
    signed = table("attendance")
    begin = pd.to_datetime(ledger.set_index("活动编号")["起始时间"]).reindex(signed["活动编号"]).to_numpy()
    after = (pd.to_datetime(signed["签到时间"]).to_numpy() - begin) / np.timedelta64(60, "s")
    assert after.min() >= -60
    assert after.max() <= 30
    hour = pd.to_datetime(signed["签到时间"]).dt.hour.value_counts(normalize=True)
    assert hour[[8, 9]].sum() > 0.3
    assert hour[[13, 14]].sum() > 0.3
    assert hour.reindex([11, 12]).fillna(0).sum() < 0.05


def test_sign_in_rates_by_domain(ledger: pd.DataFrame) -> None:
    sums = ledger.groupby("领域")[["实到人数", "应到人数"]].sum()
    rate = sums["实到人数"] / sums["应到人数"]
    expected = {"机关": 0.88, "学校": 0.86, "事业单位": 0.85, "国有企业": 0.84, "社区": 0.74, "村": 0.74}
    expected |= {"非公企业": 0.66, "社会组织": 0.68}
    for domain, aim in expected.items():
        assert rate[domain] == pytest.approx(aim, abs=0.035), domain
    assert rate["流动"] == pytest.approx(0.45, abs=0.07)
    monthly = ledger.groupby(["月", "党组织编码"])[["实到人数", "应到人数"]].sum()
    monthly = monthly[monthly["应到人数"] >= 10]
    low = monthly["实到人数"] / monthly["应到人数"] < 0.5
    assert low.mean() == pytest.approx(0.03, abs=0.015)


def test_the_same_few_branches_fail_again_and_again(ledger: pd.DataFrame) -> None:
    monthly = ledger.groupby(["党组织编码", "月"])[["实到人数", "应到人数"]].sum()
    monthly = monthly[monthly["应到人数"] >= 10]
    low = monthly["实到人数"] / monthly["应到人数"] < 0.5
    often = low.groupby("党组织编码").sum().sort_values(ascending=False)
    assert often.iloc[:100].sum() > 0.6 * often.sum()
    theme = ledger[ledger["会议类型"] == "主题党日"].groupby("党组织编码").size()
    assert theme.reindex(often.index[:60]).mean() < theme.reindex(often.index[200:]).mean()


def test_seasons(ledger: pd.DataFrame, table: Table) -> None:
    by_day = ledger.groupby("日").size()
    assert not [day for day in by_day.index if "2019-02-04" <= day <= "2019-02-10"]
    week = pd.to_datetime(ledger["日"]).dt.to_period("W-SUN").value_counts()
    busiest = sorted(str(p.start_time.date()) for p in week.index[:4])
    assert "2018-06-25" in busiest
    theme = ledger[ledger["会议类型"] == "主题党日"]
    for month in MONTHS:
        own = theme[theme["月"] == month]
        near = (own["日"] == str(unified_day(month))).mean()
        assert near == pytest.approx(0.4 if month == "2018-07" else 0.6, abs=0.07), month
    days, worked, _ = workday_calendar()
    idle = set(days[~worked].astype(str)) - {"2018-07-01"}
    assert not idle & set(by_day.index)


def test_study_hours(table: Table, members: pd.DataFrame) -> None:
    study = table("study_record")
    hours = study.groupby("党员编码")["学时"].sum()
    whole = members[
        (members["免予学习考核"] == "否")
        & (members["是否失联党员"] != "是")
        & (pd.to_datetime(members["入党日期"]) < "2018-03-01")
    ]
    got = hours.reindex(whole["党员编码"]).fillna(0)
    assert got.median() == pytest.approx(34.5, abs=1.2)
    assert (got < 32).mean() == pytest.approx(0.2, abs=0.04)
    village = members.set_index("党员编码")["领域"].reindex(study["党员编码"]).to_numpy() == "村"
    winter = study["学习日期"].str[:7].isin(["2018-12", "2019-01", "2019-02"])
    hours_in = study["学时"]
    assert hours_in[village & winter].sum() / hours_in[village].sum() > 0.36
    assert hours_in[~village & winter].sum() / hours_in[~village].sum() < 0.32


def test_dues(table: Table) -> None:
    status = table("dues_status")
    assert len(status) == 62_498
    behind = status["党费缴纳至年月"] < "2018-08"
    assert 37 <= behind.sum() <= 100
    month = table("dues_month")
    assert len(month) == 12 * 2283
    assert (month["实缴人数"] <= month["应缴人数"]).all()
    assert month["实缴人数"].sum() / month["应缴人数"].sum() == pytest.approx(0.985, abs=0.012)


def test_positions_stand_in_gcj02(table: Table, declared: dict[str, Any], demo_folder: Path) -> None:
    import shapely

    positions = table("position")
    kinds = Counter(positions["类型"])
    assert kinds["微阵地"] + kinds["微课堂"] == 212
    assert kinds["党群服务中心"] == 211
    assert (kinds["乡村振兴学堂"], kinds["实景课堂"], kinds["党代表工作室"]) == (18, 35, 24)
    assert next(f for f in declared["file"] if f["layout"] == "position")["crs"] == "gcj02"
    at = np.array([g["coordinates"] for g in positions["geometry"]])
    lon, lat = convert(at[:, 0], at[:, 1], "gcj02", "wgs84")
    regions = json.loads((demo_folder / "区划.geojson").read_text(encoding="utf-8"))["features"]
    shapes = {f["properties"]["区划代码"]: shapely.geometry.shape(f["geometry"]) for f in regions}
    own = np.array([shapes[r] for r in positions["区划代码"]], dtype=object)
    assert shapely.contains_xy(own, lon, lat).mean() > 0.99
    assert shapely.contains_xy(own, at[:, 0], at[:, 1]).mean() < 0.9


def test_units_show_gaps(table: Table, organisations: pd.DataFrame) -> None:
    units = table("unit")
    gaps = units[units["组织覆盖方式"] == "应建未建"]
    assert len(gaps) == totals.GAPS
    assert (gaps["党员人数"] >= 3).all()
    assert gaps["党组织编码"].isna().all()
    covered = units[units["组织覆盖方式"].isin(["单独组建", "联合组建"])]
    assert covered["党组织编码"].isin(organisations.index).all()
    assert units["单位名称"].is_unique


def test_stars_and_weak_list(table: Table) -> None:
    share = table("star_rating")["星级"].value_counts(normalize=True)
    assert share[5] == pytest.approx(0.10, abs=0.02)
    assert share[4] == pytest.approx(0.30, abs=0.02)
    assert share[3] == pytest.approx(0.40, abs=0.03)
    assert len(table("weak_org")) == 12


def test_every_reference_leads_somewhere(table: Table, organisations: pd.DataFrame) -> None:
    roster = set(table("member")["党员编码"])
    for layout in ("post", "attendance", "dues_status", "study_record", "transfer"):
        assert set(table(layout)["党员编码"]) <= roster, layout
    for layout in ("post", "activity", "dues_month", "appraisal_year", "star_rating", "weak_org"):
        assert set(table(layout)["党组织编码"]) <= set(organisations.index), layout
    assert set(table("attendance")["活动编号"]) <= set(table("activity")["活动编号"])
    assert set(table("position_use")["阵地编号"]) <= set(table("position")["阵地编号"])


def test_the_calendar_knows_swapped_days(table: Table) -> None:
    day = table("workday").set_index("日期")["是否工作日"]
    assert len(day) == 730
    assert (day["2019-02-02"], day["2019-02-03"], day["2019-02-04"], day["2019-02-11"]) == (
        "是",
        "是",
        "否",
        "是",
    )
    assert (day["2018-09-29"], day["2018-10-07"], day["2018-12-31"]) == ("是", "否", "否")


def test_a_scale_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scale must be 1 or more"):
        write_demo(tmp_path, scale=0)


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / headers.DECLARATION).write_text('data_label = "office"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="not a demo"):
        write_demo(tmp_path)
