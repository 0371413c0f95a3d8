"""Who signed in at counted activities: within the time allowed, or as a lesson made up for."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.warnings.columns import DAY, NEVER, Flags, Ints, firsts_of, months_of
from indicators.warnings.facts import Calendar, Facts
from stores.store import Among

COUNTED = ("member_meeting", "group_meeting", "lecture", "theme_day", "org_life_meeting", "fixed_study_day")
HOUR = DAY // 24
EARLY_MINUTES = 60
LATE_MINUTES = 30
MOST_TOUCHED: Final = 0.25
"""Where a load touched more of the activities than this, all sign-ins are read."""
_KEPT: Final = "sign_ins"
_COLUMNS: Final = ("activity_id", "at", "channel", "state")


def signed_months(facts: Facts, calendar: Calendar) -> tuple[Ints, Ints, Ints]:
    """Return organisation × month: heads due, heads who came, heads who made the lesson up after closing.

    A meeting counts once 72 hours have gone by since its end. Who came is the greater of what was reported
    and of the sign-ins within an hour before and half an hour after; a lesson made up for by hand or visit
    counts too. A joint activity counts for each organisation with its own share.
    """
    rows, org, place = _counted(facts, calendar)
    c = facts.columns
    reported = c.ints("activity", "attended_count")[rows]
    due = c.ints("activity", "due_count", -1)[rows]
    due = np.where(due < 0, reported + c.ints("activity", "absent_count")[rows], due)
    signed, later = (counts[rows] for counts in sign_ins(facts))
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


def _counted(facts: Facts, calendar: Calendar) -> tuple[Ints, Ints, Ints]:
    """Return row, organisation and month's place of the activities that count."""
    a, c = facts.activity, facts.columns
    chosen = c.equal("activity", "institution", *COUNTED)[a["row"]]
    end = c.moments("activity", "end_at")[a["row"]]
    start = c.moments("activity", "start_at")[a["row"]]
    end = np.where(end >= NEVER * DAY, start, end)
    over = end + facts.settings.counting_hours * HOUR < (facts.today + 1) * DAY
    place = calendar.place(a["month"])
    kept = chosen & over & (place >= 0)
    return a["row"][kept], a["org"][kept], place[kept]


def sign_ins(facts: Facts) -> tuple[Ints, Ints]:
    """Count the sign-ins of every activity as known on the day: in time, and made up for after its month had
    closed. What an earlier evaluation counted is taken over for activities that nothing has touched since."""
    kept, name = facts.columns.kept, ("sign_ins", facts.today)
    if name not in kept:
        kept[name] = _from_memory(facts) or _from_all(facts)
    found: tuple[Ints, Ints] = kept[name]
    return found


def _from_all(facts: Facts) -> tuple[Ints, Ints]:
    """Count over all sign-ins."""
    c = facts.columns
    if "signed" not in c.kept:
        c.kept["signed"] = _laid_out(facts, c.read("attendance", _COLUMNS))
    laid = c.kept["signed"]
    found = _counted_of(facts, laid)
    _remember(facts, *found, ahead=bool((laid[1] >= (facts.today + 1) * DAY).any()))
    return found


def _from_memory(facts: Facts) -> tuple[Ints, Ints] | None:
    """Count anew what was touched since the last evaluation; None = there was none that serves."""
    c, memory = facts.columns, facts.columns.memory
    found = None if memory is None else memory.get(_KEPT, _depends(facts))
    if found is None:
        return None
    table, mark = found
    passed = facts.today - int(mark.about["today"])
    if passed < 0 or (passed and mark.about["ahead"]):
        return None
    news = [c.read(name, ["activity_id"], mark.later()).column(0) for name in ("attendance", "activity")]
    ids = c.column("activity", "activity_id")
    touched = pc.unique(pa.chunked_array([chunk for column in news for chunk in column.chunks], pa.string()))
    if len(touched) > MOST_TOUCHED * len(ids):
        return None
    in_time, later = np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.int64)
    place = _places(table.column("activity_id"), ids)
    for counts, name in ((in_time, "in_time"), (later, "later")):
        counts[place[place >= 0]] = table.column(name).to_numpy()[place >= 0]
    ahead = bool(mark.about["ahead"])
    if len(touched):
        part = c.read("attendance", _COLUMNS, Among("activity_id", tuple(touched.to_pylist())))
        laid = _laid_out(facts, part)
        rows = _places(touched, ids)
        rows = rows[rows >= 0]
        for counts, again in zip((in_time, later), _counted_of(facts, laid), strict=True):
            counts[rows] = again[rows]
        ahead |= bool((laid[1] >= (facts.today + 1) * DAY).any())
    _remember(facts, in_time, later, ahead)
    return in_time, later


def _remember(facts: Facts, in_time: Ints, later: Ints, ahead: bool) -> None:
    """Keep the counts for the next evaluation; ``ahead`` tells of sign-ins later than the day."""
    c = facts.columns
    if c.memory is None:
        return
    found = c.memory.get(_KEPT, _depends(facts))
    if found is not None and int(found[1].about["today"]) > facts.today:
        return
    some = np.flatnonzero((in_time > 0) | (later > 0))
    ids = pc.take(c.column("activity", "activity_id"), pa.array(some))
    counts = {"activity_id": ids, "in_time": pa.array(in_time[some]), "later": pa.array(later[some])}
    about = _depends(facts) | {"today": facts.today, "ahead": ahead}
    c.memory.put(_KEPT, pa.table(counts), about)


def _depends(facts: Facts) -> dict[str, int]:
    """Return the settings on which the counts depend."""
    return {"grace": facts.settings.grace_days, "lessons": facts.settings.make_up_lesson_days}


def _laid_out(facts: Facts, table: pa.Table) -> tuple[Ints, Ints, Flags]:
    """Return row of the activity, time, and whether entered by hand of the valid sign-ins of known activities
    with a time."""
    ids = facts.columns.column("activity", "activity_id")
    place = _places(table.column("activity_id"), ids)
    at = pc.fill_null(table.column("at").cast(pa.timestamp("us")).cast(pa.int64()), NEVER * DAY)
    moment = np.array(at, dtype=np.int64)
    valid = _among(table.column("state"), "valid", "late")
    kept = np.flatnonzero(valid & (place >= 0) & (moment < NEVER * DAY))
    return place[kept], moment[kept], _among(table.column("channel"), "manual", "visit")[kept]


def _counted_of(facts: Facts, laid: tuple[Ints, Ints, Flags]) -> tuple[Ints, Ints]:
    """Count by row of the activity what is known on the day."""
    c, (place, at, by_hand) = facts.columns, laid
    start, end = c.moments("activity", "start_at"), c.moments("activity", "end_at")
    end = np.where(end >= NEVER * DAY, start, end)
    minute = HOUR // 60
    known = at < (facts.today + 1) * DAY
    inside = (at >= (start - EARLY_MINUTES * minute)[place]) & (at <= (end + LATE_MINUTES * minute)[place])
    made_up = ~inside & by_hand & (at <= (end + facts.settings.make_up_lesson_days * DAY)[place])
    made_up &= at >= start[place]
    month = months_of(c.days("activity", "start_at"))
    closes = firsts_of(np.where(month >= NEVER, NEVER, month + 1)) + facts.settings.grace_days
    before = at // DAY < closes[place]
    count = len(start)
    in_time = np.bincount(place[known & (inside | (made_up & before))], minlength=count)
    return in_time, np.bincount(place[known & made_up & ~before], minlength=count)


def _places(column: Any, among: Any) -> Ints:
    """Find each value's place among others; -1 = not there."""
    return np.array(pc.fill_null(pc.index_in(column, value_set=among), -1), dtype=np.int64)


def _among(column: Any, *values: str) -> Flags:
    """Tell where a column has one of the values."""
    return np.array(pc.is_in(column, value_set=pa.array(values, pa.string())), dtype=np.bool_)


def _shared(
    facts: Facts, rows: Ints, org: Ints, place: Ints, due: Ints, came: Ints, later: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Credit joint activities to the organisations whose members came."""
    c = facts.columns
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
