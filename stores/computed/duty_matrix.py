"""How many branches here held, made up for, missed or did not owe each institution in each month?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, seats
from stores.duty_states import STATES, names_of, read_states, state_at
from stores.periods import month_key, month_number

PARAMS = ("basis", "node", "from_month", "to_month")
PUBLISH = f"institution, month = public; node_id = node; n, {', '.join(STATES)} = alerts; state = named"


def rows(store: Any, basis: str, node: str, from_month: str, to_month: str) -> Rows:
    """Return institution × month: branches in each state; ``state`` for a single organisation, else None."""
    orgs = [row["org_id"] for row in seats(store, basis, node)]
    found = read_states(store, orgs)
    made = []
    for institution in names_of(store):
        for number in range(month_number(from_month), month_number(to_month) + 1):
            states = [state_at(found, org, institution, number) for org in orgs]
            known = [state for state in states if state is not None]
            counts = {name: known.count(name) for name in STATES}
            made.append(
                {
                    "institution": institution,
                    "month": month_key(number),
                    "node_id": node,
                    "n": len(known),
                    **counts,
                    "state": known[0] if len(orgs) == 1 and known else None,
                }
            )
    return made
