"""W07 党课未按要求开展: a closed quarter without a lecture, a year with fewer than two."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, Flags
from indicators.warnings.duty import duty_of, found
from indicators.warnings.episodes import Episode, Found, counted_runs, of_periods, raise_to
from indicators.warnings.facts import INSTITUTIONS, Facts

KEY = "W07"
VERSION = 1
PERIOD = "quarter"
TABLES = ("activity", "organisation", "org_pause")
SOURCE = "V2 V3 V9"
THRESHOLD = "least_a_year"
VANISHED = "retract"
BY_SECRETARY = "committee_secretary"
HELP = {
    "first": "Severity of one missed quarter.",
    "second": "Severity of two running.",
    "year": "Severity of a year with too few lectures.",
    "least_a_year": "Lectures a year must have.",
    "secretary": "Severity of a year in which a committee's secretary gave none.",
}


def evaluate(
    facts: Facts, *, first: int = 1, second: int = 2, year: int = 3, least_a_year: int = 2, secretary: int = 1
) -> Found:
    """Find branches without lectures, and committees whose secretary gave none in a closed year."""
    duty = duty_of(facts, "lecture", "quarter")
    calendar, closed = duty.calendar, duty.calendar.closed
    missed, met = duty.missed, duty.met[:, :closed]
    runs = counted_runs(missed, met)
    severity = np.array([0, first, second])[np.minimum(runs, 2)]
    poor = np.zeros(missed.shape, dtype=np.bool_)
    for p in range(closed):
        if calendar.starts[p] % 12 == 9 and p >= 3:
            poor[:, p] = _poor_year(facts, int(calendar.starts[p]) - 9, least_a_year)
            poor[:, p] &= (duty.outside[:, p - 3 : p + 1] == 0).all(axis=1)
    severity = np.where(poor, year, severity)
    late = np.where(missed, duty.made_up[:, :closed], NEVER)
    zeros = np.zeros(missed.shape)
    episodes = of_periods(
        severity,
        calendar.closing,
        duty.held,
        calendar.keys,
        made_up=late,
        num=zeros,
        den=zeros + 1,
        runs=runs,
    )
    return found(episodes + _secretaries(facts, secretary), duty.outside[:, :closed])


def _poor_year(facts: Facts, january: int, least: int) -> Flags:
    """Tell which organisations had too few lectures in a year."""
    a = facts.activity
    inside = (a["month"] >= january) & (a["month"] < january + 12)
    lectures = inside & (a["institution"] == INSTITUTIONS.index("lecture"))
    return np.bincount(a["org"][lectures], minlength=facts.count) < least


def _secretaries(facts: Facts, severity: int) -> list[Episode]:
    """Find committees whose secretary gave no lecture in a closed year, where such lectures are recorded."""
    a, c = facts.activity, facts.columns
    by = c.equal("activity", "lecturer_role", BY_SECRETARY)[a["row"]]
    calendar = facts.calendar("year")
    if not by.any() or not calendar.closed:
        return []
    above = c.orgs("organisation", "parent_org_id")
    committee = c.equal("organisation", "kind", "committee", "work_committee")
    org, month = a["org"][by], a["month"][by]
    gave = np.full((facts.count, len(calendar)), NEVER, dtype=np.int64)
    place = calendar.place(month)
    for _ in range(8):
        kept = (org >= 0) & (place >= 0)
        np.minimum.at(gave, (org[kept], place[kept]), a["day"][by][kept])
        org = np.where(org >= 0, above[org], -1)
    made = []
    for p in range(calendar.closed):
        there = committee & (facts.founded <= calendar.first_days[p])
        there &= facts.abolished >= calendar.end_days[p] - 1
        for row in np.flatnonzero(there & (gave[:, p] >= NEVER)).tolist():
            one = Episode(row, calendar.keys[p], [NEVER] * 4, num=0.0, den=1.0)
            raise_to(one.levels, severity, int(calendar.closing[p]))
            later = gave[row, p + 1] if p + 1 < len(calendar) else NEVER
            if later < NEVER:
                one.closed, one.how = max(int(later), one.opened), "expire"
            made.append(one)
    return made
