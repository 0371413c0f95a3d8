"""The API asks the wall's questions through the wall's gate, and refuses with a sentence."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signing import signed_in
from small_district import ROOT, Opened, open_small

from dashboard import api, server
from dashboard.tables import as_csv, as_geojson, row_as_json
from layers.registry import all_layers
from stores.figure import HIDDEN, band, exact

API = "/api/v1"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Give a small real district."""
    return open_small(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def app(opened: Opened) -> Flask:
    """Give the server's routes over the small district."""
    flask = Flask("api")
    server.install(flask, opened.store, opened.gate, opened.settings)
    return flask


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a visitor."""
    return app.test_client()


def get(client: FlaskClient, path: str) -> Any:
    """Read an answer that must be good."""
    answer = client.get(API + path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_places_are_listed_and_narrowed(client: FlaskClient) -> None:
    assert len(get(client, "/places")["places"]) == 7
    towns = get(client, "/places?level=town")["places"]
    assert [town["id"] for town in towns] == ["320115001", "320115002"]
    below = get(client, "/places?parent=320115002")["places"]
    assert {one["parent"] for one in below} == {"320115002"}


def test_a_place_says_what_it_is_and_where_the_wall_shows_it(client: FlaskClient) -> None:
    place = get(client, "/places/320115001")
    assert (place["name"], place["name_en"], place["level"], place["parent"]) == (
        "东山街道",
        "Dongshan Subdistrict",
        "town",
        ROOT,
    )
    assert [child["id"] for child in place["children"]] == ["320115001001", "320115001002"]
    assert place["bounds"] == [118.8, 31.9, 118.82, 31.94]
    assert place["wall_url"].startswith("http://localhost/?place=320115001")
    assert place["counts"]["organisations"] == 7
    assert place["counts"]["members"]["s"] == "exact"


def test_counts_are_what_the_gate_gives_this_mode(app: Flask, opened: Opened) -> None:
    params = {"basis": "place", "node": "320115001001", "month": "2019-02"}
    for mode in ("visitor", "duty"):
        shown = get(signed_in(app, mode), "/places/320115001001")["counts"]
        published = opened.gate.answer("headline", mode, **params)[0]
        assert shown["members"] == published["members"].json()


def test_the_affiliation_tree_is_there_too(client: FlaskClient) -> None:
    committee = get(client, "/places/O10001?basis=affiliation")
    assert (committee["level"], committee["bounds"]) == ("committee", None)
    assert [child["level"] for child in committee["children"]] == ["general_branch"] * 2


@pytest.mark.parametrize("key", list(all_layers()))
@pytest.mark.parametrize("form", ["json", "geojson", "csv"])
@pytest.mark.parametrize("place", [ROOT, "320115001", "320115001001", "B000001", "B000001/3"])
def test_every_layer_answers_in_every_format_at_every_level(
    client: FlaskClient, key: str, form: str, place: str
) -> None:
    answer = client.get(f"{API}/layers/{key}?place={place}&format={form}&period=2019-02")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert (
        answer.mimetype
        == {"json": "application/json", "geojson": "application/geo+json", "csv": "text/csv"}[form]
    )


def test_accept_chooses_the_format_and_format_goes_first(client: FlaskClient) -> None:
    path = f"{API}/layers/branches"
    assert client.get(path, headers={"Accept": "text/csv"}).mimetype == "text/csv"
    assert client.get(path, headers={"Accept": "application/geo+json"}).mimetype == "application/geo+json"
    assert client.get(path + "?format=json", headers={"Accept": "text/csv"}).mimetype == "application/json"
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_a_layer_of_a_place_holds_that_place_only(client: FlaskClient) -> None:
    rows = get(client, "/layers/branches?place=320115001001")["tables"]["branches"]
    assert {row["community_id"] for row in rows} == {"320115001001"}
    assert len(rows) == 2


def test_branches_are_points(client: FlaskClient) -> None:
    found = get(client, "/layers/branches?format=geojson")["features"]
    assert len(found) == 8
    assert {one["geometry"]["type"] for one in found} == {"Point"}


def test_csv_opens_in_a_spreadsheet(client: FlaskClient) -> None:
    answer = client.get(f"{API}/layers/members?format=csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {row["name"] for row in rows} == {"东山街道", "秣陵街道"}
    assert "members_state" in rows[0]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/places/999", 404, "999"),
        ("/places/%00", 404, ""),
        ("/places/320115?basis=sideways", 400, "affiliation"),
        ("/places/320115?period=2019-13", 400, "2019-13"),
        ("/places/320115?period=1999-01", 400, "2018"),
        ("/places?level=galaxy", 400, "town"),
        ("/places?parent=nowhere", 404, "nowhere"),
        ("/places?colour=red", 400, "colour"),
        ("/layers/rainbow", 404, "branches"),
        ("/layers/members?place=nowhere", 404, "nowhere"),
        ("/layers/members?measure=beauty", 400, "density"),
        ("/layers/heat?hours=30-99", 400, "hours"),
        ("/layers/heat?day=someday", 400, "weekend"),
        ("/layers/members?format=xml", 400, "geojson"),
        ("/search", 400, "q"),
        ("/search?q=" + "a" * 100, 400, "60"),
        ("/search?q=ds&limit=many", 400, "limit"),
        ("/nothing", 404, ""),
    ],
)
def test_bad_requests_get_a_sentence(client: FlaskClient, path: str, status: int, says: str) -> None:
    answer = client.get(API + path)
    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert says in error["message"] + error["message_en"]
    assert error["message"] != error["message_en"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/places", "/places/320115", "/layers/members", "/layers/heat", "/search"]),
    st.dictionaries(
        st.sampled_from(["q", "place", "period", "basis", "hours", "limit", "format", "span", "lang"]),
        st.text(max_size=20),
    ),
)
def test_no_query_breaks_the_server(client: FlaskClient, path: str, query: dict[str, str]) -> None:
    assert client.get(API + path, query_string=query).status_code in (200, 400, 404)


def test_search_leads_to_the_wall(client: FlaskClient) -> None:
    hits = get(client, "/search?q=dsjd")["hits"]
    assert hits[0]["name"] == "东山街道"
    assert hits[0]["wall_url"].endswith("?place=320115001")
    organisation = next(
        hit for hit in get(client, "/search?q=第1党支部")["hits"] if hit["kind"] == "organisation"
    )
    assert f"organisation={organisation['id']}" in organisation["wall_url"]


def test_search_names_places_in_english_too(client: FlaskClient) -> None:
    hits = get(client, "/search?q=dongshan&limit=50")["hits"]
    town = next(hit for hit in hits if hit["id"] == "320115001")
    below = next(hit for hit in hits if hit["parent_name"] == "东山街道")
    assert (town["name_en"], town["parent_name_en"]) == ("Dongshan Subdistrict", "Jiangning District")
    assert below["parent_name_en"] == "Dongshan Subdistrict"


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(f"{API}/places")
    again = client.get(f"{API}/places", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "private" in first.headers["Cache-Control"]


def test_the_document_describes_every_route(client: FlaskClient, app: Flask) -> None:
    document = get(client, "/openapi.json")
    assert document["openapi"].startswith("3.1")
    rules = {rule.rule.removeprefix(API) for rule in app.url_map.iter_rules() if rule.rule.startswith(API)}
    written = {path.replace("{id}", "<path:place>").replace("{key}", "<key>") for path in document["paths"]}
    assert written == rules
    layer = document["paths"]["/layers/{key}"]["get"]["parameters"]
    assert next(one for one in layer if one["name"] == "key")["schema"]["enum"] == list(all_layers())


def test_one_client_cannot_ask_without_end(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "RATE", "5 per minute")
    flask = Flask("busy")
    server.install(flask, opened.store, opened.gate, opened.settings)
    client = flask.test_client()
    assert [client.get(f"{API}/layers").status_code for _ in range(6)] == [200] * 5 + [429]


def test_figures_say_how_they_are_published() -> None:
    row = {"name": "=HYPERLINK()", "n": band(0, 9), "m": exact(12), "h": HIDDEN, "none": None}
    assert row_as_json(row)["n"] == {"s": "band", "lo": 0, "hi": 9}
    text = as_csv([row])
    assert text.splitlines()[1] == "'=HYPERLINK(),<10,band,12,exact,,hidden,"


def test_rows_without_a_place_have_no_geometry(opened: Opened) -> None:
    from dashboard.world import DistrictWorld

    world = DistrictWorld(opened.store, opened.gate, opened.settings)
    rows = [
        {"n": 1},
        {"from_node": "320115001", "to_node": "320115002"},
        {"from_node": "ext:上海市", "to_node": ROOT},
    ]
    kinds = [one["geometry"] and one["geometry"]["type"] for one in as_geojson(rows, world)["features"]]
    assert kinds == [None, "LineString", None]
