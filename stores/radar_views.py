"""What the questions about the radar share: the quarters that are closed at a month, and a node's values."""

from __future__ import annotations

from typing import Any, Final

from stores.periods import month_number, period_of

AXES: Final = ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8")
OF_MEMBERS: Final = frozenset({"A3", "A4", "A5", "A7", "A8"})
"""Axes that count members; of the others small numbers are of organisations and may be shown."""
KEPT: Final = 6
Row = dict[str, Any]


def quarters_until(store: Any, month: str) -> list[str]:
    """Return the last six quarters that had ended by a month's end and are kept, the latest last."""
    rows = store.desk.read("select distinct quarter from radar_value order by quarter")
    last = month_number(month)
    found = []
    for row in rows:
        period = period_of(row["quarter"])
        if period is not None and period[1] + 2 <= last:
            found.append(row["quarter"])
    return found[-KEPT:]


def values_of(store: Any, basis: str, node: str) -> dict[tuple[str, str], Row]:
    """Return (axis, quarter) → num, den, value, gap of a node."""
    rows = store.desk.read(
        """select axis, quarter, num, den, value, gap from radar_value
        where basis = $basis and node_id = $node""",
        basis=basis,
        node=node,
    )
    return {(row["axis"], row["quarter"]): row for row in rows}


def year_before(quarter: str) -> str:
    """Return the same quarter a year earlier."""
    return f"{int(quarter[:4]) - 1:04}{quarter[4:]}"


def level_of(store: Any, basis: str, node: str) -> str:
    """Return a node's level; a branch where it is unknown."""
    rows = store.ask("node", basis=basis, node=node)
    return str(rows[0]["level"]) if rows else "branch"
