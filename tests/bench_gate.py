"""Measure the gate on a district of full size: first answer in a month, in the next one, and again.

Run it alone:  python -m tests.bench_gate [towns communities branches]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from stores.gate import Gate
from stores.settings import Settings
from stores.store import LoadReport, open_store
from tests.gate_district import ROOT, small_district

TOWN, COMMUNITY = f"{ROOT}001", f"{ROOT}001001"
SCREEN: list[tuple[str, dict[str, Any]]] = [
    ("headline", {"basis": "place", "node": ROOT}),
    ("children_figures", {"basis": "place", "node": ROOT}),
    ("children_figures", {"basis": "place", "node": TOWN}),
    ("children_figures", {"basis": "affiliation", "node": ROOT}),
    ("level_figures", {"basis": "place", "level": "community", "node": ROOT}),
    ("member_mix", {"basis": "place", "node": TOWN, "dim": "age"}),
    ("institutions", {"basis": "place", "node": TOWN}),
    ("building_floors", {"building": "B000000"}),
]


def milliseconds(work: Callable[[], Any]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main(towns: int = 10, communities: int = 21, branches: int = 15) -> None:
    """Print a table: the store alone, first in a month, first in the next month, again (median of 200)."""
    store = open_store("duckdb:///:memory:", Settings())
    tables = small_district(2, towns, communities, branches)
    meta = {"as_of": "2019-02-28", "data_label": "demo"}
    store.load(tables, LoadReport(folder="bench", started_at=datetime(2019, 3, 1), meta=meta))
    print(f"{len(tables['organisation'])} organisations, {len(tables['member'])} members")
    gate = Gate(store, Settings(), b"a key for the benchmark only")
    for name, params in SCREEN:
        for mode in ("visitor", "leader"):
            work = [_asker(gate, name, mode, {**params, "month": month}) for month in ("2018-12", "2019-01")]
            asked = milliseconds(_storer(store, name, {**params, "month": "2018-12"}))
            first, second = (milliseconds(one) for one in work)
            again = statistics.median(milliseconds(work[0]) for _ in range(200))
            print(
                f"{name:18} {mode:8} store {asked:6.2f}  first {first:7.1f}  "
                f"next month {second:7.1f}  again {again:6.3f} ms"
            )
    series = [
        milliseconds(_asker(gate, "series", mode, {"basis": "place", "node": COMMUNITY}))
        for mode in ("visitor", "leader")
    ]
    print(f"series of a community: visitor {series[0]:.1f} ms, leader {series[1]:.1f} ms")
    store.close()


def _asker(gate: Gate, name: str, mode: str, params: dict[str, Any]) -> Callable[[], Any]:
    """Bind a question to the gate."""
    return lambda: gate.answer(name, mode, **params)


def _storer(store: Any, name: str, params: dict[str, Any]) -> Callable[[], Any]:
    """Bind a question to the store."""
    return lambda: store.ask(name, **params)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
