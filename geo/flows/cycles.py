"""Ways that come back to where they began, by the graph alone and in the order of time."""

from __future__ import annotations

from itertools import islice
from typing import Any

import networkx as nx
import numpy as np

from geo.flows.graphs import aggregated
from geo.flows.moves import index_moves


def cycles(moves: Any, *, longest: int = 4, most: int = 1000) -> list[tuple[float, list[Any]]]:
    """Find cycles of the summed graph of 2 to `longest` edges: (weight of the weakest edge, places in order).

    The strongest come first; no more than `most` are looked at, since their number grows exponentially with
    the length. Each cycle begins with the place that sorts first as text.
    """
    built = aggregated(moves)
    found = []
    for cycle in islice(nx.simple_cycles(built, length_bound=longest), most):
        first = min(range(len(cycle)), key=lambda at: str(cycle[at]))
        places = [*cycle[first:], *cycle[:first]]
        edges = zip(places, [*places[1:], places[0]], strict=True)
        found.append((min(built[a][b]["weight"] for a, b in edges), places))
    return sorted(found, key=lambda one: (-one[0], len(one[1]), [str(place) for place in one[1]]))


def timely_cycles(moves: Any, *, longest: int = 4, most: int = 1000) -> list[tuple[int, list[Any]]]:
    """Find ways back in which each hop is strictly later than the last: (how many, places from the start).

    Of 2 to `longest` hops; no place but the start comes twice, and a way is told from each place it can start
    at. At most `most` ways are followed to their end, in the order of their first move; O(ways).
    """
    indexed = index_moves(moves)
    first = indexed.first
    counted: dict[tuple[int, ...], int] = {}
    ended = 0
    for begin in np.argsort(indexed.at, kind="stable").tolist():
        stack: list[tuple[int, tuple[int, ...]]] = [
            (begin, (int(indexed.start[begin]), int(indexed.end[begin])))
        ]
        while stack and ended < most:
            move, way = stack.pop()
            if way[-1] == way[0]:
                if len(way) > 2:
                    counted[way[:-1]] = counted.get(way[:-1], 0) + 1
                    ended += 1
                continue
            if len(way) > longest:
                continue
            low, high = int(first[way[-1]]), int(first[way[-1] + 1])
            low += int(np.searchsorted(indexed.at[low:high], indexed.at[move], side="right"))
            for more in range(low, high):
                place = int(indexed.end[more])
                if place == way[0] or place not in way:
                    stack.append((more, (*way, place)))
    found = [(n, [indexed.nodes[place] for place in way]) for way, n in counted.items()]
    return sorted(found, key=lambda one: (-one[0], len(one[1]), [str(place) for place in one[1]]))
