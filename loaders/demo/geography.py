"""Draw the demo district: its real outline and names, and schematic towns, communities and buildings inside.

The outline and the names are facts (see reference/README.md). Boundaries below the district are not public,
so they are a seeded schematic partition (示意) by published areas and known seats; buildings are invented.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.optimize import linear_sum_assignment
from shapely.geometry import LineString, Polygon, shape

from geo.partition import Division, Floats, Labels, Style, divide, faces, regions
from loaders.demo.footprints import draw_buildings

METRES = "EPSG:4549"
DEGREES = "EPSG:4326"

TOWN_STYLE = Style(warp=((900.0, 9000.0), (320.0, 3200.0), (120.0, 1300.0), (50.0, 600.0)), smooth=120.0)
COMMUNITY_STYLE = Style(warp=((260.0, 3200.0), (110.0, 1200.0), (50.0, 550.0)), smooth=75.0)

# Sites beside the seat that give a town its known shape; (lon, lat), about ±2 km.
SHAPING = {
    "320115001": ((118.815, 31.960), (118.880, 31.975)),
    "320115002": ((118.785, 31.920), (118.790, 31.825)),
    "320115003": ((119.020, 31.995),),
    "320115004": ((118.885, 31.905), (119.050, 31.945)),
    "320115005": ((118.900, 31.715),),
    "320115006": ((118.525, 31.815), (118.610, 31.790)),
    "320115007": ((118.665, 31.835),),
    "320115008": ((119.050, 31.870), (118.985, 31.800)),
    "320115009": ((118.730, 31.670), (118.745, 31.760)),
}


@dataclass(frozen=True)
class Geography:
    """The drawn district; all geometries are lon, lat in EPSG:4326.

    `district`: one polygon. `towns`: region_id, name, name_en, kind, seat_lon, seat_lat, weight, geometry.
    `communities`: region_id, name, name_en, kind (urban_community | village), town_id, weight, geometry.
    `buildings`: building_id, name, kind, community_id, floors, grade (A, B, C or null), geometry.
    Weights are shares of the district's members and sum to one. Communities tile their town and towns tile
    the district without gap or overlap: shared borders have the same vertices.
    """

    district: Polygon
    towns: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def project(lon: Floats, lat: Floats) -> Floats:
    """Turn degrees into metres of EPSG:4549, shape (n, 2), x east and y north."""
    x, y = _transformer(DEGREES, METRES).transform(lon, lat)
    return np.column_stack([x, y])


def _point(lon: str, lat: str) -> Floats:
    """Turn the degrees of a table into metres, (2,)."""
    place: Floats = project(np.array([float(lon)]), np.array([float(lat)]))[0]
    return place


def reference_outline() -> Polygon:
    """Read the real outline of the district in degrees."""
    outline = shape(_features("district.geojson")[0]["geometry"])
    assert isinstance(outline, Polygon)
    return outline


def reference_neighbours() -> gpd.GeoDataFrame:
    """Read the ten other districts of the city: region_id, name, name_en, lon, lat, geometry in EPSG:4326."""
    features = _features("neighbours.geojson")
    rows = [{**feature["properties"], "geometry": shape(feature["geometry"])} for feature in features]
    return gpd.GeoDataFrame(rows, crs=DEGREES)


def _features(name: str) -> list[dict[str, Any]]:
    text = files("loaders.demo").joinpath("reference", name).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["features"]
    return found


def _rows(name: str) -> list[dict[str, str]]:
    text = files("loaders.demo").joinpath("reference", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def build_geography(seed: int, scale: int = 1) -> Geography:
    """Draw towns, communities and buildings, the same for the same `seed`; 8,000 buildings at scale 1.

    A greater `scale` keeps the regions and draws more buildings, at most 200,000. Raises ValueError for a
    scale below 1.
    """
    if scale < 1:
        raise ValueError(f"scale must be 1 or more, not {scale}")
    towns, communities = _rows("towns.csv"), _rows("communities.csv")
    outline = shapely.transform(reference_outline(), lambda xy: project(xy[:, 0], xy[:, 1]))
    drawn = _town_division(outline, towns, np.random.default_rng([seed, 1]))
    town_shapes = regions(faces(outline, drawn.lines), drawn.label_at, len(towns))
    shapes = _community_shapes(outline, town_shapes, towns, communities, seed)
    weights = _community_weights(towns, communities, np.random.default_rng([seed, 3]))
    table = _community_table(communities, shapes, weights)
    buildings = draw_buildings(table, _seats(towns), _building_count(scale), np.random.default_rng([seed, 4]))
    return Geography(
        district=_district(table),
        towns=_town_table(towns, table),
        communities=_in_degrees(table),
        buildings=_in_degrees(buildings),
    )


def _building_count(scale: int) -> int:
    # Cities grow upwards as well as outwards: ten times the members need about five times the buildings.
    return int(min(200_000, round(8000 * scale**0.7)))


def _town_division(outline: Polygon, towns: list[dict[str, str]], rng: np.random.Generator) -> Division:
    lon, lat, owner = [], [], []
    for number, town in enumerate(towns):
        seat = (float(town["seat_lon"]), float(town["seat_lat"]))
        for site in (seat, *SHAPING.get(town["region_id"], ())):
            lon.append(site[0])
            lat.append(site[1])
            owner.append(number)
    shares = [float(town["published_km2"]) for town in towns]
    sites = project(np.array(lon), np.array(lat))
    return divide(outline, sites, owner, shares, 90.0, TOWN_STYLE, rng, rounds=1)


def _community_shapes(
    outline: Polygon,
    town_shapes: list[Polygon],
    towns: list[dict[str, str]],
    communities: list[dict[str, str]],
    seed: int,
) -> list[Polygon]:
    """Draw all communities in one web of lines, so that borders are shared across towns as well."""
    lines = [LineString(part.coords) for town in town_shapes for part in (town.exterior, *town.interiors)]
    order: list[int] = []
    drawn: list[tuple[Division, int]] = []
    for number, (town, boundary) in enumerate(zip(towns, town_shapes, strict=True)):
        rng = np.random.default_rng([seed, 2, number])
        own = [i for i, row in enumerate(communities) if row["town_id"] == town["region_id"]]
        division, names = _town_inside(boundary, town, [communities[i] for i in own], rng)
        drawn.append((division, len(order)))
        order += [own[name] for name in names]
        lines += division.lines
    tree = shapely.STRtree(town_shapes)

    def label_of(points: Floats) -> Labels:
        label: Labels = np.zeros(len(points), dtype=np.int32)
        town_of = tree.nearest(shapely.points(points))
        for number, (division, first) in enumerate(drawn):
            own = town_of == number
            label[own] = division.label_at(points[own]) + first
        return label

    shapes = regions(faces(outline, lines), label_of, len(order))
    return [shapes[order.index(i)] for i in range(len(communities))]


def _town_inside(
    boundary: Polygon, town: dict[str, str], rows: list[dict[str, str]], rng: np.random.Generator
) -> tuple[Division, list[int]]:
    """Divide a town into its communities; the list says which row each region is."""
    seat = _point(town["seat_lon"], town["seat_lat"])
    sites = _spread_sites(boundary, seat, len(rows), rng)
    away = np.hypot(*(sites - seat).T) / np.sqrt(boundary.area)
    # Communities of a seat are small and dense; those far out take in fields and hills.
    size = (0.25 + np.minimum(away, 0.9) ** 1.1) * rng.lognormal(0.0, 0.22, len(sites))
    names = _assign_names(sites, away, rows, rng)
    cell = 50.0 if boundary.area < 1e8 else 70.0
    stay = np.full(len(sites), 0.45)
    return divide(boundary, sites, range(len(sites)), size, cell, COMMUNITY_STYLE, rng, stay), names


def _spread_sites(boundary: Polygon, seat: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Scatter `count` sites apart from one another, closer near the seat; the first is at the seat."""
    west, south, east, north = boundary.bounds
    points = rng.uniform((west, south), (east, north), (count * 400, 2))
    points = points[shapely.contains_xy(boundary, points[:, 0], points[:, 1])]
    spread = 0.45 + 1.3 * np.minimum(np.hypot(*(points - seat).T) / np.sqrt(boundary.area), 0.9)
    chosen = [seat if boundary.contains(shapely.Point(seat)) else points[0]]
    gap = np.hypot(*(points - chosen[0]).T) / spread
    for _ in range(count - 1):
        # The farthest of a random few: even spacing with some disorder.
        few = rng.choice(len(points), min(60, len(points)), replace=False)
        best = few[int(np.argmax(gap[few]))]
        chosen.append(points[best])
        gap = np.minimum(gap, np.hypot(*(points - points[best]).T) / spread)
    return np.array(chosen)


def _assign_names(
    sites: Floats, away: Floats, rows: list[dict[str, str]], rng: np.random.Generator
) -> list[int]:
    """Match names to sites: known places near where they are, villages rather far from the seat."""
    cost = np.zeros((len(sites), len(rows)))
    for column, row in enumerate(rows):
        if row["near_lon"]:
            near = _point(row["near_lon"], row["near_lat"])
            cost[:, column] = (np.hypot(*(sites - near).T) / 1000) ** 1.5 * 4
        else:
            outward = 1 if row["kind"] == "urban_community" else -1
            cost[:, column] = outward * away + rng.uniform(0, 0.3, len(sites))
    return [int(column) for column in linear_sum_assignment(cost)[1]]


def _community_weights(
    towns: list[dict[str, str]], communities: list[dict[str, str]], rng: np.random.Generator
) -> Floats:
    """Share the members out: towns by their weight, inside a town log-normal with spread 0.5."""
    raw = rng.lognormal(0.0, 0.5, len(communities))
    town_of = np.array([row["town_id"] for row in communities])
    weights = np.zeros(len(communities))
    total = sum(float(town["weight"]) for town in towns)
    for town in towns:
        own = town_of == town["region_id"]
        weights[own] = raw[own] / raw[own].sum() * float(town["weight"]) / total
    return weights


def _seats(towns: list[dict[str, str]]) -> dict[str, Floats]:
    return {town["region_id"]: _point(town["seat_lon"], town["seat_lat"]) for town in towns}


def _community_table(rows: list[dict[str, str]], shapes: list[Polygon], weights: Floats) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(rows)[["region_id", "name", "name_en", "kind", "town_id"]]
    return gpd.GeoDataFrame(frame.assign(weight=weights), geometry=shapes, crs=METRES)


def _degrees(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Turn metres into degrees of seven decimals (1 cm); equal vertices stay equal."""

    def back(xy: Floats) -> Floats:
        lon, lat = _transformer(METRES, DEGREES).transform(xy[:, 0], xy[:, 1])
        return np.round(np.column_stack([lon, lat]), 7)

    turned: NDArray[np.object_] = shapely.transform(geometry, back)
    return turned


def _in_degrees(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    geometry = _degrees(np.asarray(table.geometry.array, dtype=object))
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=geometry, crs=DEGREES)


def _district(table: gpd.GeoDataFrame) -> Polygon:
    whole = shapely.coverage_union_all(_degrees(np.asarray(table.geometry.array, dtype=object)))
    assert isinstance(whole, Polygon)
    return whole


def _town_table(rows: list[dict[str, str]], table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(rows)[["region_id", "name", "name_en", "kind", "seat_lon", "seat_lat", "weight"]]
    numbers = {column: frame[column].astype(float) for column in ("seat_lon", "seat_lat", "weight")}
    frame = frame.assign(**numbers)
    frame["weight"] = frame["weight"] / frame["weight"].sum()
    parts = _degrees(np.asarray(table.geometry.array, dtype=object))
    owner = table["town_id"].to_numpy()
    shapes = [shapely.coverage_union_all(parts[owner == town]) for town in frame["region_id"]]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=DEGREES)
