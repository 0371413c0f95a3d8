"""Rounded numbers come from the whole tree at once, never from the rows that happened to be asked for.

A row alone cannot be rounded consistently: its siblings and its parent decide with it.  So for each question
with protected counts there is a question ``gate_*`` that fetches the same counts for the whole tree from the
roll-ups.  Its rows are kept per store version and rounded when first needed: place first, then affiliation,
where a node over the same organisations as a place prefers the place's rounding (two independent roundings of
one number would narrow it).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Protocol

import numpy as np

from stores.gate_link import Link, follow, link_trees, round_both
from stores.gate_policy import GateError, rank_of
from stores.gate_tree import (
    SLACK,
    Counted,
    Flags,
    Floats,
    Ints,
    Node,
    Tree,
    build_tree,
    draw,
    narrow_bands,
    settle,
    twins,
)
from stores.scope import BASES, Territory

HEADS: Final = frozenset({"members"})
"""Counts that are shown below the community too."""
SPLIT_HEADS: Final = frozenset({"n", "members"})
_UPPER: Final = frozenset({"district", "town", "community", "committee", "general_branch"})
_SALTS: Final = 8
_KEPT: Final = 2048
_ALIKE: Final = {
    "attended": "due",
    "leave": "due",
    "dues_paid": "dues_liable",
    "study_lagging": "study_members",
    "appraised": "appraisal_eligible",
}
"""Part → whole: both are drawn alike, so that a part rarely rounds above its whole."""

Rows = list[dict[str, Any]]


class Asks(Protocol):
    """Answer named questions and tell the version of the facts, as a store does."""

    @property
    def version(self) -> int: ...

    def ask(self, question: str, /, **params: Any) -> Rows: ...


@dataclass(frozen=True, slots=True)
class Family:
    """Tell where the tree of a question's counts comes from.

    Args:
        question: the tree-wide question.
        params: names of the parameters it shares with the public question (or the row, as ``month`` in a
            series).
        split: columns that cut a node's count into bands.
        totals: the tree-wide question whose exact counts stand beside the bands of a split, if any.
    """

    question: str
    params: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    totals: str = ""

    def goes_down(self, measure: str) -> bool:
        """Tell whether a measure is rounded down to floors and branches."""
        return self.question == "gate_tree" and measure in HEADS


TREE: Final = Family("gate_tree", ("month",))
ANNUAL: Final = Family("gate_annual", ("year",))
DOMAINS: Final = Family("gate_domain_tree", ("month",), ("domain",), "gate_tree")
"""A domain is a band of the split by domain, whoever asks: all that is shown of it is one rounding."""
FAMILIES: Final[Mapping[str, Family]] = {
    "headline": TREE,
    "children_figures": TREE,
    "level_figures": TREE,
    "series": TREE,
    "building_floors": TREE,
    "organisation": TREE,
    "organisations_of": TREE,
    "member_mix": Family("gate_member_mix", ("month", "dim"), ("band",), "gate_tree"),
    "children_mix": Family("gate_member_mix", ("month", "dim"), ("band",), "gate_tree"),
    "organisation_mix": DOMAINS,
    "series_of_domain": DOMAINS,
    "children_of_domain": DOMAINS,
    "annual_of_domain": Family("gate_domain_annual", ("year",), ("domain",), "gate_annual"),
    "buildings_in_view": TREE,
    "buildings_in_place": TREE,
    "institutions": Family("gate_institutions", ("month",), ("institution",)),
    "activity_weeks": Family("gate_activity_weeks", (), ("week",)),
    "study_mix": Family("gate_study_mix", ("from_month", "to_month"), ("kind",)),
    "annual": ANNUAL,
}


@dataclass(frozen=True, slots=True)
class Rounded:
    """Hold the rounded values of one count over one tree, which nodes may be exact, which must be hidden."""

    tree: Tree
    near: Ints
    exact: Flags
    narrow: Flags

    def at(self, node: str) -> tuple[int | None, bool, bool]:
        """Give a node's rounded value (None = not in the tree), whether it may be exact, must be hidden."""
        place = self.tree.index.get(node)
        if place is None:
            return None, False, True
        return int(self.near[place]), bool(self.exact[place]), bool(self.narrow[place])


@dataclass
class Trees:
    """Hold both hierarchies, upper part (down to community and general branch) and whole."""

    upper: dict[str, Tree]
    whole: dict[str, Tree]
    twins: dict[bool, Ints]
    links: dict[bool, Link]
    territory: Territory

    def of(self, basis: str, whole: bool) -> Tree:
        """Give the tree of a basis.

        Raises:
            GateError: when there is no such basis.
        """
        trees = self.whole if whole else self.upper
        if basis not in trees:
            raise GateError(f"unknown basis {basis!r}; there are {', '.join(trees)}")
        return trees[basis]


def read_trees(store: Asks) -> Trees:
    """Read both hierarchies and the organisations under each node from the store."""
    under: dict[tuple[str, str], list[str]] = {}
    for row in store.ask("gate_under"):
        under.setdefault((row["basis"], row["node_id"]), []).append(row["org_id"])
    nodes: dict[str, list[tuple[Node, bool]]] = {basis: [] for basis in BASES}
    for row in store.ask("gate_nodes"):
        node = Node(row["node_id"], row["parent_id"], rank_of(row["level"]))
        nodes[row["basis"]].append((node, row["level"] in _UPPER))
    below = {basis: {node: orgs for (b, node), orgs in under.items() if b == basis} for basis in BASES}
    upper = {
        basis: build_tree([node for node, high in nodes[basis] if high], below[basis]) for basis in BASES
    }
    whole = {basis: build_tree([node for node, _ in nodes[basis]], below[basis]) for basis in BASES}
    pair = {False: upper, True: whole}
    alike = {deep: twins(trees["affiliation"], trees["place"]) for deep, trees in pair.items()}
    links = {
        deep: link_trees(trees["place"], trees["affiliation"], below["place"], below["affiliation"])
        for deep, trees in pair.items()
    }
    parents = {basis: {node.node_id: node.parent_id for node, _ in nodes[basis]} for basis in BASES}
    return Trees(upper, whole, alike, links, Territory(below, parents))


@dataclass
class Table:
    """Hold the counts of one tree-wide question: basis → band → measure → node → count."""

    counts: dict[tuple[str, tuple[Any, ...]], dict[str, dict[str, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Rows, split: Sequence[str]) -> Table:
        """Sort rows into the table; every column that is not structure is a measure."""
        table = cls()
        skip = {"basis", "node_id", *split}
        for row in rows:
            band = tuple(row[column] for column in split)
            measures = table.counts.setdefault((row["basis"], band), {})
            for name, value in row.items():
                if name not in skip and value is not None:
                    measures.setdefault(name, {})[row["node_id"]] = value
        return table

    def bands(self, basis: str) -> list[tuple[Any, ...]]:
        """List the bands of a basis."""
        return [band for base, band in self.counts if base == basis]

    def measure(self, basis: str, band: tuple[Any, ...], name: str) -> Mapping[str, float]:
        """Give a measure's counts by node; empty when there are none."""
        return self.counts.get((basis, band), {}).get(name, {})


@dataclass(frozen=True, slots=True)
class Count:
    """Name one count over one tree and how exactly it may stand.

    Args:
        family: where its tree comes from.
        params: parameters of the tree-wide question, sorted.
        basis: 'place' or 'affiliation'.
        band: values of the family's split columns, empty without a split.
        measure: the column.
        exact_rank: lowest rank that may be exact, -1 = none.
        totals_rank: lowest rank at which the totals of a split are exact beside it, -1 = none.
        least: the smallest rounded value that is shown.
        width: the narrowest interval a small cell may keep.
    """

    family: Family
    params: tuple[tuple[str, Any], ...]
    basis: str
    band: tuple[Any, ...]
    measure: str
    exact_rank: int
    totals_rank: int
    least: int
    width: int

    @property
    def whole(self) -> bool:
        """Tell whether the count goes down to floors and branches."""
        return self.family.goes_down(self.measure)


@dataclass
class Memory:
    """Hold what outlives a version of the facts, as long as the hierarchies stay: draws, and rounded trees by
    what was rounded.  A late event changes a few counts of one month; all others round as they did."""

    trees: Trees
    key: bytes
    draws: dict[tuple[str, bool, str], Floats] = field(default_factory=dict)
    rounded: dict[Hashable, Rounded] = field(default_factory=dict)

    def draw(self, basis: str, whole: bool, stem: str) -> Floats:
        """Draw a measure's random numbers once."""
        name = (basis, whole, stem)
        if name not in self.draws:
            self.draws[name] = draw(self.trees.of(basis, whole), self.key, stem)
        return self.draws[name]

    def keep(self, name: Hashable, made: Rounded) -> Rounded:
        """Keep a rounded tree; forget them all when there are too many."""
        if len(self.rounded) >= _KEPT:
            self.rounded.clear()
        self.rounded[name] = made
        return made


class Context:
    """Hold everything the gate knows about one version of the store: trees, counts, rounded values."""

    def __init__(self, store: Asks, memory: Memory) -> None:
        self._store = store
        self._memory = memory
        self._trees = memory.trees
        self._tables: dict[Hashable, Table] = {}
        self._rounded: dict[Count, Rounded | None] = {}
        self._salts: dict[Count, tuple[str, Flags]] = {}

    @property
    def territory(self) -> Territory:
        """Give which organisations stand under which node."""
        return self._trees.territory

    def rank(self, basis: str, node: str) -> int | None:
        """Give a node's rank in a hierarchy; None when it is not there."""
        tree = self._trees.of(basis, True)
        place = tree.index.get(node)
        return None if place is None else int(tree.rank[place])

    def is_top_committee(self, basis: str, node: str) -> bool:
        """Tell whether a node of the affiliation stands right below its root, where towns stand by place."""
        tree = self._trees.of(basis, True)
        place = tree.index.get(node)
        return basis != "place" and place is not None and int(tree.parent[place]) == 0

    def rounded(self, count: Count) -> Rounded | None:
        """Give the rounded tree of one count; None, and so nothing shown, when roll-ups do not add up."""
        if count not in self._rounded:
            try:
                self._rounded[count] = self._make(count)
            except ValueError:
                self._rounded[count] = None
        return self._rounded[count]

    def _make(self, count: Count) -> Rounded:
        """Round one count, alone or with the other bands of its split."""
        if not count.family.split:
            return self._alone(count, "")
        salt, narrow = self._salt(replace(count, band=()))
        made = self._alone(count, salt)
        return Rounded(made.tree, made.near, made.exact, narrow)

    def _table(self, count: Count) -> Table:
        """Fetch a tree-wide table once."""
        question = "gate_heads" if count.whole else count.family.question
        name = (question, count.params)
        if name not in self._tables:
            rows = self._store.ask(question, **dict(count.params))
            self._tables[name] = Table.of(rows, count.family.split)
        return self._tables[name]

    def _values(self, count: Count) -> Ints:
        """Give the true counts of a tree."""
        tree = self._trees.of(count.basis, count.whole)
        return tree.fill(self._table(count).measure(count.basis, count.band, count.measure))

    def _alone(self, count: Count, salt: str) -> Rounded:
        """Round one count in both hierarchies and give the one asked for."""
        place, by = (self._counted(replace(count, basis=basis), salt) for basis in BASES)
        same = (count.basis, count.whole, count.exact_rank, count.least, count.width, stem_of(count, salt))
        name = (*same, place.values.tobytes(), by.values.tobytes())
        return self._memory.rounded.get(name) or self._memory.keep(name, self._round(count, place, by))

    def _round(self, count: Count, place: Counted, by: Counted) -> Rounded:
        """Round one count of both hierarchies."""
        alike, link = self._trees.twins[count.whole], self._trees.links[count.whole]
        jointly = partial(round_both, link, place, by) if count.whole else None
        (near, exact), (other, root) = settle(
            place, by, alike, count.exact_rank, count.least, count.width, jointly
        )
        if count.basis != "place":
            followed = None if count.whole else follow(link, near, by.tree, by.values, by.drawn)
            near, exact = (other if followed is None else followed), root
        tree = place.tree if count.basis == "place" else by.tree
        return Rounded(tree, near, exact, np.zeros(len(tree), np.bool_))

    def _counted(self, count: Count, salt: str) -> Counted:
        """Lay one count out over its tree."""
        tree = self._trees.of(count.basis, count.whole)
        drawn = self._memory.draw(count.basis, count.whole, stem_of(count, salt))
        return Counted(tree, self._values(count), drawn)

    def _salt(self, count: Count) -> tuple[str, Flags]:
        """Choose the draw of a split under which exact totals narrow the fewest small cells.

        Only some splits have exact totals beside them.  Whatever is still narrow is flagged.
        """
        if count not in self._salts:
            self._salts[count] = self._find_salt(count)
        return self._salts[count]

    def _find_salt(self, count: Count) -> tuple[str, Flags]:
        """Try the draws in turn; the first without a narrow cell wins, else the one with the fewest."""
        none = np.zeros(len(self._trees.of(count.basis, False)), np.bool_)
        bands = self._table(count).bands(count.basis)
        if not count.family.totals or not bands:
            return "", none
        totals, known = self._totals(count)
        if not self._has_small(count, bands, known):
            return "", none
        tried: list[tuple[str, Flags]] = []
        for salt in ("", *(f"draw {turn}" for turn in range(1, _SALTS))):
            near = [self._alone(replace(count, band=band), salt).near for band in bands]
            tried.append((salt, narrow_bands(near, totals, count.least, count.width) & known))
            if not tried[-1][1].any():
                break
        return min(tried, key=lambda found: int(found[1].sum()))

    def _has_small(self, count: Count, bands: Sequence[tuple[Any, ...]], known: Flags) -> bool:
        """Tell whether a draw may leave a small cell beside an exact total; rounding moves it by four."""
        return any(
            bool((self._values(replace(count, band=band))[known] < count.least + SLACK).any())
            for band in bands
        )

    def _totals(self, count: Count) -> tuple[Ints, Flags]:
        """Give the totals of a split over the upper tree and flag where they are shown exactly."""
        family = TREE if count.family.totals == TREE.question else ANNUAL
        params = dict(count.params)
        whole = replace(
            count,
            family=family,
            params=tuple((name, params[name]) for name in family.params),
            band=(),
            measure="members" if count.measure in SPLIT_HEADS else count.measure,
            exact_rank=count.totals_rank,
        )
        made = self._alone(whole, "")
        upper = self._trees.of(count.basis, False)
        known = np.zeros(len(upper), np.bool_)
        totals = np.zeros(len(upper), np.int64)
        at = [made.tree.index[node] for node in upper.ids]
        known[: len(at)] = made.exact[at]
        totals[: len(at)] = self._values(whole)[at]
        return totals, known


def stem_of(count: Count, salt: str) -> str:
    """Name the draw of a count; weeks share theirs, as months do."""
    band = () if count.family.split == ("week",) else count.band
    return "|".join([_ALIKE.get(count.measure, count.measure), *map(str, band), salt])
