"""The desk's records in PostgreSQL, in a room of their own beside facts and roll-ups."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from stores import pg_layout
from stores.bell import Bell
from stores.desk import GROW, VERSION, Row, Writer
from stores.errors import StoreError
from stores.pg_server import CHANNEL, Connection, Ear, Server, plainly
from stores.pg_sql import bound, numbered
from stores.settings import Settings

CONNECTIONS: Final = 4
_WHAT: Final = "the desk's records"
_LOCK: Final = pg_layout.LOCK + 1
_GROW: Final = GROW + " returning value"


class PgDesk:
    """Keep the desk's records in the schema 'desk' of a store's database; see ``desk.Desk``."""

    engine = "postgres"

    def __init__(self, url: str, settings: Settings, connections: int = CONNECTIONS) -> None:
        self.bell = Bell()
        self._version = 0
        self._local = threading.local()
        self._writing = threading.Lock()  # whoever waits here holds no connection
        self.server = Server(url, connections, "desk, public")
        connection = self.server.connect()
        try:
            with plainly(_WHAT):
                pg_layout.prepare(connection, settings, self.server.where)
                self._catch_up(connection)
        finally:
            connection.close()
        self.server.open()
        self._ear = Ear(self.server, self._catch_up, self._heard)
        self._ear.start()

    @property
    def version(self) -> int:
        """Return a number that grows with every change that a screen may show; see ``Desk.version``."""
        return self._version

    def read(self, sql: str, /, **params: Any) -> list[Row]:
        """Return the rows of a query; a thread that is writing sees what it has written."""
        writing: Connection | None = getattr(self._local, "connection", None)
        if writing is not None:
            with plainly(_WHAT):
                return _run(writing, sql, params)
        with self.server.lent(_WHAT) as connection:
            return _run(connection, sql, params)

    @contextmanager
    def writing(self, *, shown: bool = True) -> Iterator[Writer]:
        """Open a transaction, one writer of all processes at a time; see ``Desk.writing``."""
        version = None
        if getattr(self._local, "connection", None) is not None:
            raise StoreError("the desk's records: a transaction is already open in this thread")
        with self._writing, self.server.lent(_WHAT) as connection, connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
            self._local.connection = connection
            try:
                yield _PgWriter(connection)
            finally:
                self._local.connection = None
            if shown:
                version = int(_run(connection, _GROW, {})[0]["value"])
                connection.execute("select pg_notify(%s, %s)", (CHANNEL, f"desk {version}"))
        if version is not None:
            self._know(version)

    def close(self) -> None:
        """Let the server go."""
        self._ear.stop()
        self.server.close()

    def _catch_up(self, connection: Connection, anew: bool = False) -> None:
        rows = _run(connection, VERSION.replace("desk_meta", "desk.desk_meta"), {})
        self._know(int(rows[0]["version"]) if rows else 0, anew)

    def _heard(self, words: str) -> None:
        kind, _, number = words.partition(" ")
        if kind == "desk" and number.isdecimal():
            self._know(int(number))

    def _know(self, version: int, anew: bool = False) -> None:
        """Keep the new version and wake whoever waits for it; after an outage it may be an older one."""
        if version > self._version or (anew and version != self._version):
            self._version = version
            self.bell.ring()


class _PgWriter:
    """Run statements on a connection whose transaction is open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, sql: str, /, **params: Any) -> list[Row]:
        """Run one statement; see ``Writer.run``."""
        return _run(self._connection, sql, params)

    def many(self, sql: str, rows: Sequence[Row], /) -> None:
        """Run one statement for each row without waiting in between; see ``Writer.many``."""
        if not rows:
            return
        text, names = numbered(sql)
        values = [[_plain(row[name]) for name in names] for row in rows]
        psycopg.RawCursor(self._connection).executemany(text.encode(), values)


def _plain(value: Any) -> Any:
    """Write a truth as a number, as in SQLite."""
    return int(value) if isinstance(value, bool) else value


def _run(connection: Connection, sql: str, params: Mapping[str, Any]) -> list[Row]:
    """Run one text with ``$name`` parameters; a truth is a number here, as in SQLite."""
    text, values = bound(sql, params)
    plain = [_plain(value) for value in values]
    cursor = psycopg.RawCursor(connection, row_factory=dict_row).execute(text.encode(), plain)
    return cursor.fetchall() if cursor.description else []
