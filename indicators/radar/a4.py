"""A4 党费缴纳: members not more than one month behind with dues, of those liable."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import Quarter, Sums, plain, ratio
from indicators.warnings.columns import Floats
from indicators.warnings.w01 import unpaid_months
from stores.settings import Radar

KEY = "A4"
ORDER = 4
MEMBERS = True
TABLES = ("dues_status", "member")
MOST_BEHIND = 1


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation members at most one closed month behind, and members liable."""
    _, org, behind = unpaid_months(q.facts)
    here = org >= 0
    count = q.facts.count
    paid = np.bincount(org[here & (behind <= MOST_BEHIND)], minlength=count)
    return plain(paid, np.bincount(org[here], minlength=count))


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share paid; a gap where fewer than ten are liable."""
    return ratio(sums["num"], sums["den"], settings.least_due)
