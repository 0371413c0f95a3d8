"""Publish the two-way table of flows around a node: small places and edges join the next level up.

The district's table comes first and every deeper one refines it.  The edges of a town, in and out, to the
district and beyond, are cut into those of its communities, which sum to them; what is too small to be named
stays behind as the town's rest, at least three moves or none.  So totals agree from level to level, and no
subtraction of one table from another brings back what was merged.  A table goes at most one level below its
node: two different cuts of one edge, both fine, could be subtracted.

Edges are rounded to five: the district's in both directions at once, each row and column to a neighbouring
multiple of five (controlled rounding, here as a flow problem; Cox 1987), the finer ones so that they sum to
the edge they refine.  For a visitor a place that fewer than ten moves touch loses its name too.  Draws are
permanent: an edge that stays as it was is rounded as it was, whatever period is asked for.

A leader's edges are rounded too, since months, quarters and years of one edge are all published.  Of exact
ones a linear programme over all periods brought back five in six of the months with one or two moves: a
quarter less its two shown months is the third.  Rounded to three it still brought back some; to five none.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from stores.flow_places import EXT, EXT_OTHER, OTHER, Places
from stores.gate_policy import Mode, Policy
from stores.gate_tree import BASE, Floats, Ints

Edge = tuple[str, str]
Move = tuple[str, str, int]
_WHOLE: Final = 1e-6
_LAST: Final = {"in": (EXT_OTHER, OTHER), "out": (OTHER, EXT_OTHER), "inside": (OTHER, OTHER)}
_SHORT: Final = 1 << 16
_DEAR: Final = 1e4  # more than all wishes for one row that leaves its neighbouring multiples


class Rows:
    """Hold some rows of the moves and how many members moved in them; joining two costs nothing."""

    def __init__(self, rows: Ints | None = None, size: int = 0) -> None:
        self._parts = [] if rows is None else [rows]
        self.size = size

    def extend(self, other: Rows) -> None:
        """Take in the rows of another group."""
        self._parts += other._parts
        self.size += other.size

    def all(self) -> Ints:
        """Give the rows as one array."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.int64)


class Moved(list[Move]):
    """Moves as they come, and as columns that all tables of their months share."""

    @cached_property
    def columns(self) -> tuple[list[str], Ints, Ints, Ints]:
        """Return the names of all ends, both ends of each move as places among them, and how many moved."""
        starts, ends, counts = zip(*self, strict=True) if self else ((), (), ())
        at, names = pd.factorize(np.array([*starts, *ends], dtype=object))
        many = len(self)
        return [str(one) for one in names], at[:many], at[many:], np.array(counts, np.int64)


Groups = dict[Edge, Rows]
_NONE: Final = Rows()


@dataclass(frozen=True)
class View:
    """Hold a published table: edge → number shown, edge → number of moves, edge → which rows of the moves."""

    shown: Mapping[Edge, int]
    true: Mapping[Edge, int]
    rows: Mapping[Edge, Rows]

    def touching(self, place: str) -> View:
        """Keep the edges that have an end at a place."""
        return self.only([edge for edge in self.shown if place in edge])

    def only(self, kept: Iterable[Edge]) -> View:
        """Keep some edges."""
        kept = list(kept)
        return View(
            {edge: self.shown[edge] for edge in kept},
            {edge: self.true[edge] for edge in kept},
            {edge: self.rows[edge] for edge in kept},
        )


@dataclass(frozen=True)
class Publisher:
    """Publish tables of one hierarchy and period for one mode.

    Args:
        places: the hierarchy.
        moves: (from, to, n) by organisation or place outside.
        mode: 'visitor' or 'leader'.
        policy: thresholds.
        key: secret of the draws.
    """

    places: Places
    moves: Sequence[Move]
    mode: Mode
    policy: Policy
    key: bytes

    @cached_property
    def _moved(self) -> Moved:
        return self.moves if isinstance(self.moves, Moved) else Moved(self.moves)

    @property
    def least_place(self) -> int:
        """Return how many moves must touch a place for its name to be shown; 0 = any."""
        return self.policy.flow_place if self.mode == "visitor" else 0

    @cached_property
    def whole(self) -> View:
        """Return the district's table as published: its towns or top committees and the world outside."""
        level = "town" if self.places.basis == "place" else "committee"
        place_of, root = self.places.cut(level, self.places.root), self.places.root
        names, start, end, _ = self._moved.columns
        inside = np.array([self.places.is_inside(name, root) for name in names], np.bool_)
        touching = np.flatnonzero(inside[start] | inside[end])
        groups = self._grouped(touching, place_of, place_of)
        groups = self._named(groups)
        groups = self._lifted(groups)
        return self._view(groups, self._round_both)

    def refined(self, view: View, node: str) -> View:
        """Cut the edges at a node into those of the places directly below it.

        Edges to other places of the district, those from them, those over its border and those inside the
        node are cut apart, since each of these sums is published.
        """
        place_of = self.places.cut(self.places.next_level(node), node)
        fine: dict[Edge, dict[Edge, Groups]] = {}
        for edge, rows in view.rows.items():
            ways = [place_of if end == node else partial(_always, end) for end in edge]
            fine.setdefault(_family(edge, node), {})[edge] = self._grouped(rows.all(), *ways)
        renamed = self._nameless(fine, node)
        shown: dict[Edge, int] = {}
        true: dict[Edge, int] = {}
        kept: Groups = {}
        for family, parts in fine.items():
            parts = {edge: _regrouped(groups, renamed) for edge, groups in parts.items()}
            if family == (node, node):
                groups = self._lifted_below(parts[family], family, node)
            else:
                groups = self._gathered(parts, family, node)
            total = sum(view.shown[edge] for edge in parts)
            made = self._view(groups, partial(self._round_to, total, family)) if groups else view.only(parts)
            shown |= made.shown
            true |= made.true
            kept |= made.rows
        return View(shown, true, kept)

    def _grouped(self, rows: Ints, one: Callable[[str], str], two: Callable[[str], str]) -> Groups:
        """Group rows of the moves by the places in which their ends lie."""
        names, start, end, count = self._moved.columns
        if not len(rows):
            return {}
        sides, places = [], []
        for column, place_of in ((start[rows], one), (end[rows], two)):
            known = np.flatnonzero(np.bincount(column, minlength=len(names)))
            there, which = np.unique([place_of(names[end]) for end in known.tolist()], return_inverse=True)
            number = np.zeros(len(names), np.int64)
            number[known] = which
            sides.append(number[column])
            places.append(there.tolist())
        many = len(places[1])
        key = sides[0] * many + sides[1]
        if len(places[0]) * many < _SHORT:
            key = key.astype(np.uint16)  # short numbers are sorted digit by digit
        order = np.argsort(key, kind="stable")
        found, first = np.unique(key[order], return_index=True)
        sizes = np.add.reduceat(count[rows][order], first)
        return {
            (places[0][one // many], places[1][one % many]): Rows(part, size)
            for one, part, size in zip(
                found.tolist(), np.split(rows[order], first[1:]), sizes.tolist(), strict=True
            )
        }

    def _gathered(self, parts: dict[Edge, Groups], family: Edge, node: str) -> Groups:
        """Let parts of edges below the least stay with their place in the node, as its edge to other places.

        To a leader a part of three and more stands by itself, when what is left of its edge is nought or at
        least three too. A place whose other edges are still too few stays behind in the node's rest; where
        nothing can be cut off, the answer is empty.
        """
        least = self.policy.flow_edge
        kept: Groups = {}
        loose: Groups = {}
        for edge, groups in parts.items():
            own = sorted(
                (part for part in groups if part != edge and self._size(groups[part]) >= least),
                key=lambda part: (-self._size(groups[part]), part),
            )
            if self.mode == "visitor" or edge == family:
                own = []
            left = sum(map(self._size, groups.values())) - sum(self._size(groups[part]) for part in own)
            while own and 0 < left < least:
                left += self._size(groups[own.pop()])
            kept |= {part: groups[part] for part in own}
            for part, rows in groups.items():
                if part not in own:
                    inner = part[1] if family[1] == node else part[0]
                    name = (inner, family[1]) if family[0] == node else (family[0], inner)
                    loose.setdefault(name, Rows()).extend(rows)
        for name in [one for one in loose if one != family and self._size(loose[one]) < least]:
            loose.setdefault(family, Rows()).extend(loose.pop(name))
        while 0 < self._size(loose.get(family, _NONE)) < least and len(loose) + len(kept) > 1:
            some = loose if len(loose) > 1 else kept
            first = min((e for e in some if e != family), key=lambda e: (self._size(some[e]), e))
            loose[family].extend(some.pop(first))
        return kept | loose if kept or set(loose) - {family} else {}

    def _nameless(self, fine: Mapping[Edge, dict[Edge, Groups]], node: str) -> dict[str, str]:
        """Find places in the node that too few moves touch: they stay behind as its rest."""
        together: Groups = {}
        for parts in fine.values():
            for groups in parts.values():
                for edge, rows in groups.items():
                    together.setdefault(edge, Rows()).extend(rows)
        touched = self._touched(together)
        few = (place for place, n in touched.items() if n < self.least_place)
        return {place: node for place in few if self.places.is_inside(place, node)}

    @staticmethod
    def _size(rows: Rows) -> int:
        return rows.size

    def _touched(self, groups: Groups) -> dict[str, int]:
        touched: dict[str, int] = {}
        for edge, rows in groups.items():
            for place in set(edge):
                touched[place] = touched.get(place, 0) + self._size(rows)
        return touched

    def _named(self, groups: Groups) -> Groups:
        """Let places that too few moves touch join the next level up, the finest first.

        All that lies outside, taken together, is no place: it joins none, so that what crossed the border is
        not counted as moved inside.
        """
        while True:
            touched = self._touched(groups)
            small = [p for p, n in touched.items() if n < self.least_place and self.places.above(p) != p]
            small = [p for p in small if p not in (OTHER, EXT_OTHER)]
            if not small:
                return groups
            finest = max(self.places.rank(place) for place in small)
            renamed = {p: self.places.above(p) for p in small if self.places.rank(p) == finest}
            groups = _regrouped(groups, renamed)

    def _lifted(self, groups: Groups) -> Groups:
        """Let edges below the least join the next level up at their finer end, until none or one is left.

        What moves in, out and inside has each an edge where its last ones meet; what is too few even there
        joins what moves inside.
        """
        least, last = self.policy.flow_edge, set(_LAST.values())
        while True:
            small = [e for e in groups if self._size(groups[e]) < least and e not in last]
            if not small:
                break
            finest = max(max(map(self.places.rank, edge)) for edge in small)
            for edge in [e for e in small if max(map(self.places.rank, e)) == finest]:
                groups.setdefault(self._lift(edge), Rows()).extend(groups.pop(edge))
        for way, pool in _LAST.items():
            self._filled(groups, pool, {edge for edge in groups if _way(edge) == way})
            if pool != _LAST["inside"] and self._size(groups.get(pool, _NONE)) < least and pool in groups:
                groups.setdefault(_LAST["inside"], Rows()).extend(groups.pop(pool))
        self._filled(groups, _LAST["inside"], set(groups))
        rest = self._size(groups.get(_LAST["inside"], _NONE))
        return groups if rest == 0 or rest >= least else {}

    def _filled(self, groups: Groups, pool: Edge, others: set[Edge]) -> None:
        """Let the smallest edges join one that is too small, until it is large enough or no other is left."""
        others -= {pool}
        while 0 < self._size(groups.get(pool, _NONE)) < self.policy.flow_edge and others:
            first = min(others, key=lambda edge: (self._size(groups[edge]), edge))
            others.remove(first)
            groups[pool].extend(groups.pop(first))

    def _lift(self, edge: Edge) -> Edge:
        """Take one end of an edge up: the finer one; of two equally fine ones as a permanent draw says."""
        start, end = edge
        up = self.places.above
        if start == end:
            return up(start), up(end)
        first = self.places.rank(start) - self.places.rank(end)
        if first == 0:
            first = self._draw("end", edge) - 0.5
        return (up(start), end) if first > 0 else (start, up(end))

    def _lifted_below(self, groups: Groups, rest: Edge, node: str) -> Groups:
        """Let the parts of an edge below the least stay behind as its rest; take more in if that is small."""
        least = self.policy.flow_edge
        for fine in (2, 1):
            for edge in [e for e in groups if self._size(groups[e]) < least and e != rest]:
                ends = [at for at in (0, 1) if edge[at] != rest[at]]
                if len(ends) != fine:
                    continue
                if len(ends) == 2 and edge[0] != edge[1]:
                    ends = [int(self._draw("end", edge) < 0.5)]
                lifted = (node if 0 in ends else edge[0], node if 1 in ends else edge[1])
                groups.setdefault(lifted, Rows()).extend(groups.pop(edge))
        while 0 < self._size(groups.get(rest, _NONE)) < least and len(groups) > 1:
            first = min((e for e in groups if e != rest), key=lambda e: (self._size(groups[e]), e))
            groups[rest].extend(groups.pop(first))
        return groups

    def _view(self, groups: Groups, how: Callable[[Mapping[Edge, int]], dict[Edge, int]]) -> View:
        """Make the table of grouped moves; an edge that rounds to nought is left out."""
        true = {edge: self._size(groups[edge]) for edge in sorted(groups)}
        kept = {edge: n for edge, n in how(true).items() if n}
        return View(kept, {e: true.get(e, 0) for e in kept}, {e: groups.get(e, _NONE) for e in kept})

    def _round_to(self, total: int, rest: Edge, sizes: Mapping[Edge, int]) -> dict[Edge, int]:
        """Round parts to sum to a number that is shown; what they cannot make up goes to the rest."""
        floor = {edge: sizes[edge] // BASE * BASE for edge in sizes}
        open_ = [edge for edge in sizes if sizes[edge] % BASE]
        ups = max(0, (total - sum(floor.values())) // BASE)
        open_.sort(key=lambda edge: (-self._wish(edge, sizes[edge]), edge))
        chosen = set(open_[:ups])
        made = {edge: floor[edge] + BASE * (edge in chosen) for edge in sizes}
        beyond = total - sum(made.values())
        if beyond > 0:
            made[rest] = made.get(rest, 0) + beyond
        for edge in sorted(made, key=lambda one: (one != rest, made[one], one)):
            cut = min(made[edge], max(0, sum(made.values()) - total))
            made[edge] -= cut
        return made

    def _round_both(self, sizes: Mapping[Edge, int]) -> dict[Edge, int]:
        """Round a table so that rows and columns go to neighbouring multiples of five too.

        What moved in, out and inside is rounded by draws that know no hierarchy: the district is one, whether
        its table goes by place or by affiliation.  Where these three leave no such table, a row or column
        goes to the multiple next to its neighbouring ones.
        """
        order = [edge for edge in sizes if sizes[edge] % BASE]
        floor = {edge: sizes[edge] // BASE * BASE for edge in sizes}
        if not order:
            return floor
        lines: dict[object, list[int]] = {}
        for at, (start, end) in enumerate(order):
            lines.setdefault(("from", start), []).append(at)
            lines.setdefault(("to", end), []).append(at)
        ways: dict[str, list[int]] = {}
        for at, edge in enumerate(order):
            ways.setdefault(_way(edge), []).append(at)
        part = np.array([sizes[edge] % BASE / BASE for edge in order])
        table = _sums(lines.values(), len(order))
        sums = table @ part
        slack = np.eye(len(lines))
        wished = [self._wish(edge, sizes[edge]) for edge in order]
        found = linprog(
            np.array([*(-one for one in wished), *(2 * len(lines) * [_DEAR])]),
            A_ub=np.block([[table, -slack, 0 * slack], [-table, 0 * slack, -slack]]),
            b_ub=np.concatenate([np.ceil(sums - _WHOLE), -np.floor(sums + _WHOLE)]),
            A_eq=np.hstack([_sums(ways.values(), len(order)), np.zeros((len(ways), 2 * len(lines)))]),
            b_eq=np.array(
                [self._ups(way, [sizes[order[at]] % BASE for at in own]) for way, own in ways.items()]
            ),
            bounds=[*(len(order) * [(0, 1)]), *(2 * len(lines) * [(0, None)])],
            method="highs-ds",
        )
        ups: Floats = np.rint(found.x[: len(order)]) if found.status == 0 else np.rint(part)
        return floor | {edge: floor[edge] + BASE * int(up) for edge, up in zip(order, ups, strict=True)}

    def _ups(self, way: str, over: Sequence[int]) -> int:
        """Say how many of some edges go up, when their sum is rounded by its permanent draw."""
        more = sum(over)
        return more // BASE + int(_chance(self.key, "flow", way) < more % BASE / BASE)

    def near(self, name: tuple[str, ...], n: int) -> int:
        """Round one number that stands in no table by a permanent draw."""
        return BASE * (n // BASE + int(self._draw("alone", name) < n % BASE / BASE))

    def _wish(self, edge: Edge, n: int) -> float:
        """Say how much an edge wants to be rounded up: the logarithm of its Pareto rank."""
        chance, drawn = n % BASE / BASE, self._draw("edge", edge)
        return float(np.log(chance / (1 - chance)) - np.log(drawn / (1 - drawn)))

    def _draw(self, what: str, edge: tuple[str, ...]) -> float:
        """Draw the permanent random number of an edge in (0, 1)."""
        return _chance(self.key, "flow", self.places.basis, what, *edge)


def _chance(key: bytes, *name: str) -> float:
    """Draw the permanent random number of a name in (0, 1)."""
    digest = hmac.digest(key, "\n".join(name).encode(), "sha256")
    return (int.from_bytes(digest[:7], "big") + 1) / ((1 << 56) + 2)


def _way(edge: Edge) -> str:
    """Say whether an edge of the district's table leads into it, out of it or inside."""
    outside = [end.startswith(EXT) for end in edge]
    return "in" if outside[0] else "out" if outside[1] else "inside"


def _sums(lines: Iterable[Sequence[int]], many: int) -> Floats:
    """Return the matrix that sums numbers along lines of them: (lines, many) of 0 and 1."""
    return np.array([np.isin(np.arange(many), line) for line in lines], float)


def _family(edge: Edge, node: str) -> Edge:
    """Name the sum an edge at a node belongs to: inside it, to or from other places, or beyond the border."""
    if edge == (node, node):
        return edge
    at = 1 if edge[0] == node else 0
    other = EXT_OTHER if edge[at].startswith(EXT) else OTHER
    return (node, other) if at else (other, node)


def _always(place: str, _: str) -> str:
    return place


def _regrouped(groups: Groups, renamed: Mapping[str, str]) -> Groups:
    made: Groups = {}
    for (start, end), rows in groups.items():
        made.setdefault((renamed.get(start, start), renamed.get(end, end)), Rows()).extend(rows)
    return made


def view_of(publisher: Publisher, level: str, node: str) -> View:
    """Publish the table around a node, of its own level or of the one directly below it.

    A level further down is answered by the one directly below: two fine cuts of one edge could be subtracted.

    Raises:
        QuestionError: there is no such level in this hierarchy.
    """
    places = publisher.places
    below = places.depth(level, node) > places.depth_of(node)
    view = publisher.whole
    chain = places.chain(node)
    if not chain:
        return View({}, {}, {})
    for place in chain[1:-1]:
        view = publisher.refined(view.touching(place), place)
    if len(chain) > 1:
        view = view.touching(chain[-1])
        if below:
            view = publisher.refined(view, chain[-1])
    return view
