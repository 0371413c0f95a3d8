"""Tours: the shipped ones are right today, and the check finds what it promises to find."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_district import Opened, open_small

from dashboard.answers import Answers
from dashboard.tour_check import check
from dashboard.tours import (
    LONGEST,
    Stop,
    Text,
    Tour,
    TourError,
    Tours,
    as_json,
    read_tour,
    read_tours,
    scene_of_stop,
)
from dashboard.words import languages
from layers.scene import Scene, read_query


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Give answers over a small district."""
    own: Opened = open_small(tmp_path_factory.mktemp("tours"))
    return Answers(own.store, own.gate, own.settings)


def tour(**stop: object) -> dict[str, Tour]:
    """Make a tour of one stop."""
    base = {"scene": "", "chapter": {"zh": "章", "en": "C"}, "caption": {"zh": "好", "en": "Good"}}
    return {"t": Tour.model_validate({"title": _text("题"), "summary": _text("要"), "stops": [base | stop]})}


def _text(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def found(answers: Answers, **stop: object) -> list[str]:
    """Return what the check says of a tour of one stop."""
    return [problem.text for problem in check(tour(**stop), answers)]


def test_three_tours_ship_and_the_delegations_has_eight_stations() -> None:
    shipped = read_tours()
    assert {"delegation", "morning", "duty"} <= set(shipped)
    assert len(shipped["delegation"].stops) == 8
    assert all(stop.notes for stop in shipped["delegation"].stops)
    assert shipped["duty"].loop and shipped["duty"].interrupt


def test_the_shipped_tours_are_right_on_the_demo(loaded_data: Path, tmp_path: Path) -> None:
    from shutil import copytree

    from dashboard.deployment import chosen, open_gate

    data = tmp_path / "data"
    copytree(loaded_data, data)
    settings = chosen(data=str(data))
    store, gate = open_gate(settings)
    try:
        assert check(read_tours(), Answers(store, gate, settings)) == []
    finally:
        store.close()


def test_a_plain_stop_is_right(answers: Answers) -> None:
    assert found(answers, caption={"zh": "党员 {members} 名", "en": "{members} members"}) == []


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        ({"scene": "?place=999999"}, "place"),
        ({"scene": "?month=1931-01"}, "month"),
        ({"scene": "?layers=unicorns"}, "layers"),
        ({"scene": "?organisation=nobody"}, "organisation"),
        ({"scene": "?colour=red"}, "colour"),
        ({"scene": "?tour=other"}, "tour"),
        ({"caption": _text("长" * 400)}, "characters"),
        ({"caption": _text("{nothing} here")}, "nothing"),
        ({"caption": _text("loose { brace")}, "brace"),
        ({"caption": _text("党员 62498 名")}, "62498"),
        ({"caption": _text("签到率 77%")}, "77%"),
        ({"claims": ["members < 3"]}, "not true"),
        ({"claims": ["members is large"]}, "no comparison"),
        ({"claims": ["unicorns > 3"]}, "unknown"),
    ],
)
def test_the_check_finds(answers: Answers, stop: dict[str, object], word: str) -> None:
    assert any(word in text for text in found(answers, **stop)), found(answers, **stop)


def test_years_and_small_counts_may_stand_in_a_caption(answers: Answers) -> None:
    assert found(answers, caption=_text("2018年以来的 15 项；8 stations since 2019")) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stops: []",
        "- 1",
        "title: {zh: a}",
        "title: &a [*a]",
        "{" * 3000,
        "!!python/object/apply:os.system ['x']",
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(TourError, match=r"broken\.yaml"):
        read_tour(path)


def test_a_district_brings_its_own_tours_and_a_broken_one_leaves_the_last(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own.yaml", read_tours()["duty"]
    text = (Path(__file__).parent.parent / "tours" / "duty.yaml").read_text("utf-8")
    own.write_text(text, "utf-8")
    tours = Tours(tmp_path)
    assert tours.all()["own"] == shipped
    own.write_text("stops: 3", "utf-8")
    assert tours.all()["own"] == shipped


def test_a_station_is_found_from_its_address_and_keeps_language(answers: Answers) -> None:
    one = Tours().all()["delegation"]
    for lang in languages():
        for index, stop in enumerate(one.stops):
            scene = scene_of_stop("delegation", index, stop, answers.world, lang)
            again = read_query(scene.as_query())
            assert (again.tour, again.stop, again.lang) == ("delegation", str(index + 1), lang)
            assert Tours().stop(again) == ("delegation", one, index)


def test_a_gesture_keeps_the_station_and_home_leaves_it(answers: Answers) -> None:
    at = Scene(tour="delegation", stop="3").settled(answers.world)[0]
    drilled = at.after("drill", "320115001", answers.world)
    assert (drilled.tour, drilled.stop) == ("delegation", "3")
    assert drilled.after("home", "", answers.world).tour == ""


@settings(deadline=None)
@given(st.text(max_size=50), st.text(max_size=5))
def test_no_address_breaks_the_search_for_a_station(name: str, stop: str) -> None:
    scene = Scene(tour=name, stop=stop)
    if stop.isascii() and (not stop or stop.isdecimal()):
        assert Tours().stop(scene) is None or name in read_tours()


def test_the_player_is_told_no_notes_and_no_captions(answers: Answers) -> None:
    told = str(as_json(read_tours(), answers.world))
    assert "notes" not in told and "{members}" not in told
    assert "delegation" in told and "dwell" in told


def test_captions_fit_by_the_limits_that_the_band_was_drawn_for() -> None:
    assert LONGEST["zh"] <= 66 and LONGEST["en"] <= 150
    assert Stop(scene="", chapter=Text(zh="a", en="a"), caption=Text(zh="a", en="a")).dwell >= 5
