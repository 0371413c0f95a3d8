"""A store takes loads whole or not at all, says plainly what it cannot do, and answers from roll-ups."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import small_district
from engines import Engine
from random_district import arrow

from stores.duckdb import DuckStore
from stores.errors import (
    LoadError,
    QuestionError,
    SchemaVersionError,
    StoreAddressError,
    StoreBusyError,
    StoreError,
)
from stores.questions import names, parse, question
from stores.settings import Settings, SettingsError, load_settings
from stores.store import LoadReport, LoadResult, open_store, store_for_loading

ROOT = Path(__file__).resolve().parent.parent
GIVEN: dict[str, Any] = {
    "basis": "place",
    "node": "320115",
    "level": "community",
    "month": "2019-02",
    "dim": "age",
    "domain": "urban_community",
    "from_month": "2018-03",
    "to_month": "2019-02",
    "lod": 0,
    "day_kind": "all",
    "hour_from": 0,
    "hour_to": 24,
    "community": "320115001001",
    "place": "320115",
    "building": "B000001",
    "org_id": "O31001",
    "year": 2018,
    "table_name": "member",
}
NO_FACTS = (
    "member",
    "activity",
    "attendance",
    "dues_month",
    "dues_status",
    "study_record",
    "transfer",
    "post",
)
NO_FACTS += (
    "appraisal_year",
    "star_rating",
    "weak_org",
    "position_use",
    "service_request",
    "spell",
    "held",
    "signed",
)


def report(**meta: str) -> LoadReport:
    """Describe a load."""
    return LoadReport("folder", datetime(2019, 3, 1), meta or {"as_of": "2019-02-28"})


def load_small(store: Any, **meta: str) -> LoadResult:
    """Load the small district."""
    return store.load(small_district.tables(), report(**meta))


@pytest.fixture(scope="module")
def small(engine_of_module: Engine) -> Any:
    store = engine_of_module.store()
    load_small(store)
    return store


@pytest.mark.parametrize("name", names())
def test_every_question_answers_with_the_columns_it_declares(small: Any, name: str) -> None:
    asked = question(name)
    given = {param: GIVEN[param] for param in asked.params}
    rows = small.ask(name, **given)
    columns = set(small.columns(name, **given))
    if name.startswith("gate_"):
        assert set(asked.publish) <= columns
    else:
        assert set(asked.publish) == columns
    assert all(set(row) == columns for row in rows)


@pytest.mark.parametrize("name", names())
def test_no_question_reads_facts(small: Any, name: str) -> None:
    plan = small.explain(name, **{param: GIVEN[param] for param in question(name).params})
    scanned = set(re.findall(r"Table: memory\.main\.([a-z_]+)|Scan.* on ([a-z_]+)", plan))
    scanned = {table for pair in scanned for table in pair if table}
    mentioned = set(re.findall(r"\b(?:from|join)\s+([a-z_]+)", question(name).sql))
    assert scanned | mentioned
    assert not (scanned | mentioned) & set(NO_FACTS)


def test_an_empty_store_answers_every_question(engine: Engine) -> None:
    store = engine.store()
    for name in names():
        store.ask(name, **{param: GIVEN[param] for param in question(name).params})
    assert [row["node_id"] for row in store.ask("place_tree")] == ["320115"]
    assert store.version == 0


def test_loading_twice_changes_nothing_but_the_version(engine: Engine) -> None:
    store = engine.store()
    first = load_small(store)
    before = {name: engine.table(store, name) for name in ("tree", "member", "organisation", "node")}
    mark = store.ask("gate_mark")
    second = load_small(store)
    assert set(second.accepted.values()) == {0}
    assert second.duplicate == first.accepted
    assert second.version > first.version
    assert before == {name: engine.table(store, name) for name in before}
    assert mark == store.ask("gate_mark")


def test_a_changed_row_replaces_and_an_absent_column_stays(engine: Engine) -> None:
    store = engine.store()
    first = pa.table({"org_id": ["O1", "O2"], "name": ["one", "two"], "domain": ["organ", "school"]})
    store.load({"organisation": first}, report())
    second = pa.table(
        {"org_id": ["O2", "O1", "O3"], "name": ["two", "other", "three"], "source_id": ["f"] * 3}
    )
    result = store.load({"organisation": second}, report())
    assert (result.accepted["organisation"], result.duplicate["organisation"]) == (2, 1)
    assert result.by_source["organisation", "f"] == (2, 1)
    rows = engine.table(store, "organisation", "org_id, name, domain, source_id, import_batch_id")
    assert sorted(rows) == [
        ("O1", "other", "organ", "f", 2),
        ("O2", "two", "school", "", 1),
        ("O3", "three", None, "f", 2),
    ]


def test_of_equal_keys_the_first_row_stands_and_events_never_change(engine: Engine) -> None:
    store = engine.store()
    swipes = [
        {"activity_id": "A", "member_pid": "m", "state": "valid", "source_id": "a"},
        {"activity_id": "A", "member_pid": "m", "state": "rejected", "source_id": "b"},
    ]
    result = store.load({"attendance": arrow("attendance", swipes)}, report())
    assert result.by_source == {("attendance", "a"): (1, 0), ("attendance", "b"): (0, 1)}
    again = store.load({"attendance": arrow("attendance", swipes[1:])}, report())
    assert again.by_source == {("attendance", "b"): (0, 1)}
    assert engine.table(store, "attendance", "state") == [("valid",)]


def test_the_report_of_a_load_is_kept_and_adds_up(engine: Engine) -> None:
    store = engine.store()
    rows = pa.table({"org_id": ["O1", "O2", "O1"], "source_id": ["o.csv"] * 3})
    file = {"file": "o.csv", "layout": "organisation", "table_name": "organisation", "read": 5, "accepted": 3}
    file |= {"rejected": 1, "duplicate": 1, "dropped_columns": [{"column": "姓名", "count": 4}]}
    reject = {
        "file": "o.csv",
        "row": 7,
        "column": "成立日期",
        "value": "2O19",
        "reason": "no date",
        "advice": "mend",
    }
    full = LoadReport("folder", datetime(2019, 3, 1), {"data_label": "demo"}, [file], [reject])
    store.load({"organisation": rows}, full)
    store.load({"organisation": rows}, full)
    found = store.ask("sources", table_name="organisation")
    assert [(row["read"], row["accepted"], row["rejected"], row["duplicate"]) for row in found] == [
        (5, 0, 1, 4),
        (5, 2, 1, 2),
    ]
    freshness = store.ask("freshness")[0]
    assert (freshness["batches"], freshness["rejected"], freshness["data_label"]) == (2, 2, "demo")


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"organisations": pa.table({"org_id": ["O1"]})}, "no table 'organisations'"),
        ({"organisation": pa.table({"org_id": ["O1"], "phone": ["1"]})}, "no column phone"),
        ({"organisation": pa.table({"name": ["x"]})}, "lack the key org_id"),
        ({"organisation": pa.table({"org_id": ["O1", None]})}, "1 rows for 'organisation' have no org_id"),
        ({"organisation": pa.table({"org_id": ["O1"], "founded_on": ["soon"]})}, "does not fit"),
    ],
)
def test_a_load_that_does_not_fit_is_refused_whole(
    engine: Engine, tables: dict[str, pa.Table], sentence: str
) -> None:
    store = engine.store()
    load_small(store)
    version, before = store.version, engine.table(store, "organisation")
    good = {"member": pa.table({"member_pid": ["new"], "branch_id": ["O31001"], "status": ["full"]})}
    with pytest.raises(LoadError, match=sentence):
        store.load({**good, **tables}, report())
    assert store.version == version
    assert engine.table(store, "organisation") == before
    assert ("new",) not in engine.table(store, "member", "member_pid")
    load_small(store)


def test_a_cancelled_load_leaves_all_as_it_was(tmp_path: Path) -> None:
    store = DuckStore(tmp_path / "s.duckdb", Settings())
    heard: list[tuple[str, float]] = []

    def cancel(what: str, share: float) -> None:
        heard.append((what, share))
        if share > 0.7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.load(small_district.tables(), report(), cancel)
    assert [share for _, share in heard] == sorted(share for _, share in heard)
    assert _rows(store, "organisation") == []
    assert store.ask("months") == []
    assert load_small(store).accepted["organisation"] == 14
    store.close()


def test_a_killed_load_leaves_all_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    store = DuckStore(path, Settings())
    load_small(store)
    expected, version = _rows(store, "tree"), store.version
    store.close()
    child = f"""
import sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
import random_district, pathlib, datetime
from stores.duckdb import DuckStore
from stores.settings import Settings
from stores.store import LoadReport
store = DuckStore(pathlib.Path({str(path)!r}), Settings())
def wait(what, share):
    if share > 0.9:
        print("now", flush=True)
        time.sleep(60)
rows = random_district.draw(7)
tables = {{name: random_district.arrow(name, part) for name, part in rows.items()}}
store.load(tables, LoadReport("f", datetime.datetime.now()), wait)
"""
    process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "now"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    store = DuckStore(path, Settings())
    assert store.version == version
    assert _rows(store, "tree") == expected
    store.close()


def test_readers_never_see_half_a_load(engine: Engine) -> None:
    store = engine.store()
    load_small(store)
    seen: set[tuple[int, int]] = set()
    stop = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                figures = store.ask("headline", basis="place", node="320115", month="2019-02")[0]
                seen.add((figures["organisations"], figures["members"]))
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(3):
        org = pa.table({"org_id": [f"N{turn}"], "kind": ["branch"]})
        people = pa.table(
            {
                "member_pid": [f"n{turn}-{n}" for n in range(10)],
                "branch_id": [f"N{turn}"] * 10,
                "status": ["full"] * 10,
            }
        )
        store.load({"organisation": org, "member": people}, report())
    stop.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert seen <= {(14 + turn, 388 + 10 * turn) for turn in range(4)}
    assert tuple(store.ask("headline", basis="place", node="320115", month="2019-02")[0][name]
                              for name in ("organisations", "members")) == (17, 418)  # fmt: skip


def test_a_load_beside_a_running_server(tmp_path: Path) -> None:
    settings = small_district.settings_in(tmp_path)
    server = open_store(settings.store.url, settings)
    server.load(small_district.tables(), report())
    swipe = pa.table({"activity_id": ["A-live"], "member_pid": ["m"], "state": ["valid"]})
    child = f"""
import sys, pathlib
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
import small_district, pyarrow as pa, datetime
from stores.errors import StoreBusyError
from stores.store import LoadReport, open_store, store_for_loading
settings = small_district.settings_in(pathlib.Path({str(tmp_path)!r}))
try:
    open_store(settings.store.url, settings)
except StoreBusyError as error:
    print(error, flush=True)
with store_for_loading(settings.store.url, settings) as store:
    sys.stdin.readline()
    rows = pa.table({{"org_id": ["N1"], "kind": ["branch"]}})
    store.load({{"organisation": rows}}, LoadReport("f", datetime.datetime.now()))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "another process" in process.stdout.readline()
    time.sleep(1)
    server.append_attendance(swipe)
    version = server.version
    process.communicate("go\n", timeout=60)
    assert process.returncode == 0
    deadline = time.monotonic() + 5
    while server.version == version and time.monotonic() < deadline:
        time.sleep(0.1)
    assert server.version > version
    assert server.ask("headline", basis="place", node="320115", month="2019-02")[0]["organisations"] == 15
    assert _rows(server, "attendance", "activity_id") == [("A-live",)]
    assert server.refresh() is False
    server.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ejia.duckdb"]


def test_a_failed_load_beside_a_server_leaves_no_trace(tmp_path: Path) -> None:
    settings = small_district.settings_in(tmp_path)
    with pytest.raises(LoadError), store_for_loading(settings.store.url, settings) as store:
        store.load({"nothing": pa.table({"a": [1]})}, report())
    with store_for_loading(settings.store.url, settings) as store:
        assert store.version == 0


def test_a_store_of_another_schema_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    DuckStore(path, Settings()).close()
    for found, word in (("99", "newer"), ("0", "older")):
        with duckdb.connect(str(path)) as connection:
            connection.execute("update meta set value = ? where key = 'schema_version'", [found])
        with pytest.raises(SchemaVersionError, match=word):
            DuckStore(path, Settings())


def test_roll_ups_of_an_older_program_are_made_anew(tmp_path: Path) -> None:
    path, report = tmp_path / "s.duckdb", LoadReport("test", datetime(2019, 3, 1), {"as_of": "2019-02-28"})
    store = DuckStore(path, Settings())
    store.load(small_district.tables(), report)
    node = {"basis": "place", "node": small_district.ROOT, "month": "2019-02"}
    answer, version = store.ask("headline", **node), store.version
    store.close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table branch_cell")
        connection.execute("update tree set members = 0")
        connection.execute("update meta set value = 'of another program' where key = 'rollup_mark'")
    store = DuckStore(path, Settings())
    assert store.ask("headline", **node) == answer
    assert store.ask("branch_cells", place=small_district.ROOT, month="2019-02")
    assert store.version == version + 1
    store.close()
    store = DuckStore(path, Settings())
    assert store.version == version + 1, "it is done once"
    store.close()


def test_what_is_no_store_is_refused_in_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.duckdb"
    text.write_text("nothing" * 1000)
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table t as select 1 as a")
    for url in (
        f"duckdb:///{text}",
        f"duckdb:///{other}",
        f"duckdb:///{tmp_path}",
        "duckdb://host/x",
        "nonsense",
    ):
        with pytest.raises(StoreAddressError):
            open_store(url, Settings())
    with pytest.raises(StoreAddressError, match="duckdb:///"):
        open_store("mysql://host/base", Settings())
    assert text.read_text() == "nothing" * 1000


def test_addresses_start_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    open_store("duckdb:///data/a.duckdb", settings).close()
    open_store("duckdb:///deep/b.duckdb", settings).close()
    assert (tmp_path / "a.duckdb").is_file()
    assert (tmp_path / "deep" / "b.duckdb").is_file()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    store = DuckStore(tmp_path / "s.duckdb", Settings())
    child = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from stores.duckdb import DuckStore
from stores.settings import Settings
DuckStore(Path({str(tmp_path / "s.duckdb")!r}), Settings())
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert StoreBusyError.__name__ in done.stderr
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.ask("months")


def test_questions_refuse_what_they_do_not_know(small: Any) -> None:
    with pytest.raises(QuestionError, match="misses month"):
        small.ask("headline", basis="place", node="320115")
    with pytest.raises(QuestionError, match="does not know town"):
        small.ask("months", town="x")
    for name in ("nothing", "../schema", "rollups/01_month", ""):
        with pytest.raises(QuestionError, match="no question"):
            small.ask(name)
    assert small.ask("node", basis="place", node="x' or '1'='1") == []


def test_the_head_of_a_question() -> None:
    sql = "-- What?\n-- params: a, b\n-- publish: n = node; x, y = rate:r(x, y)\n-- publish: z = rare\n"
    sql += "select $a, $b"
    asked = parse("q", sql)
    assert (asked.sentence, asked.params) == ("What?", ("a", "b"))
    assert asked.publish == {"n": "node", "x": "conduct", "y": "conduct", "z": "rare"}
    assert [(rate.name, rate.part, rate.whole) for rate in asked.rates] == [("r", "x", "y")]
    assert asked.text("pyformat") == "select %(a)s, %(b)s"
    for broken in (
        "select 1",
        sql.replace("$b", "1"),
        sql.replace("= rare", "= secret"),
        sql.replace("(x, y)", "(x, w)"),
    ):
        with pytest.raises(QuestionError):
            parse("q", broken)


def test_the_deployment_file_is_checked(tmp_path: Path) -> None:
    assert load_settings(ROOT / "district.toml").district == Settings().district
    assert load_settings(ROOT / "district.toml").gate == Settings().gate
    file = tmp_path / "district.toml"
    for text, sentence in (
        ("[district]\ncode = 'x'", "district.code"),
        ("[gate]\nleast_visitor = 0", "gate.least_visitor"),
        ("colour = 1", "colour"),
        ("= 1", "cannot be read"),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(SettingsError, match=sentence):
            load_settings(file)
    file.write_text("data_dir = 'here'", "utf-8")
    assert load_settings(file).data_dir == tmp_path / "here"


def test_a_store_may_be_looked_at_while_another_process_has_it(tmp_path: Path) -> None:
    settings = small_district.settings_in(tmp_path)
    server = open_store(settings.store.url, settings)
    server.load(small_district.tables(), report())
    child = f"""
import sys, pathlib
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
import small_district
from stores.store import store_for_reading
settings = small_district.settings_in(pathlib.Path({str(tmp_path)!r}))
with store_for_reading(settings.store.url, settings) as store:
    print(store.status().rows["organisation"])
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "14"
    assert server.refresh() is False
    server.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ejia.duckdb"]


def test_known_rows_for_the_intake(small: Any) -> None:
    assert small.known("organisation", ["org_id", "name"]).num_rows == 14
    for table, column in (("nothing", "a"), ("organisation", "phone"), ("meta", "key")):
        with pytest.raises(StoreError, match="no table"):
            small.known(table, [column])


def test_status_counts_everything(tmp_path: Path) -> None:
    store = DuckStore(tmp_path / "s.duckdb", Settings())
    load_small(store, as_of="2019-02-28", data_label="demo")
    status = store.status()
    assert (status.rows["organisation"], status.rows["member"], status.version) == (14, 388, 1)
    assert status.bytes > 0
    assert status.meta["data_label"] == "demo"
    assert [load["folder"] for load in status.loads] == ["folder"]
    store.close()


def test_shapes_by_level_and_parent(small: Any) -> None:
    assert [row[0] for row in small.shapes("district")] == ["320115"]
    assert len(small.shapes("town")) == 2
    assert [row[0] for row in small.shapes("community", "320115001")] == ["320115001001", "320115001002"]
    assert small.shapes("building", "320115001001")[0][0] == "B000001"
    assert small.shapes("nothing") == []
    assert all(basis in ("official", "schematic") for _, _, basis in small.shapes("community"))


def _rows(store: Any, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    with store._reading() as cursor:
        return sorted(cursor.execute(f"select {columns} from {table}").fetchall(), key=str)
