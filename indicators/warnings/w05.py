"""W05 支委会未按月召开: a closed month without a committee meeting, where there is or must be a committee."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indicators.warnings.columns import Flags
from indicators.warnings.duty import duty_of, judged
from indicators.warnings.episodes import Found
from indicators.warnings.facts import NO_COMMITTEE, Calendar, Facts

KEY = "W05"
VERSION = 1
PERIOD = "month"
TABLES = ("activity", "organisation", "org_pause", "post", "member")
SOURCE = "V1 V2"
THRESHOLD = "first"
VANISHED = "retract"
HELP = {
    "first": "Severity of one missed month; the rule says 'usually', so one is just a notice.",
    "second": "Severity of two running.",
    "third": "Severity of three running.",
    "committee_from": "Full members from which on a branch must have a committee.",
    "committee_seats": "Members of a committee from which on there is one.",
}


def evaluate(
    facts: Facts,
    *,
    first: int = 1,
    second: int = 2,
    third: int = 3,
    committee_from: int = 7,
    committee_seats: int = 3,
) -> Found:
    """Find branches with a committee, or with members enough for one, that did not meet in closed months."""
    duty = duty_of(facts, "committee_meeting", "month")
    calendar = duty.calendar
    none = without_committee(facts, calendar, committee_from, committee_seats)
    outside = np.where((duty.outside == 0) & none, NO_COMMITTEE, duty.outside)
    return judged(replace(duty, outside=outside), (first, second, third))


def without_committee(facts: Facts, calendar: Calendar, members: int, seats: int) -> Flags:
    """Tell organisation × month: neither members enough for a committee nor one that sits."""
    full = facts.full_members(calendar.starts.tolist())
    sitting = np.stack([facts.committee_size(int(day) - 1) for day in calendar.end_days], axis=1)
    none: Flags = (full < members) & (sitting < seats)
    return none
