"""Live push: nothing missed, nothing told to the wrong wall or mode, no stream too many."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from small_district import Opened, open_small

from dashboard import live, server
from dashboard.live import Hub, Stream, Streams
from dashboard.pulses import RULES, Pulses, Rule, SignIn
from dashboard.readers import make_token, revoke
from dashboard.sessions import MODES

START = datetime(2019, 2, 15, 9, 0)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Give a small real district."""
    return open_small(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def app(opened: Opened) -> Flask:
    """Give the server's routes over the small district."""
    flask = Flask("live")
    server.install(flask, opened.store, opened.gate, opened.settings)
    return flask


def told(chunk: str) -> tuple[str, dict[str, Any]]:
    """Read a message as a browser does."""
    lines = dict(line.split(": ", 1) for line in chunk.strip().splitlines() if ": " in line)
    return lines["event"], json.loads(lines["data"])


def test_messages_are_numbered_and_kept_for_who_was_away() -> None:
    hub = Hub(kept=3)
    for n in range(5):
        hub.publish("version", {"version": n})
    assert [message.data for message in hub.after(3, 0)] == [{"version": 3}, {"version": 4}]
    assert hub.reaches(2) and not hub.reaches(1) and not hub.reaches(6)
    assert live.resumed(hub, f"{hub.boot}-3") == 3
    for strange in ("", "x-3", f"{hub.boot}-1", f"{hub.boot}-99", f"{hub.boot}-٣", f"{hub.boot}--1"):
        assert live.resumed(hub, strange) == 5, strange


def test_who_waits_is_woken_by_a_message() -> None:
    hub = Hub()
    threading.Timer(0.05, lambda: hub.publish("version", {"version": 7})).start()
    assert [message.data for message in hub.after(0, 20)] == [{"version": 7}]


def test_a_wall_hears_its_own_commands_and_a_mode_its_own_figures() -> None:
    hub, streams = Hub(), Streams(9)
    made = {(mode, wall): Stream(hub, streams, mode, wall, 0) for mode in MODES for wall in ("a", "b")}
    hub.publish("command", {"do": "next"}, wall="a")
    hub.publish("swipes", by_mode={"duty": {"n": 1}})
    hub.publish("version", {"version": 2})
    heard = {}
    for who, stream in made.items():
        assert told(next(stream).split("\n\n", 1)[1])[0] == "hello"
        first = next(stream)
        heard[who] = [told(first)[0], *(told(one)[0] for one in stream._waiting)]
    for (mode, wall), events in heard.items():
        wanted = ["command"] * (wall == "a") + ["swipes"] * (mode == "duty") + ["version"]
        assert events == wanted


def test_a_stream_too_many_is_refused_and_a_closed_one_makes_room() -> None:
    streams = Streams(live.bounded(4))
    assert [streams.enter() for _ in range(3)] == [True, True, False]
    stream = Stream(Hub(), streams, "visitor", None, 0)
    stream.close()
    stream.close()
    assert streams.open == 1 and streams.enter()
    assert list(stream) == []


@settings(deadline=None)
@given(st.integers(2, 300))
def test_streams_never_take_all_threads(threads: int) -> None:
    assert 1 <= live.bounded(threads) < threads


def test_events_is_a_stream_that_nobody_keeps_or_packs(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/events", headers={"Accept-Encoding": "gzip, br"})
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers
    assert told(next(iter(answer.response)).decode().split("\n\n", 1)[1])[1]["mode"] == "visitor"  # type: ignore[union-attr]
    answer.close()
    assert app.extensions["streams"].open == 0
    assert client.get_cookie("ejia_wall") is not None


# Pulses


def signins(*minutes: float, place: str = "C1", people: Iterator[int] | None = None) -> list[SignIn]:
    """Make sign-ins of different people at a place."""
    ids = people or iter(range(10_000))
    return [SignIn(f"m{next(ids)}", START + timedelta(minutes=m), f"O-{place}", place) for m in minutes]


def test_one_swipe_in_an_empty_community_is_not_seen_by_visitors() -> None:
    pulses = Pulses(RULES["visitor"])
    ids = iter(range(100))
    assert pulses.add(signins(0, people=ids)) == []
    assert pulses.add(signins(1, people=ids)) == []
    assert pulses.add(signins(2, people=ids)) == [{"place": "C1", "n": 3}]
    assert pulses.add(signins(3, people=ids)) == []


def test_a_person_who_signs_in_again_is_no_crowd() -> None:
    pulses = Pulses(RULES["visitor"])
    one = signins(0)[0]
    assert pulses.add([one] * 5) == [] and pulses.add([one]) == []


def test_the_duty_desk_sees_each_and_leaders_three_of_an_organisation() -> None:
    assert len(Pulses(RULES["duty"]).add(signins(0))) == 1
    leader = Pulses(RULES["leader"])
    assert leader.add(signins(0, 0.2)) == []
    assert Pulses(RULES["leader"]).add(signins(0, 0.1, 0.2)) == [
        {"place": "C1", "n": 3, "organisation": "O-C1"}
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 40)), max_size=9), max_size=12
    ),
    st.sampled_from(sorted(RULES)),
)
def test_pulses_stand_for_whole_handfuls_of_people(
    batches: list[list[tuple[int, int, int]]], mode: str
) -> None:
    """Beside the clever counter: the people of each bucket, counted plainly, cover what was told."""
    rule: Rule = RULES[mode]
    pulses, shown, people = Pulses(rule), {}, {}
    for batch in batches:
        given_ = [
            SignIn(f"m{who}", START + timedelta(minutes=minute), f"O{place}", f"C{place}")
            for who, place, minute in batch
        ]
        for one in given_:
            key = (one.community, int(one.at.timestamp()) // rule.seconds)
            people.setdefault(key, set()).add(one.member)
        for pulse in pulses.add(given_):
            assert pulse["n"] >= rule.least and pulse["n"] % rule.least == 0
            assert ("organisation" in pulse) == rule.by_organisation
            shown[pulse["place"]] = shown.get(pulse["place"], 0) + pulse["n"]
    for place in {key[0] for key in people}:
        floor = sum(len(v) // rule.least * rule.least for k, v in people.items() if k[0] == place)
        assert shown.get(place, 0) == floor


# The intake


@pytest.fixture
def fresh(tmp_path: Path) -> tuple[Flask, Opened, str]:
    """Give an own small district with a reader that may post."""
    own = open_small(tmp_path)
    flask = Flask("swipes")
    server.install(flask, own.store, own.gate, own.settings)
    return flask, own, make_token(flask.extensions["desk"], "K1")


def people(flask: Flask, own: Opened, count: int) -> list[dict[str, str]]:
    """Make sign-ins of people whose numbers the source knows, at a real activity."""
    activity = own.store.known("activity", ["activity_id", "org_id", "start_at"]).to_pylist()[3]
    return [
        {"activity": activity["activity_id"], "member": f"P{n}", "at": activity["start_at"].isoformat()}
        for n in range(count)
    ]


def post(flask: Flask, token: str, swipes: list[Any]) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return flask.test_client().post("/api/v1/swipes", json={"swipes": swipes}, headers=headers)


def know(flask: Flask, own: Opened, count: int) -> None:
    """Let the intake's book know people P0…, members of the activity's branch."""
    from loaders.pseudonyms import Pseudonyms, read_key

    book = flask.extensions["intake"].book
    activity = own.store.known("activity", ["activity_id", "org_id"]).to_pylist()[3]
    book.has("", "")
    for pid in Pseudonyms(read_key(own.settings.data_dir)).of(f"P{n}" for n in range(count)):
        book._members[pid] = activity["org_id"]


def attended(own: Opened) -> int:
    return own.store.known("attendance", ["member_pid"]).num_rows


def test_sign_ins_are_written_once_however_often_they_come(fresh: tuple[Flask, Opened, str]) -> None:
    flask, own, token = fresh
    know(flask, own, 5)
    swipes, before = people(flask, own, 5), attended(own)
    assert post(flask, token, swipes).get_json() == {"taken": 5, "known": 0, "refused": []}
    assert post(flask, token, swipes).get_json() == {"taken": 0, "known": 5, "refused": []}
    assert attended(own) == before + 5
    hub: Hub = flask.extensions["hub"]
    [message] = [one for one in hub.after(0, 0) if one.event == "swipes"]
    assert message.data is None and message.by_mode is not None
    assert message.by_mode["visitor"]["count"] == 5
    assert [pulse["n"] for pulse in message.by_mode["visitor"]["pulses"]] == [3]
    assert len(message.by_mode["duty"]["pulses"]) == 1
    written = json.dumps(message.by_mode)
    assert "P0" not in written and "member" not in written


def test_a_replay_is_shown_and_never_counted(fresh: tuple[Flask, Opened, str]) -> None:
    flask, own, _ = fresh
    know(flask, own, 4)
    before, version = attended(own), own.store.version
    token = make_token(flask.extensions["desk"], "replay", replays=True)
    for _ in range(2):
        assert post(flask, token, people(flask, own, 4)).get_json()["taken"] == 4
    assert (attended(own), own.store.version) == (before, version)
    told_ = [one.by_mode for one in flask.extensions["hub"].after(0, 0) if one.event == "swipes"]
    assert all(one is not None and one["visitor"]["replay"] for one in told_) and len(told_) == 2


def test_only_a_reader_may_post(fresh: tuple[Flask, Opened, str]) -> None:
    flask, own, token = fresh
    for wrong in ("", "x", token + "x", token[:-1], "replay"):
        assert post(flask, wrong, people(flask, own, 1)).status_code == 401
    assert revoke(flask.extensions["desk"], "K1") == 1
    assert post(flask, token, people(flask, own, 1)).status_code == 401
    assert token not in str(flask.extensions["desk"].read("select * from reader_token"))


def test_wrong_sign_ins_are_named_and_the_others_taken(fresh: tuple[Flask, Opened, str]) -> None:
    flask, own, token = fresh
    know(flask, own, 9)
    good = people(flask, own, 9)
    wrong: list[Any] = [
        None, [], {}, {**good[0], "at": "yesterday"}, {**good[0], "at": "9999-01-01T00:00:00"},
        {**good[0], "channel": "telepathy"}, {**good[0], "member": "a b"}, {**good[0], "activity": "nope"},
        {**good[0], "member": {"$gt": ""}}, {**good[0], "reader": "x" * 65},
    ]  # fmt: skip
    body = post(flask, token, [*wrong, good[1]]).get_json()
    assert body["taken"] == 1
    assert [one["index"] for one in body["refused"]] == list(range(len(wrong)))
    assert all(set(one) == {"index", "why"} for one in body["refused"])
    assert post(flask, token, []).status_code == 400
    assert post(flask, token, good * 112).status_code == 413
    for body_ in (b"", b"[]", b'{"swipes": 3}', b"\xff"):
        sent = flask.test_client().post(
            "/api/v1/swipes", data=body_, headers={"Authorization": f"Bearer {token}"}
        )
        assert sent.status_code == 400


def test_out_of_time_and_out_of_place_is_written_as_such(fresh: tuple[Flask, Opened, str]) -> None:
    flask, own, token = fresh
    know(flask, own, 3)
    swipes = people(flask, own, 3)
    book = flask.extensions["intake"].book
    from loaders.pseudonyms import Pseudonyms, read_key

    pids = Pseudonyms(read_key(own.settings.data_dir)).of(["P0", "P1", "P2"])
    book._members[pids[1]] = "elsewhere"
    late = datetime.fromisoformat(swipes[2]["at"]) + timedelta(days=1)
    swipes[2]["at"] = late.isoformat()
    post(flask, token, swipes)
    rows = own.store.known("attendance", ["member_pid", "state"]).to_pylist()
    states = {row["member_pid"]: row["state"] for row in rows}
    assert [states[pid] for pid in pids] == ["valid", "observer", "rejected"]
    [message] = [one for one in flask.extensions["hub"].after(0, 0) if one.event == "swipes"]
    assert message.by_mode is not None and message.by_mode["duty"]["count"] == 1


def test_a_time_of_another_zone_is_told_in_chinas(fresh: tuple[Flask, Opened, str]) -> None:
    from dashboard.signins import _time

    assert _time("2019-02-15T01:00:00+00:00") == START == _time("2019-02-15T09:00:00")


def test_a_server_that_ends_lets_its_streams_go(tmp_path: Path) -> None:
    hub, streams = Hub(), Streams(1)
    assert streams.enter()
    stream = Stream(hub, streams, "visitor", None, 0)
    next(stream)
    flag = tmp_path / "stopping"
    hub.close_when_told(str(flag))
    threading.Timer(0.1, flag.touch).start()
    assert list(stream) == [], "no sign of life is waited for"
    assert streams.open == 0


def test_a_page_that_comes_to_a_full_server_takes_the_place_of_one_that_has_gone() -> None:
    hub, streams = Hub(), Streams(1)
    assert streams.enter()
    stream = Stream(hub, streams, "visitor", None, 0)
    next(stream)
    beats: list[str] = []

    def serve() -> None:
        beats.append(next(stream))  # writing it shows that nobody reads any more
        stream.close()

    writer = threading.Thread(target=serve, daemon=True)
    writer.start()
    assert streams.enter_after(hub.knock, 3.0), "sooner than the next beat"
    writer.join(20)
    assert told(beats[0])[0] == "beat"
    assert not streams.enter_after(hub.knock, 0.0), "who is there keeps the place"
