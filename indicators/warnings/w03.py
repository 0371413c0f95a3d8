"""W03 党组织转接超期未审核: organisations that hold a step of a transfer for longer than is allowed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicators.warnings.columns import NEVER
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts
from indicators.warnings.steps import steps_of

KEY = "W03"
VERSION = 1
PERIOD = "day"
TABLES = ("transfer", "transfer_event", "workday")
SOURCE = "A138 V12 V13 V15"
THRESHOLD = "sla_workdays"
VANISHED = "retract"
HELP = {
    "sla_workdays": "Workdays a step may take.",
    "letter_days": "Days a paper letter is valid where none are given.",
    "letter_most_days": "Most days a letter can be valid.",
    "serious_days": "Calendar days in all from which on a transfer is serious.",
}


def evaluate(
    facts: Facts,
    *,
    sla_workdays: int = 5,
    letter_days: int = 30,
    letter_most_days: int = 90,
    serious_days: int = 90,
) -> Found:
    """Find steps beyond their workdays, letters beyond their validity; charged to who holds the step."""
    steps = steps_of(facts, letter_days, letter_most_days)
    entered = np.where(steps.entered >= NEVER, NEVER, steps.entered)
    beyond = facts.after_workdays(entered, sla_workdays + 1)
    twice = facts.after_workdays(entered, 2 * sla_workdays + 1)
    expired = np.where(steps.letter_until >= NEVER, NEVER, np.maximum(steps.letter_until + 1, entered))
    long = np.maximum(np.where(steps.applied >= NEVER, NEVER, steps.applied + serious_days + 1), entered)
    by_letter = steps.letter_until < NEVER
    beyond = np.where(by_letter, expired, beyond)
    twice = np.where(by_letter, expired, twice)
    serious = np.where(by_letter, expired, long)
    first = np.minimum(beyond, serious)
    starts = np.stack([first, first, np.minimum(twice, serious), serious], axis=1)

    def grade(counts: Sequence[int]) -> int:
        return 4 if counts[3] else 3 if counts[2] else 2 if counts[1] else 0

    episodes = of_cases(
        steps.org,
        np.where(starts <= facts.today, starts, NEVER),
        steps.left,
        grade,
        key=facts.day,
        flags={"waiting_member": steps.waiting, "no_step_time": steps.untimed},
    )
    order = np.argsort(steps.org, kind="stable")
    bounds = np.searchsorted(steps.org[order], np.arange(facts.count + 1))
    for one in episodes:
        # Of a warning that is over the whole is what was held on the day on which it ended.
        mine, day = order[bounds[one.org] : bounds[one.org + 1]], min(one.closed, facts.today)
        one.den = float(((steps.entered[mine] <= day) & (steps.left[mine] > day)).sum())
    held = np.bincount(steps.org[(steps.org >= 0) & (steps.left >= NEVER)], minlength=facts.count)
    outside = int((steps.org < 0).sum())
    return Found(episodes, checked=int((held > 0).sum()), excluded={"outside": outside} if outside else {})
