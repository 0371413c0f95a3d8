"""The store in production: PostgreSQL with PostGIS, many processes at once, one writer at a time.

Readers ask through a pool with prepared statements and see the last committed state. A load brings its rows
by binary COPY and makes the roll-ups in a room of their own, all in one transaction. What changes is told to
every process by NOTIFY. The store may be opened by its owner, who loads, or by a web role, who cannot read
facts.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql
from psycopg.rows import dict_row

from stores import pg_layout, pg_merging, rollups
from stores.bell import Bell
from stores.errors import LoadError, StoreError
from stores.merging import Counts
from stores.pg_address import shown
from stores.pg_copy import ARROW
from stores.pg_facts import PgFacts, sweep
from stores.pg_server import Connection, Ear, Server, plainly
from stores.pg_sql import numbered
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
from stores.tables import fact_tables

if TYPE_CHECKING:
    from stores.shards import Made

CONNECTIONS: Final = 8
LINES: Final = 4000
"""Rows that come in one message when whole columns are read."""
_SHAPES: Final = """
select node_id, st_asbinary(geom), basis from shape
where level = $level and ($parent::text is null or parent_id = $parent)
order by node_id"""
_TAKE: Final = """
select taken_activities, taken_members, store_version
from facts.take_sign_ins(
    $1::text[], $2::text[], $3::timestamp[], $4::text[], $5::text[], $6::text[], $7::text[]
)"""
_VERSION: Final = "select cast(value as bigint) from facts.meta where key = 'version'"
_LOADS: Final = """
select b.batch_id, b.folder, b.finished_at, cast(coalesce(sum(f.read), 0) as bigint) as read,
    cast(coalesce(sum(f.accepted), 0) as bigint) as accepted,
    cast(coalesce(sum(f.rejected), 0) as bigint) as rejected,
    cast(coalesce(sum(f.duplicate), 0) as bigint) as duplicate
from import_batch b left join import_file f on f.batch_id = b.batch_id
group by b.batch_id, b.folder, b.finished_at order by b.batch_id desc limit 10"""


def require_store(url: str) -> None:
    """Refuse a database that holds no store of this program; changes nothing.

    Raises:
        StoreError: it holds none, or one of another program, or does not answer.
    """
    server = Server(url, 1)
    connection = server.connect()
    try:
        with plainly("looking at the store"):
            pg_layout.require(connection, server.where)
    finally:
        connection.close()


class PgStore:
    """Keep facts and roll-ups in one database of PostgreSQL."""

    engine = "postgres"

    def __init__(self, url: str, settings: Settings, connections: int = CONNECTIONS) -> None:
        self._url, self._settings = url, settings
        self._version = 0
        self.bell = Bell()
        self._signing = threading.Lock()  # whoever waits here holds no connection
        self.server = Server(url, connections)
        connection = self.server.connect()
        try:
            with plainly("opening the store"):
                pg_layout.prepare(connection, settings, self.server.where)
                self._catch_up(connection)
        finally:
            connection.close()
        self.server.open()
        self._ear = Ear(self.server, self._catch_up, self._heard)
        self._ear.start()

    @property
    def version(self) -> int:
        """Return a number that grows with every load and every late event, of whatever process."""
        return self._version

    def wait(self, seen: int, timeout: float) -> int:
        """Block until the version differs or the time is over; see ``Store.wait``."""
        return self.bell.wait(lambda: self._version, seen, timeout)

    def ask(self, question: str, /, **params: Any) -> list[Row]:
        """Answer a question of stores/sql; see ``Store.ask``."""
        asked = find_question(question)
        given = asked.bind(params)
        if asked.compute is not None:
            return asked.compute(self, **given)
        return self.read(asked.sql, f"the question '{question}'", **given)

    def read(self, sql: str, what: str, /, **params: Any) -> list[Row]:
        """Return the rows of a text with ``$name`` parameters; ``what`` names it in a sentence."""
        text, names = numbered(sql)
        values = [params[name] for name in names]
        with self.server.lent(what) as connection:
            cursor = psycopg.RawCursor(connection, row_factory=dict_row)
            return cursor.execute(text.encode(), values, binary=True).fetchall()

    def explain(self, question: str, /, **params: Any) -> str:
        """Return how the engine would answer a question."""
        asked = find_question(question)
        text, names = numbered(asked.sql)
        given = asked.bind(params)
        with self.server.lent(f"the question '{question}'") as connection:
            cursor = psycopg.RawCursor(connection)
            cursor.execute(f"explain {text}".encode(), [given[name] for name in names])
            return "\n".join(row[0] for row in cursor.fetchall())

    def columns(self, question: str, /, **params: Any) -> list[str]:
        """Return the columns of a question's answer, also where it has no row."""
        text, names = numbered(find_question(question).sql)
        with self.server.lent(f"the question '{question}'") as connection:
            cursor = psycopg.RawCursor(connection)
            cursor.execute(text.encode(), [params[name] for name in names])
            return [column.name for column in cursor.description or ()]

    def shapes(self, level: str, parent: str | None = None) -> list[tuple[str, bytes, str]]:
        """Return (id, WKB, basis) of a level's places; see ``Store.shapes``."""
        rows = self.read(_SHAPES, "the shapes", level=level, parent=parent)
        return [(row["node_id"], bytes(row["st_asbinary"]), row["basis"]) for row in rows]

    def load(
        self, tables: Mapping[str, Rows], report: LoadReport, progress: Progress | None = None
    ) -> LoadResult:
        """Take a load, all or nothing; see ``Store.load``."""
        tell = progress or (lambda what, share: None)
        counts = Counts()
        with self._changing("the load") as connection:
            facts = PgFacts(connection)
            rollups.refuse_poured(facts)
            batch_id = facts.rows("select coalesce(max(batch_id), 0) + 1 from import_batch")[0][0]
            for place, name in enumerate(in_order(tables)):
                tell(name, 0.5 * place / len(tables))
                rows = tables[name]
                for piece in (rows,) if isinstance(rows, pa.Table) else rows:
                    pg_merging.merge(connection, name, piece, batch_id, counts)
            changed = any(counts.accepted.values()) | self._declare(facts, report.meta)
            if changed:
                self._rebuild(facts, lambda what, share: tell(what, 0.5 + 0.5 * share))
            pg_merging.keep_report(connection, batch_id, report, counts)
            version = self._grow(facts, shapes=changed)
        self._know(version)
        accepted, duplicate = counts.by_table(counts.accepted), counts.by_table(counts.duplicate)
        return LoadResult(batch_id, version, accepted, duplicate, counts.by_source())

    def known(self, table: str, columns: Sequence[str], part: Part | None = None) -> pa.Table:
        """Return columns of rows of a table of facts; see ``Store.known``."""
        declared = fact_tables().get(table)
        unknown = [name for name in columns if declared is None or name not in declared.readable]
        if declared is None or unknown:
            raise StoreError(f"there is no table '{table}' with {', '.join(unknown or columns)}")
        kinds = {name: declared.readable[name] for name in columns}
        line = " || ',' || ".join(_as_csv(name, kind) for name, kind in kinds.items())
        with self.server.lent(f"the table '{table}'") as connection:
            # Lines are put together on the server: a message a row would cost more here than all the rest.
            text = f"""
                select string_agg(line, e'\\n') || e'\\n' from (
                    select {line} as line, (row_number() over () - 1) / {LINES} as place
                    from facts.{table} {_where(part, connection)}
                ) l group by place order by place"""
            found = connection.cursor().execute(text.encode(), binary=True).fetchall()
        return _from_csv("".join(lines for (lines,) in found).encode(), kinds)

    def loads(self) -> dict[int, str]:
        """Return number and end of every load; see ``Store.loads``."""
        with self.server.lent("the loads") as connection:
            rows = connection.execute("select batch_id, finished_at from facts.import_batch").fetchall()
        return {number: end.isoformat() for number, end in rows}

    def append_attendance(self, rows: pa.Table) -> tuple[int, int]:
        """Take late sign-ins and count them; see ``Store.append_attendance``."""
        taken = len(self.sign_in(rows))
        return taken, rows.num_rows - taken

    def sign_in(self, rows: pa.Table) -> frozenset[tuple[str, str]]:
        """Take late sign-ins as exact deltas; see ``Store.sign_in``."""
        names = [*fact_tables()["attendance"].columns, "source_id"]
        given = [rows.column(name).to_pylist() if name in rows.column_names else None for name in names]
        if "source_id" not in rows.column_names:
            given[-1] = ["live"] * rows.num_rows
        with self._signing, self.server.lent("the sign-ins") as connection, connection.transaction():
            connection.execute("set local statement_timeout = 0")  # a load may go before
            cursor = psycopg.RawCursor(connection)
            found = cursor.execute(_TAKE.encode(), given).fetchone()
        activities, members, version = found or ([], [], self._version)
        if activities:
            self._know(version)
        return frozenset(zip(activities or (), members or (), strict=True))

    def rebuild(self) -> None:
        """Make every roll-up anew, for instance after a counting rule was changed."""
        with self._changing("the roll-ups") as connection:
            facts = PgFacts(connection)
            self._rebuild(facts)
            version = self._grow(facts, shapes=True)
        self._know(version)

    def pour(self, made: Made) -> int:
        """Replace every roll-up by those made elsewhere, all or nothing; return the version.

        Raises:
            LoadError: this store has facts of its own.
        """
        from stores import pouring

        with self._changing("the roll-ups") as connection:
            facts = PgFacts(connection)
            pouring.into_postgres(facts, made)
            pg_layout.admit_again(connection)
            version = self._grow(facts, shapes=True)
        self._know(version)
        return version

    def refresh(self) -> bool:
        """Tell that nothing is to be taken up: every process sees the same database."""
        return False

    def status(self) -> Status:
        """Count everything; see ``Store.status``."""
        names = [*fact_tables(), *(name for name, _ in rollups.texts("postgres"))]
        with self.server.lent("the status") as connection:
            facts = PgFacts(connection)
            rows = {name: facts.rows(f'select count(*) from "{name}"')[0][0] for name in names}
            meta = dict(facts.rows("select key, value from meta order by key"))
            size = facts.rows("select pg_database_size(current_database())")[0][0]
            loads = connection.cursor(row_factory=dict_row).execute(_LOADS).fetchall()
        return Status(shown(self._url), self._version, SCHEMA_VERSION, size, rows, meta, loads)

    def close(self) -> None:
        """Let the server go."""
        self._ear.stop()
        self.server.close()
        self.bell.ring()

    def _catch_up(self, connection: Connection, anew: bool = False) -> None:
        """Read the version from the database; after an outage it may be an older one, out of a backup."""
        row = connection.execute(_VERSION).fetchone()
        if row:
            self._know(row[0], anew)

    def _heard(self, words: str) -> None:
        """Take a notification up."""
        kind, _, number = words.partition(" ")
        if kind == "facts" and number.isdecimal():
            self._know(int(number))

    def _know(self, version: int, anew: bool = False) -> None:
        """Keep the new version and wake whoever waits for it; news may come twice, by two ways."""
        if version > self._version or (anew and version != self._version):
            self._version = version
            self.bell.ring()

    @contextmanager
    def _changing(self, what: str) -> Iterator[Connection]:
        """Do everything inside or nothing, one process at a time, on a connection of its own."""
        connection = self.server.connect()
        try:
            with plainly(what), connection.transaction():
                connection.execute("select pg_advisory_xact_lock(%s)", (pg_layout.LOCK,))
                connection.execute(f"set local search_path = {pg_layout.PATH}")
                yield connection
            with plainly(what):
                sweep(connection)
        finally:
            connection.close()

    def _rebuild(self, facts: PgFacts, tell: Progress = lambda what, share: None) -> None:
        """Make the roll-ups anew inside the transaction."""
        facts.begin()
        rollups.rebuild(facts, self._settings, tell)
        facts.publish()
        pg_layout.admit_again(facts.connection)

    def _grow(self, facts: PgFacts, shapes: bool) -> int:
        """Count the version up and tell it; note when the hierarchies may have changed."""
        version = int(facts.rows("select facts.grow()")[0][0])
        if shapes:
            rollups.put_meta(facts, "tree_mark", str(version))
        return version

    def _declare(self, facts: PgFacts, meta: Mapping[str, str]) -> bool:
        """Keep what a source declares; tell whether that is news."""
        known = dict(facts.rows("select key, value from meta"))
        if reserved := RESERVED_META & set(meta):
            raise LoadError(f"a source cannot declare {', '.join(sorted(reserved))}")
        news = {key: str(value) for key, value in meta.items() if known.get(key) != str(value)}
        for key, value in news.items():
            rollups.put_meta(facts, key, value)
        return bool(news)


def _as_csv(name: str, kind: str) -> str:
    """Write a column as a field of CSV: nothing at all is null, a text is always quoted."""
    if kind == "blob":
        return f"coalesce(encode(st_asbinary(\"{name}\"), 'hex'), '')"
    if kind == "text":
        return f"coalesce('\"' || replace(\"{name}\", '\"', '\"\"') || '\"', '')"
    if kind == "boolean":
        return f"case when \"{name}\" then 't' when not \"{name}\" then 'f' else '' end"
    return f"coalesce(cast(\"{name}\" as text), '')"


def _where(part: Part | None, connection: Connection) -> str:
    """Write the clause that leaves a part of the rows, its values quoted."""
    if part is None:
        return ""
    if isinstance(part, Among):
        clause = sql.SQL("where {} = any({})").format(
            sql.Identifier(part.column), sql.Literal(list(part.values))
        )
    else:
        text = "where import_batch_id > {} or (import_batch_id is null and updated_at > {})"
        clause = sql.SQL(text).format(sql.Literal(part.batch), sql.Literal(part.moment))
    return clause.as_string(connection)


def _from_csv(data: bytes, kinds: Mapping[str, str]) -> pa.Table:
    """Read what COPY wrote as CSV: nothing at all is null, quoted nothing is an empty text."""
    names = list(kinds)
    if not data:
        return pa.table({name: pa.array([], ARROW[kind]) for name, kind in kinds.items()})
    types = {name: pa.string() if kind == "blob" else ARROW[kind] for name, kind in kinds.items()}
    table = pa_csv.read_csv(
        io.BytesIO(data),
        read_options=pa_csv.ReadOptions(column_names=names, use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for at, (name, kind) in enumerate(kinds.items()):
        if kind == "blob":
            raw = [None if text is None else bytes.fromhex(text) for text in table.column(name).to_pylist()]
            table = table.set_column(at, name, pa.array(raw, pa.binary()))
    return table
