"""Hubs, cycles, chains and layers of flows, each beside a slow or an independent answer."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flows import (
    aggregated,
    balance,
    communities,
    concentration,
    corridors,
    cycles,
    earliest_arrival,
    hubs,
    latest_departure,
    layers_of,
    matched,
    paths,
    timely_cycles,
)

MOVES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 9)), max_size=14)
Move = tuple[int, int, int]


def table(moves: list[Move]) -> pd.DataFrame:
    return pd.DataFrame(moves, columns=["from", "to", "at"]).astype("int64")


def expanded(moves: list[Move], strict: bool) -> nx.DiGraph:
    """Build the time-expanded graph: a node for each place and moment, before and after its moves."""
    built = nx.DiGraph()
    moments = sorted({at for _, _, at in moves})
    places = {place for move in moves for place in move[:2]}
    for place in places:
        for at in moments:
            # Held before the moment's moves, then arrived in it; not strict: an arrival may leave at once.
            built.add_edge((place, at, "held"), (place, at, "came"))
            if not strict:
                built.add_edge((place, at, "came"), (place, at, "held"))
        for at, later in pairwise(moments):
            built.add_edge((place, at, "came"), (place, later, "held"))
    for start, end, at in moves:
        built.add_edge((start, at, "held"), (end, at, "came"))
    return built


@settings(deadline=None, max_examples=120)
@given(MOVES, st.booleans())
def test_arrivals_and_departures_agree_with_the_time_expanded_graph(moves: list[Move], strict: bool) -> None:
    built = expanded(moves, strict)
    moments = sorted({at for _, _, at in moves})
    for source in {place for move in moves for place in move[:2]}:
        reached = nx.descendants(built, (source, moments[0], "held"))
        real = {(p, at) for p, at, how in reached if how == "came" and p != source}
        earliest = {}
        for place, at in real:
            earliest[place] = min(at, earliest.get(place, at))
        assert earliest_arrival(table(moves), source, strict=strict) == earliest
        goal = (source, moments[-1], "came")
        before = nx.ancestors(built, goal)
        latest: dict[Any, int] = {}
        for place, at, how in before:
            if how == "held" and place != source:
                latest[place] = max(at, latest.get(place, at))
        assert latest_departure(table(moves), source, strict=strict) == latest


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.integers(0, 12), max_size=9),
    st.lists(st.integers(0, 12), max_size=9),
    st.one_of(st.none(), st.integers(1, 8)),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_first_in_first_out_joins_as_many_as_any_joining(
    come: list[int], gone: list[int], longest: int | None, shortest: int | None
) -> None:
    come, gone = sorted(come), sorted(gone)
    pairs = matched(come, gone, longest=longest, shortest=shortest)
    built = nx.Graph()
    built.add_nodes_from((("in", at) for at in range(len(come))), bipartite=0)
    for (a, arrival), (b, departure) in product(enumerate(come), enumerate(gone)):
        wait = departure - arrival
        if wait > 0 and (longest is None or wait <= longest) and (shortest is None or wait >= shortest):
            built.add_edge(("in", a), ("out", b))
    best = nx.bipartite.maximum_matching(built, top_nodes=[("in", at) for at in range(len(come))])
    assert len(pairs) == len(best) // 2
    assert all(built.has_edge(("in", a), ("out", b)) for a, b in pairs)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)


@settings(deadline=None, max_examples=80)
@given(MOVES, st.integers(1, 3), st.one_of(st.none(), st.integers(1, 5)))
def test_layers_never_widen_and_start_with_what_moved(
    moves: list[Move], hops: int, longest: int | None
) -> None:
    found = layers_of(table(moves), 0, hops=hops, longest=longest)
    for way in (-1, 1):
        near, far = (1, 0) if way < 0 else (0, 1)
        first = found[found["layer"] == way]
        real = [move for move in moves if move[near] == 0 and move[far] != 0]
        assert first["moves"].sum() == len(real)
        for hop in range(2, hops + 1):
            outer, inner = found[found["layer"] == way * hop], found[found["layer"] == way * (hop - 1)]
            joint, ends = ("to", "from") if way < 0 else ("from", "to")
            passed = outer.groupby(joint)["moves"].sum()
            room = inner.groupby(ends)["moves"].sum()
            assert (passed <= room.reindex(passed.index)).all()
            assert 0 not in set(outer["from"]) | set(outer["to"])


def test_layers_are_not_traced_through_the_outside() -> None:
    moves = table([(1, 9, 1), (9, 0, 2), (2, 3, 1), (3, 0, 2)])
    found = layers_of(moves, 0, ends=lambda place: place == 9)
    assert found.to_dict("records") == [
        {"layer": -2, "from": 2, "to": 3, "moves": 1},
        {"layer": -1, "from": 3, "to": 0, "moves": 1},
        {"layer": -1, "from": 9, "to": 0, "moves": 1},
    ]


def all_chains(moves: list[Move], hops: int, shortest: int | None, longest: int | None) -> list[list[Move]]:
    found = []
    for chain in product(moves, repeat=hops):
        joins = pairwise(chain)
        if all(
            a[1] == b[0]
            and b[2] > a[2]
            and (shortest is None or b[2] - a[2] >= shortest)
            and (longest is None or b[2] - a[2] <= longest)
            for a, b in joins
        ):
            found.append(list(chain))
    return found


@settings(deadline=None, max_examples=60)
@given(
    MOVES.map(lambda moves: moves[:9]),
    st.one_of(st.none(), st.integers(0, 4)),
    st.one_of(st.none(), st.integers(1, 5)),
)
def test_paths_are_counted_as_by_hand(moves: list[Move], shortest: int | None, longest: int | None) -> None:
    moves = list(dict.fromkeys(moves))  # equal moves are two in the table, one in the slow count
    waits = {"shortest": shortest, "longest": longest}
    forward = paths(table(moves), 0, hops=3, **waits)
    backward = paths(table(moves), 0, direction="backward", hops=3, **waits)
    for hop in (1, 2, 3):
        chains = all_chains(moves, hop, shortest, longest)
        for found, own, end in ((forward, 0, -1), (backward, -1, 0)):
            counted: dict[int, int] = {}
            for chain in chains:
                if chain[own][1 if own else 0] == 0:
                    place = chain[end][0 if own else 1]
                    counted[place] = counted.get(place, 0) + 1
            part = found[found["hop"] == hop]
            assert dict(zip(part["to"], part["paths"], strict=True)) == counted


def test_how_long_the_fastest_chains_take() -> None:
    moves = pd.DataFrame({"from": ["a", "a", "b"], "to": ["b", "b", "c"], "at": [1, 4, 9]})
    found = paths(moves, "a")
    assert found.to_dict("records") == [
        {"to": "b", "hop": 1, "paths": 2, "median": 0.0},
        {"to": "c", "hop": 2, "paths": 2, "median": 5.0},
    ]
    with pytest.raises(ValueError, match="0 hops"):
        paths(moves, "a", hops=0)


@settings(deadline=None, max_examples=60)
@given(MOVES)
def test_hubs_agree_with_networkx_and_the_balance(moves: list[Move]) -> None:
    found = hubs(table(moves))
    if not moves:
        assert found.empty
        return
    rank = nx.pagerank(aggregated(table(moves)), weight="weight", tol=1e-12, max_iter=1000)
    assert found["pagerank"].to_dict() == pytest.approx(rank, abs=1e-7)
    assert found.attrs["converged"] and found.attrs["error"] <= 1e-9
    sums = balance(table(moves))
    assert found["moved_in"].to_dict() == sums["moved_in"].to_dict()
    assert found["moved_out"].to_dict() == sums["moved_out"].to_dict()
    assert (
        not hubs(table(moves), rounds=1, tolerance=0.0).attrs["converged"]
        or len(found) == 1
        or (found["pagerank"].std() < 1e-9)
    )


@settings(deadline=None, max_examples=60)
@given(MOVES.map(lambda moves: moves[:9]))
def test_cycles_by_the_graph_and_by_the_clock(moves: list[Move]) -> None:
    moves = list(dict.fromkeys(moves))
    plain = {tuple(places) for _, places in cycles(table(moves), longest=3)}
    timely = timely_cycles(table(moves), longest=3)
    slow: dict[tuple[int, ...], int] = {}
    for hops in (2, 3):
        for chain in all_chains(moves, hops, None, None):
            way = [move[0] for move in chain]
            if chain[-1][1] == way[0] and len(set(way)) == hops:
                slow[tuple(way)] = slow.get(tuple(way), 0) + 1
    assert {tuple(places): n for n, places in timely} == slow
    turned = {min((way[at:] + way[:at] for at in range(len(way))), key=lambda w: str(w[0])) for way in slow}
    assert turned <= plain


def test_corridors_communities_and_concentration() -> None:
    moves = [(0, 1, 1)] * 5 + [(1, 2, 2)] * 4 + [(2, 0, 3)] + [(3, 4, 1)] * 6 + [(4, 3, 2)] * 6 + [(2, 3, 9)]
    assert corridors(table(moves), least=3)[:2] == [(6.0, [3, 4]), (6.0, [4, 3])]
    assert (4.0, [0, 1, 2]) in corridors(table(moves), least=3)
    assert communities(table(moves)) == [{0, 1, 2}, {3, 4}]
    assert concentration(table(moves), most=2) == (pytest.approx(13 / 23), [3, 4])
    assert concentration(table([])) == (None, [])
    with pytest.raises(ValueError, match="in or out"):
        concentration(table(moves), direction="up")
