"""Time the warnings and the radar over the demo: python -m tests.bench_warnings FOLDER [--store URL].

FOLDER is a data folder; without --store its own file is judged.  A day's rows are loaded into the store, so
give a copy.  Both the time on the wall and that of this process's processors are told: others on the machine
count in the first, a database server does not count in the second.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from indicators.radar.running import run as run_radar
from indicators.warnings.columns import Columns
from indicators.warnings.facts import Facts
from indicators.warnings.kept import Kept
from indicators.warnings.registry import all_warnings
from indicators.warnings.running import data_day, run
from stores.desk import SqliteDesk
from stores.settings import Settings
from stores.store import LoadReport, Store, open_store
from stores.tables import fact_tables

A_DAY = {"activity": 120, "attendance": 2_000, "study_record": 500}
"""Rows of a day of the district, about: 700,000 sign-ins and 250,000 study records a year."""


def main(folder: Path, url: str | None) -> None:
    """Print one line an indicator, then a first evaluation, one after an import, and the radar."""
    settings = Settings(data_dir=folder)
    store = open_store(url or settings.store.url, settings)
    day = data_day(store)
    assert day is not None, "the store is empty"
    table = Table("what", "ms", "processor, ms", "episodes", title=f"warnings as of {day}")

    def timed(what: str, act: Callable[[], int]) -> None:
        began, busy = time.perf_counter(), time.process_time()
        made = act()
        took, worked = time.perf_counter() - began, time.process_time() - busy
        table.add_row(what, f"{1000 * took:.0f}", f"{1000 * worked:.0f}", f"{made:,}")

    facts = Facts(Columns(store), settings.warnings, day)
    for key, one in all_warnings().items():
        timed(key, lambda one=one: len(one.evaluate(facts).episodes))  # type: ignore[misc]
    desk, memory = SqliteDesk(None), Kept(None)

    def judged(kept: Kept | None) -> Callable[[], int]:
        def act() -> int:
            outcome = run(store, desk, settings, memory=kept)
            return outcome.opened if outcome else 0

        return act

    timed("a year, first evaluation", judged(None))
    timed("all read again", judged(memory))
    for number in range(3):
        load_a_day(store, number)
        timed("after a day's load, from what it changed", judged(memory))
    timed("radar of all nodes", lambda: run_radar(store, desk, settings))
    Console().print(table)
    store.close()


def load_a_day(store: Store, number: int) -> None:
    """Load some activities of the last day again under other names, sign-ins at them, and study records."""
    made: dict[str, pa.Table] = {}
    for name, many in A_DAY.items():
        columns = list(fact_tables()[name].columns)
        rows = store.known(name, columns)
        if name == "activity":
            rows = rows.sort_by([("start_at", "descending")])
        rows = rows.slice(0, many)
        key = "activity_id" if name == "attendance" else columns[0]
        given: Any = pc.binary_join_element_wise(rows.column(key).cast(pa.string()), f"bench-{number}", "-")
        if name == "attendance":  # at the new meetings, whoever the members are
            ids = made["activity"].column("activity_id").to_pylist()
            given = pa.array([ids[at % len(ids)] for at in range(len(rows))])
        made[name] = rows.set_column(rows.column_names.index(key), key, given)
    day = data_day(store)
    store.load(made, LoadReport("bench", datetime.now(), {"as_of": str(day)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--store")
    asked = parser.parse_args()
    main(asked.folder, asked.store)
