"""Moves as sorted arrays: what every other file of this room stands on.

Moves are any table (pandas DataFrame, Arrow table, mapping of columns) with the columns `from`, `to`,
`at` and, optionally, `weight` (1 by default). Nodes may be any hashable value, times anything that can be
ordered. Rows with a missing `from`, `to` or `at` did not happen and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class MovesError(ValueError):
    """A table that holds no moves: a column is missing; the message names it."""


@dataclass(frozen=True)
class Moves:
    """Moves as arrays sorted by departing node, then time; build with `index_moves`.

    `nodes`, `times`: the different values, times rising (a list, or an index of time stamps). `start`,
    `end`, `at`: positions in them, (moves,). `weight`: (moves,). `first` (nodes + 1,): where each node's
    moves begin. `row`: their rows in the table.
    """

    nodes: list[Any]
    times: Any
    start: Ints
    end: Ints
    at: Ints
    weight: Floats
    row: Ints

    @cached_property
    def first(self) -> Ints:
        """Return where the moves of each node begin, (nodes + 1,)."""
        return np.searchsorted(self.start, np.arange(len(self.nodes) + 1)).astype(np.int64)

    @cached_property
    def arriving(self) -> tuple[Ints, Ints]:
        """Return the moves by arriving node, then time, and where each node's begin, (nodes + 1,)."""
        order = np.lexsort((self.at, self.end)).astype(np.int64)
        begin = np.searchsorted(self.end[order], np.arange(len(self.nodes) + 1)).astype(np.int64)
        return order, begin

    @cached_property
    def number_of(self) -> dict[Any, int]:
        """Return the position of each node in `nodes`."""
        return {node: number for number, node in enumerate(self.nodes)}

    @cached_property
    def backward(self) -> Moves:
        """Return the same moves with direction and time reversed: arrivals become departures."""
        return sorted_moves(
            self.nodes, self.times, self.end, self.start, len(self.times) - 1 - self.at, self.weight, self.row
        )


def index_moves(moves: Any) -> Moves:
    """Sort a table of moves for tracing, O(n log n). Raises MovesError when a column is missing."""
    if isinstance(moves, Moves):
        return moves
    table = table_of(moves)
    whole = table[["from", "to", "at"]].notna().all(axis=1).to_numpy()
    table = table[whole]
    ends, nodes = pd.factorize(pd.concat([table["from"], table["to"]], ignore_index=True))
    at, times = pd.factorize(table["at"], sort=True)
    size = len(table)
    weight = table["weight"].to_numpy(dtype=float) if "weight" in table else np.ones(size)
    start, end = ends[:size].astype(np.int64), ends[size:].astype(np.int64)
    # Half a million time stamps as objects cost a second; an index makes each when it is asked for.
    moments = times if isinstance(times, pd.DatetimeIndex) else list(times)
    return sorted_moves(list(nodes), moments, start, end, at.astype(np.int64), weight, np.flatnonzero(whole))


def table_of(moves: Any) -> pd.DataFrame:
    """Read any table of moves as a frame. Raises MovesError when a column is missing."""
    table = moves.to_pandas() if hasattr(moves, "to_pandas") else pd.DataFrame(moves)
    missing = [name for name in ("from", "to", "at") if name not in table]
    if missing:
        raise MovesError(f"moves need the column {', '.join(missing)}")
    return table.reset_index(drop=True)


def sorted_moves(
    nodes: list[Any], times: Any, start: Ints, end: Ints, at: Ints, weight: Floats, row: Ints
) -> Moves:
    order = np.lexsort((at, start))
    return Moves(nodes, times, start[order], end[order], at[order], weight[order], row[order])
