"""A6 转接时效: steps of transfers decided in time, of those whose time ran out in the quarter."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import NO_TRANSFERS, Quarter, Sums, plain, ratio
from indicators.warnings.columns import Floats
from indicators.warnings.steps import steps_of
from stores.settings import Radar

KEY = "A6"
ORDER = 6
MEMBERS = False
TABLES = ("transfer", "transfer_event", "workday")
LETTER_DAYS, LETTER_MOST = 30, 90


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation steps decided within the workdays allowed, and steps whose limit fell here."""
    f = q.facts
    steps = steps_of(f, LETTER_DAYS, LETTER_MOST)
    limit = f.after_workdays(steps.entered, q.rules.transfer_step_workdays)
    due = (limit >= q.begin) & (limit < q.end) & (steps.org >= 0)
    in_time = due & (steps.left <= limit)
    return plain(
        np.bincount(steps.org[in_time], minlength=f.count), np.bincount(steps.org[due], minlength=f.count)
    )


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share in time; a gap of its own where there was no transfer."""
    return ratio(sums["num"], sums["den"], 1) if sums["den"] else (None, NO_TRANSFERS)
