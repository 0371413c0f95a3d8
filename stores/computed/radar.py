"""How does this node stand on the eight axes in the last closed quarter, and where does it go?"""

from __future__ import annotations

from typing import Any

from stores.radar_math import direction, persisting, slope
from stores.radar_views import AXES, level_of, quarters_until, values_of, year_before

PARAMS = ("basis", "node", "month")
PUBLISH = """node_id = node; level = level; axis, quarter, previous_quarter, gap = public;
num, den, value, previous_num, previous_den, previous, delta, year_ago, trail = axis;
direction, persisting, slope = axis"""


def rows(store: Any, basis: str, node: str, month: str) -> list[dict[str, Any]]:
    """Return a row an axis, in their fixed order.

    ``value`` 0 to 100, None = a gap and ``gap`` says why ('no_data', 'too_few', 'no_transfers'); ``delta`` in
    points against the quarter before; ``direction`` 'better', 'worse', 'steady' or 'not_comparable';
    ``slope`` in points a quarter over six; ``trail`` the values of the last four quarters, oldest first.
    """
    quarters = quarters_until(store, month)
    if not quarters:
        return []
    settings = store.settings.radar
    found = values_of(store, basis, node)
    level = level_of(store, basis, node)
    now = quarters[-1]
    before = quarters[-2] if len(quarters) > 1 else None
    made = []
    for axis in AXES:
        points = [_point(found.get((axis, quarter))) for quarter in quarters]
        row = found.get((axis, now), {"num": None, "den": None, "value": None, "gap": "no_data"})
        old = found.get((axis, before or ""), {"num": None, "den": None, "value": None})
        value, previous = row["value"], old["value"]
        noise = (settings.noise, settings.least_change)
        made.append(
            {
                "node_id": node,
                "level": level,
                "axis": axis,
                "quarter": now,
                "previous_quarter": before,
                "num": row["num"],
                "den": row["den"],
                "value": value,
                "gap": row["gap"] or ("" if value is not None else "no_data"),
                "previous_num": old["num"],
                "previous_den": old["den"],
                "previous": previous,
                "delta": value - previous if value is not None and previous is not None else None,
                "year_ago": _point(found.get((axis, year_before(now))))[0],
                "direction": direction(points[-1], points[-2], *noise) if before else "not_comparable",
                "persisting": persisting(points, *noise),
                "slope": slope([point[0] for point in points]),
                "trail": [point[0] for point in points[-4:]],
            }
        )
    return made


def _point(row: dict[str, Any] | None) -> tuple[float | None, float]:
    return (None, 0.0) if row is None else (row["value"], float(row["den"] or 0))
