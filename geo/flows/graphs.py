"""Graphs of moves: what is drawn, who is a hub, who belongs together, where the strong ways run."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from geo.flows.moves import Floats, Ints, Moves, index_moves, table_of


def graph(moves: Any) -> nx.MultiDiGraph:
    """Build the graph to be drawn: one edge a move with `at` and `weight`; O(moves).

    What else a table says of a move (its status, its reason) stands on its edge too; of moves that are
    indexed already nothing else is known.
    """
    indexed = index_moves(moves)
    told = [{}] * len(indexed.row) if isinstance(moves, Moves) else _told(table_of(moves), indexed.row)
    built = nx.MultiDiGraph()
    built.add_nodes_from(indexed.nodes)
    nodes, times = indexed.nodes, indexed.times
    columns = (indexed.start.tolist(), indexed.end.tolist(), indexed.at.tolist(), indexed.weight.tolist())
    built.add_edges_from(
        (nodes[start], nodes[end], {"at": times[at], "weight": weight} | more)
        for start, end, at, weight, more in zip(*columns, told, strict=True)
    )
    return built


def _told(table: pd.DataFrame, rows: Ints) -> list[dict[str, Any]]:
    more = table.drop(columns=["from", "to", "at", "weight"], errors="ignore")
    return [{str(name): value for name, value in row.items()} for row in more.iloc[rows].to_dict("records")]


def aggregated(moves: Any) -> nx.DiGraph:
    """Sum moves by pair: edges with `weight` (in its unit) and `moves`; moves inside a place are left out.

    O(moves log moves).
    """
    indexed = index_moves(moves)
    built = nx.DiGraph()
    built.add_nodes_from(indexed.nodes)
    pair = indexed.start * len(indexed.nodes) + indexed.end
    pairs, group = np.unique(pair[indexed.start != indexed.end], return_inverse=True)
    weight = np.bincount(group, indexed.weight[indexed.start != indexed.end], len(pairs))
    count = np.bincount(group, minlength=len(pairs))
    for code, total, n in zip(pairs.tolist(), weight.tolist(), count.tolist(), strict=True):
        start, end = divmod(code, len(indexed.nodes))
        built.add_edge(indexed.nodes[start], indexed.nodes[end], weight=total, moves=int(n))
    return built


def hubs(moves: Any, *, damping: float = 0.85, tolerance: float = 1e-9, rounds: int = 200) -> pd.DataFrame:
    """Measure how central places are: columns moved_in, moved_out, betweenness, pagerank; index places.

    moved_in and moved_out are in the unit of `weight`. Betweenness (0 to 1) is of the summed graph, a larger
    flow counting as the shorter way (length 1 / weight). PageRank sums to one; `attrs` of the frame say after
    how many `rounds` it stood, the last change (`error`, summed over places) and whether that is `converged`,
    that is at most `tolerance`. O(places × pairs) for the betweenness.
    """
    indexed = index_moves(moves)
    built = aggregated(indexed)
    for _, _, edge in built.edges(data=True):
        edge["length"] = 1.0 / edge["weight"] if edge["weight"] > 0 else float("inf")
    rank, done, error = _pagerank(indexed, damping, tolerance, rounds)
    between = nx.betweenness_centrality(built, weight="length") if len(built) else {}
    found = pd.DataFrame(
        {
            "moved_in": [float(n) for _, n in built.in_degree(weight="weight")],
            "moved_out": [float(n) for _, n in built.out_degree(weight="weight")],
            "betweenness": [between[node] for node in built],
            "pagerank": rank,
        },
        index=pd.Index(list(built), name="place", dtype=object),
    )
    found.attrs = {"rounds": done, "error": error, "converged": error <= tolerance}
    return found


def _pagerank(moves: Moves, damping: float, tolerance: float, rounds: int) -> tuple[Floats, int, float]:
    """Iterate PageRank over weighted moves; places without moves out give to all alike."""
    size = len(moves.nodes)
    across = moves.start != moves.end
    start, end, weight = moves.start[across], moves.end[across], moves.weight[across]
    out = np.bincount(start, weight, size)
    share = weight / np.where(out > 0, out, 1.0)[start]
    rank: Floats = np.full(size, 1.0 / max(size, 1))
    error, done = 0.0, 0
    while done < rounds and size:
        lost = rank[out <= 0].sum()
        new = damping * (np.bincount(end, rank[start] * share, size) + lost / size) + (1 - damping) / size
        error, rank, done = float(np.abs(new - rank).sum()), new, done + 1
        if error <= tolerance:
            break
    return rank, done, error


def communities(moves: Any, *, seed: int = 0) -> list[set[Any]]:
    """Find groups of places that exchange more among themselves than with others (Louvain), largest first.

    There and back are added up; the same seed gives the same groups. About O(pairs log places).
    """
    built = aggregated(moves)
    both = nx.Graph()
    both.add_nodes_from(built)
    for start, end, weight in built.edges(data="weight"):
        known = both.get_edge_data(start, end, {"weight": 0.0})["weight"]
        both.add_edge(start, end, weight=known + weight)
    if not both.number_of_edges():
        return [{node} for node in both]
    found = nx.community.louvain_communities(both, weight="weight", seed=seed)
    return sorted((set(group) for group in found), key=lambda group: (-len(group), sorted(map(str, group))))


def corridors(moves: Any, *, least: float = 1.0, most: int = 10) -> list[tuple[float, list[Any]]]:
    """Find chains of strong edges: (weight of the weakest edge, places in order), the strongest first.

    From each edge of at least `least` a chain goes on over the strongest edge out of its end that leads to
    no place it has been to; chains inside another one are left out. O(pairs × length).
    """
    built = aggregated(moves)
    strong = {(a, b): w for a, b, w in built.edges(data="weight") if w >= least}
    chains: list[tuple[float, list[Any]]] = []
    for start, end in strong:
        chain, weakest = [start, end], strong[start, end]
        while True:
            ways = [
                (w, str(b), b)
                for b in built.successors(chain[-1])
                if (w := strong.get((chain[-1], b), 0)) > 0
            ]
            ways = [way for way in ways if way[2] not in chain]
            if not ways:
                break
            weight, _, place = max(ways, key=lambda way: (way[0], way[1]))
            chain.append(place)
            weakest = min(weakest, weight)
        chains.append((weakest, chain))
    chains.sort(key=lambda one: (-len(one[1]), -one[0], [str(place) for place in one[1]]))
    kept: list[tuple[float, list[Any]]] = []
    for weight, chain in chains:
        if not any(_inside(chain, longer) for _, longer in kept):
            kept.append((weight, chain))
    kept.sort(key=lambda one: (-one[0], -len(one[1]), [str(place) for place in one[1]]))
    return kept[:most]


def _inside(chain: list[Any], longer: list[Any]) -> bool:
    return any(longer[at : at + len(chain)] == chain for at in range(len(longer) - len(chain) + 1))
