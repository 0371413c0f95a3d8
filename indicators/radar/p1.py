"""P1 阵地: positions with an event in thirty days; an axis of the five basics, not of the eight."""

from __future__ import annotations

import numpy as np

from indicators.radar.base import Quarter, Sums, plain, ratio
from indicators.warnings.columns import NEVER, Floats
from stores.settings import Radar

KEY = "P1"
ORDER = 9
MEMBERS = False
TABLES = ("position", "position_use")
DAYS = 30


def by_org(q: Quarter) -> dict[str, Floats]:
    """Return by organisation that runs them positions in use in the last thirty days, and positions."""
    c, count = q.facts.columns, q.facts.count
    ids = c.column("position", "position_id").to_pylist()
    day, events = c.days("position_use", "on_date"), c.ints("position_use", "events")
    recent = (day >= q.end - DAYS) & (day < q.end) & (events > 0)
    names = c.column("position_use", "position_id").to_pylist()
    used = {names[at] for at in np.flatnonzero(recent).tolist()}
    org, opened = c.orgs("position", "org_id"), c.days("position", "opened_on")
    there = (org >= 0) & ((opened < q.end) | (opened >= NEVER))
    busy = there & np.array([name in used for name in ids], dtype=np.bool_)
    return plain(np.bincount(org[busy], minlength=count), np.bincount(org[there], minlength=count))


def value(sums: Sums, settings: Radar) -> tuple[float | None, str]:
    """Return the share in use; a gap where there is none."""
    return ratio(sums["num"], sums["den"], 1)
