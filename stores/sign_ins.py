"""Open sessions and failed attempts: what a cookie's token stands for, and how long guessing has to wait."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from stores.accounts import Accounts, clock
from stores.desk import Desk, Row
from stores.scope import Scope

SEEN_EVERY: Final = timedelta(minutes=1)
FREE_FAILURES: Final = 4  # a person mistypes; a fifth try waits
FIRST_WAIT: Final = timedelta(seconds=2)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=1)

_FIND: Final = """
select s.session_id, s.account_id, s.made_at, s.seen_at, s.ends_at, s.as_visitor, a.name, a.role
from sign_in s join account a on a.account_id = s.account_id
where s.token_hash = $token and s.ends_at > $now and s.seen_at > $idle and a.disabled_at is null"""
_PLACES: Final = "select basis, node from account_scope where account_id = $id"
_OPEN: Final = """
insert into sign_in (token_hash, session_id, account_id, made_at, seen_at, ends_at, as_visitor)
values ($token, $session, $account, $now, $now, $ends, 0)"""
_FAIL: Final = """
insert into sign_in_failure (key, failures, last_at, wait_until) values ($key, $n, $now, $until)
on conflict (key) do update set failures = $n, last_at = $now, wait_until = $until"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Hold who asks: account, role, places, and whether the wall shows what a visitor sees."""

    session_id: str
    account_id: str
    name: str
    role: str
    scope: Scope
    as_visitor: bool
    ends_at: str


class SignIns:
    """Open, find and end sessions; slow guessing down.

    Args:
        desk: the records.
        accounts: check names and passwords.
        lasts: how long a session may last at all.
        idle: how long it may last without a question.
        now: gives the present time.
    """

    def __init__(
        self,
        desk: Desk,
        accounts: Accounts,
        lasts: timedelta,
        idle: timedelta,
        now: Callable[[], datetime] = clock,
    ) -> None:
        self._desk, self.accounts = desk, accounts
        self._lasts, self._idle, self._now = lasts, idle, now

    def open(self, account_id: str, old_token: str | None = None) -> str:
        """Open a session under a new token and end the one the browser came with; return the token."""
        token, now = secrets.token_urlsafe(32), self._now()
        with self._desk.writing(shown=False) as writer:
            if old_token:
                writer.run("delete from sign_in where token_hash = $token", token=_hashed(old_token))
            writer.run("delete from sign_in where ends_at <= $now", now=now.isoformat())
            values = {"token": _hashed(token), "session": secrets.token_hex(8), "account": account_id}
            writer.run(_OPEN, **values, now=now.isoformat(), ends=(now + self._lasts).isoformat())
        return token

    def find(self, token: str, *, touch: bool = True) -> SignedIn | None:
        """Return who a token stands for; None when the session ended, idled out, or its account is disabled.

        Args:
            token: from the cookie.
            touch: whether the question counts as use; a page that asks by itself does not.
        """
        now = self._now()
        idle = (now - self._idle).isoformat()
        rows = self._desk.read(_FIND, token=_hashed(token), now=now.isoformat(), idle=idle)
        if not rows:
            return None
        if touch and rows[0]["seen_at"] <= (now - SEEN_EVERY).isoformat():
            with self._desk.writing(shown=False) as writer:
                sql = "update sign_in set seen_at = $now where token_hash = $token"
                writer.run(sql, now=now.isoformat(), token=_hashed(token))
        return _signed_in(rows[0], self._desk.read(_PLACES, id=rows[0]["account_id"]))

    def end(self, token: str) -> None:
        """End a session."""
        with self._desk.writing(shown=False) as writer:
            writer.run("delete from sign_in where token_hash = $token", token=_hashed(token))

    def show(self, token: str, *, as_visitor: bool) -> None:
        """Let a session's screens show what a visitor sees, or what its role sees again."""
        with self._desk.writing(shown=False) as writer:
            sql = "update sign_in set as_visitor = $on where token_hash = $token"
            writer.run(sql, on=int(as_visitor), token=_hashed(token))

    def attempt(self, name: str, password: str, address: str) -> tuple[str | None, int]:
        """Try a name and password from an address.

        Returns:
            (account id, 0) when they are right; (None, 0) when they are not; (None, seconds to wait), without
            any check, when this account or address has to wait.
        """
        keys = (f"name:{_hashed(name)[:32]}", f"address:{address[:60]}")
        if wait := self._waiting(keys):
            return None, wait
        found = self.accounts.check(name, password)
        if found is None:
            for key in keys:
                self._fail(key)
        else:
            with self._desk.writing(shown=False) as writer:
                writer.run("delete from sign_in_failure where key = $key", key=keys[0])
        return found, 0

    def _waiting(self, keys: Sequence[str]) -> int:
        """Return how many seconds an attempt under these keys has to wait."""
        now, longest = self._now(), 0
        for key in keys:
            for row in self._desk.read("select wait_until from sign_in_failure where key = $key", key=key):
                left = (datetime.fromisoformat(row["wait_until"]) - now).total_seconds()
                longest = max(longest, int(left))
        return longest

    def _fail(self, key: str) -> None:
        """Count a failure; from the fifth in a row on, each doubles the wait."""
        now = self._now()
        with self._desk.writing(shown=False) as writer:
            rows = writer.run("select failures, last_at from sign_in_failure where key = $key", key=key)
            stale = (now - FORGOTTEN_AFTER).isoformat()
            failures = 1 + (rows[0]["failures"] if rows and rows[0]["last_at"] > stale else 0)
            until = now + wait_after(failures)
            writer.run(_FAIL, key=key, n=failures, now=now.isoformat(), until=until.isoformat())
            writer.run("delete from sign_in_failure where last_at <= $stale", stale=stale)


def wait_after(failures: int) -> timedelta:
    """Return how long an attempt waits after so many failures in a row: 0 for four, then 2 s, 4 s, …

    The wait never exceeds ``LONGEST_WAIT``, so that a stranger cannot lock an account for good.
    """
    if failures <= FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES - 1, 20)
    wait: timedelta = FIRST_WAIT * (1 << doublings)
    return min(LONGEST_WAIT, wait)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _signed_in(row: Row, places: Sequence[Row]) -> SignedIn:
    scope = Scope(frozenset((place["basis"], place["node"]) for place in places))
    return SignedIn(
        row["session_id"],
        row["account_id"],
        row["name"],
        row["role"],
        scope,
        bool(row["as_visitor"]),
        row["ends_at"],
    )
