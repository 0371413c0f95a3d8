"""A store and the desk's records in one file, and back: consistent while everything is in use.

A backup is a tar of manifest.json, the store (store.duckdb: a copy made inside one transaction; store.dump:
pg_dump's custom format) and desk.sqlite where the desk has a file of its own. The manifest holds the SHA-256
of each part. Keys are not in it: who has facts and keys together can test names against pseudonyms, so keys
are kept elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import psycopg
from psycopg.conninfo import make_conninfo

from stores import desk
from stores.errors import SchemaVersionError, StoreAddressError, StoreBusyError, StoreError
from stores.pg_address import connection_of, is_postgres, place, refused
from stores.settings import Settings
from stores.store import SCHEMA_VERSION, duckdb_path, store_for_reading

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DUCK, DUMP, DESK = "store.duckdb", "store.dump", "desk.sqlite"
PARTS: Final = (DUCK, DUMP, DESK)
ROOMS: Final = ("facts", "rollup", "desk")
NAME: Final = re.compile(r"ejia-\d{8}T\d{6}\.tar")
PROGRAMS: Final = Path("/usr/lib/postgresql")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """Hold what a backup says of itself; ``server`` is PostgreSQL's major version, 0 when embedded."""

    file: Path
    engine: str
    schema: int
    version: int
    server: int
    made_at: str
    parts: Mapping[str, str]
    bytes: int


def back_up(settings: Settings, folder: Path) -> Backup:
    """Write a backup of the store and the desk's records into a folder, readable by its owner only.

    Raises:
        StoreError: the store cannot be read, or a tool of PostgreSQL is missing or too old.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made_at = datetime.now()
    file = folder / f"ejia-{made_at:%Y%m%dT%H%M%S}.tar"
    with _scratch(folder) as scratch:
        if is_postgres(settings.store.url):
            engine, (version, server) = "postgres", _dump(settings.store.url, scratch / DUMP)
        else:
            engine, server = "duckdb", 0
            with store_for_reading(settings.store.url, settings) as store:
                version = store.version
                _copy_duckdb(store, scratch / DUCK)
        _copy_desk(settings.data_dir / desk.FILE_NAME, scratch / DESK)
        parts = {name: _sha256(scratch / name) for name in PARTS if (scratch / name).exists()}
        told = {
            "format": FORMAT, "engine": engine, "schema": SCHEMA_VERSION, "version": version,
            "server": server, "made_at": made_at.isoformat(timespec="seconds"), "parts": parts,
        }  # fmt: skip
        _pack(scratch, told, scratch / "whole.tar")
        (scratch / "whole.tar").replace(file)
    _settle(folder)
    return read_backup(file)


def read_backup(file: Path) -> Backup:
    """Read what a backup says of itself.

    Raises:
        StoreError: it is none, or of a newer program.
    """
    try:
        with tarfile.open(file, "r:") as archive:
            first = archive.next()
            stream = archive.extractfile(first) if first and first.name == MANIFEST else None
            told = json.loads(stream.read(_BLOCK)) if stream else {}
        found = Backup(
            file,
            str(told["engine"]),
            int(told["schema"]),
            int(told["version"]),
            int(told["server"]),
            str(told["made_at"]),
            {str(name): str(mark) for name, mark in told["parts"].items()},
            file.stat().st_size,
        )
    except (tarfile.TarError, ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(f"{file} is no backup of this program") from None
    if told["format"] != FORMAT or found.schema > SCHEMA_VERSION or set(found.parts) - set(PARTS):
        raise SchemaVersionError(f"{file} was written by a newer program: update this program")
    return found


def restore(settings: Settings, file: Path, replace: bool = False) -> Backup:
    """Bring a backup into the store of the settings; all of it is checked before anything is touched.

    Args:
        settings: whose store; its engine must be the backup's.
        file: the backup.
        replace: whether a store that holds something gives way.

    Raises:
        StoreError: another engine, a damaged file, a store that is in use or holds something.
    """
    found = read_backup(file)
    wanted = "postgres" if is_postgres(settings.store.url) else "duckdb"
    if found.engine != wanted:
        raise StoreError(
            f"{file} is a backup of a store in {_NAMES[found.engine]}, and this one is in {_NAMES[wanted]}; "
            "name a store of the same kind with --store"
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _scratch(settings.data_dir) as scratch:
        _unpack(found, scratch)
        if wanted == "postgres":
            _restore_dump(settings.store.url, found, scratch / DUMP, replace)
        else:
            _restore_duckdb(settings, scratch / DUCK, replace)
        if (scratch / DESK).exists():
            _put_desk(scratch / DESK, settings.data_dir / desk.FILE_NAME)
    return found


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a folder; return what went. Other files stay."""
    files = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    old = files[:-keep] if keep > 0 else []
    for path in old:
        path.unlink()
    return old


_NAMES: Final = {"postgres": "PostgreSQL", "duckdb": "a DuckDB file"}


# The file


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give a folder of its owner only, on the same disk, and remove it."""
    made = Path(tempfile.mkdtemp(prefix=".backup-", dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pack(scratch: Path, told: Mapping[str, Any], file: Path) -> None:
    """Write manifest and parts, and see that they reach the disk."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as archive:
        text = json.dumps(told, indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(text)
        archive.addfile(head, io.BytesIO(text))
        for name in told["parts"]:
            part = tarfile.TarInfo(name)
            part.size, part.mode = (scratch / name).stat().st_size, 0o600
            with (scratch / name).open("rb") as source:
                archive.addfile(part, source)
        archive.close()
        stream.flush()
        os.fsync(stream.fileno())


def _settle(folder: Path) -> None:
    """See that the folder's new name reaches the disk (POSIX)."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unpack(found: Backup, scratch: Path) -> None:
    """Lay out the parts that the manifest names, each checked; names in the archive choose no place.

    Raises:
        StoreError: a part is missing or damaged.
    """
    try:
        with tarfile.open(found.file, "r:") as archive:
            for name, mark in found.parts.items():
                stream = archive.extractfile(name)
                if stream is None:
                    raise KeyError(name)
                with (scratch / name).open("wb") as target:
                    shutil.copyfileobj(stream, target, _BLOCK)
                if _sha256(scratch / name) != mark:
                    raise StoreError(
                        f"{found.file} is damaged: {name} is not what was written; take another backup"
                    )
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise StoreError(f"{found.file} is damaged ({error}); take another backup") from None


# The embedded store and the desk


def _copy_duckdb(store: Any, target: Path) -> None:
    """Copy an embedded store, everything of one moment."""
    try:
        store.copy_to(target)
    except duckdb.Error as error:
        raise StoreError(f"the backup failed: {str(error).splitlines()[0]}") from error


def _copy_desk(file: Path, target: Path) -> None:
    """Copy the desk's records, everything of one moment, while others write."""
    if not file.exists():
        return
    with (
        contextlib.closing(sqlite3.connect(f"file:{file.as_posix()}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("pragma journal_mode = delete")


def _restore_duckdb(settings: Settings, part: Path, replace: bool) -> None:
    """Put a copy in the store's place.

    Raises:
        StoreError: the part is no store, or something is there.
        StoreBusyError: a server has the store.
    """
    from stores.duckdb import DuckStore

    path = duckdb_path(settings.store.url.partition("://")[2], settings)
    if path is None:
        raise StoreAddressError("a store in memory cannot be restored; name a file with --store")
    DuckStore(part, settings).close()  # it opens, and is of this schema
    if path.exists():
        if not replace:
            raise StoreError(f"{path} is there already; add --replace to put the backup in its place")
        try:
            DuckStore(path, settings).close()
        except StoreBusyError:
            raise StoreBusyError(f"{path} is in use; stop the server before restoring") from None
        except StoreError:
            pass  # what is broken may be replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.restored-{os.getpid()}")
    shutil.copyfile(part, beside)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
    beside.replace(path)


def _put_desk(part: Path, file: Path) -> None:
    """Put the desk's records back."""
    part.chmod(0o600)
    for tail in ("-wal", "-shm"):
        file.with_name(file.name + tail).unlink(missing_ok=True)
    part.replace(file)


# PostgreSQL


def program(name: str, server: int) -> Path:
    """Find a tool of PostgreSQL of the server's version or newer; the nearest.

    Raises:
        StoreError: there is none, or only older ones.
    """
    found = {int(path.parts[-3]): path for path in PROGRAMS.glob(f"*/bin/{name}") if path.parts[-3].isdigit()}
    at_hand = shutil.which(name)
    if at_hand:
        said = subprocess.run([at_hand, "--version"], capture_output=True, check=False, text=True).stdout
        if match := re.search(r"(\d+)(?:\.\d+)*", said):
            found.setdefault(int(match[1]), Path(at_hand))
    fitting = [major for major in sorted(found) if major >= server]
    if fitting:
        return found[fitting[0]]
    has = f"has {name} {max(found)}" if found else f"has no {name}"
    raise StoreError(
        f"the server is PostgreSQL {server}, and this machine {has}; install it, on Debian: "
        f"apt-get install postgresql-client-{server}"
    )


def _connected(url: str) -> psycopg.Connection[Any]:
    """Open a connection, or say why not."""
    params = connection_of(url)
    try:
        return psycopg.connect(**params, autocommit=True)
    except psycopg.Error as error:
        raise refused(error, params) from error


def _run(tool: Path, url: str, *words: str) -> None:
    """Run a tool of PostgreSQL; the password goes by the environment, where no list of processes shows it.

    Raises:
        StoreError: it failed; its first words say why.
    """
    params = connection_of(url)
    secret = {"PGPASSWORD": str(params.pop("password"))} if params.get("password") else {}
    done = subprocess.run(
        [str(tool), *words, "--dbname", make_conninfo(**params)],
        env={**os.environ, **secret, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise StoreError(f"{tool.name} failed: {lines[0][:300] if lines else done.returncode}")


def _dump(url: str, target: Path) -> tuple[int, int]:
    """Dump the store's rooms, everything of one moment; return (version, server's major version)."""
    with _connected(url) as connection:
        server = connection.info.server_version // 10000
        row = connection.execute("select to_regclass('facts.meta') is not null").fetchone()
        if not row or not row[0]:
            raise StoreAddressError(
                f"{place(connection_of(url))} holds no store; there is nothing to back up"
            )
        found = connection.execute("select value from facts.meta where key = 'version'").fetchone()
    rooms = [f"--schema={room}" for room in ROOMS]
    _run(
        program("pg_dump", server), url, "--format=custom", "--no-owner", "--no-privileges", *rooms,
        "--file", str(target),
    )  # fmt: skip
    return int(found[0]) if found else 0, server


def _restore_dump(url: str, found: Backup, part: Path, replace: bool) -> None:
    """Bring a dump into a database in one transaction, and give the web's roles their rights again.

    Raises:
        StoreError: the server is older than the backup's, the database holds a store, or a tool refuses.
    """
    from stores import pg_layout

    with _connected(url) as connection:
        server = connection.info.server_version // 10000
        where = place(connection_of(url))
        if server < found.server:
            raise StoreError(
                f"{found.file} comes from PostgreSQL {found.server}, and {where} is {server}; "
                f"restore into PostgreSQL {found.server} or newer"
            )
        tool = program("pg_restore", max(server, found.server))
        there = connection.execute(
            "select count(*) from pg_namespace where nspname = any(%s)", (list(ROOMS),)
        ).fetchone()
        if there and there[0] and not replace:
            raise StoreError(
                f"the database at {where} holds a store; add --replace to put the backup in its place"
            )
        if not connection.execute("select 1 from pg_extension where extname = 'postgis'").fetchone():
            try:
                connection.execute("create extension postgis schema public")
            except psycopg.Error as error:
                raise StoreAddressError(
                    f"the database at {where} has no PostGIS, and only an administrator can add it; "
                    "as postgres: create extension postgis"
                ) from error
    clean = ["--clean", "--if-exists"] if there and there[0] else []
    _run(
        tool,
        url,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        *clean,
        str(part),
    )
    with _connected(url) as connection, connection.transaction():
        pg_layout.admit_again(connection)
    with _connected(url) as connection:
        connection.execute("analyze")
