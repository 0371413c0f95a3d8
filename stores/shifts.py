"""Shifts at the desk: what is new is counted from when the last one was handed over."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from stores.desk import Desk

_OPEN = """
select shift_id, from_at from shift where account_id = $id and to_at is null
order by from_at desc limit 1"""


@dataclass(frozen=True, slots=True)
class Shift:
    """Hold one person's shift: when it began, and since when things are new to it (ISO times)."""

    shift_id: str
    from_at: str
    since: str


def current(desk: Desk, account_id: str, now: datetime, lasts: timedelta = timedelta(hours=12)) -> Shift:
    """Return the account's open shift; begin one where there is none or an old one stayed open.

    What happened after the last handover, whoever made it, is new; without any, that of the last day.
    """
    rows = desk.read(_OPEN, id=account_id)
    if rows and now - lasts <= datetime.fromisoformat(rows[0]["from_at"]) <= now:
        return Shift(rows[0]["shift_id"], rows[0]["from_at"], _since(desk, rows[0]["from_at"]))
    at = now.isoformat(timespec="seconds")
    made = secrets.token_hex(6)
    with desk.writing(shown=False) as writer:
        writer.run("update shift set to_at = from_at where account_id = $id and to_at is null", id=account_id)
        sql = "insert into shift (shift_id, account_id, from_at) values ($shift, $id, $at)"
        writer.run(sql, shift=made, id=account_id, at=at)
    return Shift(made, at, _since(desk, at))


def hand_over(desk: Desk, account_id: str, now: datetime) -> None:
    """End the account's shift; the next one counts from here."""
    with desk.writing(shown=False) as writer:
        sql = "update shift set to_at = $at where account_id = $id and to_at is null"
        writer.run(sql, at=now.isoformat(timespec="seconds"), id=account_id)


def _since(desk: Desk, from_at: str) -> str:
    """Return the last handover before a shift began; a day before it where there was none."""
    day_before = (datetime.fromisoformat(from_at) - timedelta(days=1)).isoformat(timespec="seconds")
    last = desk.read("select max(to_at) as at from shift where to_at <= $at and to_at > from_at", at=from_at)
    return max(last[0]["at"] or day_before, day_before)
