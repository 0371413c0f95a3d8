"""Pairing: a code serves once, for two minutes, and guessing ends it; a tablet commands only its walls."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from small_district import Opened, open_small

from dashboard import server
from dashboard.pairing import LASTS, TRIES, Pairing, new_remote, plain_name
from dashboard.remote import checked_command, qr, watching
from layers.scene import VERBS
from stores.desk import SqliteDesk

NOW = datetime(2019, 3, 1, 9, 0)


@pytest.fixture
def pairing() -> Pairing:
    """Give pairing over records in memory."""
    return Pairing(SqliteDesk(None))


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """Give the server's routes over a small district."""
    own: Opened = open_small(tmp_path)
    flask = Flask("pairing")
    server.install(flask, own.store, own.gate, own.settings)
    return flask


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_serves_once(pairing: Pairing) -> None:
    code, tablet = pairing.open("w1", NOW), new_remote()
    assert pairing.take(code, tablet, NOW) == "w1"
    assert pairing.take(code, new_remote(), NOW) is None
    assert pairing.holds(tablet, "w1") and not pairing.holds(tablet, "w2")
    assert pairing.remotes("w1") == 1


def test_a_code_lasts_two_minutes(pairing: Pairing) -> None:
    code = pairing.open("w1", NOW)
    assert pairing.take(code, new_remote(), NOW + LASTS + timedelta(seconds=1)) is None
    code = pairing.open("w1", NOW)
    assert pairing.take(code, new_remote(), NOW + LASTS - timedelta(seconds=1)) == "w1"


def test_five_wrong_tries_end_every_open_code(pairing: Pairing) -> None:
    first, second = pairing.open("w1", NOW), pairing.open("w2", NOW)
    used = {first, second}
    guesses = (code for n in range(100) if (code := f"{n:06d}") not in used)
    for _ in range(TRIES):
        assert pairing.take(next(guesses), new_remote(), NOW) is None
    assert pairing.take(first, new_remote(), NOW) is None
    assert pairing.take(second, new_remote(), NOW) is None


def test_a_new_code_ends_the_walls_earlier_one(pairing: Pairing) -> None:
    first = pairing.open("w1", NOW)
    second = pairing.open("w1", NOW)
    assert first == second or pairing.take(first, new_remote(), NOW) is None
    assert pairing.take(second, new_remote(), NOW) == "w1"


def test_a_tablet_may_hold_several_walls_and_a_wall_may_part(pairing: Pairing) -> None:
    tablet = new_remote()
    for wall in ("w1", "w2"):
        pairing.take(pairing.open(wall, NOW), tablet, NOW)
    pairing.name("w2", "大厅")
    assert [(one["wall_id"], one["name"]) for one in pairing.walls(tablet)] == [("w1", ""), ("w2", "大厅")]
    pairing.end("w1")
    assert [one["wall_id"] for one in pairing.walls(tablet)] == ["w2"]


def test_no_secret_is_kept(app: Flask) -> None:
    wall, tablet = app.test_client(), app.test_client()
    code = wall.post("/walls/code").get_json()["code"]
    tablet.post("/remote/pair", json={"code": code})
    secret = tablet.get_cookie("ejia_remote")
    assert secret is not None
    desk = app.extensions["desk"]
    kept = str([desk.read(f"select * from {table}") for table in ("pairing", "remote", "wall")])
    assert secret.value not in kept and code not in kept


# Over the server


def paired(app: Flask) -> tuple[FlaskClient, FlaskClient, str]:
    """Give a wall, its tablet and the wall's identity."""
    wall, tablet = app.test_client(), app.test_client()
    code = wall.post("/walls/code").get_json()["code"]
    return wall, tablet, tablet.post("/remote/pair", json={"code": code}).get_json()["wall"]


def commands(app: Flask, wall: str) -> list[Any]:
    """List what a wall was told to do."""
    hub = app.extensions["hub"]
    return [one.data for one in hub.after(0, 0) if one.event == "command" and one.to("visitor", wall)]


def test_a_tablet_commands_its_wall_and_no_other(app: Flask) -> None:
    _, tablet, mine = paired(app)
    _, other, theirs = paired(app)
    assert mine != theirs
    assert tablet.post("/remote/command", json={"wall": mine, "do": "next"}).status_code == 204
    for stranger in (other, app.test_client()):
        assert stranger.post("/remote/command", json={"wall": mine, "do": "next"}).status_code == 403
    assert commands(app, mine) == [{"do": "next"}] and commands(app, theirs) == []


def test_a_wall_that_parts_is_no_longer_commanded(app: Flask) -> None:
    wall, tablet, mine = paired(app)
    assert wall.delete("/walls/remotes").get_json() == {"remotes": 0}
    assert tablet.post("/remote/command", json={"wall": mine, "do": "next"}).status_code == 403
    assert tablet.get("/remote/walls").get_json() == []
    assert tablet.get("/remote/world").status_code == 403


def test_another_sites_page_commands_nothing(app: Flask) -> None:
    _, tablet, mine = paired(app)
    body = {"wall": mine, "do": "next"}
    foreign = tablet.post("/remote/command", json=body, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403 and commands(app, mine) == []


def test_guessing_is_slowed(app: Flask) -> None:
    codes = (f"{n:06d}" for n in range(14))
    tries = [app.test_client().post("/remote/pair", json={"code": code}).status_code for code in codes]
    assert tries[:10] == [403] * 10 and tries[-1] == 429


def test_what_a_wall_says_reaches_its_tablets_and_only_in_form(app: Flask) -> None:
    wall, tablet, mine = paired(app)
    said = {
        "query": "?x",
        "stop": 3,
        "of": True,
        "name": " 大厅\u202e\n",
        "evil": {"a": 1},
        "place": "x" * 999,
    }
    assert wall.post("/walls/state", json=said).get_json() == {"remotes": 1}
    [one] = tablet.get("/remote/walls").get_json()
    assert one["name"] == "大厅" and one["state"]["stop"] == 3
    assert "evil" not in one["state"] and "of" not in one["state"] and len(one["state"]["place"]) == 600
    states = [m for m in app.extensions["hub"].after(0, 0) if m.event == "state"]
    assert states and states[-1].to("visitor", mine) is None
    assert states[-1].to("visitor", watching(mine)) is not None
    assert wall.post("/walls/state", json=[]).status_code == 400


def test_only_a_paired_tablet_may_listen(app: Flask) -> None:
    _, tablet, mine = paired(app)
    assert app.test_client().get(f"/events?watch={mine}").status_code == 403
    with tablet.get(f"/events?watch={mine}") as answer:
        assert answer.status_code == 200
    assert app.extensions["streams"].open == 0


def test_the_tablet_sees_notes_and_no_figures_beyond_visitors(app: Flask) -> None:
    _, tablet, _ = paired(app)
    world = tablet.get("/remote/world").get_json()
    [delegation] = [tour for tour in world["tours"] if tour["name"] == "delegation"]
    assert len(delegation["stops"]) == 8 and delegation["stops"][0]["notes"]["zh"]
    assert "{" not in delegation["stops"][0]["caption"]["zh"]
    page = tablet.get("/remote")
    assert page.mimetype == "text/html" and "{{" not in page.get_data(as_text=True)


@pytest.mark.parametrize(
    "body",
    [
        {"do": "visitor", "arg": False},
        {"do": "visitor"},
        {"do": "blackout", "arg": "yes"},
        {"do": "jump", "arg": True},
        {"do": "jump", "arg": -1},
        {"do": "start", "arg": "../../etc"},
        {"do": "gesture", "verb": "no such"},
        {"do": "gesture", "verb": "go", "arg": 3},
        {"do": "gesture", "verb": ["go"], "arg": ""},
        {"do": "gesture", "verb": "go", "arg": "x" * 501},
        {"do": "point", "lon": float("nan"), "lat": 1},
        {"do": "point", "lon": 118.0},
        {"do": "point", "lon": 1e9, "lat": 1},
        {"do": "point", "lon": True, "lat": "x"},
        {"do": "eval"},
        {"do": {"next": 1}},
        {},
    ],
)
def test_no_other_command_gets_through(body: dict[str, Any]) -> None:
    assert checked_command(body) is None


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["next", "gesture", "point", "jump", "blackout", "visitor", *VERBS]),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["do", "arg", "verb", "lon", "lat", "more"]), VALUES))
def test_commands_are_of_a_closed_form(body: dict[str, Any]) -> None:
    order = checked_command(body)
    if order is not None:
        assert set(order) <= {"do", "arg", "verb", "lon", "lat"}
        assert order.get("verb", "go") in VERBS
        assert order["do"] != "visitor" or order["arg"] is True


@settings(deadline=None)
@given(st.text())
def test_a_name_is_short_and_printable(name: str) -> None:
    plain = plain_name(name)
    assert len(plain) <= 24 and plain.isprintable() and plain == plain_name(plain)


def test_a_qr_code_is_svg_without_script() -> None:
    drawn = qr("http://10.0.0.5:8050/remote#123456")
    assert drawn.startswith("<svg") and "script" not in drawn
