"""The tables of a PostgreSQL store: laid out, brought forward, and guarded by rights.

Numbered steps (stores/sql/postgres/NNN_name.sql) make what cannot be read off elsewhere. Tables of facts are
read off schema.sql: what it has and the database lacks is added. Roll-ups are made anew when their texts have
changed. All of it happens in one transaction under a lock, so that nothing is ever half migrated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from stores import desk, late, questions, rollups
from stores.errors import SchemaVersionError, StoreAddressError, StoreError
from stores.pg_facts import PgFacts, sweep
from stores.pg_sql import TYPES
from stores.settings import Settings
from stores.store import SCHEMA_VERSION
from stores.tables import SCHEMA, fact_tables

Connection = psycopg.Connection[Any]
FOLDER: Final = Path(__file__).resolve().parent / "sql" / "postgres"
LEAST_SERVER: Final = 140000
LEAST_POSTGIS: Final = (3, 1)
LOCK: Final = 320115
"""Number of the advisory lock under which one process at a time changes facts, roll-ups or their layout."""

AVAILABLE: Final = "select default_version from pg_available_extensions where name = 'postgis'"
PATH: Final = "rollup, facts, public"
_TABLE: Final = re.compile(r"create table (\w+) \(\n(.*?)\n\);", re.DOTALL)
_COLUMN: Final = re.compile(
    r"^    \"?(\w+)\"? (text|integer|bigint|double|boolean|date|timestamp|blob)(.*?),?$", re.M
)
_READ: Final = re.compile(r"\b(?:from|join)\s+([a-z_]+)")
_BY_BATCH: Final = ("attendance", "study_record", "position_use", "activity", "member", "dues_status")
"""Large tables of which what came after a load is asked for; step 010 names the same."""
_OPEN_TABLES: Final = frozenset({"meta", "import_file", "import_batch", "shape", "spot"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Say how a database stands to this program.

    Args:
        state: 'empty', 'older', 'newer' or 'present'.
        steps: what `migrate` would do, in sentences.
    """

    state: str
    steps: tuple[str, ...]


@cache
def steps() -> tuple[tuple[int, str, str], ...]:
    """Return (number, name, SQL) of the numbered steps, ascending."""
    files = sorted(FOLDER.glob("[0-9][0-9][0-9]_*.sql"))
    return tuple((int(path.stem[:3]), path.stem[4:], path.read_text("utf-8")) for path in files)


@cache
def declared() -> dict[str, dict[str, str]]:
    """Return table → column → PostgreSQL's type with its constraints, as schema.sql has them."""
    found = {}
    for name, body in _TABLE.findall(SCHEMA.read_text("utf-8")):
        columns = {
            column: (TYPES[kind] + rest).strip().replace(" primary key", "")
            for column, kind, rest in _COLUMN.findall(body)
        }
        found[name] = columns
    return found


def create_table(name: str) -> str:
    """Write the statement that makes a table of schema.sql in the room of facts."""
    body = dict(_TABLE.findall(SCHEMA.read_text("utf-8")))[name]
    key = re.search(r"primary key \(([\w, ]+)\)", body) or re.search(r"^    (\w+) .*primary key", body, re.M)
    columns = [f'"{column}" {kind}' for column, kind in declared()[name].items()]
    if key:
        columns.append(f"constraint {name}_pkey primary key ({key[1]})")
    return f"create table facts.{name} ({', '.join(columns)})"


@cache
def mark() -> str:
    """Return a fingerprint of everything that makes the roll-ups and the late events."""
    whole = hashlib.sha256()
    for name, text in (*rollups.texts("postgres"), ("functions", functions())):
        whole.update(f"{name}\0{text}\0".encode())
    return whole.hexdigest()[:16]


@cache
def functions() -> str:
    """Write the functions of the database; the deltas of late events are those of every engine."""
    updates = ";\n    ".join(late.updates()) + ";"
    latest = f"latest_event := ({late.LATEST.strip()});"
    take = (FOLDER / "take_sign_ins.sql").read_text("utf-8")
    for name, text in {
        "path": PATH, "lock": str(LOCK), "change": late.CHANGE.strip(), "updates": updates, "latest": latest,
    }.items():  # fmt: skip
        take = take.replace("{" + name + "}", text)
    revoke = "revoke all on function facts.take_sign_ins, facts.grow from public"
    return (FOLDER / "grow.sql").read_text("utf-8") + take + revoke


def layout(connection: Connection) -> Layout:
    """Compare a database with what this program needs; changes nothing."""
    if not _one(connection, "select to_regclass('facts.migration') is not null"):
        return Layout("empty", ("lay out an empty store",))
    done = {row[0] for row in connection.execute("select number from facts.migration").fetchall()}
    desk_done = _desk_done(connection)
    found = int(_meta(connection, "schema_version") or 0)
    known = {number for number, _, _ in steps()}
    desk_known = {number for number, _ in desk.migrations()}
    if done - known or desk_done - desk_known or found > SCHEMA_VERSION:
        return Layout("newer", ())
    todo = [f"step {number}: {name}" for number, name, _ in steps() if number not in done]
    todo += _missing(connection)
    todo += [f"desk step {number}" for number in sorted(desk_known - desk_done)]
    if found < SCHEMA_VERSION:
        todo.append(f"schema {found} becomes {SCHEMA_VERSION}")
    if _meta(connection, "program_mark") != mark():
        todo.append("make the roll-ups anew by this program's texts")
    return Layout("older" if todo else "present", tuple(todo))


def prepare(connection: Connection, settings: Settings, where: str) -> None:
    """Lay out an empty database, where this role may; refuse one of another program; see ``require``."""
    require_server(connection, where)
    may = "select has_database_privilege(current_database(), 'create')"
    if layout(connection).state == "empty" and _one(connection, may):
        migrate(connection, settings, where)
    require(connection, where)


def require(connection: Connection, where: str) -> None:
    """Refuse a database that this program cannot work with as it is.

    Raises:
        SchemaVersionError: it was laid out by an older or a newer program.
        StoreAddressError: it holds no store, or server or PostGIS are too old.
    """
    require_server(connection, where)
    found = layout(connection)
    if found.state == "empty":
        raise StoreAddressError(f"{where} holds no store yet; lay it out as its owner: ejia migrate")
    if found.state == "newer":
        raise SchemaVersionError(f"the store at {where} was written by a newer program: update this program")
    if found.state == "older":
        raise SchemaVersionError(
            f"the store at {where} was written by an older program ({'; '.join(found.steps[:3])}): "
            "bring it forward with: ejia migrate"
        )


def require_server(connection: Connection, where: str) -> None:
    """Refuse a server or PostGIS that is too old, and a database that does not know its texts as UTF-8.

    Raises:
        StoreAddressError: it is.
    """
    version = connection.info.server_version
    if version < LEAST_SERVER:
        raise StoreAddressError(
            f"the server at {where} is PostgreSQL {version // 10000}; {LEAST_SERVER // 10000} or newer is "
            "needed: upgrade the server"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreAddressError(
            f"the database at {where} keeps texts as {encoding}; UTF8 is needed. Its administrator can make "
            "one: create database NAME owner ROLE encoding 'UTF8' locale 'C' template template0"
        )
    text = _one(connection, "select extversion from pg_extension where extname = 'postgis'")
    if text and tuple(int(part) for part in re.findall(r"\d+", text)[:2]) < LEAST_POSTGIS:
        raise StoreAddressError(
            f"the database at {where} has PostGIS {text}; {'.'.join(map(str, LEAST_POSTGIS))} or newer is "
            "needed: upgrade it and run: alter extension postgis update"
        )


def migrate(
    connection: Connection,
    settings: Settings,
    where: str,
    web_role: str | None = None,
    tell: Callable[[str, float], None] = lambda what, share: None,
) -> tuple[str, ...]:
    """Bring a database to this program's state in one transaction; return what was done.

    Args:
        connection: of the owner, in no transaction.
        settings: of the deployment; the roll-ups may have to be made anew.
        where: the server in a sentence.
        web_role: a login role that may read roll-ups and keep the desk's records, and may not read facts.
        tell: hears what is being done and the share done.

    Raises:
        SchemaVersionError: a newer program wrote it.
        StoreAddressError: server or PostGIS are too old or missing.
        StoreError: a right is missing.
    """
    require_server(connection, where)
    try:
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
            found = layout(connection)
            if found.state == "newer":
                raise SchemaVersionError(
                    f"the store at {where} was written by a newer program: update this program"
                )
            _extend(connection, where)
            todo = found.steps
            if todo:
                _bring_forward(connection, settings, tell)
            if web_role:
                todo += _admit(connection, web_role)
        sweep(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreError(
            f"'{connection.info.user}' may not lay out the store at {where} ({error.diag.message_primary}); "
            "migrate as the owner of the database"
        ) from error
    return todo


def _extend(connection: Connection, where: str) -> None:
    """Make sure of PostGIS."""
    if _one(connection, "select 1 from pg_extension where extname = 'postgis'"):
        return
    there = _one(connection, AVAILABLE)
    major = connection.info.server_version // 10000
    if there is None:
        raise StoreAddressError(
            f"the server at {where} has no PostGIS; install it, on Debian: "
            f"apt install postgresql-{major}-postgis-3 postgresql-{major}-postgis-3-scripts"
        )
    try:
        with connection.transaction():
            connection.execute("create extension postgis schema public")
    except psycopg.errors.InsufficientPrivilege:
        raise StoreAddressError(
            f"the database '{connection.info.dbname}' at {where} has no PostGIS yet, and only an "
            "administrator can add it; as postgres: create extension postgis"
        ) from None


def _bring_forward(connection: Connection, settings: Settings, tell: Callable[[str, float], None]) -> None:
    """Do all that is missing, inside the caller's transaction."""
    fresh = not _one(connection, "select to_regclass('facts.migration') is not null")
    done = (
        set()
        if fresh
        else {row[0] for row in connection.execute("select number from facts.migration").fetchall()}
    )
    for number, name, text in steps():
        if number not in done:
            connection.execute(text)
            connection.execute("insert into facts.migration (number, name) values (%s, %s)", (number, name))
    _add_missing(connection)
    desk_forward(connection)
    facts = PgFacts(connection)
    connection.execute("set local search_path = " + PATH)
    if fresh:
        for key in ("version", "tree_mark"):
            rollups.put_meta(facts, key, "0")
    connection.execute(functions())
    facts.begin()
    rollups.rebuild(facts, settings, tell)
    facts.publish()
    if not fresh:
        version = _one(connection, "select facts.grow()")
        rollups.put_meta(facts, "tree_mark", str(version))
    rollups.put_meta(facts, "schema_version", str(SCHEMA_VERSION))
    rollups.put_meta(facts, "program_mark", mark())
    admit_again(connection)


def _missing(connection: Connection) -> list[str]:
    """Say which tables and columns of schema.sql the database lacks."""
    there = _columns(connection)
    found = []
    for name, columns in declared().items():
        if name not in there:
            found.append(f"table {name}")
        else:
            found += [f"column {name}.{column}" for column in columns if column not in there[name]]
    return found


def _add_missing(connection: Connection) -> None:
    """Add the tables and columns of schema.sql that the database lacks."""
    there = _columns(connection)
    for name, columns in declared().items():
        if name not in there:
            connection.execute(create_table(name))
            continue
        for column, kind in columns.items():
            if column not in there[name]:
                connection.execute(f'alter table facts.{name} add column "{column}" {kind}')
    for name in _BY_BATCH:
        connection.execute(
            f"create index if not exists {name}_batch on facts.{name} (import_batch_id, updated_at)"
        )
    for name in fact_tables():
        for column, kind in fact_tables()[name].columns.items():
            if kind == "blob":
                connection.execute(
                    f"create index if not exists {name}_{column} on facts.{name} using gist ({column})"
                )


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Return the columns of every table of facts that is there."""
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        """
        select c.relname, a.attname
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
        where c.relnamespace = to_regnamespace('facts') and a.attnum > 0 and not a.attisdropped"""
    )
    for table, column in rows.fetchall():
        found.setdefault(table, set()).add(column)
    return found


# The desk


def _desk_done(connection: Connection) -> set[int]:
    """Return the steps of the desk's tables that the database has."""
    if not _one(connection, "select to_regclass('desk.desk_migration') is not null"):
        return set()
    return {row[0] for row in connection.execute("select number from desk.desk_migration").fetchall()}


def desk_forward(connection: Connection) -> None:
    """Run the steps of the desk's tables that are missing, inside the caller's transaction."""
    connection.execute("set local search_path = desk, public")
    connection.execute(desk.META)
    connection.execute(desk.MADE)
    done = _desk_done(connection)
    for number, text in desk.migrations():
        if number in done:
            continue
        for statement in desk.statements(text):
            connection.execute(statement)
        connection.execute(
            "insert into desk_migration values (%s, to_char(localtimestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS'))",
            (number,),
        )
    by_bytes(connection, "desk")


def by_bytes(connection: Connection, schema: str) -> None:
    """Let bytes decide the order of all texts of a room, as they do in the embedded engines."""
    found = connection.execute(
        """
        select c.relname, a.attname
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = %s and a.attnum > 0 and not a.attisdropped and a.attcollation <> 0
            and a.attcollation <> 'pg_catalog."C"'::regcollation
        order by 1, 2""",
        (schema,),
    ).fetchall()
    for table in dict.fromkeys(table for table, _ in found):
        alters = [
            sql.SQL('alter column {} type text collate "C"').format(sql.Identifier(column))
            for owner, column in found
            if owner == table
        ]
        connection.execute(
            sql.SQL("alter table {} {}").format(sql.Identifier(schema, table), sql.SQL(", ").join(alters))
        )


# Rights


@cache
def open_tables() -> frozenset[str]:
    """Return the tables that the web role may read: those that questions ask, never facts."""
    asked = {
        table
        for name in questions.names()
        for table in _READ.findall("\n".join(_code(questions.question(name).sql)))
    }
    return frozenset((asked | _OPEN_TABLES) - set(fact_tables()))


def _code(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("--")]


def _admit(connection: Connection, role: str) -> tuple[str, ...]:
    """Make a role the web's: it reads what questions ask and keeps the desk's records.

    Raises:
        StoreError: there is no such role, or it is the owner itself.
    """
    if role == connection.info.user:
        raise StoreError(f"'{role}' owns the store; name another role for the web")
    if not _one(connection, "select 1 from pg_roles where rolname = %s", role):
        raise StoreError(
            f"there is no role '{role}' for the web; as an administrator: create role {role} login"
        )
    if _one(connection, "select 1 from facts.web_role where name = %s", role):
        admit_again(connection)
        return ()
    connection.execute("insert into facts.web_role values (%s) on conflict do nothing", (role,))
    admit_again(connection)
    return (f"web role {role}",)


def admit_again(connection: Connection) -> None:
    """Give the web's roles their rights on tables that were made anew, inside the caller's transaction."""
    roles = [row[0] for row in connection.execute("select name from facts.web_role order by name").fetchall()]
    if not roles:
        return
    rows = connection.execute(
        """
        select n.nspname, c.relname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('rollup', 'facts') and c.relkind = 'r'
            and not exists (
                select 1 from pg_attribute a
                where a.attrelid = c.oid and a.attname = 'member_pid' and not a.attisdropped
            )"""
    ).fetchall()
    readable = [sql.Identifier(*row) for row in rows if row[1] in open_tables()]
    readable.append(sql.Identifier("facts", "migration"))
    for role in map(sql.Identifier, roles):
        for text in (
            "grant usage on schema facts, rollup, desk to {role}",
            "grant select on {tables} to {role}",
            "grant select, insert, update, delete on all tables in schema desk to {role}",
            "grant execute on function facts.take_sign_ins to {role}",
        ):
            connection.execute(sql.SQL(text).format(role=role, tables=sql.SQL(", ").join(readable)))


def _meta(connection: Connection, key: str) -> str | None:
    value: str | None = _one(connection, "select value from facts.meta where key = %s", key)
    return value


def _one(connection: Connection, text: str, *params: Any) -> Any:
    """Return the first value of the first row, None where there is none."""
    row = connection.execute(text, params or None).fetchone()
    return row[0] if row else None
