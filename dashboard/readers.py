"""Readers: who may post sign-ins. A token is shown once; the desk's records keep its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from stores.desk import Desk

_FIND = "select reader, replays from reader_token where token_hash = $hash and revoked_at is null"
_MAKE = (
    "insert into reader_token (token_hash, reader, replays, made_at) values ($hash, $reader, $replays, $at)"
)
_REVOKE = """
update reader_token set revoked_at = $at where reader = $reader and revoked_at is null
returning token_hash"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Hold a reader's name, and whether what it posts is a replay: shown, and never counted."""

    name: str
    replays: bool


def make_token(desk: Desk, reader: str, *, replays: bool = False) -> str:
    """Return a new token for a reader; earlier ones of the same reader stay valid.

    Raises:
        ValueError: the name is empty or longer than 64 characters.
    """
    if not reader or len(reader) > 64:
        raise ValueError("a reader's name has 1 to 64 characters")
    token = secrets.token_urlsafe(32)
    with desk.writing(shown=False) as writer:
        writer.run(_MAKE, hash=_hash(token), reader=reader, replays=int(replays), at=_now())
    return token


def revoke(desk: Desk, reader: str) -> int:
    """End all tokens of a reader; return how many there were."""
    with desk.writing(shown=False) as writer:
        return len(writer.run(_REVOKE, reader=reader, at=_now()))


def reader_of(desk: Desk, token: str) -> Reader | None:
    """Return the reader whose valid token this is, None for any other text."""
    rows = desk.read(_FIND, hash=_hash(token)) if 16 <= len(token) <= 128 else []
    return Reader(str(rows[0]["reader"]), bool(rows[0]["replays"])) if rows else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now().isoformat(timespec="seconds")
