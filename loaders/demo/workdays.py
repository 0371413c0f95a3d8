"""Know the working days of 2018 and 2019 and the district's unified activity day.

Source: the State Council's notices on the public holidays of 2018 and 2019 (swap days included).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Bools = NDArray[np.bool_]

MONTHS: Final = [f"{2018 + (2 + i) // 12}-{(2 + i) % 12 + 1:02d}" for i in range(12)]
"""The twelve months of the demo, '2018-03' … '2019-02'."""

AS_OF: Final = np.datetime64("2019-02-28")

# name, first day off, last day off, working swap days
HOLIDAYS: Final = [
    ("元旦", "2018-01-01", "2018-01-01", ()),
    ("春节", "2018-02-15", "2018-02-21", ("2018-02-11", "2018-02-24")),
    ("清明节", "2018-04-05", "2018-04-07", ("2018-04-08",)),
    ("劳动节", "2018-04-29", "2018-05-01", ("2018-04-28",)),
    ("端午节", "2018-06-16", "2018-06-18", ()),
    ("中秋节", "2018-09-22", "2018-09-24", ()),
    ("国庆节", "2018-10-01", "2018-10-07", ("2018-09-29", "2018-09-30")),
    ("元旦", "2018-12-30", "2019-01-01", ("2018-12-29",)),
    ("春节", "2019-02-04", "2019-02-10", ("2019-02-02", "2019-02-03")),
    ("清明节", "2019-04-05", "2019-04-07", ()),
    ("劳动节", "2019-05-01", "2019-05-04", ("2019-04-28", "2019-05-05")),
    ("端午节", "2019-06-07", "2019-06-09", ()),
    ("中秋节", "2019-09-13", "2019-09-15", ()),
    ("国庆节", "2019-10-01", "2019-10-07", ("2019-09-29", "2019-10-12")),
]


def workday_calendar() -> tuple[Days, Bools, list[str]]:
    """Give every day of 2018 and 2019, whether it is worked, and a remark ('' on plain days)."""
    days = np.arange("2018-01-01", "2020-01-01", dtype="datetime64[D]")
    worked = np.is_busday(days)
    remark = [""] * len(days)
    for name, first, last, swaps in HOLIDAYS:
        for number in np.flatnonzero((days >= np.datetime64(first)) & (days <= np.datetime64(last))):
            worked[number] = False
            remark[number] = name
        for swap in swaps:
            at = int((np.datetime64(swap) - days[0]).astype(np.int64))
            worked[at] = True
            remark[at] = f"{name}调休上班"
    return days, worked, remark


def workdays_of(month: str) -> Days:
    """Give the working days of a month 'YYYY-MM' in order."""
    days, worked, _ = workday_calendar()
    found: Days = days[worked & (days.astype("datetime64[M]") == np.datetime64(month))]
    return found


def unified_day(month: str) -> np.datetime64:
    """Give the unified activity day: the 15th, or the next working day after it."""
    later = workdays_of(month)
    return np.datetime64(later[later >= np.datetime64(f"{month}-15")][0])


def workdays_before(day: Days, counts: NDArray[np.int64]) -> Days:
    """Give for each day the working day `counts` working days earlier, at most back to the start of 2018."""
    days, worked, _ = workday_calendar()
    past = days[worked]
    at = np.searchsorted(past, day, side="right") - 1 - counts
    found: Days = past[np.maximum(at, 0)]
    return found
