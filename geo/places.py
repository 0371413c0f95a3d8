"""The tree of places, and the tree of affiliation, as values: who is above, who is below, where one is.

Ids tell their level only in the place tree: 6 digits a district, 9 a town, 12 a community (codes of the
statistical bureau), 'B' and 6 digits a building, '<building>/<floor>' a floor. In the tree of affiliation
the root has the district's id and everything else is an organisation's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Basis = Literal["place", "affiliation"]
Bounds = tuple[float, float, float, float]

PLACE_LEVELS = ("district", "town", "community", "building", "floor")
AFFILIATION_LEVELS = ("district", "committee", "general_branch", "branch")

CODE_LENGTHS = (12, 9, 6)
"""Lengths of the codes of communities, towns and districts; each begins with its parent's."""


class UnknownPlaceError(KeyError):
    """An id that is in no tree; the message names it."""

    def __str__(self) -> str:
        return f"no such place: {self.args[0]!r}"


class BrokenTreeError(ValueError):
    """Places that do not form one tree: no root, several, a missing parent, or a ring."""


@dataclass(frozen=True)
class Place:
    """One node: its id, names, level, kind, parent (None for the root) and position.

    `lon`, `lat` in degrees (WGS84) and `bounds` west, south, east, north; None where it has no position.
    """

    id: str
    name: str
    level: str
    parent: str | None = None
    name_en: str = ""
    kind: str = ""
    lon: float | None = None
    lat: float | None = None
    bounds: Bounds | None = None


class PlaceTree:
    """A tree of places that cannot change; children keep the order in which they were given."""

    def __init__(self, places: Iterable[Place]) -> None:
        """Build the tree. Raises BrokenTreeError when the places do not hang together as one tree."""
        self._places = {place.id: place for place in places}
        roots = [place for place in self._places.values() if place.parent is None]
        if len(roots) != 1:
            raise BrokenTreeError(f"a tree has one root, here are {len(roots)}")
        self.root = roots[0]
        below: dict[str, list[Place]] = {}
        for place in self._places.values():
            if place.parent is not None and place.parent not in self._places:
                raise BrokenTreeError(f"{place.id} has the parent {place.parent}, which is missing")
            if place.parent is not None:
                below.setdefault(place.parent, []).append(place)
        self._children = {parent: tuple(children) for parent, children in below.items()}
        if sum(1 for _ in self.walk(self.root.id)) != len(self._places):
            raise BrokenTreeError("some places are their own ancestors")

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> PlaceTree:
        """Build the tree from rows of node_id, parent_id, level, name and maybe name_en, kind, lon, lat."""
        return cls(
            Place(
                id=row["node_id"],
                name=row["name"],
                level=row["level"],
                parent=row["parent_id"],
                name_en=row.get("name_en") or "",
                kind=row.get("kind") or "",
                lon=row.get("lon"),
                lat=row.get("lat"),
                bounds=row.get("bounds"),
            )
            for row in rows
        )

    def __contains__(self, place: object) -> bool:
        return place in self._places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, place: str) -> Place:
        """Return a place by its id. Raises UnknownPlaceError."""
        try:
            return self._places[place]
        except KeyError:
            raise UnknownPlaceError(place) from None

    def children(self, place: str) -> tuple[Place, ...]:
        """Return the places one level down, none for a leaf. Raises UnknownPlaceError."""
        return self._children.get(self[place].id, ())

    def breadcrumb(self, place: str) -> tuple[Place, ...]:
        """Return the places from the root down to this one. Raises UnknownPlaceError."""
        way = [self[place]]
        while way[-1].parent is not None:
            way.append(self._places[way[-1].parent])
        return tuple(reversed(way))

    def walk(self, place: str) -> Iterator[Place]:
        """Give this place and everything below it, parents first."""
        waiting = [self[place]]
        while waiting:
            here = waiting.pop()
            yield here
            waiting.extend(reversed(self._children.get(here.id, ())))

    def at_level(self, level: str, under: str | None = None) -> tuple[Place, ...]:
        """Return all places of a level below `under` (the whole tree by default)."""
        return tuple(place for place in self.walk(under or self.root.id) if place.level == level)

    def is_within(self, place: str, ancestor: str) -> bool:
        """Say whether a place is the ancestor itself or lies below it. Raises UnknownPlaceError."""
        return any(above.id == ancestor for above in self.breadcrumb(place))

    def common(self, one: str, other: str) -> Place:
        """Return the lowest place that holds both. Raises UnknownPlaceError."""
        shared = self.root
        for first, second in zip(self.breadcrumb(one), self.breadcrumb(other), strict=False):
            if first.id != second.id:
                break
            shared = first
        return shared

    def nearest(self, place: str | None) -> Place:
        """Return the place with this id or, for an unknown one, the nearest that exists.

        A floor falls back to its building, an unknown code to the town or district its first digits name,
        anything else to the root. Never fails, so that an old link still opens somewhere sensible.
        """
        wanted = str(place or "").strip()
        for candidate in (wanted, wanted.split("/", 1)[0]):
            if candidate in self._places:
                return self._places[candidate]
        if wanted.isdecimal():
            for length in CODE_LENGTHS:
                if len(wanted) > length and wanted[:length] in self._places:
                    return self._places[wanted[:length]]
        return self.root

    def bounds(self, place: str) -> Bounds | None:
        """Return west, south, east, north around a place and all below it; None when nothing has a position.

        A place's own bounds count first; else those of its children; else its parent's.
        """
        here = self[place]
        if here.bounds is not None:
            return here.bounds
        boxes = [box for box in (_box(below) for below in self.walk(place)) if box is not None]
        if not boxes:
            return None if here.parent is None else self.bounds(here.parent)
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)


def _box(place: Place) -> Bounds | None:
    if place.bounds is not None:
        return place.bounds
    if place.lon is None or place.lat is None:
        return None
    return place.lon, place.lat, place.lon, place.lat
