"""Questions of space: answered by PostGIS where the facts live on a server, by shapely where they do not.

Both give the same answer. Distances are on a sphere of the earth's mean radius, in metres, rounded to whole
ones, so that the last digits of two libraries do not show. A month is text 'YYYY-MM'.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import shapely

from stores.errors import StoreError

RADIUS: Final = 6_371_008.771_415_059  # metres: the mean radius of WGS84, as in PostGIS
MOST_BUILDINGS: Final = 5_000
MERCATOR_SLACK: Final = 1.05
"""How much further than its scale says Web Mercator is searched before true distances decide."""

Row = dict[str, Any]


class TilesUnsupportedError(StoreError):
    """Say that an embedded store draws no tiles."""


class Spatial(Protocol):
    """Answer questions of space about one store."""

    def buildings_in(self, west: float, south: float, east: float, north: float) -> list[str]:
        """Return the ids of buildings that touch a box in degrees, ascending; at most ``MOST_BUILDINGS``."""
        ...

    def buildings_within(self, place: str) -> list[str]:
        """Return the ids of buildings wholly in a place's shape, ascending; none where it has no shape."""
        ...

    def nearest(self, lon: float, lat: float, count: int, month: str) -> list[tuple[str, int]]:
        """Return (organisation, metres) of a month's nearest organisations, nearest first, then by id."""
        ...

    def gaps(self, metres: float, month: str) -> list[tuple[str, int | None]]:
        """Return (building, metres to the nearest branch) of blanks with no branch within a distance, by id.

        The metres are None where there is no branch at all. What a blank is: roll-up ``blank``.
        """
        ...

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return the buildings of a tile of Web Mercator as a Mapbox vector tile; empty bytes for none.

        Raises:
            TilesUnsupportedError: the store is embedded.
        """
        ...


Memory = OrderedDict[tuple[Any, str], Any]
_memories: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()
_lock: Final = Lock()


def spatial(store: Any) -> Spatial:
    """Return the answerer of a store's spatial questions."""
    facts = getattr(store, "facts", store)
    return PgSpatial(facts) if facts.engine == "postgres" else ShapelySpatial(facts)


def metres(lon: float, lat: float, lons: Any, lats: Any) -> Any:
    """Return the distances from a point to points on the sphere (haversine), as ST_DistanceSphere does."""
    here, there = math.radians(lat), np.radians(np.asarray(lats, float))
    high = np.sin((there - here) / 2) ** 2
    wide = np.sin(np.radians(np.asarray(lons, float) - lon) / 2) ** 2
    return 2 * RADIUS * np.arcsin(np.sqrt(np.minimum(1, high + math.cos(here) * np.cos(there) * wide)))


class ShapelySpatial:
    """Answer by shapely over what the store tells; trees are kept beside it for one state of the shapes."""

    def __init__(self, facts: Any) -> None:
        self._facts = facts
        with _lock:
            self._made: Memory = _memories.setdefault(facts, OrderedDict())

    def buildings_in(self, west: float, south: float, east: float, north: float) -> list[str]:
        """Return the buildings that touch a box; see ``Spatial.buildings_in``."""
        ids, tree = self._buildings()
        hits = tree.query(shapely.box(west, south, east, north), predicate="intersects")
        return sorted(ids[at] for at in hits)[:MOST_BUILDINGS]

    def buildings_within(self, place: str) -> list[str]:
        """Return the buildings in a place; see ``Spatial.buildings_within``."""
        ids, tree = self._buildings()
        shape = self._once("places", self._places).get(place)
        return [] if shape is None else sorted(ids[at] for at in tree.query(shape, predicate="covers"))

    def nearest(self, lon: float, lat: float, count: int, month: str) -> list[tuple[str, int]]:
        """Return the nearest organisations; see ``Spatial.nearest``."""
        rows = self._spots(month)
        far = metres(lon, lat, [row["lon"] for row in rows], [row["lat"] for row in rows])
        found = sorted((round(float(one)), row["org_id"]) for one, row in zip(far, rows, strict=True))
        return [(org, distance) for distance, org in found[:count]]

    def gaps(self, metres: float, month: str) -> list[tuple[str, int | None]]:
        """Return the blanks far from any branch; see ``Spatial.gaps``."""
        branches = [row for row in self._spots(month) if row["level"] == "branch"]
        lons, lats = [row["lon"] for row in branches], [row["lat"] for row in branches]
        found: list[tuple[str, int | None]] = []
        for row in self._facts.ask("gate_blanks"):
            far = distance_to_nearest(row["lon"], row["lat"], lons, lats)
            if far is None or far > metres:
                found.append((row["building_id"], None if far is None else round(far)))
        return found

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Refuse: see ``Spatial.tile``."""
        raise TilesUnsupportedError(
            "vector tiles need the facts in PostgreSQL; an embedded store sends the buildings of a community"
        )

    def _spots(self, month: str) -> list[Row]:
        rows: list[Row] = self._once("spots", lambda: self._facts.ask("gate_spots"))
        return [row for row in rows if row["first_month"] <= month < row["until_month"]]

    def _buildings(self) -> tuple[list[str], shapely.STRtree]:
        found: tuple[list[str], shapely.STRtree] = self._once("buildings", self._tree)
        return found

    def _tree(self) -> tuple[list[str], shapely.STRtree]:
        shapes = self._facts.shapes("building")
        return [row[0] for row in shapes], shapely.STRtree(
            shapely.from_wkb([bytes(row[1]) for row in shapes])
        )

    def _places(self) -> dict[str, Any]:
        levels = ("district", "town", "community")
        return {
            row[0]: shapely.from_wkb(bytes(row[1])) for level in levels for row in self._facts.shapes(level)
        }

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        """Make something once for a state of the hierarchies."""
        mark = self._facts.ask("gate_mark")[0]["mark"]
        with _lock:
            if (mark, name) in self._made:
                return self._made[mark, name]
        made = make()
        with _lock:
            self._made[mark, name] = made
            while len(self._made) > 6:
                self._made.popitem(last=False)
        return made


def distance_to_nearest(lon: float, lat: float, lons: list[float], lats: list[float]) -> float | None:
    """Return the metres to the nearest of some points; None where there is none."""
    return float(metres(lon, lat, lons, lats).min()) if lons else None


class PgSpatial:
    """Let the database answer, by its GiST indexes."""

    def __init__(self, facts: Any) -> None:
        self._read = facts.read

    def buildings_in(self, west: float, south: float, east: float, north: float) -> list[str]:
        """Return the buildings that touch a box; see ``Spatial.buildings_in``."""
        rows = self._read(
            """
            select node_id from shape
            where level = 'building'
                and st_intersects(geom, st_makeenvelope($west, $south, $east, $north, 4326))
            order by node_id limit $most""",
            "the buildings in view", west=west, south=south, east=east, north=north, most=MOST_BUILDINGS,
        )  # fmt: skip
        return [row["node_id"] for row in rows]

    def buildings_within(self, place: str) -> list[str]:
        """Return the buildings in a place; see ``Spatial.buildings_within``."""
        rows = self._read(
            """
            select b.node_id from shape p
            join shape b on b.level = 'building' and st_covers(p.geom, b.geom)
            where p.node_id = $place and p.level <> 'building'
            order by b.node_id""",
            "the buildings of a place", place=place,
        )  # fmt: skip
        return [row["node_id"] for row in rows]

    def nearest(self, lon: float, lat: float, count: int, month: str) -> list[tuple[str, int]]:
        """Return the nearest organisations; see ``Spatial.nearest``.

        Web Mercator's index finds about where the last one lies; true distances decide within it.
        """
        rows = self._read(
            """
            with here as (
                select st_setsrid(st_makepoint($lon, $lat), 4326) as geom,
                    st_transform(st_setsrid(st_makepoint($lon, $lat), 4326), 3857) as mercator
            ),
            reach as (
                select max(n.far) as far from here h cross join lateral (
                    select s.mercator <-> h.mercator as far from spot s
                    where s.first_month <= $month and s.until_month > $month
                    order by s.mercator <-> h.mercator limit $count
                ) n
            )
            select s.org_id, cast(round(st_distancesphere(s.geom, h.geom)) as bigint) as metres
            from here h
            cross join reach r
            join spot s on st_dwithin(s.mercator, h.mercator, r.far * $slack + 1)
            where s.first_month <= $month and s.until_month > $month
            order by 2, 1 limit $count""",
            "the nearest organisations",
            lon=float(lon), lat=float(lat), count=count, month=month, slack=MERCATOR_SLACK,
        )  # fmt: skip
        return [(row["org_id"], row["metres"]) for row in rows]

    def gaps(self, metres: float, month: str) -> list[tuple[str, int | None]]:
        """Return the blanks far from any branch; see ``Spatial.gaps``."""
        rows = self._read(
            """
            select b.building_id, cast(round(n.far) as bigint) as metres
            from (
                select building_id, st_setsrid(st_makepoint(lon, lat), 4326) as geom,
                    st_transform(st_setsrid(st_makepoint(lon, lat), 4326), 3857) as mercator
                from blank
            ) b
            left join lateral (
                select min(st_distancesphere(c.geom, b.geom)) as far
                from (
                    select s.geom from spot s
                    where s.level = 'branch' and s.first_month <= $month and s.until_month > $month
                    order by s.mercator <-> b.mercator limit 8
                ) c
            ) n on true
            where n.far is null or n.far > $metres
            order by b.building_id""",
            "the coverage gaps", metres=float(metres), month=month,
        )  # fmt: skip
        return [(row["building_id"], row["metres"]) for row in rows]

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return the buildings of a tile; see ``Spatial.tile``. What is smaller than a pixel is left out.

        A building on the edge stands whole in both tiles: cutting each costs a quarter of the time, and a
        map shows of a tile what lies inside it.
        """
        rows = self._read(
            """
            with bounds as (select st_tileenvelope($z, $x, $y) as box)
            select st_asmvt(t, 'buildings', 4096, 'geom', 'fid') as tile
            from (
                select s.node_id as id, s.name, s.kind, s.floors, s.gaps, s.organisations,
                    abs(hashtext(s.node_id)) as fid, st_asmvtgeom(s.mercator, b.box, 4096, 64, false) as geom
                from bounds b
                join shape s on s.level = 'building' and s.mercator && b.box
                where $z::integer >= 14
                    or greatest(
                        st_xmax(s.mercator) - st_xmin(s.mercator), st_ymax(s.mercator) - st_ymin(s.mercator)
                    ) >= 156543.034 / power(2, $z::integer)
            ) t
            where t.geom is not null""",
            "a tile", z=z, x=x, y=y,
        )  # fmt: skip
        return bytes(rows[0]["tile"] or b"") if rows else b""
