"""W09 组织生活会未按期召开: no organisational-life meeting for a year by the end of the next February."""

from __future__ import annotations

from datetime import date

import numpy as np

from indicators.warnings.columns import NEVER, day_number
from indicators.warnings.duty import found
from indicators.warnings.episodes import Episode, Found, raise_to
from indicators.warnings.facts import INSTITUTIONS, Facts
from indicators.warnings.yearly import deadline_of, outside_year, years

KEY = "W09"
VERSION = 1
PERIOD = "year"
TABLES = ("activity", "organisation", "org_pause")
SOURCE = "V2 V3"
THRESHOLD = "notice_month"
VANISHED = "retract"
HELP = {
    "notice_month": "Month of the year after in which a notice is given, from its first day.",
    "notice": "Severity of the notice.",
    "late": "Severity after the last day of February.",
    "very_late": "Severity after 31 March.",
}


def evaluate(
    facts: Facts, *, notice_month: int = 2, notice: int = 1, late: int = 3, very_late: int = 4
) -> Found:
    """Find branches that have not held the meeting of a year."""
    a = facts.activity
    made: list[Episode] = []
    outside = np.zeros((facts.count, 0), dtype=np.int64)
    gone = facts.reached(facts.abolished)
    for year in years(facts):
        deadline = deadline_of(year)
        first = day_number(date(year + 1, notice_month, 1))
        reason = outside_year(facts, year, "org_life_meeting", deadline, first)
        days = [(first, notice), (deadline + 1, late)]
        days += [(day_number(date(year + 1, 4, 1)), very_late)]
        chosen = (a["institution"] == INSTITUTIONS.index("org_life_meeting")) & (a["for_year"] == year)
        held = np.full(facts.count, NEVER, dtype=np.int64)
        np.minimum.at(held, a["org"][chosen], a["day"][chosen])
        for org in np.flatnonzero((reason == 0) & (held > days[0][0])).tolist():
            one = Episode(org, str(year), [NEVER] * 4, num=0.0, den=1.0)
            for day, severity in days:
                if day <= facts.today and day < min(held[org], gone[org]):
                    raise_to(one.levels, severity, day)
            if one.opened < NEVER:
                one.closed = int(min(held[org], gone[org]))
                one.how = "" if one.closed >= NEVER else "clear" if held[org] <= gone[org] else "expire"
                made.append(one)
        outside = reason[:, None]
    return found(made, outside)
