"""The layer of transfers: what it draws, puts away and numbers; and where the world outside lies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.outside import ELSEWHERE, PLACES, bearing, bearing_of, province_of
from layers.scene import Scene
from layers.transfers import Edge, gather, gathered, shape, short_name, strongest
from stores.figure import exact
from tests.test_scene import WORLD

TOWNS = ["320115001", "320115002"]
PLACE_ROWS = [
    {"node_id": "320115", "level": "district", "name": "江宁区", "name_en": None, "lon": 118.8, "lat": 31.9},
    {"node_id": TOWNS[0], "level": "town", "name": "东山街道", "name_en": None, "lon": 118.8, "lat": 31.95},
    {"node_id": TOWNS[1], "level": "town", "name": "秣陵街道", "name_en": None, "lon": 118.8, "lat": 31.85},
]
ENDS = [*TOWNS, "ext:江苏省南京市", "ext:江苏省苏州市", "ext:江苏省无锡市", "ext:火星", "other", "nobody"]
EDGES = st.lists(
    st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS), st.integers(0, 60)),
    max_size=25,
    unique_by=lambda edge: edge[:2],
)
PLAIN = Scene().settled(WORLD)[0]


def rows(edges: list[tuple[str, str, int]], **more: Any) -> dict[str, Any]:
    listed = [{"from_node": a, "to_node": b, "n": exact(n)} for a, b, n in edges]
    return {
        "places": PLACE_ROWS,
        "names": PLACE_ROWS[1:],
        "here": PLACE_ROWS[:1],
        "edges": listed,
        "totals": [],
    } | more


@given(EDGES, st.sampled_from(["3", "5", "10", "20"]))
def test_what_is_drawn_and_what_is_put_away_is_all_there_is(
    edges: list[tuple[str, str, int]], noise: str
) -> None:
    payload = shape(rows(edges), replace(PLAIN, noise=noise), WORLD)
    known = {row["node_id"]: row for row in PLACE_ROWS}
    wanted: Counter[tuple[str, str]] = Counter()
    for start, end, n in edges:
        ends = gather(start, known), gather(end, known)
        if ends[0] != ends[1] and n:
            wanted[ends] += n
    drawn = {(arc["from"], arc["to"]): arc["n"] for arc in payload["arcs"]}
    assert drawn.items() <= wanted.items()
    assert all(n >= int(noise) for n in drawn.values())
    assert payload["put_away"] == len(wanted) - len(drawn)
    assert {(a, b): n for a, b, n in payload["all"]["edges"]} == wanted
    ends = {end for arc in payload["arcs"] for end in (arc["from"], arc["to"])}
    assert (
        ends
        <= {node["id"] for node in payload["nodes"]}
        <= {node["id"] for node in payload["all"]["nodes"]} | ends
    )


@given(EDGES, st.sampled_from([*TOWNS, "ext:江苏"]), st.sampled_from(["both", "in", "out"]))
def test_around_a_centre_only_what_touches_it_is_drawn(
    edges: list[tuple[str, str, int]], focus: str, way: str
) -> None:
    scene = replace(PLAIN, focus=focus, way=way, noise="3").settled(WORLD)[0]
    listed = rows(edges)
    into = [row for row in listed["edges"] if row["to_node"] == focus != row["from_node"]]
    out_of = [row for row in listed["edges"] if row["from_node"] == focus != row["to_node"]]
    payload = shape({**listed, "in": into, "out": out_of}, scene, WORLD)
    for arc in payload["arcs"]:
        assert (arc["to"] if arc["direction"] == "in" else arc["from"]) == focus
        assert way in ("both", arc["direction"])
    own = {node["id"]: node for node in payload["nodes"]}
    assert focus in own
    centre = own[focus]
    others = [node for name, node in own.items() if name != focus]
    put_away = payload["put_away"]
    if not put_away:
        assert centre["moved_in"] == sum(node["moved_in"] for node in others)
        assert centre["moved_out"] == sum(node["moved_out"] for node in others)


def test_flows_are_numbered_in_the_order_of_time_on_one_path() -> None:
    edges = [
        Edge("a", "f", 9, 1, "in"), Edge("b", "f", 20, 1, "in"), Edge("c", "a", 5, 2, "in"),
        Edge("f", "d", 7, 1, "out"), Edge("d", "e", 3, 2, "out"), Edge("x", "e", 99, 2, "out"),
    ]  # fmt: skip
    assert {(e.start, e.end): n for e, n in strongest(edges, 2, "both").items()} == {
        ("c", "a"): 1, ("a", "f"): 2, ("f", "d"): 3, ("d", "e"): 4,
    }  # fmt: skip
    alone = [edge for edge in edges if edge.direction == "out"]
    assert {(e.start, e.end): n for e, n in strongest(alone, 2, "out").items()} == {
        ("f", "d"): 1,
        ("d", "e"): 2,
    }
    assert strongest([], 3, "both") == {}


def test_what_stays_in_one_drawn_place_is_no_arc() -> None:
    made = gathered(
        [
            {"from_node": "ext:江苏省苏州市", "to_node": "ext:江苏省无锡市", "n": 4},
            {"from_node": "a", "to_node": "a", "n": 9},
        ],
        {"a": {}},
        "",
    )
    assert made == []


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("江宁区东山街道党工委", "东山"), ("江宁区级机关党工委", "区级机关"),
        ("江宁区委教育工委", "区委教育"),
        ("江宁经济技术开发区党工委", "经济技术开发区"), ("江宁街道", "江宁"), ("殷巷社区", "殷巷"),
    ],
)  # fmt: skip
def test_names_lose_what_they_share(name: str, short: str) -> None:
    assert short_name(name, "江宁区") == short


def test_the_world_outside_lies_where_it_lies() -> None:
    assert province_of("江苏省南京市") == "南京" and province_of("江苏省苏州市") == "江苏"
    assert province_of("火星") == "" and bearing_of("火星") == ELSEWHERE
    for place, (low, high) in {
        "上海": (90, 120),
        "安徽": (250, 280),
        "浙江": (130, 160),
        "山东": (330, 360),
    }.items():
        assert low < bearing_of(place) < high, place


@given(st.floats(-170, 170), st.floats(-80, 80))
def test_a_bearing_is_that_of_a_step_on_the_way(lon: float, lat: float) -> None:
    """A slow second way: the bearing of the first thousandth of the straight line through the globe."""
    import numpy as np

    def globe(x: float, y: float) -> Any:
        a, b = np.radians([x, y])
        return np.array([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])

    here = (118.84, 31.95)
    start, end = globe(*here), globe(lon, lat)
    if abs(float(start @ end)) > 0.999:
        return
    step = end - (start @ end) * start
    a, b = np.radians(here)
    east, north = (
        np.array([-np.sin(a), np.cos(a), 0]),
        np.array([-np.sin(b) * np.cos(a), -np.sin(b) * np.sin(a), np.cos(b)]),
    )
    wanted = float(np.degrees(np.arctan2(step @ east, step @ north))) % 360
    assert abs((bearing(lon, lat, here) - wanted + 180) % 360 - 180) < 1e-6


def test_every_known_place_has_both_names() -> None:
    assert all(english.isascii() and english for _, _, english in PLACES.values())
