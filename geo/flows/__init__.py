"""Trace dated moves between places: balances, graphs, and chains of hops that respect time.

Moves are any table (pandas DataFrame, Arrow table, mapping of columns) with the columns `from`, `to`,
`at` and, optionally, `weight` (1 by default). One file a verb; every public name is here.
"""

from __future__ import annotations

from geo.flows.arcs import BEND, arc, arc_points
from geo.flows.arrivals import earliest_arrival, latest_departure
from geo.flows.balances import balance, concentration
from geo.flows.chains import paths
from geo.flows.cycles import cycles, timely_cycles
from geo.flows.graphs import aggregated, communities, corridors, graph, hubs
from geo.flows.layers import layers_of, matched
from geo.flows.moves import Moves, MovesError, index_moves
from geo.flows.tracing import Trace, trace

__all__ = [
    "BEND",
    "Moves",
    "MovesError",
    "Trace",
    "aggregated",
    "arc",
    "arc_points",
    "balance",
    "communities",
    "concentration",
    "corridors",
    "cycles",
    "earliest_arrival",
    "graph",
    "hubs",
    "index_moves",
    "latest_departure",
    "layers_of",
    "matched",
    "paths",
    "timely_cycles",
    "trace",
]
