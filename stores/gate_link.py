"""Two hierarchies over the same organisations are rounded as one table.

Two independent roundings of one number narrow it, and so do those of sets that can be put together to the
same set.  So the second hierarchy follows the first: its rounded values are chosen among those that some
possible table of organisations has together with the first one's.  Then the rounded values of both are a
possible truth again, which is all that the argument of ``stores.gate_tree`` needs.

The choice is a small linear programme.  Places and committees are two families of nested sets, so it is a
flow through a network, and its corner solutions are whole numbers.  Only which organisations belong where
enters, besides the two trees' own counts; the programme grows with places, not with members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

from stores.gate_tree import BASE, Counted, Flags, Floats, Ints, Tree, nearest

_DEAR: Final = 1e4  # what leaving the first hierarchy by one step costs, beside preferences of about one
_WHOLE: Final = 1e-6


@dataclass(frozen=True)
class Link:
    """Hold which pairs of lowest nodes share an organisation.

    Args:
        place: for each pair the index of its lowest node (or rest) in the first tree.
        by: the same in the second tree.
        leaves: indices of the first tree's lowest nodes that occur.
        first: those × pairs, 1 where the pair lies in the node.
        places: nodes of the first tree × pairs, the same for nodes of all depths.
        second: nodes of the second tree × pairs, likewise.
    """

    place: Ints
    by: Ints
    leaves: Ints
    first: Any
    places: Any
    second: Any


def link_trees(
    place: Tree, by: Tree, in_place: Mapping[str, Sequence[str]], in_by: Mapping[str, Sequence[str]]
) -> Link:
    """Link two trees by the organisations under their nodes (node id → organisations, indirect ones too)."""
    lowest = (_lowest(place, in_place), _lowest(by, in_by))
    pairs = sorted({(lowest[0][one], lowest[1][one]) for one in lowest[0].keys() & lowest[1].keys()})
    first = np.array([pair[0] for pair in pairs], np.int64)
    second = np.array([pair[1] for pair in pairs], np.int64)
    leaves, at = np.unique(first, return_inverse=True)
    columns = np.arange(len(pairs))
    inside = _ones(at, columns, len(leaves), len(pairs))
    return Link(first, second, leaves, inside, _above(place, first), _above(by, second))


def _ones(rows: Any, columns: Any, height: int, width: int) -> Any:
    """Make a sparse table of ones."""
    return csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=(height, width)))


def _lowest(tree: Tree, under: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Find each organisation's lowest node; where that has children, the rest beside them."""
    rest = {int(tree.parent[at]): at for at in range(len(tree.ids), len(tree))}
    found: dict[str, int] = {}
    for at, node in enumerate(tree.ids):  # ids run from the root down, so the lowest comes last
        found.update(dict.fromkeys(under.get(node, ()), rest.get(at, at)))
    return found


def _above(tree: Tree, leaf: Ints) -> Any:
    """Make the table nodes × pairs: 1 for every node above or at a pair's lowest node."""
    rows, columns = [], []
    node, column = leaf, np.arange(len(leaf))
    while len(node):
        rows.append(node)
        columns.append(column)
        node = tree.parent[node]
        node, column = node[node >= 0], column[node >= 0]
    if not rows:
        return csr_array((len(tree), 0))
    return _ones(np.concatenate(rows), np.concatenate(columns), len(tree), len(leaf))


def follow(link: Link, near: Ints, by: Tree, values: Ints, drawn: Floats) -> Ints | None:
    """Round the second tree as the first one's rounded values allow.

    Args:
        link: of the two trees.
        near: rounded values of the first tree.
        by: the second tree; its root takes its nearest multiple of five.
        values: its counts.
        drawn: its permanent random numbers.

    Returns:
        Its rounded values, each below five from its count and children summing to their parent; None when no
        table agrees with the first tree, not even when its ten largest lowest nodes may give way.
    """
    if not len(link.leaves):
        return None
    low, part = values // BASE, values % BASE
    high = low + (part > 0)
    roots = by.parent < 0
    low = np.where(roots, (values + BASE // 2) // BASE, low)
    high = np.where(roots, low, high)
    aim = near[link.leaves] // BASE
    gain = _preference(by, link, part / BASE, drawn)
    for slack in (np.zeros((len(aim), 0)), _slack(aim)):
        pairs = _solve(link, aim, low, high, gain, slack)
        if pairs is not None:
            rounded: Ints = BASE * np.rint(link.second @ pairs).astype(np.int64)
            return rounded
    return None


def _solve(link: Link, aim: Ints, low: Ints, high: Ints, gain: Floats, slack: Floats) -> Floats | None:
    """Find the best whole table of pairs, in steps of five; None when there is none."""
    free = slack.shape[1]
    nodes = hstack([link.second, csr_array((len(low), 2 * free))])
    found = linprog(
        np.concatenate([-gain, np.full(2 * free, _DEAR)]),
        A_ub=vstack([nodes, -nodes]),
        b_ub=np.concatenate([high, -low]),
        A_eq=hstack([link.first, csr_array(slack), csr_array(-slack)]),
        b_eq=aim,
        bounds=(0, None),
        method="highs-ds",
    )
    if found.status != 0:
        return None
    pairs: Floats = found.x[: len(gain)]
    steps = link.second @ pairs
    return pairs if abs(steps - np.rint(steps)).max() < _WHOLE else None


def round_both(link: Link, place: Counted, by: Counted, exact: Flags) -> tuple[Ints, Ints] | None:
    """Round both trees at once, down to the single organisation; for counts shown below the community.

    Following does not do there: where every organisation has a floor of its own, the floors would decide all.

    Args:
        link: of the two whole trees, one organisation a pair.
        place: the count over the first tree.
        by: the count over the second tree; its root takes its nearest multiple of five.
        exact: flags of the first tree's nodes that are shown exactly; they take their nearest multiples.

    Returns:
        The rounded values of both, or None when there are none such.
    """
    own = by.values[link.by]
    low, high = own // BASE, -(-own // BASE)
    inner = np.zeros(len(exact), np.bool_)
    inner[place.tree.parent[exact & (place.tree.parent >= 0)]] = True
    one = _limits(place.values, exact & ~inner)
    one = np.where(inner, 0, one[0]), np.where(inner, place.values, one[1])
    two = _limits(by.values, by.tree.parent < 0)
    slack = _slack(own)
    free = slack.shape[1]
    give = csr_array(link.second @ slack)
    table = vstack(
        [
            hstack([link.places, csr_array((len(place.values), 2 * free))]),
            hstack([link.second, give, -give]),
        ]
    )
    limits = np.concatenate([one[0], two[0]]), np.concatenate([one[1], two[1]])
    gain = _preference(by.tree, link, by.values % BASE / BASE, by.drawn)
    found = linprog(
        np.concatenate([-gain, np.full(2 * free, _DEAR)]),
        A_ub=vstack([table, -table]),
        b_ub=np.concatenate([limits[1], -limits[0]]),
        bounds=np.column_stack([np.append(low, np.zeros(2 * free)), np.append(high, np.full(2 * free, 4))]),
        method="highs-ds",
    )
    if found.status != 0 or abs(found.x - np.rint(found.x)).max() > _WHOLE:
        return None
    steps = np.rint(table @ found.x).astype(np.int64) * BASE
    near = np.where(inner, nearest(place.values), steps[: len(exact)])
    return near, steps[len(exact) :]


def _limits(values: Ints, fixed: Flags) -> tuple[Ints, Ints]:
    """Give the multiples of five, in steps, below and above each value; the nearest one where it is fixed."""
    near = nearest(values) // BASE
    return np.where(fixed, near, values // BASE), np.where(fixed, near, -(-values // BASE))


def _preference(by: Tree, link: Link, chance: Floats, drawn: Floats) -> Floats:
    """Weigh each pair by how much its lowest node wants to go up (the logarithm of its Pareto rank)."""
    open_ = (chance > 0) & (chance < 1)
    odds = np.log(np.where(open_, chance, 0.5)) - np.log1p(-np.where(open_, chance, 0.5))
    wish = odds - np.log(drawn) + np.log1p(-drawn)
    gain: Floats = np.where(open_, wish, 0.0)[link.by]
    return gain


def _slack(aim: Ints) -> Floats:
    """Let the ten largest lowest nodes give way, for where exact towns round to another total."""
    largest = np.argsort(-aim, kind="stable")[:10]
    table = np.zeros((len(aim), len(largest)))
    table[largest, np.arange(len(largest))] = 1
    return table
