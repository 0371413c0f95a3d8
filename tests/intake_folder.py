"""Build small real folders of office files for the tests of the intake."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from loaders.intake import load_folder
from loaders.report import IntakeReport
from stores.settings import Settings
from stores.store import Store, open_store

SECRETS = ("欧阳测试", "诸葛虚构", "320115199001011234", "13800138000", "测试路八十八号")

DECLARED = """
data_label = "test"
as_of = "2019-02-28"

[[file]]
path = "区划.geojson"
layout = "region"
crs = "wgs84"
code_system = "nbs"

[[file]]
path = "党组织信息.xlsx"
layout = "organisation"
crs = "gcj02"
code_system = "nbs"

[[file]]
path = "活动台账*.csv"
layout = "activity"
crs = "wgs84"
"""

ORGANISATIONS: list[list[Any]] = [
    [
        "党组织编码",
        "党组织全称",
        "组织类别",
        "上一级党组织唯一标识",
        "党组织所在行政区划",
        "经度",
        "纬度",
        "成立日期",
        "联系电话",
    ],
    ["O1", "东山街道党委", "党委", "", "320115001", 118.85, 31.95, "1999-07", "13800138000"],
    ["O2", "中前社区党支部", "党支部", "O1", "320115001001", 118.86, 31.96, "2001年3月5日", "13800138000"],
    ["O3", "东山社区党支部", "党支部", "O1", "320115001002", None, None, 43164, ""],
]
MEMBERS: list[list[Any]] = [
    [
        "序号",
        "党员编码",
        "姓名",
        "性别",
        "公民身份号码",
        "出生日期",
        "学历",
        "人员类别",
        "所在党支部编码",
        "入党日期",
        "手机号码",
        "家庭住址",
    ],
    [
        1,
        "M1",
        SECRETS[0],
        "男",
        SECRETS[2],
        "1970-05-06",
        "大学本科",
        "正式党员",
        "O2",
        "1999-07-01",
        SECRETS[3],
        SECRETS[4],
    ],
    [
        2,
        "M2",
        SECRETS[1],
        "女",
        SECRETS[2],
        "1980/5",
        "大专",
        "预备党员",
        "O2",
        "2018/03",
        SECRETS[3],
        SECRETS[4],
    ],
    [
        3,
        "M3",
        SECRETS[0],
        "女",
        SECRETS[2],
        "19900506",
        "研究生",
        "正式党员",
        "东山社区党支部",
        "201507",
        "",
        SECRETS[4],
    ],
]
ACTIVITIES = [
    ["活动编号", "党组织编码", "会议类型", "活动主题", "是否公开", "起始时间", "状态"],
    ["A1", "O2", "主题党日", "公开的活动", "是", "2019-02-15 09:00", "已开展"],
    ["A2", "O3", "党课", "内部的活动", "否", "2019/2/16 9:30", "已开展"],
]
SIGN_INS = [
    ["活动编号", "党员编码", "签到时间", "签到方式", "签到状态"],
    ["A1", "M1", "2019-02-15 08:55:00", "刷卡", "有效"],
    ["A1", "M2", "2019-02-15 08:56:00", "扫码", "有效"],
    ["A2", "M3", "2019/2/16 9:29", "刷卡", "迟到"],
]


def square(lon: float, lat: float, size: float) -> dict[str, Any]:
    """Draw a square from its south-west corner."""
    east, north = lon + size, lat + size
    return {
        "type": "Polygon",
        "coordinates": [[[lon, lat], [east, lat], [east, north], [lon, north], [lon, lat]]],
    }


def regions() -> dict[str, Any]:
    """Draw the district, one town and two communities."""
    rows = [
        ("320115", "江宁区", "区", None, square(118.5, 31.6, 0.6)),
        ("320115001", "东山街道", "街道", "320115", square(118.8, 31.9, 0.2)),
        ("320115001001", "中前社区", "社区", "320115001", square(118.8, 31.9, 0.1)),
        ("320115001002", "东山社区", "社区", "320115001", square(118.9, 31.9, 0.1)),
    ]
    names = ("区划代码", "名称", "级别", "上级区划代码")
    features = [
        {"type": "Feature", "properties": dict(zip(names, row[:4], strict=True)), "geometry": row[4]}
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def write_csv(
    path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig", mark: str = ","
) -> None:
    """Write rows as text."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue().encode(encoding))


def write_xlsx(path: Path, title: str, rows: Sequence[Sequence[Any]], note: str = "") -> None:
    """Write a sheet with a merged title, a remark under it and a note below."""
    book = Workbook()
    sheet = book.active
    width = len(rows[0])
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.append(["填报单位：江宁区委组织部"])
    for row in rows:
        sheet.append(list(row))
    if note:
        sheet.append([note])
    book.save(path)


def write_folder(folder: Path) -> Path:
    """Write a small whole folder: 4 regions, 3 organisations, 3 members, 2 activities, 3 sign-ins."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ejia-source.toml").write_text(DECLARED, "utf-8")
    (folder / "区划.geojson").write_text(json.dumps(regions(), ensure_ascii=False), "utf-8")
    write_xlsx(folder / "党组织信息.xlsx", "江宁区党组织信息汇总表", ORGANISATIONS, "注：数据为虚构")
    write_xlsx(folder / "党员花名册.xlsx", "江宁区党员花名册", MEMBERS, "填表人：诸葛虚构")
    write_csv(folder / "活动台账_2019-02.csv", ACTIVITIES, "gb18030")
    write_csv(folder / "签到记录_2019-02.csv", SIGN_INS, "utf-16")
    return folder


class Desk:
    """Hold a folder, a real store and its settings."""

    def __init__(self, place: Path) -> None:
        self.folder = write_folder(place / "files")
        self.data = place / "data"
        self.data.mkdir()
        self.settings = Settings(data_dir=self.data)
        self.store: Store = open_store(f"duckdb:///{self.data}/ejia.duckdb", self.settings)

    def load(self, folder: Path | None = None, **rest: Any) -> IntakeReport:
        """Load the folder, or another."""
        return load_folder(folder or self.folder, self.store, self.settings, **rest)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Give columns of a table, sorted."""
        found = self.store.known(table, columns).to_pydict()
        return sorted(zip(*found.values(), strict=True), key=repr)
