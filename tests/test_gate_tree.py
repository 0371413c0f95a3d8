"""Rounded trees add up, stay near, repeat, have no lean, and give no cell away to a linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stores.gate_link import Link, follow, link_trees
from stores.gate_tree import (
    Counted,
    Ints,
    Node,
    Settled,
    Tree,
    build_tree,
    draw,
    exact_is_safe,
    narrow_bands,
    nearest,
    round_tree,
    settle,
    twins,
)
from tests.gate_audit import Attack, Clue

KEY = b"a key for tests, not for districts"
COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 60), st.just(0))


@st.composite
def districts(draw_: st.DrawFn) -> tuple[Tree, Tree, list[int]]:
    """Draw organisations with counts that stand in places and belong to committees."""
    counts = draw_(st.lists(COUNTS, min_size=3, max_size=24))
    towns = draw_(st.integers(1, 4))
    place = [draw_(st.tuples(st.integers(0, towns - 1), st.integers(0, 2))) for _ in counts]
    by = [draw_(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in counts]
    return (
        hierarchy(place, "t", "c", (1, 2)),
        hierarchy(by, "k", "g", (2, 2)),
        counts,
    )


def hierarchy(where: list[tuple[int, int]], high: str, low: str, ranks: tuple[int, int]) -> Tree:
    """Build a tree of three levels from the path of each organisation."""
    nodes = {"d": Node("d", None, 0)}
    under: dict[str, list[str]] = {}
    for at, (first, second) in enumerate(where):
        upper, lower = f"{high}{first}", f"{low}{first}.{second}"
        nodes[upper] = Node(upper, "d", ranks[0])
        nodes[lower] = Node(lower, upper, ranks[1])
        for node in ("d", upper, lower):
            under.setdefault(node, []).append(str(at))
    return remembered(nodes, under)


def remembered(nodes: dict[str, Node], under: dict[str, list[str]]) -> Tree:
    """Build a tree and remember which organisations each node holds."""
    tree = build_tree(nodes.values(), under)
    MEMBERS[id(tree)] = ({node: tuple(int(one) for one in under[node]) for node in tree.ids}, tree)
    return tree


MEMBERS: dict[int, tuple[dict[str, tuple[int, ...]], Tree]] = {}


def atoms(tree: Tree, node: str) -> tuple[int, ...]:
    """Give the organisations of a node."""
    return MEMBERS[id(tree)][0][node]


def fill(tree: Tree, counts: list[int]) -> Ints:
    """Sum the counts of the organisations up a tree."""
    return tree.fill({node: sum(counts[at] for at in atoms(tree, node)) for node in tree.ids})


def both(place: Tree, by: Tree, counts: list[int], rank: int = 1) -> tuple[Settled, Settled]:
    """Settle a count in both hierarchies."""
    one, two = (Counted(tree, fill(tree, counts), draw(tree, KEY, "members")) for tree in (place, by))
    return settle(one, two, twins(by, place), rank)


def check_sums(tree: Tree, near: Ints, exempt: np.ndarray | None = None) -> None:
    """Check that children sum to their parent, for all nodes whose children are not exact."""
    for step in tree.steps:
        sums = np.add.reduceat(near[step.child], step.start)
        free = np.ones(len(sums), bool)
        if exempt is not None:
            free = ~np.logical_or.reduceat(exempt[step.child], step.start)
        assert (sums == near[step.parent])[free].all()


@settings(max_examples=150, deadline=None)
@given(districts(), st.binary(min_size=16, max_size=16))
def test_sums_distance_and_repetition(district: tuple[Tree, Tree, list[int]], key: bytes) -> None:
    tree, _, counts = district
    values = fill(tree, counts)
    near = round_tree(tree, values, draw(tree, key, "due"))
    assert (near % 5 == 0).all() and (near >= 0).all()
    assert (abs(near - values) < 5).all()
    assert (near[values % 5 == 0] == values[values % 5 == 0]).all()
    check_sums(tree, near)
    assert (near == round_tree(tree, values, draw(tree, key, "due"))).all()


@settings(max_examples=150, deadline=None)
@given(districts())
def test_children_sum_to_the_nearest_multiple_of_an_exact_parent(
    district: tuple[Tree, Tree, list[int]],
) -> None:
    tree, _, counts = district
    values = fill(tree, counts)
    (near, exact), _ = both(tree, tree, counts)
    assert (near[exact] == nearest(values)[exact]).all()
    check_sums(tree, near, exact)
    assert (abs(near - values) < 5).all()


def test_other_keys_and_measures_draw_otherwise() -> None:
    tree = hierarchy([(at % 3, at % 2) for at in range(40)], "t", "c", (1, 2))
    drawn = [draw(tree, KEY, "due"), draw(tree, KEY, "attended"), draw(tree, KEY + b".", "due")]
    assert not np.allclose(drawn[0], drawn[1]) and not np.allclose(drawn[0], drawn[2])
    assert all(((one > 0) & (one < 1)).all() for one in drawn)


def test_rounding_has_no_lean() -> None:
    rng = np.random.default_rng(7)
    tree = hierarchy([(at % 4, at % 3) for at in range(300)], "t", "c", (1, 2))
    errors = []
    for turn in range(600):
        values = fill(tree, [int(one) for one in rng.poisson(0.7, 300)])
        near = round_tree(tree, values, draw(tree, KEY, f"measure {turn}"))
        errors.append((near - values)[: len(tree.ids)])
    mean = np.mean(errors, axis=0)
    assert abs(mean).max() < 5 * 2.5 / np.sqrt(600)
    assert abs(mean.mean()) < 0.15


def test_a_child_goes_up_by_its_remainder() -> None:
    tree = hierarchy([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], "t", "c", (1, 2))
    values = fill(tree, [11, 13, 16, 14, 12, 9])
    ups = np.mean(
        [round_tree(tree, values, draw(tree, KEY, str(turn))) > values for turn in range(3000)], axis=0
    )
    share = (values % 5) / 5
    lowest = [tree.index[f"c{town}.{one}"] for town in range(2) for one in range(3)]
    assert abs(ups - share)[lowest].max() < 0.08


def test_unchanged_siblings_stay_when_one_member_comes() -> None:
    rng = np.random.default_rng(3)
    tree = hierarchy([(at % 5, at % 3) for at in range(200)], "t", "c", (1, 2))
    for turn in range(60):
        counts = [int(one) for one in rng.poisson(6, 200)]
        drawn = draw(tree, KEY, f"measure {turn}")
        before = round_tree(tree, fill(tree, counts), drawn)
        counts[int(rng.integers(200))] += 1
        after = round_tree(tree, fill(tree, counts), drawn)
        change = abs(after - before)
        assert set(np.unique(change)) <= {0, 5}
        assert (change > 0).sum() <= 6  # the path to the root, and at most one sibling a level that gives way


@settings(max_examples=60, deadline=None)
@given(districts())
def test_no_programme_narrows_a_rounded_cell(district: tuple[Tree, Tree, list[int]]) -> None:
    tree, _, counts = district
    values = fill(tree, counts)
    (near, exact), _ = both(tree, tree, counts)
    attack = Attack(len(counts), clues(tree, values, near, exact))
    for node in tree.ids:
        at = tree.index[node]
        if not exact[at] and near[at] < 10:
            low, high = attack.interval(atoms(tree, node))
            assert high - low >= 4 - 1e-6
            assert low - 1e-6 <= values[at] <= high + 1e-6


def clues(tree: Tree, values: Ints, near: Ints, exact: np.ndarray) -> list[Clue]:
    """Give all that is published of a tree, and more: each small cell's rounded value, not its band."""
    found = []
    for node in tree.ids:
        at = tree.index[node]
        low, high = (values[at],) * 2 if exact[at] else (max(0, near[at] - 4), near[at] + 4)
        found.append(Clue(atoms(tree, node), float(low), float(high)))
    return found


@settings(max_examples=80, deadline=None)
@given(districts())
def test_no_programme_over_both_hierarchies_narrows_a_small_cell(
    district: tuple[Tree, Tree, list[int]],
) -> None:
    place, by, counts = district
    (first, exact), (_, root) = both(place, by, counts, rank=0)
    second = follow(linked(place, by), first, by, fill(by, counts), draw(by, KEY, "members"))
    assume(second is not None and not exact.any())
    check_sums(by, second)
    assert (abs(second - fill(by, counts)) < 5).all()
    assert smallest_width(place, by, counts, (first, exact), (second, root)) >= 4 - 1e-6


def linked(place: Tree, by: Tree) -> Link:
    """Link two trees by the organisations of their nodes."""
    under = [{node: [str(one) for one in atoms(tree, node)] for node in tree.ids} for tree in (place, by)]
    return link_trees(place, by, *under)


def smallest_width(place: Tree, by: Tree, counts: list[int], one: Settled, two: Settled) -> float:
    """Attack all small cells of both hierarchies and give the narrowest interval."""
    published = [(place, fill(place, counts), *one), (by, fill(by, counts), *two)]
    attack = Attack(len(counts), [found for table in published for found in clues(*table)])
    widths = [100.0]
    for tree, values, near, exact in published:
        for node in tree.ids:
            at = tree.index[node]
            if not exact[at] and near[at] < 10:
                low, high = attack.interval(atoms(tree, node))
                assert low - 1e-6 <= values[at] <= high + 1e-6
                widths.append(high - low)
    return min(widths)


def mixed(rng: np.random.Generator, mean: float) -> tuple[Tree, Tree, list[int]]:
    """Make a district as districts are: most organisations belong where they stand, some elsewhere."""
    where = [(at // 30, at % 30 // 6) for at in range(120)]
    belongs = [
        (at // 40, at % 40 // 8) if rng.random() < 0.15 else (3 + at // 30, at % 30 // 6) for at in range(120)
    ]
    counts = [int(one) for one in rng.exponential(mean, 120)]
    return hierarchy(where, "t", "c", (1, 2)), hierarchy(belongs, "k", "g", (2, 2)), counts


@pytest.mark.parametrize("mean", [0.2, 1.0, 4.0])
def test_most_districts_round_as_one_table_and_all_of_these_are_safe(mean: float) -> None:
    rng = np.random.default_rng(11)
    joint = 0
    for _ in range(6):
        place, by, counts = mixed(rng, mean)
        one, (_, root) = both(place, by, counts, rank=0)
        second = follow(linked(place, by), one[0], by, fill(by, counts), draw(by, KEY, "members"))
        if second is not None:
            joint += 1
            assert smallest_width(place, by, counts, one, (second, root)) >= 3 - 1e-6
    assert joint >= 5


def test_twins_round_alike() -> None:
    place = hierarchy([(at // 20, at % 20 // 4) for at in range(80)], "t", "c", (1, 2))
    by = hierarchy([(at // 20, at % 20 // 4) for at in range(80)], "k", "g", (2, 2))
    rng = np.random.default_rng(5)
    counts = [int(one) for one in rng.poisson(2, 80)]
    first = round_tree(place, fill(place, counts), draw(place, KEY, "due"))
    link = twins(by, place)
    second = round_tree(
        by, fill(by, counts), draw(by, KEY, "due"), wanted=np.where(link >= 0, first[link], -1)
    )
    for low in range(4):
        for one in range(5):
            assert first[place.index[f"c{low}.{one}"]] == second[by.index[f"g{low}.{one}"]]


def test_an_exact_parent_is_taken_back_where_it_would_narrow_a_child() -> None:
    tree = hierarchy([(0, 0), (0, 1), (1, 0), (1, 1)], "t", "c", (1, 2))
    counts = [1, 507, 250, 250]
    values = fill(tree, counts)
    shown = []
    for turn in range(20):
        counted = Counted(tree, values, draw(tree, KEY, f"measure {turn}"))
        (near, exact), _ = settle(counted, counted, twins(tree, tree), 1)
        shown.append(bool(exact[tree.index["t0"]]))
        assert shown[-1] == exact_is_safe(tree, values, near, tree.rank <= 1)
    assert set(shown) == {True, False}


def test_a_split_beside_an_exact_total_is_checked() -> None:
    women, men = np.array([5, 100]), np.array([2000, 100])
    assert narrow_bands([women, men], np.array([2012, 200]), 10).tolist() == [True, False]
    assert not narrow_bands([women, men], np.array([2005, 200]), 10).any()


def test_tables_that_do_not_add_up_are_refused() -> None:
    tree = hierarchy([(0, 0), (0, 1)], "t", "c", (1, 2))
    with pytest.raises(ValueError, match="more than the place"):
        tree.fill({"d": 3, "t0": 3, "c0.0": 2, "c0.1": 2})


def test_what_no_child_accounts_for_is_rounded_too() -> None:
    tree = hierarchy([(0, 0), (0, 1)], "t", "c", (1, 2))
    values = tree.fill({"d": 30, "t0": 30, "c0.0": 11, "c0.1": 12})
    near = round_tree(tree, values, draw(tree, KEY, "m"))
    check_sums(tree, near)
    assert values[len(tree.ids) :].tolist().count(7) == 1
