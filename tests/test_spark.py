"""Past one machine: a lake of facts, its roll-ups by DuckDB and by a real Spark cluster, stores filled."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import engines
import pytest
import spark_cluster
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from random_district import LAST, ROOT, Rows, arrow, draw, sign_ins
from typer.testing import CliRunner

from dashboard.commands import app
from stores import rollups, shards, spark
from stores.duckdb import DuckStore
from stores.errors import LoadError, StoreAddressError, StoreBusyError, StoreDownError, StoreError
from stores.lake import MANIFEST, Lake, write_facts
from stores.settings import Settings
from stores.shards import KEPT_BACK, PLACES, Done, LocalRunner, Made, Runner, roll_up
from stores.spark_sql import spoken
from stores.store import LoadReport

few = tries(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
ONE = Settings()


def loaded(rows: Rows) -> DuckStore:
    """Load a district into a store in memory."""
    store = DuckStore(None, ONE)
    tables = {name: arrow(name, part) for name, part in rows.items()}
    store.load(tables, LoadReport("random", datetime(2019, 3, 1), {"as_of": str(LAST), "data_label": "demo"}))
    return store


def lake_of(store: Any, folder: Path) -> Lake:
    """Write a store's facts as a lake."""
    write_facts(store, folder, ROOT)
    return Lake(folder)


def rolled(lake: Lake, work: Path, runner: Runner | None = None) -> tuple[Made, Done]:
    """Roll a lake up, by DuckDB where nothing else is given."""
    work.mkdir(parents=True, exist_ok=True)
    mine = runner or LocalRunner(ONE, work)
    try:
        return roll_up(lake, mine, ONE, work)
    finally:
        if runner is None:
            mine.close()


def differing(store: DuckStore, made: Made) -> list[str]:
    """Return the roll-ups in which files and store differ, to the last digit."""
    found = []
    with store._reading() as cursor, duckdb.connect() as files:
        for table, folder in made.folders.items():
            names = ", ".join(f'"{row[0]}"' for row in cursor.execute(f"describe {table}").fetchall())
            want = cursor.execute(f"select {names} from {table}").fetchall()
            got = files.execute(f"select {names} from read_parquet('{folder}/*.parquet')").fetchall()
            if sorted(map(str, want)) != sorted(map(str, got)):
                found.append(table)
    return found


@pytest.fixture
def district(tmp_path: Path) -> Iterator[tuple[DuckStore, Lake, Rows]]:
    """Give a district as a store, as a lake and as rows."""
    rows = draw(5)
    store = loaded(rows)
    yield store, lake_of(store, tmp_path / "lake"), rows
    store.close()


# The lake


def test_every_roll_up_has_its_place() -> None:
    texts = dict(rollups.texts("duckdb"))
    assert set(PLACES) <= set(texts)
    assert set(dict(rollups.texts("spark"))) == set(texts)
    made_here = {table for table, place in PLACES.items() if place == "frame"}
    for table in made_here:  # what is made beside the command reads nothing that is made by the cluster
        text = re.sub(r"extract\([^)]*\)", "", texts[table])
        read = set(re.findall(r"\b(?:from|join)\s+([a-z_]+)", text))
        assert not read & (set(texts) - made_here), table
        assert not read & {"attendance", "activity", "study_record", "member", "dues_month"}, table
    recursive = {table for table, text in texts.items() if "with recursive" in text}
    assert recursive <= made_here  # Spark takes a job for each step
    assert set(PLACES) >= KEPT_BACK
    with_members = {table for table, text in rollups.texts() if "member_pid" in text.rpartition("select")[2]}
    assert with_members - {"studied"} <= KEPT_BACK  # studied counts by windows over members


@few
@given(st.integers(0, 10**9))
def test_a_lake_holds_every_row_once(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    store = loaded(draw(seed))
    lake = lake_of(store, tmp_path_factory.mktemp("lake") / "facts")
    with duckdb.connect() as files:
        for table in ("attendance", "activity", "member", "transfer", "study_record", "region", "dues_month"):
            with store._reading() as cursor:
                names = ", ".join(f'"{name}"' for name in shards.fact_tables()[table].columns)
                want = cursor.execute(f"select {names} from {table}").fetchall()
            got: list[Any] = []
            for part in lake.partitions(table):
                for file in part.files:
                    got += files.execute(
                        f"select {names} from read_parquet('{file}', hive_partitioning = false)"
                    ).fetchall()
            assert sorted(map(str, want)) == sorted(map(str, got)), table
    store.close()


def test_a_lake_written_again_changes_only_what_is_new(district: tuple[DuckStore, Lake, Rows]) -> None:
    store, lake, rows = district
    files = {file: file.stat().st_mtime_ns for file in lake.folder.rglob("*.parquet")}
    write_facts(store, lake.folder, ROOT)
    assert {file: file.stat().st_mtime_ns for file in lake.folder.rglob("*.parquet")} == files
    late = sign_ins(random.Random(1), rows, 1)
    late[0]["activity_id"] = rows["activity"][0]["activity_id"]
    late[0]["member_pid"] = "somebody new"
    store.append_attendance(arrow("attendance", late))
    write_facts(store, lake.folder, ROOT)
    changed = [file for file in lake.folder.rglob("*.parquet") if file.stat().st_mtime_ns != files.get(file)]
    assert len(changed) == 1
    assert changed[0].is_relative_to(lake.folder / "attendance")


def test_a_lake_of_either_engine_is_the_same(
    engine_name: str, engine: engines.Engine, district: tuple[DuckStore, Lake, Rows], tmp_path: Path
) -> None:
    _, lake, rows = district
    tables = {name: arrow(name, part) for name, part in rows.items()}
    mine = lake_of(engine.loaded(tables, as_of=str(LAST), data_label="demo"), tmp_path / "mine")
    assert mine.meta == lake.meta
    with duckdb.connect() as files:
        for table in shards.fact_tables():
            parts, theirs = mine.partitions(table), lake.partitions(table)
            assert [part.name for part in parts] == [part.name for part in theirs]
            for one, other in zip(parts, theirs, strict=True):
                both = []
                for part in (one, other):
                    sql = f"select * from read_parquet('{part.files[0]}', hive_partitioning = false)"
                    both.append(files.execute(sql).fetchall())
                assert both[0] == both[1], one.name


def test_hostile_places_choose_no_folder(tmp_path: Path) -> None:
    rows = draw(5)
    rows["organisation"][0]["region_id"] = "../../../etc/x"
    store = loaded(rows)
    lake = lake_of(store, tmp_path / "lake")
    for table in ("organisation", "dues_month", "activity"):
        lake.partitions(table)
    assert {path.name for path in tmp_path.iterdir()} == {"lake"}
    store.close()


def test_what_is_no_lake_is_said(tmp_path: Path, district: tuple[DuckStore, Lake, Rows]) -> None:
    store, lake, _ = district
    with pytest.raises(StoreAddressError, match="no folder of facts"):
        Lake(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(LoadError, match="not empty"):
        write_facts(store, tmp_path / "mine", ROOT)
    manifest = lake.folder / MANIFEST
    kept = manifest.read_text()
    manifest.write_text(kept.replace('"schema": ', '"schema": 9'))
    with pytest.raises(LoadError, match="schema 9"):
        Lake(lake.folder)
    manifest.write_text(kept.replace('"data_label"', '"version"'))
    with pytest.raises(LoadError, match="declare"):
        Lake(lake.folder)
    manifest.write_text(kept)
    stray = lake.folder / "attendance" / "district=nowhere"
    stray.mkdir()
    shutil.copy(next((lake.folder / "attendance").rglob("*.parquet")), stray / "x.parquet")
    with pytest.raises(LoadError, match="no partition"):
        Lake(lake.folder).partitions("attendance")


# Roll-ups by DuckDB


@few
@given(st.integers(0, 10**9))
def test_a_lake_gives_the_roll_ups_of_its_store(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    store = loaded(draw(seed))
    home = tmp_path_factory.mktemp("rolled")
    made, _ = rolled(lake_of(store, home / "lake"), home / "work")
    assert differing(store, made) == []
    store.close()


@few
@given(st.integers(0, 10**9), st.integers(2, 5))
def test_shards_of_any_cut_add_up(tmp_path_factory: pytest.TempPathFactory, seed: int, pieces: int) -> None:
    """However the sign-ins are cut into partitions, the counts are the same: they are sums."""
    rows = draw(seed)
    whole = loaded(rows)
    home = tmp_path_factory.mktemp("cut")
    lake = lake_of(whole, home / "lake")
    parts = [file for part in lake.partitions("attendance") for file in part.files]
    with duckdb.connect() as local:
        if parts:
            listed = ", ".join(f"'{file}'" for file in parts)
            local.execute(
                f"create table a as select * from read_parquet([{listed}], hive_partitioning = false)"
            )
            for number in range(pieces):
                folder = lake.folder / "attendance" / f"district=1000{number:02}" / "month=2019-01"
                folder.mkdir(parents=True)
                local.execute(
                    f"copy (select * from a where hash(member_pid) % {pieces} = {number}) "
                    f"to '{folder}/part.parquet' (format parquet)"
                )
    for file in parts:
        file.unlink()
    made, done = rolled(lake, home / "work")
    assert done.counted == (pieces if parts else 0)
    assert differing(whole, made) == []
    whole.close()


def test_only_what_changed_is_counted_again(district: tuple[DuckStore, Lake, Rows], tmp_path: Path) -> None:
    store, lake, rows = district
    work = tmp_path / "work"
    partitions = len(lake.partitions("attendance"))
    _, first = rolled(lake, work)
    assert (first.counted, first.known, first.found) == (partitions, 0, 0)
    _, again = rolled(lake, work)
    assert (again.counted, again.known, again.made) == (0, partitions, 0)
    for file in lake.folder.rglob("*.parquet"):
        os.utime(file)  # touched, and the same inside
    _, touched = rolled(lake, work)
    assert (touched.counted, touched.made) == (0, 0)
    late = sign_ins(random.Random(1), rows, 1)
    late[0] |= {"activity_id": rows["activity"][0]["activity_id"], "member_pid": "new", "state": "valid"}
    store.append_attendance(arrow("attendance", late))
    made, changed = rolled(lake_of(store, lake.folder), work)
    assert (changed.counted, changed.known, changed.found) == (1, partitions - 1, 0)
    assert differing(store, made) == []
    gone = lake.partitions("attendance")[0]
    shutil.rmtree(gone.files[0].parent)
    made, less = rolled(lake, work)
    assert (less.counted, less.known) == (0, partitions - 1)
    with duckdb.connect() as files:
        n = files.execute(f"select sum(n) from read_parquet('{made.folders['signed']}/*.parquet')").fetchone()
    with store._reading() as cursor:
        before = cursor.execute("select sum(n) from signed").fetchone()
    assert n and before and (n[0] or 0) <= before[0]
    assert len(list((work / "signed").iterdir())) == partitions - 1  # what was counted before is gone


class Failing(LocalRunner):
    """Fail at one of the texts, as a cluster may."""

    fails_at = ""

    def write(self, sql: str, folder: Path) -> None:
        if self.fails_at and self.fails_at in sql:
            folder.mkdir(parents=True)
            (folder / "part-0.parquet").write_bytes(b"half")
            raise StoreError("the cluster is gone")
        super().write(sql, folder)


def test_a_run_that_failed_goes_on_where_it_was(
    district: tuple[DuckStore, Lake, Rows], tmp_path: Path
) -> None:
    store, lake, _ = district
    work = tmp_path / "work"
    work.mkdir()
    runner = Failing(ONE, work)
    runner.fails_at = "Activity heat of whole months"
    with pytest.raises(StoreError, match="gone"):
        roll_up(lake, runner, ONE, work)
    runner.fails_at = ""
    made, done = roll_up(lake, runner, ONE, work)
    runner.close()
    assert done.counted == 0
    assert done.found > 10
    assert done.made > 5
    assert differing(store, made) == []


KILLED = """
import sys
from pathlib import Path
from stores.lake import Lake
from stores.settings import Settings
from stores.shards import LocalRunner, roll_up
class Slow(LocalRunner):
    def count(self, sql, files, columns, folder):
        super().count(sql, files, columns, folder)
        print("counted\\n", end="", flush=True)  # at once: several threads say it
        import time; time.sleep(0.3)
work = Path(sys.argv[2])
roll_up(Lake(Path(sys.argv[1])), Slow(Settings(), work), Settings(), work)
"""


def test_a_killed_run_leaves_nothing_half_done(
    district: tuple[DuckStore, Lake, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lake, _ = district
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, "-c", KILLED, str(lake.folder), str(work)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"counted\n"
        run.send_signal(signal.SIGKILL)
        run.wait(20)
    made, done = rolled(lake, work)
    assert done.counted + done.known == len(lake.partitions("attendance"))
    assert differing(store, made) == []


def test_two_runs_do_not_mix(district: tuple[DuckStore, Lake, Rows], tmp_path: Path) -> None:
    _, lake, _ = district
    work = tmp_path / "work"
    work.mkdir()
    ledger = shards.Ledger(work / "ledger.sqlite")
    with pytest.raises(StoreBusyError, match="another run"):
        rolled(lake, work)
    ledger.close()
    rolled(lake, work)


# Into a store


def test_a_filled_store_answers_as_the_loaded_one(
    engine_name: str, engine: engines.Engine, district: tuple[DuckStore, Lake, Rows], tmp_path: Path
) -> None:
    store, lake, _ = district
    made, _ = rolled(lake, tmp_path / "work")
    filled = engine.store()
    before = filled.version
    assert filled.pour(made) > before
    for table in made.folders:
        names = [column for column, *_ in _columns(store, table)]
        listed = ", ".join(f'"{name}"' for name in names)
        with store._reading() as cursor:
            want = cursor.execute(f"select {listed} from {table}").fetchall()
        got = engine.rows(filled, f"select {listed} from {table}")
        assert sorted(map(str, got)) == ([] if table in KEPT_BACK else sorted(map(str, want))), table
    for question in ("months", "freshness"):
        mine, theirs = filled.ask(question), store.ask(question)
        for row in (*mine, *theirs):
            for name in ("loaded_at", "batches"):
                row.pop(name, None)
        assert mine == theirs
    for level in ("district", "town", "community", "building"):
        assert filled.shapes(level) == store.shapes(level)
    assert not engine.rows(filled, "select 1 from member")  # nobody leaves the lake
    assert not engine.rows(filled, "select 1 from spell")
    again = filled.pour(made)  # the same again replaces
    assert again > before
    assert len(engine.rows(filled, "select * from tree")) == len(_all(store, "tree"))


def test_loaded_and_filled_stores_do_not_mix(
    engine_name: str, engine: engines.Engine, district: tuple[DuckStore, Lake, Rows], tmp_path: Path
) -> None:
    _, lake, rows = district
    made, _ = rolled(lake, tmp_path / "work")
    tables = {name: arrow(name, part) for name, part in rows.items()}
    own = engine.loaded(tables)
    with pytest.raises(LoadError, match="facts of its own"):
        own.pour(made)
    filled = engine.store()
    filled.pour(made)
    with pytest.raises(LoadError, match="elsewhere"):
        filled.load(tables, LoadReport("x", datetime(2019, 3, 1)))
    assert len(engine.rows(filled, "select 1 from tree")) > 0


def _columns(store: DuckStore, table: str) -> list[Any]:
    with store._reading() as cursor:
        return cursor.execute(f"describe {table}").fetchall()


def _all(store: DuckStore, table: str) -> list[Any]:
    with store._reading() as cursor:
        return cursor.execute(f"select * from {table}").fetchall()


def test_the_commands_go_from_a_store_to_a_store(tmp_path: Path) -> None:
    source = DuckStore(tmp_path / "source.duckdb", ONE)
    rows = draw(7)
    source.load(
        {name: arrow(name, part) for name, part in rows.items()},
        LoadReport("x", datetime(2019, 3, 1), {"as_of": str(LAST)}),
    )
    tree = len(_all(source, "tree"))
    source.close()
    run = CliRunner()
    lake, target = str(tmp_path / "lake"), f"duckdb:///{tmp_path / 'wall.duckdb'}"
    said = run.invoke(app, ["facts", f"duckdb:///{tmp_path / 'source.duckdb'}", lake])
    assert said.exit_code == 0, said.output
    command = ["rollup", "--engine", "duckdb", "--facts", lake, "--into", target]
    first = run.invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "Filled the store" in first.output
    again = run.invoke(app, command)
    assert "already" in again.output
    filled = DuckStore(tmp_path / "wall.duckdb", ONE)
    assert len(_all(filled, "tree")) == tree
    filled.close()
    for words, sentence in (
        (["--engine", "hadoop"], "write duckdb, or spark://host:7077"),
        (["--engine", f"spark://127.0.0.1:{spark_cluster.free_port()}"], "no master answers"),
        (["--option", "x=1"], "no setting of Spark"),
        (["--facts", str(tmp_path)], "no folder of facts"),
        (["--into", "mysql://x/y"], "no address of a store"),
    ):
        wrong = run.invoke(app, [*command, *words])
        assert wrong.exit_code == 2, wrong.output
        assert sentence in " ".join((wrong.output + wrong.stderr).split())
        assert "Traceback" not in wrong.output


# Spark


def test_texts_are_spoken_as_spark_reads_them() -> None:
    for table, text in rollups.texts("spark"):
        said = spoken(text)
        assert "varchar" not in said, table
        assert "isodow" not in said, table
        assert "--" not in said, table
    assert spoken("select '$x', $x, cast(a as varchar)") == "select '$x', :x, cast(a as string)"
    assert spoken("string_agg(a, '/' order by d desc)") == "listagg(a, '/') within group (order by d desc)"


def test_what_spark_needs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("spark://", "spark://host", "spark://h:1/x", "local[2]", "yarn", "spark://h:1; rm -rf"):
        with pytest.raises(StoreAddressError, match="spark://host:7077"):
            spark.require(wrong)
    with pytest.raises(StoreDownError, match="no master answers"):
        spark.require(f"spark://127.0.0.1:{spark_cluster.free_port()}")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(StoreAddressError, match="default-jre-headless"):
        spark.require("spark://127.0.0.1:1")
    monkeypatch.setattr(spark.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StoreAddressError, match=r"python3 -m bootstrap\.spark"):
        spark.require("spark://127.0.0.1:1")


class FailingSpark(spark.SparkRunner):
    """Fail at one of the texts."""

    fails_at = ""

    def write(self, sql: str, folder: Path) -> None:
        if self.fails_at and self.fails_at in sql:
            raise StoreError("the cluster is gone")
        super().write(sql, folder)


@pytest.mark.slow
def test_a_cluster_says_what_duckdb_says(district: tuple[DuckStore, Lake, Rows], tmp_path: Path) -> None:
    """On a real master with two workers: a run that fails, one partition changed, all tables to the digit."""
    store, lake, rows = district
    work = tmp_path / "work"
    work.mkdir()
    with spark_cluster.running() as master:
        runner = FailingSpark(master, spark_cluster.LITTLE)
        try:
            assert len(spark_cluster.executors()) == 2
            runner.fails_at = "group by activity_id"  # adding the partitions up
            with pytest.raises(StoreError, match="gone"):
                rolled(lake, work, runner)
            runner.fails_at = ""
            late = sign_ins(random.Random(1), rows, 1)
            late[0] |= {"activity_id": rows["activity"][0]["activity_id"], "member_pid": "new"}
            late[0]["state"] = "valid"
            store.append_attendance(arrow("attendance", late))
            made, done = rolled(lake_of(store, lake.folder), work, runner)
            assert (made.engine, done.counted) == ("spark", 1)
            assert done.known == len(lake.partitions("attendance")) - 1
            assert differing(store, made) == []
            _, done = rolled(lake, work, runner)
            assert (done.counted, done.made) == (0, 0)
            with pytest.raises(StoreError, match="Spark: "):
                runner.rows("select no_such_column from member")
        finally:
            runner.close()
    for _ in range(100):
        if not spark_cluster.executors():
            break
        time.sleep(0.1)
    assert not spark_cluster.executors()
