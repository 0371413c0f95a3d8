"""What goes where over several hops: the layers of a Sankey in which only chains that respect time count.

A ribbon that leaves a place must have come in before. So each move is joined to at most one earlier move into
the place it leaves, first come first gone, strictly earlier and not too long ago. First in first out joins as
many as any joining can (all waits have the same bound), so a layer says: of these, at most so many can have
come this way. It is a statement about flows; who moved is not known here and not asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.flows.arrivals import like
from geo.flows.moves import Ints, Moves, index_moves

COLUMNS = ["layer", "from", "to", "moves"]


def matched(
    arrivals: Sequence[Any], departures: Sequence[Any], *, longest: Any = None, shortest: Any = None
) -> list[tuple[int, int]]:
    """Join departures to arrivals at one place, first in first out; both in the order of time.

    Args:
        arrivals, departures: times, rising.
        longest: the longest wait between the two, inclusive; None = any.
        shortest: the shortest wait, inclusive; None = strictly later will do.

    Returns:
        (position of the arrival, position of the departure), each used once; as many pairs as can be.
        O(arrivals + departures).
    """
    waiting: deque[int] = deque()
    joined, arrived = [], 0
    for place, gone in enumerate(departures):
        while arrived < len(arrivals) and _may(arrivals[arrived], gone, shortest):
            waiting.append(arrived)
            arrived += 1
        while waiting and longest is not None and gone - arrivals[waiting[0]] > longest:
            waiting.popleft()
        if waiting:
            joined.append((waiting.popleft(), place))
    return joined


def _may(arrival: Any, gone: Any, shortest: Any) -> bool:
    return bool(arrival < gone and (shortest is None or gone - arrival >= shortest))


def layers_of(
    moves: Any,
    focus: Hashable,
    *,
    hops: int = 2,
    after: Any = None,
    before: Any = None,
    longest: Any = None,
    shortest: Any = None,
    ends: Callable[[Any], bool] | None = None,
) -> pd.DataFrame:
    """Lay the flow through a place out in layers: columns layer, from, to, moves.

    Layer -1 is what comes into `focus`, -2 what came into its senders before, and so on; layer 1 is what
    leaves it, 2 what leaves its receivers after. A move counts once, in the layer nearest to the focus.
    Moves inside one place, and back to the focus beyond the first hop, are no part of it.

    Args:
        moves: a table, or `index_moves` of one.
        focus: the place in the middle; an unknown one has no layers.
        hops: how many layers each way, 1 or more.
        after, before: bounds of the first hop's times, both exclusive; the further hops are bounded by their
            waits alone.
        longest, shortest: waits between two hops, inclusive, in the unit of a difference of two times.
        ends: places that are not traced through, such as the world outside; None = none.

    Raises:
        ValueError: fewer than one hop.
    """
    if hops < 1:
        raise ValueError(f"hops must be 1 or more, not {hops}")
    indexed = index_moves(moves)
    if focus not in indexed.number_of:
        return pd.DataFrame(columns=COLUMNS)
    made = _Layers(indexed, indexed.number_of[focus], longest, shortest, ends)
    rows = [*made.walk(hops, after, before, -1), *made.walk(hops, after, before, 1)]
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values(
        ["layer", "moves", "from", "to"], ascending=[True, False, True, True]
    ).reset_index(drop=True)


class _Layers:
    """Hold what both directions share."""

    def __init__(
        self, moves: Moves, focus: int, longest: Any, shortest: Any, ends: Callable[[Any], bool] | None
    ) -> None:
        self._moves = moves
        self._focus = focus
        self._waits = {"longest": longest, "shortest": shortest}
        self._ends = ends

    def walk(self, hops: int, after: Any, before: Any, way: int) -> list[tuple[int, Any, Any, int]]:
        """Give the rows of one direction: way 1 follows what leaves, -1 what came before."""
        moves = self._moves
        far = moves.end if way > 0 else moves.start
        first = self._at(self._focus, way)
        first = first[far[first] != self._focus]
        frontier = self._within(first, after, before)
        used = np.zeros(len(moves.at), np.bool_)
        rows = self._rows(way, frontier)
        for hop in range(2, hops + 1):
            used[frontier] = True
            frontier = self._next(frontier, used, far, way)
            if not len(frontier):
                break
            rows += self._rows(way * hop, frontier)
        return rows

    def _within(self, rows: Ints, after: Any, before: Any) -> Ints:
        times = self._moves.times
        low = after if after is None else like(times, after)
        high = before if before is None else like(times, before)
        kept = [
            row
            for row in rows.tolist()
            if (low is None or times[self._moves.at[row]] > low)
            and (high is None or times[self._moves.at[row]] < high)
        ]
        return np.array(kept, np.int64)

    def _next(self, frontier: Ints, used: Any, far: Ints, way: int) -> Ints:
        """Join the moves of the frontier to moves further out, place by place."""
        moves = self._moves
        found: list[int] = []
        for place in np.unique(far[frontier]).tolist():
            if place == self._focus or (self._ends is not None and self._ends(moves.nodes[place])):
                continue
            own = self._in_time(frontier[far[frontier] == place])
            more = self._at(place, way)
            more = more[(far[more] != self._focus) & (far[more] != place) & ~used[more]]
            arrivals, departures = (own, more) if way > 0 else (more, own)
            pairs = matched(self._times(arrivals), self._times(departures), **self._waits)
            found += [int(departures[b] if way > 0 else arrivals[a]) for a, b in pairs]
        return np.array(sorted(found), np.int64)

    def _at(self, place: int, way: int) -> Ints:
        """Give the moves that leave a place (way 1) or reach it (-1), in the order of time."""
        if way > 0:
            return np.arange(self._moves.first[place], self._moves.first[place + 1])
        order, begin = self._moves.arriving
        return order[begin[place] : begin[place + 1]]

    def _in_time(self, rows: Ints) -> Ints:
        return rows[np.argsort(self._moves.at[rows], kind="stable")]

    def _times(self, rows: Ints) -> list[Any]:
        return [self._moves.times[at] for at in self._moves.at[rows].tolist()]

    def _rows(self, layer: int, rows: Ints) -> list[tuple[int, Any, Any, int]]:
        moves = self._moves
        pairs, count = np.unique(
            np.stack([moves.start[rows], moves.end[rows]], axis=1), axis=0, return_counts=True
        )
        return [
            (layer, moves.nodes[start], moves.nodes[end], int(n))
            for (start, end), n in zip(pairs.tolist(), count.tolist(), strict=True)
        ]
