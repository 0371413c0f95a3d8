"""What flows on from a node, or into it, hop by hop."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from geo.flows.arrivals import NEVER, held_from, like, moves_leaving, spread
from geo.flows.moves import Ints, Moves, index_moves


@dataclass(frozen=True)
class Trace:
    """What flows on from a node, or into it, hop by hop.

    `nodes`: node → (hop at which it is first met, earliest arrival, or latest departure backward).
    `edges`: columns from, to, hop, moves, weight, first, last: the moves that can be the hop-th of a
    chain and no earlier one, summed by pair; in the true direction of the moves also when traced
    backward.
    """

    source: Any
    direction: Literal["forward", "backward"]
    nodes: dict[Any, tuple[int, Any]]
    edges: pd.DataFrame


def trace(
    moves: Any,
    source: Hashable,
    *,
    direction: Literal["forward", "backward"] = "forward",
    hops: int = 1,
    after: Any = None,
    before: Any = None,
) -> Trace:
    """Follow moves from `source` (or back to it) over at most `hops` hops, each strictly later than the last.

    Only moves later than `after` and earlier than `before` count; None sets no limit. Raises ValueError for
    another direction or fewer than one hop. An unknown source has an empty trace.
    """
    if direction not in ("forward", "backward"):
        raise ValueError(f"direction must be forward or backward, not {direction!r}")
    if hops < 1:
        raise ValueError(f"hops must be 1 or more, not {hops}")
    indexed = index_moves(moves)
    low, high = held_from(indexed.times, after, True), _end(indexed.times, before)
    times = indexed.times
    if direction == "backward":
        count = len(times)
        indexed, times = indexed.backward, times[::-1]
        low, high = count - 1 - high, count - 1 - low
    if source not in indexed.number_of:
        return Trace(
            source, direction, {}, _edges(indexed, times, np.array([], dtype=int), np.array([], dtype=int))
        )
    history = spread(indexed, indexed.number_of[source], low, hops, True, high)
    place, hop = _hop_of_moves(indexed, history, hops, high)
    edges = _edges(indexed, times, place, hop)
    if direction == "backward":
        edges = edges.rename(columns={"from": "to", "to": "from", "first": "last", "last": "first"})
        edges = edges[["from", "to", "hop", "moves", "weight", "first", "last"]]
    return Trace(source, direction, _nodes(indexed, history, times, source), edges)


def _end(times: Any, before: Any) -> int:
    return len(times) if before is None else bisect_left(times, like(times, before))


def _hop_of_moves(moves: Moves, history: list[Ints], hops: int, high: int) -> tuple[Ints, Ints]:
    """Give the moves that can be taken within the hops, and the least number of the hop each can be."""
    hop = np.zeros(len(moves.at), dtype=np.int64)
    for number, arrival in enumerate(history[:hops], start=1):
        known = np.flatnonzero(arrival != NEVER)
        going = moves_leaving(moves, known)
        at = moves.at[going]
        usable = going[(at > arrival[moves.start[going]]) & (at < high)]
        hop[usable] = np.where(hop[usable] == 0, number, hop[usable])
    place = np.flatnonzero(hop)
    return place, hop[place]


def _edges(moves: Moves, times: Any, place: Ints, hop: Ints) -> pd.DataFrame:
    """Sum the chosen moves by hop and pair, the largest first."""
    chosen = pd.DataFrame(
        {
            "start": moves.start[place],
            "end": moves.end[place],
            "hop": hop,
            "at": moves.at[place],
            "weight": moves.weight[place],
        }
    )
    grouped = chosen.groupby(["hop", "start", "end"], as_index=False).agg(
        moves=("at", "size"), weight=("weight", "sum"), first=("at", "min"), last=("at", "max")
    )
    grouped = grouped.sort_values(["hop", "weight", "start", "end"], ascending=[True, False, True, True])
    grouped["from"] = [moves.nodes[node] for node in grouped["start"]]
    grouped["to"] = [moves.nodes[node] for node in grouped["end"]]
    for name in ("first", "last"):
        grouped[name] = pd.Series([times[at] for at in grouped[name]], index=grouped.index, dtype=object)
    columns = ["from", "to", "hop", "moves", "weight", "first", "last"]
    return grouped[columns].reset_index(drop=True)


def _nodes(moves: Moves, history: list[Ints], times: Any, source: Hashable) -> dict[Any, tuple[int, Any]]:
    found: dict[Any, tuple[int, Any]] = {}
    final = history[-1]
    for hop, arrival in enumerate(history):
        for node in np.flatnonzero(arrival != NEVER).tolist():
            name = moves.nodes[node]
            if name != source and name not in found:
                found[name] = (hop, times[final[node]])
    return found
