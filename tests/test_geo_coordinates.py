"""Coordinate systems: published vectors, exact inverses, and nothing moved outside China."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from geo.coordinates import SYSTEMS, UnknownSystemError, convert, in_china

GEOD = Geod(ellps="WGS84")

# Published test vectors: (lon, lat, source, target, lon, lat).
EVILTRANSFORM = [
    (121.5272106, 31.1774276, "wgs84", "gcj02", 121.531541859215, 31.17530398364597),
    (113.912316, 22.543847, "wgs84", "gcj02", 113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954, "wgs84", "gcj02", 116.38404722455657, 39.91334545536069),
]
COORDTRANSFORM = [
    (116.404, 39.915, "bd09", "gcj02", 116.39762729119315, 39.90865673957631),
    (116.404, 39.915, "gcj02", "bd09", 116.41036949371029, 39.92133699351021),
    (116.404, 39.915, "wgs84", "gcj02", 116.41024449916938, 39.91640428150164),
    (116.404, 39.915, "gcj02", "wgs84", 116.39775549316407, 39.913596801757805),
]

# Answers of Baidu's conversion service (geoconv v1), as printed in several public repositories.
BAIDU = [
    (114.21892734521, 29.575429778924, "wgs84", "bd09", 114.2307519546763, 29.57908428837437),
    (114.21892734521, 29.575429778924, "wgs84", "gcj02", 114.22430528428819, 29.57284912109375),
]
# Vectors that eviltransform prints for its own variant of bd09, which is not the one taken here.
OTHER_VARIANT = [
    (120.019809, 29.199786, 120.00877901149691, 29.196131605295484),
    (120.036455, 29.210504, 120.0253853970846, 29.206795749156136),
]


def metres(lon: object, lat: object, other_lon: object, other_lat: object) -> np.ndarray:
    return np.asarray(GEOD.inv(lon, lat, other_lon, other_lat)[2])


@pytest.mark.parametrize(
    ("lon", "lat", "source", "target", "east", "north"), EVILTRANSFORM + COORDTRANSFORM + BAIDU
)
def test_published_vectors_are_met_within_a_metre(
    lon: float, lat: float, source: str, target: str, east: float, north: float
) -> None:
    found = convert(lon, lat, source, target)
    assert metres(*found, east, north) < 1.0


@pytest.mark.parametrize(("lon", "lat", "east", "north"), OTHER_VARIANT)
def test_the_other_variant_of_bd09_stays_within_its_known_distance(
    lon: float, lat: float, east: float, north: float
) -> None:
    assert 5 < metres(*convert(lon, lat, "bd09", "wgs84"), east, north) < 50


@pytest.mark.parametrize("source", SYSTEMS)
@pytest.mark.parametrize("target", SYSTEMS)
def test_there_and_back_is_exact_to_a_millimetre(source: str, target: str) -> None:
    random = np.random.default_rng(1)
    lon, lat = random.uniform(73.6, 135.0, 20_000), random.uniform(4.0, 53.4, 20_000)
    back = convert(*convert(lon, lat, source, target), target, source)
    assert metres(lon, lat, *back).max() < 1e-3


@given(
    lon=st.floats(73.5, 135.1), lat=st.floats(3.9, 53.5),
    source=st.sampled_from(SYSTEMS), target=st.sampled_from(SYSTEMS),
)  # fmt: skip
def test_any_point_comes_back(lon: float, lat: float, source: str, target: str) -> None:
    back = convert(*convert(lon, lat, source, target), target, source)
    assert metres(lon, lat, *back) < 1e-3


def test_the_shift_in_jiangning_is_the_known_one() -> None:
    lon, lat = 118.84, 31.95
    assert metres(lon, lat, *convert(lon, lat, "wgs84", "gcj02")) == pytest.approx(535, abs=25)
    assert metres(lon, lat, *convert(lon, lat, "wgs84", "bd09")) == pytest.approx(1173, abs=40)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (139.69, 35.69),
        (-0.13, 51.5),
        (103.85, 1.29),
        (0.0, 0.0),
        (-118.8, 31.9),
        (151.2, -33.9),
        (72.9, 19.1),
    ],
)
def test_nothing_moves_outside_china(lon: float, lat: float) -> None:
    for source in SYSTEMS:
        for target in SYSTEMS:
            assert convert(lon, lat, source, target) == (lon, lat)
    assert not in_china(lon, lat)


def test_both_directions_decide_alike_at_the_edge() -> None:
    random = np.random.default_rng(2)
    lon = random.uniform(135.15, 135.25, 4000)
    lat = random.uniform(40, 50, 4000)
    shifted = convert(lon, lat, "wgs84", "gcj02")
    inside = in_china(lon, lat)
    assert np.array_equal(inside, shifted[0] != lon)
    back = convert(*shifted, "gcj02", "wgs84")
    assert metres(lon, lat, *back)[inside].max() < 1e-3
    far = lon > 135.22
    assert np.array_equal(back[0][far], lon[far])


def test_gaps_and_shapes_pass_through() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lon, lat = convert(
            [[np.nan, 118.8], [np.inf, 118.9]], [[31.9, 31.9], [31.9, np.nan]], "gcj02", "wgs84"
        )
        empty = convert([], [], "bd09", "wgs84")
    assert lon.shape == (2, 2)
    assert np.isnan(lon[0, 0])
    assert lat[0, 0] == 31.9
    assert np.isinf(lon[1, 0])
    assert np.isnan(lat[1, 1])
    assert lon[0, 1] != 118.8
    assert empty[0].shape == (0,)
    assert isinstance(convert(118.8, 31.9, "wgs84", "gcj02")[0], float)
    assert convert(np.array([118.8, 118.9]), 31.9, "wgs84", "gcj02")[1].shape == (2,)


def test_the_input_is_left_alone() -> None:
    lon, lat = np.array([118.8]), np.array([31.9])
    convert(lon, lat, "wgs84", "bd09")
    assert (lon[0], lat[0]) == (118.8, 31.9)


@pytest.mark.parametrize("name", ["wgs-84", "GCJ02", "", "mars", None])
def test_an_unknown_system_is_refused_with_the_allowed_ones(name: str) -> None:
    with pytest.raises(UnknownSystemError, match="wgs84, gcj02, bd09, cgcs2000"):
        convert(118.8, 31.9, name, "wgs84")
    with pytest.raises(ValueError, match="unknown coordinate system"):
        convert(118.8, 31.9, "wgs84", name)


def test_cgcs2000_is_wgs84_here() -> None:
    assert convert(118.84, 31.95, "cgcs2000", "wgs84") == (118.84, 31.95)
    assert convert(118.84, 31.95, "cgcs2000", "gcj02") == convert(118.84, 31.95, "wgs84", "gcj02")
    proj = Transformer.from_crs("EPSG:4490", "EPSG:4326", always_xy=True).transform(118.84, 31.95)
    assert metres(118.84, 31.95, *proj) < 1.0
