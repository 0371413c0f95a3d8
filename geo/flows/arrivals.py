"""How early a place can be reached and how late it can be left: chains of hops that respect time.

A chain respects time when each hop is strictly later than the one before: what arrives in the evening
cannot have left in the morning. Chains grow by one hop for all places at once: a round costs O(moves leaving
the places whose time improved), plus their sorting.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.flows.moves import Ints, Moves, index_moves

NEVER: Final = np.iinfo(np.int64).max


def earliest_arrival(
    moves: Any, source: Hashable, *, after: Any = None, strict: bool = True
) -> dict[Any, Any]:
    """Return for every node that `source` can reach the earliest time of arrival; `source` left out.

    `moves`: a table, or `index_moves` of one (faster when asked often). `after`: when the journey may
    begin: with `strict` its first hop is later than `after`, and each next hop later than the one before;
    without, hops of one time may follow each other, and the first may be at `after` itself. An unknown
    source reaches nothing.
    """
    indexed = index_moves(moves)
    if source not in indexed.number_of:
        return {}
    begin = held_from(indexed.times, after, strict)
    arrival = spread(indexed, indexed.number_of[source], begin, len(indexed.times), strict)[-1]
    return _reached(indexed, arrival, source, indexed.times)


def latest_departure(
    moves: Any, target: Hashable, *, before: Any = None, strict: bool = True
) -> dict[Any, Any]:
    """Return for every node that can reach `target` the latest time of leaving it; `target` left out.

    The mirror of `earliest_arrival`: with `strict` the last hop is earlier than `before` and each hop earlier
    than the next; without, equal times may follow each other, and the last hop may be at `before` itself.
    """
    indexed = index_moves(moves)
    if target not in indexed.number_of:
        return {}
    times = indexed.times[::-1]
    begin = _held_backward(indexed.times, before, strict)
    turned = indexed.backward
    arrival = spread(turned, indexed.number_of[target], begin, len(times), strict)[-1]
    return _reached(turned, arrival, target, times)


def _reached(moves: Moves, arrival: Ints, source: Hashable, times: Any) -> dict[Any, Any]:
    found = np.flatnonzero((arrival != NEVER) & (np.arange(len(arrival)) != moves.number_of[source]))
    return {moves.nodes[node]: times[arrival[node]] for node in found.tolist()}


def held_from(times: Any, after: Any, strict: bool) -> int:
    """Return the time at which the source is held: hops later than it, or at it if not strict, may go."""
    if after is None:
        return -1
    after = like(times, after)
    return bisect_right(times, after) - 1 if strict else bisect_left(times, after)


def _held_backward(times: Any, before: Any, strict: bool) -> int:
    if before is None:
        return -1
    before = like(times, before)
    earlier = bisect_left(times, before) if strict else bisect_right(times, before)
    # In reversed time the last allowed move stands at len - earlier; strict hops must come after the start.
    return len(times) - earlier - (1 if strict else 0)


def like(times: Any, moment: Any) -> Any:
    return pd.Timestamp(moment) if len(times) and isinstance(times[0], pd.Timestamp) else moment


def spread(moves: Moves, source: int, begin: int, rounds: int, strict: bool, end: int = NEVER) -> list[Ints]:
    """Give, for 0, 1, 2 … hops, the earliest arrival (position of the time, or NEVER) of each node.

    Stops after `rounds` hops or when no time improves any more. Moves at `end` or later are not taken.
    """
    arrival = np.full(len(moves.nodes), NEVER, dtype=np.int64)
    arrival[source] = begin
    history, changed = [arrival], np.array([source])
    # Every chain of least hops visits a node once, so more rounds than nodes improve nothing.
    for _ in range(min(rounds, len(moves.nodes)) if strict else len(moves.nodes)):
        going = moves_leaving(moves, changed)
        held = arrival[moves.start[going]]
        at = moves.at[going]
        taken = ((at > held) if strict else (at >= held)) & (at < end)
        reached, at = moves.end[going][taken], at[taken]
        better = at < arrival[reached]
        reached, at = reached[better], at[better]
        if not len(reached):
            break
        arrival = arrival.copy()
        # The last assignment to a place wins, so the latest times come first.
        order = np.argsort(-at, kind="stable")
        arrival[reached[order]] = at[order]
        history.append(arrival)
        changed = np.unique(reached)
    return history


def moves_leaving(moves: Moves, nodes: Ints) -> Ints:
    """Give the positions of all moves that leave any of the nodes."""
    begin, end = moves.first[nodes], moves.first[nodes + 1]
    size = end - begin
    offset = np.repeat(end - np.cumsum(size), size)
    return np.arange(int(size.sum())) + offset
