"""How many ways lead on from a place in the order of time, and how long they take."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

import numpy as np
import pandas as pd

from geo.flows.arrivals import like
from geo.flows.moves import index_moves

COLUMNS = ["to", "hop", "paths", "median"]


def paths(
    moves: Any,
    source: Hashable,
    *,
    direction: Literal["forward", "backward"] = "forward",
    hops: int = 2,
    after: Any = None,
    before: Any = None,
    shortest: Any = None,
    longest: Any = None,
) -> pd.DataFrame:
    """Count the chains of moves that lead from a place (or back to it): columns to, hop, paths, median.

    Each hop is strictly later than the one before and waits `shortest` to `longest` (both inclusive, in the
    unit of a difference of times; None = no limit). `paths` are chains of exactly `hop` moves; places may
    come twice. `median` is over the last moves of such chains, each with the fastest chain that ends in it:
    time from the first move to it, nought for one hop. All moves lie later than `after` and earlier than
    `before`.
    O(moves at each hop, times the moves one of them may follow).

    Raises:
        ValueError: another direction or fewer than one hop.
    """
    if direction not in ("forward", "backward") or hops < 1:
        raise ValueError(f"cannot follow {hops} hops {direction!r}")
    indexed = index_moves(moves)
    empty = pd.DataFrame(columns=COLUMNS)
    if source not in indexed.number_of or not len(indexed.times):
        return empty
    sign = 1 if direction == "forward" else -1
    near, far = (indexed.start, indexed.end) if sign > 0 else (indexed.end, indexed.start)
    times = pd.Index(indexed.times).to_numpy()
    at = times[indexed.at]
    allowed = np.ones(len(at), np.bool_)
    if after is not None:
        allowed &= np.asarray(pd.Index(at) > like(indexed.times, after))
    if before is not None:
        allowed &= np.asarray(pd.Index(at) < like(indexed.times, before))
    now = np.flatnonzero(allowed & (near == indexed.number_of[source]))
    count = {int(move): 1 for move in now}
    fastest = {int(move): at[move] for move in now}
    parts: list[pd.DataFrame] = []
    for hop in range(1, hops + 1):
        if not count:
            break
        chosen = np.array(sorted(count), np.int64)
        took = [abs(at[move] - fastest[int(move)]) for move in chosen]
        frame = pd.DataFrame({"to": far[chosen], "paths": [count[int(m)] for m in chosen], "took": took})
        grouped = frame.groupby("to", as_index=False).agg(paths=("paths", "sum"), median=("took", "median"))
        parts.append(grouped.assign(hop=hop))
        count, fastest = _on(chosen, count, fastest, (near, far, at, allowed), (shortest, longest), sign)
    if not parts:
        return empty
    made = pd.concat(parts, ignore_index=True)
    made["to"] = [indexed.nodes[place] for place in made["to"]]
    return made[COLUMNS]


def _on(
    chosen: Any, count: dict[int, int], fastest: dict[int, Any], columns: Any, waits: Any, sign: int
) -> tuple[dict[int, int], dict[int, Any]]:
    """Take every chain one hop on."""
    near, far, at, allowed = columns
    shortest, longest = waits
    more: dict[int, int] = {}
    best: dict[int, Any] = {}
    for place in np.unique(far[chosen]).tolist():
        come = chosen[far[chosen] == place]
        for move in np.flatnonzero(allowed & (near == place)).tolist():
            wait = at[move] - at[come] if sign > 0 else at[come] - at[move]
            may = (at[come] < at[move]) if sign > 0 else (at[come] > at[move])
            may = may if shortest is None else may & (wait >= shortest)
            may = may if longest is None else may & (wait <= longest)
            before = come[may].tolist()
            if before:
                more[move] = sum(count[one] for one in before)
                starts = [fastest[one] for one in before]
                best[move] = max(starts) if sign > 0 else min(starts)
    return more, best
