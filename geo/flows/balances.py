"""What places gain and lose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.flows.moves import index_moves


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


def concentration(
    moves: Any,
    by: Mapping[Any, Any] | Callable[[Any], Any] | None = None,
    *,
    most: int = 3,
    direction: str = "in",
) -> tuple[float | None, list[Any]]:
    """Say how much the largest places receive ('in') or send ('out'): (share of all between places, who).

    The share is a fraction of one, None where nothing moves between places; ties go by the places' names.
    O(moves).

    Raises:
        ValueError: another direction.
    """
    if direction not in ("in", "out"):
        raise ValueError(f"direction must be in or out, not {direction!r}")
    column = balance(moves, by)[f"moved_{direction}"]
    order = sorted(column.index, key=lambda place: (-column[place], str(place)))
    largest = [place for place in order[:most] if column[place] > 0]
    whole = float(column.sum())
    return (float(column[largest].sum()) / whole if whole else None), largest
