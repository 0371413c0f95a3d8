"""What indicators of a duty share: which periods were missed, met, or not to be judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from indicators.warnings.columns import NEVER, Flags, Floats, Ints
from indicators.warnings.episodes import Episode, Found, counted_runs, of_periods
from indicators.warnings.facts import NO_DATA, REASONS, Calendar, Facts
from stores.periods import Kind


@dataclass(frozen=True)
class Duty:
    """Hold organisation × period: when held, when made up for after closing, why not to be judged."""

    calendar: Calendar
    held: Ints
    made_up: Ints
    outside: Ints

    @property
    def met(self) -> Flags:
        """Tell where it was held, or made up for by the day on which the period closed."""
        return (self.held < NEVER) | (self.made_up <= self.calendar.closing)

    @property
    def missed(self) -> Flags:
        """Tell organisation × closed period: owed and neither held nor made up for in time."""
        owed: Flags = (self.outside == 0) & ~self.met
        return owed[:, : self.calendar.closed]


def duty_of(facts: Facts, institution: str, kind: Kind, also: str = "") -> Duty:
    """Lay a duty out.

    Args:
        facts: as known on a day.
        institution: what is to be held once a period.
        kind: of the period.
        also: another institution that will do as well.
    """
    calendar = facts.calendar(kind)
    held = facts.first_held(institution, calendar)
    if also:
        held = np.minimum(held, facts.first_held(also, calendar))
    made_up = facts.made_up(institution, calendar)
    outside = facts.outside(calendar, institution)
    unheard = (outside == 0) & facts.silent(calendar) & (held >= NEVER)
    return Duty(calendar, held, made_up, np.where(unheard, NO_DATA, outside))


def judged(duty: Duty, severities: tuple[int, ...]) -> Found:
    """Make warnings of a duty: severity by the number of periods missed in a row.

    Args:
        duty: as laid out.
        severities: for one period missed, two running, three and more.
    """
    calendar, closed = duty.calendar, duty.calendar.closed
    missed, met = duty.missed, duty.met[:, :closed]
    runs = counted_runs(missed, met)
    ladder = np.array([0, *severities])
    severity = ladder[np.minimum(runs, len(severities))]
    late = np.where(missed, duty.made_up[:, :closed], NEVER)
    ones: Floats = np.ones(missed.shape)
    episodes = of_periods(
        severity,
        calendar.closing,
        duty.held,
        calendar.keys,
        made_up=late,
        num=np.zeros(missed.shape),
        den=ones,
        runs=runs,
    )
    return found(episodes, duty.outside[:, :closed])


def found(episodes: list[Episode], outside: Ints) -> Found:
    """Tell beside the episodes how many were judged in the last closed period, and why others were not."""
    if not outside.shape[1]:
        return Found(episodes)
    last = outside[:, -1]
    reasons = Counter(REASONS[code] for code in last[last > 0].tolist())
    return Found(episodes, checked=int((last == 0).sum()), excluded=dict(reasons))
