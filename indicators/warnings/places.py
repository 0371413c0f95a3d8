"""Which organisation answers for a community."""

from __future__ import annotations

import numpy as np

from indicators.warnings.facts import Facts

_RANK = ("committee", "general_branch", "branch", "joint_branch")


def lead_of(facts: Facts) -> dict[str, int]:
    """Return community → row of the organisation that leads it: its committee, else its general branch, else
    the first branch of the village or community itself."""
    c = facts.columns
    region = c.text("organisation", "region_id")
    rank = c.codes("organisation", "kind", _RANK)
    homely = c.equal("organisation", "domain", "village", "urban_community")
    alive = facts.abolished > facts.today
    order = np.lexsort((np.arange(facts.count), rank, ~homely))
    found: dict[str, int] = {}
    for row in order.tolist():
        if rank[row] >= 0 and alive[row] and region[row]:
            found.setdefault(region[row], row)
    return found
