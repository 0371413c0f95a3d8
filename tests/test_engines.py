"""Every engine gives the same answers to the digit, in the same order, from the texts of the snapshots."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asked import every_asking
from engines import Engine, made_engines
from random_district import LAST, arrow, draw, sign_ins

from stores import rollups
from stores.pg_sql import numbered
from stores.questions import names, question
from stores.store import LoadReport
from stores.tables import fact_tables
from tests.gate_district import small_district

SNAPSHOTS = Path(__file__).resolve().parent / "snapshots"
RENEW = "renew the snapshots: python tests/make_snapshots.py"


def differing(stores: list[Any]) -> list[Any]:
    """Ask everything of two stores; return what they answer differently."""
    found = []
    for name, params in every_asking(stores[0]):
        one, two = (comparable(name, store.ask(name, **params)) for store in stores)
        if one != two or [list(row) for row in one] != [list(row) for row in two] or kinds(one) != kinds(two):
            found.append((name, params, one[:3], two[:3]))
    return found


def comparable(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out when the store was loaded; where a question declares no order, any order is right."""
    plain = [{column: value for column, value in row.items() if column != "loaded_at"} for row in rows]
    return plain if "order by" in question(name).sql else sorted(plain, key=str)


def kinds(rows: list[dict[str, Any]]) -> list[list[type]]:
    """Return the types of all values: a whole number must stay one."""
    return [[type(value) for value in row.values()] for row in rows]


@pytest.mark.parametrize("seed", [3, 11, 2019])
def test_random_districts_give_the_same_answers(seed: int, server: str) -> None:
    rows, dice = draw(seed), random.Random(seed)
    tables = {name: arrow(name, part) for name, part in rows.items()}
    late = arrow("attendance", sign_ins(dice, rows, 25))
    with made_engines(server) as engines:
        stores = []
        for engine in engines:
            store = engine.store()
            store.load(tables, LoadReport("random", datetime(2019, 3, 1), {"as_of": str(LAST)}))
            stores.append(store)
        assert stores[0].append_attendance(late) == stores[1].append_attendance(late)
        assert not differing(stores)
        for level in ("district", "town", "community", "building"):
            assert stores[0].shapes(level) == stores[1].shapes(level)


def test_the_gates_district_gives_the_same_answers(server: str) -> None:
    with made_engines(server) as engines:
        stores = [engine.loaded(small_district()) for engine in engines]
        assert not differing(stores)
        for table in ("member", "organisation", "activity", "region"):
            columns = list(fact_tables()[table].columns)
            first, second = (store.known(table, columns).to_pylist() for store in stores)
            assert sorted(first, key=str) == sorted(second, key=str), table


def test_the_texts_are_those_of_the_snapshot(engine_name: str) -> None:
    kept = (SNAPSHOTS / f"{engine_name}.sql").read_text("utf-8")
    assert kept == whole(engine_name), RENEW


def whole(engine: str) -> str:
    """Write every text that an engine is sent: questions, then roll-ups."""
    parts = []
    for name in names():
        text = question(name).sql if engine == "duckdb" else numbered(question(name).sql)[0]
        parts.append(f"-- question {name}\n{text.strip()}\n")
    parts += [f"-- roll-up {name}\n{text.strip()}\n" for name, text in rollups.texts(engine)]
    return "\n".join(parts)


def test_a_server_holds_the_very_texts_of_the_snapshot(server: str) -> None:
    engine = Engine("postgres", server)
    store = engine.loaded(small_district())
    asked = dict(every_asking(store))
    held: set[str] = set()
    for name, params in asked.items():
        store.ask(name, **params)
    for _ in range(4):
        with store.server.lent("the test") as connection:
            held |= {row[0] for row in connection.execute("select statement from pg_prepared_statements")}
    missing = [name for name in asked if numbered(question(name).sql)[0] not in held]
    engine.close()
    assert not missing


def test_every_override_says_why() -> None:
    for path in rollups.FOLDER.glob("*.*.sql"):
        head = path.read_text("utf-8").splitlines()[0]
        assert head.startswith("-- ") and len(head) > 40, path.name
