"""What did warning and urging achieve: who was reminded, what resolved, who found?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows, detail, today

PARAMS = ()
PUBLISH = "key, from_day, to_day = public; n, of = public"
DUTIES = frozenset({"W04", "W05", "W06", "W07", "W08"})


def rows(store: Any) -> Rows:
    """Return four rows with their period, of the whole district.

    ``dues_reminded``: members reminded under W01. ``transfers_resolved``: cases of W03 that were decided.
    ``organisations_reminded``: organisations reminded under W04 to W08, in the last whole calendar year.
    ``lost_found``: members found of those out of contact (``of``), from W13.
    """
    desk, day = store.desk, today(store)
    year = str(day.year - 1)
    urged = desk.read(
        """select u.alert_id, u.at, u.people, u.to_org_id, a.indicator from urging u
        join alert a on a.alert_id = u.alert_id where u.kind = 'remind' and a.state <> 'retracted'"""
    )
    heads: dict[str, int] = {}
    for row in urged:
        if row["indicator"] == "W01":
            heads[row["alert_id"]] = max(heads.get(row["alert_id"], 0), int(row["people"] or 0))
    first = min((row["at"][:10] for row in urged if row["indicator"] == "W01"), default=None)
    reminded = {
        row["to_org_id"] for row in urged if row["indicator"] in DUTIES and row["at"].startswith(year)
    }
    cases = {"W03": (0, 0), "W13": (0, 0)}
    began: dict[str, str] = {}
    for row in desk.read(
        """select indicator, detail, opened_at from alert
        where indicator in ('W03', 'W13') and state <> 'retracted' order by opened_at desc"""
    ):
        about = detail(row)
        total, still = cases[row["indicator"]]
        cases[row["indicator"]] = (
            total + int(about.get("cases", 0)),
            still + int(about.get("open_cases", 0)),
        )
        began[row["indicator"]] = row["opened_at"][:10]
    w03, w13 = cases["W03"], cases["W13"]
    return [
        _row("dues_reminded", first, day.isoformat(), sum(heads.values()), None),
        _row("transfers_resolved", began.get("W03"), day.isoformat(), w03[0] - w03[1], w03[0]),
        _row("organisations_reminded", f"{year}-01-01", f"{year}-12-31", len(reminded), None),
        _row("lost_found", began.get("W13"), day.isoformat(), w13[0] - w13[1], w13[0]),
    ]


def _row(key: str, first: str | None, last: str, n: int, of: int | None) -> dict[str, Any]:
    return {"key": key, "from_day": first, "to_day": last, "n": n, "of": of}
