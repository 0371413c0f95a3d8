"""R4 阵地长期闲置: a position where nothing took place for long."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts

KEY = "R4"
VERSION = 1
PERIOD = "day"
TABLES = ("position", "position_use")
SOURCE = "D"
THRESHOLD = "days"
VANISHED = "retract"
HELP = {"days": "Days without an event beyond which a position counts.", "severity": "Severity."}


def evaluate(facts: Facts, *, days: int = 60, severity: int = 1) -> Found:
    """Find positions without an event for longer than allowed; charged to the organisation that runs them."""
    c = facts.columns
    ids = {name: at for at, name in enumerate(c.column("position", "position_id").to_pylist())}
    org = c.orgs("position", "org_id")
    day, events = c.days("position_use", "on_date"), c.ints("position_use", "events")
    of = np.array(
        [ids.get(name, -1) for name in c.column("position_use", "position_id").to_pylist()], dtype=np.int64
    )
    used = (of >= 0) & (events > 0) & (day <= facts.today)
    of, day = of[used], day[used]
    first = int(day.min()) if len(day) else NEVER
    opened = c.days("position", "opened_on")
    begin = np.maximum(np.where(opened < NEVER, opened, -NEVER), first)
    order = np.lexsort((day, of))
    at = np.concatenate([np.arange(len(org)), of[order]])
    since = np.concatenate([begin, day[order]])
    at, since = at[since <= facts.today], since[since <= facts.today]
    order = np.lexsort((since, at))
    at, since = at[order], since[order]
    same = np.concatenate([at[1:] == at[:-1], [False]]) if len(at) else np.zeros(0, dtype=np.bool_)
    until = np.where(same, np.concatenate([since[1:], [NEVER]]) if len(at) else since, NEVER)
    start = np.where(since >= NEVER, NEVER, since + days + 1)
    starts = np.stack([start] * 4, axis=1)
    made = of_cases(
        org[at],
        np.where(starts <= facts.today, starts, NEVER),
        until,
        lambda counts: severity if counts[0] else 0,
        key=facts.day,
    )
    return Found(made, checked=len(org))
