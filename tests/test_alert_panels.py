"""Panels of warnings and radar over an evaluated district: states differ, nobody is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import duty_view, radar_view
from dashboard.panels import alert_balance, alert_kinds, alert_towns, how_more, results_sheet
from dashboard.panels.registry import all_panels
from dashboard.plain import plain
from dashboard.radar_drawing import LARGE, Axis, drawing, runs
from dashboard.words import Words, languages
from dashboard.world import DistrictWorld
from indicators.radar.running import run as run_radar
from indicators.warnings.running import run
from layers import alerts
from layers.scene import BOARDS, PRESETS, Scene
from stores.duty_states import NAMES
from stores.figure import HIDDEN, NO_DATA, Figure, band, exact
from tests.small_district import ROOT, Opened, open_small

MODES = ("visitor", "leader", "duty")
ON_BOARD = [key for key, panel in all_panels().items() if "warnings" in getattr(panel, "BOARDS", ())]
SHEETS = {
    "radar_table": "radar",
    "alert_kinds_table": "indicators",
    "alert_towns_table": "per100",
    "duty_table": "duties:units",
    "results_sheet": "results",
}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    opened = open_small(tmp_path_factory.mktemp("alerts"))
    run(opened.store, opened.store.desk, opened.settings)  # type: ignore[arg-type]
    run_radar(opened.store, opened.store.desk, opened.settings)  # type: ignore[arg-type]
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def world(district: Opened) -> DistrictWorld:
    return DistrictWorld(district.store, district.gate, district.settings)


def painted(district: Opened, world: DistrictWorld, key: str, scene: Scene, mode: str) -> str:
    settled = scene.settled(world)[0]
    panel = all_panels()[key]
    rows = {
        name: district.gate.answer(question, mode, **params)
        for name, (question, params) in panel.ask(settled, world).items()
    }
    made = panel.paint(rows, settled, Words(settled.lang, strict=True), world)
    return json.dumps([part.to_plotly_json() for part in made], default=lambda o: o.to_plotly_json())


def names(district: Opened) -> set[str]:
    rows = district.store.known("organisation", ("name",)).to_pylist()
    return {str(row["name"]) for row in rows}


def test_there_are_at_most_six_presets_and_each_board_has_one() -> None:
    assert len(PRESETS) <= 6
    assert set(BOARDS) <= set(PRESETS)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lang", languages())
def test_every_panel_of_the_board_paints(
    district: Opened, world: DistrictWorld, mode: str, lang: str
) -> None:
    for place in (ROOT, "320115001", "320115001001"):
        for key in [*ON_BOARD, "radar", "alert_balance"]:
            assert len(painted(district, world, key, Scene(place=place, lang=lang), mode)) > 40, (key, place)
        for key, value in SHEETS.items():
            assert len(painted(district, world, key, Scene(place=place, lang=lang, open=value), mode)) > 40


def test_a_visitor_sees_no_organisation_by_name(district: Opened, world: DistrictWorld) -> None:
    secret = names(district)
    for place in (ROOT, "320115001", "320115001001"):
        scene = Scene(place=place)
        found = "".join(painted(district, world, key, scene, "visitor") for key in ON_BOARD)
        found += "".join(
            painted(district, world, key, Scene(place=place, open=value), "visitor")
            for key, value in SHEETS.items()
        )
        assert not [name for name in secret if name in found]
    assert "list" not in all_panels()["alert_list_sheet"].ask(Scene(open="organisations"), world)
    assert "names" not in results_sheet.ask(Scene(open="results"), world)


def test_below_a_community_a_visitor_has_no_points_and_a_leader_does(
    district: Opened, world: DistrictWorld
) -> None:
    communities = [row["node_id"] for row in district.store.ask("gate_nodes") if row["level"] == "community"]
    seen = dict.fromkeys(MODES, 0)
    for node in communities:
        for mode in MODES:
            rows = {"points": district.gate.answer("alert_points", mode, basis="place", node=node)}
            seen[mode] += len(alerts.shape(rows, Scene(place=node), world)["points"])
    assert seen["visitor"] == 0
    assert seen["leader"] == seen["duty"] > 0


def test_every_number_that_may_be_asked_about_has_an_explanation(
    district: Opened, world: DistrictWorld
) -> None:
    month = world.months[-1]
    asked = [f"warn:{name}" for name in (*how_more.TOTALS, "W01", "W08", "R5", "per_100@320115001")]
    asked += [f"stage:{stage}" for stage in ("open", "notified", "acknowledged", "rectifying")]
    asked += [f"article:{name}" for name in how_more.FIGURES]
    asked += [f"campaign:{name}" for name in how_more.CAMPAIGNS]
    asked += [f"radar:A{n}" for n in range(1, 9)] + [f"basic:{name}" for name in how_more.BASICS]
    asked += [f"duty:{name}:{month}" for name in NAMES] + [
        f"duty:missed:{month}@320115001",
        "weak:all",
        "star:all",
    ]
    asked += ["step:pending_from_branch", "step:completed", "flow:320115001", "inst:theme_day"]
    for how in asked:
        for mode in MODES:
            text = painted(district, world, "how_more", Scene(how=how), mode)
            assert "Dl" in text and text.count('"Dt"') >= 5, (how, mode)


@pytest.mark.parametrize(
    "how", ["warn:", "warn:W99", "duty:x:2019-02", "duty:lecture:2019-13", "radar:A9", "nothing:x"]
)
def test_what_does_not_exist_is_not_explained(district: Opened, world: DistrictWorld, how: str) -> None:
    assert painted(district, world, "how_more", Scene(how=how), "duty") == "[]"


def test_places_are_ordered_by_rate_and_never_by_count() -> None:
    rows = [
        {"node_id": "large", "n": exact(90), "per_100": exact(10.0), "organisations": 900},
        {"node_id": "small", "n": exact(3), "per_100": exact(30.0), "organisations": 10},
        {"node_id": "dark", "n": HIDDEN, "per_100": HIDDEN, "organisations": 5},
    ]
    assert [row["node_id"] for row in alert_towns.by_rate(rows)] == ["small", "large", "dark"]
    assert alert_towns.count_words(rows[0], Words("zh")) == "90／900"


def test_the_worst_unseen_speaks_before_the_worst() -> None:
    row = {"worst": exact(4), "worst_unseen": exact(2)}
    assert alerts.worst(row) == {"severity": 2, "seen": False}
    assert alerts.worst(row | {"worst_unseen": exact(0)}) == {"severity": 4, "seen": True}
    assert alerts.worst({"worst": HIDDEN, "worst_unseen": HIDDEN})["severity"] == 0


STATES = ("held", "made_up", "late", "missed", "not_due", "not_applicable", "no_data")


def duty_row(**counts: Any) -> dict[str, Any]:
    found = {name: exact(counts.get(name, 0)) for name in STATES}
    return found | {"n": exact(sum(counts.values())), "state": None}


@given(st.fixed_dictionaries({name: st.integers(0, 40) for name in STATES}))
def test_a_cell_is_a_state_or_a_share_of_what_was_due(counts: dict[str, int]) -> None:
    row = duty_row(**counts)
    done = counts["held"] + counts["made_up"] + counts["late"]
    state, share = duty_view.state_of(row), duty_view.share_of(row)
    if done + counts["missed"]:
        assert state == ""
        rest = counts["missed"] or counts["not_due"]
        assert share.value == pytest.approx(done / (done + rest))
    else:
        assert state in ("not_due", "no_data", "not_applicable")


def test_what_is_hidden_is_neither_missed_nor_no_data() -> None:
    row = duty_row(held=5) | {"missed": HIDDEN}
    assert duty_view.state_of(row) == "hidden"
    assert duty_view.state_of(duty_row(held=1) | {"n": band(0, 2)}) == "hidden"
    assert duty_view.state_of(duty_row(missed=1) | {"state": "missed"}) == "missed"
    assert duty_view.state_of(duty_row(made_up=1) | {"state": "made_up"}) == "late"


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=5, max_size=8)


@given(VALUES)
def test_a_gap_is_a_gap(values: list[int | None]) -> None:
    figures = [NO_DATA if value is None else exact(value) for value in values]
    found = runs(figures)
    assert sorted(i for run_ in found for i in run_) == [
        i for i, value in enumerate(values) if value is not None
    ]
    for run_ in found:
        assert all(b == (a + 1) % len(values) for a, b in pairwise(run_))
    axes = [Axis(f"A{i + 1}", figure) for i, figure in enumerate(figures)]
    drawn = plain([drawing(axes, [], LARGE, Words("zh"), "radar")])
    spots = json.dumps(drawn).count('"class": "spot"')
    assert spots == sum(value is not None for value in values)


def test_the_gap_list_says_the_three_furthest_below_the_kind_in_order() -> None:
    def peer(axis: str, behind: float, order: int | None) -> dict[str, Any]:
        return {"axis": axis, "peer": "kind", "behind": exact(behind), "gap_order": order, "value": exact(90)}

    rows = [peer("A1", 1.0, None), peer("A5", 12.0, 1), peer("A8", 4.0, 2), peer("A2", 2.0, 3)]
    said = radar_view.gaps([], rows, Words("zh", strict=True))
    assert [axis for axis, _, _ in said] == ["A5", "A8", "A2"]
    assert said[0][2] == "低于同类 12 个点"
    assert radar_view.gaps([], rows, Words("en", strict=True))[0][2] == "12 below its kind"


def test_without_peers_the_largest_changes_are_said() -> None:
    axes = [
        Axis("A1", exact(87), delta=exact(9), direction="better"),
        Axis("A7", exact(96), delta=exact(-4), direction="worse"),
        Axis("A3", exact(76), delta=exact(1), direction="steady"),
    ]
    said = radar_view.gaps(axes, [], Words("zh", strict=True))
    assert [(axis, way) for axis, way, _ in said] == [("A1", "better"), ("A7", "worse")]


def test_hidden_months_are_drawn_as_hidden_and_no_bar_is_of_nought_height() -> None:
    months = [
        {"month": "2019-01", "opened": exact(4), "cleared": exact(0)},
        {"month": "2019-02", "opened": HIDDEN, "cleared": HIDDEN},
    ]
    drawn = json.dumps(plain([alert_balance.bars(months, Words("zh"))]))
    assert drawn.count('"hidden"') == 1 and drawn.count('"cap"') == 1


def test_indicators_stand_by_open_warnings_the_hidden_last() -> None:
    rows: list[dict[str, Any]] = [
        {"indicator": name, "n": n}
        for name, n in (("W01", Figure(None, "hidden")), ("W02", exact(3)), ("W03", exact(9)))
    ]
    assert [row["indicator"] for row in alert_kinds.ranked(rows)] == ["W03", "W02", "W01"]
