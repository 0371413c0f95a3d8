"""Roll-ups made outside the store that shows them: the same texts, a lake of facts, many machines.

Every text has its place (``PLACES``):

frame       hierarchies, months, calendars: recursive and small, made once by DuckDB where the command runs
partition   counted for each partition by itself; what was counted is kept and only added up afterwards
sum         sums over facts and counts, made by the cluster; they may be added over months and organisations
after       what needs everything at once: a member's months in order, both ends of a transfer, all of a tree

Only counts leave the lake: the store that is filled gets no row about a member. Rounding and hiding of small
numbers happen behind the merge, in the gate, as for every store.

A ledger (``work/ledger.sqlite``) knows each partition that was counted by the content of its files. A run
that is ended at any point goes on where it was: partitions and tables that are done are not made again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from stores import rollups
from stores.duckdb import DuckFacts
from stores.errors import StoreBusyError, StoreError
from stores.lake import Lake, Partition, Progress, digest
from stores.settings import Settings
from stores.tables import fact_tables

PLACES: Final[Mapping[str, str]] = {
    "month": "frame", "place": "frame", "superior": "frame", "node": "frame", "above": "frame",
    "seat": "frame", "closure": "frame", "calendar": "frame", "position_seat": "frame",
    "unit_seat": "frame", "searchable": "frame", "blank": "frame", "branch_cell": "frame",
    "signed": "partition",
    "held": "sum", "institution_month": "sum", "week": "sum", "day": "sum", "heat": "sum",
    "heat_month": "sum", "study_month": "sum", "leaf": "sum", "heat_members": "sum", "member_cube": "sum",
    "domain_month": "sum", "annual": "sum", "domain_week": "sum", "domain_institution": "sum",
    "domain_heat": "sum", "domain_heat_members": "sum", "domain_annual": "sum",
    "spell": "after", "studied": "after", "tree": "after", "move": "after",
    "transfer_state": "after", "move_mix": "after", "domain_tree": "after", "domain_move": "after",
    "domain_transfer_state": "after", "dated_move": "after", "open_step": "after", "campaign": "after",
    "star": "after",
}  # fmt: skip
"""Where each roll-up is made; one that is not named is made after, by the engine, which is always right."""

KEPT_BACK: Final = frozenset({"spell"})
"""Roll-ups of single members: other texts build on them, no question reads them, they stay in the lake."""

FILLED: Final = ("region", "building")
"""Facts that go along, for the map's shapes."""

AT_ONCE: Final = 8
DONE: Final = "done"
_READ: Final = re.compile(r"\b(?:from|join)\s+([a-z_]+)")


class Runner(Protocol):
    """Run SQL over Parquet: one process, or a cluster behind it."""

    @property
    def engine(self) -> str:
        """Return the engine's name, as in the names of override files."""
        ...

    def see(self, table: str, files: Sequence[Path], columns: Mapping[str, str] | None) -> None:
        """Let texts read files as a table.

        Args:
            table: its name.
            files: Parquet; none = a table without rows.
            columns: names and kinds as in schema.sql; None = as the files have them.
        """
        ...

    def rows(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a text with ``$name`` parameters."""
        ...

    def write(self, sql: str, folder: Path) -> None:
        """Write what a text says as Parquet into a folder that is not there yet."""
        ...

    def count(self, sql: str, files: Sequence[Path], columns: Mapping[str, str], folder: Path) -> None:
        """Write what a text says of ``attendance`` when that is these files only; from any thread."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """Hold roll-ups that wait to be poured into a store.

    Args:
        mark: a fingerprint of all they were made from.
        engine: which made them.
        folders: Parquet by roll-up, 'rule' and 'place_point' too.
        facts: the few facts that go along, by table.
        meta: what the store has to know of them.
    """

    mark: str
    engine: str
    folders: Mapping[str, Path]
    facts: Mapping[str, pa.Table]
    meta: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """Say what a run did: partitions counted and known already, tables made and found made."""

    counted: int
    known: int
    made: int
    found: int


class Ledger:
    """Remember what was counted; one run at a time has it.

    Raises:
        StoreBusyError: another run has it.
    """

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, timeout=0.5, isolation_level=None)
        try:
            self._connection.execute("pragma locking_mode = exclusive")
            self._connection.execute("begin exclusive")
            self._connection.execute(
                "create table if not exists file (path text primary key, size int, mtime int, sha256 text)"
            )
            self._connection.execute(
                "create table if not exists partition (name text primary key, print text, folder text)"
            )
            self._connection.execute("commit")
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise StoreBusyError(f"{file.parent} is in use by another run; wait for it ({error})") from error

    def content(self, partition: Partition, top: Path) -> str:
        """Return a fingerprint of a partition's files; a file is read only when its size or time is new."""
        whole = hashlib.sha256()
        for file in partition.files:
            path, stat = file.relative_to(top).as_posix(), file.stat()
            row = self._connection.execute(
                "select sha256 from file where path = ? and size = ? and mtime = ?",
                (path, stat.st_size, stat.st_mtime_ns),
            ).fetchone()
            found = row[0] if row else digest(file)
            if not row:
                self._connection.execute(
                    "insert or replace into file values (?, ?, ?, ?)",
                    (path, stat.st_size, stat.st_mtime_ns, found),
                )
            whole.update(f"{path}\0{found}\0".encode())
        return whole.hexdigest()

    def known(self) -> dict[str, tuple[str, str]]:
        """Return name → (fingerprint, folder) of the partitions that were counted."""
        rows = self._connection.execute("select name, print, folder from partition").fetchall()
        return {name: (mark, folder) for name, mark, folder in rows}

    def keep(self, name: str, mark: str, folder: str) -> None:
        """Note a partition as counted, in the place of what was noted before."""
        self._connection.execute("insert or replace into partition values (?, ?, ?)", (name, mark, folder))

    def forget(self, name: str) -> None:
        """Let a partition go that is no more."""
        self._connection.execute("delete from partition where name = ?", (name,))

    def close(self) -> None:
        """Let the next run have it."""
        self._connection.close()


class ShardFacts:
    """Let the roll-ups be made of a lake; see ``rollups.Facts``."""

    def __init__(self, lake: Lake, runner: Runner, ledger: Ledger, work: Path, settings: Settings) -> None:
        self.lake, self.runner, self._ledger, self._work = lake, runner, ledger, work
        self._local = LocalRunner(settings, work)
        self._prints: dict[str, str] = {}
        self.counted = self.known = self.made = self.found = 0
        self._see_facts()
        for key, value in lake.meta.items():
            rollups.put_meta(self, key, value)
        self.mark = self._mark(settings)
        self.run = work / f"run-{runner.engine}-{self.mark}"
        self.run.mkdir(exist_ok=True)

    @property
    def engine(self) -> str:
        """Return the engine's name."""
        return self.runner.engine

    def rows(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Run a statement: what concerns ``meta`` here, all else where the facts are read."""
        if set(_READ.findall(sql)) & set(fact_tables()):
            return self.runner.rows(sql, **params)
        return self._local.rows(sql, **params)

    def shapes(self) -> list[tuple[str, bytes]]:
        """Return every shape."""
        return self._local.facts.shapes()

    def put(self, table: str, rows: pa.Table) -> None:
        """Keep a small table for this run, here and where the facts are read."""
        folder = self.run / table
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        pq.write_table(rows, folder / "part-0.parquet")
        self._see_made(table)

    def make(self, table: str, query: str, /) -> None:
        """Make a roll-up at its place, unless this run's earlier attempt did."""
        folder = self.run / table
        if (folder / DONE).exists():
            self.found += 1
        else:
            shutil.rmtree(folder, ignore_errors=True)
            place = PLACES.get(table, "after")
            if place == "frame":
                self._local.write(query, folder)
            else:
                self.runner.write(self._added_up() if place == "partition" else query, folder)
            (folder / DONE).touch()
            self.made += 1
        self._see_made(table)

    def finish(self, tables: tuple[str, ...]) -> None:
        """Let earlier runs go; this one stays, for whoever pours it again."""
        for old in self._work.glob(f"run-{self.engine}-*"):
            if old != self.run:
                shutil.rmtree(old, ignore_errors=True)

    def count(self, tell: Progress) -> None:
        """Count the partitions of ``attendance`` that are new or changed, several at once."""
        text = dict(rollups.texts(self.engine))["signed"]
        known, wanted = self._ledger.known(), {}
        for part in self.lake.partitions("attendance"):
            mark = hashlib.sha256(f"{self.engine}\0{text}\0{self._prints[part.name]}".encode()).hexdigest()
            old = known.get(f"{self.engine}:{part.name}")
            if old and old[0] == mark and (self._work / old[1]).is_dir():
                self.known += 1
            else:
                wanted[part] = mark
        names = {f"{self.engine}:{part.name}" for part in self.lake.partitions("attendance")}
        for name in known:
            if name.startswith(f"{self.engine}:") and name not in names:
                self._ledger.forget(name)
        with ThreadPoolExecutor(AT_ONCE) as several:
            running = {several.submit(self._count, part, mark, text): part for part, mark in wanted.items()}
            try:
                for done in as_completed(running):
                    part, mark = running[done], wanted[running[done]]
                    self._ledger.keep(f"{self.engine}:{part.name}", mark, done.result())
                    self.counted += 1
                    tell(f"sign-ins of {part.district} {part.month}", self.counted / len(wanted))
            except BaseException:
                several.shutdown(wait=False, cancel_futures=True)
                raise
        self._sweep()
        self._see_signs()

    def close(self) -> None:
        """Let the engine beside the command go."""
        self._local.close()

    def _count(self, part: Partition, mark: str, text: str) -> str:
        """Count one partition into a folder of its own and return the folder's name."""
        name = f"signed/{self.engine}-{part.district}-{part.month}-{mark[:12]}"
        folder = self._work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        columns = fact_tables()["attendance"].columns
        self.runner.count(text, part.files, columns, folder / "n")
        self.runner.count('select max("at") as "at" from attendance', part.files, columns, folder / "last")
        return name

    def _sweep(self) -> None:
        """Remove what was counted once and is replaced."""
        kept = {folder for _, folder in self._ledger.known().values()}
        for folder in (self._work / "signed").glob(f"{self.engine}-*"):
            if folder.relative_to(self._work).as_posix() not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _see_signs(self) -> None:
        """Let ``attendance`` be the last sign-in of each partition, and the counts be seen."""
        mine = [folder for name, (_, folder) in self._ledger.known().items() if name.startswith(self.engine)]
        for table, inner, columns in (
            ("attendance", "last", {"at": "timestamp"}),
            ("signed_part", "n", {"activity_id": "text", "n": "bigint"}),
        ):
            files = [file for one in sorted(mine) for file in (self._work / one / inner).glob("*.parquet")]
            self.runner.see(table, files, columns)

    @staticmethod
    def _added_up() -> str:
        """Write the text that adds the partitions up."""
        return "select activity_id, cast(sum(n) as bigint) as n from signed_part group by activity_id"

    def _see_facts(self) -> None:
        """Let both engines read the facts, and take the fingerprints of all of them."""
        for name, table in fact_tables().items():
            parts = self.lake.partitions(name)
            for part in parts:
                self._prints[part.name] = self._ledger.content(part, self.lake.folder)
            files = [file for part in parts for file in part.files]
            if name != "attendance":
                self.runner.see(name, files, table.columns)
                self._local.see(name, files, table.columns)

    def _see_made(self, table: str) -> None:
        """Let texts read a roll-up that is made."""
        files = sorted((self.run / table).glob("*.parquet"))
        self.runner.see(table, files, None)
        if PLACES.get(table) == "frame" or table not in dict(rollups.texts(self.engine)):
            self._local.see(table, files, None)

    def _mark(self, settings: Settings) -> str:
        """Return a fingerprint of facts, texts and rules."""
        whole = hashlib.sha256()
        for name, mark in sorted(self._prints.items()):
            whole.update(f"{name}\0{mark}\0".encode())
        for name, text in rollups.texts(self.engine):
            whole.update(f"{name}\0{text}\0".encode())
        whole.update(f"{sorted(self.lake.meta.items())}{settings.district!r}{settings.rules!r}".encode())
        return whole.hexdigest()[:16]


class LocalRunner:
    """Run texts by DuckDB in this process; see ``Runner``."""

    engine = "duckdb"

    def __init__(self, settings: Settings, work: Path) -> None:
        config: dict[str, Any] = {
            "memory_limit": settings.store.memory,
            "threads": settings.store.threads,
            "temp_directory": str(work / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection = duckdb.connect(config=config)
        self._connection.execute("create table meta (key text primary key, value text)")
        self.facts = DuckFacts(self._connection)

    def see(self, table: str, files: Sequence[Path], columns: Mapping[str, str] | None) -> None:
        """Let texts read files; see ``Runner.see``."""
        self._connection.execute(f"create or replace view {table} as {_reading(files, columns)}")

    def rows(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a text."""
        with _plainly():
            return self.facts.rows(sql, **params)

    def write(self, sql: str, folder: Path) -> None:
        """Write what a text says."""
        folder.mkdir(parents=True)
        self._copy(self._connection, sql, folder)

    def count(self, sql: str, files: Sequence[Path], columns: Mapping[str, str], folder: Path) -> None:
        """Write what a text says of some files."""
        folder.mkdir(parents=True)
        within = f"with attendance as ({_reading(files, columns)}) select * from (\n{sql}\n) counted"
        self._copy(self._connection.cursor(), within, folder)

    def close(self) -> None:
        """Let the engine go."""
        self._connection.close()

    @staticmethod
    def _copy(connection: duckdb.DuckDBPyConnection, sql: str, folder: Path) -> None:
        target = _quoted(folder / "part-0.parquet")
        with _plainly():
            connection.execute(f"copy (\n{sql}\n) to {target} (format parquet, compression zstd)")


def roll_up(
    lake: Lake,
    runner: Runner,
    settings: Settings,
    work: Path,
    tell: Progress = lambda what, share: None,
) -> tuple[Made, Done]:
    """Make every roll-up of a lake, as far as it is not made yet.

    Args:
        lake: the facts.
        runner: what runs the texts.
        settings: district and counting rules.
        work: a folder that the cluster sees too; holds what is counted, and grows by few bytes a partition.
        tell: hears what is being done and the share done.

    Raises:
        StoreBusyError: another run has the folder.
        StoreError: an engine refuses.
    """
    (work / "signed").mkdir(parents=True, exist_ok=True)
    ledger = Ledger(work / "ledger.sqlite")
    try:
        facts = ShardFacts(lake, runner, ledger, work, settings)
        try:
            facts.count(lambda what, share: tell(what, 0.5 * share))
            rollups.rebuild(facts, settings, lambda what, share: tell(what, 0.5 + 0.5 * share))
            made = Made(facts.mark, facts.engine, _folders(facts), _facts(lake), _meta(facts))
        finally:
            facts.close()
    finally:
        ledger.close()
    return made, Done(facts.counted, facts.known, facts.made, facts.found)


def _folders(facts: ShardFacts) -> dict[str, Path]:
    """Return where each table lies."""
    names = ["rule", "place_point", *(name for name, _ in rollups.texts(facts.engine))]
    return {name: facts.run / name for name in names}


def _facts(lake: Lake) -> dict[str, pa.Table]:
    """Read the few facts that go along."""
    found = {}
    for name in FILLED:
        files = [file for part in lake.partitions(name) for file in part.files]
        parts = [pq.ParquetFile(file).read() for file in files]
        if parts:
            found[name] = pa.concat_tables(parts, promote_options="default")
    return found


def _meta(facts: ShardFacts) -> dict[str, str]:
    """Return what a store has to know of these roll-ups."""
    meta = dict(facts.rows("select key, value from meta"))
    return {**meta, "rolled_up": f"{facts.engine} {facts.mark}"}


def _reading(files: Sequence[Path], columns: Mapping[str, str] | None) -> str:
    """Write the query that reads files, or gives no row where there are none."""
    if not files:
        kinds = (columns or {"nothing": "integer"}).items()
        return "select " + ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in kinds) + " limit 0"
    listed = ", ".join(_quoted(file) for file in files)
    names = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
    return f"select {names} from read_parquet([{listed}], hive_partitioning = false)"


def _quoted(path: Path) -> str:
    """Write a path as a literal."""
    return "'" + str(path).replace("'", "''") + "'"


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn the engine's errors into the store's."""
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(f"the roll-ups failed: {str(error).splitlines()[0]}") from error
