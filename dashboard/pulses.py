"""When a sign-in may show on the map: never alone before visitors.

By mode: visitors see communities where at least three people signed in within five minutes,
leaders organisations where at least three did within one minute, the duty desk each one. A pulse therefore
stands for a whole handful: the next one comes only when as many people more have signed in.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

KEPT: Final = 20_000  # buckets that are open at a time


@dataclass(frozen=True, slots=True)
class SignIn:
    """Hold what a pulse needs of a sign-in; it never leaves the server."""

    member: str
    at: datetime
    organisation: str
    community: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Say for a mode: where pulses appear, over how many seconds people are counted, how many it takes."""

    by_organisation: bool
    seconds: int
    least: int


RULES: Final = {
    "visitor": Rule(False, 300, 3),
    "leader": Rule(True, 60, 3),
    "duty": Rule(True, 1, 1),
}


@dataclass(slots=True)
class _Bucket:
    people: set[str] = field(default_factory=set)
    told: int = 0


class Pulses:
    """Collect sign-ins and give the pulses that one mode may see.

    Args:
        rule: of the mode.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._buckets: OrderedDict[tuple[str, int], _Bucket] = OrderedDict()

    def add(self, fresh: Iterable[SignIn]) -> list[dict[str, Any]]:
        """Take new sign-ins; return pulses as {'place': community, 'n': people a pulse stands for}.

        'organisation' is added where the mode may know it. A person counts once a bucket. ``n`` is always a
        multiple of the least number, so that the next person cannot be told from the last handful.
        """
        touched = {self._count(one): one for one in fresh}
        told = []
        for key, one in touched.items():
            bucket = self._buckets[key]
            step = self._rule.least
            due = (len(bucket.people) - bucket.told) // step * step
            if due:
                bucket.told += due
                named = {"organisation": one.organisation} if self._rule.by_organisation else {}
                told.append({"place": one.community, "n": due, **named})
        return told

    def _count(self, one: SignIn) -> tuple[str, int]:
        """Put a person into the bucket of the place and time; return the bucket's key."""
        place = one.organisation if self._rule.by_organisation else one.community
        key = (place, int(one.at.timestamp()) // self._rule.seconds)
        bucket = self._buckets.setdefault(key, _Bucket())
        self._buckets.move_to_end(key)
        bucket.people.add(one.member)
        while len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        return key
