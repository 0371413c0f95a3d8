"""Measure flows and contours: medians in milliseconds, beside the goals they are held to.

    python tests/bench_geo.py

Not a test: pytest does not collect it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geo.flows import earliest_arrival, index_moves, layers_of, trace
from geo.grids import contour_levels
from tests.test_geo import many_cells
from tests.test_geo_flows import many_moves

YEAR = pd.Timedelta(days=365)


def median(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median time of a piece of work in milliseconds, after one run that does not count."""
    work()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    moves = many_moves(480_000, 25_000)
    indexed, source = index_moves(moves), moves["from"].iloc[0]
    cells, outline = many_cells(), shapely.Point(118.8, 31.87).buffer(0.25, quad_segs=36)
    rows = (
        ("index 480,000 moves", 1000, median(lambda: index_moves(moves), 3)),
        ("trace two hops forward", 50, median(lambda: trace(indexed, source, direction="forward", hops=2))),
        ("trace two hops backward", 50, median(lambda: trace(indexed, source, direction="backward", hops=2))),
        ("layers of two hops", 50, median(lambda: layers_of(indexed, source, hops=2, longest=YEAR))),
        ("all earliest arrivals", 1000, median(lambda: earliest_arrival(indexed, source), 3)),
        ("contours of the district", 60, median(lambda: contour_levels(cells, outline))),
    )
    print(f"{'':28}{'goal ms':>9}{'median':>9}{'ratio':>7}")
    for name, goal, taken in rows:
        print(f"{name:28}{goal:9}{taken:9.1f}{taken / goal:7.2f}")


if __name__ == "__main__":
    main()
