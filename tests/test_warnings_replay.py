"""A year judged day by day ends as one look at its end does; so does what is judged from changes alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.warnings import running
from indicators.warnings.columns import Columns
from indicators.warnings.kept import Kept
from indicators.warnings.registry import all_warnings
from stores.desk import Desk, SqliteDesk
from stores.settings import Settings, Warnings
from stores.tables import fact_tables
from tests.plain_store import PlainStore
from tests.random_histories import History, Tables

ALL = Settings(warnings=Warnings(enabled=tuple(all_warnings())))
RECORDS = ("alert", "alert_step", "duty_state", "coming_due", "indicator_run")
LOADS = (date(2018, 9, 12), date(2018, 12, 20), date(2019, 1, 7), date(2019, 3, 20))
seeds = st.integers(0, 2**32)
slowly = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}


def records(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that evaluations write, but when they ran."""
    return {name: sorted(map(str, desk.read(f"select * from {name}"))) for name in RECORDS}  # type: ignore[misc]


@settings(max_examples=2, **slowly)  # type: ignore[arg-type]
@given(seed=seeds)
def test_a_year_day_by_day_ends_as_one_look_at_its_end(seed: int) -> None:
    """Every warning, step and value of all twenty-two indicators is the same, those that are over included.

    Three things are known only while they last, and do not occur in these histories: a vacancy before any
    head was on record, who led a community before its organisation was abolished, and what a sheet of the
    present said before it was changed.
    """
    store: Any = PlainStore(History(seed, 24, 6, date(2018, 1, 1), date(2019, 4, 20)).tables)
    first, last = date(2018, 4, 1), date(2019, 4, 10)
    daily, once = SqliteDesk(None), SqliteDesk(None)
    running.replay(store, daily, ALL, first, last)
    running.run(store, once, ALL, last)
    assert records(daily) == records(once)
    assert len(records(once)["alert"]) > 100


def as_loaded(tables: Tables, chance: Random) -> Iterator[Tables]:
    """Give the tables after each of some loads: rows come late, and all but events are changed again.

    Sign-ins that come live are of no load. What a load changes goes to the end of its table.
    """
    count = len(LOADS)
    came = {
        (name, at): chance.choice([1, 1, 1, *range(1, count + 1)])
        for name in tables
        for at in range(len(tables[name]))
    }
    again = {key: chance.randint(first, count) for key, first in came.items() if chance.random() < 0.1}
    live = {key for key in came if key[0] == "attendance" and chance.random() < 0.1}
    for load in range(1, count + 1):
        made: Tables = {}
        for name, rows in tables.items():
            events = fact_tables()[name].is_event
            moved: list[tuple[int, dict[str, Any]]] = []
            for at, row in enumerate(rows):
                first, second = came[name, at], again.get((name, at), 0)
                if first > load:
                    continue
                number = second if second <= load and second > first and not events else first
                mark = {
                    "import_batch_id": None if (name, at) in live else number,
                    "updated_at": datetime.now(),
                }
                moved.append(
                    (number, (row if number == second or second <= first else before(name, row)) | mark)
                )
            made[name] = [row for _, row in sorted(moved, key=lambda one: one[0])]
        yield made


def before(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row said before it was changed."""
    old = {
        "activity": {"status": "planned", "attended_count": 0},
        "member": {"contact_state": "normal", "status": "full"},
        "dues_status": {"paid_through_month": "2018-01"},
        "transfer_event": {"org_id": "O01"},
        "organisation": {"group_count": 0},
    }
    return row | old.get(name, {})


@settings(max_examples=15, **slowly)  # type: ignore[arg-type]
@given(seed=seeds, lives=st.booleans())
def test_judging_what_loads_changed_is_judging_everything(
    tmp_path_factory: pytest.TempPathFactory, seed: int, lives: bool
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    tables = History(seed, 12, 6, date(2018, 1, 1), date(2019, 4, 20)).tables
    memory, store = Kept(folder), CountingStore({})
    for day, loaded in zip(LOADS, as_loaded(tables, Random(seed)), strict=True):
        store.rows = loaded
        memory = memory if lives else Kept(folder)
        whole = running.evaluate(Columns(store), ALL, day)  # type: ignore[arg-type]
        from_changes = running.evaluate(Columns(store, memory), ALL, day)  # type: ignore[arg-type]
        memory.save()
        assert from_changes == whole


def test_after_a_days_import_little_is_read(tmp_path: Path) -> None:
    tables = History(5, 24, 6, date(2018, 1, 1), date(2019, 4, 20)).tables
    of_day = {row["activity_id"] for row in tables["activity"] if row["start_at"].date() == date(2019, 2, 14)}
    assert of_day
    for rows in tables.values():
        for row in rows:
            row["import_batch_id"] = 2 if row.get("activity_id") in of_day else 1
    first = {name: [row for row in rows if row["import_batch_id"] == 1] for name, rows in tables.items()}
    store = CountingStore(first)
    read = []
    for loaded in (first, tables):
        store.rows, store.count = loaded, 0
        memory = Kept(tmp_path)
        found = running.evaluate(Columns(store, memory), ALL, date(2019, 3, 8))  # type: ignore[arg-type]
        memory.save()
        read.append(store.count)
        assert found == running.evaluate(Columns(PlainStore(loaded)), ALL, date(2019, 3, 8))  # type: ignore[arg-type]
    assert read[1] < read[0] / 50


class CountingStore(PlainStore):
    """Count the rows that are read."""

    count = 0

    def known(self, *args: Any) -> Any:
        found = super().known(*args)
        self.count += found.num_rows
        return found


def test_another_life_of_the_store_is_read_anew(tmp_path: Path) -> None:
    tables = next(as_loaded(History(7, 12, 6, date(2018, 1, 1), date(2019, 4, 20)).tables, Random(7)))
    store = CountingStore(tables)
    memory = Kept(tmp_path)
    running.evaluate(Columns(store, memory), ALL, LOADS[0])  # type: ignore[arg-type]
    memory.save()
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())
    other = {name: rows[1:] for name, rows in tables.items()}
    for ended, same in (("2020-01-01", False), ("2021-05-05", True)):
        restored = CountingStore(other)
        restored.loads = lambda ended=ended: {1: ended}  # type: ignore[method-assign, misc]
        found = running.evaluate(Columns(restored, Kept(tmp_path)), ALL, LOADS[0])  # type: ignore[arg-type]
        whole = running.evaluate(Columns(CountingStore(other)), ALL, LOADS[0])  # type: ignore[arg-type]
        assert (found == whole) is same, "a load of the same number and end is the same load"


def test_a_broken_file_is_read_anew(tmp_path: Path) -> None:
    tables = next(as_loaded(History(8, 12, 6, date(2018, 1, 1), date(2019, 4, 20)).tables, Random(8)))
    store: Any = PlainStore(tables)
    for _ in range(2):
        memory = Kept(tmp_path)
        found = running.evaluate(Columns(store, memory), ALL, LOADS[0])
        memory.save()
        assert found == running.evaluate(Columns(store), ALL, LOADS[0])
        for file in tmp_path.iterdir():
            file.write_bytes(file.read_bytes()[:100])


def test_other_settings_count_sign_ins_anew() -> None:
    tables = next(as_loaded(History(9, 12, 6, date(2018, 1, 1), date(2019, 4, 20)).tables, Random(9)))
    store: Any = PlainStore(tables)
    memory = Kept(None)
    for lessons in (15, 0, 40):
        given_settings = Settings(warnings=ALL.warnings.model_copy(update={"make_up_lesson_days": lessons}))
        found = running.evaluate(Columns(store, memory), given_settings, LOADS[0])
        assert found == running.evaluate(Columns(store), given_settings, LOADS[0])
