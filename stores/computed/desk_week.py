"""What comes due for organisations here in some days, and for everybody?"""

from __future__ import annotations

from datetime import date
from typing import Any

from stores import alerts
from stores.alert_views import Rows, seats

PARAMS = ("basis", "node", "from_day", "to_day")
PUBLISH = "due_on, kind = public; org_id, n, alert_id = named"
MODES = ("duty",)


def rows(store: Any, basis: str, node: str, from_day: str, to_day: str) -> Rows:
    """Return what is due by day, both days inclusive; see ``alerts.coming``."""
    here = {row["org_id"] for row in seats(store, basis, node)}
    return alerts.coming(store.desk, date.fromisoformat(from_day), date.fromisoformat(to_day), here)
