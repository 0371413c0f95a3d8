"""Roll-ups of PostgreSQL are made in a room of their own and take the old ones' place in one step.

Readers go on with the old ones until the transaction is over; the exchange itself takes milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import psycopg
import pyarrow as pa
from psycopg import sql

from stores import pg_copy
from stores.late import TOUCHED
from stores.pg_sql import TYPES, bound

NEXT: Final = "rollup_next"
LAST: Final = "rollup_last"
KEYS: Final[tuple[tuple[str, ...], ...]] = (
    ("key", "month"),
    ("parent_key", "month"),
    ("basis", "node_id", "month", "dim"),
    ("basis", "node_id", "month", "institution"),
    ("basis", "node_id", "month"),
    ("basis", "node_id", "week"),
    ("basis", "node_id", "on_date"),
    ("basis", "node_id", "year"),
    ("basis", "node_id"),
    ("basis", "level", "month"),
    ("basis", "level"),
    ("lod", "domain", "month"),
    ("lod", "domain"),
    ("lod", "month"),
    ("lod", "cell_x", "cell_y", "month"),
    ("lod", "cell_x", "cell_y"),
    ("org_id", "month"),
    ("key",),
    ("parent_key",),
    ("activity_id",),
    ("building_id",),
    ("org_id",),
    ("node_id", "month"),
    ("node_id",),
    ("month", "dim"),
)
"""What roll-ups are looked up by: a table gets each index whose columns it has.

One that is the beginning of another is left out.
"""

_LAST_ORDER: Final = re.compile(r"^order by (?:(?!\blimit\b)[^()])*\Z", re.MULTILINE)
"""The order in which a roll-up is written: here indexes find rows, and sorting millions takes long."""

_KINDS: Final = {
    pa.string(): "text",
    pa.date32(): "date",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
}


def indexes(columns: set[str]) -> list[tuple[str, ...]]:
    """Choose the indexes of a roll-up by the columns it has."""
    fitting = [key for key in KEYS if set(key) <= columns]
    if "basis" in columns:
        fitting = [key for key in fitting if key[0] != "node_id"]  # a node is named with its hierarchy
    return [key for key in fitting if not any(other != key and other[: len(key)] == key for other in fitting)]


class PgFacts:
    """Let the roll-ups be made in PostgreSQL; see ``rollups.Facts``."""

    engine = "postgres"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def rows(self, query: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Run a statement; see ``Facts.rows``."""
        text, values = bound(query, params)
        cursor = psycopg.RawCursor(self.connection).execute(text.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def shapes(self) -> list[tuple[str, bytes]]:
        """Return every shape; see ``Facts.shapes``."""
        return self.rows(
            """
            select region_id, st_asbinary(geom) from facts.region where geom is not null
            union all select building_id, st_asbinary(geom) from facts.building where geom is not null"""
        )

    def begin(self) -> None:
        """Open the room in which the next roll-ups are made."""
        for text in (
            f"drop schema if exists {NEXT}, {LAST} cascade",
            f"create schema {NEXT}",
            f"set local search_path = {NEXT}, facts, public",
            "set local work_mem = '256MB'",
            "set local maintenance_work_mem = '256MB'",
            "set local jit = off",
            "set local hash_mem_multiplier = 4",
        ):
            self.connection.execute(text)

    def put(self, table: str, rows: pa.Table) -> None:
        """Make a table of rows; see ``Facts.put``."""
        kinds = [_KINDS[field.type] for field in rows.schema]
        columns = ", ".join(
            f'"{name}" {TYPES[kind]}' for name, kind in zip(rows.column_names, kinds, strict=True)
        )
        self.connection.execute(f"create table {NEXT}.{table} ({columns})")
        with self.connection.cursor().copy(
            f"copy {NEXT}.{table} from stdin (format binary)".encode()
        ) as copy:
            for part in pg_copy.chunks(rows, kinds):
                copy.write(part)
        self.connection.execute(f"analyze {NEXT}.{table}")

    def make(self, table: str, query: str, /) -> None:
        """Make a roll-up with its indexes and statistics; see ``Facts.make``."""
        room = _room(table)
        text = f"create table {NEXT}.{table} {room} as {_LAST_ORDER.sub('', query)}"
        self.connection.execute(text.encode())
        self.dress(table)

    def pour(self, table: str, kinds: Mapping[str, str], batches: Iterable[Any]) -> None:
        """Make a roll-up of batches whose columns have these kinds of schema.sql, by binary COPY."""
        columns = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in kinds.items())
        self.connection.execute(f"create table {NEXT}.{table} ({columns}) {_room(table)}")
        schema = pa.schema([(name, pg_copy.ARROW[kind]) for name, kind in kinds.items()])
        rows = pa.RecordBatchReader.from_batches(schema, batches)
        with self.connection.cursor().copy(
            f"copy {NEXT}.{table} from stdin (format binary)".encode()
        ) as copy:
            for part in pg_copy.chunks(rows, list(kinds.values())):
                copy.write(part)
        self.dress(table)

    def dress(self, table: str) -> None:
        """Give a roll-up its order of texts, its indexes and statistics."""
        found = self.connection.execute(
            """
            select a.attname, format_type(a.atttypid, null),
                a.attcollation not in (0, 'pg_catalog."C"'::regcollation)
            from pg_attribute a
            where a.attrelid = to_regclass(%s) and a.attnum > 0
            order by a.attnum""",
            (f"{NEXT}.{table}",),
        ).fetchall()
        alters = ", ".join(
            f'alter column "{name}" type text collate "C"' for name, _, foreign in found if foreign
        )
        if alters:
            self.connection.execute(f"alter table {NEXT}.{table} {alters}")
        for number, key in enumerate(indexes({name for name, _, _ in found})):
            columns = ", ".join(f'"{name}"' for name in key)
            self.connection.execute(f"create index {table}_{number} on {NEXT}.{table} ({columns})")
        for name, kind, _ in found:
            if kind == "geometry":
                self.connection.execute(f"create index {table}_{name} on {NEXT}.{table} using gist ({name})")
        self.connection.execute(f"analyze {NEXT}.{table}")

    def finish(self, tables: tuple[str, ...]) -> None:
        """Nothing is left: a roll-up that later ones read has its indexes from the beginning."""

    def publish(self) -> None:
        """Put the new roll-ups in the place of the old ones, which go later (``sweep``).

        Rooms are renamed and no table is locked, so that no reader waits and none is caught in a deadlock.
        """
        self.connection.execute(f"alter schema rollup rename to {LAST}")
        self.connection.execute(f"alter schema {NEXT} rename to rollup")
        self.connection.execute("set local search_path = rollup, facts, public")


def _room(table: str) -> str:
    """Leave room for late events beside the old rows."""
    return "with (fillfactor = 80)" if table in TOUCHED else ""


def sweep(connection: psycopg.Connection[Any]) -> None:
    """Let the roll-ups go that were replaced, table by table, outside any transaction."""
    found = connection.execute(
        "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r'", (LAST,)
    ).fetchall()
    for (table,) in found:
        connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(LAST, table)))
    connection.execute(f"drop schema if exists {LAST}")
