"""Which organisations here have open warnings, which, how bad, since when, and what was said about them?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, days_between, open_now, seats, today

PARAMS = ("basis", "node")
PUBLISH = """org_id, name, region_name, domain, alert_id, indicator, period_key, severity = named;
state, state_at, unseen, days, opened_at, promised_on, assigned_to, urged, urging_due_on = named;
value_num, value_den, threshold, of_organisation, worst_of_organisation, detail = named"""
MODES = ("leader", "duty")


def rows(store: Any, basis: str, node: str) -> Rows:
    """Return open warnings grouped by organisation, the worst organisation first.

    ``of_organisation`` says how many it has, so that one failing branch is not read as several.
    """
    here = {row["org_id"]: row for row in seats(store, basis, node)}
    mine = [row for row in open_now(store) if row["org_id"] in here]
    total: dict[str, int] = {}
    worst: dict[str, int] = {}
    for row in mine:
        total[row["org_id"]] = total.get(row["org_id"], 0) + 1
        worst[row["org_id"]] = max(worst.get(row["org_id"], 0), row["severity"])
    day = today(store)
    kept = ("alert_id", "indicator", "period_key", "severity", "state", "unseen", "opened_at", "promised_on")
    more = (
        "state_at",
        "assigned_to",
        "urged",
        "urging_due_on",
        "value_num",
        "value_den",
        "threshold",
        "detail",
    )
    made = [
        {name: here[row["org_id"]][name] for name in ("org_id", "name", "region_name", "domain")}
        | {name: row[name] for name in (*kept, *more)}
        | {
            "days": days_between(row["opened_at"], day),
            "of_organisation": total[row["org_id"]],
            "worst_of_organisation": worst[row["org_id"]],
        }
        for row in mine
    ]
    return sorted(
        made,
        key=lambda row: (
            -row["worst_of_organisation"],
            -row["of_organisation"],
            row["org_id"],
            -row["severity"],
            row["indicator"],
        ),
    )
