"""The scene: every gesture gives a valid scene, and its address gives it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from layers.scene import (
    BASES,
    BOARDS,
    DAYS,
    HOPS,
    MEASURES,
    NOISES,
    PRESETS,
    SPANS,
    VERBS,
    WAYS,
    Scene,
    from_mapping,
    read_query,
)
from stores.settings import Settings

TREE = {
    "320115": None,
    "320115001": "320115",
    "320115002": "320115",
    "320115002007": "320115002",
    "B000001": "320115002007",
    "B000001/3": "B000001",
}
LEVELS = ("district", "town", "community", "building", "floor")


class SmallWorld:
    """A district of two towns, in plain Python."""

    root = "320115"
    months = ("2018-11", "2018-12", "2019-01", "2019-02")
    settings = Settings()
    layers = ("members", "branches", "heat", "landmarks", "positions", "transfers")

    def nearest(self, basis: str, place: str) -> str:
        heads = (place, place.partition("/")[0], place[:12], place[:9])
        return next((head for head in heads if head in TREE), self.root)

    def parent(self, basis: str, place: str) -> str | None:
        return TREE[place]

    def chain(self, basis: str, place: str) -> tuple[str, ...]:
        above = TREE[place]
        return (*(self.chain(basis, above) if above else ()), place)

    def level(self, basis: str, place: str) -> str:
        return LEVELS[len(self.chain(basis, place)) - 1]

    def branches(self, place: str) -> int:
        return 2

    def area_km2(self, place: str) -> float | None:
        return 10.0

    def label_point(self, place: str) -> tuple[float, float] | None:
        return (118.8, 31.9)

    def outline(self, place: str) -> BaseGeometry | None:
        return None

    def knows(self, field: str, value: str) -> bool:
        return (
            value
            in {
                "picks": ("domain:soe", "domain:organ", "group:age.ge61", "dim:age", "peer:k"),
                "organisation": ("O1",),
                "open": ("search", "children"),
                "how": ("members",),
            }[field]
        )

    def stations(self, tour: str) -> int:
        return {"delegation": 8}.get(tour, 0)


WORLD = SmallWorld()
ANY_TEXT = st.text(max_size=12)
ARGUMENTS = st.one_of(
    st.sampled_from(
        [
            *(*TREE, *WORLD.months, *WORLD.layers, *SPANS, *DAYS, *MEASURES, *BASES, *PRESETS),
            *(*HOPS, *WAYS, *NOISES, "-1", "en", "ext:江苏省"),
        ]
    ),
    ANY_TEXT,
)
GESTURES = st.lists(st.tuples(st.sampled_from(sorted(VERBS)), ARGUMENTS), max_size=12)


@given(GESTURES)
def test_any_walk_ends_in_a_valid_scene_that_is_its_address(gestures: list[tuple[str, str]]) -> None:
    scene = Scene().settled(WORLD)[0]
    for verb, arg in gestures:
        scene = scene.after(verb, arg, WORLD)
    assert scene.place in TREE and scene.month in WORLD.months
    assert scene.settled(WORLD) == (scene, ())
    again = read_query(scene.as_query()).settled(WORLD)[0]
    assert again == scene


@given(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=6), ANY_TEXT)
def test_any_address_settles(given_values: dict[str, str], query: str) -> None:
    assert from_mapping(given_values).settled(WORLD)[0].place in TREE
    assert read_query(query).settled(WORLD)[0].place in TREE


@given(st.sampled_from(sorted(TREE)))
def test_up_reaches_the_district(place: str) -> None:
    scene = Scene(place=place).settled(WORLD)[0]
    for _ in range(5):
        scene = scene.after("up", "", WORLD)
    assert scene.place == WORLD.root


def test_drilling_keeps_what_was_chosen() -> None:
    scene = Scene(
        month="2018-12", span="quarter", measure="signin", layers=("heat",), picks=("domain:soe",)
    ).settled(WORLD)[0]
    inside = scene.after("drill", "320115002", WORLD)
    assert (inside.month, inside.span, inside.measure, inside.layers, inside.picks) == (
        scene.month,
        scene.span,
        scene.measure,
        scene.layers,
        scene.picks,
    )


def test_what_was_refused_is_named() -> None:
    scene, refused = read_query("?place=320115099&month=1999-01&layers=members,dragons&lang=xx").settled(
        WORLD
    )
    assert scene.place == "320115" and scene.month == "2018-11" and scene.layers == ("members",)
    assert {name for name, _ in refused} == {"place", "month", "layers", "lang"}


def test_a_pick_of_the_same_dimension_replaces_and_the_same_pick_clears() -> None:
    scene = Scene().settled(WORLD)[0].after("pick", "domain:soe", WORLD)
    assert scene.after("pick", "domain:organ", WORLD).picks == ("domain:organ",)
    assert scene.after("pick", "domain:soe", WORLD).picks == ()


def test_of_a_list_only_what_is_gone_is_named() -> None:
    scene, refused = read_query("?layers=heat,dragons&picks=domain:soe,domain:zzz").settled(WORLD)
    assert scene.layers == ("heat",) and scene.picks == ("domain:soe",)
    assert refused == (("layers", "dragons"), ("picks", "domain:zzz"))


def test_what_is_no_character_is_left_out() -> None:
    assert from_mapping({"place": "\ud800320115001", "picks": ["\udfffdomain:soe"]}).place == "320115001"
    assert from_mapping({"picks": ["\udfffdomain:soe"]}).picks == ("domain:soe",)


def test_months_go_round() -> None:
    scene = Scene().settled(WORLD)[0]
    assert scene.month == "2019-02"
    assert scene.after("step", "1", WORLD).month == "2018-11"
    assert scene.after("step", "-1", WORLD).month == "2019-01"


@pytest.mark.parametrize(
    ("span", "first"), [("month", "2019-02"), ("quarter", "2018-12"), ("year", "2018-11")]
)
def test_spans_end_in_the_chosen_month(span: str, first: str) -> None:
    assert Scene(month="2019-02", span=span).months_back(WORLD) == (first, "2019-02")


def test_an_unknown_verb_is_an_error() -> None:
    with pytest.raises(KeyError):
        Scene().after("fly", "", WORLD)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_brings_its_own_board_or_the_first(preset: str) -> None:
    scene = Scene(board="transfers").after("preset", preset, WORLD)
    assert scene.board == (preset if preset in BOARDS else BOARDS[0])


def test_an_unknown_preset_changes_nothing() -> None:
    scene = Scene(board="transfers").settled(WORLD)[0]
    assert scene.after("preset", "nothing", WORLD) == scene


def test_a_tap_makes_the_centre_and_each_further_one_adds_a_hop() -> None:
    scene = Scene().settled(WORLD)[0].after("trace", "320115001", WORLD)
    assert (scene.focus, scene.hops) == ("320115001", "1")
    for hops in ("2", "3", "1"):
        scene = scene.after("trace", "320115001", WORLD)
        assert (scene.focus, scene.hops) == ("320115001", hops)
    scene = scene.after("hops", "3", WORLD).after("trace", "320115002", WORLD)
    assert (scene.focus, scene.hops) == ("320115002", "1")


def test_up_takes_back_a_hop_then_the_centre_then_a_level() -> None:
    scene = Scene(place="320115002", focus="320115002007", hops="2").settled(WORLD)[0]
    walked = []
    for _ in range(3):
        scene = scene.after("up", "", WORLD)
        walked.append((scene.place, scene.focus, scene.hops))
    assert walked == [("320115002", "320115002007", "1"), ("320115002", "", "1"), ("320115", "", "1")]


@pytest.mark.parametrize(
    "focus", ["320115", "320115002007", "nowhere", "ext:", "ext:" + "长" * 40, "ext:a\nb"]
)
def test_a_centre_that_is_not_drawn_is_refused(focus: str) -> None:
    scene, refused = Scene(focus=focus, hops="2").settled(WORLD)
    assert (scene.focus, scene.hops) == ("", "1")
    assert dict(refused)["focus"] == focus


@pytest.mark.parametrize(("verb", "arg"), [("drill", "320115001"), ("preset", "overview"), ("home", "")])
def test_leaving_the_level_leaves_the_centre(verb: str, arg: str) -> None:
    scene = Scene(focus="320115001", hops="2", noise="20", way="in").settled(WORLD)[0]
    assert scene.after(verb, arg, WORLD).focus == ""


def test_a_place_outside_is_a_centre_and_a_second_tap_lets_it_go() -> None:
    scene = Scene().settled(WORLD)[0].after("trace", "ext:江苏省", WORLD)
    assert scene.focus == "ext:江苏省" and scene.settled(WORLD)[1] == ()
    assert scene.after("trace", "ext:江苏省", WORLD).focus == ""
