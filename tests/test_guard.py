"""Role by route by callback by place: nothing is reached that the table does not grant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard import guard
from dashboard.sessions import QUIET
from layers.scene import from_mapping
from stores import audit
from tests.gate_district import ROOT
from tests.secret_wall import CALLBACK, Wall, body_of, call, opened_wall, post
from tests.signing import PASSWORD, account, signed_in, signs_of

WHO = (None, *guard.ROLES)
ORIGIN = {"Origin": "http://localhost"}
TOWN, OUTSIDE = f"{ROOT}001", f"{ROOT}002"
PLACES = (ROOT, TOWN, f"{TOWN}001", OUTSIDE, f"{OUTSIDE}001")
VIEWS = ("panel/headline", "panel/team", "panel/children", "layer/members", "layer/floors")


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """Give the whole app."""
    yield from opened_wall(tmp_path_factory.mktemp("guard"))


def browser(wall: Wall, role: str | None) -> FlaskClient:
    """Give a browser of a role, None = a stranger."""
    return wall.visitor() if role is None else signed_in(wall.app, role)


def lines(app: Flask) -> list[dict[str, Any]]:
    """Give the audit log up to now."""
    app.extensions["recorder"].flush()
    return audit.read(signs_of(app)._desk, "acts", most=100_000)


def address(rule: str) -> str:
    """Fill a route's variables with something harmless."""
    return re.sub(r"<[^>]+>", "x", rule)


def test_every_route_is_declared(wall: Wall) -> None:
    rules = {rule.rule for rule in wall.app.url_map.iter_rules()}
    assert rules - set(guard.ROUTES) == set(), "say in guard.ROUTES who may reach it"
    assert set(guard.ROUTES) - rules == set(), "no such route"
    assert set(guard.ROUTES.values()) <= {guard.ANYONE, guard.OWN, guard.SIGNED, guard.LOCAL, *guard.ROLES}


def test_every_callback_is_declared(wall: Wall) -> None:
    wall.visitor().get("/_dash-dependencies")
    listed = wall.visitor().get("/_dash-dependencies").get_json()
    on_server = {one["output"] for one in listed if not one.get("clientside_function")}
    assert on_server - set(guard.CALLBACK_RULES) == set(), "say in guard.CALLBACK_RULES who may call it"
    assert set(guard.CALLBACK_RULES) - on_server == set(), "no such callback"


@pytest.mark.parametrize("role", WHO)
def test_no_role_reaches_a_route_beyond_its_own(wall: Wall, role: str | None) -> None:
    rules = [rule for rule in wall.app.url_map.iter_rules() if rule.rule not in ("/login", "/logout")]
    client = browser(wall, role)
    for rule in rules:
        needed = guard.ROUTES[rule.rule]
        if needed == guard.OWN:
            continue  # asks for its own secret: tests/test_pairing.py and tests/test_live.py
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            address_ = {"REMOTE_ADDR": "192.0.2.7"}
            heads = {**ORIGIN, "Accept": "application/json"}
            answer = client.open(
                address(rule.rule), method=method, environ_overrides=address_, headers=heads, json={}
            )
            granted = guard.allowed(needed, role)
            refused = answer.status_code == (401 if role is None else 403)
            assert refused == (not granted), (rule.rule, method, role, answer.status_code)
            if refused:
                assert answer.get_json()["error"]["message"]
                assert answer.get_json()["error"]["message_en"]
                last = lines(wall.app)[-1]
                assert (last["action"], last["target"]) == ("refused", address(rule.rule))


@pytest.mark.parametrize("needed", [*guard.ROLES, guard.SIGNED])
def test_a_callback_needs_the_role_its_rule_names(
    wall: Wall, needed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of(wall.app, "panel/headline", {})
    monkeypatch.setitem(guard.CALLBACK_RULES, body["output"], needed)  # type: ignore[misc]
    for role in WHO:
        status = post(browser(wall, role), body).status_code
        granted = guard.allowed(needed, role)
        assert status == (200 if granted else 401 if role is None else 403), role


def test_an_undeclared_route_or_callback_is_refused(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    body = body_of(wall.app, "panel/headline", {})
    monkeypatch.delitem(guard.CALLBACK_RULES, body["output"])  # type: ignore[misc]
    monkeypatch.delitem(guard.ROUTES, "/api/v1/places")  # type: ignore[misc]
    admin = signed_in(wall.app, "admin")
    assert post(admin, body).status_code == 403
    assert admin.get("/api/v1/places").status_code == 403


@cache
def shown(client: FlaskClient, view: str, place: str) -> str:
    """Ask for a view of a place; give its text."""
    return json.dumps(call(client, view, {"place": place}))


@pytest.mark.parametrize("role", ["leader", "duty", "admin"])
@pytest.mark.parametrize("basis", ["place", "affiliation"])
def test_outside_its_scope_a_role_sees_what_a_visitor_sees(wall: Wall, role: str, basis: str) -> None:
    node = TOWN if basis == "place" else committee(wall)
    inside = [TOWN, f"{TOWN}001"] if basis == "place" else []
    stranger, whole = wall.visitor(), signed_in(wall.app, role)
    limited = signed_in(wall.app, role, [(basis, node)])
    differ = 0
    for view in VIEWS:
        for place in PLACES:
            own = shown(limited, view, place)
            if place in inside:
                assert own == shown(whole, view, place), (view, place)
                differ += own != shown(stranger, view, place)
            elif not holds(wall, (basis, node), place):
                assert own == shown(stranger, view, place), (view, place)
    assert differ or basis == "affiliation"
    tree = limited.get(f"/api/v1/places/{OUTSIDE}001").get_json()
    assert tree == stranger.get(f"/api/v1/places/{OUTSIDE}001").get_json()


def committee(wall: Wall) -> str:
    """Give the first committee of the affiliation."""
    rows = wall.opened.gate.answer("children", "visitor", basis="affiliation", node=ROOT)
    return str(rows[0]["node_id"])


def holds(wall: Wall, scope: tuple[str, str], place: str) -> bool:
    """Tell by plain counting whether every organisation of a place is under a node."""
    rows = wall.opened.store.ask("gate_under")
    under = {row["org_id"] for row in rows if (row["basis"], row["node_id"]) == scope}
    own = {row["org_id"] for row in rows if (row["basis"], row["node_id"]) == ("place", place)}
    return bool(own) and own <= under


def test_an_account_without_places_is_a_visitor(wall: Wall) -> None:
    nowhere = signed_in(wall.app, "duty", [])
    for view in VIEWS:
        assert shown(nowhere, view, TOWN) == shown(wall.visitor(), view, TOWN)


def test_the_wall_is_switched_to_visitors_and_back(wall: Wall) -> None:
    duty, stranger = signed_in(wall.app, "duty"), wall.visitor()
    place = f"{TOWN}001"
    body = body_of(wall.app, "panel/team", {"place": place})
    before, visitors = post(duty, body).data, post(stranger, body).data
    assert before != visitors
    state = duty.post("/session/mode", json={"as_visitor": True}).get_json()
    assert (state["mode"], state["as_visitor"], state["role"]) == ("visitor", True, "duty")
    assert post(duty, body).data == visitors
    assert duty.post("/session/mode", json={"as_visitor": False}).get_json()["mode"] == "duty"
    assert post(duty, body).data == before
    done = [(one["action"], one["target"]) for one in lines(wall.app)[-2:]]
    assert done == [("mode", "visitor"), ("mode", "duty")]


@pytest.mark.parametrize("body", [None, [], {}, {"as_visitor": "no"}, {"as_visitor": 1}, {"mode": "duty"}])
def test_no_other_word_switches_the_mode(wall: Wall, body: Any) -> None:
    duty = signed_in(wall.app, "duty")
    assert duty.post("/session/mode", json=body).status_code == 400
    assert duty.get("/session").get_json()["mode"] == "duty"


def test_signing_in_gives_a_new_token_and_ends_the_old(wall: Wall) -> None:
    name = account(wall.app, "duty")[1]
    client = wall.visitor()
    client.set_cookie("ejia", "a token somebody planted")
    answer = sign_in(client, name)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    first = token_of(client)
    assert first != "a token somebody planted"
    assert client.get("/session").get_json()["mode"] == "duty"
    sign_in(client, name)
    second = token_of(client)
    assert first != second
    client.set_cookie("ejia", first)
    assert client.get("/session").get_json() == {"signed": False, "mode": "visitor"}


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    """Send the sign-in form."""
    return client.post("/login", data={"name": name, "password": password, **more}, headers=ORIGIN)


def token_of(client: FlaskClient) -> str:
    """Give the token in a browser's cookie."""
    cookie = client.get_cookie("ejia")
    assert cookie is not None
    return str(cookie.value)


def test_a_cookie_is_for_secure_addresses_where_there_is_one(wall: Wall) -> None:
    name = account(wall.app, "duty")[1]
    answer = wall.visitor().post(
        "/login", data={"name": name, "password": PASSWORD}, base_url="https://localhost"
    )
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_token_is_worth_nothing_after_signing_out(wall: Wall) -> None:
    client = signed_in(wall.app, "duty")
    token = token_of(client)
    assert client.post("/logout", headers={"Accept": "application/json"}).get_json() == {"mode": "visitor"}
    replay = wall.visitor()
    replay.set_cookie("ejia", token)
    assert replay.get("/session").get_json()["signed"] is False


def test_a_disabled_account_is_out_at_once(wall: Wall) -> None:
    made, name = account(wall.app, "admin")
    client = wall.visitor()
    client.set_cookie("ejia", signs_of(wall.app).open(made))
    assert client.get("/session").get_json()["signed"]
    signs_of(wall.app).accounts.disable(name)
    assert not client.get("/session").get_json()["signed"]
    assert sign_in(client, name).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/session/mode", "/logout", CALLBACK])
def test_no_other_page_acts_for_a_session(wall: Wall, path: str, headers: dict[str, str]) -> None:
    client = signed_in(wall.app, "duty")
    del client.environ_base["HTTP_ORIGIN"]
    answer = client.post(path, json={"as_visitor": True}, headers=headers)
    assert answer.status_code == 403
    state = client.get("/session").get_json()
    assert (state["signed"], state["mode"]) == (True, "duty")


def test_another_site_cannot_sign_a_browser_in(wall: Wall) -> None:
    name = account(wall.app, "duty")[1]
    answer = wall.visitor().post(
        "/login", data={"name": name, "password": PASSWORD}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_wrong_name_and_a_wrong_password_look_the_same(wall: Wall) -> None:
    name = account(wall.app, "duty")[1]
    texts = []
    for tried in (name, "nobody-" + name[5:]):
        answer = wall.visitor().post(
            "/login",
            data={"name": tried, "password": "wrong password"},
            headers=ORIGIN,
            environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
        )
        texts.append((answer.status_code, answer.get_data(as_text=True).replace(tried, "")))
    assert texts[0] == texts[1]
    assert texts[0][0] == 401


def test_guessing_has_to_wait(wall: Wall) -> None:
    name, answers = account(wall.app, "duty")[1], []
    for n in range(7):
        where = {"REMOTE_ADDR": f"192.0.2.{10 + n}"}
        answers.append(
            wall.visitor().post(
                "/login", data={"name": name, "password": "wrong"}, headers=ORIGIN, environ_overrides=where
            )
        )
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    tries = [one for one in lines(wall.app) if one["action"] == "sign-in" and one["target"] == name]
    assert [one["outcome"] for one in tries] == ["refused"] * 7


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/?place=320115001", "/?place=320115001"),
        ("/desk", "/desk"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("http://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_signing_in_leads_nowhere_else(wall: Wall, wanted: str, led: str) -> None:
    name = account(wall.app, "duty")[1]
    answer = sign_in(wall.visitor(), name, next=wanted)
    assert unquote(answer.headers["Location"]) == led


def test_what_is_typed_is_shown_as_text(wall: Wall) -> None:
    answer = sign_in(wall.visitor(), '"><script>alert(1)</script>', "x")
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_the_first_run_says_how_to_make_an_account(tmp_path: Any) -> None:
    for made in opened_wall(tmp_path):
        text = made.visitor().get("/login").get_data(as_text=True)
        assert "ejia user add" in text
        assert "<form" not in text
        account(made.app, "duty")
        assert "<form" in made.visitor().get("/login").get_data(as_text=True)


def test_a_stranger_at_a_closed_page_is_led_to_the_sign_in(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(guard.ROUTES, "/session", "duty")  # type: ignore[misc]
    answer = wall.visitor().get("/api/v1/places")
    assert answer.status_code == 200
    with wall.app.test_request_context("/session"):
        assert guard.wants_json()
    monkeypatch.setitem(guard.ROUTES, "/", "duty")  # type: ignore[misc]
    answer = wall.visitor().get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/")
    assert lines(wall.app)[-1]["action"] == "refused"


def test_who_looked_at_what_is_written_down(wall: Wall) -> None:
    duty = signed_in(wall.app, "duty")
    desk = signs_of(wall.app)._desk
    scene = from_mapping({"place": TOWN, "day": "weekend"}).as_dict()
    for _ in range(2):  # the second time the answer is remembered
        post(duty, body_of(wall.app, "panel/children", scene))
    duty.get(f"/api/v1/layers/members?place={TOWN}")
    post(wall.visitor(), body_of(wall.app, "panel/children", scene))
    wall.app.extensions["recorder"].flush()
    seen = audit.read(desk, "access")[-3:]
    assert [one["screen"] for one in seen] == ["panel/children"] * 2 + ["/api/v1/layers/members"]
    assert {one["region"] for one in seen} == {TOWN}
    assert {one["role"] for one in seen} == {"duty"}
    assert seen[0]["row_count"] == seen[1]["row_count"] > 0
    assert "day=weekend" in seen[0]["filter"]
    assert len({one["session_id"] for one in seen}) == 1
    assert seen[0]["session_id"] not in token_of(duty)


def test_what_a_page_asks_by_itself_is_declared(wall: Wall) -> None:
    assert {"/session", "/healthz"} <= QUIET


def test_metrics_are_for_this_machine_and_administrators(wall: Wall) -> None:
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert wall.visitor().get("/metrics").status_code == 200
    assert wall.visitor().get("/metrics", environ_overrides=far).status_code == 401
    proxied = {"X-Forwarded-For": "192.0.2.7"}
    assert wall.visitor().get("/metrics", headers=proxied).status_code == 401
    assert signed_in(wall.app, "duty").get("/metrics", environ_overrides=far).status_code == 403
    assert signed_in(wall.app, "admin").get("/metrics", environ_overrides=far).status_code == 200
