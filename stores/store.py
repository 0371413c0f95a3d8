"""A store answers named questions from roll-ups and takes loads and late events; its address says where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from stores.bell import Bell
from stores.errors import StoreAddressError, StoreBusyError
from stores.pg_address import is_postgres, shown
from stores.tables import fact_tables

if TYPE_CHECKING:
    import pyarrow as pa

    from stores.settings import Settings
    from stores.shards import Made

SCHEMA_VERSION = 2
RESERVED_META = frozenset(
    {
        "version",
        "schema_version",
        "program_mark",
        "rollup_mark",
        "tree_mark",
        "data_as_of",
        "last_event_at",
        "loaded_at",
        "batches",
        "rejected",
    }
)
"""What a store notes about itself; no source may declare it."""

Row = dict[str, Any]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Hold what the intake knows about the files behind a load; it is kept beside the facts.

    Args:
        folder: where the files came from.
        started_at: when the intake began, local time.
        meta: what the source declares: ``as_of`` 'YYYY-MM-DD', ``data_label`` ('demo'), any other pair.
        files: one mapping a file with the columns of ``import_file`` but batch_id; ``accepted`` and
            ``duplicate`` are those of the intake, and the store moves rows it already knows from the first
            to the second when the loaded rows carry the file's name in ``source_id``.
        rejects: one mapping a rejected row with the columns of ``import_reject`` but batch_id.
    """

    folder: str
    started_at: datetime
    meta: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Mapping[str, Any]] = ()
    rejects: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Hold what a load did: rows taken (new or changed) and rows already known, by table and by source.

    ``by_source`` maps (table, source_id) to (accepted, duplicate).
    """

    batch_id: int
    version: int
    accepted: Mapping[str, int]
    duplicate: Mapping[str, int]
    by_source: Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Status:
    """Hold what ``ejia status`` prints; ``loads`` are the last ten, newest first."""

    url: str
    version: int
    schema_version: int
    bytes: int
    rows: Mapping[str, int]
    meta: Mapping[str, str]
    loads: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Later:
    """Choose rows that came or changed after a load: those of later loads, and those of no load (sign-ins
    that came live) taken after a time by the store's clock."""

    batch: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Among:
    """Choose rows whose column of text has one of some values."""

    column: str
    values: tuple[str, ...]


Part: TypeAlias = "Later | Among"
Rows: TypeAlias = "pa.Table | Iterable[pa.Table]"
"""The rows of one table: whole, or in pieces."""


class Store(Protocol):
    """Answer questions and take facts.  Any thread may call any method.

    ``bell`` rings with every new version; ``engine`` is 'duckdb' or 'postgres'.
    """

    bell: Bell
    engine: str

    @property
    def version(self) -> int:
        """Return a number that grows with every load and every late event."""
        ...

    def wait(self, seen: int, timeout: float) -> int:
        """Block until the version differs from ``seen`` or the time is over; return the present version.

        Args:
            seen: the version the caller knows.
            timeout: seconds to wait at most; 0 or less returns at once.
        """
        ...

    def ask(self, question: str, /, **params: Any) -> list[Row]:
        """Answer a question of stores/sql.

        Raises:
            QuestionError: unknown question, or parameters missing or too many.
            StoreError: the store does not answer.
        """
        ...

    def load(
        self, tables: Mapping[str, Rows], report: LoadReport, progress: Progress | None = None
    ) -> LoadResult:
        """Take the rows of a load, all or nothing, and bring the roll-ups up to date.

        Rows come as one table, or as an iterable of pieces that are taken one after the other, each let go
        before the next is asked for, after all whole tables; ``report`` is read when the last is taken, so
        that its lists may grow meanwhile.  What a piece raises ends the load.

        Rows whose key is new are taken.  A known key with the same content is a duplicate; with other content
        it replaces what was there, save in pure events (attendance, study_record, position_use), where the
        first word stands.  Columns that are absent stay as they were (null in new rows).  ``progress`` is
        told what is being done and the share that is done, and cancels the load by raising.

        Raises:
            LoadError: unknown table or column, or a key is null; the store is as it was.
        """
        ...

    def known(self, table: str, columns: Sequence[str], part: Part | None = None) -> pa.Table:
        """Return columns of the rows of a table of facts; ``part`` None = of all its rows.

        Raises:
            StoreError: there is no such table or column.
        """
        ...

    def loads(self) -> dict[int, str]:
        """Return number and end (ISO text) of every load that was taken.

        Rows of a load bear its number; so who has read a table up to a load finds what came since by
        ``Part``. A number whose end is another one belongs to another life of the store, out of a backup.
        """
        ...

    def append_attendance(self, rows: pa.Table) -> tuple[int, int]:
        """Take late sign-ins as ``sign_in`` does; return how many were taken, and how many known or twice."""
        ...

    def sign_in(self, rows: pa.Table) -> frozenset[tuple[str, str]]:
        """Take late sign-ins (columns of ``attendance``) as exact deltas; of equal keys the first stands.

        Returns:
            (activity_id, member_pid) of those that were new.
        """
        ...

    def shapes(self, level: str, parent: str | None = None) -> list[tuple[str, bytes, str]]:
        """Return (id, WKB in EPSG:4326, 'official' or 'schematic') of a level's places that have a shape.

        Args:
            level: 'district', 'town', 'community' or 'building'.
            parent: only those under this place (a town, or a community for buildings); None = all.
        """
        ...

    def pour(self, made: Made) -> int:
        """Replace every roll-up by those made elsewhere, all or nothing; return the version.

        Raises:
            LoadError: this store has facts of its own.
        """
        ...

    def refresh(self) -> bool:
        """Take up a store that another process has published in the meantime; tell whether there was one."""
        ...

    def status(self) -> Status:
        """Count everything; slow, for people."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


def in_order(tables: Mapping[str, Rows]) -> list[str]:
    """Sort table names as in the schema, unknown ones last, to be refused; those in pieces come after all."""
    import pyarrow as pa

    known = list(fact_tables())

    def place(name: str) -> tuple[bool, int]:
        return not isinstance(tables[name], pa.Table), known.index(name) if name in known else len(known)

    return sorted(tables, key=place)


def open_store(url: str, settings: Settings) -> Store:
    """Open the store at an address, an empty one where there is none yet.

    Args:
        url: 'duckdb:///relative/file' (from data_dir; a leading 'data/' means data_dir itself),
            'duckdb:////absolute/file' or 'duckdb:///:memory:'; 'postgresql://user@host:port/database'.
        settings: the deployment.

    Raises:
        StoreAddressError: the address names no known engine or no file.
        SchemaVersionError: the store was written by a newer or an older program.
        StoreBusyError: another process holds the file.
        StoreDownError: the database server does not answer.
    """
    scheme, separator, rest = url.partition("://")
    if is_postgres(url):
        from stores.postgres import PgStore

        return PgStore(url, settings)
    if not separator or scheme != "duckdb":
        raise StoreAddressError(
            f"'{shown(url)}' is no address of a store; write duckdb:///data/ejia.duckdb or "
            "postgresql://user@host:5432/database"
        )
    from stores.duckdb import DuckStore

    return DuckStore(duckdb_path(rest, settings), settings)


@contextmanager
def store_for_loading(url: str, settings: Settings) -> Iterator[Store]:
    """Open a store to load into it, also while a server reads it.

    Where another process holds the file, the load goes into a copy, which takes the file's place when the
    block ends well; the server notices within two seconds.  An error in the block leaves all as it was.

    Raises:
        StoreBusyError: the copy cannot be made because the server is writing; try again.
    """
    try:
        store = open_store(url, settings)
    except StoreBusyError:
        from stores.snapshot import copied_store

        path = embedded_file(url, settings)
        if path is None:
            raise
        with copied_store(path, settings) as copy:
            yield copy
        return
    try:
        yield store
    finally:
        store.close()


@contextmanager
def store_for_reading(url: str, settings: Settings) -> Iterator[Store]:
    """Open a store to look at it, a copy of it where another process holds the file."""
    try:
        store = open_store(url, settings)
    except StoreBusyError:
        from stores.snapshot import copied_store

        path = embedded_file(url, settings)
        if path is None:
            raise
        with copied_store(path, settings, keep=False) as copy:
            yield copy
        return
    try:
        yield store
    finally:
        store.close()


def embedded_file(url: str, settings: Settings) -> Path | None:
    """Return the file of an embedded store; None = in memory, or on a server.

    Raises:
        StoreAddressError: it is a DuckDB address that names no file.
    """
    scheme, _, rest = url.partition("://")
    return duckdb_path(rest, settings) if scheme == "duckdb" else None


def duckdb_path(rest: str, settings: Settings) -> Path | None:
    """Read the path of a DuckDB address; None = in memory.

    Raises:
        StoreAddressError: a host is named, the path is empty or names a folder.
    """
    if not rest.startswith("/") or len(rest) < 2:
        raise StoreAddressError(f"'duckdb://{rest}' names no file; write duckdb:///data/ejia.duckdb")
    if rest == "/:memory:":
        return None
    path = Path(rest[1:])
    inner = path.relative_to("data") if path.parts[:1] == ("data",) and len(path.parts) > 1 else path
    chosen = path if path.is_absolute() else settings.data_dir.resolve() / inner
    if chosen.is_dir():
        raise StoreAddressError(f"{chosen} is a folder; a DuckDB store is a file in a folder")
    return chosen
