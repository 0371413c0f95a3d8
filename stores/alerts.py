"""Warnings in the desk's records: opened by the evaluation, acted upon by people, told again to whoever asks.

Rules are in ``stores.alert_rules``. Every change is a step with its time, actor and note, in the transaction
of the change itself. ``orgs`` narrows any list to organisations, for scopes of places: None = all.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, Final

from stores import alert_rules as rules
from stores.alert_rules import AlertError
from stores.desk import Desk, Row, Writer

_INSERT: Final = """
insert into alert (alert_id, indicator, org_id, period_key, value_num, value_den, threshold, severity,
    first_severity, seen_severity, opened_at, state, state_at, rule_version, detail)
values ($alert_id, $indicator, $org_id, $period_key, $value_num, $value_den, $threshold, $severity,
    $severity, 0, $at, 'open', $at, $rule_version, $detail)"""
_STEP: Final = """
insert into alert_step (alert_id, seq, at, verb, state, severity, actor, note, evidence, approver, value)
select $alert_id, coalesce(max(seq), 0) + 1, $at, $verb, $state, $severity, $actor, $note, $evidence,
    $approver, $value
from alert_step where alert_id = $alert_id"""
_ONE: Final = "select * from alert where alert_id = $alert_id"
_URGED: Final = """
select u.alert_id, count(*) as urged, max(u.at) as last_urged_at,
    sum(case when u.reply_at is null then 1 else 0 end) as unanswered,
    min(case when u.reply_at is null then u.due_on end) as urging_due_on
from urging u join alert a on a.alert_id = u.alert_id
where a.cleared_at is null group by u.alert_id"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what the evaluation says of one organisation under one indicator.

    Args:
        indicator: 'W01' … 'W15', 'R1' … 'R7'.
        org_id: the organisation (a community for R6 and R7).
        period_key: the period in which the failing began: '2019-01', '2018Q4', '2018', or a day.
        severity: 1 to 4.
        value_num, value_den: what was counted; None = the indicator has no such part.
        threshold: the line that was crossed, in the unit of the value.
        rule_version: version of the rule.
        detail: what explains it further (counts only), for instance {'lost': 2}.
    """

    indicator: str
    org_id: str
    period_key: str
    severity: int
    value_num: float | None = None
    value_den: float | None = None
    threshold: float | None = None
    rule_version: int = 1
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what may be open once only."""
        return self.indicator, self.org_id, self.period_key


def alert_id(finding: Finding, opened_at: str) -> str:
    """Name a warning by what it is about and when it opened; the same facts give the same name."""
    text = "|".join([*finding.key, opened_at])
    return "A" + blake2b(text.encode(), digest_size=8).hexdigest()


def open_alert(writer: Writer, finding: Finding, at: str) -> str:
    """Open a warning; return its id.

    Raises:
        AlertError: its severity is none.
        StoreError: one with this key is open already.
    """
    if finding.severity not in rules.SEVERITIES:
        raise AlertError(f"there is no severity {finding.severity}")
    name = alert_id(finding, at)
    writer.run(_INSERT, alert_id=name, at=at, **_columns(finding))
    _step(writer, name, at, "open", "open", finding.severity, rules.SYSTEM)
    return name


def _columns(finding: Finding) -> Row:
    """Lay a finding out as columns."""
    return {
        "indicator": finding.indicator,
        "org_id": finding.org_id,
        "period_key": finding.period_key,
        "value_num": finding.value_num,
        "value_den": finding.value_den,
        "threshold": finding.threshold,
        "severity": finding.severity,
        "rule_version": finding.rule_version,
        "detail": json.dumps(dict(finding.detail), ensure_ascii=False, sort_keys=True),
    }


def _step(
    writer: Writer, name: str, at: str, verb: str, state: str, severity: int, actor: str, **more: str | None
) -> None:
    """Write a step down."""
    given = {"note": None, "evidence": None, "approver": None, "value": None} | more
    writer.run(_STEP, alert_id=name, at=at, verb=verb, state=state, severity=severity, actor=actor, **given)


def refresh_alert(writer: Writer, found: Row, finding: Finding, at: str) -> bool:
    """Bring an open warning up to what the evaluation says now; tell whether it grew worse.

    Severity rises on the same warning and never falls on it.
    """
    worse = finding.severity > int(found["severity"])
    columns = _columns(finding) | {"severity": max(finding.severity, int(found["severity"]))}
    for name in ("indicator", "org_id", "period_key"):
        del columns[name]
    if any(found[name] != value for name, value in columns.items()):
        writer.run(
            """update alert set value_num = $value_num, value_den = $value_den, threshold = $threshold,
            severity = $severity, rule_version = $rule_version, detail = $detail
            where alert_id = $alert_id""",
            alert_id=found["alert_id"],
            **columns,
        )
    if worse:
        writer.run(
            "update alert set escalated_at = $at where alert_id = $alert_id",
            at=at,
            alert_id=found["alert_id"],
        )
        _step(writer, found["alert_id"], at, "escalate", found["state"], finding.severity, rules.SYSTEM)
    return worse


def close_alert(writer: Writer, found: Row, verb: str, at: str, reason: str) -> None:
    """Close a warning as the evaluation says: 'clear', 'expire', 'make_up' or 'retract'.

    Raises:
        AlertError: it is closed already.
    """
    state = rules.after(found["state"], verb)
    writer.run(
        """update alert set state = $state, state_at = $at, cleared_at = $at, clear_reason = $reason
        where alert_id = $alert_id""",
        state=state,
        at=at,
        reason=reason,
        alert_id=found["alert_id"],
    )
    _step(writer, found["alert_id"], at, verb, state, int(found["severity"]), rules.SYSTEM, note=reason)


def act(
    desk: Desk,
    name: str,
    verb: str,
    *,
    actor: str,
    at: datetime | None = None,
    note: str | None = None,
    evidence: str | None = None,
    approver: str | None = None,
    value: str | None = None,
    orgs: Collection[str] | None = None,
) -> Row:
    """Take a person's step on a warning; return the warning as it is then.

    Args:
        desk: the desk's records.
        name: the warning's id.
        verb: 'acknowledge', 'assign' (``value`` = account), 'promise' (``value`` = day), 'clear'
            (``evidence``), 'waive' (``note`` = reason, ``approver``), 'note', 'notify', 'reply'.
            Urging has a function of its own, ``urge``.
        actor: the account.
        at: when, local time; None = now.
        note, evidence, approver, value: what the step brings.
        orgs: the organisations within the actor's scope; None = all.

    Raises:
        AlertError: no such warning in scope, or the step is refused, with a sentence saying why.
    """
    when = at or datetime.now()
    given = {"note": note, "evidence": evidence, "approver": approver, "value": value}
    if verb not in rules.BY_HAND or verb == "urge":
        raise AlertError(f"'{verb}' is no step of a person")
    if verb == "waive" and approver is not None and approver.strip() == actor:
        raise AlertError("who waives a warning cannot be the one who approves it")
    with desk.writing() as writer:
        found = _found(writer, name, orgs)
        state = rules.after(found["state"], verb)
        rules.check(verb, given, when.date())
        stamp = _stamp(when)
        _apply(writer, found, verb, state, stamp, given)
        _step(writer, name, stamp, verb, state, int(found["severity"]), actor, **given)
        if verb == "reply":
            writer.run(
                """update urging set reply_at = $at, result = $result
                where alert_id = $alert_id and reply_at is null""",
                at=stamp,
                result=note,
                alert_id=name,
            )
        return _found(writer, name, orgs)


def _apply(
    writer: Writer, found: Row, verb: str, state: str, at: str, given: Mapping[str, str | None]
) -> None:
    """Change the warning itself as a person's step asks."""
    closed = state in rules.CLOSED
    writer.run(
        """update alert set state = $state, state_at = case when state = $state then state_at else $at end,
            seen_severity = case when $seen = 1 then severity else seen_severity end,
            assigned_to = coalesce($assigned, assigned_to), promised_on = coalesce($promised, promised_on),
            cleared_at = $cleared, clear_reason = $reason
        where alert_id = $alert_id""",
        state=state,
        at=at,
        seen=int(verb in ("acknowledge", "promise")),
        assigned=given["value"] if verb == "assign" else None,
        promised=given["value"] if verb == "promise" else None,
        cleared=at if closed else None,
        reason=(given["note"] or given["evidence"]) if closed else None,
        alert_id=found["alert_id"],
    )


def urge(
    desk: Desk,
    name: str,
    kind: str,
    *,
    actor: str,
    role: str | None = None,
    at: datetime | None = None,
    due_on: str | None = None,
    text: str | None = None,
    people: int | None = None,
    orgs: Collection[str] | None = None,
) -> str:
    """Urge the organisation of a warning; return the urging's id.

    Args:
        desk, name, actor, at, orgs: as in ``act``.
        kind: 'remind' 提醒, 'urge' 督办, 'talk' 约谈, 'visit' 实地指导, 'notice' 通报.
        role: the actor's role.
        due_on: until when an answer is expected, 'YYYY-MM-DD'; None = no day.
        text: what was sent.
        people: members it is about; None = what the warning counts, where it counts members.

    Raises:
        AlertError: no such warning in scope, it is closed, or kind or day are impossible.
    """
    when = at or datetime.now()
    rules.check_urging(kind)
    rules.check("urge", {"text": text}, when.date())
    if due_on is not None:
        rules.promised_day(due_on, when.date())
    stamp = _stamp(when)
    with desk.writing() as writer:
        found = _found(writer, name, orgs)
        return put_urging(writer, found, kind, actor, role, stamp, due_on, text, people)


def put_urging(
    writer: Writer,
    found: Row,
    kind: str,
    actor: str,
    role: str | None,
    at: str,
    due_on: str | None = None,
    text: str | None = None,
    people: int | None = None,
) -> str:
    """Write an urging of an open warning down, inside the caller's transaction; see ``urge``."""
    name = found["alert_id"]
    state = rules.after(found["state"], "urge")
    turn = writer.run("select count(*) as n from urging where alert_id = $alert_id", alert_id=name)[0]["n"]
    urging_id = f"U{name[1:]}{int(turn) + 1:02d}"
    counted = json.loads(found["detail"]).get("members") if people is None else people
    writer.run(
        """insert into urging (urging_id, alert_id, kind, by_account, by_role, to_org_id, at, due_on,
            text, people)
        values ($urging_id, $alert_id, $kind, $actor, $role, $org_id, $at, $due_on, $text, $people)""",
        urging_id=urging_id,
        alert_id=name,
        kind=kind,
        actor=actor,
        role=role,
        org_id=found["org_id"],
        at=at,
        due_on=due_on,
        text=text,
        people=counted,
    )
    writer.run(
        """update alert set state = $state, state_at = case when state = $state then state_at else $at end
        where alert_id = $alert_id""",
        state=state,
        at=at,
        alert_id=name,
    )
    _step(writer, name, at, "urge", state, int(found["severity"]), actor, value=kind, note=text)
    return urging_id


def _found(writer: Writer, name: str, orgs: Collection[str] | None) -> Row:
    """Fetch a warning within scope.

    Raises:
        AlertError: there is none.
    """
    rows = writer.run(_ONE, alert_id=name)
    if not rows or (orgs is not None and rows[0]["org_id"] not in orgs):
        raise AlertError(f"there is no warning '{name}'")
    return _whole(rows[0])


def _stamp(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def _whole(row: Row) -> Row:
    """Tell besides whether a warning, as bad as it now is, was acknowledged."""
    return row | {"unseen": row["cleared_at"] is None and int(row["severity"]) > int(row["seen_severity"])}


def alert(desk: Desk, name: str, orgs: Collection[str] | None = None) -> Row | None:
    """Return one warning with all its columns and ``unseen``; None = none of this id in scope."""
    rows = [_whole(row) for row in desk.read(_ONE, alert_id=name)]
    return next((row for row in rows if orgs is None or row["org_id"] in orgs), None)


def history(desk: Desk, name: str) -> tuple[list[Row], list[Row]]:
    """Return the steps of a warning in order, and its urgings in order."""
    steps = desk.read("select * from alert_step where alert_id = $alert_id order by seq", alert_id=name)
    urgings = desk.read(
        "select * from urging where alert_id = $alert_id order by at, urging_id", alert_id=name
    )
    return steps, urgings


def open_alerts(
    desk: Desk,
    *,
    orgs: Collection[str] | None = None,
    indicators: Collection[str] | None = None,
    severities: Collection[int] | None = None,
    states: Collection[str] | None = None,
    unseen: bool = False,
    assigned_to: str | None = None,
) -> list[Row]:
    """List open warnings, worst first, then oldest.

    Each row is an ``alert`` with ``unseen`` (not acknowledged as bad as it now is), ``urged`` (how often),
    ``last_urged_at``, ``unanswered`` and ``urging_due_on`` (the earliest day of an unanswered urging).

    Args:
        desk: the desk's records.
        orgs, indicators, severities, states: only these; None = all.
        unseen: only those not acknowledged.
        assigned_to: only those of this account; None = all.
    """
    urged = {row.pop("alert_id"): row for row in desk.read(_URGED)}
    none: Row = {"urged": 0, "last_urged_at": None, "unanswered": 0, "urging_due_on": None}
    rows = [_whole(row) for row in desk.read("select * from alert where cleared_at is null")]
    kept = [
        row | urged.get(row["alert_id"], none)
        for row in rows
        if (orgs is None or row["org_id"] in orgs)
        and (indicators is None or row["indicator"] in indicators)
        and (severities is None or row["severity"] in severities)
        and (states is None or row["state"] in states)
        and (not unseen or row["unseen"])
        and (assigned_to is None or row["assigned_to"] == assigned_to)
    ]
    return sorted(kept, key=lambda row: (-row["severity"], row["opened_at"], row["alert_id"]))


def by_organisation(alerts: Iterable[Row]) -> list[Row]:
    """Group open warnings by organisation, so that one failing branch is one entry.

    Returns:
        Rows of org_id, severity (the worst), unseen (whether any is), opened_at (the oldest), n, and
        ``alerts``; the worst organisation first, then the one with most, then the oldest.
    """
    groups: dict[str, list[Row]] = {}
    for row in alerts:
        groups.setdefault(row["org_id"], []).append(row)
    made = [
        {
            "org_id": org,
            "severity": max(row["severity"] for row in rows),
            "unseen": any(row["unseen"] for row in rows),
            "opened_at": min(row["opened_at"] for row in rows),
            "n": len(rows),
            "alerts": rows,
        }
        for org, rows in groups.items()
    ]
    return sorted(made, key=lambda row: (-row["severity"], -row["n"], row["opened_at"], row["org_id"]))


def since(
    desk: Desk, at: str, orgs: Collection[str] | None = None, until: str | None = None
) -> dict[str, int]:
    """Count what happened since a time: 'new', 'cleared' (closed in whatever way but retracted), 'escalated',
    'retracted', 'urged'.

    Args:
        desk: the desk's records.
        at: ISO time; what happened at this very second counts.
        orgs: only these organisations; None = all.
        until: ISO time, exclusive; None = no end.
    """
    rows = desk.read(
        """select s.verb, s.state, a.org_id from alert_step s join alert a on a.alert_id = s.alert_id
        where s.at >= $at and s.at < $until""",
        at=at,
        until=until or "9999",
    )
    counts = dict.fromkeys(("new", "cleared", "escalated", "retracted", "urged"), 0)
    names = {"open": "new", "escalate": "escalated", "retract": "retracted", "urge": "urged"}
    for row in rows:
        if orgs is not None and row["org_id"] not in orgs:
            continue
        name = names.get(row["verb"]) or ("cleared" if row["state"] in rules.CLOSED else None)
        if name:
            counts[name] += 1
    return counts


def coming(desk: Desk, first: date, last: date, orgs: Collection[str] | None = None) -> list[Row]:
    """List what comes due in the days from first to last (both inclusive), by day.

    Returns:
        Rows of due_on, kind, org_id, n, alert_id (None where it belongs to no warning). Kinds: 'promise'
        (a promised day), 'urging' (an answer), and what the evaluation saw ahead: 'term', 'probation',
        'transfer_step', 'unified_day', 'org_life_meeting', 'month_close'.
    """
    span = {"first": first.isoformat(), "last": last.isoformat()}
    found = desk.read(
        """select promised_on as due_on, 'promise' as kind, org_id, 1 as n, alert_id from alert
        where cleared_at is null and promised_on between $first and $last
        union all
        select u.due_on, 'urging', u.to_org_id, 1, u.alert_id from urging u
        join alert a on a.alert_id = u.alert_id
        where a.cleared_at is null and u.reply_at is null and u.due_on between $first and $last
        union all
        select due_on, kind, org_id, n, null from coming_due where due_on between $first and $last""",
        **span,
    )
    kept = [row for row in found if orgs is None or row["org_id"] in orgs]
    return sorted(kept, key=lambda row: (row["due_on"], row["kind"], row["org_id"], row["alert_id"] or ""))


def late_promises(desk: Desk, today: date, orgs: Collection[str] | None = None) -> list[Row]:
    """List open warnings whose promised day is past, the longest overdue first."""
    rows = desk.read(
        """select * from alert where cleared_at is null and promised_on < $today
        order by promised_on, alert_id""",
        today=today.isoformat(),
    )
    return [_whole(row) for row in rows if orgs is None or row["org_id"] in orgs]


def put_coming(writer: Writer, rows: Sequence[tuple[str, str, str, int]]) -> None:
    """Replace what will come due: (due_on, kind, org_id, n)."""
    writer.run("delete from coming_due")
    names = ("due_on", "kind", "org_id", "n")
    writer.many(
        "insert into coming_due (due_on, kind, org_id, n) values ($due_on, $kind, $org_id, $n)",
        [dict(zip(names, row, strict=True)) for row in rows],
    )


def last_as_of(desk: Desk) -> date | None:
    """Return the latest day of which the records speak; None = nothing was evaluated yet."""
    found = desk.read("select max(as_of) as as_of from evaluation")[0]["as_of"]
    return date.fromisoformat(found) if found else None


def last_evaluation(desk: Desk) -> Row | None:
    """Return the latest evaluation (as_of, ran_at, facts_version, opened, escalated, closed); None = none."""
    rows = desk.read("select * from evaluation order by ran_at desc, as_of desc limit 1")
    return rows[0] if rows else None
