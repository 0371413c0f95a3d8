"""The radar before each mode: as fine as nobody can be counted out of it.

A visitor sees whole points of district, towns and communities, a leader whole points of every unit; where
few people stand behind an axis it is hidden, as a rate is. What counts members in rare states (A7) stops
where rare counts stop. Numerators and denominators of visitors and leaders are rounded to five.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stores.figure import HIDDEN, NO_DATA, Figure, exact, rounded
from stores.gate_policy import COMMUNITY, DISTRICT, TOWN, Mode, Policy
from stores.radar_views import OF_MEMBERS

RARE: Final = frozenset({"A7", "team"})
MEMBERS: Final = OF_MEMBERS | {"team", "activities"}
BASE: Final = 5
_COUNTS: Final = frozenset({"num", "den", "previous_num", "previous_den"})
_WORDS: Final = frozenset({"direction", "persisting", "gap_order", "n"})


def axis_cell(column: str, row: Mapping[str, Any], mode: Mode, rank: int, policy: Policy) -> Any:
    """Publish a cell of the radar.

    Args:
        column: of the cell.
        row: its other cells: ``axis``, ``num`` and ``den``; of a peer of the same kind neither.
        mode: who looks.
        rank: of the node's level.
        policy: thresholds of rates.

    Returns:
        A plain value for words, a list of figures for the trail, else a figure.
    """
    value = row[column]
    if not _may(row, mode, rank, policy):
        return [HIDDEN] if column == "trail" else HIDDEN
    if column == "trail":
        return [_points(point, mode) for point in value]
    if column in _WORDS:
        return value
    if value is None:
        return NO_DATA
    if column in _COUNTS:
        return exact(round(value, 1)) if mode == "duty" else rounded(BASE * round(value / BASE))
    if column == "delta" and mode != "duty" and row["previous"] is not None:
        return rounded(round(row["value"]) - round(row["previous"]))
    return _points(value, mode)


def _points(value: float | None, mode: Mode) -> Figure:
    if value is None:
        return NO_DATA
    return exact(round(value, 1)) if mode == "duty" else rounded(round(value))


def _may(row: Mapping[str, Any], mode: Mode, rank: int, policy: Policy) -> bool:
    """Tell whether a mode may see an axis of a node."""
    if mode == "duty":
        return True
    if mode == "visitor" and rank > COMMUNITY:
        return False
    axis = row["axis"]
    if row.get("peer") == "kind":
        return True
    if axis in RARE:
        return rank <= (DISTRICT if mode == "visitor" else TOWN)
    if axis not in MEMBERS or row["den"] is None or rank == DISTRICT:
        return True
    least = policy.rate_least if mode == "visitor" else policy.rate_least_leader
    num, den = row["num"] or 0, row["den"]
    return bool(den >= least and num >= policy.rate_side and den - num >= policy.rate_side)
