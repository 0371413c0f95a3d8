"""Days, months and times in the forms offices write them, spreadsheet serial numbers included."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
_EPOCH: Final = dt.datetime(1899, 12, 30)
"""Day 0 of spreadsheets, valid from serial 61 on (1900 is taken for a leap year there)."""

_SERIALS: Final = (61.0, 80_000.0)
_LOCAL: Final = dt.timedelta(hours=8)
_WRITTEN: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月)?"
    r"(?:[\sT]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)
_PACKED: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_PACKED_MONTH: Final = re.compile(r"(\d{4})(\d{2})")
_YEAR: Final = re.compile(r"(\d{4})年?")
_SERIAL: Final = re.compile(r"\d{2,5}(\.\d+)?")


class Moment(NamedTuple):
    """Hold what was written; month, day and clock are None where nothing was."""

    year: int
    month: int | None = None
    day: int | None = None
    clock: dt.time | None = None


def moment(text: str) -> Moment | None:
    """Read a day, month, year or time; None = not one, or outside 1900 … 2100.

    Understood are 2018-03-05, 2018/3/5, 2018.3.5, 2018年3月5日, 20180305, 2018-03, 201803, 2018, each day
    with a time or not, and spreadsheet serials such as 43164.375. Times with a zone become local (UTC+8).
    """
    text = text.strip()
    return _written(text) or (_serial(text) if _SERIAL.fullmatch(text) else None)


def _written(text: str) -> Moment | None:
    """Read what is written as a date."""
    if _YEAR.fullmatch(text):
        return _checked(int(text[:4]), None, None, None, None)
    match = _PACKED_MONTH.fullmatch(text)
    if match:
        return _checked(int(match.group(1)), int(match.group(2)), None, None, None)
    match = _WRITTEN.fullmatch(text) or _PACKED.fullmatch(text)
    if not match:
        return None
    parts = [None if one is None else int(one) for one in match.groups()[:6]]
    zone = match.group(7) if match.re is _WRITTEN else None
    clock = None if parts[3] is None else (parts[3], parts[4] or 0, parts[5] or 0)
    return _checked(int(match.group(1)), parts[1], parts[2], clock, zone)


def _serial(text: str) -> Moment | None:
    number = float(text)
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return None
    found = _EPOCH + dt.timedelta(seconds=round(number * 86_400))
    whole = number.is_integer()
    return Moment(found.year, found.month, found.day, None if whole else found.time())


def _checked(
    year: int, month: int | None, day: int | None, clock: tuple[int, int, int] | None, zone: str | None
) -> Moment | None:
    """Let only what is in the calendar pass."""
    try:
        time = None if clock is None else dt.time(*clock)
        found = dt.datetime.combine(dt.date(year, month or 1, day or 1), time or dt.time())
    except ValueError:
        return None
    if zone and time and day:
        found += _LOCAL - _offset(zone)
        year, month, day, time = found.year, found.month, found.day, found.time()
    if not FIRST_YEAR <= year <= LAST_YEAR or (time is not None and day is None):
        return None
    return Moment(year, month, day, time)


def _offset(zone: str) -> dt.timedelta:
    if zone == "Z":
        return dt.timedelta()
    digits = zone[1:].replace(":", "")
    size = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if zone[0] == "-" else size


def day(text: str, month_will_do: bool = False) -> dt.date | None:
    """Read a day; a month stands for its first day where it will do; None = not one."""
    found = moment(text)
    if found is None or found.month is None or (found.day is None and not month_will_do):
        return None
    return dt.date(found.year, found.month, found.day or 1)


def month(text: str) -> str | None:
    """Read a month as 'YYYY-MM' from a month or a day; None = not one."""
    found = moment(text)
    return None if found is None or found.month is None else f"{found.year:04}-{found.month:02}"


def year(text: str) -> int | None:
    """Read a year from a year, month or day; None = not one."""
    found = moment(text)
    return None if found is None else found.year


def time(text: str) -> dt.datetime | None:
    """Read a time of a day, a bare day as its midnight; None = not one."""
    found = moment(text)
    if found is None or found.month is None or found.day is None:
        return None
    return dt.datetime.combine(dt.date(found.year, found.month, found.day), found.clock or dt.time())
