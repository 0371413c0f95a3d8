"""Rows of a load meet what is known: new ones are taken, changed ones replace, known ones are counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import duckdb
import pyarrow as pa

from stores.errors import LoadError
from stores.store import LoadReport
from stores.tables import PROVENANCE, FactTable, fact_tables

Connection = duckdb.DuckDBPyConnection

FILE_COLUMNS: Final = (
    "batch_id, file, layout, table_name, sha256, encoding, crs, code_system, read, accepted, rejected, "
    "duplicate, unknown_columns, dropped_columns"
)
_OFFERED: Final = "offered"
REJECT_COLUMNS: Final = 'batch_id, file, "row", "column", value, reason, advice'


@dataclass
class Counts:
    """Count rows taken and rows already known, by (table, source_id)."""

    accepted: dict[tuple[str, str], int] = field(default_factory=dict)
    duplicate: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, table: str, source: str, accepted: int, duplicate: int) -> None:
        """Add rows of one source; of a row that two files report ('a + b') the first one's."""
        name = (table, source.partition(" + ")[0])
        self.accepted[name] = self.accepted.get(name, 0) + accepted
        self.duplicate[name] = self.duplicate.get(name, 0) + duplicate

    def by_table(self, counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
        """Sum over the sources of each table."""
        sums: dict[str, int] = {}
        for (table, _), n in counts.items():
            sums[table] = sums.get(table, 0) + n
        return sums

    def by_source(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Give (accepted, duplicate) of each table and source."""
        return {name: (n, self.duplicate[name]) for name, n in self.accepted.items()}


def merge(connection: Connection, name: str, rows: pa.Table, batch_id: int, counts: Counts) -> None:
    """Bring the rows of one table in, inside the caller's transaction.

    Raises:
        LoadError: table or column unknown, key column missing or null, or a value that does not convert.
    """
    table = fact_tables().get(name)
    if table is None:
        raise LoadError(f"there is no table '{name}'")
    columns = checked_columns(table, rows)
    connection.register(_OFFERED, rows)
    try:
        _stage(connection, table, columns, "source_id" in rows.column_names)
        _judge(connection, table, columns)
        _count(connection, table, rows, counts)
        _take(connection, table, columns, batch_id)
    except duckdb.ConversionException as error:
        raise LoadError(f"{name}: a value does not fit its column: {str(error).splitlines()[0]}") from error


def forget(connection: Connection) -> None:
    """Let the offered rows go, after the transaction."""
    connection.unregister(_OFFERED)
    connection.execute("drop table if exists temp.staged")
    connection.execute("drop table if exists temp.judged")


def checked_columns(table: FactTable, rows: pa.Table) -> list[str]:
    """Check the offered columns and return those that the table has.

    Raises:
        LoadError: a column is unknown, or a key is absent or null.
    """
    offered = [name for name in rows.column_names if name not in PROVENANCE]
    unknown = [name for name in offered if name not in table.columns]
    if unknown:
        raise LoadError(f"the table '{table.name}' has no column {', '.join(unknown)}")
    for name in table.key:
        if name not in offered:
            raise LoadError(f"the rows for '{table.name}' lack the key {name}")
        if rows.column(name).null_count:
            raise LoadError(f"{rows.column(name).null_count} rows for '{table.name}' have no {name}")
    return offered


def _stage(connection: Connection, table: FactTable, columns: list[str], sourced: bool) -> None:
    """Lay the offered rows out with the table's types, numbered in the order they came."""
    casts = ", ".join(f'cast("{name}" as {table.columns[name]}) as "{name}"' for name in columns)
    source = "coalesce(cast(source_id as text), '')" if sourced else "''"
    connection.execute(
        f"create or replace temp table staged as "
        f"select {casts}, {source} as source_id, row_number() over () as line from offered"
    )


def _judge(connection: Connection, table: FactTable, columns: list[str]) -> None:
    """Give each first row of a key its fate: 'new', 'changed' or 'same'."""
    key = ", ".join(table.key)
    same_key = " and ".join(f"t.{name} = s.{name}" for name in table.key)
    rest = [name for name in columns if name not in table.key]
    differs = " or ".join(f't."{name}" is distinct from s."{name}"' for name in rest)
    changed = f"when {differs} then 'changed'" if rest and not table.is_event else ""
    connection.execute(
        f"""
        create or replace temp table judged as
        select
            s.line, s.source_id,
            case when t.{table.key[0]} is null then 'new' {changed} else 'same' end as fate
        from (select * from staged s {_first_only(connection, key)}) s
        left join {table.name} t on {same_key}"""
    )


def _first_only(connection: Connection, key: str) -> str:
    """Write the clause that keeps the first row of each key, where keys repeat at all."""
    repeated = connection.execute(f"select count(*) - count(distinct ({key})) from staged").fetchall()
    if not repeated[0][0]:
        return ""
    return f"qualify row_number() over (partition by {key} order by line) = 1"


def _count(connection: Connection, table: FactTable, rows: pa.Table, counts: Counts) -> None:
    """Count by source; every offered row is either taken or a duplicate."""
    found = connection.execute(
        """
        select s.source_id, count(j.line) as accepted, count(*) - count(j.line) as duplicate
        from staged s
        left join judged j on j.line = s.line and j.fate <> 'same'
        group by s.source_id"""
    ).fetchall()
    for source, accepted, duplicate in found:
        counts.add(table.name, source, accepted, duplicate)
    if not found:
        counts.add(table.name, "", 0, 0)


def _take(connection: Connection, table: FactTable, columns: list[str], batch_id: int) -> None:
    """Write the changed rows over the old ones and the new ones behind."""
    names = ", ".join(f'"{name}"' for name in columns)
    same_key = " and ".join(f"{table.name}.{name} = s.{name}" for name in table.key)
    sets = ", ".join(f'"{name}" = s."{name}"' for name in columns if name not in table.key)
    if sets and not table.is_event:
        connection.execute(
            f"""
            update {table.name}
            set {sets}, source_id = s.source_id, import_batch_id = $batch, updated_at = localtimestamp
            from (select s.* from staged s join judged j on j.line = s.line and j.fate = 'changed') s
            where {same_key}""",
            {"batch": batch_id},
        )
    connection.execute(
        f"""
        insert into {table.name} ({names}, source_id, import_batch_id, updated_at)
        select {names}, s.source_id, $batch, localtimestamp
        from staged s
        join judged j on j.line = s.line and j.fate = 'new'
        order by s.line""",
        {"batch": batch_id},
    )


def keep_report(connection: Connection, batch_id: int, report: LoadReport, counts: Counts) -> None:
    """Keep what the intake says of its files; rows that the store knew already move to the duplicates."""
    connection.execute(
        "insert into import_batch values (?, ?, ?, ?, 'done')",
        [batch_id, report.started_at, datetime.now(), report.folder],
    )
    if report.files:
        files = [file_row(batch_id, one, counts) for one in report.files]
        _insert(connection, "import_file", FILE_COLUMNS, files)
    _keep_totals(connection)
    if report.rejects:
        rejects = [{"batch_id": batch_id, **one} for one in report.rejects]
        _insert(connection, "import_reject", REJECT_COLUMNS, rejects)


def _keep_totals(connection: Connection) -> None:
    """Note how much was loaded and when, for whoever asks how fresh the store is."""
    connection.execute(
        """
        insert or replace into meta
        select 'loaded_at', cast(max(finished_at) as text) from import_batch
        union all select 'batches', cast(count(*) as text) from import_batch
        union all
        select 'rejected', cast(cast(coalesce(sum(rejected), 0) as bigint) as text) from import_file"""
    )


def file_row(batch_id: int, given: Mapping[str, Any], counts: Counts) -> dict[str, Any]:
    """Lay out one file's row of ``import_file``; lists become JSON."""
    row = {"batch_id": batch_id, **given}
    for name in ("unknown_columns", "dropped_columns"):
        if not isinstance(row.get(name), str | None):
            row[name] = json.dumps(row[name], ensure_ascii=False)
    known = counts.duplicate.get((str(row.get("table_name")), str(row.get("file"))), 0)
    row["accepted"] = int(row.get("accepted") or 0) - known
    row["duplicate"] = int(row.get("duplicate") or 0) + known
    return row


def _insert(connection: Connection, table: str, columns: str, rows: list[dict[str, Any]]) -> None:
    """Insert mappings in one statement."""
    names = [name.strip().strip('"') for name in columns.split(",")]
    text = {"value", "row", "column"}
    arrays = {
        name: pa.array(
            [None if row.get(name) is None else str(row[name]) if name in text else row[name] for row in rows]
        )
        for name in names
    }
    connection.register("kept", pa.table(arrays))
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.execute(f"insert into {table} ({quoted}) select {quoted} from kept")
    connection.unregister("kept")
