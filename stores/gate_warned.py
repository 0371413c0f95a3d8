"""Warnings before visitors: nobody is named, no unit points at somebody, rare things stop at the district.

Numbers of organisations and of their warnings are exact: they are about organisations, not people. What
points at one organisation is for those who have to act.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stores.figure import HIDDEN, NO_DATA, Figure, band, exact
from stores.gate_policy import COMMUNITY, DISTRICT, TOWN, Mode

RARE: Final = frozenset({"W01", "W13", "W14", "R2"})
"""Indicators that count members in a rare, sensitive state."""
LEAST: Final = 3
"""Fewest warnings, and organisations with any, shown of a community, so that none points at one."""


def warned(kind: str, column: str, row: Mapping[str, Any], mode: Mode, rank: int, is_place: bool) -> Any:
    """Publish a cell of class ``named`` or ``alerts``.

    Args:
        kind: 'named' (names an organisation or tells of one alone) or 'alerts' (a number of warnings).
        column: of the cell; ``n`` is the number that the others of the row divide.
        row: its other cells.
        mode: who looks.
        rank: of the row's level.
        is_place: whether the row stands for a place; a place's name names no organisation.

    Returns:
        A plain value for 'named' outside visitor mode, else a figure. A visitor sees numbers of district and
        towns; of a community from three warnings on; rare ones of the district alone.
    """
    value = row[column]
    if kind == "named":
        open_name = column == "name" and is_place and rank <= COMMUNITY
        return HIDDEN if mode == "visitor" and value is not None and not open_name else value
    if value is None:
        return NO_DATA
    if mode != "visitor" or rank == DISTRICT:
        return exact(value)
    if row.get("indicator") in RARE or rank > COMMUNITY:
        return HIDDEN
    enough = min(row.get("n", 0), row.get("alerting", LEAST)) >= LEAST
    return exact(value) if rank <= TOWN or enough else _small(column)


def _small(column: str) -> Figure:
    """Show a small number as a band, and nothing of what divides it."""
    return band(0, LEAST - 1) if column == "n" else HIDDEN
