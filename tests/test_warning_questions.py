"""What the screens ask about warnings: right sums, no names and nothing pointing at anybody for visitors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from indicators.radar.running import run as run_radar
from indicators.warnings.running import run
from indicators.warnings.watching import Watcher
from stores import alerts
from stores.alerts import AlertError, Finding
from stores.desk import SqliteDesk
from stores.figure import Figure
from stores.gate import Gate
from stores.gate_policy import GateError
from stores.questions import computed_names, question
from stores.scope import Scope
from stores.whole import WholeStore
from tests.small_district import ROOT, Opened, open_small

TOWN = "320115001"
QUIET = "320115002001"
GIVEN = {"basis": "place", "node": ROOT, "month": "2019-02", "from_month": "2018-12", "to_month": "2019-02"}
MINE = (
    "alert_counts alert_total alert_points alert_months alert_ladder alert_kinds alert_list alert_how "
    "duty_matrix duty_units article_figures weak radar radar_peers radar_basics radar_children"
).split()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    opened = open_small(tmp_path_factory.mktemp("questions"))
    desk = SqliteDesk(None)
    run(opened.store, desk, opened.settings)
    run_radar(opened.store, desk, opened.settings)
    whole = WholeStore(opened.store, desk)
    yield Opened(whole, Gate(whole, opened.settings, b"a key for tests only"), opened.settings)
    whole.close()


def ask(small: Opened, name: str, mode: str, **more: Any) -> list[dict[str, Any]]:
    view = GIVEN | more
    return small.gate.answer(name, mode, **{param: view[param] for param in question(name).params})


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("mode", ["visitor", "leader", "duty"])
@pytest.mark.parametrize("node", [ROOT, TOWN, QUIET])
def test_every_question_answers_in_every_mode_and_names_nobody_to_visitors(
    small: Opened, name: str, mode: str, node: str
) -> None:
    assert name in computed_names()
    if mode == "visitor" and question(name).modes:
        with pytest.raises(GateError, match="not for mode"):
            ask(small, name, mode, node=node)
        return
    rows = ask(small, name, mode, node=node)
    for row in rows:
        assert set(row) <= set(question(name).publish)
    if mode == "visitor":
        said = json.dumps(rows, default=str, ensure_ascii=False)
        for seat in small.store.ask("gate_seats_of", basis="place", node=ROOT):
            assert seat["name"] not in said
            assert f'"{seat["org_id"]}"' not in said


def test_children_and_total_count_alike(small: Opened) -> None:
    total = ask(small, "alert_total", "duty")[0]
    children = ask(small, "alert_counts", "duty")
    for column in ("n", "s1", "s2", "s3", "s4", "unseen", "alerting", "organisations"):
        values = [row[column] for row in children]
        summed = sum(one.value if isinstance(one, Figure) else one for one in values)
        whole = total[column]
        assert summed == (whole.value if isinstance(whole, Figure) else whole), column
    kinds = ask(small, "alert_kinds", "duty")
    assert sum(row["n"].value for row in kinds) == total["n"].value
    assert sum(row["n"].value for row in ask(small, "alert_ladder", "duty")) == total["n"].value
    assert len(ask(small, "alert_list", "duty")) == total["n"].value
    assert ask(small, "alert_months", "duty")[-1]["n"].value == total["n"].value


def test_months_close_what_they_opened(small: Opened) -> None:
    rows = ask(small, "alert_months", "duty")
    for before, after in pairwise(rows):
        change = after["opened"].value - after["cleared"].value
        assert after["n"].value - before["n"].value == change


def test_visitors_see_small_communities_as_bands_and_no_branch(small: Opened) -> None:
    rows = ask(small, "alert_counts", "visitor", node=TOWN)
    exact = {row["node_id"]: row for row in ask(small, "alert_counts", "duty", node=TOWN)}
    for row in rows:
        true = exact[row["node_id"]]
        if min(true["n"].value, true["alerting"].value) < 3:
            assert str(row["n"]) == "<3"
            assert str(row["worst"]) == "＊"
        else:
            assert row["n"] == true["n"]
    assert ask(small, "alert_points", "visitor", node=QUIET) == []
    assert ask(small, "alert_counts", "visitor", node="O20001", basis="affiliation") == []


@pytest.mark.parametrize("node", [ROOT, TOWN])
def test_places_side_by_side_have_the_values_of_their_own_radars(small: Opened, node: str) -> None:
    for mode in ("visitor", "leader", "duty"):
        rows = ask(small, "radar_children", mode, node=node)
        below = [row["node_id"] for row in small.store.ask("children", basis="place", node=node)]
        assert [row["node_id"] for row in rows[::8]] == [node, *below] and below
        for place in (node, *below):
            own = {row["axis"]: row["value"] for row in ask(small, "radar", mode, node=place)}
            assert {row["axis"]: row["value"] for row in rows if row["node_id"] == place} == own


def test_who_stands_for_one_town_sees_the_others_as_visitors_do(small: Opened) -> None:
    gate = Gate(small.store, small.settings, b"a key for tests only")
    gate.within(lambda: Scope(frozenset({("place", TOWN)})))
    asked = {"basis": "place", "node": ROOT, "month": "2019-02"}
    assert gate.answer("radar_children", "duty", **asked) == gate.answer("radar_children", "visitor", **asked)
    own = {"basis": "place", "node": TOWN, "month": "2019-02"}
    assert gate.answer("radar_children", "duty", **own) != gate.answer("radar_children", "visitor", **own)


def test_rare_warnings_stop_at_the_district_for_visitors(small: Opened) -> None:
    rows = {row["indicator"]: row for row in ask(small, "alert_kinds", "visitor", node=TOWN)}
    assert {str(rows[key]["n"]) for key in ("W01", "W13", "W14")} == {"＊"}
    assert str(rows["W04"]["n"]) != "＊"


def test_each_month_of_a_branch_has_a_state(small: Opened) -> None:
    rows = ask(small, "duty_units", "duty", node=QUIET)
    assert len({row["institution"] for row in rows}) == 9
    for row in rows:
        states = ("held", "made_up", "late", "missed", "not_due", "not_applicable", "no_data")
        assert sum(row[name].value for name in states) == row["n"].value


def test_a_second_evaluation_changes_nothing_and_an_earlier_day_is_refused(small: Opened) -> None:
    desk = small.store.desk  # type: ignore[attr-defined]
    facts = small.store.facts  # type: ignore[attr-defined]
    again = run(facts, desk, small.settings)
    assert again is not None
    assert (again.opened, again.escalated, again.closed, again.retracted) == (0, 0, 0, 0)
    with pytest.raises(AlertError, match="already speak of"):
        run(facts, desk, small.settings, date(2019, 1, 1))


def test_what_the_facts_no_longer_show_is_retracted_if_recent(small: Opened) -> None:
    desk = SqliteDesk(None)
    facts = small.store.facts  # type: ignore[attr-defined]
    run(facts, desk, small.settings)
    with desk.writing() as writer:
        alerts.open_alert(writer, Finding("W08", "O30001", "2019-01", 2), "2019-02-06T06:00:00")
        alerts.open_alert(writer, Finding("W08", "O30001", "2017-01", 2), "2017-02-06T06:00:00")
    run(facts, desk, small.settings)
    rows = desk.read("select period_key, state from alert where org_id = 'O30001' and indicator = 'W08'")
    assert {row["period_key"]: row["state"] for row in rows} == {"2019-01": "retracted", "2017-01": "open"}


def test_the_watcher_judges_when_the_facts_change_and_only_then(small: Opened) -> None:
    desk = SqliteDesk(None)
    watcher = Watcher(small.store.facts, desk, small.settings)  # type: ignore[attr-defined]
    assert watcher.look()
    assert not watcher.look()
    assert desk.read("select count(*) as n from evaluation")[0]["n"] == 1
