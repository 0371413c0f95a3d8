"""Roll-ups made elsewhere come into a store, all or nothing, inside the caller's transaction.

The store keeps its own layout: columns and types are those its own texts make. What belongs to single members
stays in the lake; its tables are there and empty.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from stores import rollups
from stores.errors import LoadError
from stores.lake import arrow_batches
from stores.merging import Counts
from stores.shards import KEPT_BACK, Made

if TYPE_CHECKING:
    from stores.duckdb import DuckFacts
    from stores.pg_facts import PgFacts

_KINDS: Final = {
    "text": "text", "character varying": "text",
    "integer": "integer", "bigint": "bigint", "double precision": "double",
    "date": "date", "timestamp without time zone": "timestamp", "boolean": "boolean",
}  # fmt: skip


def into_duckdb(facts: DuckFacts, made: Made) -> None:
    """Replace the roll-ups of an embedded store.

    Raises:
        LoadError: it has facts of its own.
    """
    rollups.refuse_own_facts(facts)
    for table, rows in made.facts.items():
        facts.rows(f"delete from {table}")
        facts.connection.register("poured", rows)
        facts.rows(f"insert into {table} by name select * from poured")
        facts.connection.unregister("poured")
    for table, folder in made.folders.items():
        columns = ", ".join(
            f'cast("{name}" as {kind}) as "{name}"' for name, kind in _duck_columns(facts, table)
        )
        files = [str(file) for file in sorted(folder.glob("*.parquet"))]
        if table in KEPT_BACK or not files:
            facts.rows(f"create or replace table {table} as select * from {table} limit 0")
        else:
            listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
            facts.rows(
                f"create or replace table {table} as select {columns} from read_parquet([{listed}], "
                "hive_partitioning = false)"
            )
    facts.finish(tuple(made.folders))
    _declare(facts, made)


def into_postgres(facts: PgFacts, made: Made) -> None:
    """Replace the roll-ups of a store in PostgreSQL, by binary COPY; readers go on with the old ones.

    Raises:
        LoadError: it has facts of its own.
    """
    from stores import pg_merging

    rollups.refuse_own_facts(facts)
    for table in made.facts:
        facts.rows(f"delete from facts.{table}")
    for table, rows in made.facts.items():
        pg_merging.merge(facts.connection, table, rows, 0, Counts())
    kinds = {table: _pg_columns(facts, table) for table in made.folders}
    facts.begin()
    for table, folder in made.folders.items():
        wanted = {name: pa_kind(kind) for name, kind in kinds[table].items()}
        batches = iter(()) if table in KEPT_BACK else arrow_batches(folder, wanted)
        facts.pour(table, kinds[table], batches)
    there = set(made.folders)
    for table, text in rollups.texts("postgres"):
        if table not in there:  # what only this engine has, made of the others
            facts.make(table, text)
    facts.publish()
    _declare(facts, made)


def _duck_columns(facts: DuckFacts, table: str) -> list[tuple[Any, ...]]:
    """Return the columns of a roll-up with their types."""
    return facts.rows(
        "select column_name, data_type from information_schema.columns "
        "where table_name = $name order by ordinal_position",
        name=table,
    )


def _pg_columns(facts: PgFacts, table: str) -> dict[str, str]:
    """Return the columns of the roll-up that is there, with their kinds.

    Raises:
        LoadError: there is none, or it has a column that cannot come from elsewhere.
    """
    found = facts.rows(
        """
        select a.attname, format_type(a.atttypid, null)
        from pg_attribute a
        where a.attrelid = to_regclass($name) and a.attnum > 0 and not a.attisdropped
        order by a.attnum""",
        name=f"rollup.{table}",
    )
    unknown = [name for name, kind in found if kind not in _KINDS]
    if not found or unknown:
        raise LoadError(
            f"the roll-up '{table}' of this store cannot be filled; bring it forward: ejia migrate"
        )
    return {name: _KINDS[kind] for name, kind in found}


def pa_kind(kind: str) -> pa.DataType:
    """Return Arrow's type of a kind of schema.sql."""
    from stores.pg_copy import ARROW

    return ARROW[kind]


def _declare(facts: rollups.Facts, made: Made) -> None:
    """Keep what the lake declares and by which run the roll-ups were made."""
    now = datetime.now().isoformat(sep=" ", timespec="seconds")
    for key, value in {**made.meta, "loaded_at": now}.items():
        rollups.put_meta(facts, key, value)
