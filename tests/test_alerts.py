"""Warnings live as their rules say, and every step is written down."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores import alert_rules as rules
from stores import alerts
from stores.alerts import AlertError, Finding
from stores.desk import SqliteDesk
from stores.errors import StoreError

NOON = datetime(2019, 2, 28, 12, 0, 0)
FOUND = Finding("W04", "O30001", "2018Q4", 2, 0, 1, 1, detail={"missed": 1})


def opened(desk: SqliteDesk, finding: Finding = FOUND, at: str = "2019-01-06T06:00:00") -> str:
    with desk.writing() as writer:
        return alerts.open_alert(writer, finding, at)


def step(desk: SqliteDesk, name: str, verb: str, **more: Any) -> dict[str, Any]:
    return alerts.act(desk, name, verb, actor="zhang", at=NOON, **more)


def test_a_warning_goes_through_its_life_and_every_step_is_told() -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    alerts.urge(desk, name, "remind", actor="zhang", role="duty", at=NOON, due_on="2019-03-05", text="请召开")
    assert alerts.alert(desk, name)["state"] == "notified"  # type: ignore[index]
    assert step(desk, name, "acknowledge")["unseen"] is False
    assert step(desk, name, "promise", value="2019-03-10")["promised_on"] == "2019-03-10"
    assert step(desk, name, "clear", evidence="会议记录已核")["cleared_at"] == "2019-02-28T12:00:00"
    steps, urgings = alerts.history(desk, name)
    assert [(row["seq"], row["verb"], row["state"], row["actor"]) for row in steps] == [
        (1, "open", "open", "system"),
        (2, "urge", "notified", "zhang"),
        (3, "acknowledge", "acknowledged", "zhang"),
        (4, "promise", "rectifying", "zhang"),
        (5, "clear", "cleared", "zhang"),
    ]
    assert [(row["kind"], row["to_org_id"], row["due_on"]) for row in urgings] == [
        ("remind", "O30001", "2019-03-05")
    ]
    assert alerts.open_alerts(desk) == []


def test_one_open_warning_a_key() -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    with pytest.raises(StoreError):
        opened(desk, at="2019-01-07T06:00:00")
    step(desk, name, "clear", evidence="已补开")
    assert opened(desk, at="2019-01-08T06:00:00") != name


def test_a_warning_grows_worse_on_the_same_warning_and_asks_to_be_seen_again() -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    step(desk, name, "acknowledge")
    with desk.writing() as writer:
        found = alerts.alert(desk, name)
        assert found is not None
        worse = Finding("W04", "O30001", "2018Q4", 3, 0, 2, 1)
        assert alerts.refresh_alert(writer, found, worse, "2019-04-06T06:00:00")
    found = alerts.alert(desk, name)
    assert found is not None
    assert (found["severity"], found["first_severity"], found["unseen"]) == (3, 2, True)
    with desk.writing() as writer:
        assert not alerts.refresh_alert(writer, found, FOUND, "2019-04-07T06:00:00")
    again = alerts.alert(desk, name)
    assert again is not None
    assert again["severity"] == 3


@pytest.mark.parametrize(
    ("before", "verb", "more", "why"),
    [
        ([], "promise", {"value": "2019-03-10"}, "cannot follow 'open'"),
        (["acknowledge"], "promise", {"value": "2019-02-01"}, "lies before"),
        (["acknowledge"], "promise", {"value": "soon"}, "is no day"),
        (["acknowledge"], "promise", {"value": "2029-02-01"}, "more than a year"),
        ([], "clear", {}, "asks for evidence"),
        ([], "waive", {"approver": "li"}, "asks for a reason"),
        ([], "waive", {"note": "停业", "approver": " "}, "who approved"),
        ([], "waive", {"note": "停业", "approver": "zhang"}, "cannot be the one"),
        ([], "assign", {}, "to whom"),
        ([], "expire", {}, "no step of a person"),
        ([], "vanish", {}, "no step of a person"),
        ([], "note", {"note": "长" * 2001}, "at most"),
    ],
)
def test_an_illegal_step_is_refused_with_a_sentence(
    before: list[str], verb: str, more: dict[str, str], why: str
) -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    for done in before:
        step(desk, name, done)
    version = desk.version
    with pytest.raises(AlertError, match=why):
        step(desk, name, verb, **more)
    assert desk.version == version


def test_what_is_closed_stays_closed() -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    step(desk, name, "waive", note="企业停业", approver="li")
    for verb in rules.BY_HAND:
        with pytest.raises(AlertError):
            step(desk, name, verb, note="x", value="2019-03-10", evidence="x", approver="li")
    with pytest.raises(AlertError, match="closed"):
        alerts.urge(desk, name, "remind", actor="zhang", at=NOON)


def test_a_scope_hides_what_lies_outside() -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    with pytest.raises(AlertError, match="there is no warning"):
        step(desk, name, "acknowledge", orgs={"O39999"})
    assert alerts.alert(desk, name, {"O39999"}) is None
    assert alerts.open_alerts(desk, orgs={"O39999"}) == []
    assert len(alerts.open_alerts(desk, orgs={"O30001"})) == 1


def test_filters_and_groups() -> None:
    desk = SqliteDesk(None)
    first = opened(desk)
    opened(desk, Finding("W08", "O30001", "2019-01", 3), "2019-02-06T06:00:00")
    opened(desk, Finding("W03", "O30002", "2019-02-11", 3, 2), "2019-02-18T06:00:00")
    step(desk, first, "assign", value="li")
    groups = alerts.by_organisation(alerts.open_alerts(desk))
    assert [(row["org_id"], row["severity"], row["n"]) for row in groups] == [
        ("O30001", 3, 2),
        ("O30002", 3, 1),
    ]
    assert {row["indicator"] for row in alerts.open_alerts(desk, severities={3})} == {"W08", "W03"}
    assert [row["alert_id"] for row in alerts.open_alerts(desk, assigned_to="li")] == [first]
    assert alerts.open_alerts(desk, states={"rectifying"}) == []
    assert len(alerts.open_alerts(desk, unseen=True, indicators={"W03"})) == 1


def test_what_happened_since_and_what_comes() -> None:
    desk = SqliteDesk(None)
    name = opened(desk)
    step(desk, name, "acknowledge")
    step(desk, name, "promise", value="2019-03-04")
    alerts.urge(desk, name, "urge", actor="zhang", at=NOON, due_on="2019-03-02")
    with desk.writing() as writer:
        alerts.put_coming(writer, [("2019-03-03", "term", "O30002", 1), ("2019-04-03", "term", "O30003", 1)])
    week = alerts.coming(desk, date(2019, 2, 28), date(2019, 3, 6))
    assert [(row["due_on"], row["kind"]) for row in week] == [
        ("2019-03-02", "urging"),
        ("2019-03-03", "term"),
        ("2019-03-04", "promise"),
    ]
    steps = desk.read("select verb, state from alert_step where at >= '2019-02-28T00:00:00'")
    assert alerts.count_steps(steps) == {
        "new": 0,
        "cleared": 0,
        "escalated": 0,
        "retracted": 0,
        "urged": 1,
    }
    assert alerts.late_promises(desk, date(2019, 3, 4)) == []
    assert len(alerts.late_promises(desk, date(2019, 3, 5))) == 1
    step(desk, name, "reply", note="已安排")
    assert [row["kind"] for row in alerts.coming(desk, date(2019, 3, 1), date(2019, 3, 2))] == []


@settings(max_examples=200)
@given(st.lists(st.sampled_from(rules.VERBS), max_size=12))
def test_no_order_of_steps_leaves_the_closed_states(verbs: list[str]) -> None:
    state = "open"
    for verb in verbs:
        try:
            new = rules.after(state, verb)
        except AlertError:
            assert state in rules.CLOSED or verb in ("promise", "acknowledge")
            continue
        assert state in rules.OPEN
        assert new in rules.STATES
        assert rules.STATES.index(new) >= rules.STATES.index(state)
        state = new
