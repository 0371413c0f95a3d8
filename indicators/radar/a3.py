"""A3 活动参与: members who came of those who were due."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import Quarter, Sums, plain, ratio
from indicators.warnings.columns import Floats
from indicators.warnings.signed import signed_months
from stores.settings import Radar

KEY = "A3"
ORDER = 3
MEMBERS = True
TABLES = ("activity", "attendance")


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation heads who came and heads due, over the quarter's counted activities."""
    months = q.facts.calendar("month")
    due, came, _ = signed_months(q.facts, months)
    inside = np.flatnonzero((months.first_days >= q.begin) & (months.first_days < q.end))
    return plain(came[:, inside].sum(axis=1), due[:, inside].sum(axis=1))


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share who came; a gap where fewer than ten were due."""
    return ratio(sums["num"], sums["den"], settings.least_due)
