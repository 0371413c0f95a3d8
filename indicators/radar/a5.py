"""A5 学习教育: hours of study done, at most what is expected of each, of the hours expected."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import Quarter, Sums, ratio
from indicators.warnings.columns import Floats
from indicators.warnings.w15 import study_to
from stores.settings import Radar

KEY = "A5"
ORDER = 5
MEMBERS = True
TABLES = ("study_record", "member", "post")
SECRETARY_HOURS, SELF_SHARE, OLDEST = 56.0, 0.5, 80


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation hours done (at most expected), hours expected, and members expected to study."""
    given = study_to(q.facts, q.month, q.rules.study_hours_year, SECRETARY_HOURS, SELF_SHARE, OLDEST)
    _, org, done, expected = given
    count = q.facts.count
    return {
        "num": np.bincount(org, weights=np.minimum(done, expected), minlength=count).astype(np.float64),
        "den": np.bincount(org, weights=expected, minlength=count).astype(np.float64),
        "eligible": np.bincount(org, minlength=count).astype(np.float64),
    }


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share of hours; a gap where fewer than ten are expected to study."""
    return ratio(sums["num"], sums["den"], 0) if sums["eligible"] >= settings.least_due else (None, "too_few")
