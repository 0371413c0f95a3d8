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
from scipy.optimize import linprog
from scipy.sparse import coo_array

from stores.flow_places import EXT, EXT_OTHER, OTHER, Places
from stores.gate_policy import Mode, Policy
from stores.gate_tree import BASE, Floats

Edge = tuple[str, str]
Move = tuple[str, str, int]
_WHOLE: Final = 1e-6


@dataclass(frozen=True)
class View:
    """Hold a published table: edge → number shown, edge → number of moves, edge → which rows of the moves."""

    shown: Mapping[Edge, int]
    true: Mapping[Edge, int]
    rows: Mapping[Edge, tuple[int, ...]]

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

    @property
    def least_place(self) -> int:
        """Return how many moves must touch a place for its name to be shown; 0 = any."""
        return self.policy.flow_place if self.mode == "visitor" else 0

    @cached_property
    def whole(self) -> View:
        """Return the district's table as published: its towns or top committees and the world outside."""
        level = "town" if self.places.basis == "place" else "committee"
        place_of = self.places.cut(level, self.places.root)
        inside = self.places.root
        groups: dict[Edge, list[int]] = {}
        for row, (start, end, _) in enumerate(self.moves):
            if self.places.is_inside(start, inside) or self.places.is_inside(end, inside):
                groups.setdefault((place_of(start), place_of(end)), []).append(row)
        groups = self._named(groups)
        groups = self._lifted(groups)
        return self._view(groups, self._round_both)

    def refined(self, view: View, node: str) -> View:
        """Cut the edges at a node into those of the places directly below it.

        Edges to other places of the district, those from them, those over its border and those inside the
        node are cut apart, since each of these sums is published.
        """
        place_of = self.places.cut(self.places.next_level(node), node)
        fine: dict[Edge, dict[Edge, dict[Edge, list[int]]]] = {}
        for edge, rows in view.rows.items():
            groups = fine.setdefault(_family(edge, node), {}).setdefault(edge, {})
            for row in rows:
                start, end, _ = self.moves[row]
                one = place_of(start) if edge[0] == node else edge[0]
                two = place_of(end) if edge[1] == node else edge[1]
                groups.setdefault((one, two), []).append(row)
        renamed = self._nameless(fine, node)
        shown: dict[Edge, int] = {}
        true: dict[Edge, int] = {}
        kept: dict[Edge, tuple[int, ...]] = {}
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

    def _gathered(
        self, parts: dict[Edge, dict[Edge, list[int]]], family: Edge, node: str
    ) -> dict[Edge, list[int]]:
        """Let parts of edges below the least stay with their place in the node, as its edge to other places.

        To a leader a part of three and more stands by itself, when what is left of its edge is nought or at
        least three too. A place whose other edges are still too few stays behind in the node's rest; where
        nothing can be cut off, the answer is empty.
        """
        least = self.policy.flow_edge
        kept: dict[Edge, list[int]] = {}
        loose: dict[Edge, list[int]] = {}
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
                    loose.setdefault(name, []).extend(rows)
        for name in [one for one in loose if one != family and self._size(loose[one]) < least]:
            loose.setdefault(family, []).extend(loose.pop(name))
        while 0 < self._size(loose.get(family, ())) < least and len(loose) + len(kept) > 1:
            some = loose if len(loose) > 1 else kept
            first = min((e for e in some if e != family), key=lambda e: (self._size(some[e]), e))
            loose[family].extend(some.pop(first))
        return kept | loose if kept or set(loose) - {family} else {}

    def _nameless(self, fine: Mapping[Edge, dict[Edge, dict[Edge, list[int]]]], node: str) -> dict[str, str]:
        """Find places in the node that too few moves touch: they stay behind as its rest."""
        together: dict[Edge, list[int]] = {}
        for parts in fine.values():
            for groups in parts.values():
                for edge, rows in groups.items():
                    together.setdefault(edge, []).extend(rows)
        touched = self._touched(together)
        few = (place for place, n in touched.items() if n < self.least_place)
        return {place: node for place in few if self.places.is_inside(place, node)}

    def _size(self, rows: Iterable[int]) -> int:
        return sum(self.moves[row][2] for row in rows)

    def _touched(self, groups: Mapping[Edge, list[int]]) -> dict[str, int]:
        touched: dict[str, int] = {}
        for edge, rows in groups.items():
            for place in set(edge):
                touched[place] = touched.get(place, 0) + self._size(rows)
        return touched

    def _named(self, groups: dict[Edge, list[int]]) -> dict[Edge, list[int]]:
        """Let places that too few moves touch join the next level up, the finest first."""
        while True:
            touched = self._touched(groups)
            small = [p for p, n in touched.items() if n < self.least_place and self.places.above(p) != p]
            small = [p for p in small if p != OTHER]
            if not small:
                return groups
            finest = max(self.places.rank(place) for place in small)
            renamed = {p: self.places.above(p) for p in small if self.places.rank(p) == finest}
            groups = _regrouped(groups, renamed)

    def _lifted(self, groups: dict[Edge, list[int]]) -> dict[Edge, list[int]]:
        """Let edges below the least join the next level up at their finer end, until none or one is left."""
        least = self.policy.flow_edge
        while True:
            small = [e for e in groups if self._size(groups[e]) < least and e != (OTHER, OTHER)]
            if not small:
                break
            finest = max(max(map(self.places.rank, edge)) for edge in small)
            for edge in [e for e in small if max(map(self.places.rank, e)) == finest]:
                groups.setdefault(self._lift(edge), []).extend(groups.pop(edge))
        pool = self._size(groups.get((OTHER, OTHER), ()))
        while 0 < pool < least and len(groups) > 1:
            named = (edge for edge in groups if edge != (OTHER, OTHER))
            first = min(named, key=lambda edge: (self._size(groups[edge]), edge))
            groups[OTHER, OTHER].extend(groups.pop(first))
            pool = self._size(groups[OTHER, OTHER])
        return groups if pool == 0 or pool >= least else {}

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

    def _lifted_below(self, groups: dict[Edge, list[int]], rest: Edge, node: str) -> dict[Edge, list[int]]:
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
                groups.setdefault(lifted, []).extend(groups.pop(edge))
        while 0 < self._size(groups.get(rest, ())) < least and len(groups) > 1:
            first = min((e for e in groups if e != rest), key=lambda e: (self._size(groups[e]), e))
            groups[rest].extend(groups.pop(first))
        return groups

    def _view(
        self, groups: Mapping[Edge, list[int]], how: Callable[[Mapping[Edge, int]], dict[Edge, int]]
    ) -> View:
        """Make the table of grouped moves; an edge that rounds to nought is left out."""
        true = {edge: self._size(groups[edge]) for edge in sorted(groups)}
        kept = {edge: n for edge, n in how(true).items() if n}
        return View(kept, {e: true.get(e, 0) for e in kept}, {e: tuple(groups.get(e, ())) for e in kept})

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
        """Round a table so that rows, columns and the sum go to neighbouring multiples of five too."""
        order = [edge for edge in sizes if sizes[edge] % BASE]
        floor = {edge: sizes[edge] // BASE * BASE for edge in sizes}
        if not order:
            return floor
        lines: dict[object, list[int]] = {"all": list(range(len(order)))}
        for at, (start, end) in enumerate(order):
            lines.setdefault(("from", start), []).append(at)
            lines.setdefault(("to", end), []).append(at)
        part = np.array([sizes[edge] % BASE / BASE for edge in order])
        sums = np.array([part[line].sum() for line in lines.values()])
        row = np.repeat(np.arange(len(lines)), [len(line) for line in lines.values()])
        column = np.concatenate([np.array(line) for line in lines.values()])
        table = coo_array((np.ones(len(row)), (row, column)), shape=(len(lines), len(order))).tocsr()
        found = linprog(
            -np.array([self._wish(edge, sizes[edge]) for edge in order]),
            A_ub=_stacked(table),
            b_ub=np.concatenate([np.ceil(sums - _WHOLE), -np.floor(sums + _WHOLE)]),
            bounds=(0, 1),
            method="highs-ds",
        )
        ups: Floats = np.rint(found.x) if found.status == 0 else np.rint(part)
        return floor | {edge: floor[edge] + BASE * int(up) for edge, up in zip(order, ups, strict=True)}

    def near(self, name: tuple[str, ...], n: int) -> int:
        """Round one number that stands in no table by a permanent draw."""
        return BASE * (n // BASE + int(self._draw("alone", name) < n % BASE / BASE))

    def _wish(self, edge: Edge, n: int) -> float:
        """Say how much an edge wants to be rounded up: the logarithm of its Pareto rank."""
        chance, drawn = n % BASE / BASE, self._draw("edge", edge)
        return float(np.log(chance / (1 - chance)) - np.log(drawn / (1 - drawn)))

    def _draw(self, what: str, edge: tuple[str, ...]) -> float:
        """Draw the permanent random number of an edge in (0, 1)."""
        text = "\n".join(["flow", self.places.basis, what, *edge])
        digest = hmac.digest(self.key, text.encode(), "sha256")
        return (int.from_bytes(digest[:7], "big") + 1) / ((1 << 56) + 2)


def _family(edge: Edge, node: str) -> Edge:
    """Name the sum an edge at a node belongs to: inside it, to or from other places, or beyond the border."""
    if edge == (node, node):
        return edge
    at = 1 if edge[0] == node else 0
    other = EXT_OTHER if edge[at].startswith(EXT) else OTHER
    return (node, other) if at else (other, node)


def _stacked(table: object) -> object:
    from scipy.sparse import vstack

    return vstack([table, -table])  # type: ignore[operator]


def _regrouped(groups: Mapping[Edge, list[int]], renamed: Mapping[str, str]) -> dict[Edge, list[int]]:
    made: dict[Edge, list[int]] = {}
    for (start, end), rows in groups.items():
        made.setdefault((renamed.get(start, start), renamed.get(end, end)), []).extend(rows)
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
