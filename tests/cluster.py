"""A real PostgreSQL with PostGIS for the tests: one cluster a run, ended with the run whatever happens to it.

Run as a program it is the cluster's guard: it starts the server, waits until the process that wanted it is
gone, and stops the server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from port_for import get_port
from psycopg import sql
from pytest_postgresql.executors import PostgreSQLExecutor

QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=200 "
QUICK += "-c shared_buffers=128MB -c max_wal_size=2GB -c autovacuum_naptime=10s -c jit=off"
BARE, LAID = "ejia_bare", "ejia_laid"
PASSWORD = "a password of the tests"


def programs() -> Path:
    """Return the folder of the newest server of this machine; without one the test fails."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        pytest.fail("there is no PostgreSQL server; install postgresql and postgresql-NN-postgis-3")
    return found[-1].parent


class Cluster:
    """Start and stop a cluster of its own in a short-named folder; root hands it to 'postgres'."""

    def __init__(self, options: str = QUICK) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ejia-pg-", dir="/tmp"))
        control = self.folder / "pg_ctl"
        lead = ""
        if os.geteuid() == 0:  # initdb refuses root
            lead = "setpriv --reuid=postgres --regid=postgres --clear-groups "
            shutil.chown(self.folder, "postgres")
        control.write_text(f'#!/bin/sh\ncd /\nexec {lead}{programs()}/pg_ctl "$@"\n')
        control.chmod(0o755)
        self.executor = PostgreSQLExecutor(
            executable=str(control),
            host="127.0.0.1",
            port=get_port(None),
            datadir=str(self.folder / "data"),
            unixsocketdir=str(self.folder),
            logfile=str(self.folder / "log"),
            startparams="-w",
            dbname="postgres",
            postgres_options=options,
        )

    @property
    def address(self) -> str:
        """Return the address of the administrator's database."""
        return f"postgresql://postgres@127.0.0.1:{self.executor.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers; it does not outlive this process."""
        if not Path(self.executor.datadir).is_dir():
            self._watched()
            self.executor.init_directory()
        self.control("start", "-w", "-l", str(self.folder / "log"), "-o", self._options())

    def stop(self, how: str = "fast") -> None:
        """Stop the server: 'fast', or 'immediate' as if its machine had died."""
        self.control("stop", "-w", "-m", how)

    def control(self, *words: str) -> None:
        """Run pg_ctl."""
        subprocess.run(
            [self.executor.executable, *words, "-D", self.executor.datadir],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def standby(self) -> Cluster:
        """Start a second server that repeats every change of this one, and may be promoted."""
        made = Cluster(self.executor.postgres_options)
        made._watched()
        copy = [
            str(programs() / "pg_basebackup"),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-D",
            made.executor.datadir,
        ]
        lead = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        )
        source = ["-h", "127.0.0.1", "-p", str(self.executor.port), "-U", "postgres"]
        subprocess.run([*lead, *copy, *source], check=True, timeout=120, cwd="/")
        made.start()
        return made

    def _watched(self) -> None:
        """Let a shell end the server when this process is gone without having done so."""
        stop = f"'{self.executor.executable}' stop -m immediate -D '{self.executor.datadir}'"
        text = f"while kill -0 {os.getpid()}; do sleep 1; done; {stop}; rm -rf '{self.folder}'"
        quiet = subprocess.DEVNULL
        subprocess.Popen(["sh", "-c", text], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)

    def _options(self) -> str:
        socket = f"-c unix_socket_directories={self.folder}"
        return f"-p {self.executor.port} {socket} {self.executor.postgres_options}"

    def remove(self) -> None:
        """Stop the server and remove everything."""
        if self.executor.running():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def administer(address: str, *statements: str) -> None:
    """Run statements as the administrator."""
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def prepare(address: str) -> None:
    """Make roles, an empty database with PostGIS and one with an empty store, to make copies of."""
    from stores.postgres import PgStore
    from stores.settings import Settings

    administer(
        address,
        f"create role ejia_owner login password '{PASSWORD}'",
        f"create role ejia_web login password '{PASSWORD}'",
        f"create database {BARE} owner ejia_owner",
    )
    administer(at(address, BARE), "create extension postgis")
    administer(address, f"create database {LAID} template {BARE} owner ejia_owner strategy file_copy")
    PgStore(at(address, LAID, "ejia_owner"), Settings()).close()


def at(address: str, database: str, user: str = "postgres") -> str:
    """Return the address of another database, for another role."""
    return address.rsplit("/", 1)[0].replace("//postgres@", f"//{user}@") + f"/{database}"


_made = 0


def new_database(address: str, template: str = LAID) -> str:
    """Make a database of its own and return its address for the owner of the store."""
    global _made
    _made += 1
    name = f"t{os.getpid()}_{_made}"
    text = sql.SQL("create database {} template {} owner ejia_owner strategy file_copy")
    for _ in range(100):
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(text.format(sql.Identifier(name), sql.Identifier(template)))
            return at(address, name, "ejia_owner")
        except psycopg.errors.ObjectInUse:  # another worker copies the template just now
            time.sleep(0.05)
    raise AssertionError(f"{template} stays in use")


def drop_database(address: str, url: str) -> None:
    """Remove a database, whoever may still be connected."""
    name = url.rsplit("/", 1)[1]
    administer(address, f"drop database if exists {name} with (force)")


def guard(ready: Path, parent: int) -> None:
    """Keep a cluster while a process lives."""
    cluster = Cluster()
    try:
        cluster.start()
        prepare(cluster.address)
        half = ready.with_suffix(".half")
        half.write_text(cluster.address)
        half.replace(ready)
        while Path(f"/proc/{parent}").exists() and ready.exists():
            time.sleep(0.5)
    finally:
        cluster.remove()


def wanted(ready: Path, parent: int) -> str:
    """Start a guarded cluster and return the administrator's address."""
    log = ready.with_suffix(".log")
    with log.open("w") as said:
        child = subprocess.Popen(
            [sys.executable, __file__, str(ready), str(parent)],
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    deadline = time.monotonic() + 90
    while not ready.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"no PostgreSQL for the tests: {log.read_text()[-2000:]}")
        time.sleep(0.05)
    return ready.read_text()


def rows_of(url: str, text: str, *params: Any) -> list[tuple[Any, ...]]:
    """Ask a database directly."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = rollup, facts, public")
        return connection.execute(text.encode(), params or None).fetchall()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    guard(Path(sys.argv[1]), int(sys.argv[2]))
