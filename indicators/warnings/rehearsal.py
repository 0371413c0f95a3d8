"""Play the duty desk of the demo: who was reminded, who acknowledged, what was promised.

A demo without anybody's acts would show warnings that nobody answered. The acts are drawn from the warnings'
own names, so that the same demo always tells the same story; they go through the same rules as everybody's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from stores import alert_rules as rules
from stores.desk import Desk, Row, Writer
from stores.settings import Settings
from stores.store import Store

DUTIES: Final = ("W04", "W05", "W06", "W07", "W08")
REMINDED: Final = (("nonpublic", 26), ("community", 7), ("other", 5))
"""Organisations reminded in the last whole year, by domain: 38."""
_NONPUBLIC: Final = frozenset({"nonpublic", "park", "building"})
_COMMUNITY: Final = frozenset({"village", "urban_community"})
OFFICERS: Final = ("zhiban1", "zhiban2", "zhiban3")
STILL_SERIOUS: Final = 2
WAIVED: Final = "流动党员为主，经批准以线上方式参加活动。"
APPROVER: Final = "zuzhike"
TEXT: Final = "请按要求及时处理，并在规定期限内反馈。"
Act = tuple[str, str, dict[str, Any]]


def rehearse(store: Store, desk: Desk, settings: Settings) -> int:
    """Add the acts of people to a demo's history, once; return how many warnings they touched.

    Nothing is done unless the facts say that they are a demo and nobody has yet acted on any warning.
    """
    if store.status().meta.get("data_label") != "demo":
        return 0
    acted = desk.read("select count(*) as n from alert_step where actor <> 'system'")[0]["n"]
    last = desk.read("select max(as_of) as as_of from evaluation")[0]["as_of"]
    if acted or last is None:
        return 0
    found = desk.read("select * from alert order by opened_at, alert_id")
    domains = dict(zip(*store.known("organisation", ["org_id", "domain"]).to_pydict().values(), strict=True))
    reminded = _chosen(found, domains, str(int(last[:4]) - 1))
    touched = 0
    with desk.writing() as writer:
        steps: dict[str, list[Row]] = {}
        for row in writer.run("select * from alert_step order by alert_id, seq"):
            steps.setdefault(row["alert_id"], []).append(row)
        waived = _waived(found)
        for row in found:
            acts = _acts(row, steps[row["alert_id"]], reminded, date.fromisoformat(last))
            if row["alert_id"] in waived:
                acts = [*acts, _waiver(row, last)]
            if acts:
                _play(writer, row, steps[row["alert_id"]], acts)
                touched += 1
    return touched


def _chosen(found: Sequence[Row], domains: dict[str, str], year: str) -> set[str]:
    """Choose the warnings of duties about which organisations are reminded: one each, those failing most."""
    best: dict[str, tuple[int, Row]] = {}
    for row in found:
        lasts = not row["cleared_at"] or _days(row["opened_at"], row["cleared_at"]) >= 4
        if row["indicator"] not in DUTIES or not row["opened_at"].startswith(year) or not lasts:
            continue
        if row["opened_at"] > f"{year}-12-24":
            continue
        count, first = best.get(row["org_id"], (0, row))
        best[row["org_id"]] = (count + int(row["severity"]), first)
    chosen: set[str] = set()
    for name, many in REMINDED:
        own = [org for org in best if _group(domains.get(org)) == name]
        own.sort(key=lambda org: (-best[org][0], org))
        chosen |= {best[org][1]["alert_id"] for org in own[:many]}
    return chosen


def _waived(found: Sequence[Row]) -> set[str]:
    """Choose what was waived: of the serious warnings all but the latest, which still wait for a decision."""
    serious = [row for row in found if row["cleared_at"] is None and int(row["severity"]) == 4]
    serious.sort(key=lambda row: (row["escalated_at"] or row["opened_at"], row["alert_id"]))
    return {row["alert_id"] for row in serious[: max(len(serious) - STILL_SERIOUS, 0)]}


def _waiver(row: Row, last: str) -> Act:
    """Waive a warning two days before the data date, or after it grew so bad."""
    day = max(date.fromisoformat(last) - timedelta(days=2), date.fromisoformat(row["opened_at"][:10]))
    return f"{day}T16:00:00", "waive", {"note": WAIVED, "approver": APPROVER}


def _group(domain: str | None) -> str:
    return "nonpublic" if domain in _NONPUBLIC else "community" if domain in _COMMUNITY else "other"


def _days(first: str, last: str) -> int:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).days


def _acts(row: Row, steps: Sequence[Row], reminded: set[str], last: date) -> list[Act]:
    """Draw what people did about a warning, in order of time; nothing lies after the data date."""
    draw = int(row["alert_id"][1:9], 16)
    chance = [(draw >> shift) % 100 for shift in (0, 7, 13, 19)]
    opened = datetime.fromisoformat(row["opened_at"]).replace(hour=9) + timedelta(minutes=draw % 400)
    grave = int(row["severity"]) >= 3
    acts: list[Act] = []

    def add(days: float, verb: str, **more: Any) -> None:
        when = opened + timedelta(days=days)
        if when.date() <= last:
            acts.append((when.isoformat(timespec="seconds"), verb, more))

    seen_by = 1 + chance[0] % 3
    if row["indicator"] == "W01":
        rise = next((step["at"] for step in steps if int(step["severity"]) >= 3), None)
        if rise is not None:
            day = min(_days(row["opened_at"], rise) + 1 + chance[0] % 2, (last - opened.date()).days)
            add(day, "urge", value="remind", people=int(json.loads(row["detail"]).get("members", 0)))
    elif row["alert_id"] in reminded or row["indicator"] in ("W03", "W09", "W12", "W13"):
        add(seen_by, "urge", value="remind")
    if int(row["severity"]) >= 2 and chance[1] < 88:
        add(seen_by + 1, "acknowledge")
        if chance[2] < 55:
            promised = opened.date() + timedelta(days=12 + chance[3] % 26)
            if row["cleared_at"] is None:
                promised = max(promised, last + timedelta(days=chance[3] % 31 - 6))
            add(seen_by + 3 + chance[3] % 4, "promise", value=promised.isoformat())
        if grave:
            add(seen_by + 14, "urge", value="urge")
            add(seen_by + 30, "urge", value=("talk", "visit", "notice")[chance[3] % 3])
        if chance[0] < 25:
            add(seen_by + 6, "reply", note="已安排，近期完成。")
    return sorted(acts, key=lambda act: act[0])


def _play(writer: Writer, row: Row, steps: Sequence[Row], acts: Sequence[Act]) -> None:
    """Put acts and the evaluation's own steps in order of time, by the rules, and write the warning anew."""
    name = row["alert_id"]
    events: list[tuple[str, int, str, dict[str, Any]]] = [
        (step["at"], 0, step["verb"], {"severity": step["severity"], "note": step["note"]}) for step in steps
    ]
    events += [(at, 1, verb, more) for at, verb, more in acts]
    writer.run("delete from alert_step where alert_id = $name", name=name)
    state, severity, seen, seq, number = "open", 0, 0, 0, 0
    state_at = row["opened_at"]
    promised: str | None = None
    cleared: str | None = None
    officer = OFFICERS[int(name[1:5], 16) % len(OFFICERS)]
    for at, by_hand, verb, more in sorted(events, key=lambda event: event[:2]):
        if verb != "open":
            try:
                new = rules.after(state, verb)
            except rules.AlertError:
                continue
            state, state_at = new, (at if new != state else state_at)
        severity = int(more.get("severity", severity))
        if verb in ("acknowledge", "promise"):
            seen = severity
        promised = more["value"] if verb == "promise" else promised
        cleared = at if verb == "waive" else cleared
        seq += 1
        _put_step(writer, name, seq, at, verb, state, severity, officer if by_hand else rules.SYSTEM, more)
        if verb == "urge":
            number += 1
            _put_urging(writer, row, number, at, officer, more)
    writer.run(
        """update alert set state = $state, state_at = $state_at, seen_severity = $seen,
            promised_on = $promised, cleared_at = coalesce($cleared, cleared_at),
            clear_reason = coalesce($reason, clear_reason)
        where alert_id = $name""",
        cleared=cleared,
        reason=WAIVED if cleared else None,
        state=state,
        state_at=state_at,
        seen=seen,
        promised=promised,
        name=name,
    )


def _put_step(
    writer: Writer, name: str, seq: int, at: str, verb: str, state: str, severity: int, actor: str, more: Row
) -> None:
    writer.run(
        """insert into alert_step (alert_id, seq, at, verb, state, severity, actor, note, approver, value)
        values ($name, $seq, $at, $verb, $state, $severity, $actor, $note, $approver, $value)""",
        name=name,
        seq=seq,
        at=at,
        verb=verb,
        state=state,
        severity=severity,
        actor=actor,
        note=more.get("note"),
        approver=more.get("approver"),
        value=more.get("value"),
    )


def _put_urging(writer: Writer, row: Row, number: int, at: str, actor: str, more: Row) -> None:
    slow = row["indicator"] in ("W09", "W13")
    due = (date.fromisoformat(at[:10]) + timedelta(days=28 if slow else 10)).isoformat()
    writer.run(
        """insert into urging (urging_id, alert_id, kind, by_account, by_role, to_org_id, at, due_on, text,
            people)
        values ($urging_id, $name, $kind, $actor, 'duty', $org, $at, $due, $text, $people)""",
        urging_id=f"U{row['alert_id'][1:]}{number:02d}",
        name=row["alert_id"],
        kind=more["value"],
        actor=actor,
        org=row["org_id"],
        at=at,
        due=due,
        text=TEXT,
        people=more.get("people"),
    )
