"""Places, classes, contours, shapes, partitions and landmarks: each holds what it promises."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Polygon, box

from geo.classes import class_breaks, class_of, class_spans, classes_of
from geo.grids import (
    LEVELS,
    cell_centre,
    cell_of,
    contour_levels,
    contours,
    density,
    from_mercator,
    to_mercator,
)
from geo.landmarks import LANDMARKS
from geo.partition import Style, divide, faces, regions
from geo.places import BrokenTreeError, Place, PlaceTree, UnknownPlaceError
from geo.shapes import (
    area_km2,
    bounds_of,
    feature_collection,
    flat_rings,
    geojson_text,
    inscribed_radius_m,
    label_point,
    length_km,
    quantised,
    simplify_together,
)

# Places


@pytest.fixture
def tree() -> PlaceTree:
    return PlaceTree(
        [
            Place("320115", "江宁区", "district", bounds=(118.48, 31.62, 119.12, 32.11)),
            Place("320115001", "东山街道", "town", "320115", lon=118.84, lat=31.95),
            Place("320115002", "秣陵街道", "town", "320115", lon=118.79, lat=31.87),
            Place("320115001001", "中前社区", "community", "320115001", lon=118.85, lat=31.96),
            Place("B000001", "科创大厦", "building", "320115001001"),
        ]
    )


def test_the_breadcrumb_runs_from_the_root(tree: PlaceTree) -> None:
    assert [place.id for place in tree.breadcrumb("B000001")] == [
        "320115", "320115001", "320115001001", "B000001",
    ]  # fmt: skip
    assert [place.name for place in tree.children("320115")] == ["东山街道", "秣陵街道"]
    assert tree.children("B000001") == ()
    assert [place.id for place in tree.at_level("community")] == ["320115001001"]
    assert tree.common("B000001", "320115002").id == "320115"
    assert tree.is_within("B000001", "320115001")
    assert not tree.is_within("320115002", "320115001")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("320115001001", "320115001001"), ("32011500199", "320115001"), ("320115001999", "320115001"),
        ("320115077", "320115"), ("B000001/12", "B000001"), ("B999999/3", "320115"), ("O00012", "320115"),
        ("", "320115"), (None, "320115"), ("../../etc", "320115"), ("３２０", "320115"),
    ],
)  # fmt: skip
def test_an_unknown_place_falls_back_to_the_nearest(tree: PlaceTree, asked: str | None, found: str) -> None:
    assert tree.nearest(asked).id == found


def test_bounds_hold_what_is_below(tree: PlaceTree) -> None:
    assert tree.bounds("320115001") == (118.84, 31.95, 118.85, 31.96)
    assert tree.bounds("320115") == (118.48, 31.62, 119.12, 32.11)
    assert tree.bounds("B000001") == (118.85, 31.96, 118.85, 31.96)


def test_broken_trees_are_refused() -> None:
    with pytest.raises(BrokenTreeError, match="one root"):
        PlaceTree([])
    with pytest.raises(BrokenTreeError, match="missing"):
        PlaceTree([Place("a", "甲", "district"), Place("b", "乙", "town", "z")])
    with pytest.raises(BrokenTreeError, match="ancestors"):
        PlaceTree(
            [Place("a", "甲", "district"), Place("b", "乙", "town", "c"), Place("c", "丙", "town", "b")]
        )


def test_an_unknown_place_is_named(tree: PlaceTree) -> None:
    with pytest.raises(UnknownPlaceError, match="320115999"):
        tree.breadcrumb("320115999")


# Classes


@given(
    values=st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 2)), max_size=60),
    classes=st.integers(1, 6),
    method=st.sampled_from(["nice", "quantile", "jenks"]),
)
def test_equal_values_share_a_class_and_no_class_is_empty(
    values: list[float], classes: int, method: str
) -> None:
    breaks = class_breaks(values, classes, method)  # type: ignore[arg-type]
    assert breaks == sorted(set(breaks))
    assert len(breaks) <= classes - 1
    if values:
        which = [class_of(value, breaks) for value in values]
        assert set(which) == set(range(len(breaks) + 1))
        assert list(classes_of(values, breaks)) == which
        order = np.argsort(values)
        assert (np.diff(np.asarray(which)[order]) >= 0).all()


def test_nice_breaks_are_round() -> None:
    assert class_breaks(range(100)) == [20, 40, 60, 80]
    assert class_breaks([93.1, 94.2, 95.5, 97, 96.3, 88]) == [90, 94, 96, 97]
    assert class_breaks([5, 5, 5]) == []


def test_jenks_finds_the_clumps() -> None:
    assert class_breaks([1, 2, 3, 50, 51, 52, 99, 100], 3, "jenks") == [50, 99]


def test_gaps_have_no_class_and_labels_tell_the_truth() -> None:
    assert class_of(None, [1.0]) == class_of(float("nan"), [1.0]) == -1
    spans = class_spans([1, 2, 5, 9, float("nan")], [3.0, 20.0])
    assert [(span.low, span.high, span.count) if span else None for span in spans] == [
        (1, 2, 2), (5, 9, 2), None,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="method"):
        class_breaks([1, 2], 5, "guess")  # type: ignore[arg-type]


# Grids


def test_cells_and_degrees_agree() -> None:
    lon, lat = np.array([118.84, 119.03]), np.array([31.95, 32.05])
    east, north = cell_of(lon, lat)
    back = cell_centre(east, north)
    assert np.abs(back[0] - lon).max() < 0.0013
    assert np.abs(back[1] - lat).max() < 0.0013
    assert np.allclose(from_mercator(*to_mercator(lon, lat)), (lon, lat))
    assert cell_of(118.84, 31.95, lod=1)[0] == east[0] // 4


def many_cells(count: int = 1600) -> list[tuple[int, int, float, int]]:
    random = np.random.default_rng(5)
    east, north = cell_of(
        118.8 + 0.1 * random.standard_normal(count), 31.9 + 0.1 * random.standard_normal(count)
    )
    weight, organisations = random.integers(5, 200, count), random.integers(3, 9, count)
    columns = (east, north, weight, organisations)
    return [(int(x), int(y), float(w), int(n)) for x, y, w, n in zip(*columns, strict=True)]


def test_one_organisation_alone_draws_nothing() -> None:
    east, north = (int(cell[()]) for cell in cell_of(118.84, 31.95))
    assert contour_levels([(east, north, 40.0, 1)]) == []
    assert contour_levels([]) == []
    assert contour_levels([(east, north, 0.0, 9)]) == []
    assert len(contour_levels([(east, north, 40.0, 3)])) == len(LEVELS)


def test_a_small_cell_leaves_no_trace_among_others() -> None:
    cells = many_cells(300)
    east, north = (int(cell[()]) for cell in cell_of(118.6, 31.7))
    assert contour_levels([*cells, (east, north, 5000.0, 2)]) == contour_levels(cells)


def test_every_count_must_reach_its_minimum() -> None:
    support = np.array([[5, 4], [5, 10], [2, 50]])
    kept = density([0, 900, 1800], [0, 0, 0], [1, 1, 1], support, (3, 10))
    assert kept is not None
    assert kept.values.sum() == pytest.approx(1, rel=1e-3)
    assert abs(kept.x[np.argmax(kept.values.sum(axis=0))] - 900.5 * 250) < 1


def test_the_kernel_has_its_width_on_the_ground() -> None:
    east, north = (int(cell[()]) for cell in cell_of(118.84, 31.95))
    surface = density([east], [north], [10.0], [9])
    assert surface is not None
    row = surface.values[np.argmax(surface.values.max(axis=1))]
    metres = (surface.x - surface.x[np.argmax(row)]) * np.cos(np.radians(31.95))
    spread = np.sqrt((row * metres**2).sum() / row.sum())
    # Along a line through the top each gaussian weighs share / width.
    shares = np.array([0.75 / 1150, 0.25 / 2600])
    expected = np.sqrt((shares * np.array([1150, 2600]) ** 2).sum() / shares.sum())
    assert spread == pytest.approx(expected, rel=0.05)


def test_contours_stay_inside_and_are_small() -> None:
    outline = shapely.Point(118.8, 31.87).buffer(0.25, quad_segs=36)
    cells = many_cells()
    found = contour_levels(cells, outline)
    assert [share for share, _ in found] == sorted(share for share, _ in found)
    for _, rings in found:
        for ring in rings:
            assert all(isinstance(value, int) for value in ring)
            points = np.array(ring).reshape(-1, 2) / 1e5
            assert shapely.distance(shapely.points(points), outline).max() < 2e-5
    assert len(json.dumps(found)) < 120_000


def test_contours_of_nothing_inside_are_none() -> None:
    table = np.array(many_cells(200))
    surface = density(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
    assert surface is not None
    assert contours(surface, box(100, 20, 101, 21)) == []


# Shapes

LEFT = Polygon([(118.7, 31.8), (118.8, 31.8), (118.8003, 31.85), (118.8, 31.9), (118.7, 31.9)])
RIGHT = Polygon([(118.8, 31.8), (118.9, 31.8), (118.9, 31.9), (118.8, 31.9), (118.8003, 31.85)])


def test_areas_and_lengths_are_those_on_the_ground() -> None:
    area, length = Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(LEFT))
    assert area_km2(LEFT) == pytest.approx(area / 1e6, rel=1e-3)
    assert length_km(LEFT) == pytest.approx(length / 1e3, rel=1e-3)
    assert area_km2(shapely.Point(118.8, 31.9)) == 0


def test_simplifying_keeps_shared_borders() -> None:
    simple = simplify_together([LEFT, RIGHT], 600)
    assert shapely.coverage_is_valid(simple)
    assert sum(shapely.get_num_coordinates(simple)) < 12
    assert len(simplify_together([LEFT, LEFT], 200)) == 2


def test_names_stand_in_the_widest_place_a_little_towards_the_seat() -> None:
    square = box(118.7, 31.8, 118.8, 31.9)
    lon, lat = label_point(square)
    assert square.contains(shapely.Point(lon, lat))
    assert lat == pytest.approx(31.85, abs=0.02)
    moved = label_point(square, (118.71, 31.85))
    assert moved[0] == pytest.approx(lon + 0.15 * (118.71 - lon), abs=0.002)
    ring = shapely.Point(118.8, 31.9).buffer(0.1).difference(shapely.Point(118.84, 31.9).buffer(0.1))
    assert ring.contains(shapely.Point(label_point(ring, (118.83, 31.9))))
    assert label_point(shapely.Point(118.8, 31.9)) == (118.8, 31.9)
    assert inscribed_radius_m(square) == pytest.approx(4_725, rel=0.02)


def test_bounds_go_around_everything() -> None:
    assert bounds_of([LEFT, RIGHT]) == (118.7, 31.8, 118.9, 31.9)
    assert bounds_of([]) is None
    assert bounds_of([Polygon()]) is None


def test_the_wire_form_is_small_and_valid() -> None:
    tiny = box(118.8, 31.9, 118.8000001, 31.9000001)
    assert quantised(tiny).is_valid
    collection = feature_collection({"a": LEFT, "b": RIGHT}, {"a": {"name": "东山"}})
    text = geojson_text(collection)
    assert "东山" in text
    assert " " not in text
    read = [shapely.geometry.shape(feature["geometry"]) for feature in json.loads(text)["features"]]
    assert shapely.coverage_is_valid(read)
    assert [feature["id"] for feature in collection["features"]] == ["a", "b"]
    assert all(shape.exterior.is_ccw for shape in read)
    assert flat_rings(LEFT)[0][:4] == [11870000, 3180000, 11880000, 3180000]


# Partition


@pytest.mark.parametrize("seed", range(4))
def test_a_partition_tiles_its_shape_by_shares(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = shapely.Point(0, 0).buffer(10_000, quad_segs=20).difference(box(4000, -1500, 12_000, 1500))
    assert isinstance(shape, Polygon)
    sites = rng.uniform(-6000, 3500, (6, 2))
    shares = [1.0, 2.0, 1.0, 3.0, 1.5, 1.5]
    style = Style(((300.0, 4000.0), (100.0, 1200.0)), 120.0)
    division = divide(shape, sites, range(6), shares, 150.0, style, rng, [0.3] * 6)
    drawn = regions(faces(shape, division.lines), division.label_at, 6)
    assert shapely.coverage_is_valid(drawn)
    assert all(region.geom_type == "Polygon" for region in drawn)
    assert sum(region.area for region in drawn) == pytest.approx(shape.area, rel=1e-4)
    for region, share in zip(drawn, shares, strict=True):
        assert region.area / shape.area == pytest.approx(share / 10, rel=0.2)


# Landmarks


def test_landmarks_lie_in_or_near_the_district() -> None:
    names = [landmark.name for landmark in LANDMARKS]
    assert len(set(names)) == len(names)
    assert {"airport", "railway", "hill", "lake"} <= {landmark.kind for landmark in LANDMARKS}
    for landmark in LANDMARKS:
        assert 118.45 < landmark.lon < 119.15
        assert 31.6 < landmark.lat < 32.15
        assert landmark.name_en.isascii()
        assert landmark.source


def test_metro_landmarks_are_about_where_the_stations_are(shared: object) -> None:
    # Neighbouring stations of the reference list bound the line on which the landmarks lie.
    stations = np.loadtxt(
        f"{shared}/data/metro_stations_osm_subset_wgs84.csv", delimiter=",", skiprows=1, usecols=(1, 2),
        encoding="utf-8-sig",
    )  # fmt: skip
    for landmark in LANDMARKS:
        if landmark.kind == "metro":
            away = np.hypot((stations[:, 0] - landmark.lon) * 94.6, (stations[:, 1] - landmark.lat) * 110.9)
            assert away.min() < 8
