"""R5 数据断报: no data from an organisation's readers, and nothing entered by hand."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "R5"
VERSION = 1
PERIOD = "day"
TABLES = ("reader", "reader_outage", "activity")
SOURCE = "D"
THRESHOLD = "days"
VANISHED = "retract"
HELP = {"days": "Silent days beyond which it counts.", "severity": "Severity."}


def evaluate(facts: Facts, *, days: int = 7, severity: int = 2) -> Found:
    """Find organisations that are silent: of them nothing is inferred, neither success nor failure."""
    org, begin, end = facts.silences
    start = begin + days
    starts = np.stack([start] * 4, axis=1)
    made = of_cases(
        org,
        np.where(starts <= facts.today, starts, NEVER),
        np.where(end <= facts.today, end, NEVER),
        lambda counts: severity if counts[0] else 0,
        key=facts.day,
    )
    readers = facts.columns.orgs("reader", "org_id")
    return Found(made, checked=len(np.unique(readers[readers >= 0])))
