"""Questions of space have one answer: the database's is shapely's is a plain reader's."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import shapely
import small_district
from engines import Engine, made_engines
from flask import Flask
from flask.testing import FlaskClient

from dashboard import server as web
from stores.gate import Gate
from stores.settings import Settings
from stores.spatial import RADIUS, spatial

MONTH = "2019-02"
WEST, SOUTH = small_district.WEST, small_district.SOUTH
KEY = b"a key for tests only"


def scattered(seed: int = 5) -> dict[str, pa.Table]:
    """Return the small district with sixty buildings, units and branches anywhere in and around it."""
    dice = random.Random(seed)
    tables = small_district.tables()
    spots = [(WEST + dice.uniform(-0.004, 0.044), SOUTH + dice.uniform(-0.004, 0.044)) for _ in range(60)]
    communities = list(small_district.COMMUNITIES)
    tables["building"] = pa.Table.from_pylist(
        [
            {
                "building_id": f"B{n:06}",
                "name": f"楼{n}",
                "community_id": dice.choice(communities),
                "kind": "office",
                "floors": 5,
                "geom": bytes(shapely.to_wkb(shapely.box(lon, lat, lon + 0.0012, lat + 0.0008))),
            }
            for n, (lon, lat) in enumerate(spots)
        ]
    )
    tables["unit"] = pa.Table.from_pylist(
        [
            {
                "unit_id": f"U{n}",
                "building_id": f"B{n % 60:06}",
                "floor": 1,
                "coverage": dice.choice(["gap", "gap", "single"]),
                "member_count": dice.choice([None, 0, 2, 3, 4, 9]),
            }
            for n in range(90)
        ]
    )
    return tables


@pytest.fixture(scope="module")
def stores(server: str) -> Iterator[list[Any]]:
    """Load the scattered district into every engine."""
    with made_engines(server) as engines:
        yield [engine.loaded(scattered()) for engine in engines]


def plain_metres(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Measure on the sphere by the chord between two points."""
    x1, x2 = ([math.radians(part) for part in point] for point in (one, two))
    ends = [
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)) for lon, lat in (x1, x2)
    ]
    return 2 * RADIUS * math.asin(math.dist(*ends) / 2)


def boxes(count: int) -> Iterator[tuple[float, float, float, float]]:
    """Draw boxes of all sizes, some of them nothing but a point or elsewhere."""
    dice = random.Random(1)
    for _ in range(count):
        west, south = WEST + dice.uniform(-0.01, 0.05), SOUTH + dice.uniform(-0.01, 0.05)
        size = dice.choice([0.0, 0.001, 0.01, 0.05])
        yield west, south, west + size, south + size * dice.random()
    yield 0.0, 0.0, 1.0, 1.0


def test_buildings_in_view(stores: list[Any]) -> None:
    shapes = {row[0]: shapely.from_wkb(row[1]) for row in stores[0].shapes("building")}
    found = 0
    for box in boxes(40):
        expected = sorted(key for key, shape in shapes.items() if shape.intersects(shapely.box(*box)))
        assert [spatial(store).buildings_in(*box) for store in stores] == [expected, expected]
        found += len(expected)
    assert found > 100


def test_buildings_in_a_place(stores: list[Any]) -> None:
    shapes = {row[0]: shapely.from_wkb(row[1]) for row in stores[0].shapes("building")}
    inside = set()
    for level in ("district", "town", "community"):
        for place, wkb, _ in stores[0].shapes(level):
            area = shapely.from_wkb(wkb)
            expected = sorted(key for key, shape in shapes.items() if area.covers(shape))
            assert [spatial(store).buildings_within(place) for store in stores] == [expected, expected]
            inside |= set(expected)
    assert 10 < len(inside) < 60
    assert [spatial(store).buildings_within("nowhere") for store in stores] == [[], []]


def test_the_nearest_organisations(stores: list[Any]) -> None:
    spots = [row for row in stores[0].ask("gate_spots") if row["first_month"] <= MONTH < row["until_month"]]
    dice = random.Random(2)
    for _ in range(30):
        here = (WEST + dice.uniform(-0.05, 0.09), SOUTH + dice.uniform(-0.05, 0.09))
        count = dice.choice([1, 3, 50])
        far = sorted((round(plain_metres(here, (row["lon"], row["lat"]))), row["org_id"]) for row in spots)
        expected = [(org, metres) for metres, org in far[:count]]
        assert [spatial(store).nearest(*here, count, MONTH) for store in stores] == [expected, expected]
    assert [spatial(store).nearest(WEST, SOUTH, 5, "1999-01") for store in stores] == [[], []]


def test_coverage_gaps(stores: list[Any]) -> None:
    blanks, spots = stores[0].ask("gate_blanks"), stores[0].ask("gate_spots")
    branches = [(row["lon"], row["lat"]) for row in spots if row["level"] == "branch"]
    assert 5 < len(blanks) < 60
    sizes = []
    for metres in (0, 300, 700, 1_500, 20_000):
        expected = []
        for row in blanks:
            far = min(plain_metres((row["lon"], row["lat"]), branch) for branch in branches)
            if far > metres:
                expected.append((row["building_id"], round(far)))
        assert [spatial(store).gaps(metres, MONTH) for store in stores] == [expected, expected]
        sizes.append(len(expected))
    assert sizes[0] > sizes[1] > sizes[-1] == 0
    nobody = [(row["building_id"], None) for row in blanks]
    assert [spatial(store).gaps(0, "1999-01") for store in stores] == [nobody, nobody]


def test_a_blank_is_a_unit_of_three_members_without_an_organisation(stores: list[Any]) -> None:
    units = scattered()["unit"].to_pylist()
    expected: dict[str, list[int]] = {}
    for unit in units:
        if unit["coverage"] == "gap" and (unit["member_count"] or 0) >= 3:
            expected.setdefault(unit["building_id"], []).append(unit["member_count"])
    for store in stores:
        rows = {row["building_id"]: (row["units"], row["members"]) for row in store.ask("gate_blanks")}
        assert rows == {key: (len(counts), sum(counts)) for key, counts in expected.items()}


def test_the_gate_gives_the_same_on_every_engine_and_no_exact_member(stores: list[Any]) -> None:
    everything = {"west": 118.0, "south": 31.0, "east": 120.0, "north": 33.0, "month": MONTH}
    answers = []
    for store in stores:
        gate = Gate(store, Settings(), KEY)
        answers.append(
            [
                [
                    gate.answer("buildings_in_view", mode, **everything)
                    for mode in ("visitor", "leader", "duty")
                ],
                gate.answer("buildings_in_place", "visitor", place="320115001", month=MONTH),
                gate.answer("nearest_organisations", "visitor", lon=WEST, lat=SOUTH, count=9, month=MONTH),
                [gate.answer("coverage_gaps", mode, metres=300, month=MONTH) for mode in ("visitor", "duty")],
            ]
        )
    assert answers[0] == answers[1]
    (visitor, _, duty), place, _, (gaps, exact_gaps) = answers[0]
    assert len(visitor) == 60 and place
    assert {row["members"].state for row in visitor} <= {"band", "hidden", "no_data"}
    assert {row["members"].state for row in duty} == {"exact"}
    assert {row["members"].state for row in gaps} == {"hidden"}
    assert {row["members"].state for row in exact_gaps} == {"exact"}


def test_moving_the_view_does_not_move_a_rounded_number(stores: list[Any]) -> None:
    gate = Gate(stores[0], Settings(), KEY)
    seen: dict[str, set[Any]] = {}
    for step in range(12):
        box = {"west": 118.0 + step / 1000, "south": 31.0, "east": 120.0, "north": 33.0, "month": MONTH}
        for row in gate.answer("buildings_in_view", "leader", **box):
            seen.setdefault(row["node_id"], set()).add(row["members"])
    assert {len(values) for values in seen.values()} == {1}, "asking often would tell the true number"


# Over HTTP


def client_of(store: Any) -> FlaskClient:
    """Put the server around a store."""
    app = Flask(__name__)
    web.install(app, store, Gate(store, Settings(), KEY), Settings())
    return app.test_client()


@pytest.fixture
def client(engine: Engine) -> FlaskClient:
    """Serve the scattered district."""
    return client_of(engine.loaded(scattered()))


def test_the_api_answers_and_refuses(client: FlaskClient) -> None:
    box = f"{WEST},{SOUTH},{WEST + 0.04},{SOUTH + 0.04}"
    found = client.get(f"/api/v1/spatial/buildings?bbox={box}").get_json()
    assert found["period"] == MONTH and len(found["buildings"]) > 10
    assert "v" not in found["buildings"][0]["members"]
    inside = client.get("/api/v1/spatial/buildings?within=320115001").get_json()["buildings"]
    assert 0 < len(inside) < len(found["buildings"])
    near = client.get(f"/api/v1/spatial/nearest?lon={WEST}&lat={SOUTH}&count=2").get_json()["organisations"]
    assert len(near) == 2 and near[0]["metres"] <= near[1]["metres"]
    assert client.get("/api/v1/spatial/gaps").get_json()["metres"] == 500
    for bad in (
        "buildings", "buildings?bbox=1,2,3", "buildings?bbox=3,2,1,4", "buildings?bbox=a,b,c,d",
        "buildings?bbox=1,2,3,inf", f"buildings?bbox={box}&within=320115", "nearest?lon=1",
        "nearest?lon=1&lat=nan", "nearest?lon=1&lat=99", "nearest?lon=1&lat=2&count=0",
        "nearest?lon=1&lat=2&count=51", "gaps?metres=-1", "gaps?metres=1e3", "gaps?period=1999-01",
        "gaps?colour=red",
    ):  # fmt: skip
        assert client.get(f"/api/v1/spatial/{bad}").status_code == 400, bad
    assert "/spatial/gaps" in client.get("/api/v1/openapi.json").get_json()["paths"]


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Return the tile of Web Mercator in which a point lies."""
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int(x), int(y)


@pytest.mark.differs(duckdb="the embedded store has no encoder of vector tiles; it says so")
def test_tiles_hold_every_building_once_and_no_number_of_members(client: FlaskClient) -> None:
    seen: set[str] = set()
    first, last = tile_of(WEST - 0.005, SOUTH + 0.046, 14), tile_of(WEST + 0.046, SOUTH - 0.005, 14)
    for x in range(first[0], last[0] + 1):
        for y in range(first[1], last[1] + 1):
            answer = client.get(f"/tiles/buildings/14/{x}/{y}.mvt")
            assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
            again = client.get(
                f"/tiles/buildings/14/{x}/{y}.mvt", headers={"If-None-Match": answer.headers["ETag"]}
            )
            assert (again.status_code, again.data) == (304, b"")
            keys, values = decoded(answer.data)
            assert keys <= {"id", "name", "kind", "floors", "gaps", "organisations"}
            seen |= {value for value in values if isinstance(value, str) and value.startswith("B0")}
    assert seen == {f"B{n:06}" for n in range(60)}
    assert client.get("/tiles/buildings/14/0/0.mvt").data == b""
    assert client.get("/tiles/buildings/0/0/0.mvt").status_code == 200
    for wrong in (
        "streets/14/1/1",
        "buildings/23/1/1",
        "buildings/2/4/0",
        "buildings/2/0/4",
        "buildings/x/0/0",
    ):
        assert client.get(f"/tiles/{wrong}.mvt").status_code == 404


@pytest.mark.differs(postgres="here the database draws tiles")
def test_an_embedded_store_says_that_it_has_no_tiles(client: FlaskClient) -> None:
    answer = client.get("/tiles/buildings/14/1/1.mvt", headers={"Accept": "application/json"})
    assert answer.status_code == 501
    assert "PostgreSQL" in answer.get_json()["error"]["message"]


@pytest.mark.differs(duckdb="the embedded store has no tiles")
def test_a_tile_changes_with_the_facts_and_not_with_a_sign_in(engine: Engine) -> None:
    store = engine.loaded(scattered())
    client, (x, y) = client_of(store), tile_of(WEST + 0.02, SOUTH + 0.02, 14)
    tags = [client.get(f"/tiles/buildings/14/{x}/{y}.mvt").headers["ETag"]]
    store.append_attendance(pa.table({"activity_id": ["A"], "member_pid": ["m"], "state": ["valid"]}))
    tags.append(client.get(f"/tiles/buildings/14/{x}/{y}.mvt").headers["ETag"])
    from engines import LoadReport, datetime

    more = pa.table({"building_id": ["B000001"], "name": ["新楼"]})
    store.load({"building": more}, LoadReport("test", datetime(2019, 3, 1), {}))
    tags.append(client.get(f"/tiles/buildings/14/{x}/{y}.mvt").headers["ETag"])
    assert tags[0] == tags[1] != tags[2]


def decoded(tile: bytes) -> tuple[set[str], list[Any]]:
    """Read the keys and values of a tile's layers (the vector tile specification 2.1, 4.1)."""
    keys: set[str] = set()
    values: list[Any] = []
    for number, layer in fields(tile):
        assert number == 3
        for part, content in fields(layer):
            if part == 3:
                keys.add(content.decode())
            elif part == 4:
                values += [found.decode() if kind == 1 else found for kind, found in fields(content)]
    return keys, values


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Read the fields of one message of Protocol Buffers."""
    at = 0

    def whole() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        head = whole()
        if head & 7 == 2:
            length = whole()
            yield head >> 3, data[at : at + length]
            at += length
        elif head & 7 == 0:
            yield head >> 3, whole()
        else:
            size = 8 if head & 7 == 1 else 4
            yield head >> 3, data[at : at + size]
            at += size
