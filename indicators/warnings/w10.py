"""W10 民主评议参评率偏低: too few took part in a year's appraisal, or it was not held at all."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER
from indicators.warnings.duty import found
from indicators.warnings.episodes import Episode, Found, raise_to
from indicators.warnings.facts import TOO_FEW, Facts
from indicators.warnings.yearly import deadline_of, outside_year, years

KEY = "W10"
VERSION = 1
PERIOD = "year"
TABLES = ("appraisal_year", "organisation", "org_pause")
SOURCE = "V2 V4"
THRESHOLD = "rate"
VANISHED = "clear"
HELP = {
    "rate": "Share of those eligible below which it counts.",
    "serious_rate": "Share below which it is a warning.",
    "low": "Severity below the first share.",
    "very_low": "Severity below the second.",
    "none": "Severity where none was held.",
    "least_eligible": "Fewest eligible to be judged.",
}


def evaluate(
    facts: Facts,
    *,
    rate: float = 0.9,
    serious_rate: float = 0.75,
    low: int = 2,
    very_low: int = 3,
    none: int = 3,
    least_eligible: int = 5,
) -> Found:
    """Find branches with a low share of members appraised, once the deadline is past."""
    c = facts.columns
    org, of = c.orgs("appraisal_year", "org_id"), c.ints("appraisal_year", "year")
    made: list[Episode] = []
    outside = np.zeros((facts.count, 0), dtype=np.int64)
    for year in years(facts):
        deadline = deadline_of(year)
        told = (of == year) & (org >= 0)
        if facts.today <= deadline or not told.any():
            continue
        eligible, took = np.full(facts.count, -1), np.zeros(facts.count, dtype=np.int64)
        eligible[org[told]] = c.ints("appraisal_year", "eligible")[told]
        took[org[told]] = c.ints("appraisal_year", "participated")[told]
        reason = outside_year(facts, year, "appraisal", deadline)
        few = (eligible >= 0) & (eligible < least_eligible)
        reason = np.where((reason == 0) & few, TOO_FEW, reason)
        share = np.where(eligible > 0, took / np.maximum(eligible, 1), 0.0)
        severity = np.select([eligible < 0, share < serious_rate, share < rate], [none, very_low, low], 0)
        for row in np.flatnonzero((reason == 0) & (severity > 0)).tolist():
            has = eligible[row] >= 0
            value = (float(took[row]), float(eligible[row])) if has else (0.0, None)
            one = Episode(row, str(year), [NEVER] * 4, num=value[0], den=value[1])
            raise_to(one.levels, int(severity[row]), deadline + 1)
            made.append(one)
        outside = reason[:, None]
    return found(made, outside)
