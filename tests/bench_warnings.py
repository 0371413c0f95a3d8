"""Time the warnings and the radar over the demo district: python -m tests.bench_warnings FOLDER-OF-STORE.

Times are those of this process's processors, so that others on the machine do not count.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

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
from stores.store import open_store


def main(folder: Path) -> None:
    """Print one line an indicator, then a first evaluation, one after an import, and the radar."""
    settings = Settings(data_dir=folder)
    store = open_store(settings.store.url, settings)
    day = data_day(store)
    assert day is not None, "the store is empty"
    table = Table("what", "ms", "episodes", title=f"warnings as of {day}")
    columns = Columns(store)
    facts = Facts(columns, settings.warnings, day)
    for key, one in all_warnings().items():
        began = time.process_time()
        made = len(one.evaluate(facts).episodes)
        table.add_row(key, f"{1000 * (time.process_time() - began):.0f}", f"{made:,}")
    desk, memory = SqliteDesk(None), Kept(None)
    for what, kept in (
        ("a year, first evaluation", None),
        ("all read again", memory),
        ("after a load, from what it changed", memory),
    ):
        began = time.process_time()
        outcome = run(store, desk, settings, memory=kept)
        table.add_row(
            what, f"{1000 * (time.process_time() - began):.0f}", f"{outcome.opened if outcome else 0:,}"
        )
    began = time.process_time()
    values = run_radar(store, desk, settings)
    table.add_row("radar of all nodes", f"{1000 * (time.process_time() - began):.0f}", f"{values:,}")
    Console().print(table)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
