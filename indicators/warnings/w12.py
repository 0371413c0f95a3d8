"""W12 书记空缺: nobody holds the post of secretary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicators.warnings.columns import NEVER, Ints, firsts_of, months_of
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "W12"
VERSION = 1
PERIOD = "day"
TABLES = ("post", "organisation")
SOURCE = "V21"
THRESHOLD = "watch_days"
VANISHED = "clear"
HELP = {
    "watch_days": "Days vacant beyond which it is watched.",
    "warning_days": "Days vacant beyond which it is a warning.",
    "serious_days": "Days vacant beyond which it is serious.",
}


def evaluate(facts: Facts, *, watch_days: int = 30, warning_days: int = 60, serious_days: int = 90) -> Found:
    """Find organisations without a secretary; acting and concurrent ones fill the post."""
    org, begin, end = vacancies(facts)
    days = [begin + count + 1 for count in (watch_days, watch_days, warning_days, serious_days)]
    starts = np.stack(days, axis=1)

    def grade(counts: Sequence[int]) -> int:
        return 4 if counts[3] else 3 if counts[2] else 2 if counts[1] else 0

    reached = np.where(starts <= facts.today, starts, NEVER)
    made = of_cases(org, reached, end, grade, key=facts.day)
    since = {(int(o), int(b) + watch_days + 1): int(b) for o, b in zip(org, begin, strict=True)}
    for one in made:
        first = since.get((one.org, one.opened))
        one.key = facts.day(first) if first is not None else one.key
        one.num, one.den, one.detail = None, None, {"since": one.key}
    told = np.zeros(facts.count, dtype=np.bool_)
    told[facts.posts["org"]] = True
    unknown = int((facts.is_organisation & ~told).sum())
    checked = int((facts.is_organisation & told).sum())
    return Found(made, checked=checked, excluded={"no_data": unknown} if unknown else {})


def vacancies(facts: Facts) -> tuple[Ints, Ints, Ints]:
    """Return org, first vacant day and day of the next appointment (``NEVER`` = none) of every vacancy.

    Only organisations with a post on record are looked at, from the first head on record on, or from the
    first post where there never was a head. The month of founding is left out. A vacancy ends with its
    organisation.
    """
    p = facts.posts
    head = p["head"] == 1
    org, begin, end = p["org"][head], p["begin"][head], p["end"][head]
    begin = np.where(begin <= -NEVER, facts.founded[org], begin)
    order = np.lexsort((begin, org))
    made: list[tuple[int, int, int]] = []
    after_founding = firsts_of(np.where(facts.founded > -NEVER, months_of(facts.founded) + 1, 0))
    told = np.unique(p["org"])
    free = {int(row): int(max(after_founding[row], -NEVER)) for row in told}
    never_filled = set(free) - set(org.tolist())
    covered: dict[int, int] = {}
    first_post = np.full(facts.count, NEVER, dtype=np.int64)
    np.minimum.at(first_post, p["org"], np.maximum(p["begin"], facts.founded[p["org"]]))
    for row, first, last in zip(org[order].tolist(), begin[order].tolist(), end[order].tolist(), strict=True):
        # Offices often hand over who is in post now; who was before the first head on record is not known.
        until = covered.get(row, first)
        if first > until:
            made.append((row, max(until, free[row]), first))
        covered[row] = max(until, last)
    made += [(row, max(last, free[row]), NEVER) for row, last in covered.items() if last <= facts.today]
    made += [(row, max(free[row], int(first_post[row])), NEVER) for row in never_filled]
    table = np.array(made, dtype=np.int64).reshape(-1, 3)
    table[:, 2] = np.minimum(table[:, 2], facts.reached(facts.abolished[table[:, 0]]))
    kept = facts.is_organisation[table[:, 0]] & (table[:, 1] < table[:, 2])
    return table[kept, 0], table[kept, 1], table[kept, 2]
