"""On a server: accounts and desk in PostgreSQL, a wall that reads no fact, and a watch that judges for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import cluster
import pyarrow as pa
import pytest
from test_postgres import as_web

from dashboard.deployment import open_gate
from indicators.warnings.watching import Watcher
from stores import pg_layout
from stores.desk import Desk, open_desk
from stores.postgres import PgStore
from stores.settings import Settings, StoreAddress
from stores.store import LoadReport
from tests.desk.seeding import app_on
from tests.signing import signed_in
from tests.small_district import branches, tables


@pytest.fixture
def owner(server: str, tmp_path: Path) -> Iterator[Settings]:
    """Give a deployment whose store holds the small district, as its owner."""
    url = cluster.new_database(server)
    settings = Settings(data_dir=tmp_path, store=StoreAddress(url=url, web_url=as_web(url)))
    store = PgStore(url, settings)
    meta = {"as_of": "2019-02-28", "data_label": "demo"}
    store.load(tables(), LoadReport(folder="small", started_at=datetime(2019, 3, 1), meta=meta))
    connection = store.server.connect()
    pg_layout.migrate(connection, settings, "here", "ejia_web")
    connection.close()
    store.close()
    yield settings
    cluster.drop_database(server, url)


def open_ones(desk: Desk) -> int:
    return int(desk.read("select count(*) as n from alert where cleared_at is null")[0]["n"])


def until(true: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "too late"
        time.sleep(0.05)


def test_what_the_watch_judges_stands_on_the_desk_of_a_wall_that_reads_no_fact(owner: Settings) -> None:
    web = owner.model_copy(update={"store": StoreAddress(url=as_web(owner.store.url))})
    store, gate = open_gate(web)
    app = app_on(store, gate, web)
    duty = signed_in(app, "duty")
    facts, desk = PgStore(owner.store.url, owner), open_desk(owner)
    watcher = Watcher(facts, desk, owner)
    watcher.start()
    try:
        until(lambda: open_ones(store.desk) > 0)  # type: ignore[attr-defined]
        board = duty.get("/desk/data?lang=zh").get_json()
        before = {one["id"] for group in board["groups"] for one in group["alerts"]}
        assert before
        step = {"transfer_id": "T-new", "seq": 0, "to_status": "pending_from_branch", "org_id": branches()[1]}
        move = {"transfer_id": "T-new", "status": "pending_from_branch", "from_org_id": branches()[1]}
        news = {
            "transfer": pa.Table.from_pylist([move | {"route": "online"}]),
            "transfer_event": pa.Table.from_pylist([step | {"at": datetime(2019, 1, 3, 9)}]),
        }
        facts.load(news, LoadReport(folder="day", started_at=datetime(2019, 3, 2)))

        def seen() -> bool:
            found = duty.get("/desk/data?lang=zh").get_json()
            return any(
                one["ind"] == "W03" and one["id"] not in before
                for group in found["groups"]
                for one in group["alerts"]
            )

        until(seen)
        name = next(iter(before))
        done = duty.post("/desk/act", json={"verb": "urge", "ids": [name], "value": "remind"})
        assert done.status_code == 200, done.get_data(as_text=True)
        told = duty.get(f"/desk/alert/{name}").get_json()
        assert [step["verb"] for step in told["steps"]][-1] == "urge"
        assert duty.get(f"/desk/matrix/{board['groups'][0]['org']}").status_code == 200
        assert duty.get("/desk/report.pdf").data.startswith(b"%PDF")
        here = {"basis": "place", "node": "320115"}
        for question in ("weak_counts", "alert_kinds", "alert_ladder", "alert_months"):
            gate.answer(question, "visitor", **here)
        gate.answer("weak", "duty", **here)
    finally:
        watcher.stop()
        desk.close()
        facts.close()
        store.close()
