"""The desk's own records: who may sign in, what was warned of, what people did about it.

They are kept apart from the facts. Facts can be loaded again from the offices' files; what people decided
cannot, so it outlives every load and every new store. The tables are made by the numbered texts of
stores/sql/desk, forward only. Times are text, ISO 8601 in local time to the second, so that one text
of SQL serves every engine and sorts by time.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from stores.bell import Bell
from stores.errors import SchemaVersionError, StoreAddressError, StoreError
from stores.pg_address import is_postgres
from stores.settings import Settings

FOLDER: Final = Path(__file__).resolve().parent / "sql" / "desk"
FILE_NAME: Final = "desk.sqlite"
LOOK_SECONDS: Final = 0.5
WAIT_SECONDS: Final = 10.0
META: Final = "create table if not exists desk_meta (key text primary key, value text not null)"
MADE: Final = "create table if not exists desk_migration (number integer primary key, made_at text not null)"
VERSION: Final = "select cast(value as integer) as version from desk_meta where key = 'version'"
GROW: Final = """
insert into desk_meta (key, value) values ('version', '1')
on conflict (key) do update set value = cast(cast(desk_meta.value as integer) + 1 as text)"""
Row = dict[str, Any]


class Writer(Protocol):
    """Change the desk's records inside one transaction."""

    def run(self, sql: str, /, **params: Any) -> list[Row]:
        """Run one statement with its ``$name`` parameters; return the rows it gives back, if any."""
        ...

    def many(self, sql: str, rows: Sequence[Row], /) -> None:
        """Run one statement for each row of parameters, in their order; it gives no rows back."""
        ...


class Desk(Protocol):
    """Keep the desk's records. Any thread may call any method.

    ``bell`` rings with every new version; ``engine`` is 'sqlite' or 'postgres'.
    """

    bell: Bell
    engine: str

    @property
    def version(self) -> int:
        """Return a number that grows with every change that a screen may show."""
        ...

    def read(self, sql: str, /, **params: Any) -> list[Row]:
        """Return the rows of a query with ``$name`` parameters."""
        ...

    def writing(self, *, shown: bool = True) -> Any:
        """Open a transaction: ``with desk.writing() as writer``; all of it or nothing.

        Args:
            shown: whether a screen may show what changes; sign-ins and the audit log are not shown.
        """
        ...

    def close(self) -> None:
        """Let the file or the server go."""
        ...


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """Return (number, SQL) of every step of the desk's tables, ascending."""
    return tuple((int(path.stem[:3]), path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.sql")))


def open_desk(settings: Settings) -> Desk:
    """Open the records beside the store, made on first use: a file, or the store's own database server.

    Raises:
        StoreAddressError: file or server cannot be opened.
        SchemaVersionError: a newer program wrote it.
        StoreDownError: the server does not answer.
    """
    if is_postgres(settings.store.url):
        from stores.pg_desk import PgDesk

        return PgDesk(settings.store.url, settings)
    return SqliteDesk(settings.data_dir / FILE_NAME)


class SqliteDesk:
    """Keep the desk's records in one SQLite file that several processes may share; None = in memory."""

    engine = "sqlite"

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._local = threading.local()
        self._one = self._connect() if path is None else None
        self._writing = threading.RLock()
        self._looked = 0.0
        self._version = 0
        self.bell = Bell()
        self._migrate()

    @property
    def version(self) -> int:
        """Return a number that grows with every change that a screen may show; see ``Desk.version``."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._version = self._stored_version()
        return self._version

    def read(self, sql: str, /, **params: Any) -> list[Row]:
        """Return the rows of a query; see ``Desk.read``."""
        with _plainly(), self._lent() as connection:
            return [dict(row) for row in connection.execute(sql, params).fetchall()]

    @contextmanager
    def writing(self, *, shown: bool = True) -> Iterator[Writer]:
        """Open a transaction; see ``Desk.writing``."""
        with self._writing, _plainly(), self._lent() as connection:
            connection.execute("begin immediate")
            try:
                yield _SqliteWriter(connection)
                if shown:
                    connection.execute(GROW)
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")
            if shown:
                self._version = self._stored_version()
                self.bell.ring()

    def close(self) -> None:
        """Let this thread's connection go."""
        found = self._one or getattr(self._local, "connection", None)
        if found is not None:
            found.close()
        self._one, self._local = None, threading.local()

    def _stored_version(self) -> int:
        rows = self.read(VERSION)
        return int(rows[0]["version"]) if rows else 0

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection; in memory there is one for all, one thread at a time."""
        if self._one is not None:
            with self._writing:
                yield self._one
            return
        if getattr(self._local, "connection", None) is None:
            self._local.connection = self._connect()
        yield self._local.connection

    def _connect(self) -> sqlite3.Connection:
        """Open the file for this thread.

        Raises:
            StoreAddressError: it cannot be opened or is no database.
        """
        try:
            if self._path is not None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            made = sqlite3.connect(
                str(self._path or ":memory:"),
                timeout=WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            made.row_factory = sqlite3.Row
            for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
                made.execute(f"pragma {pragma}")
        except (OSError, sqlite3.Error) as error:
            raise StoreAddressError(f"{self._path} cannot hold the desk's records: {error}") from error
        if self._path is not None:
            self._path.chmod(0o600)
        return made

    def _migrate(self) -> None:
        """Bring the tables up to this program's state, one process at a time.

        Raises:
            SchemaVersionError: a newer program wrote the file.
        """
        with self._writing, _plainly(), self._lent() as connection:
            connection.execute("begin immediate")
            try:
                _bring_up(connection, self._path)
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")


def _bring_up(connection: sqlite3.Connection, path: Path | None) -> None:
    """Run the steps that are missing, inside the caller's transaction."""
    connection.execute(META)
    connection.execute(MADE)
    done = {row["number"] for row in connection.execute("select number from desk_migration")}
    known = {number for number, _ in migrations()}
    if beyond := done - known:
        raise SchemaVersionError(
            f"{path} was written by a newer program (step {max(beyond)} of the desk's tables): "
            "update this program"
        )
    for number, sql in migrations():
        if number in done:
            continue
        for statement in statements(sql):
            connection.execute(statement)
        made = datetime.now().isoformat(timespec="seconds")
        connection.execute("insert into desk_migration values (?, ?)", (number, made))


def statements(sql: str) -> list[str]:
    """Cut a text into its statements; comments go, and no statement may hold a semicolon in a literal."""
    plain = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
    return [part.strip() for part in plain.split(";") if part.strip()]


class _SqliteWriter:
    """Run statements on a connection whose transaction is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, /, **params: Any) -> list[Row]:
        """Run one statement; see ``Writer.run``."""
        return [dict(row) for row in self._connection.execute(sql, params).fetchall()]

    def many(self, sql: str, rows: Sequence[Row], /) -> None:
        """Run one statement for each row; see ``Writer.many``."""
        self._connection.executemany(sql, rows)


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn the engine's errors into the store's."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the desk's records: {error}") from error
