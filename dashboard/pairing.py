"""Pairing: a code on the wall makes a tablet its remote control.

A code has six digits, serves once, lasts two minutes, and five wrong tries end every code that is open, since
whoever guesses does not say which wall is meant. The desk's records keep hashes only.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from stores.desk import Desk

LASTS: Final = timedelta(seconds=120)
TRIES: Final = 5
LONGEST_NAME: Final = 24
REMOTE_BYTES: Final = 32

_OPEN = "insert into pairing (code_hash, wall_id, expires_at, tries) values ($hash, $wall, $until, 0)"
_FORGET = "delete from pairing where wall_id = $wall or expires_at < $now or tries >= $most"
_TAKE = """
delete from pairing where code_hash = $hash and expires_at >= $now and tries < $most returning wall_id"""
_MISS = "update pairing set tries = tries + 1"
_BIND = """
insert into remote (remote_hash, wall_id, paired_at) values ($remote, $wall, $now)
on conflict (remote_hash, wall_id) do update set paired_at = $now, ended_at = null"""
_MINE = """
select r.wall_id, coalesce(w.name, '') as name, w.seen_at
from remote r left join wall w on w.wall_id = r.wall_id
where r.remote_hash = $remote and r.ended_at is null order by r.paired_at"""
_HOLDS = "select 1 as found from remote where remote_hash = $remote and wall_id = $wall and ended_at is null"
_REMOTES = "select count(*) as n from remote where wall_id = $wall and ended_at is null"
_END = "update remote set ended_at = $now where wall_id = $wall and ended_at is null"
_NAME = """
insert into wall (wall_id, name, seen_at) values ($wall, $name, $now)
on conflict (wall_id) do update set name = $name, seen_at = $now"""


class Pairing:
    """Open codes, take them, and tell which tablet may control which wall. Any thread may call.

    Args:
        desk: the desk's records.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open(self, wall: str, now: datetime | None = None) -> str:
        """Return a new code for a wall; an earlier one of this wall ends."""
        moment = now or datetime.now()
        code = f"{secrets.randbelow(1_000_000):06d}"
        with self._desk.writing(shown=False) as writer:
            writer.run(_FORGET, wall=wall, now=_text(moment), most=TRIES)
            writer.run("delete from pairing where code_hash = $hash", hash=_hash(code))
            writer.run(_OPEN, hash=_hash(code), wall=wall, until=_text(moment + LASTS))
        return code

    def close(self, wall: str) -> None:
        """End a wall's open code."""
        with self._desk.writing(shown=False) as writer:
            writer.run("delete from pairing where wall_id = $wall", wall=wall)

    def take(self, code: str, remote: str, now: datetime | None = None) -> str | None:
        """Pair a tablet by a code; return its wall, None for a code that is wrong, used or too old."""
        moment = _text(now or datetime.now())
        with self._desk.writing(shown=False) as writer:
            found = writer.run(_TAKE, hash=_hash(code), now=moment, most=TRIES)
            if not found:
                writer.run(_MISS)
                return None
            wall = str(found[0]["wall_id"])
            writer.run(_BIND, remote=_hash(remote), wall=wall, now=moment)
        return wall

    def walls(self, remote: str) -> list[dict[str, Any]]:
        """Return the walls that a tablet may control: wall_id, name ('' = none), seen_at (None = never)."""
        return self._desk.read(_MINE, remote=_hash(remote))

    def holds(self, remote: str, wall: str) -> bool:
        """Tell whether a tablet may control a wall."""
        return bool(self._desk.read(_HOLDS, remote=_hash(remote), wall=wall))

    def remotes(self, wall: str) -> int:
        """Return how many tablets may control a wall."""
        return int(self._desk.read(_REMOTES, wall=wall)[0]["n"])

    def end(self, wall: str) -> None:
        """Part a wall from all its tablets."""
        with self._desk.writing(shown=False) as writer:
            writer.run(_END, wall=wall, now=_text(datetime.now()))

    def name(self, wall: str, name: str) -> None:
        """Keep what people call a wall."""
        with self._desk.writing(shown=False) as writer:
            writer.run(_NAME, wall=wall, name=name, now=_text(datetime.now()))


def new_remote() -> str:
    """Return the secret by which a tablet is known."""
    return secrets.token_urlsafe(REMOTE_BYTES)


def plain_name(given: object) -> str:
    """Return a wall's name as it may be shown: printable, at most `LONGEST_NAME` characters."""
    text = given if isinstance(given, str) else ""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:LONGEST_NAME].strip()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
