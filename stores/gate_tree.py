"""Round a whole tree of counts to multiples of five so that the children of a place still sum to it.

The rule is controlled rounding (Cox 1987, *A constructive procedure for unbiased controlled rounding*, JASA
82) done from the root down: a node's rounded value fixes how many of its children go up, and order sampling
with permanent random numbers (Rosén 1997, *On sampling with probability proportional to size*, J. Stat. Plan.
Inf. 62) says which.  Every value goes to the multiple just below or just above it, one that is a multiple
already stays, and a child goes up with a chance near its remainder over five, so the error is under five
everywhere and has no lean.

Why this protects: the vector of rounded values is itself a possible truth, and any one cell may be moved by
up to four from it without another cell leaving its own interval.  Hence no linear programme over rounded
cells can narrow a cell below [rounded - 4, rounded + 4] cut at nought.  Exact numbers beside the rounded ones
can; ``exact_is_safe`` measures by how much, and the gate takes an exact number back when that is too far.

Why the random numbers are permanent: a number drawn afresh each month would let a watcher average twelve
roundings of one standing count.  Here an unchanged family of siblings is rounded the same way every month.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

BASE: Final = 5
SLACK: Final = BASE - 1
_LAST: Final = 1e300  # after every drawn rank, before the children that cannot go up

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Node:
    """Name one place: its id, its parent's id (None at the root) and how public its level is (0 district,
    1 town, 2 community, 3 building, 4 floor, 5 branch)."""

    node_id: str
    parent_id: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class Step:
    """Hold the children at one depth: their indices, grouped by parent, and where each group starts."""

    child: Ints
    group: Ints
    start: Ints
    parent: Ints


@dataclass(frozen=True)
class Tree:
    """Hold one hierarchy ready for rounding.

    A node with children has one more, unnamed child at the end of the arrays: the rest, that is, whatever
    the node counts beyond its named children (branches of a community that stand in no known building).

    ``rank`` as in ``Node``; ``organisations`` counts the organisations under a node (nought there = the node
    is known to be empty); ``print`` identifies the set of these organisations, equal for equal sets.
    """

    ids: tuple[str, ...]
    rank: Ints
    parent: Ints
    organisations: Ints
    print: tuple[str, ...]
    steps: tuple[Step, ...]
    index: Mapping[str, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.parent)

    @property
    def named(self) -> Flags:
        """Flag the nodes that have a name (all but the rests)."""
        flags: Flags = np.arange(len(self)) < len(self.ids)
        return flags

    def fill(self, values: Mapping[str, float]) -> Ints:
        """Lay values by node id out as an array over all nodes, rests included; absent nodes count nought.

        Broken numbers (hours) are rounded to whole ones first, and a parent gives way to what its children
        then sum to.

        Raises:
            ValueError: when children sum to more than their parent, or a value is negative.
        """
        named = len(self.ids)
        given = np.array([values.get(node) or 0.0 for node in self.ids])
        whole = np.zeros(len(self), np.int64)
        whole[:named] = np.rint(given)
        broken = bool((given != whole[:named]).any())
        for step in reversed(self.steps):
            real = step.child < named
            below = np.zeros(len(self), np.int64)
            np.add.at(below, self.parent[step.child[real]], whole[step.child[real]])
            excess = below[step.parent] - whole[step.parent]
            if (excess > (np.bincount(step.group) if broken else 0)).any():
                raise ValueError("the children of a place sum to more than the place")
            whole[step.parent] += np.maximum(excess, 0)
            rest = step.child[~real]
            whole[rest] = (whole - below)[self.parent[rest]]
        if (whole < 0).any():
            raise ValueError("a count is negative")
        return whole


def build_tree(nodes: Iterable[Node], members: Mapping[str, Iterable[str]]) -> Tree:
    """Build a tree from nodes and the organisations under each; a node whose parent is unknown is left out.

    Args:
        nodes: the nodes of one hierarchy, in any order.
        members: node id → ids of all organisations below it (also the indirect ones).
    """
    by_id = {node.node_id: node for node in nodes}
    depth = _depths(by_id)
    ids = tuple(sorted(depth, key=lambda node: (depth[node], node)))
    index = {node: at for at, node in enumerate(ids)}
    parent = [index.get(by_id[node].parent_id or "", -1) for node in ids]
    rank = [by_id[node].rank for node in ids]
    size = [0] * len(ids)
    prints = []
    for at, node in enumerate(ids):
        under = set(members.get(node, ()))
        size[at] = len(under)
        prints.append(_set_print(under) if under else node)
    fathers = sorted({father for father in parent if father >= 0})
    below = [0] * len(ids)
    for at, father in enumerate(parent):
        if father >= 0:
            below[father] += size[at]
    depths = [depth[node] for node in ids] + [depth[ids[father]] + 1 for father in fathers]
    parent += fathers
    rank += [max(rank[father] + 1, 3) for father in fathers]
    size += [max(0, size[father] - below[father]) for father in fathers]
    prints += [f"rest of {prints[father]}" for father in fathers]
    parents = np.array(parent, np.int64)
    return Tree(
        ids,
        np.array(rank, np.int64),
        parents,
        np.array(size, np.int64),
        tuple(prints),
        tuple(_steps(parents, np.array(depths, np.int64))),
        index,
    )


def _depths(by_id: Mapping[str, Node]) -> dict[str, int]:
    """Measure each node's distance from its root; nodes cut off from every root do not appear."""
    depth: dict[str, int] = {}
    children: dict[str, list[str]] = {}
    for node in by_id.values():
        children.setdefault(node.parent_id or "", []).append(node.node_id)
    layer, distance = children.get("", []), 0
    while layer:
        depth.update(dict.fromkeys(layer, distance))
        layer = [child for node in layer for child in children.get(node, ())]
        distance += 1
    return depth


def _set_print(members: Iterable[str]) -> str:
    """Identify a set of organisations, whatever the order."""
    total = 0
    for member in members:
        total += int.from_bytes(hashlib.blake2b(member.encode(), digest_size=16).digest(), "big")
    return f"{total % (1 << 128):032x}"


def _steps(parent: Ints, depth: Ints) -> list[Step]:
    """Cut the tree into depths, root's children first."""
    steps = []
    for level in range(1, int(depth.max(initial=0)) + 1):
        child = np.flatnonzero(depth == level)
        child = child[np.argsort(parent[child], kind="stable")]
        fathers, start, group = np.unique(parent[child], return_index=True, return_inverse=True)
        steps.append(Step(child, group.astype(np.int64), start.astype(np.int64), fathers))
    return steps


def draw(tree: Tree, key: bytes, measure: str) -> Floats:
    """Draw the permanent random number in (0, 1) of each node for one measure.

    Nodes over the same organisations draw the same number, in either hierarchy, so that one and the same set
    is rounded alike wherever it appears.
    """
    stem = hmac.digest(key, measure.encode(), "sha256")
    drawn = [hmac.digest(stem, part.encode(), "sha256")[:7] for part in tree.print]
    whole = np.array([int.from_bytes(part, "big") for part in drawn], np.float64)
    return (whole + 1.0) / float((1 << 56) + 2)


def nearest(values: Ints) -> Ints:
    """Round to the nearest multiple of five (there are no ties for whole numbers)."""
    return (values + BASE // 2) // BASE * BASE


def round_tree(
    tree: Tree, values: Ints, drawn: Floats, exact: Flags | None = None, wanted: Ints | None = None
) -> Ints:
    """Round every node to a multiple of five, children summing to their parent's rounded value.

    Args:
        tree: n nodes, rests included.
        values: n counts; each parent the sum of its children (``Tree.fill`` makes them so).
        drawn: n permanent random numbers.
        exact: n flags; a node shown exactly takes its nearest multiple, free of its parent, and its
            children sum to that.
        wanted: n rounded values to prefer where the sums allow (the same set in the other hierarchy), -1 =
            no preference.

    Returns:
        n multiples of five, each less than five away from its count.
    """
    floor = values // BASE
    part = values - BASE * floor
    rank = _ranks(part / BASE, drawn)
    if wanted is not None:
        rank = _prefer(rank, wanted, BASE * floor, part > 0)
    result = nearest(values)
    for step in tree.steps:
        below = floor[step.child]
        ups = result[step.parent] // BASE - np.add.reduceat(below, step.start)
        order = np.lexsort((rank[step.child], step.group))
        place = np.arange(len(order)) - step.start[step.group]
        up = np.zeros(len(order), np.int64)
        up[order] = place < ups[step.group]
        chosen = BASE * (below + up)
        result[step.child] = (
            chosen if exact is None else np.where(exact[step.child], result[step.child], chosen)
        )
    return result


def _ranks(chance: Floats, drawn: Floats) -> Floats:
    """Rank for Pareto order sampling: odds of the draw over odds of the chance; no chance = never."""
    with np.errstate(divide="ignore"):
        rank: Floats = np.where(chance > 0, drawn / (1 - drawn) * (1 - chance) / chance, np.inf)
    return rank


def _prefer(rank: Floats, wanted: Ints, floor: Ints, open_: Flags) -> Floats:
    """Put nodes that should go up first in the queue and nodes that should not last."""
    up = open_ & (wanted == floor + BASE)
    down = open_ & (wanted == floor)
    return np.where(up, -1.0, np.where(down, _LAST, rank))


def twins(tree: Tree, other: Tree) -> Ints:
    """Find, for each node, the index in ``other`` of a node over the same organisations, -1 = none."""
    known = {part: at for at, part in reversed(list(enumerate(other.print))) if other.organisations[at]}
    found = [
        known.get(part, -1) if size else -1 for part, size in zip(tree.print, tree.organisations, strict=True)
    ]
    return np.array(found, np.int64)


def exact_is_safe(
    tree: Tree, values: Ints, rounded: Ints, exact: Flags, least: int = 10, width: int = SLACK
) -> bool:
    """Tell whether the exact numbers may stand beside the rounded ones of the same tree.

    They may when none of them is itself below ``least`` (a node without organisations is known to be empty
    and does not count), and when each rounded cell below ``least`` keeps an interval at least ``width`` wide
    after the exact parent is used against it.
    """
    if (exact & (values < least) & (tree.organisations > 0)).any():
        return False
    return all(_children_keep_width(tree, step, values, rounded, exact, least, width) for step in tree.steps)


def _children_keep_width(
    tree: Tree, step: Step, values: Ints, rounded: Ints, exact: Flags, least: int, width: int
) -> bool:
    """Check the children at one depth whose parent is exact and who are not."""
    known_empty = (tree.organisations[step.child] == 0) & (values[step.child] == 0)
    free = ~exact[step.child] & ~known_empty
    down = np.where(free, np.minimum(SLACK, rounded[step.child]), 0)
    up = np.where(free, SLACK, 0)
    fixed = np.where(exact[step.child], values[step.child], rounded[step.child])
    error = (values[step.parent] - np.add.reduceat(fixed, step.start))[step.group]
    others_down = np.add.reduceat(down, step.start)[step.group] - down
    others_up = np.add.reduceat(up, step.start)[step.group] - up
    low = np.maximum(-down, error - others_up)
    high = np.minimum(up, error + others_down)
    watched = free & exact[step.parent][step.group] & (rounded[step.child] < least)
    return not (watched & (high - low < width)).any()


@dataclass(frozen=True, slots=True)
class Counted:
    """Hold one count over one tree: true values and permanent random numbers, rests included."""

    tree: Tree
    values: Ints
    drawn: Floats


Settled = tuple[Ints, Flags]
"""Rounded values, and flags of the nodes that may be shown exactly."""


def settle(
    place: Counted,
    by: Counted,
    link: Ints,
    exact_rank: int,
    least: int = 10,
    width: int = SLACK,
    jointly: Callable[[Flags], tuple[Ints, Ints] | None] | None = None,
) -> tuple[Settled, Settled]:
    """Round one count in both hierarchies, giving exactness up from below as far as safety asks.

    Args:
        place: the count over the hierarchy whose upper levels may be exact.
        by: the count over the other hierarchy, exact at its root at most.
        link: for each node of ``by`` its twin in ``place``, -1 = none; a twin's rounding is preferred, and a
            twin of an exact node is known exactly.
        exact_rank: the lowest rank that may be exact, -1 = none.
        least, width: as for ``exact_is_safe``.
        jointly: rounds both at once, given the flags of the exact nodes; where it cannot (None), or is not
            given, one is rounded after the other.

    Returns:
        What may be shown of ``place`` and of ``by``.  A level is exact as a whole or not at all, for a single
        exception would come back by subtraction.
    """
    linked = link >= 0
    for rank in range(max(exact_rank, -1), -2, -1):
        exact = (place.tree.rank <= rank) & place.tree.named
        root = (by.tree.rank <= min(rank, 0)) & by.tree.named
        near, other = (jointly and jointly(exact)) or _in_turn(place, by, link, exact, root)
        known = root | (linked & exact[link])
        if rank < 0 or (
            exact_is_safe(place.tree, place.values, near, exact, least, width)
            and exact_is_safe(by.tree, by.values, other, known, least, width)
        ):
            break
    return (near, exact), (other, root)


def _in_turn(place: Counted, by: Counted, link: Ints, exact: Flags, root: Flags) -> tuple[Ints, Ints]:
    """Round one tree, then the other, which prefers its twins' values."""
    near = round_tree(place.tree, place.values, place.drawn, exact)
    wanted = np.where(link >= 0, near[link], -1)
    return near, round_tree(by.tree, by.values, by.drawn, root, wanted)


def narrow_bands(bands: Sequence[Ints], totals: Ints, least: int, width: int = SLACK) -> Flags:
    """Find nodes where an exact total narrows a small cell of its split.

    Args:
        bands: one array of rounded values a band, n nodes each.
        totals: n exact totals of the split.
        least: cells with a rounded value below this are small.
        width: the narrowest interval a small cell may keep.

    Returns:
        n flags.
    """
    table = np.stack(bands)
    down = np.minimum(SLACK, table)
    error = totals - table.sum(axis=0)
    low = np.maximum(-down, error - SLACK * (len(table) - 1))
    high = np.minimum(SLACK, error + down.sum(axis=0) - down)
    flags: Flags = ((table < least) & (high - low < width)).any(axis=0)
    return flags
