"""R2 流动党员半年未报到: members away from whom nothing was heard for half a year."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, add_months
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "R2"
VERSION = 1
PERIOD = "day"
TABLES = ("member",)
SOURCE = "V10 V11"
THRESHOLD = "months"
VANISHED = "clear"
HELP = {"months": "Months without contact from which on a member counts.", "severity": "Severity."}


def evaluate(facts: Facts, *, months: int = 6, severity: int = 2) -> Found:
    """Find members away without contact; who is reported lost stands under W13."""
    c = facts.columns
    away = c.equal("member", "floating", "out") & facts.current & ~c.equal("member", "contact_state", "lost")
    last = c.days("member", "last_contact_on")
    row = np.flatnonzero(away & (last < NEVER))
    day = add_months(last[row], months)
    starts = np.stack([day] * 4, axis=1)
    ends = np.full(len(row), NEVER, dtype=np.int64)
    made = of_cases(
        facts.branch[row],
        np.where(starts <= facts.today, starts, NEVER),
        ends,
        lambda counts: severity if counts[0] else 0,
        key=facts.day,
        members=True,
    )
    unknown = int((away & (last >= NEVER)).sum())
    return Found(
        made, checked=len(np.unique(facts.branch[row])), excluded={"no_data": unknown} if unknown else {}
    )
