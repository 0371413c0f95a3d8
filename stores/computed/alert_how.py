"""How was each indicator counted last: how many were judged, why not all, by which thresholds?"""

from __future__ import annotations

from typing import Any

from stores.alert_views import Rows

PARAMS = ()
PUBLISH = (
    "indicator, checked, excluded, parameters, rule_version, period, source, tables, as_of, ran_at = public"
)


def rows(store: Any) -> Rows:
    """Return a row an indicator; ``excluded`` and ``parameters`` are JSON objects."""
    last = store.desk.read("select as_of, ran_at from evaluation order by ran_at desc limit 1")
    when = last[0] if last else {"as_of": None, "ran_at": None}
    names = "indicator, checked, excluded, parameters, rule_version, period, source, tables"
    found = store.desk.read(f"select {names} from indicator_run order by indicator")
    return [row | when for row in found]
