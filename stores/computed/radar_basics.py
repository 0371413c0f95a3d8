"""How does this node stand on the five basics in the last closed quarter and the one before?"""

from __future__ import annotations

from typing import Any

from stores.radar_views import level_of, quarters_until, values_of

PARAMS = ("basis", "node", "month")
PUBLISH = """node_id = node; level = level; axis, quarter, previous_quarter = public;
num, den, value, previous = axis"""
BASICS = (
    ("team", ("A4", "A7")),
    ("activities", ("A3",)),
    ("positions", ("P1",)),
    ("institutions", ("A2",)),
    ("support", ("A1",)),
)
"""队伍, 活动, 阵地, 制度, 保障."""


def rows(store: Any, basis: str, node: str, month: str) -> list[dict[str, Any]]:
    """Return a row a basic, in their order; the mean of its axes, None where one of them is a gap."""
    quarters = quarters_until(store, month)
    if not quarters:
        return []
    found = values_of(store, basis, node)
    now = quarters[-1]
    before = quarters[-2] if len(quarters) > 1 else None
    level = level_of(store, basis, node)
    made = []
    for name, axes in BASICS:
        first = found.get((axes[0], now), {"num": None, "den": None})
        row: dict[str, Any] = {
            "node_id": node,
            "level": level,
            "axis": name,
            "quarter": now,
            "previous_quarter": before,
        }
        row |= {"num": first["num"], "den": first["den"], "value": _mean(found, axes, now)}
        made.append(row | {"previous": _mean(found, axes, before or "")})
    return made


def _mean(found: dict[tuple[str, str], dict[str, Any]], axes: tuple[str, ...], quarter: str) -> float | None:
    values = [found.get((axis, quarter), {"value": None})["value"] for axis in axes]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(axes) else None
