"""Chains of flows through a place: what came before, what went on after, hop strictly after hop."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.flows import Moves, index_moves, layers_of
from stores.errors import QuestionError
from stores.flow_places import EXT, Asks, Places

DAY: Final = 86_400_000_000
"""A day in microseconds, the unit in which moves are dated here: whole numbers are compared fast."""
YEAR: Final = 365 * DAY
"""The longest wait between two hops: twelve months."""
MOST_HOPS: Final = 4
Layer = tuple[int, str, str, int]


def chain_layers(
    store: Asks, places: Places, level: str, node: str, focus: str, from_month: str, to_month: str, hops: int
) -> list[Layer]:
    """Lay the flow through a place of a picture out in layers: (layer, from, to, moves).

    Layer -1 comes into ``focus`` within the months, -2 came into its senders before; 1 leaves it, 2 leaves
    its receivers after.  Each move is joined to one earlier move at most, first in first out, at most a year
    apart; moves inside a place are left out, and the world outside is not traced through.

    Raises:
        QuestionError: a month is none, there are too few or too many hops, unknown level.
    """
    check_hops(hops)
    moves = dated_moves(store, places, level, node, from_month, to_month, hops)
    return layers_through(moves, focus, from_month, to_month, hops)


def check_hops(hops: object) -> None:
    """Refuse a number of hops that is not traced.

    Raises:
        QuestionError: there are too few or too many, or it is no whole number.
    """
    if not isinstance(hops, int) or not 1 <= hops <= MOST_HOPS:
        raise QuestionError(f"flows are traced over 1 to {MOST_HOPS} hops, not {hops!r}")


def dated_moves(
    store: Asks, places: Places, level: str, node: str, from_month: str, to_month: str, hops: int
) -> Moves:
    """Index the moves between the places of a picture in which so many hops from these months can lie.

    All places of the picture share them; O(n log n) for n moves.

    Raises:
        QuestionError: a month is none, unknown level.
    """
    wide = _text(_month(from_month, -12 * (hops - 1))), _text(_month(to_month, 12 * (hops - 1)))
    rows = store.ask("gate_dated_moves", from_month=wide[0], to_month=wide[1])
    place_of = places.cut(level, node)
    start, end = [place_of(row["from_node"]) for row in rows], [place_of(row["to_node"]) for row in rows]
    at = np.array([row["moved_at"] for row in rows], "datetime64[us]").astype(np.int64)
    moves = pd.DataFrame({"from": start, "to": end, "at": at})
    return index_moves(moves[moves["from"] != moves["to"]])


def layers_through(moves: Moves, focus: str, from_month: str, to_month: str, hops: int) -> list[Layer]:
    """Lay the flow through one place of a picture out in layers, as ``chain_layers`` says."""
    found = layers_of(
        moves,
        focus,
        hops=hops,
        after=_microseconds(_month(from_month, 0)) - 1,
        before=_microseconds(_month(to_month, 1)),
        longest=YEAR,
        ends=lambda place: str(place).startswith(EXT),
    )
    return [(int(a), str(b), str(c), int(d)) for a, b, c, d in found.itertuples(index=False)]


def _microseconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


def _month(text: str, later: int) -> date:
    """Give the first day of a month 'YYYY-MM', moved by some months.

    Raises:
        QuestionError: it is no month.
    """
    try:
        day = date.fromisoformat(f"{text}-01")
        months = day.year * 12 + day.month - 1 + later
        return date(months // 12, months % 12 + 1, 1)
    except ValueError as error:
        raise QuestionError(f"'{str(text)[:20]}' is no month") from error


def _text(day: date) -> str:
    return f"{day:%Y-%m}"


def as_layers(layers: list[Layer]) -> list[dict[str, Any]]:
    """Write layers as rows."""
    return [{"layer": a, "from_node": b, "to_node": c, "n": d} for a, b, c, d in layers]


def as_hops(layers: list[Layer], direction: str) -> list[dict[str, Any]]:
    """Write one direction of the layers as rows, its hops counted from 1.

    Raises:
        QuestionError: the direction is neither 'forward' nor 'backward'.
    """
    if direction not in ("forward", "backward"):
        raise QuestionError(f"flows are traced forward or backward, not {str(direction)[:20]!r}")
    way = 1 if direction == "forward" else -1
    chosen = sorted((layer * way, start, end, n) for layer, start, end, n in layers if layer * way > 0)
    rows = [{"from_node": b, "to_node": c, "hop": a, "n": d} for a, b, c, d in chosen]
    return sorted(rows, key=lambda row: (row["hop"], -row["n"], row["from_node"], row["to_node"]))
