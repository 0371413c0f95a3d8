"""Cells become typed columns: each distinct text is read once, the rest is lookup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders import dates
from loaders.layouts import Column
from loaders.sheets import plain

Flags = NDArray[np.bool_]
Parsed = tuple[pa.Array, Flags]
"""Typed values (null = empty) and which cells could not be read."""

EMPTY: Final = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "空", "null", "none", "nan", "n/a", "#n/a"}
)
YES: Final = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "对", "已报到", "公开"})
NO: Final = frozenset({"否", "不是", "n", "no", "false", "f", "0", "×", "x", "错", "未报到", "不公开"})
PROVINCES: Final = (
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 "
    "海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 "
    "新疆 台湾 香港 澳门 中央 部队 境外 国外 省外 市外 省内 市内 其他"
).split()
_LOST_DIGITS: Final = r"^\s*\d(\.\d+)?[eE]\+\d+\s*$"
_ODD_ID: Final = r"^\s*\d(\.\d+)?[eE]\+\d+\s*$|^\s*\d+\.0+\s*$|^['`]"
_CITY: Final = re.compile(r"[\u4e00-\u9fff·]{2,9}(市|盟|州|地区|县|省|区)")
_CITY_END: Final = re.compile(r"^(.*?(?:市|自治州|盟|地区))")
_LONGEST_CITY: Final = 12
_WHOLE: Final = re.compile(r"([+-]?\d{1,9})(?:\.0+)?(?:人|个|层|楼|f|年|天|星级?|分|次)?", re.IGNORECASE)
_BASEMENT: Final = re.compile(r"(?:b|地下|负)(\d{1,2})(?:层|楼|f)?", re.IGNORECASE)
_STARS: Final = {"未定级": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_CANONICAL_TIME: Final = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"

_TYPES: Final[dict[str, pa.DataType]] = {
    "int": pa.int32(),
    "year": pa.int32(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "day": pa.date32(),
    "time": pa.timestamp("us"),
}


def type_of(kind: str) -> pa.DataType:
    """Give the type of a kind of column; text where nothing else is said."""
    return _TYPES.get(kind, pa.string())


def parse(cells: pa.Array, column: Column) -> Parsed:
    """Read the cells of a column (text, null = empty) as its kind says.

    Kinds 'person' and 'place' are read as ids; what they stand for is found later.
    """
    cells = _combined(cells)
    if column.kind in ("id", "person", "place"):
        return _ids(cells)
    if column.kind == "text":
        trimmed = pc.utf8_trim_whitespace(cells)
        return pc.if_else(pc.equal(trimmed, ""), None, trimmed), np.zeros(len(cells), bool)
    if column.kind == "time":
        return _times(cells)
    return by_distinct(cells, _reader(column), type_of(column.kind))


def _combined(cells: Any) -> pa.Array:
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def by_distinct(cells: pa.Array, read: Callable[[str], Any], kind: pa.DataType) -> Parsed:
    """Read each distinct text once; `read` gets text that is not empty and gives None for what it is not."""
    encoded = cells.dictionary_encode()
    texts = [one.strip() for one in encoded.dictionary.to_pylist()]
    empty = [one.lower() in EMPTY for one in texts]
    values = [None if blank else read(one) for one, blank in zip(texts, empty, strict=True)]
    bad = np.array([value is None and not blank for value, blank in zip(values, empty, strict=True)], bool)
    at = encoded.indices
    present = np.asarray(pc.is_valid(at))
    wrong = np.zeros(len(cells), bool)
    if len(bad):
        wrong[present] = bad[np.asarray(at.drop_null())]
    return pa.array(values, kind).take(at), wrong


def _ids(cells: pa.Array) -> Parsed:
    """Read keys: trimmed, half-width; numbers that lost digits in a spreadsheet cannot be read."""
    trimmed = pc.utf8_trim_whitespace(cells)
    ascii_only = pc.all(pc.string_is_ascii(trimmed)).as_py() is not False
    odd = pc.any(pc.match_substring_regex(trimmed, _ODD_ID)).as_py()
    short = pc.any(pc.less(pc.binary_length(trimmed), 5)).as_py()
    if ascii_only and not odd and not short:
        return trimmed, np.zeros(len(cells), bool)
    return by_distinct(trimmed, _id, pa.string())


def _id(text: str) -> str | None:
    if re.match(_LOST_DIGITS, text):
        return None
    text = unicodedata.normalize("NFKC", text).strip().lstrip("'`")
    whole, dot, rest = text.partition(".")
    return whole if dot and whole.isdigit() and not rest.strip("0") else text or None


def lost_digits(text: str | None) -> bool:
    """Tell whether a cell is a long number that a spreadsheet has cut to 15 digits."""
    return bool(text and re.match(_LOST_DIGITS, text))


def _times(cells: pa.Array) -> Parsed:
    """Read times; the usual form all at once, the rest one by one."""
    usual = np.asarray(pc.fill_null(pc.match_substring_regex(cells, _CANONICAL_TIME), False))
    if not usual.any():
        return by_distinct(cells, dates.time, pa.timestamp("us"))
    plainly = pc.if_else(pa.array(usual), cells, None)
    found = pc.strptime(plainly, "%Y-%m-%d %H:%M:%S", "us", error_is_null=True)
    kept = pc.equal(pc.strftime(found, "%Y-%m-%d %H:%M"), pc.utf8_slice_codeunits(plainly, 0, 16))
    sure = np.asarray(pc.fill_null(kept, False))
    sure &= np.asarray(pc.fill_null(pc.less_equal(pc.year(found), dates.LAST_YEAR), False))
    sure &= np.asarray(pc.fill_null(pc.greater_equal(pc.year(found), dates.FIRST_YEAR), False))
    if sure.all():
        return found, np.zeros(len(cells), bool)
    rest, bad = by_distinct(pc.if_else(pa.array(sure), None, cells), dates.time, pa.timestamp("us"))
    return pc.if_else(pa.array(sure), found, rest), bad


def _reader(column: Column) -> Callable[[str], Any]:
    """Give the function that reads one text of a column."""
    if column.kind == "code":
        words = column.words
        return lambda text: words.get(plain(text))
    if column.kind == "day":
        return lambda text: dates.day(half_width(text), column.month_will_do)
    readers: dict[str, Callable[[str], Any]] = {
        "flag": _flag,
        "int": _int,
        "number": _number,
        "month": lambda text: dates.month(half_width(text)),
        "year": lambda text: dates.year(half_width(text)),
        "city": city,
    }
    return readers[column.kind]


def half_width(text: str) -> str:
    """Write full-width digits and signs in their usual form."""
    return unicodedata.normalize("NFKC", text)


def _flag(text: str) -> bool | None:
    word = plain(text)
    return True if word in YES else False if word in NO else None


def _int(text: str) -> int | None:
    word = plain(text).replace(",", "")
    match = _WHOLE.fullmatch(word)
    if match:
        return int(match.group(1))
    match = _BASEMENT.fullmatch(word)
    if match:
        return -int(match.group(1))
    return _STARS.get(word.removesuffix("级").removesuffix("星") if word != "未定级" else word)


def _number(text: str) -> float | None:
    try:
        number = float(plain(text).replace(",", ""))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def city(text: str) -> str | None:
    """Read where somebody went, no finer than a city; None = not a place of China, or an address."""
    word = re.sub(r"\s", "", half_width(text))
    end = _CITY_END.match(word)
    word = end.group(1) if end else word
    known = any(word.startswith(province) for province in PROVINCES)
    if len(word) > _LONGEST_CITY or any(mark.isdigit() for mark in word):
        return None
    return word if known or _CITY.fullmatch(word) else None
