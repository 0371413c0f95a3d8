"""The server guards every route, says how long things last, and never shows a stack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, shape
from signing import signed_in
from small_district import Opened, open_small

from dashboard import delivery, guard, server
from dashboard.app import create_app, script_hashes

CHARTS = "/assets/vendor/plotly-basic-4.1.1.min.js"
CALLBACK = "/_dash-update-component"
PACKED = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Give a small real district."""
    return open_small(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def app(opened: Opened) -> Iterator[Flask]:
    """Give the whole app over the small district, and one route that breaks."""
    dash = create_app(opened.store, opened.gate, opened.settings)
    flask: Flask = dash.server
    flask.add_url_rule("/breaks", "breaks", _break)
    server.install(flask, opened.store, opened.gate, opened.settings, lambda: script_hashes(dash))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(guard.ROUTES, "/breaks", guard.ANYONE)
        yield flask


def _break() -> str:
    raise RuntimeError("a secret that belongs in the log")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser without cookies."""
    return app.test_client()


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api/v1/places", "/nowhere", CHARTS, "/assets/fonts.css", "/breaks"]
)
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_scripts_are_allowed_by_hash_and_no_address_leads_outside(client: FlaskClient) -> None:
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    scripts = policy.partition("script-src")[2].partition(";")[0]
    assert "'sha256-" in scripts
    assert "unsafe-inline" not in scripts
    assert "http" not in policy
    page = answer.get_data(as_text=True)
    assert "https://" not in page
    assert "cdn" not in page


def test_the_page_names_its_fonts_early(client: FlaskClient) -> None:
    links = client.get("/").headers["Link"]
    assert links.count("as=font") == 2


def test_health_and_metrics(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["state"] == "ok"
    client.get("/api/v1/places/320115")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'route="/api/v1/places/<path:place>"' in text
    assert "320115" not in text


def test_health_says_503_when_the_store_is_gone(tmp_path: Path) -> None:
    own = open_small(tmp_path)
    flask = Flask("sick")
    server.install(flask, own.store, own.gate, own.settings)
    own.store.close()
    answer = flask.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["error"]["message"]


def test_versioned_files_last_and_others_are_asked_again(client: FlaskClient) -> None:
    font = next((server.ASSETS / "fonts").glob("core-500.*.woff2")).name
    for path in (CHARTS, f"/assets/fonts/{font}", "/assets/fonts.css?m=1"):
        assert client.get(path).headers["Cache-Control"] == delivery.FOR_GOOD, path
    assert client.get("/assets/fonts.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/assets/nothing-1.2.3.min.js").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_static_files_leave_packed_and_are_not_sent_twice(client: FlaskClient, coding: str) -> None:
    first = client.get(CHARTS, headers={"Accept-Encoding": coding})
    assert first.headers["Content-Encoding"] == coding
    assert len(first.data) < 420_000
    again = client.get(CHARTS, headers={"Accept-Encoding": coding, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_packed_unpacks_to_the_file(client: FlaskClient) -> None:
    import brotli

    packed = client.get(CHARTS, headers=PACKED)
    assert brotli.decompress(packed.data) == (server.ASSETS / "vendor" / Path(CHARTS).name).read_bytes()


def test_hard_packed_files_outlive_the_process(tmp_path: Path) -> None:
    shelf = delivery.Shelf(tmp_path)
    body = shelf.put("/x", "text/css", b"a { color: red }" * 500)
    shelf.press(body)
    assert delivery.Shelf(tmp_path).put("/x", "text/css", body.plain).packed == body.packed
    assert sorted(path.suffix for path in tmp_path.glob("*.*") if not path.name.startswith(".")) == [
        ".br",
        ".gzip",
    ]


def test_nobody_gets_the_large_chart_library(client: FlaskClient) -> None:
    answer = client.get(server.DEFAULT_CHARTS)
    assert (answer.status_code, answer.headers["Location"]) == (308, CHARTS)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost.evil.example", "https://localhost:1"]
)
def test_another_sites_page_cannot_post(client: FlaskClient, origin: str) -> None:
    answer = client.post(CALLBACK, json={}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.get_json()["error"]["message_en"]


def test_a_cross_site_post_without_origin_is_refused_too(client: FlaskClient) -> None:
    assert client.post(CALLBACK, json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
CALLBACKS = st.fixed_dictionaries(
    {
        "output": st.text(max_size=20),
        "inputs": st.lists(BODIES, max_size=2),
        "changedPropIds": st.lists(BODIES, max_size=2),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES | CALLBACKS)
def test_a_malformed_callback_is_the_askers_fault(client: FlaskClient, body: Any) -> None:
    answer = client.post(CALLBACK, json=body, headers={"Origin": "http://localhost"})
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["error"]["message"]


def test_a_body_that_is_no_json_is_refused(client: FlaskClient) -> None:
    assert client.post(CALLBACK, data=b"{{{", content_type="application/json").status_code == 400
    assert client.post(CALLBACK, data=b"x" * 2_000_000, content_type="application/json").status_code in (
        400,
        413,
    )


def test_pages_that_do_not_exist_say_so_in_both_languages(client: FlaskClient) -> None:
    chinese = client.get("/nowhere")
    english = client.get("/nowhere", headers={"Accept-Language": "en-GB"})
    assert (chinese.status_code, english.status_code) == (404, 404)
    assert "没有这个页面" in chinese.get_data(as_text=True)
    assert "There is no such page" in english.get_data(as_text=True)
    assert "#0a1631" in chinese.get_data(as_text=True)
    assert client.get("/nowhere", headers={"Accept": "application/json"}).get_json()["error"]["status"] == 404


def test_a_broken_route_shows_a_sentence_and_no_stack(client: FlaskClient) -> None:
    answer = client.get("/breaks")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret" not in text
    assert "Traceback" not in text
    assert client.put("/api/v1/places").status_code == 405


def test_what_an_error_quotes_is_escaped(client: FlaskClient) -> None:
    text = client.get("/nowhere?lang=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>" not in text


@pytest.mark.parametrize("attempt", ["?mode=duty", "?role=leader"])
def test_no_address_changes_the_mode(client: FlaskClient, attempt: str) -> None:
    assert client.get(f"/api/v1/layers/members{attempt}").status_code == 400
    client.get(f"/{attempt}")
    assert client.get("/api/v1/layers/members").get_json()["mode"] == "visitor"


def test_a_forged_cookie_is_a_visitor(client: FlaskClient) -> None:
    client.set_cookie("ejia", "eyJtb2RlIjoiZHV0eSJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbb")
    assert client.get("/api/v1/layers/members").get_json()["mode"] == "visitor"


@pytest.mark.parametrize(
    ("role", "mode"), [("visitor", "visitor"), ("leader", "leader"), ("duty", "duty"), ("admin", "duty")]
)
def test_the_session_holds_the_mode(app: Flask, role: str, mode: str) -> None:
    assert signed_in(app, role).get("/api/v1/layers/members").get_json()["mode"] == mode


def features(client: FlaskClient, name: str) -> list[dict[str, Any]]:
    """Read a collection of shapes of the present version."""
    version = client.application.extensions["atlas"].version
    answer = client.get(f"/geo/{version}/{name}")
    assert answer.headers["Cache-Control"] == delivery.FOR_GOOD
    found: list[dict[str, Any]] = json.loads(answer.data)["features"]
    return found


def test_places_come_from_the_top_down_with_what_the_map_needs(client: FlaskClient) -> None:
    places = features(client, "places.json")
    about = [feature["properties"] for feature in places]
    assert [one["level"] for one in about] == ["district"] + ["town"] * 2 + ["community"] * 4
    assert {"id", "name", "name_en", "level", "kind", "parent", "bbox", "label", "geom_basis"} == set(
        about[0]
    )
    assert (about[0]["geom_basis"], about[1]["geom_basis"]) == ("official", "schematic")
    for feature in places:
        assert shape(feature["geometry"]).contains(Point(feature["properties"]["label"]))


def test_simplified_places_still_share_their_edges(client: FlaskClient) -> None:
    shapes = {f["properties"]["id"]: shape(f["geometry"]) for f in features(client, "places.json")}
    communities = [area for key, area in shapes.items() if len(key) == 12]
    assert shapely.coverage_is_valid(communities)
    assert shapely.union_all(communities).equals(shapes["320115"])


def test_surroundings_and_buildings(client: FlaskClient) -> None:
    assert {one["properties"]["level"] for one in features(client, "surroundings.json")} == {"neighbour"}
    buildings = features(client, "buildings/320115001001.json")
    assert [one["properties"]["id"] for one in buildings] == ["B000001"]
    assert buildings[0]["properties"]["floors"] == 12


def test_shapes_of_another_version_lead_to_the_present_one(client: FlaskClient) -> None:
    answer = client.get("/geo/0/places.json")
    assert answer.status_code == 307
    assert client.get(answer.headers["Location"]).status_code == 200
    version = client.application.extensions["atlas"].version
    assert client.get(f"/geo/{version}/buildings/999.json").status_code == 404


def test_warming_leaves_the_first_page_and_its_shapes_packed(app: Flask, opened: Opened) -> None:
    server.warm(app, opened.gate)
    with app.test_client() as client:
        version = client.application.extensions["atlas"].version
        answer = client.get(f"/geo/{version}/places.json", headers=PACKED)
    assert answer.headers["Content-Encoding"] == "br"
