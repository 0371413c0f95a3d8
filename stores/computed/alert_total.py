"""How many warnings are open under this node, by severity, and how many were opened and closed?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, by_org, counts, open_at, per_100, seats, today

PARAMS = ("basis", "node", "month")
PUBLISH = """node_id = node; as_of, organisations = public;
n, s1, s2, s3, s4, unseen, alerting, worst, worst_unseen, per_100, opened, cleared = alerts"""


def rows(store: Any, basis: str, node: str, month: str | None) -> Rows:
    """Return one row: what is open, and what was opened and closed in the month (retracted ones left out)."""
    orgs = [row["org_id"] for row in seats(store, basis, node)]
    found = counts(by_org(open_at(store, month)), orgs)
    day = today(store)
    name = month or day.isoformat()[:7]
    own = set(orgs)
    all_rows = store.desk.read(
        """select org_id, substr(opened_at, 1, 7) as opened, substr(cleared_at, 1, 7) as cleared from alert
        where state <> 'retracted'"""
    )
    mine = [row for row in all_rows if row["org_id"] in own]
    return [
        {
            "node_id": node,
            "as_of": day.isoformat(),
            "organisations": len(orgs),
            **found,
            "per_100": per_100(found["n"], len(orgs)),
            "opened": sum(row["opened"] == name for row in mine),
            "cleared": sum(row["cleared"] == name for row in mine),
        }
    ]
