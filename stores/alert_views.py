"""What the questions about warnings share: who stands where, what was open when."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from stores import alerts
from stores.alert_rules import CLOSED
from stores.periods import first_day, month_number

Rows = list[dict[str, Any]]
STAGES: Final = ("open", "notified", "acknowledged", "rectifying")
MOST_SEATS: Final = 64
_SEATS: WeakKeyDictionary[Any, tuple[int, dict[tuple[str, str], Rows]]] = WeakKeyDictionary()
_AT: Final = """
select a.alert_id, a.indicator, a.org_id, max(s.severity) as severity
from alert a join alert_step s on s.alert_id = a.alert_id and s.at < $at
where a.opened_at < $at and (a.cleared_at is null or a.cleared_at >= $at)
group by a.alert_id, a.indicator, a.org_id"""


def today(store: Any) -> date:
    """Return the data date; the real day where there are no facts."""
    rows = store.ask("gate_day")
    return date.fromisoformat(rows[0]["as_of"][:10]) if rows and rows[0]["as_of"] else date.today()


def seats(store: Any, basis: str, node: str) -> Rows:
    """Return the organisations under a node, with name and place; the rows are shared, of one state of the
    facts: what is done at the desk changes nothing in them."""
    version = getattr(store, "facts", store).version
    known = _SEATS.get(store)
    if known is None or known[0] != version:
        known = _SEATS[store] = (version, {})
    if (basis, node) not in known[1]:
        if len(known[1]) >= MOST_SEATS:
            known[1].clear()
        known[1][basis, node] = store.ask("gate_seats_of", basis=basis, node=node)
    return known[1][basis, node]


def children(store: Any, basis: str, node: str) -> tuple[Rows, dict[str, list[str]]]:
    """Return the children of a node in order, and the organisations under each."""
    made: dict[str, dict[str, Any]] = {}
    under: dict[str, list[str]] = {}
    for row in store.ask("gate_child_seats", basis=basis, node=node):
        org = row.pop("org_id")
        made.setdefault(row["node_id"], row)
        under.setdefault(row["node_id"], [])
        if org is not None:
            under[row["node_id"]].append(org)
    return list(made.values()), under


def open_now(store: Any) -> Rows:
    """Return every open warning with whether it was seen."""
    return alerts.open_alerts(store.desk)


def open_at(store: Any, month: str | None) -> Rows:
    """Return the warnings open at a month's end (now, for the month of the data date): severity as of then.

    ``unseen`` is known for the present only; earlier it is None.
    """
    last = today(store)
    if not month or month_number(month) >= last.year * 12 + last.month - 1:
        return open_now(store)
    end = first_day(month_number(month) + 1).isoformat()
    found: Rows = store.desk.read(_AT, at=end)
    return [row | {"unseen": None} for row in found]


def by_org(rows: Iterable[dict[str, Any]]) -> dict[str, Rows]:
    """Group warnings by organisation."""
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row["org_id"], []).append(row)
    return found


def counts(groups: dict[str, Rows], orgs: Iterable[str]) -> dict[str, int]:
    """Count the warnings of organisations: n, by severity, unseen, organisations concerned, worst unseen."""
    made = dict.fromkeys(("n", "s1", "s2", "s3", "s4", "unseen", "alerting", "worst", "worst_unseen"), 0)
    for org in orgs:
        rows = groups.get(org, ())
        made["alerting"] += bool(rows)
        for row in rows:
            made["n"] += 1
            made[f"s{row['severity']}"] += 1
            made["worst"] = max(made["worst"], row["severity"])
            if row["unseen"]:
                made["unseen"] += 1
                made["worst_unseen"] = max(made["worst_unseen"], row["severity"])
    return made


def per_100(n: int, organisations: int) -> float | None:
    """Return warnings for a hundred organisations; None where there are none."""
    return round(100 * n / organisations, 1) if organisations else None


def days_between(earlier: str, later: date) -> int:
    """Count days from an ISO time to a day, at least 0."""
    return max((later - datetime.fromisoformat(earlier).date()).days, 0)


def closed_states() -> frozenset[str]:
    """Return the states in which a warning counts as dealt with; a retracted one never was."""
    return frozenset(CLOSED) - {"retracted"}


def detail(row: dict[str, Any]) -> dict[str, Any]:
    """Read what explains a warning."""
    found: dict[str, Any] = json.loads(row["detail"])
    return found
