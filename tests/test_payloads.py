"""Everything a stranger can fetch, through real requests: no person, no exact small number, no stack."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from dashboard import server
from dashboard.app import create_app
from dashboard.panels.registry import all_panels
from dashboard.world import DistrictWorld
from indicators.registry import all_indicators
from layers.registry import all_layers
from layers.scene import MEASURES, SPANS, VERBS, Scene
from tests.gate_district import CANARY, MONTHS, ROOT
from tests.secret_district import HTML, LONELY_HOUR, PID, SECRET, Facts, open_secret
from tests.small_district import Opened

API = "/api/v1"
CALLBACK = "/_dash-update-component"
ASSETS = server.ASSETS
LOCALES = Path(server.__file__).parent / "locales"
LAST = MONTHS[-1]
BANDS = {"<10", "10–29", "30–49", "≥50"}
SHEETS = ("children", "children:-signin", "structure", "activities", "study", "layers", "search", "charts")
RATES = ("signin", "dues", "study", "appraisal")
FREELY = frozenset(
    {"organisations", "branches", "committees", "general_branches", "activities", "gaps", "floor", "floors"}
)
STACK = re.compile(
    r"Traceback|File \\?\"/|\.py\b|site-packages|duckdb:|sqlalchemy|/work/|/tmp/", re.IGNORECASE
)
FUZZ = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Wall:
    """Hold the whole app over the marked district, and the facts behind it."""

    app: Flask
    opened: Opened
    facts: Facts
    folder: Path

    def visitor(self) -> FlaskClient:
        """Give a browser without cookies."""
        return self.app.test_client()


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """Build the app as the server's worker builds it."""
    folder, facts = tmp_path_factory.mktemp("payloads"), Facts()
    opened = open_secret(folder, facts)
    dash = create_app(opened.store, opened.gate, opened.settings)
    dash.config.assets_path_ignore = ["vendor"]
    app: Flask = dash.server
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.api.RATE", "1000000 per minute")
        server.install(app, opened.store, opened.gate, opened.settings, dash.csp_hashes)
    yield Wall(app, opened, facts, folder)
    opened.store.close()


@pytest.fixture
def client(wall: Wall) -> FlaskClient:
    """Give a visitor."""
    return wall.visitor()


def chosen_places(facts: Facts) -> list[tuple[str, str]]:
    """Choose places of every level of both trees: the canary's own branch upwards, and a few others."""
    by_id = {row["org_id"]: row for row in facts.rows["organisation"]}
    home = next(row["branch_id"] for row in facts.rows["member"] if row["member_pid"] == CANARY)
    sizes = {
        key: facts.members("affiliation", key, LAST) for key, row in by_id.items() if row["kind"] == "branch"
    }
    housed = [key for key in sizes if by_id[key]["building_id"]]
    chosen = [home, min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)]
    chosen += [min(housed, key=sizes.__getitem__), max(housed, key=sizes.__getitem__)]
    found = [("place", ROOT), ("affiliation", ROOT)]
    for key in chosen:
        found += [pair for pair, own in facts.nodes.items() if key in own]
    return list(dict.fromkeys(found))


def clean(text: str, folder: Path | None = None) -> str:
    """Check that a text names no person and nothing private; give it back."""
    for secret in (CANARY, PID, SECRET, *([str(folder)] if folder else [])):
        assert secret not in text, text[max(0, text.index(secret) - 200) :][:400]
    assert not STACK.search(text), STACK.search(text)
    return text


def layout(client: FlaskClient, **scene: str) -> Any:
    """Fetch the page that a browser at this address would paint."""
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost/?{urlencode(scene)}"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, text[:300]
    return json.loads(clean(text))


@dataclass(frozen=True)
class Painter:
    """Hold how the browser asks for one view: the callback's output, its input, what comes back."""

    output: str
    asks: dict[str, str]
    out: dict[str, str]
    prop: str


@cache
def painters(app: Flask) -> dict[str, Painter]:
    """Read from the page itself how each panel and layer is asked for, as 'panel/team', 'layer/heat'."""
    client, found = app.test_client(), {}
    outputs = [one["output"] for one in client.get("/_dash-dependencies").get_json()]
    for one in elements(client.get("/_dash-layout").get_json()):
        asks = one.get("id")
        if isinstance(asks, dict) and "asks" in asks:
            kind, key = asks["asks"], asks["key"]
            output = next(name for name in outputs if name.startswith(f'{{"key":["MATCH"],"kind":"{kind}"}}'))
            out = {"key": key, "kind": kind}
            view = "layer" if kind == "layer" else "panel"  # sheets are panels too
            found[f"{view}/{key.partition('/')[2]}"] = Painter(output, asks, out, output.rpartition(".")[2])
    return found


def body_of(app: Flask, key: str, scene: Any) -> dict[str, Any]:
    """Write the request of a painter's callback as Dash's renderer does."""
    one = painters(app)[key]
    return {
        "output": one.output,
        "outputs": {"id": one.out, "property": one.prop},
        "inputs": [{"id": one.asks, "property": "data", "value": "anything"}],
        "changedPropIds": [f"{flat(one.asks)}.data"],
        "state": [{"id": "scene", "property": "data", "value": scene}],
    }


def flat(name: dict[str, str]) -> str:
    """Write an id as Dash does."""
    return json.dumps(name, separators=(",", ":"), sort_keys=True)


def tapped(verb: Any, arg: Any, scene: Any) -> dict[str, Any]:
    """Write the request of a gesture on the map."""
    return {
        "output": "..scene.data...notice.children..",
        "outputs": [{"id": "scene", "property": "data"}, {"id": "notice", "property": "children"}],
        "inputs": [[], {"id": "tap", "property": "data", "value": {"verb": verb, "arg": arg}}],
        "changedPropIds": ["tap.data"],
        "state": [{"id": "scene", "property": "data", "value": scene}],
    }


def post(client: FlaskClient, body: Any, **headers: str) -> Any:
    """Send a callback's request; characters that are none go out escaped."""
    return client.post(CALLBACK, data=json.dumps(body), content_type="application/json", headers=headers)


def call(client: FlaskClient, key: str, scene: dict[str, Any]) -> Any:
    """Ask for a panel or layer; give what it paints."""
    answer = post(client, body_of(client.application, key, scene))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, (key, scene, text[:300])
    one = painters(client.application)[key]
    return json.loads(clean(text))["response"][flat(one.out)][one.prop]


def is_protected(basis: str, node: str) -> bool:
    """Tell whether a place is a community or below; under the root of affiliation everything is."""
    return node != ROOT and (basis == "affiliation" or len(node) != len(ROOT) + 3)


def below(facts: Facts, basis: str, node: str) -> list[str]:
    """List the places whose branches all lie in this one, itself included."""
    own = facts.nodes.get((basis, node), set())
    return [other for (tree, other), under in facts.nodes.items() if tree == basis and under <= own]


def public_counts(facts: Facts, basis: str, node: str) -> set[int]:
    """Count what anyone may know about the places in a place: organisations and activities, never heads."""
    found: set[int] = set()
    for one in below(facts, basis, node):
        inside = facts.organisations(basis, one)
        for column in ("kind", "domain"):
            kinds = Counter(row[column] for row in inside)
            found |= {len(inside), *kinds.values(), sum(1 for row in inside if row["kind"] == "branch")}
        keys = {row["org_id"] for row in inside}
        held = [row for row in facts.rows["activity"] if row["org_id"] in keys]
        for size in range(1, len(MONTHS) + 1):
            for end in range(size, len(MONTHS) + 1):
                span = MONTHS[end - size : end]
                met = [row for row in held if f"{row['start_at']:%Y-%m}" in span]
                for name in {row["institution"] for row in met}:
                    some = [row for row in met if row["institution"] == name]
                    found |= {len(some), len({row["org_id"] for row in some})}
                found |= {len(met), len({row["org_id"] for row in met})}
    return found | {0}


def private_counts(facts: Facts, basis: str, node: str) -> set[int]:
    """Count what nobody may see exactly: heads, due and attended, in all places inside a place and months."""
    found: set[int] = set()
    for one in below(facts, basis, node):
        if not is_protected(basis, one):
            continue
        for month in MONTHS:
            found.add(facts.members(basis, one, month))
            found.update(facts.conduct(basis, one, month).values())
    return {n for n in found if n % 5 and n > 31}


def elements(part: Any) -> Iterator[dict[str, Any]]:
    """Walk the properties of what is painted: Dash components and plain [tag, attributes, children] alike."""
    if isinstance(part, list) and len(part) == 3 and isinstance(part[0], str) and isinstance(part[1], dict):
        tag, about, inner = part
        text = inner[0] if len(inner) == 1 and isinstance(inner[0], str) else inner
        yield {**about, "type": tag, "className": about.get("class", ""), "children": text}
        yield from elements(inner)
    elif isinstance(part, list):
        for one in part:
            yield from elements(one)
    elif isinstance(part, dict) and "props" in part:
        yield part["props"] | {"type": part["type"].lower()}
        for value in part["props"].values():
            yield from elements(value)


def words_of(part: Any) -> Iterator[str]:
    """Walk the texts a reader can meet outside of marked numbers, tooltips and labels included."""
    for one in elements(part):
        if "num" in str(one.get("className", "")).split():
            continue
        for name in ("children", "title", "aria-label"):
            value = one.get(name)
            texts = value if isinstance(value, list) else [value]
            yield from (str(text) for text in texts if isinstance(text, str | int | float))


def as_number(text: str) -> float | None:
    """Read a number as the wall writes it."""
    return float(text.replace(",", "")) if re.fullmatch(r"[\d,]+(\.\d+)?", text) else None


@dataclass(frozen=True)
class Known:
    """Hold which numbers may stand in a place's panels exactly, and which must not."""

    public: set[int]
    private: set[int]


def check_panel(painted: Any, node: str, known: Known) -> None:
    """Check every number of a panel of a protected place."""
    for one in elements(painted):
        look = str(one.get("className", "")).split()
        value = as_number(str(one.get("children", "")))
        if "is-exact" in look and value is not None:
            assert value in known.public, (node, one)
        if "is-hidden" in look:
            assert value is None, (node, one)
        if "is-band" in look:
            assert re.fullmatch(r"[<≥]\d+|\d+–\d+", str(one["children"])), (node, one)
    for text in words_of(painted):
        for found in re.findall(r"(?<![\d–≥≤:-])\d[\d,]*(?![\d,–:-])", text):  # no ranges, dates, clocks
            digits = found.replace(",", "")
            assert len(digits) > 6 or int(digits) not in known.private, (node, text)


def scenes(facts: Facts) -> Iterator[dict[str, str]]:
    """List the scenes that are walked: each place, with months, spans, measures and picks going round."""
    picks = ("", "domain:school", "dim:education", "domain:nonpublic,dim:occupation")
    for i, (basis, node) in enumerate(chosen_places(facts)):
        for turn in range(2):
            at = 2 * i + turn
            yield {
                "place": node,
                "basis": basis,
                "month": MONTHS[-1 - at % len(MONTHS)] if turn else LAST,
                "span": SPANS[at % 3],
                "measure": MEASURES[at % len(MEASURES)],
                "picks": picks[at % 4],
                "lang": ("zh", "en")[turn],
                "layers": ",".join(key for key in all_layers() if not all_layers()[key].LEVELS),
            }


@pytest.fixture(scope="module")
def known(wall: Wall) -> dict[tuple[str, str], Known]:
    """Count once, for each chosen place, what may stand on the wall exactly and what must not."""
    towns = [row["region_id"] for row in wall.facts.rows["region"] if row["level"] == "town"]
    heads = {wall.facts.members("place", town, month) for town in towns for month in MONTHS}
    rules = "".join(path.read_text(encoding="utf-8") for path in LOCALES.iterdir() if path.is_file())
    told = {int(digits) for digits in re.findall(r"\d{2,6}", rules)}  # the sentences about rules say numbers
    found = {}
    for pair in chosen_places(wall.facts):
        public = public_counts(wall.facts, *pair) | heads
        found[pair] = Known(public, private_counts(wall.facts, *pair) - public - told)
    return found


def test_the_places_cover_every_level_of_both_trees(wall: Wall) -> None:
    found = {
        (basis, row["level"])
        for basis, node in chosen_places(wall.facts)
        for row in wall.opened.gate.answer("node", "visitor", basis=basis, node=node)
    }
    assert {("place", level) for level in ("district", "town", "community", "building", "floor")} <= found
    assert {("affiliation", level) for level in ("committee", "general_branch", "branch")} <= found


def test_the_count_by_hand_agrees_with_the_store(wall: Wall) -> None:
    """The tests below prove something only while this holds."""
    for basis, node in chosen_places(wall.facts):
        for month in MONTHS:
            asked = {"basis": basis, "node": node, "month": month}
            heads = wall.opened.store.ask("headline", **asked)
            assert sum(row["members"] for row in heads) == wall.facts.members(basis, node, month), asked
        for row in wall.opened.store.ask("series", basis=basis, node=node):
            true = wall.facts.conduct(basis, node, row["month"])
            assert {name: row[name] or 0 for name in true} == true, (basis, node, row["month"])


def test_no_page_tells_a_person_or_an_exact_small_number(wall: Wall, known: dict[Any, Known]) -> None:
    client = wall.visitor()
    for scene in scenes(wall.facts):
        painted = layout(client, **scene)
        basis, node = scene["basis"], scene["place"]
        if is_protected(basis, node):
            check_panel(painted, node, known[basis, node])


def test_no_panel_asked_by_itself_tells_more(wall: Wall, known: dict[Any, Known]) -> None:
    client = wall.visitor()
    openings: list[dict[str, Any]] = [{"open": name} for name in SHEETS]
    openings += [{"how": key} for key in all_indicators()]
    for i, scene in enumerate(scenes(wall.facts)):
        basis, node = scene["basis"], scene["place"]
        for key, panel in all_panels().items():
            opens = getattr(panel, "OPENS", None)
            for more in [one for one in openings if opens and opens[0] in one] or [{}]:
                asked = {**scene, "picks": scene["picks"].split(","), **more}
                if key == "organisation":
                    asked["organisation"] = f"O{5 + i:05d}"
                painted = call(client, f"panel/{key}", asked)
                if is_protected(basis, node):
                    check_panel(painted, node, known[basis, node])


def test_the_card_of_a_branch_has_a_band_for_its_members(wall: Wall) -> None:
    client = wall.visitor()
    for row in wall.facts.rows["organisation"][::9]:
        painted = call(client, "panel/organisation", {"organisation": row["org_id"], "month": LAST})
        numbers = [one for one in elements(painted) if "num" in str(one.get("className", "")).split()]
        if row["kind"] == "branch":
            assert next(one["children"] for one in numbers) in BANDS
        assert not any("is-exact" in one["className"] for one in numbers), row["org_id"]


def test_no_layer_draws_an_exact_small_number(wall: Wall) -> None:
    client, facts = wall.visitor(), wall.facts
    for scene in scenes(facts):
        for measure in MEASURES:
            drawn = call(client, "layer/members", {**scene, "measure": measure})
            if scene["place"] == ROOT or scene["basis"] == "affiliation":
                continue  # the ground is the towns
            if measure == "members":
                assert all(value % 5 == 0 for value in drawn.get("circles", {}).values()), scene
            for end in drawn.get("breaks", []):
                check_break(wall, measure, end, drawn["fill"], scene["month"])
        flows = call(client, "layer/transfers", scene)
        numbers = [arc["n"] for arc in flows["arcs"]]
        numbers += [node[name] for node in flows["nodes"] for name in ("moved_in", "moved_out", "total")]
        assert all(n % 5 == 0 for n in numbers), scene
        stack = call(client, "layer/floors", scene)
        bands = {one["band"] for floor in stack.get("floors", []) for one in floor["organisations"]}
        assert bands <= BANDS | {"＊", "—"}, scene
        for key in ("branches", "buildings", "heat", "positions", "landmarks"):
            call(client, f"layer/{key}", scene)


def check_break(wall: Wall, measure: str, end: float, fill: Iterable[str], month: str) -> None:
    """Check that a border of a class, times a community's area, is nobody's true number."""
    world = DistrictWorld(wall.opened.store, wall.opened.gate, wall.opened.settings)
    for node in fill:
        true = wall.facts.members("place", node, month)
        area = world.area_km2(node)
        if measure == "density" and area and true % 5:
            assert round(end * area, 6) != true, (node, end)
        if measure == "signin":
            sums = wall.facts.conduct("place", node, month)
            assert end != pytest.approx(100 * sums["attended"] / sums["due"], abs=1e-9), (node, end)


def rows_of(answer: Any) -> list[dict[str, Any]]:
    return [row for rows in answer["tables"].values() for row in rows]


def check_row(facts: Facts, row: dict[str, Any], basis: str, month: str) -> None:
    """Check the figures of one row of the API."""
    node = str(row.get("node_id") or row.get("org_id") or "")
    tree = basis if "node_id" in row else "affiliation"
    for column, cell in row.items():
        if not isinstance(cell, dict):
            if (tree, node) in facts.nodes and type(cell) is int:
                assert column in FREELY, (column, row)
            continue
        assert set(cell) <= {"v", "s", "lo", "hi"}, row
        if "v" not in cell:
            continue
        if cell["s"] == "exact":
            assert node == ROOT or (tree == "place" and len(node) == 9 and column == "members"), (column, row)
        elif column in RATES:
            assert round(cell["v"] * 100) == pytest.approx(cell["v"] * 100), (column, row)
        else:
            assert cell["s"] == "rounded", (column, row)
            assert cell["v"] % 5 == 0, (column, row)
        if column == "members" and (tree, node) in facts.nodes:
            assert abs(cell["v"] - facts.members(tree, node, month)) <= 4, row


def test_no_program_gets_more_than_the_wall(wall: Wall) -> None:
    client, facts = wall.visitor(), wall.facts
    for i, (basis, node) in enumerate(chosen_places(facts)):
        for month in (LAST, MONTHS[i % len(MONTHS)]):
            place = client.get(f"{API}/places/{node}?basis={basis}&period={month}")
            about = json.loads(clean(place.get_data(as_text=True)))
            check_row(facts, {"node_id": node, **about["counts"]}, basis, month)
            for key in all_layers():
                query = f"?place={node}&basis={basis}&period={month}&span={SPANS[i % 3]}"
                query += f"&measure={MEASURES[i % len(MEASURES)]}"
                answer = client.get(f"{API}/layers/{key}{query}")
                assert answer.status_code == 200, answer.get_data(as_text=True)
                for row in rows_of(json.loads(clean(answer.get_data(as_text=True)))):
                    check_row(facts, row, "place" if key == "members" else basis, month)
                for form in ("csv", "geojson"):
                    clean(client.get(f"{API}/layers/{key}{query}&format={form}").get_data(as_text=True))


def test_files_hold_what_the_tables_hold(wall: Wall) -> None:
    client, town = wall.visitor(), f"{ROOT}001"
    path = f"{API}/layers/members?place={town}&period={LAST}&format="
    table = {row["node_id"]: row["members"] for row in rows_of(client.get(path + "json").get_json())}
    text = client.get(path + "csv").get_data(as_text=True).removeprefix("\ufeff")
    shapes = client.get(path + "geojson").get_json()["features"]
    assert len(table) == 6
    for row in csv.DictReader(io.StringIO(text)):
        assert row["members_state"] == table[row["node_id"]]["s"] != "exact"
        assert row["members"] == str(table[row["node_id"]].get("v", "<10"))
    for shape in shapes:
        about = shape["properties"]
        assert about["members"] == table[about["node_id"]].get("v")


def test_the_file_a_sheet_carries_is_what_it_shows(wall: Wall) -> None:
    for node in (f"{ROOT}001", f"{ROOT}001001"):
        painted = call(wall.visitor(), "panel/children_table", {"place": node, "open": "children"})
        link = next(one["href"] for one in elements(painted) if one["type"] == "a")
        rows = list(csv.DictReader(io.StringIO(unquote(link.partition(",")[2]).removeprefix("\ufeff"))))
        assert rows
        for row in rows:
            assert row["members_state"] in ("rounded", "band"), row
            assert row["members_state"] == "band" or int(row["members"]) % 5 == 0


def test_search_finds_places_and_never_people(wall: Wall) -> None:
    client = wall.visitor()
    for query in (CANARY, PID, SECRET, f"{PID}000001", "社区", "组织", "o", "lou", "1", "canary"):
        text = client.get(f"{API}/search", query_string={"q": query, "limit": 50}).get_data(as_text=True)
        hits = json.loads(text)["hits"]
        clean(json.dumps(hits))
        assert query in ("社区", "组织", "o", "lou", "1") or not hits


def test_pages_beside_the_wall_tell_nothing(wall: Wall) -> None:
    client, version = wall.visitor(), wall.app.extensions["atlas"].version
    paths = ["/", "/healthz", f"{API}/places", f"{API}/layers", "/metrics", f"/geo/{version}/places.json"]
    paths += [f"/geo/{version}/buildings/{ROOT}001001.json", "/_dash-dependencies", f"{API}/openapi.json"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        clean(answer.get_data(as_text=True), wall.folder)


def test_one_person_alone_draws_nothing(wall: Wall) -> None:
    client, hours = wall.visitor(), f"{LONELY_HOUR}-{LONELY_HOUR + 1}"
    for per in ("", "members"):
        for span in SPANS:
            scene = {"hours": hours, "span": span, "per": per, "month": LAST}
            assert call(client, "layer/heat", scene)["levels"] == [], scene
    for query in (f"hours={hours}", f"hours={hours}&day=workday&span=year"):
        cells = client.get(f"{API}/layers/heat?{query}").get_json()["tables"]["cells"]
        assert [cell for cell in cells if "v" in cell["attended"]] == []
    true = wall.opened.store.ask(
        "heat_cells", lod=0, from_month=LAST, to_month=LAST, day_kind="all", hour_from=3, hour_to=4
    )
    assert [row["attended"] for row in true] == [1], "the person must be in the store for this to mean much"


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


def signed(app: Flask, payload: dict[str, Any], *, key: bytes | None = None, age: int = 0) -> str:
    """Sign a session as the app would, with another key or some seconds ago."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - age

    own = SecureCookieSessionInterface().get_signing_serializer(app)
    assert own is not None
    made = URLSafeTimedSerializer(
        app.secret_key if key is None else key,
        salt=own.salt,
        serializer=own.serializer,
        signer=Earlier,
        signer_kwargs=own.signer_kwargs,
    )
    return str(made.dumps(payload))


def test_the_duty_desk_would_see_more(wall: Wall) -> None:
    """The disguises below prove something only while the modes differ."""
    visitor, duty = wall.visitor(), wall.visitor()
    duty.set_cookie("ejia", signed(wall.app, {"mode": "duty"}))
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
    true = signed(wall.app, {"mode": "visitor"})
    forged = [
        "eyJtb2RlIjoiZHV0eSJ9",
        "eyJtb2RlIjoiZHV0eSJ9." + true.partition(".")[2],
        signed(wall.app, {"mode": "duty"}, key=b"another key of thirty-two bytes!"),
        signed(wall.app, {"mode": "duty"}, key=b""),
        signed(wall.app, {"mode": "duty"}, age=13 * 3600),
        signed(wall.app, {"mode": "DUTY"}),
        signed(wall.app, {"mode": ["duty"]}),
        signed(wall.app, {"mode": {"duty": 1}}),
        "." * 3000,
        "duty",
    ]
    for cookie in forged:
        client = wall.visitor()
        client.set_cookie("ejia", cookie)
        client.set_cookie("mode", "duty")
        assert answers_of(client, {}, "", {}) == plain, cookie


def test_a_validator_of_the_duty_desk_does_not_confirm_to_a_visitor(wall: Wall) -> None:
    duty, visitor = wall.visitor(), wall.visitor()
    duty.set_cookie("ejia", signed(wall.app, {"mode": "duty"}))
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
