"""Measure flows and contours: medians in milliseconds, beside the goals they are held to.

    python tests/bench_geo.py

Not a test: pytest does not collect it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geo.flows import earliest_arrival, index_moves, layers_of, trace
from geo.grids import contour_levels
from stores.flow_places import Places
from stores.flow_tables import exact_cells
from stores.gate_matrix import Moved, Publisher, View, view_of
from stores.gate_policy import Mode, Policy
from tests.test_geo import many_cells
from tests.test_geo_flows import many_moves

PROVINCES = ("安徽省", "上海市", "江苏省苏州市")
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


def large_places(organisations: int) -> Places:
    """Make a district of ten towns, 210 communities and 2,100 buildings with so many organisations."""
    parent: dict[str, str | None] = {"R": None}
    level, chains = {"R": "district"}, {}
    for number in range(2_100):
        town, community, building = f"T{number % 10}", f"C{number % 210}", f"B{number}"
        parent |= {town: "R", community: town, building: community}
        level |= {town: "town", community: "community", building: "building"}
    for number in range(organisations):
        house = number % 2_100
        chain = ("R", f"T{house % 10}", f"C{house % 210}", f"B{house}")
        chains[f"o{number}"] = (*chain, f"o{number}")
    return Places("place", "R", parent, level, chains)


def large_moves(moves: pd.DataFrame, organisations: int) -> Moved:
    """Count the moves by both ends, one in ten of them from or to another province."""
    ends = [
        [
            f"o{abs(hash(end)) % organisations}" if at % 10 else f"ext:{PROVINCES[at % 3]}"
            for at, end in enumerate(column)
        ]
        for column in (moves["from"], moves["to"].iloc[::-1])
    ]
    return Moved((start, end, n) for (start, end), n in Counter(zip(*ends, strict=True)).items())


def published(places: Places, moved: Moved, mode: Mode, level: str, node: str) -> View:
    """Publish one table anew."""
    return view_of(Publisher(places, moved, mode, Policy(), b"key of a measurement"), level, node)


def main() -> None:
    """Print the table."""
    places, moved = large_places(25_000), large_moves(many_moves(480_000, 25_000), 25_000)
    moves = many_moves(480_000, 25_000)
    indexed, source = index_moves(moves), moves["from"].iloc[0]
    cells, outline = many_cells(), shapely.Point(118.8, 31.87).buffer(0.25, quad_segs=36)
    rows = (
        ("index 480,000 moves", 1000, median(lambda: index_moves(moves), 3)),
        ("trace two hops forward", 50, median(lambda: trace(indexed, source, direction="forward", hops=2))),
        ("trace two hops backward", 50, median(lambda: trace(indexed, source, direction="backward", hops=2))),
        ("layers of two hops", 50, median(lambda: layers_of(indexed, source, hops=2, longest=YEAR))),
        ("all earliest arrivals", 1000, median(lambda: earliest_arrival(indexed, source), 3)),
        ("columns of 480,000 moves", 1000, median(lambda: Moved(moved).columns, 3)),
        (
            "gate: table of the towns",
            500,
            median(lambda: published(places, moved, "visitor", "town", "R"), 3),
        ),
        (
            "gate: a town's communities",
            500,
            median(lambda: published(places, moved, "leader", "community", "T1"), 3),
        ),
        (
            "gate: a community's buildings",
            500,
            median(lambda: published(places, moved, "leader", "building", "C1"), 3),
        ),
        ("duty: table of the towns", 500, median(lambda: exact_cells(places, moved, "town", "R"), 3)),
        ("contours of the district", 60, median(lambda: contour_levels(cells, outline))),
    )
    print(f"{'':28}{'goal ms':>9}{'median':>9}{'ratio':>7}")
    for name, goal, taken in rows:
        print(f"{name:28}{goal:9}{taken:9.1f}{taken / goal:7.2f}")


if __name__ == "__main__":
    main()
