"""Open walls are told of a serious warning once, each mode what it may know; visitors hear no name."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from dashboard.herald import Herald
from dashboard.live import Hub
from indicators.warnings.watching import Watcher
from stores import alerts
from stores.alerts import Finding
from stores.desk import Desk
from tests.small_district import Opened, branches, open_small

AT = "2019-02-20T06:00:00"


@pytest.fixture
def small(tmp_path: Path) -> Opened:
    return open_small(tmp_path)


def warned(desk: Desk, indicator: str, org: str, severity: int) -> str:
    with desk.writing() as writer:
        return alerts.open_alert(writer, Finding(indicator, org, f"2019-0{severity}", severity), AT)


def heralded(small: Opened) -> tuple[Herald, Hub]:
    hub = Hub()
    made = Herald(small.store, small.gate, hub)
    assert made.look() is None, "what is open already is no news"
    return made, hub


def told(hub: Hub, mode: str) -> list[Any]:
    return [message.to(mode, None) for message in hub.after(0, 0)]


def test_each_mode_is_told_what_it_may_know(small: Opened) -> None:
    herald, hub = heralded(small)
    org = branches()[3]
    warned(small.store.desk, "W04", org, 3)
    herald.look()
    town = next(t for t in ("320115001", "320115002") if org in small.gate.under("place", t))
    (duty,), (visitor,) = told(hub, "duty"), told(hub, "visitor")
    assert duty["severity"] == visitor["severity"] == 3
    assert f"organisation={org}" in duty["query"]
    assert f"place={town}" in visitor["query"] and "board=warnings" in visitor["query"]
    names = [row["name"] for row in small.store.known("organisation", ("name",)).to_pylist()]
    text = json.dumps(visitor)
    assert org not in text and not any(name in text for name in names)
    assert herald.look() is None, "once"


def test_rare_states_stop_at_the_district_before_visitors(small: Opened) -> None:
    herald, hub = heralded(small)
    warned(small.store.desk, "W13", branches()[3], 4)
    herald.look()
    assert "place" not in told(hub, "visitor")[0]["query"]
    assert "place=" in told(hub, "leader")[0]["query"]


def test_the_worst_is_told_and_growing_is_news_but_being_seen_is_not(small: Opened) -> None:
    herald, hub = heralded(small)
    warned(small.store.desk, "W04", branches()[0], 2)
    assert herald.look() is None, "not serious"
    name = warned(small.store.desk, "W08", branches()[1], 3)
    warned(small.store.desk, "W08", branches()[2], 4)
    herald.look()
    assert [message["severity"] for message in told(hub, "duty")] == [4]
    alerts.act(small.store.desk, name, "acknowledge", actor="wang")
    assert herald.look() is None
    with small.store.desk.writing() as writer:
        row = writer.run("select * from alert where alert_id = $name", name=name)[0]
        alerts.refresh_alert(writer, row, Finding("W08", branches()[1], "2019-03", 4), AT)
    assert herald.look() is not None


def test_an_evaluation_is_heard_of_within_seconds(small: Opened) -> None:
    hub = Hub()
    herald = Herald(small.store, small.gate, hub)
    herald.start()
    time.sleep(0.2)
    watcher = Watcher(small.store.facts, small.store.desk, small.settings)
    watcher.start()
    try:
        assert hub.after(0, 30), "the first evaluation opens what is serious"
    finally:
        herald.stop()
        watcher.stop()
