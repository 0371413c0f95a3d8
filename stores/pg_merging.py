"""Rows of a load meet what PostgreSQL knows: the same judgement as in ``stores.merging``, by binary COPY."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from stores import pg_copy
from stores.errors import LoadError
from stores.merging import FILE_COLUMNS, REJECT_COLUMNS, Counts, checked_columns, file_row
from stores.pg_sql import TYPES
from stores.store import LoadReport
from stores.tables import FactTable, fact_tables

Connection = psycopg.Connection[Any]
_VALUES_THAT_DO_NOT_FIT: Final = (psycopg.DataError, psycopg.errors.InternalError_)


def merge(connection: Connection, name: str, rows: pa.Table, batch_id: int, counts: Counts) -> None:
    """Bring the rows of one table in, inside the caller's transaction; see ``merging.merge``.

    Raises:
        LoadError: table or column unknown, key column missing or null, or a value that does not convert.
    """
    table = fact_tables().get(name)
    if table is None:
        raise LoadError(f"there is no table '{name}'")
    columns = checked_columns(table, rows)
    laid = _laid_out(table, columns, rows)
    offered = _by_source(laid.column("source_id"))
    try:
        accepted: Mapping[str, int]
        if table.is_event and _first_load(connection, table, columns, laid, batch_id):
            accepted = offered
        elif table.is_event:
            _stage(connection, table, columns, laid)
            accepted = _add(connection, table, columns, batch_id)
        else:
            _stage(connection, table, columns, laid)
            _judge(connection, table, columns)
            accepted = _take(connection, table, columns, batch_id)
    except _VALUES_THAT_DO_NOT_FIT as error:
        raise LoadError(f"{name}: a value does not fit its column: {str(error).splitlines()[0]}") from error
    for source, n in offered.items():
        counts.add(name, source, accepted.get(source, 0), n - accepted.get(source, 0))
    if not offered:
        counts.add(name, "", 0, 0)
    if sum(accepted.values()):
        connection.execute(f"analyze facts.{name}")


def _laid_out(table: FactTable, columns: Sequence[str], rows: pa.Table) -> pa.Table:
    """Give the offered columns the table's types, the source behind them.

    Raises:
        LoadError: a value does not fit.
    """
    arrays = []
    for name in columns:
        try:
            arrays.append(pg_copy.cast(rows.column(name), table.columns[name]))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            said = str(error).splitlines()[0]
            raise LoadError(f"{table.name}: a value does not fit its column {name}: {said}") from error
    if "source_id" in rows.column_names:
        arrays.append(pc.fill_null(pg_copy.cast(rows.column("source_id"), "text"), ""))
    else:
        arrays.append(pa.chunked_array([pa.array([""] * rows.num_rows, pa.string())]))
    return pa.table(arrays, names=[*columns, "source_id"])


def _by_source(column: Any) -> Counter[str]:
    """Count rows by their source."""
    found = pc.value_counts(column).to_pylist()
    return Counter({one["values"]: one["counts"] for one in found})


def _first_load(
    connection: Connection, table: FactTable, columns: Sequence[str], laid: pa.Table, batch_id: int
) -> bool:
    """Copy events straight into a table that is empty and index them afterwards; tell whether that went.

    Rows that repeat a key make the index fail; then all of this is undone and they are staged.
    """
    known = connection.execute(f"select exists (select 1 from facts.{table.name})").fetchone()
    if known is None or known[0] or not laid.num_rows:
        return False
    target, now = f"facts.{table.name}", datetime.now()
    try:
        with connection.transaction():
            # Emptied in this very transaction, so its rows may be written frozen: nobody cleans up later.
            connection.execute(f"truncate {target}")
            connection.execute(f"alter table {target} drop constraint {table.name}_pkey")
            others = _without_indexes(connection, table.name)
            for column, value in (("import_batch_id", batch_id), ("updated_at", now)):
                text = sql.SQL("alter table {} alter column {} set default {}").format(
                    sql.SQL(target), sql.SQL(column), sql.Literal(value)
                )
                connection.execute(text)
            names = ", ".join(f'"{name}"' for name in [*columns, "source_id"])
            kinds = [*(table.columns[name] for name in columns), "text"]
            copy_in(connection, f"copy {target} ({names}) from stdin (format binary, freeze)", laid, kinds)
            for column in ("import_batch_id", "updated_at"):
                connection.execute(f"alter table {target} alter column {column} drop default")
            connection.execute("set local maintenance_work_mem = '256MB'")  # the key is sorted in memory
            key = ", ".join(table.key)
            connection.execute(f"alter table {target} add constraint {table.name}_pkey primary key ({key})")
            for definition in others:
                connection.execute(definition.encode())
    except psycopg.errors.UniqueViolation:
        return False
    return True


def _without_indexes(connection: Connection, name: str) -> list[str]:
    """Drop the indexes of a table of facts that has no key any more; return how to make them again."""
    found = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index "
        "where indrelid = to_regclass(%s) order by indexrelid",
        (f"facts.{name}",),
    ).fetchall()
    for index, _ in found:
        connection.execute(f"drop index {index}".encode())
    return [definition for _, definition in found]


def copy_in(connection: Connection, statement: str, rows: pa.Table, kinds: list[str]) -> None:
    """Run a binary COPY with the rows of a table whose columns have the types of ``kinds``."""
    with connection.cursor().copy(statement.encode()) as copy:
        for part in pg_copy.chunks(rows, kinds):
            copy.write(part)


def _stage(connection: Connection, table: FactTable, columns: Sequence[str], laid: pa.Table) -> None:
    """Lay the offered rows out in a temporary table, numbered in the order they came."""
    kinds = {name: table.columns[name] for name in columns}
    types = [f'"{name}" {"bytea" if kind == "blob" else TYPES[kind]}' for name, kind in kinds.items()]
    connection.execute("drop table if exists pg_temp.staged")
    connection.execute(
        f"create temp table staged ({', '.join(types)}, source_id text, line bigint) on commit drop"
    )
    numbered = laid.append_column("line", pa.array(range(laid.num_rows), pa.int64()))
    copy_in(
        connection, "copy staged from stdin (format binary)", numbered, [*kinds.values(), "text", "bigint"]
    )
    connection.execute("analyze pg_temp.staged")


def _value(table: FactTable, name: str) -> str:
    """Write a staged column in the type of its table."""
    return f'st_geomfromwkb(s."{name}", 4326)' if table.columns[name] == "blob" else f's."{name}"'


def _add(
    connection: Connection, table: FactTable, columns: Sequence[str], batch_id: int
) -> Mapping[str, int]:
    """Take events whose key is new, in the order they came; return how many by source."""
    names = ", ".join(f'"{name}"' for name in columns)
    found = connection.execute(
        f"""
        with done as (
            insert into facts.{table.name} ({names}, source_id, import_batch_id, updated_at)
            select {", ".join(_value(table, name) for name in columns)}, s.source_id, %s, %s
            from staged s
            order by s.line
            on conflict do nothing
            returning source_id
        )
        select source_id, count(*) from done group by source_id""",
        (batch_id, datetime.now()),
    ).fetchall()
    return dict(found)


def _judge(connection: Connection, table: FactTable, columns: Sequence[str]) -> None:
    """Give each first row of a key its fate: 'new', 'changed' or 'same'."""
    key = ", ".join(f"s.{name}" for name in table.key)
    same_key = " and ".join(f"t.{name} = s.{name}" for name in table.key)
    rest = [name for name in columns if name not in table.key]
    differs = " or ".join(f't."{name}" is distinct from {_value(table, name)}' for name in rest)
    changed = f"when {differs} then 'changed'" if rest else ""
    connection.execute("drop table if exists pg_temp.judged")
    connection.execute(
        f"""
        create temp table judged on commit drop as
        select
            s.line, s.source_id,
            case when t.{table.key[0]} is null then 'new' {changed} else 'same' end as fate
        from (select distinct on ({key}) s.* from staged s order by {key}, s.line) s
        left join facts.{table.name} t on {same_key}"""
    )
    connection.execute("analyze pg_temp.judged")


def _take(
    connection: Connection, table: FactTable, columns: Sequence[str], batch_id: int
) -> Mapping[str, int]:
    """Write the changed rows over the old ones and the new ones behind; return how many by source."""
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(_value(table, name) for name in columns)
    same_key = " and ".join(f"t.{name} = s.{name}" for name in table.key)
    sets = ", ".join(f'"{name}" = {_value(table, name)}' for name in columns if name not in table.key)
    given = (batch_id, datetime.now())
    if sets:
        connection.execute(
            f"""
            update facts.{table.name} t
            set {sets}, source_id = s.source_id, import_batch_id = %s, updated_at = %s
            from staged s
            join judged j on j.line = s.line and j.fate = 'changed'
            where {same_key}""",
            given,
        )
    connection.execute(
        f"""
        insert into facts.{table.name} ({names}, source_id, import_batch_id, updated_at)
        select {values}, s.source_id, %s, %s
        from staged s
        join judged j on j.line = s.line and j.fate = 'new'
        order by s.line""",
        given,
    )
    found = connection.execute(
        "select source_id, count(*) from judged where fate <> 'same' group by source_id"
    ).fetchall()
    return dict(found)


def keep_report(connection: Connection, batch_id: int, report: LoadReport, counts: Counts) -> None:
    """Keep what the intake says of its files; see ``merging.keep_report``."""
    connection.execute(
        "insert into facts.import_batch values (%s, %s, %s, %s, 'done')",
        (batch_id, report.started_at, datetime.now(), report.folder),
    )
    _insert(
        connection, "import_file", FILE_COLUMNS, [file_row(batch_id, one, counts) for one in report.files]
    )
    rejects = [{"batch_id": batch_id, **one} for one in report.rejects]
    _insert(connection, "import_reject", REJECT_COLUMNS, rejects)
    connection.execute(
        """
        insert into facts.meta (key, value)
        select 'loaded_at', cast(max(finished_at) as text) from facts.import_batch
        union all select 'batches', cast(count(*) as text) from facts.import_batch
        union all select 'rejected', cast(coalesce(sum(rejected), 0) as text) from facts.import_file
        on conflict (key) do update set value = excluded.value"""
    )


def _insert(connection: Connection, table: str, columns: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert mappings by one COPY."""
    names = [name.strip().strip('"') for name in columns.split(",")]
    text = {"value", "column"}
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.cursor().copy(f"copy facts.{table} ({quoted}) from stdin".encode()) as copy:
        for row in rows:
            values = [row.get(name) for name in names]
            copy.write_row(
                [
                    str(value) if name in text and value is not None else value
                    for name, value in zip(names, values, strict=True)
                ]
            )
