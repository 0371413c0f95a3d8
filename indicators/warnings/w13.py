"""W13 失联党员未处置: members out of contact for six months about whom nothing was decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicators.warnings.columns import NEVER, Ints, add_months
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "W13"
VERSION = 1
PERIOD = "day"
TABLES = ("member", "disposal")
SOURCE = "V8"
THRESHOLD = "months"
VANISHED = "clear"
HELP = {
    "notice_months": "Months out of contact from which on a notice is given.",
    "months": "Months from which on a member counts.",
    "serious_months": "Months from which on it is serious.",
    "suspended_months": "Months after a suspension from which on an undecided case is serious.",
}


def evaluate(
    facts: Facts,
    *,
    notice_months: int = 3,
    months: int = 6,
    serious_months: int = 12,
    suspended_months: int = 24,
) -> Found:
    """Find members out of contact; a decision of any kind settles a case, a suspension for two years only."""
    member, since, settled, suspended, decided = lost_cases(facts)
    org = facts.branch[member]
    own = [add_months(since, count) for count in (notice_months, months, months, serious_months)]
    starts = np.stack(own, axis=1)
    again = add_months(suspended, suspended_months)
    late = np.stack([again] * 4, axis=1)
    waits = suspended < NEVER

    def grade(counts: Sequence[int]) -> int:
        return 4 if counts[3] else 3 if counts[1] else 1 if counts[0] else 0

    all_starts = np.concatenate([starts, late[waits]])
    made = of_cases(
        np.concatenate([org, org[waits]]),
        np.where(all_starts <= facts.today, all_starts, NEVER),
        np.concatenate([settled, decided[waits]]),
        grade,
        key=facts.day,
        counted=2,
        members=True,
    )
    heads = facts.all_members_now
    for one in made:
        one.den = float(heads[one.org])
    return Found(made, checked=int((heads > 0).sum()))


def lost_cases(facts: Facts) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return member, last contact, day settled, day of suspension, day decided after it (``NEVER`` = none).

    Only members whom the branch has reported as out of contact are looked at: a silent reader makes nobody
    lost. Who was found later was lost before.
    """
    c = facts.columns
    since = c.days("member", "lost_since")
    state = c.equal("member", "contact_state", "lost", "found")
    lost = c.equal("member", "contact_state", "lost")
    last = c.days("member", "last_contact_on")
    since = np.where(lost & (since >= NEVER), last, since)
    member = np.flatnonzero(state & (since <= facts.today))
    found = c.days("member", "found_on")[member]
    of, day = c.members("disposal"), c.days("disposal", "on_date")
    known = (of >= 0) & (day <= facts.today)
    kind = c.codes("disposal", "kind", ("found", "transferred", "suspended", "removed", "restored"))
    place = np.full(len(facts.current), -1, dtype=np.int64)
    place[member] = np.arange(len(member))
    settled, suspended = found.copy(), np.full(len(member), NEVER, dtype=np.int64)
    rows = np.flatnonzero(known & (kind >= 0))
    rows = rows[place[of[rows]] >= 0]
    at = place[of[rows]]
    np.minimum.at(settled, at, day[rows])
    halt = kind[rows] == 2
    np.minimum.at(suspended, at[halt], day[rows][halt])
    decided = np.where(found > suspended, found, NEVER)
    after = (kind[rows] != 2) & (day[rows] > suspended[at])
    np.minimum.at(decided, at[after], day[rows][after])
    settled = np.where(settled <= facts.today, settled, NEVER)
    return member, since[member], settled, suspended, np.where(decided <= facts.today, decided, NEVER)
