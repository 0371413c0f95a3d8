"""Trace dated moves between places: balances, graphs, and chains of hops that respect time.

Moves are any table (pandas DataFrame, Arrow table, mapping of columns) with the columns `from`, `to`,
`at` and, optionally, `weight` (1 by default). Nodes may be any hashable value, times anything that can be
ordered. Rows with a missing `from`, `to` or `at` did not happen and are left out.

A chain respects time when each hop is strictly later than the one before: what arrives in the evening
cannot have left in the morning. Underneath, moves are integer arrays sorted by node and time, and chains
grow by one hop for all places at once: a round costs O(moves leaving the places whose time improved),
plus their sorting.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Point = tuple[float, float]

NEVER = np.iinfo(np.int64).max
BEND = 0.18
"""Height of an arc over its chord, as a share of the chord."""


class MovesError(ValueError):
    """A table that holds no moves: a column is missing; the message names it."""


@dataclass(frozen=True)
class Moves:
    """Moves as arrays sorted by departing node, then time; build with `index_moves`.

    `nodes`, `times`: the different values, times rising. `start`, `end`, `at`: positions in them, (moves,).
    `weight`: (moves,). `first` (nodes + 1,): where each node's moves begin. `row`: their rows in the table.
    """

    nodes: list[Any]
    times: list[Any]
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
    def number_of(self) -> dict[Any, int]:
        """Return the position of each node in `nodes`."""
        return {node: number for number, node in enumerate(self.nodes)}

    @cached_property
    def backward(self) -> Moves:
        """Return the same moves with direction and time reversed: arrivals become departures."""
        return _sorted(
            self.nodes, self.times, self.end, self.start, len(self.times) - 1 - self.at, self.weight, self.row
        )


def index_moves(moves: Any) -> Moves:
    """Sort a table of moves for tracing, O(n log n). Raises MovesError when a column is missing."""
    if isinstance(moves, Moves):
        return moves
    table = _table(moves)
    whole = table[["from", "to", "at"]].notna().all(axis=1).to_numpy()
    table = table[whole]
    ends, nodes = pd.factorize(pd.concat([table["from"], table["to"]], ignore_index=True))
    at, times = pd.factorize(table["at"], sort=True)
    size = len(table)
    weight = table["weight"].to_numpy(dtype=float) if "weight" in table else np.ones(size)
    start, end = ends[:size].astype(np.int64), ends[size:].astype(np.int64)
    return _sorted(list(nodes), list(times), start, end, at.astype(np.int64), weight, np.flatnonzero(whole))


def _table(moves: Any) -> pd.DataFrame:
    table = moves.to_pandas() if hasattr(moves, "to_pandas") else pd.DataFrame(moves)
    missing = [name for name in ("from", "to", "at") if name not in table]
    if missing:
        raise MovesError(f"moves need the column {', '.join(missing)}")
    return table.reset_index(drop=True)


def _sorted(
    nodes: list[Any], times: list[Any], start: Ints, end: Ints, at: Ints, weight: Floats, row: Ints
) -> Moves:
    order = np.lexsort((at, start))
    return Moves(nodes, times, start[order], end[order], at[order], weight[order], row[order])


def graph(moves: Any) -> nx.MultiDiGraph:
    """Build the graph to be drawn: one edge a move with `at` and `weight`; O(moves)."""
    indexed = index_moves(moves)
    built = nx.MultiDiGraph()
    built.add_nodes_from(indexed.nodes)
    nodes, times = indexed.nodes, indexed.times
    columns = (indexed.start.tolist(), indexed.end.tolist(), indexed.at.tolist(), indexed.weight.tolist())
    built.add_edges_from(
        (nodes[start], nodes[end], {"at": times[at], "weight": weight})
        for start, end, at, weight in zip(*columns, strict=True)
    )
    return built


def balance(moves: Any, by: Mapping[Any, Any] | Callable[[Any], Any] | None = None) -> pd.DataFrame:
    """Sum moves by place: columns inside, moved_in, moved_out, net (in − out), in the unit of `weight`.

    `by` names the group of each node (mapping or function; a node it does not know stands for itself;
    None: each node by itself). Moves between nodes of one group count as `inside` only. The index is the
    groups; the nets sum to zero, and all in equals all out.
    """
    indexed = index_moves(moves)
    group, names = pd.factorize(pd.Series([_group(node, by) for node in indexed.nodes], dtype=object))
    start, end = group[indexed.start], group[indexed.end]
    across, size = start != end, len(names)
    inside = np.bincount(start[~across], indexed.weight[~across], size)
    moved_in = np.bincount(end[across], indexed.weight[across], size)
    moved_out = np.bincount(start[across], indexed.weight[across], size)
    columns = {"inside": inside, "moved_in": moved_in, "moved_out": moved_out, "net": moved_in - moved_out}
    return pd.DataFrame(columns, index=pd.Index(names, name="place"))


def _group(node: Any, by: Mapping[Any, Any] | Callable[[Any], Any] | None) -> Any:
    if by is None:
        return node
    found = by.get(node) if isinstance(by, Mapping) else by(node)
    return node if found is None else found


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
    begin = _begin(indexed.times, after, strict)
    arrival = _spread(indexed, indexed.number_of[source], begin, len(indexed.times), strict)[-1]
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
    begin = _begin_backward(indexed.times, before, strict)
    turned = indexed.backward
    arrival = _spread(turned, indexed.number_of[target], begin, len(times), strict)[-1]
    return _reached(turned, arrival, target, times)


def _reached(moves: Moves, arrival: Ints, source: Hashable, times: list[Any]) -> dict[Any, Any]:
    found = np.flatnonzero((arrival != NEVER) & (np.arange(len(arrival)) != moves.number_of[source]))
    return {moves.nodes[node]: times[arrival[node]] for node in found.tolist()}


def _begin(times: list[Any], after: Any, strict: bool) -> int:
    """Return the time at which the source is held: hops later than it, or at it if not strict, may go."""
    if after is None:
        return -1
    after = _like(times, after)
    return bisect_right(times, after) - 1 if strict else bisect_left(times, after)


def _begin_backward(times: list[Any], before: Any, strict: bool) -> int:
    if before is None:
        return -1
    before = _like(times, before)
    earlier = bisect_left(times, before) if strict else bisect_right(times, before)
    # In reversed time the last allowed move stands at len - earlier; strict hops must come after the start.
    return len(times) - earlier - (1 if strict else 0)


def _like(times: list[Any], moment: Any) -> Any:
    return pd.Timestamp(moment) if times and isinstance(times[0], pd.Timestamp) else moment


def _spread(moves: Moves, source: int, begin: int, rounds: int, strict: bool, end: int = NEVER) -> list[Ints]:
    """Give, for 0, 1, 2 … hops, the earliest arrival (position of the time, or NEVER) of each node.

    Stops after `rounds` hops or when no time improves any more. Moves at `end` or later are not taken.
    """
    arrival = np.full(len(moves.nodes), NEVER, dtype=np.int64)
    arrival[source] = begin
    history, changed = [arrival], np.array([source])
    # Every chain of least hops visits a node once, so more rounds than nodes improve nothing.
    for _ in range(min(rounds, len(moves.nodes)) if strict else len(moves.nodes)):
        leaving = _leaving(moves, changed)
        held = arrival[moves.start[leaving]]
        at = moves.at[leaving]
        taken = ((at > held) if strict else (at >= held)) & (at < end)
        reached, at = moves.end[leaving][taken], at[taken]
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


def _leaving(moves: Moves, nodes: Ints) -> Ints:
    """Give the positions of all moves that leave any of the nodes."""
    begin, end = moves.first[nodes], moves.first[nodes + 1]
    size = end - begin
    offset = np.repeat(end - np.cumsum(size), size)
    return np.arange(int(size.sum())) + offset


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
    low, high = _begin(indexed.times, after, True), _end(indexed.times, before)
    times = indexed.times
    if direction == "backward":
        count = len(times)
        indexed, times = indexed.backward, times[::-1]
        low, high = count - 1 - high, count - 1 - low
    if source not in indexed.number_of:
        return Trace(
            source, direction, {}, _edges(indexed, times, np.array([], dtype=int), np.array([], dtype=int))
        )
    history = _spread(indexed, indexed.number_of[source], low, hops, True, high)
    place, hop = _hop_of_moves(indexed, history, hops, high)
    edges = _edges(indexed, times, place, hop)
    if direction == "backward":
        edges = edges.rename(columns={"from": "to", "to": "from", "first": "last", "last": "first"})
        edges = edges[["from", "to", "hop", "moves", "weight", "first", "last"]]
    return Trace(source, direction, _nodes(indexed, history, times, source), edges)


def _end(times: list[Any], before: Any) -> int:
    return len(times) if before is None else bisect_left(times, _like(times, before))


def _hop_of_moves(moves: Moves, history: list[Ints], hops: int, high: int) -> tuple[Ints, Ints]:
    """Give the moves that can be taken within the hops, and the least number of the hop each can be."""
    hop = np.zeros(len(moves.at), dtype=np.int64)
    for number, arrival in enumerate(history[:hops], start=1):
        known = np.flatnonzero(arrival != NEVER)
        leaving = _leaving(moves, known)
        at = moves.at[leaving]
        usable = leaving[(at > arrival[moves.start[leaving]]) & (at < high)]
        hop[usable] = np.where(hop[usable] == 0, number, hop[usable])
    place = np.flatnonzero(hop)
    return place, hop[place]


def _edges(moves: Moves, times: list[Any], place: Ints, hop: Ints) -> pd.DataFrame:
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


def _nodes(
    moves: Moves, history: list[Ints], times: list[Any], source: Hashable
) -> dict[Any, tuple[int, Any]]:
    found: dict[Any, tuple[int, Any]] = {}
    final = history[-1]
    for hop, arrival in enumerate(history):
        for node in np.flatnonzero(arrival != NEVER).tolist():
            name = moves.nodes[node]
            if name != source and name not in found:
                found[name] = (hop, times[final[node]])
    return found


def arc(start: Point, end: Point, bend: float = BEND) -> tuple[Point, Point, Point]:
    """Return start, control point and end of a quadratic curve that bends to the right of travel.

    Points are (lon, lat) in degrees. Right of travel means that there and back are two separate arcs. The
    curve's top stands `bend` times the chord aside; lengths are made equal in both axes by the cosine of
    the latitude.
    """
    squeeze = float(np.cos(np.radians((start[1] + end[1]) / 2)))
    east, north = (end[0] - start[0]) * squeeze, end[1] - start[1]
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    # A quadratic curve rises half as far as its control point.
    control = (middle[0] + 2 * bend * north / squeeze, middle[1] - 2 * bend * east)
    return start, control, end


def arc_points(start: Point, end: Point, count: int = 24, bend: float = BEND) -> Floats:
    """Return `count` points (count, 2) lon, lat along the arc, evenly spaced in its parameter."""
    first, control, last = (np.array(point) for point in arc(start, end, bend))
    share = np.linspace(0.0, 1.0, count)[:, None]
    points: Floats = (1 - share) ** 2 * first + 2 * share * (1 - share) * control + share**2 * last
    return points
