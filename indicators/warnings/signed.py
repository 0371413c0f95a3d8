"""Who signed in at counted activities: within the time allowed, or as a lesson made up for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.warnings.columns import DAY, NEVER, Ints
from indicators.warnings.facts import Calendar, Facts

COUNTED = ("member_meeting", "group_meeting", "lecture", "theme_day", "org_life_meeting", "fixed_study_day")
HOUR = DAY // 24
EARLY_MINUTES = 60
LATE_MINUTES = 30


def signed_months(facts: Facts, calendar: Calendar) -> tuple[Ints, Ints, Ints]:
    """Return organisation × month: heads due, heads who came, heads who made the lesson up after closing.

    A meeting counts once 72 hours have gone by since its end. Who came is the greater of what was reported
    and of the sign-ins within an hour before and half an hour after; a lesson made up for by hand or visit
    counts too. A joint activity counts for each organisation with its own share.
    """
    rows, org, place, closes = _counted(facts, calendar)
    c = facts.columns
    reported = c.ints("activity", "attended_count")[rows]
    due = c.ints("activity", "due_count", -1)[rows]
    due = np.where(due < 0, reported + c.ints("activity", "absent_count")[rows], due)
    signed, later = _signed(facts, rows, closes)
    came = np.maximum(reported, signed)
    due = np.maximum(due, reported)
    came = np.minimum(came, np.maximum(due, came))
    due = np.maximum(due, came)
    later = np.minimum(later, due - came)
    org, place, due, came, later = _shared(facts, rows, org, place, due, came, later)
    return tuple(_table(facts, calendar, org, place, heads) for heads in (due, came, later))  # type: ignore[return-value]


def _table(facts: Facts, calendar: Calendar, org: Ints, place: Ints, heads: Ints) -> Ints:
    flat = org * len(calendar) + place
    size = facts.count * len(calendar)
    return (
        np.bincount(flat, weights=heads, minlength=size).astype(np.int64).reshape(facts.count, len(calendar))
    )


def _counted(facts: Facts, calendar: Calendar) -> tuple[Ints, Ints, Ints, Ints]:
    """Return row, organisation, month's place and the month's closing day of the activities that count."""
    a, c = facts.activity, facts.columns
    chosen = c.equal("activity", "institution", *COUNTED)[a["row"]]
    end = c.moments("activity", "end_at")[a["row"]]
    start = c.moments("activity", "start_at")[a["row"]]
    end = np.where(end >= NEVER * DAY, start, end)
    over = end + facts.settings.counting_hours * HOUR < (facts.today + 1) * DAY
    place = calendar.place(a["month"])
    kept = chosen & over & (place >= 0)
    return a["row"][kept], a["org"][kept], place[kept], calendar.closing[place[kept]]


def _signed(facts: Facts, rows: Ints, closes: Ints) -> tuple[Ints, Ints]:
    """Count the sign-ins of activities: those in time, and those made up for after the month had closed."""
    c = facts.columns
    if not len(rows):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    c.fetch("attendance", ("activity_id", "at", "channel", "state"))
    ids = pc.take(c.column("activity", "activity_id"), pa.array(rows))
    at = c.moments("attendance", "at")
    valid = c.equal("attendance", "state", "valid", "late") & (at < (facts.today + 1) * DAY)
    place = pc.fill_null(pc.index_in(c.column("attendance", "activity_id"), value_set=ids), -1)
    place = np.asarray(place.to_numpy(zero_copy_only=False)).astype(np.int64)
    by_hand = c.equal("attendance", "channel", "manual", "visit")
    kept = np.flatnonzero(valid & (place >= 0))
    place, at, by_hand = place[kept], at[kept], by_hand[kept]
    start = c.moments("activity", "start_at")[rows]
    end = c.moments("activity", "end_at")[rows]
    end = np.where(end >= NEVER * DAY, start, end)
    minute = HOUR // 60
    inside = (at >= (start - EARLY_MINUTES * minute)[place]) & (at <= (end + LATE_MINUTES * minute)[place])
    made_up = ~inside & by_hand & (at <= (end + facts.settings.make_up_lesson_days * DAY)[place])
    made_up &= at >= start[place]
    before = at // DAY < closes[place]
    count = len(rows)
    in_time = np.bincount(place[inside | (made_up & before)], minlength=count)
    return in_time, np.bincount(place[made_up & ~before], minlength=count)


def _shared(
    facts: Facts, rows: Ints, org: Ints, place: Ints, due: Ints, came: Ints, later: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Credit joint activities to the organisations whose members came."""
    c = facts.columns
    c.fetch("joint_share", ("activity_id", "org_id", "due_count", "attended_count"))
    ids = c.column("joint_share", "activity_id")
    if not len(ids) or not len(rows):
        return org, place, due, came, later
    among = pc.take(c.column("activity", "activity_id"), pa.array(rows))
    at = pc.fill_null(pc.index_in(ids, value_set=among), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    who = c.orgs("joint_share", "org_id")
    share = np.flatnonzero((at >= 0) & (who >= 0))
    alone = ~np.isin(np.arange(len(rows)), at[share])
    shared_due = c.ints("joint_share", "due_count")[share]
    shared_came = np.minimum(c.ints("joint_share", "attended_count")[share], shared_due)
    return (
        np.concatenate([org[alone], facts.merged_into[who[share]]]),
        np.concatenate([place[alone], place[at[share]]]),
        np.concatenate([due[alone], shared_due]),
        np.concatenate([came[alone], shared_came]),
        np.concatenate([later[alone], np.zeros(len(share), dtype=np.int64)]),
    )
