"""What people do at the desk: steps on warnings, urging, and taking a mistaken acknowledgement back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from dashboard.errors import RefusedError
from stores import alert_rules as rules
from stores import alerts, audit, notices
from stores.accounts import Accounts
from stores.alert_rules import AlertError
from stores.desk import Desk, Row
from stores.sign_ins import SignedIn

VERBS: Final = ("acknowledge", "assign", "promise", "urge", "clear", "waive", "note", "undo")
UNDO_WITHIN: Final = timedelta(seconds=60)
MOST_AT_ONCE: Final = 50
LONGEST: Final = 500  # characters of what is typed
_LAST: Final = "select * from alert_step where alert_id = $id order by seq desc limit 2"
_SEEN: Final = """
select max(severity) as severity from alert_step
where alert_id = $id and seq < $seq and verb in ('acknowledge', 'promise')"""


@dataclass(frozen=True, slots=True)
class Order:
    """Hold what the page asks for; texts are empty where nothing was given."""

    verb: str
    ids: tuple[str, ...]
    value: str
    note: str
    evidence: str
    approver: str
    due_on: str
    key: str


def read_order(body: Any) -> Order:
    """Read an order from JSON.

    Raises:
        RefusedError: 400, it has not the form of one.
    """
    if not isinstance(body, Mapping) or body.get("verb") not in VERBS:
        raise RefusedError(400, "bad_request")
    ids = body.get("ids")
    if (
        not isinstance(ids, list)
        or not 0 < len(ids) <= MOST_AT_ONCE
        or not all(isinstance(one, str) for one in ids)
    ):
        raise RefusedError(400, "bad_request")
    texts = {}
    for name in ("value", "note", "evidence", "approver", "due_on", "key"):
        given = body.get(name, "")
        if not isinstance(given, str) or len(given) > LONGEST:
            raise RefusedError(400, "bad_request")
        texts[name] = given.strip().encode("utf-8", "ignore").decode()
    return Order(str(body["verb"]), tuple(dict.fromkeys(ids)), **texts)


@dataclass(frozen=True)
class Clerk:
    """Do what is ordered, for one person and one scope of organisations.

    Args:
        desk: the records.
        accounts: to whom a warning may be assigned.
        who: the person.
        orgs: the organisations in the person's scope; None = all.
        at: the desk's time.
        channels: where messages go.
        named: names an organisation and its warnings for a message.
    """

    desk: Desk
    accounts: Accounts
    who: SignedIn
    orgs: Collection[str] | None
    at: datetime
    channels: Sequence[str]
    named: Any

    def do(self, order: Order) -> list[Row]:
        """Do it to each warning; return them as they are then. Under a key it is done once only.

        Raises:
            RefusedError: 404 no such warning, 409 with a sentence why it cannot be done now.
        """
        rows = [self._found(name) for name in order.ids]
        if order.key and self._is_done(order.key):
            return rows
        self._check(order, rows)
        for row in rows:
            self._one(order, row)
        if order.verb == "urge":
            self._tell(order, rows)
        self._write_down(order)
        return [self._found(name) for name in order.ids]

    def _found(self, name: str) -> Row:
        row = alerts.alert(self.desk, name[:40], self.orgs)
        if row is None:
            raise RefusedError(404, "desk_no_warning")
        return row

    def _is_done(self, key: str) -> bool:
        sql = "select 1 as one from desk_act where act_key = $key and account_id = $id"
        return bool(self.desk.read(sql, key=key[:64], id=self.who.account_id))

    def _check(self, order: Order, rows: Sequence[Row]) -> None:
        """Refuse as a whole what could not be done to each."""
        today = self.at.date()
        if order.verb == "promise":
            _day(order.value, today)
        if order.verb == "urge":
            if order.value not in rules.URGINGS:
                raise RefusedError(400, "bad_request")
            if order.due_on:
                _day(order.due_on, today)
        if order.verb == "assign" and order.value not in self.hands():
            raise RefusedError(409, "desk_no_account")
        if order.verb == "clear" and not order.evidence:
            raise RefusedError(409, "desk_no_evidence")
        if order.verb == "waive":
            self._check_waiver(order)
        if order.verb == "note" and not order.note:
            raise RefusedError(409, "desk_no_reason")
        for row in rows if order.verb != "undo" else ():
            try:
                rules.after(row["state"], order.verb)
            except AlertError as error:
                raise RefusedError(409, "desk_not_now") from error

    def _check_waiver(self, order: Order) -> None:
        if not order.note:
            raise RefusedError(409, "desk_no_reason")
        if not order.approver or order.approver.casefold() == self.who.name:
            raise RefusedError(409, "desk_no_approver")

    def hands(self) -> list[str]:
        """Return the names of the accounts to which a warning may be assigned."""
        return [
            one.name
            for one in self.accounts.list()
            if one.role in ("duty", "admin") and one.disabled_at is None
        ]

    def _one(self, order: Order, row: Row) -> None:
        """Take one step."""
        name = row["alert_id"]
        if order.verb == "undo":
            self._undo(row)
            return
        try:
            if order.verb == "urge":
                alerts.urge(
                    self.desk,
                    name,
                    order.value,
                    actor=self.who.name,
                    role=self.who.role,
                    at=self.at,
                    due_on=order.due_on or None,
                    text=order.note or None,
                    orgs=self.orgs,
                )
                return
            given = {
                "note": order.note or None,
                "evidence": order.evidence or None,
                "approver": order.approver or None,
                "value": order.value or None,
            }
            alerts.act(self.desk, name, order.verb, actor=self.who.name, at=self.at, orgs=self.orgs, **given)
        except AlertError as error:
            raise RefusedError(409, "desk_not_now") from error

    def _undo(self, row: Row) -> None:
        """Take back the person's own acknowledgement of the last minute, if nothing followed it.

        Raises:
            RefusedError: 409, it is too late or there is none.
        """
        with self.desk.writing() as writer:
            steps = writer.run(_LAST, id=row["alert_id"])
            fits = (
                len(steps) == 2 and steps[0]["verb"] == "acknowledge" and steps[0]["actor"] == self.who.name
            )
            if not fits or not self._is_recent(steps[0]["at"]):
                raise RefusedError(409, "desk_too_late")
            seen = writer.run(_SEEN, id=row["alert_id"], seq=steps[0]["seq"])[0]["severity"] or 0
            before = steps[1]
            writer.run(
                """update alert set state = $state, state_at = $at, seen_severity = $seen
                where alert_id = $id""",
                state=before["state"],
                at=before["at"],
                seen=seen,
                id=row["alert_id"],
            )
            stamp = self.at.isoformat(timespec="seconds")
            writer.run(
                """insert into alert_step (alert_id, seq, at, verb, state, severity, actor)
                values ($id, $seq, $at, 'undo', $state, $severity, $actor)""",
                id=row["alert_id"],
                seq=steps[0]["seq"] + 1,
                at=stamp,
                state=before["state"],
                severity=row["severity"],
                actor=self.who.name,
            )

    def _is_recent(self, at: str) -> bool:
        return timedelta(0) <= self.at - datetime.fromisoformat(at) <= UNDO_WITHIN

    def _tell(self, order: Order, rows: Sequence[Row]) -> None:
        """Queue a message for each organisation that was urged; what was typed stays in the desk."""
        by_org: dict[str, list[Row]] = {}
        for row in rows:
            by_org.setdefault(row["org_id"], []).append(row)
        with self.desk.writing(shown=False) as writer:
            for org, mine in by_org.items():
                body = self.named(org, mine, order.value, order.due_on)
                notices.enqueue(writer, self.channels, "urging", body, datetime.now())

    def _write_down(self, order: Order) -> None:
        """Write every act to the audit log, and its key."""
        stamp = datetime.now()
        with self.desk.writing(shown=False) as writer:
            for name in order.ids:
                detail = order.value or None
                who = (self.who.name, self.who.role)
                audit.write(writer, audit.Act(*who, f"alert {order.verb}", name, "done", detail), stamp)
            if order.key:
                sql = """insert into desk_act (act_key, account_id, at) values ($key, $id, $at)
                    on conflict (act_key) do nothing"""
                writer.run(
                    sql, key=order.key[:64], id=self.who.account_id, at=stamp.isoformat(timespec="seconds")
                )


def _day(text: str, today: date) -> None:
    try:
        rules.promised_day(text, today)
    except AlertError as error:
        raise RefusedError(409, "desk_bad_day") from error
