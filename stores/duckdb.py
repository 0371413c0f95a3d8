"""The embedded store: one DuckDB file, a cursor a thread for readers, one writer at a time.

Readers work on the last committed state, so none sees half a load.  Another process cannot open the file
while this one has it; it may put a new file in its place (``stores.snapshot``).  This store looks for one at
most every two seconds, waits for the answers under way, takes the new file up and adds the live sign-ins it
has itself taken since the copy was made.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from stores import late, merging, rollups
from stores.bell import Bell
from stores.errors import LoadError, SchemaVersionError, StoreAddressError, StoreBusyError, StoreError
from stores.questions import question as find_question
from stores.settings import Settings
from stores.store import (
    RESERVED_META,
    SCHEMA_VERSION,
    Among,
    LoadReport,
    LoadResult,
    Part,
    Progress,
    Row,
    Rows,
    Status,
    in_order,
)
from stores.tables import SCHEMA, fact_tables

if TYPE_CHECKING:
    from stores.shards import Made

POLL_SECONDS: Final = 2.0
_LIVE: Final = """
select activity_id, member_pid, "at", channel, reader_id, state, source_id
from attendance where import_batch_id is null"""
_ALL_SHAPES: Final = """
select region_id, geom from region where geom is not null
union all select building_id, geom from building where geom is not null"""
_LEVELS: Final = ("district", "town", "community")
_SHAPES: Final = {
    "region": """
        select region_id, geom, coalesce(geom_basis, 'schematic') from region
        where level = $level and geom is not null and ($parent is null or parent_id = $parent)
        order by region_id""",
    "building": """
        select building_id, geom, 'schematic' from building
        where geom is not null and $level = 'building' and ($parent is null or community_id = $parent)
        order by building_id""",
}

_log = logging.getLogger(__name__)


class DuckFacts:
    """Let the roll-ups be made in DuckDB; see ``rollups.Facts``."""

    engine = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Run a statement; see ``Facts.rows``."""
        return self.connection.execute(sql, params).fetchall()

    def shapes(self) -> list[tuple[str, bytes]]:
        """Return every shape; see ``Facts.shapes``."""
        return self.rows(_ALL_SHAPES)

    def put(self, table: str, rows: pa.Table) -> None:
        """Make a table of rows; see ``Facts.put``."""
        self.connection.register("put_rows", rows)
        self.connection.execute(f"create or replace table {table} as select * from put_rows")
        self.connection.unregister("put_rows")

    def make(self, table: str, query: str, /) -> None:
        """Make a roll-up; see ``Facts.make``."""
        self.connection.execute(f"create or replace table {table} as {query}")

    def finish(self, tables: tuple[str, ...]) -> None:
        """Index what is looked up by key; the rest is scanned fast enough."""
        for table, column in rollups.INDEXES:
            self.connection.execute(f"create index {table}_{column} on {table} ({column})")


class DuckStore:
    """Keep facts and roll-ups in one DuckDB file; ``path`` None = in memory."""

    engine = "duckdb"

    def __init__(self, path: Path | None, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._writing = threading.RLock()
        self._state = threading.Condition()
        self._readers = 0
        self._swapping = False
        self._local = threading.local()
        self._generation = 0
        self._looked = time.monotonic()
        self._version = 0
        self.bell = Bell()
        self._open()

    @property
    def version(self) -> int:
        """Return a number that grows with every load and every late event."""
        self._look()
        return self._version

    def wait(self, seen: int, timeout: float) -> int:
        """Block until the version differs or the time is over; see ``Store.wait``."""
        return self.bell.wait(lambda: self.version, seen, timeout)

    def ask(self, question: str, /, **params: Any) -> list[Row]:
        """Answer a question of stores/sql; see ``Store.ask``."""
        self._look()
        asked = find_question(question)
        given = asked.bind(params)
        if asked.compute is not None:
            return asked.compute(self, **given)
        with self._reading() as cursor, _plainly(f"the question '{question}'"):
            result = cursor.execute(asked.sql, given)
            columns = [column[0] for column in result.description or ()]
            return list(map(dict, map(zip, repeat(columns), result.fetchall())))  # a third less than by loop

    def explain(self, question: str, /, **params: Any) -> str:
        """Return how the engine would answer a question."""
        asked = find_question(question)
        given = asked.bind(params)
        with self._reading() as cursor:
            return "\n".join(row[1] for row in cursor.execute(f"explain {asked.sql}", given).fetchall())

    def columns(self, question: str, /, **params: Any) -> list[str]:
        """Return the columns of a question's answer, also where it has no row."""
        asked = find_question(question)
        with self._reading() as cursor:
            return [column[0] for column in cursor.execute(asked.sql, asked.bind(params)).description]

    def shapes(self, level: str, parent: str | None = None) -> list[tuple[str, bytes, str]]:
        """Return (id, WKB, basis) of a level's places; see ``Store.shapes``."""
        sql = _SHAPES["region" if level in _LEVELS else "building"]
        with self._reading() as cursor, _plainly("the shapes"):
            return cursor.execute(sql, {"level": level, "parent": parent}).fetchall()

    def load(
        self, tables: Mapping[str, Rows], report: LoadReport, progress: Progress | None = None
    ) -> LoadResult:
        """Take a load, all or nothing; see ``Store.load``."""
        tell = progress or (lambda what, share: None)
        counts = merging.Counts()
        with self._writing, self._merging(), self._transaction("the load") as connection:
            rollups.refuse_poured(DuckFacts(connection))
            batch_id = _number(connection, "select coalesce(max(batch_id), 0) + 1 from import_batch")
            for place, name in enumerate(in_order(tables)):
                tell(name, 0.5 * place / len(tables))
                rows = tables[name]
                for piece in (rows,) if isinstance(rows, pa.Table) else rows:
                    merging.merge(connection, name, piece, batch_id, counts)
            changed = any(counts.accepted.values()) | self._declare(connection, report.meta)
            if changed:
                self._make(connection, lambda what, share: tell(what, 0.5 + 0.5 * share))
            merging.keep_report(connection, batch_id, report, counts)
            version = self._grow(connection)
        self._know(version)
        self._tidy()
        accepted, duplicate = counts.by_table(counts.accepted), counts.by_table(counts.duplicate)
        return LoadResult(batch_id, version, accepted, duplicate, counts.by_source())

    def known(self, table: str, columns: Sequence[str], part: Part | None = None) -> pa.Table:
        """Return columns of rows of a table of facts; see ``Store.known``."""
        declared = fact_tables().get(table)
        unknown = [name for name in columns if declared is None or name not in declared.readable]
        if declared is None or unknown:
            raise StoreError(f"there is no table '{table}' with {', '.join(unknown or columns)}")
        names = ", ".join(f'"{name}"' for name in columns)
        where, params = _where(part)
        with self._reading() as cursor, _plainly(f"the table '{table}'"):
            return cursor.sql(f"select {names} from {table} {where}", params=params).to_arrow_table()

    def loads(self) -> dict[int, str]:
        """Return number and end of every load; see ``Store.loads``."""
        with self._reading() as cursor, _plainly("the loads"):
            rows = cursor.execute("select batch_id, finished_at from import_batch").fetchall()
        return {number: end.isoformat() for number, end in rows}

    def append_attendance(self, rows: pa.Table) -> tuple[int, int]:
        """Take late sign-ins and count them; see ``Store.append_attendance``."""
        taken = len(self.sign_in(rows))
        return taken, rows.num_rows - taken

    def sign_in(self, rows: pa.Table) -> frozenset[tuple[str, str]]:
        """Take late sign-ins as exact deltas; see ``Store.sign_in``."""
        self._look()
        with self._writing:
            with self._transaction("the sign-ins") as connection:
                taken = late.append(connection, rows)
                version = self._grow(connection) if taken else self._version
            self._know(version)
        return taken

    def rebuild(self) -> None:
        """Make every roll-up anew, for instance after a counting rule was changed."""
        with self._writing:
            with self._transaction("the roll-ups") as connection:
                self._make(connection)
                version = self._grow(connection)
            self._know(version)
            self._tidy()

    def pour(self, made: Made) -> int:
        """Replace every roll-up by those made elsewhere, all or nothing; return the version.

        Raises:
            LoadError: this store has facts of its own.
        """
        from stores import pouring

        with self._writing:
            with self._transaction("the roll-ups") as connection:
                pouring.into_duckdb(DuckFacts(connection), made)
                rollups.put_meta(DuckFacts(connection), "rollup_mark", rollups.mark(self.engine))
                version = self._grow(connection)
                rollups.put_meta(DuckFacts(connection), "tree_mark", str(version))
            self._know(version)
            self._tidy()
        return version

    def copy_to(self, target: Path) -> None:
        """Copy the whole store into a file that is not there yet, everything of one moment."""
        name = "'" + str(target).replace("'", "''") + "'"
        with self._reading() as cursor, _plainly("the copy"):
            own = cursor.execute("select current_database()").fetchall()[0][0]
            cursor.execute(f"attach {name} as backed_up")
            try:
                cursor.execute(f'copy from database "{own}" to backed_up')
            finally:
                cursor.execute("detach backed_up")

    def refresh(self) -> bool:
        """Take up a file that another process has put in this one's place; tell whether there was one."""
        if self._path is None or _mark(self._path) == self._opened:
            return False
        with self._writing, self._alone():
            if _mark(self._path) == self._opened:
                return False
            kept = self._live_rows()
            version = self._version
            self._connection.close()
            self._open(version + 1)
        if kept.num_rows:
            self.append_attendance(kept)
        self.bell.ring()
        return True

    def status(self) -> Status:
        """Count everything; see ``Store.status``."""
        with self._reading() as cursor, _plainly("the status"):
            names = [*fact_tables(), *(name for name, _ in rollups.texts())]
            there = {
                row[0]
                for row in cursor.execute("select table_name from information_schema.tables").fetchall()
            }
            rows = {
                name: _number(cursor, f'select count(*) from "{name}"') for name in names if name in there
            }
            meta = dict(cursor.execute("select key, value from meta order by key").fetchall())
            batches = cursor.execute(
                """
                select b.batch_id, b.folder, b.finished_at, cast(coalesce(sum(f.read), 0) as bigint) as read,
                    cast(coalesce(sum(f.accepted), 0) as bigint) as accepted,
                    cast(coalesce(sum(f.rejected), 0) as bigint) as rejected,
                    cast(coalesce(sum(f.duplicate), 0) as bigint) as duplicate
                from import_batch b left join import_file f on f.batch_id = b.batch_id
                group by b.batch_id, b.folder, b.finished_at order by b.batch_id desc limit 10"""
            )
            columns = [column[0] for column in batches.description]
            loads = [dict(zip(columns, row, strict=True)) for row in batches.fetchall()]
        url = f"duckdb:///{self._path or ':memory:'}"
        return Status(url, self._version, SCHEMA_VERSION, _size(self._path), rows, meta, loads)

    def close(self) -> None:
        """Let the file go."""
        with self._writing, self._alone():
            self._connection.close()

    def _open(self, at_least: int = 0) -> None:
        """Open the file, make an empty store of it where there is none, and check its schema."""
        self._connection = _connect(self._path, self._settings)
        self._generation += 1
        try:
            if not _number(self._connection, "select count(*) from information_schema.tables"):
                self._create()
            _check_schema(self._connection, self._path)
        except BaseException:
            self._connection.close()
            raise
        stored = _number(self._connection, "select cast(value as bigint) from meta where key = 'version'")
        self._version = max(stored, at_least)
        self._opened = _mark(self._path)
        self._renew()

    def _renew(self) -> None:
        """Make the roll-ups anew where another program's texts made them; the facts stay as they are.

        Roll-ups that were poured in were made elsewhere and are poured again by `ejia rollup`.
        """
        with self._transaction("the roll-ups") as connection:
            known = dict(connection.execute("select key, value from meta").fetchall())
            if known.get("rollup_mark") == rollups.mark(self.engine) or "rolled_up" in known:
                return
            _log.warning("roll-ups of another program in %s: making them anew from the facts", self._path)
            self._make(connection)
            self._version = self._grow(connection)
        self._tidy()

    def _make(self, connection: duckdb.DuckDBPyConnection, tell: Progress = lambda what, share: None) -> None:
        """Make every roll-up from the facts, as a part of the next version."""
        facts = DuckFacts(connection)
        rollups.rebuild(facts, self._settings, tell)
        rollups.put_meta(facts, "rollup_mark", rollups.mark(self.engine))
        rollups.put_meta(facts, "tree_mark", str(self._version + 1))

    def _create(self) -> None:
        """Lay out an empty store."""
        with self._transaction("the new store") as connection:
            connection.execute(SCHEMA.read_text("utf-8"))
            rollups.put_meta(DuckFacts(connection), "schema_version", str(SCHEMA_VERSION))
            rollups.put_meta(DuckFacts(connection), "version", "0")
            self._make(connection)
            rollups.put_meta(DuckFacts(connection), "tree_mark", "0")

    def _declare(self, connection: duckdb.DuckDBPyConnection, meta: Mapping[str, str]) -> bool:
        """Keep what a source declares; tell whether that is news."""
        known = dict(connection.execute("select key, value from meta").fetchall())
        reserved = RESERVED_META & set(meta)
        if reserved:
            raise LoadError(f"a source cannot declare {', '.join(sorted(reserved))}")
        news = {key: str(value) for key, value in meta.items() if known.get(key) != str(value)}
        for key, value in news.items():
            rollups.put_meta(DuckFacts(connection), key, value)
        return bool(news)

    def _grow(self, connection: duckdb.DuckDBPyConnection) -> int:
        """Count the version up."""
        version = self._version + 1
        rollups.put_meta(DuckFacts(connection), "version", str(version))
        return version

    def _know(self, version: int) -> None:
        """Keep the new version and wake whoever waits for it."""
        self._version = version
        self.bell.ring()

    def _tidy(self) -> None:
        """Move the log into the file, where no reader stands in the way."""
        if self._path is not None:
            try:
                self._connection.execute("checkpoint")
            except duckdb.Error:
                return
            self._opened = _mark(self._path)

    def _live_rows(self) -> pa.Table:
        """Fetch the sign-ins that came live, to be added to a newer file."""
        return self._connection.sql(_LIVE).to_arrow_table()

    def _look(self) -> None:
        """Look for a newer file, at most every two seconds."""
        now = time.monotonic()
        if now - self._looked >= POLL_SECONDS:
            self._looked = now
            self.refresh()

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend the thread's cursor; a swap of files waits until it is back."""
        with self._state:
            self._state.wait_for(lambda: not self._swapping)
            self._readers += 1
        try:
            yield self._cursor()
        finally:
            with self._state:
                self._readers -= 1
                self._state.notify_all()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """Give this thread's cursor on the present file."""
        if getattr(self._local, "generation", None) != self._generation:
            try:
                self._local.cursor = self._connection.cursor()
            except duckdb.Error as error:
                raise StoreError("the store is closed") from error
            self._local.generation = self._generation
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold new readers back and wait for those under way."""
        with self._state:
            self._state.wait_for(lambda: not self._swapping)
            self._swapping = True
            self._state.wait_for(lambda: not self._readers)
        try:
            yield
        finally:
            with self._state:
                self._swapping = False
                self._state.notify_all()

    @contextmanager
    def _merging(self) -> Iterator[None]:
        """Let the rows of a load go, however it ends."""
        try:
            yield
        finally:
            merging.forget(self._connection)

    @contextmanager
    def _transaction(self, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Do everything inside or nothing, whatever goes wrong."""
        connection = self._connection
        with _plainly(what):
            connection.execute("begin transaction")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")


def _connect(path: Path | None, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file without any extension from outside.

    Raises:
        StoreBusyError, StoreAddressError: the file is held by another process, or is none of DuckDB's.
    """
    config: dict[str, Any] = {
        "memory_limit": settings.store.memory,
        "threads": settings.store.threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": True,
    }
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            config["temp_directory"] = str(path.with_name(path.name + ".spill"))
        connection = duckdb.connect(str(path) if path else ":memory:", config=config)
        connection.execute("set enable_progress_bar = false")  # a command draws its own
        return connection
    except OSError as error:
        raise StoreAddressError(f"{path}: {error}") from error
    except duckdb.Error as error:
        text = str(error)
        if "lock" in text.lower():
            raise StoreBusyError(
                f"{path} is held by another process; stop it, or load while it serves"
            ) from error
        if "version" in text.lower():
            raise SchemaVersionError(
                f"{path} was written by another version of DuckDB; load the folder into a new store"
            ) from error
        raise StoreAddressError(f"{path} is no store: {text.splitlines()[0]}") from error


def _check_schema(connection: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    """Refuse a file of another schema.

    Raises:
        SchemaVersionError: the store is older or newer than this program.
        StoreAddressError: the file is DuckDB's, but no store.
    """
    try:
        rows = connection.execute("select value from meta where key = 'schema_version'").fetchall()
        found = int(rows[0][0]) if rows else None
    except (duckdb.Error, ValueError):
        found = None
    if found is None:
        raise StoreAddressError(f"{path} is a DuckDB file, but not a store of this program")
    if found > SCHEMA_VERSION:
        raise SchemaVersionError(
            f"{path} was written by a newer program (schema {found}, this one knows {SCHEMA_VERSION}): "
            "update this program"
        )
    if found < SCHEMA_VERSION:
        raise SchemaVersionError(
            f"{path} was written by an older program (schema {found}, this one needs {SCHEMA_VERSION}): "
            "load the folders into a new store"
        )


@contextmanager
def _plainly(what: str) -> Iterator[None]:
    """Turn the engine's errors into the store's."""
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(f"{what} failed: {str(error).splitlines()[0]}") from error


def _mark(path: Path | None) -> tuple[int, int] | None:
    """Identify the file behind a path; None where there is none."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _size(path: Path | None) -> int:
    """Return the bytes of the file and of its log."""
    parts = (path, path.with_name(path.name + ".wal")) if path else ()
    return sum(part.stat().st_size for part in parts if part.exists())


def _where(part: Part | None) -> tuple[str, dict[str, Any]]:
    """Write the clause that leaves a part of the rows, with its parameters."""
    if part is None:
        return "", {}
    if isinstance(part, Among):
        return f'where "{part.column}" in (select unnest($values))', {"values": list(part.values)}
    text = "where import_batch_id > $batch or (import_batch_id is null and updated_at > $moment)"
    return text, {"batch": part.batch, "moment": part.moment}


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Return the one number of a query."""
    rows = connection.execute(sql).fetchall()
    return int(rows[0][0]) if rows and rows[0][0] is not None else 0
