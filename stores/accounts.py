"""Accounts of the people who may sign in: name, role, places, and a password of which only a hash is kept."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from stores.desk import Desk, Row, Writer
from stores.errors import StoreError
from stores.scope import BASES, Scope

ROLES: Final = ("visitor", "leader", "duty", "admin")
SHORTEST: Final = (
    10  # characters of a password, as NIST SP 800-63B asks for more than eight where it stands alone
)
LONGEST: Final = 200
_NAME: Final = re.compile(r"[\w.\-]{2,40}")
_AT_ONCE: Final = 2  # each check takes 64 MB for a tenth of a second

_ADD: Final = """
insert into account (account_id, name, role, password, made_at, changed_at)
values ($id, $name, $role, $password, $at, $at)"""
_LIST: Final = "select account_id, name, role, made_at, changed_at, disabled_at from account order by name"
_PLACES: Final = "select account_id, basis, node from account_scope order by account_id, basis, node"
_FIND: Final = "select * from account where name = $name"


class AccountError(StoreError):
    """Say what is wrong with an account, or with what it was asked to become."""


@dataclass(frozen=True, slots=True)
class Account:
    """Hold one account; ``disabled_at`` is None while it may sign in."""

    account_id: str
    name: str
    role: str
    scope: Scope
    made_at: str
    disabled_at: str | None


def clock() -> datetime:
    """Return the local time, to the second."""
    return datetime.now().replace(microsecond=0)


def plain_name(name: str) -> str:
    """Fold a name's width and case, so that one person has one spelling."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class Accounts:
    """Keep the accounts in the desk's records.

    Args:
        desk: the records.
        now: gives the present time.
        hasher: argon2id with its library's parameters (RFC 9106, low memory); tests take cheaper ones.
    """

    def __init__(
        self, desk: Desk, now: Callable[[], datetime] = clock, hasher: PasswordHasher | None = None
    ) -> None:
        self._desk = desk
        self._now = now
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._slots = BoundedSemaphore(_AT_ONCE)

    def add(self, name: str, role: str, password: str, places: Sequence[tuple[str, str]]) -> str:
        """Make an account; return its id.

        Args:
            name: 2 to 40 letters, digits, dots or hyphens; width and case do not count.
            role: one of ``ROLES``.
            password: ``SHORTEST`` characters or more.
            places: (basis, node) pairs; none = the account sees what a visitor sees.

        Raises:
            AccountError: the name is taken or unfit, the role unknown, the password too short.
        """
        name = plain_name(name)
        if not _NAME.fullmatch(name):
            raise AccountError("an account's name has 2 to 40 letters, digits, dots or hyphens")
        if role not in ROLES:
            raise AccountError(f"there is no role '{role}'; there are {', '.join(ROLES)}")
        self._check_new(name, password)
        made, hashed = secrets.token_hex(8), self._hasher.hash(password)
        at = self._now().isoformat()
        with self._desk.writing(shown=False) as writer:
            if writer.run(_FIND, name=name):
                raise AccountError(f"there is an account '{name}' already")
            writer.run(_ADD, id=made, name=name, role=role, password=hashed, at=at)
            _set_places(writer, made, places)
        return made

    def list(self) -> tuple[Account, ...]:
        """Return all accounts by name."""
        places: dict[str, set[tuple[str, str]]] = {}
        for row in self._desk.read(_PLACES):
            places.setdefault(row["account_id"], set()).add((row["basis"], row["node"]))
        return tuple(_account(row, places.get(row["account_id"], set())) for row in self._desk.read(_LIST))

    def is_empty(self) -> bool:
        """Tell whether nobody has an account yet."""
        return not self._desk.read("select 1 as one from account limit 1")

    def named(self, name: str) -> Account:
        """Return an account by name.

        Raises:
            AccountError: there is none of this name.
        """
        wanted = plain_name(name)
        for account in self.list():
            if account.name == wanted:
                return account
        raise AccountError(f"there is no account '{wanted}'; `ejia user list` names them all")

    def disable(self, name: str) -> None:
        """Keep an account from signing in, and end its sessions at once.

        Raises:
            AccountError: there is none of this name.
        """
        account = self.named(name)
        with self._desk.writing(shown=False) as writer:
            sql = "update account set disabled_at = $at where account_id = $id"
            writer.run(sql, at=self._now().isoformat(), id=account.account_id)
            _end_sessions(writer, account.account_id)

    def set_password(self, name: str, password: str) -> None:
        """Change a password, let a disabled account in again, and end its sessions at once.

        Raises:
            AccountError: there is none of this name, or the password is too short.
        """
        account = self.named(name)
        self._check_new(account.name, password)
        sql = (
            "update account set password = $hash, changed_at = $at, disabled_at = null where account_id = $id"
        )
        hashed = self._hasher.hash(password)
        with self._desk.writing(shown=False) as writer:
            writer.run(sql, hash=hashed, at=self._now().isoformat(), id=account.account_id)
            _end_sessions(writer, account.account_id)

    def set_scope(self, name: str, places: Sequence[tuple[str, str]]) -> None:
        """Say for which places an account stands; open sessions see the change with their next question.

        Raises:
            AccountError: there is none of this name, or a basis is unknown.
        """
        account = self.named(name)
        with self._desk.writing(shown=False) as writer:
            _set_places(writer, account.account_id, places)

    def check(self, name: str, password: str) -> str | None:
        """Return the id of the account that this name and password open, None where they open none.

        It takes the same work whether the name exists, is disabled or has another password.
        """
        rows = self._desk.read(_FIND, name=plain_name(name)[:60])
        known = rows[0] if rows else None
        with self._slots:
            right = self._matches(known["password"] if known else self._nobody, password[:LONGEST])
        if known is None or not right or known["disabled_at"] is not None:
            return None
        if self._hasher.check_needs_rehash(known["password"]):
            self._renew(known["account_id"], password)
        return str(known["account_id"])

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _renew(self, account_id: str, password: str) -> None:
        """Hash a right password again by today's parameters."""
        with self._desk.writing(shown=False) as writer:
            sql = "update account set password = $hash where account_id = $id"
            writer.run(sql, hash=self._hasher.hash(password), id=account_id)

    def _check_new(self, name: str, password: str) -> None:
        if not SHORTEST <= len(password) <= LONGEST:
            raise AccountError(f"a password has {SHORTEST} to {LONGEST} characters")
        if name in password.casefold() and len(password) < len(name) + SHORTEST:
            raise AccountError("a password must not lean on the account's name")


def _account(row: Row, places: set[tuple[str, str]]) -> Account:
    return Account(
        row["account_id"],
        row["name"],
        row["role"],
        Scope(frozenset(places)),
        row["made_at"],
        row["disabled_at"],
    )


def _set_places(writer: Writer, account_id: str, places: Sequence[tuple[str, str]]) -> None:
    """Put an account's places in the place of those it had."""
    if strange := {basis for basis, _ in places} - set(BASES):
        raise AccountError(f"there is no hierarchy '{sorted(strange)[0]}'; there are {', '.join(BASES)}")
    writer.run("delete from account_scope where account_id = $id", id=account_id)
    for basis, node in sorted(set(places)):
        sql = "insert into account_scope (account_id, basis, node) values ($id, $basis, $node)"
        writer.run(sql, id=account_id, basis=basis, node=node)


def _end_sessions(writer: Writer, account_id: str) -> None:
    writer.run("delete from sign_in where account_id = $id", id=account_id)
