"""Edges between places: a thin edge joins the others, and nobody drops out of the total."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from stores.figure import Figure, exact, rounded
from stores.gate_policy import Mode, Policy
from stores.gate_tree import BASE, Node, build_tree, draw, round_tree

OTHER: Final = "other"
"""The end that stands for all places and edges too small to show."""

Edge = tuple[str, str]


def merge(edges: Iterable[tuple[str, str, int]], least_edge: int, least_place: int) -> dict[Edge, int]:
    """Merge small places and small edges into ``other``; the total stays.

    A place that fewer than ``least_place`` people touch loses its name.  An edge below ``least_edge`` joins
    ``other → other``; should that alone stay below, the smallest edge that is left joins it, for otherwise
    the total would give it away.
    """
    edges = [(start, end, n) for start, end, n in edges if n > 0]
    touched: dict[str, int] = {}
    for start, end, n in edges:
        for place in {start, end}:
            touched[place] = touched.get(place, 0) + n
    named = {place for place, n in touched.items() if n >= least_place}
    merged: dict[Edge, int] = {}
    for start, end, n in edges:
        edge = (start if start in named else OTHER, end if end in named else OTHER)
        merged[edge] = merged.get(edge, 0) + n
    return _pool(merged, least_edge)


def _pool(merged: dict[Edge, int], least: int) -> dict[Edge, int]:
    """Move edges below ``least`` into the pool, and one more when the pool is too small itself."""
    pool = merged.pop((OTHER, OTHER), 0)
    kept: dict[Edge, int] = {}
    for edge, n in sorted(merged.items(), key=lambda item: (item[1], item[0])):
        if n < least or 0 < pool < least:
            pool += n
        else:
            kept[edge] = n
    if pool:
        kept[OTHER, OTHER] = pool
    return kept


def publish(
    edges: Sequence[tuple[str, str, int]], mode: Mode, policy: Policy, key: bytes, measure: str
) -> list[tuple[str, str, Figure]]:
    """Publish edges: exact for the duty desk, at least ``flow_edge`` for a leader, rounded for a visitor.

    A visitor's edges are rounded to five, since the difference of two periods would show the edges of the
    time between.

    Returns:
        (from, to, figure) in falling order of size.  The rounded figures sum to the nearest multiple of five
        of all edges; an edge that rounds to nought is left out.
    """
    if mode == "duty":
        return [(start, end, exact(n)) for start, end, n in edges]
    merged = merge(edges, policy.flow_edge, policy.flow_place if mode == "visitor" else 0)
    order = sorted(merged, key=lambda edge: (-merged[edge], edge))
    if mode == "leader" or not order:
        return [(*edge, exact(merged[edge])) for edge in order]
    near = _round_edges(merged, key, measure)
    return [(*edge, rounded(near[edge])) for edge in order if near[edge]]


def _round_edges(merged: dict[Edge, int], key: bytes, measure: str) -> dict[Edge, int]:
    """Round edges together, as children of their total."""
    names = {"\n".join(edge): edge for edge in merged}
    tree = build_tree([Node(OTHER, None, 0), *(Node(name, OTHER, 1) for name in names)], {})
    values = tree.fill({OTHER: sum(merged.values()), **{name: merged[edge] for name, edge in names.items()}})
    near = round_tree(tree, values, draw(tree, key, measure))
    return {edge: int(near[tree.index[name]]) for name, edge in names.items()}


def round_alone(value: float, key: bytes, measure: str, name: str) -> int:
    """Round one number that belongs to no tree (a heat cell, a count that does not add up over places).

    The number goes up with a chance of its remainder over five, by a permanent draw for ``name``.
    """
    floor, part = divmod(round(value), BASE)
    return BASE * (floor + int(_draw(key, measure, name) < part / BASE))


def _draw(key: bytes, measure: str, name: str) -> float:
    """Draw the permanent random number of one name in [0, 1)."""
    digest = hmac.digest(key, f"{measure}\n{name}".encode(), "sha256")
    return int.from_bytes(digest[:7], "big") / (1 << 56)
