"""The demo district: real outline, named schematic regions that tile it, plausible buildings."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

from loaders.demo.geography import Geography, build_geography, reference_neighbours, reference_outline


@pytest.fixture(scope="module")
def drawn() -> Geography:
    start = time.perf_counter()
    geography = build_geography(2019)
    assert time.perf_counter() - start < 20
    return geography


def test_the_outline_is_the_real_one(drawn: Geography) -> None:
    outline = reference_outline()
    assert outline.symmetric_difference(drawn.district).area / outline.area < 1e-4
    metres = gpd.GeoSeries([drawn.district], crs=4326).to_crs(4549)
    assert metres.area.iloc[0] / 1e6 == pytest.approx(1545, abs=2)


def test_regions_tile_the_district_exactly(drawn: Geography) -> None:
    communities = np.asarray(drawn.communities.geometry.array)
    towns = np.asarray(drawn.towns.geometry.array)
    assert len(communities) == 207
    assert len(towns) == 10
    assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in [*communities, *towns])
    assert shapely.coverage_is_valid(communities)
    assert shapely.coverage_is_valid(towns)
    assert shapely.coverage_union_all(communities).symmetric_difference(drawn.district).area == 0
    for town in drawn.towns.itertuples():
        own = communities[(drawn.communities.town_id == town.region_id).to_numpy()]
        assert shapely.coverage_union_all(own).equals(town.geometry)


def test_towns_have_their_published_sizes_and_seats(drawn: Geography) -> None:
    published = {
        "东山街道": 71, "秣陵街道": 182, "汤山街道": 185, "淳化街道": 132, "禄口街道": 165,
        "江宁街道": 258, "谷里街道": 158, "湖熟街道": 145, "横溪街道": 215, "麒麟街道": 62,
    }  # fmt: skip
    areas = dict(zip(drawn.towns.name, drawn.towns.to_crs(4549).area / 1e6, strict=True))
    scale = sum(areas.values()) / sum(published.values())
    for name, area in published.items():
        assert areas[name] == pytest.approx(area * scale, rel=0.06), name
    for town in drawn.towns.itertuples():
        assert town.geometry.contains(shapely.Point(town.seat_lon, town.seat_lat)), town.name


def test_names_are_the_real_ones(drawn: Geography) -> None:
    names = dict(zip(drawn.communities.region_id, drawn.communities.name, strict=True))
    assert names["320115001001"] == "中前社区"
    assert names["320115002202"] == "火炬村"
    assert set(drawn.communities.kind) == {"urban_community", "village"}
    assert (drawn.communities.kind == "village").sum() == 71
    assert not drawn.communities.name.str.contains("委|虚拟").any()
    assert drawn.communities.name_en.str.match(r"^[A-Z][a-z]+ (Community|Village)$").all()
    assert (drawn.communities.region_id.str[:9] == drawn.communities.town_id).all()
    assert drawn.communities.weight.sum() == pytest.approx(1)
    by_town = drawn.communities.groupby("town_id").weight.sum()
    assert by_town["320115001"] == pytest.approx(0.20)
    assert by_town["320115010"] == pytest.approx(0.05)


def test_buildings_stand_inside_their_community(drawn: Geography) -> None:
    buildings = drawn.buildings.merge(
        drawn.communities[["region_id", "geometry"]], left_on="community_id", right_on="region_id"
    )
    assert len(buildings) == len(drawn.buildings) == 8000
    inside = shapely.contains_properly(
        np.asarray(buildings.geometry_y.array), np.asarray(buildings.geometry_x.array)
    )
    assert inside.all()
    tree = shapely.STRtree(drawn.buildings.geometry.array)
    first, second = tree.query(drawn.buildings.geometry.array, predicate="overlaps")
    assert not len(first)
    assert not len(second)


def test_buildings_are_plausible(drawn: Geography) -> None:
    buildings = drawn.buildings
    assert set(buildings.kind) == {
        "office", "park", "school", "hospital", "residential", "organ", "factory",
    }  # fmt: skip
    assert buildings.floors.between(1, 32).all()
    assert buildings.building_id.is_unique
    assert buildings.building_id.str.fullmatch(r"B\d{6}").all()
    assert not buildings.duplicated(["community_id", "name"]).any()
    assert set(buildings.community_id) == set(drawn.communities.region_id)
    assert set(buildings.grade.dropna()) <= {"A", "B", "C"}
    assert set(buildings[buildings.grade.notna()].kind) == {"office", "park"}
    tall = buildings.groupby("kind").floors.mean()
    assert tall["office"] > tall["school"] > tall["factory"]
    areas = buildings.to_crs(4549).area
    assert areas.between(100, 12_000).all()


def test_a_seed_draws_the_same_again_and_another_seed_another(drawn: Geography) -> None:
    again = build_geography(2019)
    assert shapely.equals_exact(again.communities.geometry.array, drawn.communities.geometry.array).all()
    assert again.buildings.drop(columns="geometry").equals(drawn.buildings.drop(columns="geometry"))
    other = build_geography(7)
    assert shapely.coverage_is_valid(np.asarray(other.communities.geometry.array))
    assert len(other.communities) == 207
    assert not other.towns.geometry.iloc[0].equals(drawn.towns.geometry.iloc[0])


def test_a_greater_scale_draws_more_buildings_in_the_same_regions(drawn: Geography) -> None:
    larger = build_geography(2019, scale=3)
    assert shapely.equals_exact(larger.communities.geometry.array, drawn.communities.geometry.array).all()
    assert 15_000 < len(larger.buildings) < 20_000
    with pytest.raises(ValueError, match="scale"):
        build_geography(2019, scale=0)


def test_the_neighbours_lie_around(drawn: Geography) -> None:
    neighbours = reference_neighbours()
    assert len(neighbours) == 10
    assert "江宁区" not in set(neighbours.name)
    overlap = neighbours.geometry.intersection(drawn.district).to_crs(4549).area.sum()
    assert overlap < 1e6
