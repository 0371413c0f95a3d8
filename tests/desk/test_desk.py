"""Every act at the desk is done once, inside the scope, written down, and refused in a sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.desk_acts import VERBS
from stores import alerts, audit
from stores.desk import Desk
from stores.settings import Notices
from tests.desk.seeding import app_over, opened_again, opened_desk
from tests.secret_wall import STACK
from tests.signing import account, signed_in, signs_of
from tests.small_district import Opened, branches

TOWN, OTHER = "320115001", "320115002"


class Place:
    """Hold the app over a small district with warnings, one duty officer at the desk, and the records."""

    def __init__(self, opened: Opened, desk: Desk, folder: Path) -> None:
        self.opened, self.desk, self.folder = opened, desk, folder
        self.app: Flask = app_over(opened, notices=Notices(drop_folder=str(folder / "out")))
        self.duty: FlaskClient = signed_in(self.app, "duty")

    def board(self, client: FlaskClient | None = None) -> dict[str, Any]:
        """Fetch everything that stands on the desk."""
        answer = (client or self.duty).get("/desk/data?lang=zh")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def all(self, client: FlaskClient | None = None) -> dict[str, dict[str, Any]]:
        """Give the open warnings by id."""
        return {one["id"]: one for group in self.board(client)["groups"] for one in group["alerts"]}

    def first(self, state: str = "open") -> str:
        """Give the id of a warning at a stage."""
        return next(name for name, one in self.all().items() if one["state"] == state)

    def act(self, verb: str, *ids: str, client: FlaskClient | None = None, **more: str) -> Any:
        """Order an act."""
        return (client or self.duty).post("/desk/act?lang=zh", json={"verb": verb, "ids": list(ids), **more})

    def acts(self) -> list[dict[str, Any]]:
        """Give the audit log."""
        self.app.extensions["recorder"].flush()
        return audit.read(self.desk, "acts", most=10_000)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the small district and its warnings, made once and closed."""
    folder = tmp_path_factory.mktemp("desk")
    opened_desk(folder)[0].store.close()
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Iterator[Place]:
    """Give a desk of its own to every test."""
    folder = tmp_path / "data"
    shutil.copytree(made, folder)
    opened, desk = opened_again(folder)
    yield Place(opened, desk, folder)
    opened.store.close()


def test_the_board_adds_up(place: Place) -> None:
    board, open_now = place.board(), alerts.open_alerts(place.desk)
    shown = [one for group in board["groups"] for one in group["alerts"]]
    assert sorted(one["id"] for one in shown) == sorted(row["alert_id"] for row in open_now)
    stages = {one["stage"]: one for one in board["ladder"]}
    assert sum(stages[stage]["n"] for stage in board["stages"]) == len(shown)
    assert {stage: stages[stage]["n"] for stage in board["stages"]} == {
        stage: sum(one["state"] == stage for one in shown) for stage in board["stages"]
    }
    assert sum(one["late"] > 0 for one in shown) == sum(stages[stage]["late"] for stage in board["stages"])
    assert sum(town["n"] for town in board["map"]["towns"]) == len(shown)
    for town in board["map"]["towns"]:
        assert town["rate"] == round(100 * town["n"] / town["orgs"], 1)
    assert board["today"] == "2019-02-28"
    assert board["week"]["days"][0]["day"] == "2019-02-28"
    assert {kind["kind"]: kind["n"] for kind in board["week"]["kinds"]} == {
        "promise": {"2019-03-02": 1},
        "transfer_step": {"2019-03-01": 4},
    }


def test_the_wall_and_the_desk_tell_the_same_ladder(place: Place) -> None:
    ladder = [one for one in place.board()["ladder"] if "oldest" in one]
    desk = {one["stage"]: (one["n"], one["oldest"], one["late"]) for one in ladder}
    rows = place.opened.gate.answer("alert_ladder", "duty", basis="place", node="320115")
    wall = {row["stage"]: tuple(row[name].value for name in ("n", "oldest_days", "late")) for row in rows}
    assert wall == desk
    assert sum(late for _, _, late in wall.values()) > 0


def test_deadlines_follow_the_stages(place: Place) -> None:
    by_state = {one["state"]: one for one in place.all().values()}
    assert by_state["open"]["due"] == "2019-02-21"
    assert by_state["notified"]["due"] == "2019-02-24", "the day the reminder asked for"
    assert by_state["acknowledged"]["due"] == "2019-02-28"
    assert by_state["rectifying"]["due"] == "2019-03-02"
    assert (by_state["open"]["late"], by_state["rectifying"]["late"]) == (7, 0)


def test_values_are_written_in_their_units(place: Place) -> None:
    values = {one["ind"]: one["value"] for one in place.all().values()}
    assert values["W02"] == "45.0%"
    assert values["W01"] == "3 名"
    assert values["W11"] == "90 日"
    assert values["W04"] == "连续 2 期"
    assert values["W09"] == "2018年度"


def test_nothing_new_is_answered_with_nothing(place: Place) -> None:
    version = place.board()["version"]
    assert place.duty.get(f"/desk/data?v={version}").status_code == 204
    assert place.act("acknowledge", place.first()).status_code == 200
    assert place.duty.get(f"/desk/data?v={version}").status_code == 200


def test_a_warning_is_taken_through_its_life(place: Place) -> None:
    name = place.first()
    hand = account(place.app, "duty")[1]
    assert place.act("urge", name, value="remind", due_on="2019-03-05", note="请召开").status_code == 200
    assert place.act("acknowledge", name).get_json()["alerts"][0]["state"] == "acknowledged"
    assert place.act("assign", name, value=hand).get_json()["alerts"][0]["assigned"] == hand
    told = place.act("promise", name, value="2019-03-10").get_json()["alerts"][0]
    assert (told["state"], told["due"]) == ("rectifying", "2019-03-10")
    assert place.act("clear", name, evidence="会议记录已核").get_json()["alerts"][0]["state"] == "cleared"
    assert name not in place.all()
    told = place.duty.get(f"/desk/alert/{name}").get_json()
    verbs = [step["verb"] for step in told["steps"]]
    assert verbs == ["open", "urge", "acknowledge", "assign", "promise", "clear"]
    done = [(one["action"], one["outcome"]) for one in place.acts() if one["target"] == name]
    assert done == [(f"alert {verb}", "done") for verb in verbs[1:]]


@pytest.mark.parametrize(
    ("verb", "more", "sentence"),
    [
        ("promise", {"value": "2019-02-01"}, "日期"),
        ("promise", {"value": "tomorrow"}, "日期"),
        ("promise", {"value": "2019-03-10"}, "不能这样办理"),
        ("assign", {"value": "nobody"}, "账号"),
        ("clear", {}, "核实依据"),
        ("waive", {"approver": "liu"}, "理由"),
        ("waive", {"note": "停业"}, "批准人"),
        ("undo", {}, "不能撤回"),
        ("urge", {"value": "remind", "due_on": "2018-01-01"}, "日期"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    place: Place, verb: str, more: dict[str, str], sentence: str
) -> None:
    name = place.first()
    before = alerts.history(place.desk, name)
    answer = place.act(verb, name, **more)
    assert answer.status_code == 409
    assert sentence in answer.get_json()["error"]["message"]
    assert answer.get_json()["error"]["message_en"]
    assert alerts.history(place.desk, name) == before


def test_nobody_approves_their_own_waiver(place: Place) -> None:
    made, name = account(place.app, "duty")
    client = place.app.test_client()
    client.set_cookie("ejia", signs_of(place.app).open(made))
    client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    refused = place.act("waive", place.first(), client=client, note="停业", approver=name.upper())
    assert refused.status_code == 409
    assert place.act("waive", place.first(), client=client, note="停业", approver="liu").status_code == 200


def test_an_acknowledgement_is_taken_back_within_a_minute(place: Place) -> None:
    name = place.first("notified")
    before = place.all()[name]
    place.act("acknowledge", name)
    assert place.act("undo", name).status_code == 200
    assert place.all()[name] == before
    assert place.act("undo", name).status_code == 409, "once"
    steps, _ = alerts.history(place.desk, name)
    assert [step["verb"] for step in steps][-2:] == ["acknowledge", "undo"]


def test_after_a_minute_or_another_step_it_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    name, other = place.first(), place.first("notified")
    place.act("acknowledge", name)
    place.act("note", name, note="已电话联系")
    assert place.act("undo", name).status_code == 409
    place.act("acknowledge", other)
    stranger = signed_in(place.app, "duty")
    assert place.act("undo", other, client=stranger).status_code == 409, "somebody else's"
    monkeypatch.setattr("dashboard.desk_acts.UNDO_WITHIN", timedelta(seconds=-1))
    assert place.act("undo", other).status_code == 409


def test_an_act_sent_again_is_done_once(place: Place) -> None:
    name = place.first()
    for _ in range(3):
        assert place.act("urge", name, value="remind", key="one").status_code == 200
    assert len(alerts.history(place.desk, name)[1]) == 1
    assert place.act("urge", name, value="remind", key="two").status_code == 200
    assert len(alerts.history(place.desk, name)[1]) == 2
    stranger = signed_in(place.app, "duty")
    assert place.act("urge", name, client=stranger, value="remind", key="one").status_code == 200
    assert len(alerts.history(place.desk, name)[1]) == 3, "a key is its account's own"


def test_of_several_all_or_none_are_done(place: Place) -> None:
    good, bad = place.first(), place.first("rectifying")
    with place.desk.writing() as writer:
        writer.run(
            "update alert set state = 'cleared', cleared_at = $at where alert_id = $id", id=bad, at="2019"
        )
    assert place.act("acknowledge", good, bad).status_code == 409
    assert place.all()[good]["state"] == "open"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"verb": "acknowledge"},
        {"verb": "acknowledge", "ids": []},
        {"verb": "acknowledge", "ids": "A1"},
        {"verb": "acknowledge", "ids": [1]},
        {"verb": "retract", "ids": ["A1"]},
        {"verb": "acknowledge", "ids": ["A1"] * 51},
        {"verb": "note", "ids": ["A1"], "note": "x" * 501},
        {"verb": "note", "ids": ["A1"], "note": 7},
        {"verb": "urge", "ids": ["A1"], "value": "shout"},
    ],
)
def test_what_is_no_order_is_refused(place: Place, body: Any) -> None:
    answer = place.duty.post("/desk/act", json=body)
    assert answer.status_code in (400, 404)
    assert not STACK.search(answer.get_data(as_text=True))


def test_a_scope_is_all_there_is(place: Place) -> None:
    near = signed_in(place.app, "duty", [("place", TOWN)])
    inside = place.opened.gate.under("place", TOWN)
    whole, mine = place.all(), place.all(near)
    assert mine == {name: one for name, one in whole.items() if one["org"] in inside}
    assert 0 < len(mine) < len(whole)
    outside = next(name for name, one in whole.items() if one["org"] not in inside)
    before = alerts.history(place.desk, outside)
    for verb in VERBS:
        answer = place.act(verb, outside, client=near, value="remind", note="x", evidence="x", approver="x")
        assert answer.status_code in (404, 400, 409), verb
    assert place.act("acknowledge", outside, client=near).status_code == 404
    assert near.get(f"/desk/alert/{outside}").status_code == 404
    assert near.get(f"/desk/matrix/{whole[outside]['org']}").status_code == 404
    assert alerts.history(place.desk, outside) == before
    board = place.board(near)
    assert sum(town["n"] for town in board["map"]["towns"]) == len(mine)
    nowhere = signed_in(place.app, "duty", [])
    assert place.all(nowhere) == {}


def test_a_desk_switched_to_visitors_is_closed(place: Place) -> None:
    assert place.duty.post("/session/mode", json={"as_visitor": True}).status_code == 200
    name = place.desk.read("select alert_id from alert")[0]["alert_id"]
    for path in ("/desk", "/desk/data", "/desk/report.pdf", f"/desk/alert/{name}"):
        assert place.duty.get(path).status_code == 403
    assert place.duty.post("/desk/act", json={}).status_code == 403


def test_urging_queues_a_message_without_what_was_typed(place: Place) -> None:
    name = place.first()
    place.act("urge", name, value="urge", due_on="2019-03-05", note="张三 13800000000 欠费")
    place.app.extensions["post"].run_once()
    files = list((place.folder / "out").glob("*.json"))
    assert len(files) == 1
    told = json.loads(files[0].read_text("utf-8"))
    assert (told["urging"], told["due_on"], told["warnings"]) == ("urge", "2019-03-05", 1)
    assert "张三" not in files[0].read_text("utf-8")
    assert "138" not in files[0].read_text("utf-8")
    assert place.board()["notices"] == {"waiting": 0, "sent": 1, "dead": 0}


def test_dead_letters_are_seen_and_sent_again_by_an_administrator(place: Place) -> None:
    (place.folder / "out").write_text("a file where a folder should be")
    place.act("urge", place.first(), value="remind")
    with place.desk.writing(shown=False) as writer:
        writer.run("update notice set tries = 7")
    place.app.extensions["post"].run_once()
    letter = place.duty.get("/desk/notices").get_json()["letters"][0]
    assert letter["channel"] == "file"
    assert place.duty.post(f"/desk/notices/{letter['notice_id']}").status_code == 403
    admin = signed_in(place.app, "admin")
    assert admin.post(f"/desk/notices/{letter['notice_id']}").get_json() == {"done": True}
    assert place.board()["notices"]["dead"] == 0


def test_a_shift_counts_from_the_last_handover(place: Place) -> None:
    first = place.board()
    place.act("urge", place.first(), value="remind")
    assert place.board()["since"]["urged"] == first["since"]["urged"] + 1
    assert place.duty.post("/desk/shift", json={}).status_code == 200
    second = place.board()["shift"]
    assert second["from"] >= first["shift"]["from"]
    assert "shift handed over" in [one["action"] for one in place.acts()]


def test_the_report_is_one_page_with_chinese_letters_and_nobody_in_it(place: Place) -> None:
    place.act("urge", place.first(), value="remind", note="张三欠费")
    answer = place.duty.get("/desk/report.pdf?lang=zh")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    made = answer.data
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") + made.count(b"/Type/Page/") + made.count(b"/Type /Page ") <= 1
    assert b"EjiaSans" in made
    assert "report" in [one["action"] for one in place.acts()]


def test_how_it_was_counted_is_told(place: Place) -> None:
    name = next(name for name, one in place.all().items() if one["ind"] == "W02")
    how = place.duty.get(f"/desk/alert/{name}").get_json()["how"]
    assert (how["num"], how["den"], how["threshold"], how["share"]) == (9, 20, 0.5, True)
    assert how["period"] == "2019年1月"


def test_the_page_holds_no_script_and_its_words(place: Place) -> None:
    answer = place.duty.get("/desk?lang=zh")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<script>" not in text
    scripts = answer.headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert "unsafe-inline" not in scripts
    assert "值守台" in text


def test_branches_without_warnings_are_not_listed(place: Place) -> None:
    orgs = [group["org"] for group in place.board()["groups"]]
    assert len(orgs) == len(set(orgs)) == 6
    assert branches()[7] not in orgs
