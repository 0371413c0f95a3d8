"""A small district whose branches have warnings at every stage."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from dashboard import server
from dashboard.app import create_app, script_hashes
from stores import alerts
from stores.alerts import Finding
from stores.desk import Desk, open_desk
from stores.gate import Gate
from stores.settings import Settings
from stores.store import Store, open_store
from stores.whole import WholeStore
from tests.small_district import Opened, branches, open_small, settings_in

AT = "2019-02-20T06:00:00"
FOUND = (
    ("W02", "2019-01", 2, 9, 20, 0.5, {"run": 1}),
    ("W04", "2018Q4", 3, 0, 1, 2, {"run": 2}),
    ("W11", "2018-11-30", 3, None, None, 180, {"term_end": "2018-11-30"}),
    ("W01", "2018-07", 4, 3, 24, 6, {"members": 3}),
    ("W09", "2018", 1, 0, 1, 2, {}),
)


def finding(number: int, org: str) -> Finding:
    """Give one of the kinds of findings about an organisation."""
    key, period, severity, num, den, line, detail = FOUND[number % len(FOUND)]
    return Finding(key, org, period, severity, num, den, line, detail=detail)


def seed(desk: Desk) -> list[str]:
    """Open ten warnings over six branches, and take some further; return their ids."""
    made = []
    with desk.writing() as writer:
        for i, org in enumerate(branches()[:6]):
            for n in range(1 + i % 3):
                made.append(alerts.open_alert(writer, finding(i + n, org), AT))
        writer.run(
            """insert into evaluation (as_of, ran_at, facts_version, opened, escalated, closed)
            values ('2019-02-28', '2019-02-28T06:00:00', 1, 10, 0, 0)"""
        )
        alerts.put_coming(writer, [("2019-03-01", "transfer_step", branches()[0], 4)])
    late = datetime(2019, 2, 21, 9)
    alerts.urge(desk, made[1], "remind", actor="zhiban", role="duty", at=late, due_on="2019-02-24")
    for verb, value in (("acknowledge", None), ("promise", "2019-03-02")):
        alerts.act(desk, made[2], verb, actor="zhiban", at=late, value=value)
    alerts.act(desk, made[3], "acknowledge", actor="zhiban", at=late)
    return made


def opened_desk(folder: Path) -> tuple[Opened, Desk]:
    """Open the small district with its warnings, as the product opens it."""
    small = open_small(folder)
    desk = open_desk(small.settings)
    seed(desk)
    store = WholeStore(small.store, desk, small.settings)
    return Opened(store, Gate(store, small.settings, b"a key for tests only"), small.settings), desk


def opened_again(folder: Path) -> tuple[Opened, Desk]:
    """Open a folder in which the small district and its warnings lie already."""
    settings = settings_in(folder)
    desk = open_desk(settings)
    store = WholeStore(open_store(settings.store.url, settings), desk, settings)
    return Opened(store, Gate(store, settings, b"a key for tests only"), settings), desk


def app_over(opened: Opened, **settings: Any) -> Flask:
    """Build the whole app, with some settings changed."""
    return app_on(opened.store, opened.gate, opened.settings.model_copy(update=settings))


def app_on(store: Store, gate: Gate, settings: Settings) -> Flask:
    """Build the whole app on a store."""
    dash = create_app(store, gate, settings)
    flask: Flask = dash.server
    server.install(flask, store, gate, settings, lambda: script_hashes(dash))
    return flask
