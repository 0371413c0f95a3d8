"""R7 覆盖空白: units with members enough and no branch."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import NEVER, day_number
from indicators.warnings.episodes import Episode, Found, raise_to
from indicators.warnings.facts import Facts
from indicators.warnings.places import lead_of
from stores.periods import closing_day, last_closed, month_key

KEY = "R7"
VERSION = 1
PERIOD = "month"
TABLES = ("unit", "building", "organisation")
SOURCE = "V1 V2"
THRESHOLD = "members"
VANISHED = "clear"
HELP = {"members": "Members of a unit from which on it must have a branch.", "severity": "Severity."}


def evaluate(facts: Facts, *, members: int = 3, severity: int = 1) -> Found:
    """Find communities with units that should have a branch; charged to the organisation that leads them."""
    c = facts.columns
    bare = (c.orgs("unit", "org_id") < 0) & (c.ints("unit", "member_count") >= members)
    home = dict(
        zip(
            c.column("building", "building_id").to_pylist(),
            c.column("building", "community_id").to_pylist(),
            strict=True,
        )
    )
    region, building = c.text("unit", "region_id"), c.text("unit", "building_id")
    lead = lead_of(facts)
    counts: dict[int, int] = {}
    for at in np.flatnonzero(bare).tolist():
        org = lead.get(region[at] or home.get(building[at]) or "", -1)
        if org >= 0:
            counts[org] = counts.get(org, 0) + 1
    # Units have no history: what lacks a branch is taken to have lacked it since records began.
    grace = facts.settings.grace_days
    month = min(facts.first_month, last_closed("month", facts.as_of, grace))
    day = day_number(closing_day("month", month, grace))
    made = []
    for org, count in sorted(counts.items()):
        one = Episode(org, month_key(month), [NEVER] * 4, num=float(count))
        raise_to(one.levels, severity, day)
        made.append(one)
    return Found(made, checked=len(lead))
