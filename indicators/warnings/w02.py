"""W02 活动签到率低于50%党组织: organisations where fewer than half of those due sign in."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, Ints
from indicators.warnings.duty import found
from indicators.warnings.episodes import Found, counted_runs, of_periods
from indicators.warnings.facts import NO_DATA, TOO_FEW, Facts
from indicators.warnings.signed import signed_months

KEY = "W02"
VERSION = 1
PERIOD = "month"
TABLES = ("activity", "attendance")
SOURCE = "A138"
THRESHOLD = "rate"
VANISHED = "retract"
HELP = {
    "rate": "Share signed in below which a month counts.",
    "clear_rate": "Share signed in from which on a warning ends.",
    "serious_rate": "Share signed in below which a single month is serious.",
    "least_due": "Heads due in a month below which three months are taken together.",
    "months_together": "Months taken together where one has too few.",
}


def evaluate(
    facts: Facts,
    *,
    rate: float = 0.5,
    clear_rate: float = 0.55,
    serious_rate: float = 0.25,
    least_due: int = 10,
    months_together: int = 3,
) -> Found:
    """Find organisations with a low share of sign-ins in closed months."""
    calendar = facts.calendar("month")
    closed = calendar.closed
    due, came, later = (table[:, :closed] for table in signed_months(facts, calendar))
    due_now, came_now = enough(due, came, least_due, months_together)
    _, later_now = enough(due, came + later, least_due, months_together)
    outside = facts.outside(calendar, "theme_day")[:, :closed]
    unheard = facts.silent(calendar)[:, :closed]
    few = due_now < least_due
    outside = np.select([outside > 0, unheard, few], [outside, NO_DATA, TOO_FEW], 0)
    own = (outside == 0) & (due > 0)
    share = np.divide(came_now, due_now, out=np.ones(due_now.shape), where=due_now > 0)
    mended = np.divide(later_now, due_now, out=np.ones(due_now.shape), where=due_now > 0)
    missed, met = own & (share < rate), own & (share >= clear_rate)
    runs = counted_runs(missed, met)
    severity = np.where(missed & (share < serious_rate), 4, np.minimum(runs, 3) + 1) * missed
    ends = np.full((facts.count, len(calendar)), NEVER, dtype=np.int64)
    ends[:, :closed] = np.where(met, calendar.closing[:closed], NEVER)
    days = calendar.end_days[:closed] + facts.settings.make_up_lesson_days
    made_up = np.where(missed & (mended >= clear_rate) & (days <= facts.today), days, NEVER)
    episodes = of_periods(
        severity,
        calendar.closing,
        ends,
        calendar.keys,
        made_up=made_up,
        num=came_now.astype(np.float64),
        den=due_now.astype(np.float64),
        how="clear",
        runs=runs,
    )
    return found(episodes, np.where((outside == 0) & (due == 0), TOO_FEW, outside))


def enough(due: Ints, came: Ints, least: int, months: int) -> tuple[Ints, Ints]:
    """Take months together where one alone has too few due."""
    wide_due, wide_came = due.copy(), came.copy()
    for back in range(1, months):
        wide_due[:, back:] += due[:, :-back] if back < due.shape[1] else 0
        wide_came[:, back:] += came[:, :-back] if back < due.shape[1] else 0
    few = due < least
    return np.where(few, wide_due, due), np.where(few, wide_came, came)
