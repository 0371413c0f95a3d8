"""The desk's records: all or nothing, shared by processes, brought forward step by step."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from engines import Engine

from stores import questions
from stores.desk import FILE_NAME, Desk, SqliteDesk, migrations, open_desk, statements
from stores.errors import SchemaVersionError, StoreAddressError, StoreError
from stores.settings import Settings
from stores.whole import WholeStore

ADD = "insert into audit (audit_id, at, action, outcome) values ($id, $at, 'test', 'done')"
COUNT = "select count(*) as n from audit"


def add(desk: Desk, name: str, *, shown: bool = True) -> None:
    with desk.writing(shown=shown) as writer:
        writer.run(ADD, id=name, at="2019-02-28T17:40:00")


def test_a_transaction_is_all_or_nothing(desk: Desk) -> None:
    before = desk.version

    def fail() -> None:
        with desk.writing() as writer:
            writer.run(ADD, id="a", at="2019-02-28T17:40:00")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert desk.read(COUNT) == [{"n": 0}]
    assert desk.version == before


def test_only_what_a_screen_may_show_is_a_new_version(desk: Desk) -> None:
    before = desk.version
    add(desk, "quiet", shown=False)
    assert desk.version == before
    add(desk, "loud")
    assert desk.version == before + 1


def test_a_statement_may_give_rows_back(desk: Desk) -> None:
    with desk.writing() as writer:
        given = writer.run(ADD + " returning audit_id", id="a", at="2019-02-28T17:40:00")
    assert given == [{"audit_id": "a"}]


def test_a_wrong_statement_is_the_stores_error(desk: Desk) -> None:
    with pytest.raises(StoreError, match="the desk's records"):
        desk.read("select * from nothing")


def test_whoever_writes_sees_what_is_written_and_nobody_else_does(desk: Desk) -> None:
    seen: list[list[dict[str, object]]] = []
    with desk.writing() as writer:
        writer.run(ADD, id="a", at="2019-02-28T17:40:00")
        assert desk.read(COUNT) == [{"n": 1}]
        if desk.engine == "postgres":
            other = threading.Thread(target=lambda: seen.append(desk.read(COUNT)))
            other.start()
            other.join()
            assert seen == [[{"n": 0}]]
    assert desk.read(COUNT) == [{"n": 1}]


def test_texts_stand_in_the_order_of_their_bytes(desk: Desk) -> None:
    names = ["b", "A", "a", "B", "_", "党", "é", "10", "9"]
    for name in names:
        add(desk, name)
    found = [row["audit_id"] for row in desk.read("select audit_id from audit order by audit_id")]
    assert found == sorted(names, key=lambda name: name.encode())


def test_threads_write_one_after_the_other(desk: Desk) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [add(desk, f"{n}-{i}") for i in range(20)]) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.read(COUNT) == [{"n": 80}]
    assert desk.version == 80


def test_another_process_is_heard(tmp_path: Path) -> None:
    desk = open_desk(Settings(data_dir=tmp_path))
    other = (
        "import sys, pathlib; from stores.desk import SqliteDesk; d = SqliteDesk(pathlib.Path(sys.argv[1]))\n"
        f"with d.writing() as w: w.run({ADD!r}, id='other', at='2019-02-28T17:40:00')"
    )
    root = Path(__file__).resolve().parent.parent
    subprocess.run([sys.executable, "-c", other, str(tmp_path / FILE_NAME)], cwd=root, check=True)
    desk._looked = 0.0
    assert desk.version == 1
    assert desk.read(COUNT) == [{"n": 1}]


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    SqliteDesk(tmp_path / FILE_NAME).close()
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_steps_are_run_once_and_a_newer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    add(SqliteDesk(path), "kept")
    again = SqliteDesk(path)
    assert again.read(COUNT) == [{"n": 1}]
    made = [row["number"] for row in again.read("select number from desk_migration order by number")]
    assert made == [number for number, _ in migrations()] == sorted(set(made))
    with sqlite3.connect(path) as connection:
        connection.execute("insert into desk_migration values (999, 'later')")
    with pytest.raises(SchemaVersionError, match="newer program"):
        SqliteDesk(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("this is no database, but long enough to look like one" * 40)
    with pytest.raises(StoreAddressError, match="cannot hold"):
        SqliteDesk(tmp_path / FILE_NAME)


def test_steps_hold_whole_statements() -> None:
    for number, sql in migrations():
        verbs = {part.split()[0].lower() for part in statements(sql)}
        assert verbs, number
        assert verbs <= {"create", "alter", "insert", "update"}, number


def test_a_computed_question_declares_what_a_written_one_does() -> None:
    assert not set(questions.computed_names()) & set(questions.names())
    for name in questions.computed_names():
        asked = questions.question(name)
        assert asked.sentence.endswith("?"), name
        assert asked.publish, name
        assert asked.compute is not None, name


def test_facts_and_records_are_one_store(engine: Engine) -> None:
    whole = WholeStore(engine.store(), engine.desk())
    before = whole.version
    with whole.desk.writing() as writer:
        writer.run(ADD, id="a", at="2019-02-28T17:40:00")
    assert whole.version == before + 1
    assert whole.ask("place_tree") == whole.facts.ask("place_tree")
