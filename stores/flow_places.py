"""Which place stands for an organisation, or for the world outside, in a picture of flows around a node.

A picture has a *cut*: below the node, places of one level; around it, its neighbours and the neighbours of
the places above it, each as one place; and the world outside as 'ext:' and a province or city. So every end
of every move is one place of the picture, and nobody drops out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from stores.errors import QuestionError

OTHER: Final = "other"
"""Other places of the district: what is too small to be named."""
EXT: Final = "ext:"
EXT_OTHER: Final = "ext:other"
"""Other places outside the district."""
TOTAL: Final = "total"
LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "place": ("town", "community", "building", "organisation"),
    "affiliation": ("committee", "organisation"),
}
"""Levels at which flows are drawn: by affiliation the committees directly below the district, or the
organisations directly below the node."""
_DEPTHS: Final = {"district": 0, "town": 1, "community": 2, "building": 3, "organisation": 4}
_PROVINCE_ENDS: Final = ("自治区", "特别行政区", "省")


class Asks(Protocol):
    """Answer named questions, as a store does."""

    def ask(self, question: str, /, **params: Any) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Places:
    """Hold one hierarchy: each node's parent and level, each organisation's chain of places from the top.

    By place a chain goes district, town, community, building, organisation; floors are left out.
    """

    basis: str
    root: str
    parent: Mapping[str, str | None]
    level: Mapping[str, str]
    chains: Mapping[str, tuple[str, ...]]

    def chain(self, place: str) -> tuple[str, ...]:
        """Give the places from the root down to a node or organisation, itself last; empty for a stranger."""
        if place in self.chains:
            return self.chains[place]
        return _climb(place, self.parent) if place in self.parent else ()

    def above(self, place: str) -> str:
        """Give the place that a place joins when it is too small to be named.

        City, province, other places outside; organisation, building, community, town, other places.
        """
        if place in (OTHER, EXT_OTHER, self.root):
            return OTHER
        if place.startswith(EXT):
            upper = province(place)
            return EXT_OTHER if upper == place else upper
        chain = self.chain(place)
        return chain[-2] if len(chain) > 2 else OTHER

    def rank(self, place: str) -> float:
        """Tell how fine a place is; of two ends the finer joins others first, one outside before a town."""
        if place.startswith(EXT):
            return 0.5 if place == EXT_OTHER else 1.5 if province(place) == place else 2.5
        if place == self.root:
            return 0.2
        return 0.0 if place == OTHER else float(max(0, len(self.chain(place)) - 1))

    def level_of(self, place: str) -> str:
        """Name a place's level for a table: 'ext', 'other', 'organisation' or the node's own."""
        if place.startswith(EXT):
            return "ext"
        if place in (OTHER, TOTAL):
            return place
        return self.level.get(place, "organisation")

    def cut(self, level: str, node: str) -> Callable[[str], str]:
        """Give the function from an end of a move (organisation or 'ext:…') to its place in the picture.

        Raises:
            QuestionError: there is no such level in this hierarchy.
        """
        around = self.chain(node)
        wanted = self.depth(level, node)

        @cache
        def place_of(end: str) -> str:
            chain = self.chain(end)
            if not chain:
                return end
            same = 0
            while same < min(len(chain), len(around)) and chain[same] == around[same]:
                same += 1
            if same < len(around):
                return chain[min(same, len(chain) - 1)]
            below = (place for place in chain[same:] if self.depth_of(place) <= wanted)
            return max(below, key=self.depth_of, default=chain[same - 1])

        return place_of

    def depth_of(self, place: str) -> int:
        """Count the steps below the district: by place of the level, by affiliation of the tree."""
        if self.basis == "place":
            return _DEPTHS.get(self.level.get(place, ""), _DEPTHS["organisation"])
        return len(self.chain(place)) - 1

    def depth(self, level: str, node: str) -> int:
        """Count the steps from the district down to a level, seen from a node.

        Raises:
            QuestionError: there is no such level in this hierarchy.
        """
        if level not in LEVELS[self.basis]:
            raise QuestionError(f"flows by {self.basis} have the levels {', '.join(LEVELS[self.basis])}")
        if self.basis == "place":
            return _DEPTHS[level]
        return 1 if level == "committee" else max(1, len(self.chain(node)))

    def next_level(self, node: str) -> str:
        """Name the level directly below a node; 'organisation' where there is no place between."""
        deeper = (name for name in LEVELS[self.basis] if self.depth(name, node) > self.depth_of(node))
        return next(deeper, "organisation")

    def shown_level(self, level: str, node: str) -> str:
        """Give the level that is published instead of one that lies more than one step below a node.

        Raises:
            QuestionError: there is no such level in this hierarchy.
        """
        below = self.next_level(node)
        return below if self.depth(level, node) > self.depth(below, node) else level

    def own_level(self, node: str) -> str:
        """Name the level at which a node is one among its neighbours; the first one for the district."""
        if self.basis != "place":
            return "committee"
        own = self.level_of(node)
        return own if own in LEVELS["place"] else "town"

    def is_inside(self, end: str, node: str) -> bool:
        """Tell whether an end of a move lies in a node."""
        return node in self.chain(end)


def province(place: str) -> str:
    """Give the province of a place outside, as 'ext:江苏省' of 'ext:江苏省苏州市'; else the place itself."""
    for end in _PROVINCE_ENDS:
        name, found, rest = place.partition(end)
        if found and rest:
            return name + found
    return place


def _climb(place: str, parent: Mapping[str, str | None]) -> tuple[str, ...]:
    chain = [place]
    while (upper := parent.get(chain[-1])) is not None and len(chain) < 60:
        chain.append(upper)
    return tuple(reversed(chain))


def read_places(store: Asks, basis: str) -> Places:
    """Read one hierarchy from the store.

    Raises:
        QuestionError: there is no such basis.
    """
    if basis not in LEVELS:
        raise QuestionError(f"unknown basis {basis!r}; there are {', '.join(LEVELS)}")
    rows = [row for row in store.ask("gate_nodes") if row["basis"] == basis]
    floors = {row["node_id"] for row in rows if row["level"] == "floor"}
    parent = {row["node_id"]: row["parent_id"] for row in rows if row["node_id"] not in floors}
    level = {row["node_id"]: row["level"] for row in rows if row["node_id"] not in floors}
    root = next((node for node, upper in parent.items() if upper is None), "")
    chains = {}
    for row in store.ask("gate_seats"):
        org = row["org_id"]
        if basis == "place":
            spot = row["building_id"] or row["community_id"] or row["town_id"] or root
            chains[org] = (*_climb(spot, parent), org)
        else:
            chains[org] = _climb(org, parent)
    return Places(basis, root, parent, level, chains)
