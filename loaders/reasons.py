"""Why a row was rejected and what to do about it: a sentence for the console, one for the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNSAVED: Final = "（不保存）"
"""Stands in the store for a value that may tell of a person."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Hold one reason: what is wrong and what to do, in English and in Chinese; {what} is filled in."""

    wrong: str
    advice: str
    wrong_zh: str
    advice_zh: str


REASONS: Final[Mapping[str, Reason]] = {
    "missing": Reason("must not be empty", "fill it in", "不能为空", "请补填"),
    "column_missing": Reason(
        "this column is missing in the sheet", "add the column", "表中缺少该列", "请补上该列"
    ),
    "torn": Reason(
        "the row has {what} cells, the headers have another number",
        "check for a missing or superfluous separator",
        "该行有{what}个单元格，与表头列数不符",
        "请检查分隔符是否缺失或多余",
    ),
    "word": Reason("not one of the words known", "write one of: {what}", "不是规定的取值", "请填写：{what}"),
    "digits": Reason(
        "a long number that the spreadsheet has cut to 15 digits",
        "format the column as text and enter the number again",
        "长数字被表格软件截断，末位已丢失",
        "请把该列设为文本格式后重新录入",
    ),
    "day": Reason("not a day", "write 2018-03-05", "不是有效日期", "请写成 2018-03-05"),
    "month": Reason("not a month", "write 2018-03", "不是有效年月", "请写成 2018-03"),
    "year": Reason("not a year", "write 2018", "不是有效年份", "请写成 2018"),
    "time": Reason("not a time", "write 2018-03-05 09:30", "不是有效时间", "请写成 2018-03-05 09:30"),
    "int": Reason("not a whole number", "write digits only", "不是整数", "请只填数字"),
    "number": Reason("not a number", "write digits only", "不是数字", "请只填数字"),
    "flag": Reason("neither yes nor no", "write 是 or 否", "不是“是”或“否”", "请填写 是 或 否"),
    "city": Reason(
        "not a province or city, or finer than a city",
        "write the province and city only, such as 江苏省苏州市",
        "不是省市名称，或比市更细",
        "请只填省、市，如 江苏省苏州市",
    ),
    "outside": Reason(
        "coordinates outside China, or longitude and latitude exchanged",
        "check both numbers: longitude 73 to 136, latitude 3 to 54",
        "坐标不在中国范围内，或经纬度颠倒",
        "请核对：经度 73–136，纬度 3–54",
    ),
    "shape": Reason("the geometry is empty or broken", "draw it again", "图形为空或无效", "请重新绘制"),
    "code_system": Reason(
        "this region code has no counterpart in the store's code system ({what})",
        "give the code of the system {what}",
        "该区划代码在本库代码体系（{what}）中没有对应",
        "请改用 {what} 代码",
    ),
    "unknown": Reason(
        "no {what} with this key is known",
        "load the {what} first or correct the key",
        "找不到对应的{what}",
        "请先导入该{what}，或更正编号",
    ),
    "ambiguous": Reason(
        "several organisations bear this name",
        "write the organisation's key",
        "多个组织同名",
        "请改填党组织编码",
    ),
    "circle": Reason(
        "the places above it lead nowhere or in a circle",
        "correct the key of what stands above it",
        "上级关系断开或成环",
        "请更正上级编号",
    ),
    "twice": Reason(
        "the key appears twice with different content; the first was taken ({what})",
        "keep the row that is right and take the other out",
        "编号重复且内容不同，已采用第一条（{what}）",
        "请保留正确的一条，删除另一条",
    ),
    "two_sides": Reason(
        "another office reports this transfer with other dates, and which is meant is not clear ({what})",
        "settle with the other office which row is right, correct the date or take the row out",
        "另一方也登记了这次转接，日期对不上，无法判断是否同一次（{what}）",
        "请与对方核对，更正日期或删除该行",
    ),
}

NOUNS: Final = {
    "region": ("region", "区划"),
    "building": ("building", "楼宇"),
    "organisation": ("organisation", "党组织"),
    "member": ("member", "党员"),
    "activity": ("activity", "活动"),
    "position": ("position", "阵地"),
    "reader": ("card reader", "读卡器"),
    "transfer": ("transfer", "转接"),
}


@dataclass(frozen=True, slots=True)
class Reject:
    """Hold one rejected row: file, row as a person counts, header, value as it may be stored, and why.

    `what` fills the sentences, in English and in Chinese.
    """

    file: str
    row: int
    column: str
    value: str | None
    code: str
    what: tuple[str, str] = ("", "")

    @property
    def reason(self) -> str:
        """Say what is wrong, in English."""
        return REASONS[self.code].wrong.format(what=self.what[0])

    @property
    def advice(self) -> str:
        """Say what to do, in English."""
        return REASONS[self.code].advice.format(what=self.what[0])

    @property
    def chinese(self) -> tuple[str, str]:
        """Say both in Chinese."""
        found = REASONS[self.code]
        return found.wrong_zh.format(what=self.what[1]), found.advice_zh.format(what=self.what[1])
