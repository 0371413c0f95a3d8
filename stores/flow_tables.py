"""The two-way table of flows around a node, and what is read off it: edges, totals, margins, hubs, a summary.

Everything that a screen says about flows is read off one table of (from, to) → number of moves, the exact one
for the duty desk, the published one (``stores.gate_matrix``) for everybody else.  So margins, totals and
sentences agree with the edges drawn, whoever looks, and the nets sum to nought.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median_low
from typing import Any, Final

import networkx as nx

from stores.flow_places import TOTAL, Asks, Places, read_places

Edge = tuple[str, str]
Cells = dict[Edge, int]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class FlowTable:
    """Hold the flows around a node: (from, to) → moves; an edge from a place to itself is moves inside it."""

    places: Places
    node: str
    cells: Mapping[Edge, int]


def moves_in(store: Asks, from_month: str, to_month: str) -> list[tuple[str, str, int]]:
    """Fetch the moves of some months, 'YYYY-MM', both inclusive, by organisation or place outside."""
    rows = store.ask("gate_moves", from_month=from_month, to_month=to_month)
    return [(row["from_node"], row["to_node"], int(row["n"])) for row in rows]


def exact_table(
    store: Asks, basis: str, level: str, node: str, from_month: str, to_month: str, **_: Any
) -> FlowTable:
    """Count the exact table around a node; empty for a node that is not known.

    Raises:
        QuestionError: unknown basis or level.
    """
    places = read_places(store, basis)
    return FlowTable(places, node, exact_cells(places, moves_in(store, from_month, to_month), level, node))


def exact_cells(places: Places, moves: list[tuple[str, str, int]], level: str, node: str) -> Cells:
    """Sum moves that touch a node by the places of its picture."""
    place_of = places.cut(level, node)
    cells: Cells = {}
    for start, end, n in moves:
        if places.is_inside(start, node) or places.is_inside(end, node):
            edge = place_of(start), place_of(end)
            cells[edge] = cells.get(edge, 0) + n
    return cells


def edges(table: FlowTable) -> Rows:
    """List the edges, largest first: from_node, to_node, n."""
    order = sorted(table.cells, key=lambda edge: (-table.cells[edge], edge))
    return [{"from_node": a, "to_node": b, "n": table.cells[a, b]} for a, b in order]


def totals(table: FlowTable) -> Rows:
    """List each place's moved_in, moved_out, inside and net (in − out); the nets sum to nought."""
    found: dict[str, list[int]] = {}
    for (start, end), n in table.cells.items():
        here = found.setdefault(start, [0, 0, 0])
        there = found.setdefault(end, [0, 0, 0])
        if start == end:
            here[2] += n
        else:
            here[1] += n
            there[0] += n
    order = sorted(found, key=lambda place: (-sum(found[place][:2]), place))
    return [
        {
            "node_id": place,
            "level": table.places.level_of(place),
            "moved_in": found[place][0],
            "moved_out": found[place][1],
            "inside": found[place][2],
            "net": found[place][0] - found[place][1],
        }
        for place in order
    ]


def matrix(table: FlowTable) -> Rows:
    """List the cells and their margins, rows from or to 'total'; moves inside a place are in them."""
    margins: Cells = {}
    for (start, end), n in table.cells.items():
        for edge in ((start, TOTAL), (TOTAL, end), (TOTAL, TOTAL)):
            margins[edge] = margins.get(edge, 0) + n
    return edges(FlowTable(table.places, table.node, {**table.cells, **margins}))


def hubs(table: FlowTable) -> Rows:
    """Rank places: by moves in, out and both, by betweenness and by PageRank on the table's graph; 1 = first.

    Betweenness takes the way over a larger flow as the shorter one (length 1 / n).  Moves inside a place and
    places outside or unnamed do not rank.
    """
    built = nx.DiGraph()
    for (start, end), n in table.cells.items():
        if start != end:
            built.add_edge(start, end, n=n, length=1 / n)
    rows = [row for row in totals(table) if row["level"] not in ("ext", "other")]
    between = nx.betweenness_centrality(built, weight="length") if built else {}
    prestige = nx.pagerank(built, weight="n") if built else {}
    keys = {
        "rank_in": {row["node_id"]: row["moved_in"] for row in rows},
        "rank_out": {row["node_id"]: row["moved_out"] for row in rows},
        "rank_both": {row["node_id"]: row["moved_in"] + row["moved_out"] for row in rows},
        "rank_between": {row["node_id"]: round(between.get(row["node_id"], 0.0), 9) for row in rows},
        "rank_prestige": {row["node_id"]: round(prestige.get(row["node_id"], 0.0), 9) for row in rows},
    }
    ranks = {name: _ranks(values) for name, values in keys.items()}
    return [
        {name: row[name] for name in ("node_id", "level", "moved_in", "moved_out", "net")}
        | {name: ranks[name][row["node_id"]] for name in keys}
        for row in rows
    ]


def _ranks(values: Mapping[str, float]) -> dict[str, int]:
    """Rank from 1, equal values sharing the better rank."""
    return {key: 1 + sum(other > value for other in values.values()) for key, value in values.items()}


def summary(table: FlowTable, below: FlowTable) -> Rows:
    """Sum a node up in one row, from the table around it and the table of the places in it.

    moved_in, moved_out, inside, net: of the node as a whole.  main_from, main_to: the places most came from
    and went to (None: none), with from_n, to_n and from_share, to_share of moved_in, moved_out.
    outside_share: how much of moved_in came from outside the district.  top3: the share of the three largest
    receivers among the places in the node in all that these received, top3_nodes their ids, joined by commas.
    Shares are fractions of one, None where the whole is nought.
    """
    inner = inner_of(table)
    into: dict[str, int] = {}
    out: dict[str, int] = {}
    inside = 0
    for (start, end), n in table.cells.items():
        if start in inner and end in inner:
            inside += n
        elif end in inner:
            into[start] = into.get(start, 0) + n
        elif start in inner:
            out[end] = out.get(end, 0) + n
    moved_in, moved_out = sum(into.values()), sum(out.values())
    main_from, from_n = _largest(into)
    main_to, to_n = _largest(out)
    outside = sum(n for place, n in into.items() if place.startswith("ext:"))
    receivers = [row for row in totals(below) if row["moved_in"] and row["node_id"] in inner_of(below)]
    named = [row for row in receivers if row["node_id"] not in ("other", table.node)]
    top = sorted(named, key=lambda row: (-row["moved_in"], row["node_id"]))[:3]
    received = sum(row["moved_in"] for row in receivers)
    return [
        {
            "node_id": table.node,
            "level": table.places.level_of(table.node),
            "moved_in": moved_in,
            "moved_out": moved_out,
            "inside": inside,
            "net": moved_in - moved_out,
            "main_from": main_from,
            "from_n": from_n,
            "from_share": _share(from_n, moved_in),
            "main_to": main_to,
            "to_n": to_n,
            "to_share": _share(to_n, moved_out),
            "outside_share": _share(outside, moved_in),
            "top3": _share(sum(row["moved_in"] for row in top), received),
            "top3_nodes": ",".join(row["node_id"] for row in top),
        }
    ]


SUMS: Final = ("moved_in", "moved_out", "inside")


def sums_of(table: FlowTable, inner: Collection[str]) -> dict[str, int]:
    """Sum what moved into the inner places of a table, out of them and inside: ``SUMS``."""
    found = dict.fromkeys(SUMS, 0)
    for (start, end), n in table.cells.items():
        if start in inner and end in inner:
            found["inside"] += n
        elif end in inner:
            found["moved_in"] += n
        elif start in inner:
            found["moved_out"] += n
    return found


def inner_of(table: FlowTable) -> set[str]:
    """Give the places of the table that lie in its node; 'other' places count in at the district."""
    found = {place for edge in table.cells for place in edge if table.places.is_inside(place, table.node)}
    return found | {"other"} if table.node == table.places.root else found


def _largest(parts: Mapping[str, int]) -> tuple[str | None, int]:
    named = {place: n for place, n in parts.items() if place not in ("other", "ext:other")}
    best = max(named, key=lambda place: (named[place], place), default=None)
    return best, named[best] if best else 0


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def took_and_returned(
    store: Asks, basis: str, node: str, from_month: str, to_month: str
) -> tuple[int | None, int, int]:
    """Give the median workdays of completed transfers (None: none), how many completed, how many returned."""
    asked = {"basis": basis, "node": node, "from_month": from_month, "to_month": to_month}
    took = [row["workdays"] for row in store.ask("gate_took", **asked) if row["workdays"] is not None]
    ends = {row["status"]: int(row["n"]) for row in store.ask("gate_ends", **asked)}
    return median_low(took) if took else None, ends.get("completed", 0), ends.get("returned", 0)
