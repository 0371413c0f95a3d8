"""Time every question of the screens: python tests/bench_questions.py [--scale 10] prints milliseconds."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import large_district  # noqa: E402

from layers.branches import CROWD  # noqa: E402
from stores.questions import names, question  # noqa: E402
from stores.settings import Settings, StoreAddress  # noqa: E402
from stores.store import LoadReport, Store, open_store  # noqa: E402

TARGET_MS = 10.0


def main() -> None:
    """Build a district at scale 1, and at the scale asked for; print the times of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", default="", help="questions whose name begins so")
    given = parser.parse_args()
    small = measure(1, given.rounds, given.only)
    large = measure(given.scale, given.rounds, given.only) if given.scale > 1 else {}
    print(
        f"{'question':24}{'rows':>7}{'p50':>8}{'p95':>8}"
        + (f"{'rows':>9}{'p50':>8}{'p95':>8}{'ratio':>7}" * bool(large))
    )
    for name, (rows, p50, p95) in sorted(small.items(), key=lambda item: -item[1][2]):
        line = f"{name:24}{rows:7}{p50:8.2f}{p95:8.2f}"
        if large:
            line += f"{large[name][0]:9}{large[name][1]:8.2f}{large[name][2]:8.2f}{large[name][1] / p50:7.1f}"
        print(line + ("  above the target" if p95 > TARGET_MS else ""))


def measure(scale: int, rounds: int, only: str = "") -> dict[str, tuple[int, float, float]]:
    """Return question → (rows, p50, p95), milliseconds, warm."""
    with tempfile.TemporaryDirectory() as folder:
        store = built(Path(folder), scale)
        given = examples(store)
        asked = [name for name in names() if name.startswith(only) and not name.startswith("gate_")]
        times = {name: _timed(store, name, given, rounds) for name in asked}
        store.close()
    return times


def built(folder: Path, scale: int) -> Store:
    """Load the large district and say how long that took."""
    settings = Settings(
        data_dir=folder, store=StoreAddress(url=f"duckdb:///{folder / 'bench.duckdb'}", memory="3GB")
    )
    tables = large_district.tables(scale)
    store = open_store(settings.store.url, settings)
    started = time.perf_counter()
    store.load(tables, LoadReport("bench", datetime(2019, 3, 1), {"as_of": "2019-02-28"}))
    rows = sum(table.num_rows for table in tables.values())
    print(
        f"scale {scale}: {rows} rows loaded and rolled up in {time.perf_counter() - started:.1f} s",
        file=sys.stderr,
    )
    return store


def examples(store: Store) -> dict[str, Any]:
    """Return a value for every parameter, of places that have something to tell."""
    building = max(
        store.ask("buildings_of", community="320115001001", month="2019-02"), key=lambda r: r["organisations"]
    )
    branches = len(store.ask("branches_under", basis="place", node="320115", month="2019-02"))
    return {
        "basis": "place",
        "node": "320115",
        "level": "community",
        "month": "2019-02",
        "dim": "age",
        "domain": "nonpublic",
        "from_month": "2018-03",
        "to_month": "2019-02",
        "lod": int(branches > CROWD),
        "day_kind": "all",
        "hour_from": 0,
        "hour_to": 24,
        "community": "320115001001",
        "place": "320115",
        "building": building["building_id"],
        "org_id": "O000400",
        "year": 2018,
        "table_name": "member",
        "place_branches": branches,
    }


ASKED_AT = {
    "organisations_of": "building",
    "branches_under": "community",  # more than layers.branches.CROWD are asked by cells
}
"""At which example screens ask a question whose answer is a list, when organisations are very many."""


def _timed(store: Store, name: str, given: dict[str, Any], rounds: int) -> tuple[int, float, float]:
    params = {param: given[param] for param in question(name).params}
    if name in ASKED_AT and given["place_branches"] > CROWD:
        params["node"] = given[ASKED_AT[name]]
    rows = len(store.ask(name, **params))
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        store.ask(name, **params)
        times.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(times, n=20)
    return rows, statistics.median(times), cuts[18]


if __name__ == "__main__":
    main()
