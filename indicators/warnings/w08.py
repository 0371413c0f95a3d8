"""W08 统一活动日（主题党日）未开展: a closed month without a themed day."""

from __future__ import annotations

from indicators.warnings.duty import duty_of, judged
from indicators.warnings.episodes import Found
from indicators.warnings.facts import Facts

KEY = "W08"
VERSION = 1
PERIOD = "month"
TABLES = ("activity", "organisation", "org_pause")
SOURCE = "V2"
THRESHOLD = "first"
VANISHED = "retract"
HELP = {
    "first": "Severity of one missed month.",
    "second": "Severity of two running.",
    "third": "Severity of three running.",
}


def evaluate(facts: Facts, *, first: int = 2, second: int = 3, third: int = 4) -> Found:
    """Find branches without a themed day in closed months; one held off the unified day is held."""
    return judged(duty_of(facts, "theme_day", "month"), (first, second, third))
