"""The world a scene is checked against: places, months and shapes of one version of the store."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo.shapes import area_km2, label_point
from layers.members import GROUPS
from layers.registry import chosen_layers
from layers.scene import BASES, Scene
from stores.gate import Gate
from stores.settings import Settings
from stores.store import Store

Row = dict[str, Any]


class DistrictWorld:
    """Answer what exists, through the gate's public questions; one object a version of the store."""

    def __init__(self, store: Store, gate: Gate, settings: Settings) -> None:
        self.settings = settings
        self.version = store.version
        self._gate = gate
        rows = gate.answer("place_tree", "visitor")
        self._places: dict[str, Row] = {row["node_id"]: row for row in rows}
        self._shapes = _shapes(store)
        self.months: tuple[str, ...] = tuple(row["month"] for row in gate.answer("months", "visitor"))
        self.layers: tuple[str, ...] = chosen_layers()
        self._chain = lru_cache(4096)(self._find_chain)

    @cached_property
    def root(self) -> str:
        """Return the id of the district."""
        return next(node for node, row in self._places.items() if row["level"] == "district")

    @cached_property
    def freshness(self) -> Row:
        """Return as_of, loaded_at, last_event_at, data_label of this version."""
        return self._gate.answer("freshness", "visitor")[0]

    def about(self, basis: str, place: str) -> Row | None:
        """Return the public row of a place (node_id, level, name, name_en, parent_id), None where unknown."""
        chain = self._rows(basis, place)
        return chain[-1] if chain else None

    def places(self) -> list[Row]:
        """Return the public rows of district, towns and communities, from the top down."""
        return list(self._places.values())

    def trail(self, basis: str, place: str) -> list[Row]:
        """Return the rows from the root down to the place; empty where the place is unknown."""
        return list(self._rows(basis, place))

    def _rows(self, basis: str, place: str) -> tuple[Row, ...]:
        return self._chain(basis, place)

    def _find_chain(self, basis: str, place: str) -> tuple[Row, ...]:
        rows = self._gate.answer("ancestors", "visitor", basis=basis, node=place)
        return tuple(rows) if rows and rows[-1]["node_id"] == place else ()

    def nearest(self, basis: str, place: str) -> str:
        """Return `place` if it exists, else the place its id begins with, else the district."""
        if self._rows(basis, place):
            return place
        if basis == "place":
            head = place.partition("/")[0]
            for length in (len(head), 12, 9):
                if self._rows(basis, head[:length]):
                    return head[:length]
        return self.root

    def parent(self, basis: str, place: str) -> str | None:
        """Return the id of the place above, None for the root."""
        chain = self._rows(basis, place)
        return chain[-2]["node_id"] if len(chain) > 1 else None

    def level(self, basis: str, place: str) -> str:
        """Return the level of a place; an unknown place counts as the district."""
        row = self.about(basis, place)
        return str(row["level"]) if row else "district"

    def chain(self, basis: str, place: str) -> tuple[str, ...]:
        """Return the ids from the root down to the place."""
        return tuple(row["node_id"] for row in self._rows(basis, place)) or (self.root,)

    def area_km2(self, place: str) -> float | None:
        """Return the area in square kilometres, measured in EPSG:4549; None for a place without a shape."""
        return self._areas(place)

    @cached_property
    def _areas(self) -> Callable[[str], float | None]:
        return lru_cache(None)(lambda place: area_km2(self._shapes[place]) if place in self._shapes else None)

    def branches(self, place: str) -> int:
        """Return how many branches stand in a place in the last month; numbers of organisations are exact."""
        asked = {"basis": "place", "node": place, "month": self.months[-1]} if self.months else None
        rows = self._gate.answer("headline", "visitor", **asked) if asked else []
        return int(rows[0]["branches"] or 0) if rows else 0

    def label_point(self, place: str) -> tuple[float, float] | None:
        """Return where the place's name stands, (lon, lat) in WGS84."""
        return self._labels(place)

    @cached_property
    def _labels(self) -> Callable[[str], tuple[float, float] | None]:
        def find(place: str) -> tuple[float, float] | None:
            return label_point(self._shapes[place]) if place in self._shapes else None

        return lru_cache(None)(find)

    def outline(self, place: str) -> BaseGeometry | None:
        """Return the shape of a district, town or community; None where it has none."""
        return self._shapes.get(place)

    def knows(self, field: str, value: str) -> bool:
        """Tell whether a filter, an organisation, a sheet or a number to be explained exists."""
        known: dict[str, Callable[[str], bool]] = {
            "picks": self._knows_pick,
            "organisation": lambda org: org != self.root and self.nearest("affiliation", org) == org,
            "open": _knows_sheet,
            "how": self._knows_number,
        }
        return known[field](value)

    def _knows_pick(self, pick: str) -> bool:
        dimension, _, value = pick.partition(":")
        if dimension == "domain":
            return value in self._domains
        if dimension == "group":
            split, _, group = value.partition(".")
            return group in GROUPS.get(split, ())
        # Letters of the radar's peers, '-' for none of them; see radar_view.
        peers = {"-", "k", "t", "d", "kt", "kd", "td", "ktd"}
        looks = {"dim": set(GROUPS), "peer": peers, "axes": {"basic"}, "view": {"structure"}}
        return value in looks.get(dimension, ())

    @cached_property
    def _domains(self) -> frozenset[str]:
        """Return the domains of the district's organisations, at the beginning of the data and today."""
        found = set()
        for month in {self.months[0], self.months[-1]}:
            rows = self._gate.answer(
                "organisation_mix", "visitor", basis="place", node=self.root, month=month
            )
            found |= {str(row["domain"]) for row in rows}
        return frozenset(found)

    def _knows_number(self, number: str) -> bool:
        from dashboard.panels import how, how_more  # they import what imports this

        scenes = [Scene(basis=basis, how=number, place=self.root) for basis in BASES]
        return any(
            how.asked_about(one, self)[0] is not None or how_more.subject_of(one, self) is not None
            for one in scenes
        )

    def stations(self, tour: str) -> int:
        """Return how many stations a tour of the deployment has, 0 for one that does not exist."""
        from dashboard.tours import tours_in

        found = tours_in(Path(self.settings.data_dir) / "tours").all().get(tour)
        return len(found.stops) if found else 0


def _knows_sheet(value: str) -> bool:
    from dashboard.panels.registry import all_panels

    for panel in all_panels().values():
        field, name = getattr(panel, "OPENS", ("", ""))
        if field == "open" and value in getattr(panel, "VIEWS", (name,)):
            return True
    return False


def _shapes(store: Store) -> dict[str, BaseGeometry]:
    return {
        node: shapely.from_wkb(wkb)
        for level in ("district", "town", "community")
        for node, wkb, _ in store.shapes(level)
        if wkb is not None
    }
