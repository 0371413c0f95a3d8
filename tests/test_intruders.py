"""Forged sessions, disguises and nonsense: a stranger stays a visitor and never sees a stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboard.panels.registry import all_panels
from layers.registry import all_layers
from layers.scene import VERBS, Scene
from tests.gate_district import ROOT
from tests.secret_district import HTML, PID, SECRET
from tests.secret_wall import (
    API,
    ASSETS,
    CALLBACK,
    STACK,
    Wall,
    body_of,
    call,
    clean,
    elements,
    layout,
    opened_wall,
    post,
    tapped,
    words_of,
)
from tests.signing import account, signed_in, signs_of

FUZZ = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """Give the whole app."""
    yield from opened_wall(tmp_path_factory.mktemp("intruders"))


def answers_of(client: FlaskClient, headers: dict[str, str], query: str, more: dict[str, Any]) -> list[str]:
    """Ask the same of layout, callbacks and API, with some disguise; give the texts."""
    node = f"{ROOT}001001"
    refer = {"Referer": f"http://localhost/?place={node}{query}", **headers}
    texts = [client.get("/_dash-layout", headers=refer).get_data(as_text=True)]
    for key in ("panel/headline", "panel/team", "panel/children", "layer/floors"):
        body = body_of(client.application, key, {"place": node, **more}) | more
        texts.append(post(client, body, **headers).get_data(as_text=True))
    texts.append(client.get(f"{API}/layers/members?place={node}", headers=headers).get_data(as_text=True))
    texts.append(client.get(f"{API}/places/{node}", headers=headers).get_data(as_text=True))
    return texts


def test_the_duty_desk_would_see_more(wall: Wall) -> None:
    """The disguises below prove something only while the modes differ."""
    visitor, duty = wall.visitor(), signed_in(wall.app, "duty")
    pairs = list(zip(answers_of(visitor, {}, "", {}), answers_of(duty, {}, "", {}), strict=True))
    assert sum(one != other for one, other in pairs) >= 5
    assert answers_of(visitor, {}, "", {}) == [one for one, _ in pairs], "nothing of the duty desk is kept"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-User": "duty", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
        {"X-Mode": "duty", "X-Role": "duty", "Mode": "duty", "X-Remote-User": "admin"},
        {
            "Authorization": "Basic YWRtaW46YWRtaW4=",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Prefix": "/duty",
        },
        {"X-HTTP-Method-Override": "DUTY", "X-Original-URL": "/?mode=duty", "X-Rewrite-URL": "/duty"},
    ],
)
def test_no_header_makes_a_duty_officer(wall: Wall, headers: dict[str, str]) -> None:
    assert answers_of(wall.visitor(), headers, "", {}) == answers_of(wall.visitor(), {}, "", {})


@pytest.mark.parametrize(
    "query", ["&mode=duty", "&role=duty", "&session=duty", "&lang=zh&mode=leader#mode=duty"]
)
def test_no_address_makes_a_duty_officer(wall: Wall, query: str) -> None:
    assert answers_of(wall.visitor(), {}, query, {}) == answers_of(wall.visitor(), {}, "", {})


@pytest.mark.parametrize(
    "more",
    [
        {"mode": "duty", "role": "duty", "session": {"mode": "duty"}},
        {"__class__": "duty", "level": "district", "drawn": ["floors"], "chain": [ROOT]},
        {"query": "?mode=duty", "gate": "none", "version": 0},
    ],
)
def test_no_extra_key_makes_a_duty_officer(wall: Wall, more: dict[str, Any]) -> None:
    assert answers_of(wall.visitor(), {}, "", more) == answers_of(wall.visitor(), {}, "", {})


def test_no_forged_cookie_makes_a_duty_officer(wall: Wall) -> None:
    plain = answers_of(wall.visitor(), {}, "", {})
    true = signs_of(wall.app).open(account(wall.app, "duty")[0])
    ended = signs_of(wall.app).open(account(wall.app, "duty")[0])
    signs_of(wall.app).end(ended)
    forged = [
        "eyJtb2RlIjoiZHV0eSJ9",
        true[:-1],
        true + "A",
        true.swapcase(),
        true[:-1] + ("A" if true[-1] != "A" else "B"),
        sha256(true.encode()).hexdigest(),
        ended,
        "%00" + true,
        "' or 1=1 --",
        "." * 3000,
        "duty",
        "长" * 30,
    ]
    for cookie in forged:
        client = wall.visitor()
        client.set_cookie("ejia", cookie)
        client.set_cookie("mode", "duty")
        assert answers_of(client, {}, "", {}) == plain, cookie


def test_a_validator_of_the_duty_desk_does_not_confirm_to_a_visitor(wall: Wall) -> None:
    duty, visitor = signed_in(wall.app, "duty"), wall.visitor()
    path = f"{API}/layers/members?place={ROOT}001"
    tag = duty.get(path).headers["ETag"]
    answer = visitor.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.get_json()["mode"] == "visitor"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("长" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = tuple(Scene.__dataclass_fields__)
IDS = st.sampled_from(
    [ROOT, f"{ROOT}001", f"{ROOT}001001", "B000000", "B000000/1", "O00000", "O00009", "\x00"]
)
TEXTS = (
    st.text(max_size=20)
    | IDS
    | st.sampled_from(["-1", "9" * 500, "²-٣", "2019-02", "a:b", "domain:", "../..", "\ud800"])
)
SCENES = st.dictionaries(st.sampled_from(FIELDS), TEXTS | JUNK, max_size=5) | JUNK


def harmless(wall: Wall, answer: Any, what: Any) -> None:
    """Check that an answer to nonsense is a refusal or an answer, never a stack."""
    text = answer.get_data(as_text=True)
    assert answer.status_code < 500, (answer.status_code, what)
    if answer.status_code >= 400:
        clean(text.replace(PID, "").replace(SECRET, ""), wall.folder)


@FUZZ
@given(
    key=st.sampled_from([f"panel/{key}" for key in all_panels()] + [f"layer/{key}" for key in all_layers()]),
    scene=SCENES,
)
def test_no_scene_breaks_a_painter(wall: Wall, key: str, scene: Any) -> None:
    harmless(wall, post(wall.visitor(), body_of(wall.app, key, scene)), (key, scene))


@FUZZ
@given(verb=st.sampled_from([*VERBS, "fly"]) | JUNK, arg=TEXTS | JUNK, scene=SCENES)
def test_no_gesture_breaks_the_writer(wall: Wall, verb: Any, arg: Any, scene: Any) -> None:
    harmless(wall, post(wall.visitor(), tapped(verb, arg, scene)), (verb, arg, scene))


@FUZZ
@given(
    part=st.sampled_from(["output", "outputs", "inputs", "changedPropIds", "state", "extra"]),
    junk=JUNK | st.sampled_from(["scene.data", "..scene.data..", "{}.children", "_pages_content.children"]),
    is_tap=st.booleans(),
)
@example(part="outputs", junk=[], is_tap=False)
@example(part="outputs", junk={}, is_tap=True)
@example(part="inputs", junk=[], is_tap=True)
def test_no_broken_request_shows_a_stack(wall: Wall, part: str, junk: Any, is_tap: bool) -> None:
    good = tapped("drill", ROOT, {}) if is_tap else body_of(wall.app, "panel/headline", {})
    harmless(wall, post(wall.visitor(), {**good, part: junk}), (part, junk))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"output":"x","inputs":[' + b"9" * 9000 + b'],"changedPropIds":[]}',
        b"\xff\xfe{}",
        b'{"output":"\\ud800.children","inputs":[],"changedPropIds":[]}',
        b'{"output":"' + b"a" * 900_000 + b'","inputs":[],"changedPropIds":[]}',
        b'{"output":"x","inputs":[NaN],"changedPropIds":[Infinity]}',
    ],
    ids=range(9),
)
def test_no_raw_body_breaks_the_server(wall: Wall, raw: bytes) -> None:
    for path in (CALLBACK, f"{API}/places", "/"):
        for kind in ("application/json", "text/plain", "multipart/form-data"):
            answer = wall.visitor().post(path, data=raw, content_type=kind)
            assert 400 <= answer.status_code < 500, (path, kind, answer.status_code)
            clean(answer.get_data(as_text=True), wall.folder)


@pytest.mark.parametrize(
    "verb", ["PUT", "DELETE", "PATCH", "POST", "GET", "OPTIONS", "TRACE", "HEAD", "BREW"]
)
def test_no_method_breaks_a_route(wall: Wall, verb: str) -> None:
    version = wall.app.extensions["atlas"].version
    paths = ["/", "/_dash-layout", "/_dash-dependencies", CALLBACK, "/healthz", "/metrics", f"{API}/places"]
    paths += [f"{API}/layers/members", f"/geo/{version}/places.json", "/assets/fonts.css", "/_reload-hash"]
    for path in paths:
        harmless(wall, wall.visitor().open(path, method=verb), (verb, path))


@FUZZ
@given(
    pairs=st.dictionaries(st.sampled_from([*FIELDS, "mode", "x"]), st.text(max_size=30) | TEXTS, max_size=5),
    raw=st.binary(max_size=30),
)
@example(pairs={"open": "children:-", "how": "nothing", "hours": "²-٣"}, raw=b"")
@example(pairs={"place": "B000000/999999999999999999999"}, raw=b"%00%ff&&==;")
@example(pairs={"organisation": "\x00", "month": "9999-99", "picks": ":,:,domain:,dim:"}, raw=b"")
def test_no_address_breaks_the_page(wall: Wall, pairs: dict[str, str], raw: bytes) -> None:
    query = urlencode({name: value.encode("utf-8", "replace") for name, value in pairs.items()})
    refer = f"http://localhost/?{query}&{raw.decode('latin-1')}".replace("\n", "").replace("\r", "")
    answer = wall.visitor().get("/_dash-layout", headers={"Referer": refer})
    assert answer.status_code == 200, (answer.status_code, refer)


@FUZZ
@given(
    path=st.sampled_from(
        ["/places", "/places/320115001", "/places/{}", "/layers/members", "/layers/{}", "/search"]
    ),
    word=TEXTS,
    query=st.dictionaries(
        st.sampled_from(
            ["q", "place", "period", "basis", "hours", "limit", "format", "span", "day", "lang", "measure"]
        ),
        TEXTS,
        max_size=4,
    ),
)
def test_no_parameter_breaks_the_api(wall: Wall, path: str, word: str, query: dict[str, str]) -> None:
    address = API + path.format(quote(word.encode("utf-8", "replace"), safe=""))
    written = urlencode({name: value.encode("utf-8", "replace") for name, value in query.items()})
    harmless(wall, wall.visitor().get(f"{address}?{written}"), (address, query))


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../district.toml",
        "/assets/%2e%2e/district.toml",
        "/assets/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/_dash-component-suites/dash/../../../etc/passwd",
        "/_dash-component-suites/os/path.py",
        "/_dash-component-suites/dash/dash.py",
        "/geo/x/places.json",
        "/geo/1/buildings/..%2f..%2fgate.key.json",
        "/geo/999999999999999999999/places.json",
        "/data/gate.key",
        "/gate.key",
        "/session.key",
        "/nowhere/<img src=x onerror=alert(1)>",
        "/" + "a" * 8000,
        "/%ff%fe",
    ],
)
def test_no_path_leads_to_a_file(wall: Wall, path: str) -> None:
    answer = wall.visitor().get(path)
    assert 300 <= answer.status_code < 500, answer.status_code
    text = answer.get_data(as_text=True)
    assert "<img" not in text
    assert not STACK.search(text), text[:300]
    assert "root:" not in text


def test_tags_in_names_stay_letters(wall: Wall) -> None:
    client, town = wall.visitor(), f"{ROOT}001"
    card = call(client, "panel/organisation", {"organisation": "O00005"})
    texts = [text for text in words_of(card) if HTML in text]
    assert texts, "the name is shown, as the text of an element"
    for scene in ({"place": f"{town}001"}, {"place": "O00005", "basis": "affiliation"}, {"place": "B000000"}):
        page = layout(client, **scene)
        for one in elements(page):
            assert one["type"] not in ("markdown", "iframe", "script", "object", "embed"), one
            assert not {"dangerously_allow_html", "srcDoc", "dangerouslySetInnerHTML"} & set(one), one
            for name in ("href", "src"):
                link = str(one.get(name) or "/")
                assert link.startswith(("/", "#", "data:image/svg+xml", "data:text/csv", "?")), link
                assert HTML not in link
    for path in (f"{API}/layers/branches?place={town}", f"{API}/search?q=组织"):
        answer = client.get(path)
        assert HTML in json.dumps(answer.get_json())
        assert answer.mimetype == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_in_the_browser_reads_text_as_markup() -> None:
    risky = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
        r"|createContextualFragment|setHTML|srcdoc|bindPopup|bindTooltip|divIcon|javascript:"
    )
    files = [path for path in ASSETS.rglob("*.js") if "vendor" not in path.parts]
    assert files
    for path in files:
        assert not risky.search(path.read_text(encoding="utf-8")), path.name
