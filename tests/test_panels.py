"""Panels over a real store and gate: every panel, place, mode and language paints, and paints no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component

from dashboard import parts
from dashboard.panels import annual, children, month_maps, team
from dashboard.panels.children import short_names
from dashboard.panels.registry import all_panels
from dashboard.wiring import refusal
from dashboard.words import Words, languages
from dashboard.world import DistrictWorld
from layers.scene import VERBS, Scene
from stores.figure import HIDDEN, NO_DATA, NOT_APPLICABLE, NOT_DUE, Figure, band, exact, rounded
from stores.radar_views import AXES
from tests.small_district import COMMUNITIES, MONTHS, ROOT, TOWNS, Opened, open_small

COLUMN_PANELS = [key for key, panel in all_panels().items() if panel.SIDE in ("left", "right", "wide")]
TOWN = next(iter(TOWNS))
SHARED = {key: panel.SHARES for key, panel in all_panels().items() if hasattr(panel, "SHARES")}
SHEETS = {
    "how": {"how": "signin"},
    "organisation": {"organisation": "O31001"},
    "children_table": {"open": "children:-signin"},
    "structure_table": {"open": "structure"},
    "activity_table": {"open": "activities"},
    "study_table": {"open": "study"},
    "flow_matrix_table": {"open": "matrix"},
    "flow_overdue": {"open": "overdue"},
    "flow_mix_table": {"open": "mix"},
    "how_more": {"how": "warn:open"},
    "radar_table": {"open": "radar"},
    "rank_table": {"open": "rank", "place": TOWN, "basis": "place"},
    "alert_kinds_table": {"open": "indicators"},
    "alert_towns_table": {"open": "per100"},
    "alert_list_sheet": {"open": "organisations"},
    "duty_table": {"open": "duties"},
    "results_sheet": {"open": "results"},
}
OUTSIDE_A_REQUEST = {"status"}  # asks the session for the mode


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    opened = open_small(tmp_path_factory.mktemp("panels"))
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def world(district: Opened) -> DistrictWorld:
    return DistrictWorld(district.store, district.gate, district.settings)


def answer(district: Opened, world: DistrictWorld, key: str, scene: Scene, mode: str) -> dict[str, Any]:
    asked = all_panels()[key].ask(scene, world)
    return {
        name: district.gate.answer(question, mode, **params) for name, (question, params) in asked.items()
    }


def paint(
    district: Opened, world: DistrictWorld, key: str, scene: Scene, mode: str = "visitor"
) -> list[Component]:
    settled = scene.settled(world)[0]
    rows = answer(district, world, key, settled, mode)
    return all_panels()[key].paint(rows, settled, Words(settled.lang, strict=True), world)


def below(parent: list[Any]) -> Iterator[Component]:
    for one in parent:
        if isinstance(one, Component):
            yield one
            inner = getattr(one, "children", None)
            yield from below(inner if isinstance(inner, list) else [inner])


def written(painted: list[Component]) -> str:
    return json.dumps([part.to_plotly_json() for part in painted], default=lambda o: o.to_plotly_json())


def words_of(painted: list[Any]) -> str:
    texts: list[str] = []
    for part in painted:
        inner = getattr(part, "children", part)
        texts += (
            [words_of(inner if isinstance(inner, list) else [inner])] if part is not inner else [str(part)]
        )
    return " ".join(text for text in texts if text and text != "None")


def places(world: DistrictWorld, district: Opened) -> list[tuple[str, str]]:
    """Return one place of every level on both bases."""
    found, queue = {}, [("place", ROOT), ("affiliation", ROOT)]
    while queue:
        basis, node = queue.pop()
        found.setdefault((basis, world.level(basis, node)), (basis, node))
        kids = district.gate.answer("children", "visitor", basis=basis, node=node)
        queue += [(basis, row["node_id"]) for row in kids]
    return list(found.values())


@pytest.mark.parametrize("mode", ["visitor", "leader", "duty"])
@pytest.mark.parametrize("lang", languages())
def test_every_panel_paints_every_level(district: Opened, world: DistrictWorld, mode: str, lang: str) -> None:
    levels, shared = set(), []
    for basis, node in places(world, district):
        levels.add(world.level(basis, node))
        for key in set(all_panels()) - OUTSIDE_A_REQUEST:
            scene = Scene(**{"place": node, "basis": basis, "lang": lang} | SHEETS.get(key, {}))
            painted = paint(district, world, key, scene, mode)
            if painted and key in SHARED:
                shared.append((SHARED[key], basis, node))
            elif key in SHARED:
                continue
            if key in COLUMN_PANELS or key in SHEETS:
                assert painted, (key, basis, node)
                assert words_of(painted).strip(), (key, basis, node)
    assert {"district", "town", "community", "building", "floor", "branch"} <= levels
    rooms = {(room, *place) for room in SHARED.values() for place in places(world, district)}
    assert sorted(shared) == sorted(rooms), "of panels in one room exactly one paints"


@pytest.mark.parametrize("span", ["month", "quarter", "year"])
@pytest.mark.parametrize("month", [MONTHS[0], MONTHS[5], MONTHS[-1]])
def test_every_panel_paints_every_period(
    district: Opened, world: DistrictWorld, span: str, month: str
) -> None:
    for key in [*COLUMN_PANELS, *SHEETS]:
        scene = Scene(month=month, span=span, **SHEETS.get(key, {}))
        assert paint(district, world, key, scene) or key in SHARED, (key, month, span)


def test_gestures_have_three_keys_a_known_verb_and_are_unique(district: Opened, world: DistrictWorld) -> None:
    for opened in ({}, *SHEETS.values(), {"picks": ("domain:nonpublic", "dim:education")}):
        seen: set[str] = set()
        for key in set(all_panels()) - OUTSIDE_A_REQUEST:
            for part in below(paint(district, world, key, Scene(**opened))):
                name = getattr(part, "id", None)
                if isinstance(name, dict):
                    assert set(name) == {"verb", "arg", "at"}, (key, name)
                    assert name["verb"] in VERBS, (key, name)
                    assert json.dumps(name) not in seen, (key, name)
                    seen.add(json.dumps(name))


def offered(painted: list[Any]) -> Iterator[tuple[str, str]]:
    """Walk the gestures that a panel offers, taps on numbers included."""
    for part in below(painted):
        name = getattr(part, "id", None)
        if isinstance(name, dict):
            yield name["verb"], name["arg"]
        about = part.to_plotly_json()["props"]
        if "data-how" in about:
            yield "how", about["data-how"]
        if "data-verb" in about:
            yield about["data-verb"], about.get("data-arg", "")


def test_whatever_a_panel_offers_exists(district: Opened, world: DistrictWorld) -> None:
    tried = set()
    scenes = [Scene(place=node, basis=basis) for basis, node in places(world, district)]
    scenes += [Scene(**opened) for opened in (*SHEETS.values(), {"open": "layers"}, {"open": "tours"})]
    scenes.append(Scene(picks=("domain:nonpublic", "dim:education")))
    for at in (scene.settled(world)[0] for scene in scenes):
        for key in set(all_panels()) - OUTSIDE_A_REQUEST:
            for verb, arg in offered(paint(district, world, key, at)):
                tried.add(verb)
                assert VERBS[verb](at, arg, world).settled(world)[1] == (), (key, verb, arg)
    assert {"drill", "pick", "open", "how", "month", "measure"} <= tried


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("picks", (pick,))
            for pick in ("domain:zzz", "group:age.zzz", "dim:zzz", "peer:z", "axes:z", "z:z")
        ),
        *(("open", value) for value in ("zzz", "children:zzz", "duties:zzz", "search:")),
        *(("how", value) for value in ("zzz", "members@zzz", "warn:zzz", "duty:lecture:zzz", "zzz:open")),
        *(("organisation", value) for value in ("zzz", ROOT, "O99999")),
        *(("tour", value) for value in ("zzz", "../duty")),
    ],
)
def test_an_address_that_names_nothing_falls_back_and_is_said(
    world: DistrictWorld, field: str, value: Any
) -> None:
    scene, refused = Scene(**{field: value}).settled(world)
    assert getattr(scene, field) == getattr(Scene(), field)
    assert dict(refused)[field] in (value, value[0])
    for lang in languages():
        assert str(dict(refused)[field])[:20] in refusal(refused, Words(lang, strict=True))


def test_a_station_past_the_last_is_the_last(world: DistrictWorld) -> None:
    scene, refused = Scene(tour="delegation", stop="99").settled(world)
    assert (scene.stop, refused) == ("8", (("stop", "99"),))


def test_every_button_says_what_it_is(district: Opened, world: DistrictWorld) -> None:
    for key in [*COLUMN_PANELS, *SHEETS]:
        for part in below(paint(district, world, key, Scene(**SHEETS.get(key, {})))):
            if type(part).__name__ == "Button":
                assert part.to_plotly_json()["props"].get("data-key"), (key, part)
                assert words_of([part]).strip() or "aria-label" in str(part), (key, part)


def test_sheets_are_empty_while_closed(district: Opened, world: DistrictWorld) -> None:
    for key in SHEETS:
        assert paint(district, world, key, Scene()) == []
        assert all_panels()[key].ask(Scene().settled(world)[0], world) == {}


def test_a_panel_changes_only_with_what_it_depends_on(district: Opened, world: DistrictWorld) -> None:
    plain = Scene().settled(world)[0]
    others = {
        "place": "320115001",
        "month": MONTHS[3],
        "span": "year",
        "measure": "signin",
        "picks": ("domain:nonpublic",),
        "layers": ("heat",),
        "day": "weekend",
    }
    for key in COLUMN_PANELS:
        panel = all_panels()[key]
        before = written(paint(district, world, key, plain))
        for field, value in others.items():
            if not {field, "pick:domain" if field == "picks" else field} & {*panel.DEPENDS}:
                after = written(paint(district, world, key, replace(plain, **{field: value})))
                assert after == before, (key, field)


def test_no_person_and_no_exact_count_leaves_below_the_town(district: Opened, world: DistrictWorld) -> None:
    for basis, node in places(world, district):
        if world.level(basis, node) not in ("building", "floor", "branch"):
            continue
        for key in [*COLUMN_PANELS, *SHEETS]:
            scene = Scene(**{"place": node, "basis": basis} | SHEETS.get(key, {}))
            text = written(paint(district, world, key, scene))
            assert not re.search(r"member_pid|\bP\d{5,}", text), (key, node)
    headline = paint(district, world, "headline", Scene(place="B000001"))
    assert [part for part in below(headline) if "is-band" in str(getattr(part, "className", ""))]


def test_each_state_of_a_number_looks_different() -> None:
    words = Words("zh", strict=True)
    states = [exact(5), rounded(5), band(10, 29), HIDDEN, NO_DATA, NOT_DUE, NOT_APPLICABLE]
    shown = [parts.number(figure, words) for figure in states]
    assert len({part.className for part in shown}) == len(states)
    assert [part.children for part in shown] == ["5", "5", "10–29", "＊", "无数据", "未到期", "不适用"]
    assert getattr(shown[0], "title", None) is None
    assert shown[3].title == "已隐去"


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([exact(2), exact(3)], exact(5)),
        ([exact(2), rounded(5)], rounded(7)),
        ([exact(2), HIDDEN], HIDDEN),
        ([band(0, 9), band(10, 29), exact(1)], band(11, 39)),
        ([band(0, 9), band(50, None)], band(50, None)),
        ([], NO_DATA),
        ([2, 3], exact(5)),
    ],
)
def test_sums_say_no_more_than_their_parts(values: list[Any], wanted: Figure) -> None:
    assert parts.total(values) == wanted


def test_shares_keep_the_weaker_state() -> None:
    assert parts.share(exact(1), exact(4)) == exact(0.25)
    assert parts.share(exact(1), rounded(4)) == rounded(0.25)
    assert parts.share(band(0, 9), exact(4)) == HIDDEN
    assert parts.share(exact(1), exact(0)) == NO_DATA
    assert parts.share(None, exact(4)) == NO_DATA


def test_a_split_that_is_not_published_is_lent_from_the_town_and_says_so(
    district: Opened, world: DistrictWorld
) -> None:
    painted = paint(district, world, "team", Scene(place="320115001001"))
    lent = [part for part in below(painted) if getattr(part, "className", "") == "lent"]
    assert len(lent) == 1
    assert "东山街道" in words_of(lent)
    assert not [
        p for p in below(paint(district, world, "team", Scene())) if getattr(p, "className", "") == "lent"
    ]


def test_bands_of_the_team_cover_all_bands_once() -> None:
    for groups in team.DIMS.values():
        bands = [band for group in groups.values() for band in group]
        assert len(bands) == len(set(bands))


def test_rows_are_ranked_and_the_hidden_come_last() -> None:
    rows: list[dict[str, Any]] = [{"n": exact(1)}, {"n": HIDDEN}, {"n": exact(3)}, {"n": band(10, 29)}]
    assert [str(row["n"]) for row in children.ranked(rows, "n")] == ["10–29", "3", "1", "＊"]


@pytest.mark.parametrize(
    ("month", "year", "due"), [("2019-02", 2018, True), ("2018-06", 2018, False), ("2018-12", 2018, True)]
)
def test_the_year_of_a_month(month: str, year: int, due: bool) -> None:
    assert annual.year_of(month) == year
    assert annual.is_due(month) is due


def test_one_dot_a_member_found_again() -> None:
    drawn = annual.dots(350, 313)
    assert drawn.count("#f'") == 313
    assert drawn.count("#o'") == 37


def test_small_maps_draw_each_place_of_each_month(district: Opened, world: DistrictWorld) -> None:
    painted = paint(district, world, "month_maps", Scene())
    maps = [part.src for part in below(painted) if type(part).__name__ == "Img"]
    assert len(maps) == 12
    assert all(drawing.count("path") == 3 for drawing in maps)
    outline = world.outline(ROOT)
    assert outline is not None
    assert month_maps.height(outline.bounds) > 0


def test_the_table_offers_the_file_it_shows(district: Opened, world: DistrictWorld) -> None:
    painted = paint(district, world, "children_table", Scene(open="children"))
    link = next(part for part in below(painted) if type(part).__name__ == "A")
    assert link.download == f"{ROOT}-2019-02.csv"
    assert link.href.count("%0D%0A") == 3  # a heading and two towns


def test_styles_speak_of_classes_that_exist() -> None:
    css = Path("assets/panels.css").read_text(encoding="utf-8")
    assert not re.search(r"font-size:\s*[\d.]", css), "only the five sizes of the tokens"
    assert not re.search(r"#[0-9a-f]{3,6}\b", css), "only the colours of the tokens"


def test_what_all_names_begin_with_is_left_out_but_no_word_is_cut() -> None:
    offices = ["江宁区东山街道党工委", "江宁区委教育工委", "江宁区级机关党工委"]
    assert short_names(offices) == ["东山街道党工委", "区委教育工委", "区级机关党工委"]
    assert short_names(["汤山一支部", "谷里二支部"]) == ["汤山一支部", "谷里二支部"]


def test_neighbours_give_way_to_the_structure_where_it_is_wanted(
    district: Opened, world: DistrictWorld
) -> None:
    town = Scene(place=TOWN)
    mix = district.gate.answer("organisation_mix", "visitor", basis="place", node=TOWN, month=MONTHS[-1])
    domain = next(row["domain"] for row in mix if row["organisations"])
    assert paint(district, world, "rank", town)
    assert not paint(district, world, "structure", town)
    for other in (
        Scene(place=TOWN, picks=("view:structure",)),
        Scene(place=TOWN, picks=(f"domain:{domain}",)),
        Scene(place=TOWN, board="activity"),
        Scene(place=ROOT),
    ):
        assert paint(district, world, "structure", other)
        assert not paint(district, world, "rank", other)


def test_the_table_of_neighbours_sorts_by_the_axis_asked_and_keeps_the_place_above_first(
    world: DistrictWorld,
) -> None:
    values = {ROOT: rounded(80), TOWN: rounded(70), "b": HIDDEN, "c": rounded(90)}
    rows = [
        {"node_id": node, "name": node, "name_en": None, "axis": axis, "quarter": "2018Q4", "value": value}
        | {"level": "district" if node == ROOT else "town", "num": rounded(5), "den": rounded(10)}
        for node, value in values.items()
        for axis in AXES
    ]

    def order(opened: str) -> list[str]:
        scene = Scene(place=TOWN, open=opened)
        painted = all_panels()["rank_table"].paint({"axes": rows}, scene, Words("zh", strict=True), world)
        lines = [one for one in below(painted) if type(one).__name__ == "Tr"][1:]
        return [words_of([line.children[0]]).strip() for line in lines]  # type: ignore[attr-defined]

    assert order("rank") == [ROOT, TOWN, "b", "c"]
    assert order("rank:A2") == [ROOT, "c", TOWN, "b"]
    assert order("rank:-A2") == [ROOT, TOWN, "c", "b"]


def test_the_strips_show_every_neighbour_and_the_axes_that_tell_most(world: DistrictWorld) -> None:
    spread = dict(zip(AXES, (0, 30, 1, 20, 2, 10, 3, 0), strict=True))
    rows = [
        {"node_id": node, "level": level, "name": node, "name_en": None, "axis": axis, "quarter": "2018Q4"}
        | {"value": rounded(95 - share * spread[axis]), "num": rounded(5), "den": rounded(10)}
        for node, level, share in [
            (ROOT, "district", 0.5),
            (TOWN, "town", 0),
            ("b", "town", 1),
            ("c", "town", 0.5),
        ]
        for axis in AXES
    ]
    painted = all_panels()["rank"].paint({"axes": rows}, Scene(place=TOWN), Words("zh", strict=True), world)
    keys = [str(getattr(one, "data-key", "")) for one in below(painted)]
    assert [key for key in keys if key.startswith("rank/")] == ["rank/A2", "rank/A4", "rank/A6", "rank/A7"]
    looks = [getattr(one, "className", "") for one in below(painted)]
    assert (looks.count("dot"), looks.count("own"), looks.count("above")) == (8, 4, 4)
    assert "60–100" in words_of(painted)
    assert "b" not in words_of(painted).split(), "neighbours are not named"


def test_the_strips_of_a_building_say_whose_dot_it_is(world: DistrictWorld) -> None:
    here = next(iter(COMMUNITIES))
    value = {"axis": AXES[0], "quarter": "2018Q4", "value": rounded(90), "name_en": None}
    rows = [
        {"node_id": node, "level": level, "name": name} | value
        for node, level, name in [
            (TOWN, "town", "东山街道"),
            (here, "community", "甲社区"),
            ("b", "community", "乙社区"),
        ]
    ]
    said = [
        words_of(
            all_panels()["rank"].paint({"axes": rows}, Scene(place=place), Words("zh", strict=True), world)
        )
        for place in (here, "B000001")
    ]
    assert ["圆点" in one for one in said] == [False, True]
