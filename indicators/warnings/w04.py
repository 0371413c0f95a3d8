"""W04 支部党员大会未按期召开: a closed quarter without a members' meeting."""

from __future__ import annotations

from indicators.warnings.duty import duty_of, judged
from indicators.warnings.episodes import Found
from indicators.warnings.facts import Facts

KEY = "W04"
VERSION = 1
PERIOD = "quarter"
TABLES = ("activity", "organisation", "org_pause")
SOURCE = "V2"
THRESHOLD = "first"
VANISHED = "retract"
HELP = {
    "first": "Severity of one missed quarter.",
    "second": "Severity of two running.",
    "third": "Severity of three running.",
}


def evaluate(facts: Facts, *, first: int = 2, second: int = 3, third: int = 4) -> Found:
    """Find branches without a members' meeting in closed quarters."""
    return judged(duty_of(facts, "member_meeting", "quarter"), (first, second, third))
