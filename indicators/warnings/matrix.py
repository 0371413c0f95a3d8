"""The matrix of institutions: what became of each duty of each branch in each month."""

from __future__ import annotations

from datetime import date

import numpy as np

from indicators.warnings.columns import NEVER, Flags, Ints, day_number
from indicators.warnings.duty import duty_of
from indicators.warnings.facts import INSTITUTIONS, NO_COMMITTEE, NO_DATA, NO_GROUPS, Calendar, Facts
from indicators.warnings.w05 import without_committee
from indicators.warnings.w06 import groups_met
from indicators.warnings.yearly import deadline_of, outside_year
from stores.periods import Kind

YEARLY = ("org_life_meeting", "appraisal", "heart_talk")
QUARTERLY = ("member_meeting", "lecture")
WINDOW_DAY, WINDOW_DAYS = 15, 3
Letters = np.ndarray[tuple[int, ...], np.dtype[np.str_]]


def states(facts: Facts) -> tuple[int, dict[tuple[str, str], str]]:
    """Return the first month and (organisation, institution) → a letter a month, up to the running month.

    A quarter's duty is judged in the quarter's last month, a year's in the February after; in the other
    months it is held where it was held, and not yet due otherwise. A themed day within three workdays of
    the unified day is held, another is late.
    """
    months = facts.calendar("month")
    tables: dict[str, Letters] = {}
    for institution in INSTITUTIONS:
        if institution in YEARLY:
            tables[institution] = _yearly(facts, institution, months)
        elif institution in QUARTERLY:
            tables[institution] = _periodic(facts, institution, "quarter", months)
        else:
            tables[institution] = _periodic(facts, institution, "month", months)
    for own, kind in facts.settings.more_institutions.items():
        tables[own] = _own(facts, own, kind, months)
    made: dict[tuple[str, str], str] = {}
    orgs = facts.columns.org_ids[facts.is_branch].tolist()
    for institution, table in tables.items():
        line = np.ascontiguousarray(table[facts.is_branch]).view(
            f"<U{len(months)}"
        )  # a row's letters as one text
        made |= zip(((org, institution) for org in orgs), line[:, 0].tolist(), strict=True)
    return int(months.starts[0]), made


def _own(facts: Facts, institution: str, kind: Kind, months: Calendar) -> Letters:
    """Lay out an institution of the district's own; where none was ever recorded there is no data of it."""
    table = _periodic(facts, institution, kind, months)
    if (facts.first_held(institution, months) >= NEVER).all():
        return np.where(table == "n", table, "o")
    return table


def _periodic(facts: Facts, institution: str, kind: Kind, months: Calendar) -> Letters:
    """Lay out a duty of every month, quarter or year, judged in the last month of its period."""
    duty = duty_of(facts, institution, kind)
    outside = duty.outside
    held = facts.first_held(institution, months)
    if institution == "committee_meeting":
        none = without_committee(facts, duty.calendar, 7, 3)
        outside = np.where((outside == 0) & none, NO_COMMITTEE, outside)
    if institution == "group_meeting":
        outside = np.where((outside == 0) & (facts.groups <= 0)[:, None], NO_GROUPS, outside)
        held = np.minimum(groups_met(facts, months)[1], facts.first_held("member_meeting", months))
    table: Letters = np.full(held.shape, "d")
    place = np.searchsorted(duty.calendar.starts, months.starts, side="right") - 1
    for m in range(len(months)):
        p = int(place[m])
        if p < 0:
            table[:, m] = np.where(held[:, m] < NEVER, "h", "o")
            continue
        last = months.starts[m] == duty.calendar.starts[p] + duty.calendar.length - 1
        closed = p < duty.calendar.closed
        met = (duty.held[:, p] < NEVER) if institution != "group_meeting" else held[:, m] < NEVER
        made_up = (duty.made_up[:, p] < NEVER) & ~met
        judged = np.where(met, "h", np.where(made_up, "u", np.where(closed, "m", "d")))
        own = judged if last else np.full(facts.count, "d")
        own = np.where(held[:, m] < NEVER, "h", own)
        reason = outside[:, p]
        own = np.where((reason > 0) & (own != "h"), np.where(reason == NO_DATA, "o", "n"), own)
        table[:, m] = own
    if institution == "theme_day":
        table = np.where((table == "h") & _off_window(facts, held, months), "l", table)
    return table


def _off_window(facts: Facts, held: Ints, months: Calendar) -> Flags:
    """Tell where the first themed day of a month lies more than three days from its unified day: the 15th,
    or the next workday after it."""
    middle = months.first_days + WINDOW_DAY - 1
    unified = facts.after_workdays(middle - 1, 1)
    flags: Flags = (held < NEVER) & (np.abs(held - unified[None, :]) > WINDOW_DAYS)
    return flags


def _yearly(facts: Facts, institution: str, months: Calendar) -> Letters:
    """Lay out a duty of every year: held in its month, judged in the February after."""
    held = facts.first_held(institution, months)
    table: Letters = np.where(held < NEVER, "h", "d")
    for m, start in enumerate(months.starts.tolist()):
        year, month = start // 12, start % 12 + 1
        if month != 2 or start // 12 * 12 - 3 < months.starts[0]:
            continue
        deadline = deadline_of(year - 1)
        done = _for_year(facts, institution, year - 1)
        reason = outside_year(facts, year - 1, institution, deadline)
        late = "m" if facts.today > deadline else "d"
        own = np.where(done, "h", np.where(reason > 0, "n", late))
        table[:, m] = np.where(held[:, m] < NEVER, "h", own)
    return table


def _for_year(facts: Facts, institution: str, year: int) -> Flags:
    """Tell who has carried out a yearly duty for a year."""
    a = facts.activity
    chosen = a["institution"] == INSTITUTIONS.index(institution)
    begin = day_number_of_year(year)
    inside = (a["for_year"] == year) | ((a["for_year"] < 0) & (a["day"] >= begin) & (a["day"] < begin + 424))
    done = np.zeros(facts.count, dtype=np.bool_)
    done[a["org"][chosen & inside]] = True
    return done


def day_number_of_year(year: int) -> int:
    """Return the number of a year's first day."""
    return day_number(date(year, 1, 1))
