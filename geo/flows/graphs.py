"""Graphs of moves, for what is drawn and for what networkx answers."""

from __future__ import annotations

from typing import Any

import networkx as nx

from geo.flows.moves import index_moves


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
