"""Flows: tracing against brute force and a second algorithm, balances that add up, arcs to the right."""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flows import (
    MovesError,
    arc,
    arc_points,
    balance,
    earliest_arrival,
    graph,
    index_moves,
    latest_departure,
    trace,
)

Row = tuple[str, str, int]
ROWS = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.integers(0, 6)), max_size=9)


def table(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from", "to", "at"])


def chains(rows: list[Row], source: str, strict: bool, longest: int = 9) -> list[list[Row]]:
    """Find every time-respecting chain of moves from the source, by trying them all."""
    found: list[list[Row]] = []
    waiting: list[tuple[list[int], str]] = [([], source)]
    while waiting:
        used, here = waiting.pop()
        if used:
            found.append([rows[number] for number in used])
        if len(used) == longest:
            continue
        for number, (start, end, at) in enumerate(rows):
            last = rows[used[-1]][2] if used else None
            later = last is None or (at > last if strict else at >= last)
            if start == here and number not in used and later:
                waiting.append(([*used, number], end))
    return found


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, strict=st.booleans(), after=st.none() | st.integers(-1, 7))
def test_earliest_arrival_is_the_brute_force_one(rows: list[Row], strict: bool, after: int | None) -> None:
    best: dict[str, int] = {}
    for chain in chains(rows, "a", strict):
        first, (_, end, at) = chain[0][2], chain[-1]
        allowed = after is None or (first > after if strict else first >= after)
        if allowed and end != "a":
            best[end] = min(best.get(end, 99), at)
    assert earliest_arrival(table(rows), "a", after=after, strict=strict) == best


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, strict=st.booleans(), before=st.none() | st.integers(-1, 7))
def test_latest_departure_is_the_brute_force_one(rows: list[Row], strict: bool, before: int | None) -> None:
    best: dict[str, int] = {}
    for source in "bcde":
        for chain in chains(rows, source, strict):
            last, end = chain[-1][2], chain[-1][1]
            allowed = before is None or (last < before if strict else last <= before)
            if allowed and end == "a":
                best[source] = max(best.get(source, -1), chain[0][2])
    assert latest_departure(table(rows), "a", before=before, strict=strict) == best


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS,
    hops=st.integers(1, 4),
    after=st.none() | st.integers(0, 5),
    before=st.none() | st.integers(1, 7),
    direction=st.sampled_from(["forward", "backward"]),
)
def test_a_trace_holds_the_moves_of_all_chains(
    rows: list[Row], hops: int, after: int | None, before: int | None, direction: Any
) -> None:
    kept = [(*row, n) for n, row in enumerate(rows)]
    kept = [r for r in kept if (after is None or r[2] > after) and (before is None or r[2] < before)]
    # Backward is forward with both direction and time reversed.
    turned = [(e, s, -at) if direction == "backward" else (s, e, at) for s, e, at, _ in kept]
    least: dict[int, int] = {}
    times: dict[str, int] = {}
    numbered = [(s, e, at) for s, e, at in turned]
    waiting: list[tuple[list[int], str]] = [([], "a")]
    while waiting:
        used, here = waiting.pop()
        for number, (start, end, at) in enumerate(numbered):
            if start == here and (not used or at > numbered[used[-1]][2]) and len(used) < hops:
                least[number] = min(least.get(number, 99), len(used) + 1)
                times[end] = min(times.get(end, 99), at)
                waiting.append(([*used, number], end))
    expected: dict[tuple[str, str, int], int] = defaultdict(int)
    for number, hop in least.items():
        start, end, _, _ = kept[number]
        expected[start, end, hop] += 1
    found = trace(table(rows), "a", direction=direction, hops=hops, after=after, before=before)
    edges = {(e["from"], e["to"], e["hop"]): e["moves"] for e in found.edges.to_dict("records")}
    assert edges == dict(expected)
    times.pop("a", None)
    sign = -1 if direction == "backward" else 1
    assert {node: sign * at for node, (_, at) in found.nodes.items()} == times
    assert (found.edges["first"] <= found.edges["last"]).all() if len(found.edges) else True


def settle(rows: pd.DataFrame, source: str) -> dict[str, pd.Timestamp]:
    """Find earliest arrivals by another way: settle places in the order of time with a heap."""
    leaving: dict[str, list[tuple[pd.Timestamp, str]]] = defaultdict(list)
    for start, end, at in rows[["from", "to", "at"]].itertuples(index=False):
        leaving[start].append((at, end))
    settled: dict[str, pd.Timestamp] = {}
    waiting = [(pd.Timestamp.min, source)]
    while waiting:
        at, here = heapq.heappop(waiting)
        if here in settled:
            continue
        settled[here] = at
        for moved, end in leaving[here]:
            if moved > at and end not in settled:
                heapq.heappush(waiting, (moved, end))
    del settled[source]
    return settled


def many_moves(count: int, places: int, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    names = np.array([f"O{number:05d}" for number in range(places)])
    at = pd.Timestamp("2018-03-01") + pd.to_timedelta(random.integers(0, 365 * 86_400, count), unit="s")
    return pd.DataFrame(
        {
            "from": names[random.integers(0, places, count)],
            "to": names[random.integers(0, places, count)],
            "at": at,
        }
    )


def test_a_second_algorithm_agrees() -> None:
    moves = many_moves(4000, 900)
    indexed = index_moves(moves)
    for source in moves["from"].unique()[:8]:
        assert earliest_arrival(indexed, source) == settle(moves, source)


def test_hops_are_strictly_later() -> None:
    moves = table([("a", "b", 2), ("b", "c", 2), ("b", "d", 3), ("c", "e", 1)])
    assert earliest_arrival(moves, "a") == {"b": 2, "d": 3}
    assert earliest_arrival(moves, "a", strict=False) == {"b": 2, "c": 2, "d": 3}
    assert latest_departure(moves, "d") == {"b": 3, "a": 2}
    assert trace(moves, "a", hops=2).nodes == {"b": (1, 2), "d": (2, 3)}


def test_times_come_back_as_they_were_given() -> None:
    days = pd.to_datetime(["2018-03-01", "2018-04-01"])
    frame = pd.DataFrame({"from": ["a", "b"], "to": ["b", "c"], "at": days})
    assert earliest_arrival(frame, "a", after="2018-02-28") == {"b": days[0], "c": days[1]}
    assert earliest_arrival(frame, "a", after="2018-03-01") == {}
    months = pa.table({"from": ["a", "b"], "to": ["b", "c"], "at": ["2018-03", "2018-04"]})
    assert earliest_arrival(months, "a") == {"b": "2018-03", "c": "2018-04"}
    dates = pa.table({"from": ["a"], "to": ["b"], "at": [days[0].date()]})
    assert earliest_arrival(dates, "a") == {"b": days[0].date()}


def test_gaps_unknown_sources_and_empty_tables() -> None:
    frame = pd.DataFrame({"from": ["a", None, "a"], "to": ["b", "c", "d"], "at": [1, 2, None]})
    assert set(earliest_arrival(frame, "a")) == {"b"}
    assert earliest_arrival(frame, "zz") == {}
    assert latest_departure(frame, "zz") == {}
    assert trace(frame, "zz").edges.empty
    empty = pd.DataFrame({"from": [], "to": [], "at": []})
    assert earliest_arrival(empty, "a") == {}
    assert balance(empty).empty
    with pytest.raises(MovesError, match="to"):
        earliest_arrival(pd.DataFrame({"from": ["a"], "at": [1]}), "a")
    with pytest.raises(ValueError, match="direction"):
        trace(frame, "a", direction="sideways")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="hops"):
        trace(frame, "a", hops=0)


@given(rows=ROWS)
def test_balances_add_up(rows: list[Row]) -> None:
    groups = {"a": "x", "b": "x", "c": "y"}
    for by in (None, groups, groups.get):
        sums = balance(table(rows), by)
        assert sums["net"].sum() == 0
        assert sums["moved_in"].sum() == sums["moved_out"].sum()
        assert sums["inside"].sum() + sums["moved_out"].sum() == len(rows)


def test_a_balance_counts_weights_by_group() -> None:
    moves = pd.DataFrame(
        {"from": ["a", "b", "ext:江苏"], "to": ["b", "c", "a"], "at": [1, 2, 3], "weight": [5, 2, 4]}
    )
    sums = balance(moves, {"a": "town", "b": "town"})
    assert sums.loc["town"].to_dict() == {"inside": 5, "moved_in": 4, "moved_out": 2, "net": 2}
    assert sums.loc["ext:江苏", "net"] == -4
    assert sums.loc["c", "net"] == 2


def test_the_graph_keeps_each_move() -> None:
    drawn = graph(table([("a", "b", 1), ("a", "b", 2), ("b", "a", 3)]))
    assert drawn.number_of_edges() == 3
    assert sorted(edge["at"] for edge in drawn["a"]["b"].values()) == [1, 2]


def test_the_graph_keeps_what_else_is_told_of_a_move() -> None:
    rows = {"from": ["b", "a", "a"], "to": ["a", "b", "b"], "at": [3, 2, 1], "weight": [1.0, 2.0, 3.0]}
    rows |= {"status": ["done", "done", "open"], "reason": ["x", "y", "z"]}
    drawn = graph(pd.DataFrame(rows))
    found = {
        (a, b, edge["at"]): (edge["weight"], edge["status"], edge["reason"])
        for a, b, edge in drawn.edges(data=True)
    }
    assert found == {
        ("b", "a", 3): (1, "done", "x"),
        ("a", "b", 2): (2, "done", "y"),
        ("a", "b", 1): (3, "open", "z"),
    }


def test_arcs_bend_to_the_right_of_travel() -> None:
    start, control, end = arc((118.7, 31.9), (118.9, 31.9))
    assert (start, end) == ((118.7, 31.9), (118.9, 31.9))
    assert control[1] < 31.9
    assert arc((118.9, 31.9), (118.7, 31.9))[1][1] > 31.9
    assert arc((118.8, 31.8), (118.8, 32.0))[1][0] > 118.8
    points = arc_points((118.7, 31.9), (118.9, 31.9), 9)
    assert points.shape == (9, 2)
    assert tuple(points[0]) == (118.7, 31.9)
    assert all(later[0] > earlier[0] for earlier, later in pairwise(points))
    width = (118.9 - 118.7) * np.cos(np.radians(31.9))
    assert 31.9 - points[4][1] == pytest.approx(0.18 * width, rel=1e-6)
