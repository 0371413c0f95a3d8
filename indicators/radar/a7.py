"""A7 党员管理: how far members out of contact, away or undecided stay below the mark of nought."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import NO_DATA, TOO_FEW, Quarter, Sums
from indicators.warnings.columns import NEVER, Floats, add_months
from indicators.warnings.w13 import lost_cases
from indicators.warnings.w14 import probations
from stores.settings import Radar

KEY = "A7"
ORDER = 7
MEMBERS = True
TABLES = ("member", "disposal", "probation_decision")
CONTACT_MONTHS, PROBATION_DAYS, HALF = 6, 30, 0.5


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation members out of hand (away and undecided count half), and members."""
    f, c, day = q.facts, q.facts.columns, q.end - 1
    lost, since, settled, _, _ = lost_cases(f)
    still = (add_months(since, CONTACT_MONTHS) <= day) & (settled > day)
    away = c.equal("member", "floating", "out") & f.current & ~c.equal("member", "contact_state", "lost")
    last = c.days("member", "last_contact_on")
    silent = np.flatnonzero(away & (last < NEVER) & (add_months(last, CONTACT_MONTHS) <= day))
    member, begin, end, decided = probations(f)
    overdue = member[(end + PROBATION_DAYS < day) & (begin <= day) & (decided > day)]
    num = np.zeros(f.count)
    for rows, weight in ((lost[still], 1.0), (silent, HALF), (overdue, HALF)):
        org = f.branch[rows]
        num += weight * np.bincount(org[org >= 0], minlength=f.count)
    return {"num": num, "den": q.members.astype(np.float64)}


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return 100 × (1 − members out of hand / 2 % of the members), at least 0; a gap below fifty members."""
    if sums["den"] < settings.least_members:
        return None, TOO_FEW if sums["den"] else NO_DATA
    return 100 * max(0.0, 1 - sums["num"] / (settings.management_zero * sums["den"])), ""
