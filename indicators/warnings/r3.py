"""R3 谈心谈话未覆盖: pairs that did not talk in a year."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, day_number
from indicators.warnings.episodes import Episode, Found, raise_to
from indicators.warnings.facts import Facts
from stores.periods import closing_day

KEY = "R3"
VERSION = 1
PERIOD = "year"
TABLES = ("heart_talk_year",)
SOURCE = "V2 V3"
THRESHOLD = "share"
VANISHED = "clear"
HELP = {"share": "Share of the pairs below which it counts.", "severity": "Severity."}


def evaluate(facts: Facts, *, share: float = 1.0, severity: int = 1) -> Found:
    """Find organisations whose talks of a closed year are not complete."""
    c = facts.columns
    org, year = c.orgs("heart_talk_year", "org_id"), c.ints("heart_talk_year", "year")
    due, held = c.ints("heart_talk_year", "due_count"), c.ints("heart_talk_year", "held_count")
    made = []
    for at in np.flatnonzero((org >= 0) & (due > 0) & (held < share * due)).tolist():
        day = day_number(closing_day("year", int(year[at]) * 12, facts.settings.grace_days))
        if day <= facts.today:
            one = Episode(int(org[at]), str(year[at]), [NEVER] * 4, num=float(held[at]), den=float(due[at]))
            raise_to(one.levels, severity, day)
            made.append(one)
    return Found(made, checked=len(np.unique(org[org >= 0])))
