"""W06 党小组会未按月召开: groups without a meeting in a closed month."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, Ints
from indicators.warnings.duty import duty_of, found
from indicators.warnings.episodes import Found, counted_runs, of_periods
from indicators.warnings.facts import INSTITUTIONS, NO_GROUPS, Calendar, Facts

KEY = "W06"
VERSION = 1
PERIOD = "month"
TABLES = ("activity", "organisation", "org_pause")
SOURCE = "V2"
THRESHOLD = "half"
VANISHED = "retract"
HELP = {
    "half": "Share of groups without a meeting that counts as many.",
    "first": "Severity of any group missing.",
    "second": "Severity of many missing two months running.",
    "third": "Severity of many missing three months running.",
    "group_covered_by_member_meeting": "Whether a members' meeting in the month stands in.",
}


def evaluate(
    facts: Facts,
    *,
    half: float = 0.5,
    first: int = 1,
    second: int = 2,
    third: int = 3,
    group_covered_by_member_meeting: bool = True,
) -> Found:
    """Find branches with groups that did not all meet in closed months."""
    also = "member_meeting" if group_covered_by_member_meeting else ""
    duty = duty_of(facts, "group_meeting", "month", also)
    calendar, closed = duty.calendar, duty.calendar.closed
    outside = np.where((duty.outside == 0) & (facts.groups <= 0)[:, None], NO_GROUPS, duty.outside)
    done, all_met = groups_met(facts, calendar)
    cover = facts.first_held(also, calendar) if also else np.full(done.shape, NEVER)
    made_up = duty.made_up
    total = np.maximum(facts.groups, 0)[:, None]
    day_all = np.minimum(all_met, cover)
    ok = (day_all < NEVER) | (made_up <= calendar.closing)
    owed = (outside == 0)[:, :closed]
    missed, met = owed & ~ok[:, :closed], owed & ok[:, :closed]
    lacking = (total - done)[:, :closed]
    many = missed & (lacking >= half * total)
    runs = counted_runs(many, met | (missed & ~many))
    severity = np.where(missed, first, 0)
    severity = np.where(many & (runs >= 2), second, severity)
    severity = np.where(many & (runs >= 3), third, severity)
    episodes = of_periods(
        severity,
        calendar.closing,
        day_all,
        calendar.keys,
        made_up=np.where(missed, made_up[:, :closed], NEVER),
        num=lacking.astype(np.float64),
        den=np.broadcast_to(total, lacking.shape).astype(np.float64),
        runs=runs,
    )
    return found(episodes, outside[:, :closed])


def groups_met(facts: Facts, calendar: Calendar) -> tuple[Ints, Ints]:
    """Return organisation × month: groups that met, and the day on which the last of all had met.

    A meeting without a number of its group counts for one more group.
    """
    a = facts.activity
    chosen = (a["institution"] == INSTITUTIONS.index("group_meeting")) & ~facts.is_make_up
    place = calendar.place(a["month"])
    kept = np.flatnonzero(chosen & (place >= 0))
    kept = kept[np.lexsort((a["day"][kept], place[kept], a["org"][kept]))]
    done = np.zeros((facts.count, len(calendar)), dtype=np.int64)
    last = np.full(done.shape, NEVER, dtype=np.int64)
    seen: set[tuple[int, int, int]] = set()
    turn = zip(
        a["org"][kept].tolist(),
        place[kept].tolist(),
        a["group"][kept].tolist(),
        a["day"][kept].tolist(),
        strict=True,
    )
    for org, p, group, day in turn:
        if (group >= 0 and (org, p, group) in seen) or done[org, p] >= facts.groups[org]:
            continue
        seen.add((org, p, group))
        done[org, p] += 1
        if done[org, p] == facts.groups[org]:
            last[org, p] = day
    return done, last
