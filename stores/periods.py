"""Periods that are closed before they are judged: months, quarters and years, by their keys.

A month's key is '2019-01', a quarter's '2018Q4', a year's '2018'. Months are counted from year 0, so that
arithmetic on them is arithmetic on numbers.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

Kind = Literal["month", "quarter", "year"]
LENGTH: Final = {"month": 1, "quarter": 3, "year": 12}
"""Months of a period of each kind."""


def month_number(key: str) -> int:
    """Count a month 'YYYY-MM' from year 0."""
    return int(key[:4]) * 12 + int(key[5:7]) - 1


def month_key(number: int) -> str:
    """Write a month's key."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


def first_day(number: int) -> date:
    """Return the first day of a month."""
    return date(number // 12, number % 12 + 1, 1)


def number_of(day: date) -> int:
    """Count the month of a day."""
    return day.year * 12 + day.month - 1


def period_key(kind: Kind, first_month: int) -> str:
    """Write the key of the period that begins with a month."""
    if kind == "month":
        return month_key(first_month)
    year = f"{first_month // 12:04}"
    return year if kind == "year" else f"{year}Q{first_month % 12 // 3 + 1}"


def period_of(key: str) -> tuple[Kind, int] | None:
    """Return kind and first month of a key; None where it is no period (a day)."""
    if len(key) == 4 and key.isdigit():
        return "year", int(key) * 12
    if len(key) == 6 and key[4] == "Q" and key[5] in "1234":
        return "quarter", int(key[:4]) * 12 + 3 * (int(key[5]) - 1)
    if len(key) == 7 and key[4] == "-":
        return "month", month_number(key)
    return None


def closing_day(kind: Kind, first_month: int, grace_days: int) -> date:
    """Return the first day on which a period counts as closed."""
    return first_day(first_month + LENGTH[kind]) + timedelta(days=grace_days)


def last_closed(kind: Kind, as_of: date, grace_days: int) -> int:
    """Return the first month of the last period that is closed on a day."""
    length = LENGTH[kind]
    start = number_of(as_of) // length * length
    while closing_day(kind, start, grace_days) > as_of:
        start -= length
    return start


def add_months(day: date, months: int) -> date:
    """Add calendar months to a day; the 31st becomes a shorter month's last day."""
    number = number_of(day) + months
    last = (first_day(number + 1) - timedelta(days=1)).day
    return date(number // 12, number % 12 + 1, min(day.day, last))
