"""Which of the units below this node held, missed or did not owe each institution in a month?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, children, seats
from stores.duty_states import STATES, names_of, read_states, state_at
from stores.periods import month_number

PARAMS = ("basis", "node", "month")
PUBLISH = f"""node_id = node; level = level; institution = public; name, state = named;
n, {", ".join(STATES)} = alerts"""
UPPER = frozenset({"town", "community", "committee", "general_branch"})


def rows(store: Any, basis: str, node: str, month: str) -> Rows:
    """Return unit × institution: branches in each state; ``state`` where the unit is one organisation.

    Units are the places or inferior organisations, below a community the branches themselves.
    """
    nodes, under = children(store, basis, node)
    wide = [child for child in nodes if child["level"] in UPPER]
    units = [(child, under[child["node_id"]]) for child in wide]
    inside = {org for _, orgs in units for org in orgs}
    here = [seat for seat in seats(store, basis, node) if seat["org_id"] not in inside]
    units += [(seat | {"node_id": seat["org_id"], "level": "branch"}, [seat["org_id"]]) for seat in here]
    found = read_states(store, [org for _, orgs in units for org in orgs])
    number, names = month_number(month), names_of(store)
    made = []
    for unit, orgs in units:
        for institution in names:
            states = [state_at(found, org, institution, number) for org in orgs]
            known = [state for state in states if state is not None]
            if known:
                row = {name: unit[name] for name in ("node_id", "level", "name")} | {
                    "institution": institution
                }
                row |= {"n": len(known), **{name: known.count(name) for name in STATES}}
                made.append(row | {"state": known[0] if len(orgs) == 1 else None})
    return made
