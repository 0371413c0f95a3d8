"""A2 制度执行: institutions of organisation life carried out of those that were due."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import Quarter, Sums, plain, ratio
from indicators.warnings.columns import NEVER, Floats
from indicators.warnings.duty import duty_of
from indicators.warnings.facts import NO_COMMITTEE, NO_GROUPS
from indicators.warnings.w05 import without_committee
from indicators.warnings.w06 import groups_met
from indicators.warnings.yearly import deadline_of, outside_year
from stores.settings import Radar

KEY = "A2"
ORDER = 2
MEMBERS = False
TABLES = ("activity", "organisation", "org_pause")


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation what was held, at most what was required, and what was required."""
    f = q.facts
    held, due = np.zeros(f.count), np.zeros(f.count)
    for institution, kind in (
        ("member_meeting", "quarter"),
        ("lecture", "quarter"),
        ("theme_day", "month"),
        ("committee_meeting", "month"),
    ):
        duty = duty_of(f, institution, kind)  # type: ignore[arg-type]
        outside = duty.outside
        if institution == "committee_meeting":
            none = without_committee(f, duty.calendar, 7, 3)
            outside = np.where((outside == 0) & none, NO_COMMITTEE, outside)
        for p in np.flatnonzero((duty.calendar.first_days >= q.begin) & (duty.calendar.first_days < q.end)):
            owed = outside[:, p] == 0
            due += owed
            held += owed & ((duty.held[:, p] < NEVER) | (duty.made_up[:, p] < NEVER))
    duty = duty_of(f, "group_meeting", "month")
    outside = np.where((duty.outside == 0) & (f.groups <= 0)[:, None], NO_GROUPS, duty.outside)
    met, _ = groups_met(f, duty.calendar)
    for p in np.flatnonzero((duty.calendar.first_days >= q.begin) & (duty.calendar.first_days < q.end)):
        owed = outside[:, p] == 0
        due += np.where(owed, f.groups, 0)
        held += np.where(owed, np.minimum(met[:, p], f.groups), 0)
    if q.first_of_year:
        _add_year(q, held, due)
    return plain(held, due)


def _add_year(q: Quarter, held: Floats, due: Floats) -> None:
    """Add the life meeting and the appraisal of the year before, which fall due in the first quarter."""
    f, year = q.facts, q.month // 12 - 1
    if f.first_month > year * 12 + 9:
        return
    a, c = f.activity, f.columns
    owed = outside_year(f, year, "org_life_meeting", deadline_of(year)) == 0
    for institution in ("org_life_meeting", "appraisal"):
        code = ("org_life_meeting", "appraisal").index(institution) + 5
        done = np.zeros(f.count, dtype=np.bool_)
        done[a["org"][(a["institution"] == code) & (a["for_year"] == year)]] = True
        if institution == "appraisal":
            org, took = c.orgs("appraisal_year", "org_id"), c.ints("appraisal_year", "participated")
            done[org[(c.ints("appraisal_year", "year") == year) & (took > 0) & (org >= 0)]] = True
        due += owed
        held += owed & done


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share carried out; a gap where nothing was required."""
    return ratio(sums["num"], sums["den"], 1)
