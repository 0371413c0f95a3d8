"""Chains of flows through a place: what came before, what went on after, hop strictly after hop."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd

from geo.flows import layers_of
from stores.errors import QuestionError
from stores.flow_places import EXT, Asks, Places

YEAR: Final = pd.Timedelta(days=365)
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
    if not isinstance(hops, int) or not 1 <= hops <= MOST_HOPS:
        raise QuestionError(f"flows are traced over 1 to {MOST_HOPS} hops, not {hops!r}")
    first, beyond = _month(from_month, 0), _month(to_month, 1)
    wide = _text(_month(from_month, -12 * (hops - 1))), _text(_month(to_month, 12 * (hops - 1)))
    rows = store.ask("gate_dated_moves", from_month=wide[0], to_month=wide[1])
    if not rows:
        return []
    place_of = places.cut(level, node)
    moves = pd.DataFrame(
        {
            "from": [place_of(row["from_node"]) for row in rows],
            "to": [place_of(row["to_node"]) for row in rows],
            "at": pd.to_datetime([row["moved_at"] for row in rows]),
        }
    )
    moves = moves[moves["from"] != moves["to"]]
    found = layers_of(
        moves,
        focus,
        hops=hops,
        after=pd.Timestamp(first) - pd.Timedelta(microseconds=1),
        before=pd.Timestamp(beyond),
        longest=YEAR,
        ends=lambda place: str(place).startswith(EXT),
    )
    return [(int(a), str(b), str(c), int(d)) for a, b, c, d in found.itertuples(index=False)]


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
