"""Shapes travel once: simplified with shared edges, rounded, kept by the browser for good."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, cast

import shapely
from flask import Blueprint, Response, redirect
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from dashboard.delivery import FOR_GOOD
from dashboard.errors import RefusedError
from geo.shapes import geojson_text, label_point, quantised, simplify_together

if TYPE_CHECKING:
    from stores.gate import Gate
    from stores.settings import Settings
    from stores.store import Store

DECIMALS: Final = 5  # of a degree: 1.1 m, finer than a pixel at any zoom of the wall
TOLERANCE: Final = 5.0  # metres: smaller bends are straightened
GRID: Final = 1e-6  # of a degree: points that a conversion moved apart by less fall together again
NEIGHBOUR_TOLERANCE: Final = 50.0  # metres
MATCH: Final = 1e-3  # share by which children may differ from their parent and still be its parts
LEVELS: Final = ("district", "town", "community")

Feature = dict[str, Any]
Row = dict[str, Any]


class Atlas:
    """Give the shapes of a store as GeoJSON text, each made once per version of the store."""

    def __init__(self, store: Store, gate: Gate, settings: Settings) -> None:
        self._store, self._gate, self._settings = store, gate, settings
        self._made: dict[str, bytes] = {}
        self._seen: int | None = None
        self._version = ""
        self._lock = RLock()

    @property
    def version(self) -> str:
        """Return the part of an address that changes with the shapes and names, and with nothing else.

        The store's version will not do: it grows with every late event, and begins anew in a new store.
        """
        with self._lock:
            if self._seen != self._store.version:
                self._seen, self._made = self._store.version, {}
                self._version = self._fingerprint()
            return self._version

    def _fingerprint(self) -> str:
        """Hash everything that the texts are made of."""
        whole = hashlib.sha256(self._made.setdefault("places", as_text(self._places())))
        for node, wkb, _ in sorted(self._store.shapes("building"), key=lambda shape: shape[0]):
            whole.update(node.encode() + bytes(wkb or b""))
        for row in self._gate.answer("searchables", "visitor"):
            if row["kind"] == "building":
                whole.update(f"{row['id']}\0{row['name']}\n".encode())
        return whole.hexdigest()[:12]

    def places(self) -> bytes:
        """Return the district, then its towns, then their communities, as a FeatureCollection.

        Properties: id, name, name_en, level, kind, parent, bbox [west, south, east, north], label [lon, lat],
        geom_basis 'official' | 'schematic'. Coordinates are degrees of WGS84. A place without a shape is not
        listed.
        """
        return self._once("places", self._places)

    def surroundings(self) -> bytes:
        """Return the neighbouring districts, for orientation only: id, name, name_en, label, level, bbox."""
        return self._once("surroundings", self._surroundings)

    def buildings(self, community: str) -> bytes:
        """Return the buildings of a community: id, name, kind, floors, level, parent, bbox, label.

        Raises:
            RefusedError: 404, there is no such community.
        """
        return self._once(f"buildings/{community}", lambda: self._buildings(community))

    def _once(self, name: str, make: Callable[[], list[Feature]]) -> bytes:
        with self._lock:
            if self.version and name not in self._made:
                self._made[name] = as_text(make())
            return self._made[name]

    def _places(self) -> list[Feature]:
        rows: list[Row] = self._gate.answer("place_tree", "visitor")
        shapes: dict[str, BaseGeometry] = {}
        basis: dict[str, str] = {}
        for level in LEVELS:
            for node, wkb, kind in self._store.shapes(level):
                if wkb is not None:
                    shapes[node], basis[node] = shapely.from_wkb(bytes(wkb)), kind
        slim = simplified(shapes, {row["node_id"]: row["parent_id"] for row in rows})
        ordered = sorted(rows, key=lambda row: (LEVELS.index(row["level"]), row["node_id"]))
        return [
            _place(row, slim[row["node_id"]], basis[row["node_id"]])
            for row in ordered
            if row["node_id"] in slim
        ]

    def _surroundings(self) -> list[Feature]:
        from loaders.demo.geography import reference_neighbours

        if self._settings.district.code != "320115":
            return []  # the list that ships with the product is of the neighbours of one district only
        table = reference_neighbours()
        slim = simplify_together(list(table.geometry), NEIGHBOUR_TOLERANCE)
        features = []
        for row, area in zip(table.itertuples(), slim, strict=True):
            about = {"id": row.region_id, "name": row.name, "name_en": row.name_en, "level": "neighbour"}
            features.append(_feature(about, area, (row.lon, row.lat)))
        return features

    def _buildings(self, community: str) -> list[Feature]:
        known = {
            row["node_id"]
            for row in self._gate.answer("place_tree", "visitor")
            if row["level"] == "community"
        }
        if community not in known:
            raise RefusedError(404, "no_place", value=community)
        month = self._gate.answer("months", "visitor")[-1]["month"]
        rows = self._gate.answer("buildings_of", "visitor", community=community, month=month)
        named = {row["building_id"]: row for row in rows}
        features = []
        for node, wkb, _ in self._store.shapes("building", community):
            if wkb is not None and node in named:
                features.append(_building(named[node], shapely.from_wkb(bytes(wkb)), community))
        return features


def simplified(shapes: dict[str, BaseGeometry], parents: dict[str, str | None]) -> dict[str, BaseGeometry]:
    """Simplify a tree of areas so that neighbours and levels keep sharing their edges.

    Args:
        shapes: area by id, degrees.
        parents: id of the area above, by id.

    Returns:
        Area by id. An area that its children tile becomes the union of the simplified children; others are
        simplified together with their siblings.
    """
    children: dict[str | None, list[str]] = defaultdict(list)
    for node in shapes:
        children[parents.get(node)].append(node)
    leaves = [node for node in shapes if not _tiled(node, shapes, children[node])]
    slim = dict(zip(leaves, _coverage([shapes[node] for node in leaves]), strict=True))

    def settle(node: str) -> BaseGeometry:
        if node not in slim:
            slim[node] = shapely.union_all([settle(child) for child in children[node]])
        return slim[node]

    return {node: settle(node) for node in shapes}


def _tiled(node: str, shapes: dict[str, BaseGeometry], children: Sequence[str]) -> bool:
    """Tell whether the children's areas add up to the area, without a gap that matters."""
    if not children:
        return False
    area: float = shapes[node].area
    return abs(sum(shapes[child].area for child in children) - area) <= MATCH * area


def _coverage(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Simplify areas that share edges, after mending what a conversion of coordinates has torn."""
    if not shapes:
        return []
    mended = shapely.make_valid(shapely.set_precision(list(shapes), GRID, mode="pointwise"))
    return simplify_together(list(mended), TOLERANCE)


def _place(row: Row, area: BaseGeometry, basis: str) -> Feature:
    about = {
        "id": row["node_id"],
        "name": row["name"],
        "name_en": row["name_en"],
        "level": row["level"],
        "kind": row["kind"],
        "parent": row["parent_id"],
        "geom_basis": basis,
    }
    return _feature(about, area, label_point(area))


def _building(row: Row, area: BaseGeometry, community: str) -> Feature:
    about = {
        "id": row["building_id"],
        "name": row["name"],
        "kind": row["kind"],
        "floors": row["floors"],
        "level": "building",
        "parent": community,
    }
    centre = area.representative_point()
    return _feature(about, area, (centre.x, centre.y))


def _feature(about: Row, area: BaseGeometry, label: Sequence[float]) -> Feature:
    """Build a GeoJSON feature with its bounds and label point."""
    slim = quantised(_areal(area), DECIMALS)
    about = {**about, "bbox": _rounded(slim.bounds), "label": _rounded(label)}
    return {"type": "Feature", "properties": about, "geometry": mapping(slim)}


def _areal(area: BaseGeometry) -> BaseGeometry:
    """Leave out the lines and points that repairing a shape may have left beside its areas."""
    if area.geom_type in ("Polygon", "MultiPolygon"):
        return area
    parts = [part for part in shapely.get_parts(area) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), DECIMALS) for value in values]


def as_text(features: list[Feature]) -> bytes:
    """Write a FeatureCollection as compact UTF-8."""
    return geojson_text({"type": "FeatureCollection", "features": features}).encode()


def blueprint(atlas: Atlas) -> Blueprint:
    """Return the routes /geo/<version>/…; an address of another version leads to the present one."""
    routes = Blueprint("geo", __name__)

    def send(version: str, name: str, make: Callable[[], bytes]) -> Response:
        if version != atlas.version:
            return cast(Response, redirect(f"/geo/{atlas.version}/{name}", 307))
        response = Response(make(), mimetype="application/geo+json")
        response.headers["Cache-Control"] = FOR_GOOD
        return response

    @routes.get("/geo/<version>/places.json")
    def places(version: str) -> Response:
        return send(version, "places.json", atlas.places)

    @routes.get("/geo/<version>/surroundings.json")
    def surroundings(version: str) -> Response:
        return send(version, "surroundings.json", atlas.surroundings)

    @routes.get("/geo/<version>/buildings/<community>.json")
    def buildings(version: str, community: str) -> Response:
        return send(version, f"buildings/{community}.json", lambda: atlas.buildings(community))

    return routes
