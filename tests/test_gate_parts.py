"""Figures hold no more than they show; edges keep their total; nobody can be counted out of a rate."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.figure import HIDDEN, NO_DATA, STATES, Figure, band, exact, rounded
from stores.gate_flow import round_alone
from stores.gate_policy import (
    BRANCH,
    COMMUNITY,
    DISTRICT,
    KINDS,
    MODES,
    TOWN,
    GateError,
    Policy,
    mode_of,
    rank_of,
    show,
)
from stores.gate_rate import STEPS, rate, step_for

KEY = b"a key for tests, not for districts"
POLICY = Policy()


def test_a_figure_holds_only_what_its_state_allows() -> None:
    for state in STATES:
        if state not in ("exact", "rounded"):
            with pytest.raises(ValueError, match="holds a value"):
                Figure(17, state, 0 if state == "band" else None)
    with pytest.raises(ValueError, match="holds a value"):
        Figure(None, "exact")
    with pytest.raises(ValueError, match="bounds"):
        Figure(None, "hidden", 0, 9)
    with pytest.raises(ValueError, match="unknown state"):
        Figure(None, "secret")  # type: ignore[arg-type]
    assert b"17" not in pickle.dumps(show("hidden", 17, 15, 10, True))


def test_figures_write_themselves_as_a_reader_may_see_them() -> None:
    written = [
        str(one) for one in (exact(12), rounded(15), band(0, 9), band(10, 29), band(50), HIDDEN, NO_DATA)
    ]
    assert written == ["12", "15", "<10", "10–29", "≥50", "＊", "—"]
    assert band(0, 9).json() == {"s": "band", "lo": 0, "hi": 9}
    assert exact(0).json() == {"v": 0, "s": "exact"}
    assert HIDDEN.json() == {"s": "hidden"}


def test_unknown_modes_and_levels_get_nothing_more() -> None:
    with pytest.raises(GateError, match="unknown mode"):
        mode_of("admin")
    assert rank_of("galaxy") == rank_of(None) == BRANCH
    assert [mode_of(mode) for mode in MODES] == list(MODES)


def test_a_less_trusted_mode_never_sees_more() -> None:
    order = {"hidden": 0, "coarse": 1, "rounded": 2, "exact": 3}
    for kind in KINDS:
        for rank in range(BRANCH + 1):
            sight = [order[POLICY.rule(kind, mode).at(rank)] for mode in MODES]
            assert sight == sorted(sight), (kind, rank, sight)
            least = [POLICY.rule(kind, mode).least for mode in MODES]
            assert least == sorted(least, reverse=True)


@pytest.mark.parametrize("treatment", ["hidden", "rounded", "coarse"])
@given(value=st.integers(0, 200), other=st.integers(0, 200), near=st.integers(0, 40).map(lambda x: 5 * x))
def test_a_protected_figure_does_not_depend_on_the_true_count(
    treatment: str, value: int, other: int, near: int
) -> None:
    one, two = (show(treatment, count, near, 10, False) for count in (value, other))  # type: ignore[arg-type]
    assert one == two


def test_bands_follow_the_rounded_value() -> None:
    assert [str(show("coarse", 1, near, 10, False)) for near in (0, 5, 10, 25, 30, 45, 50, 900)] == [
        "<10", "<10", "10–29", "10–29", "30–49", "30–49", "≥50", "≥50",
    ]  # fmt: skip
    assert show("rounded", 8, 5, 10, False) == band(0, 9)
    assert show("exact", 8, None, 10, False) == HIDDEN


def possible(shown: float, step: int, low: int, high: int, least: int) -> set[tuple[int, int]]:
    """List (part, whole) that give a shown rate when the whole lies between two bounds."""
    found = set()
    for whole in range(max(least, low), high + 1):
        for part in range(3, whole - 2):
            if abs(round(round(100 * part / whole / step) * step / 100, 2) - shown) < 1e-9:
                found.add((part, whole))
    return found


@pytest.mark.parametrize("whole", [20, 23, 39, 44, 81, 199, 203, 260, 401, 620])
def test_no_count_comes_out_of_a_visitors_rate(whole: int) -> None:
    near = whole // 5 * 5
    step = step_for(near)
    assert step in STEPS
    for part in range(whole + 1):
        figure = rate(part, whole, near, "visitor", COMMUNITY, POLICY)
        if figure == HIDDEN:
            continue
        assert part >= 3 and whole - part >= 3
        assert figure.value is not None and step is not None
        options = possible(figure.value, step, max(near - 4, 0), near + 4, 10)
        assert (part, whole) in options
        counts = {one for one, _ in options}
        absent = {all_ - one for one, all_ in options}
        assert min(counts) >= 3 and min(absent) >= 3
        for side in (counts, absent):
            assert max(side) - min(side) >= 3 or min(side) >= 10, (part, whole, sorted(side))


def test_rates_of_small_wholes_and_of_branches_are_hidden() -> None:
    assert rate(4, 9, 10, "visitor", TOWN, POLICY) == HIDDEN
    assert rate(8, 15, 15, "visitor", TOWN, POLICY) == HIDDEN
    assert rate(30, 60, 60, "visitor", BRANCH, POLICY) == HIDDEN
    assert rate(30, 60, None, "visitor", TOWN, POLICY) == HIDDEN
    assert rate(3, 6, 5, "leader", BRANCH, POLICY) == rounded(0.5)
    assert rate(3, 5, 5, "leader", BRANCH, POLICY) == HIDDEN
    assert rate(1, 3, 5, "duty", BRANCH, POLICY) == exact(0.3333)
    assert rate(0, 0, 0, "duty", BRANCH, POLICY).state == "not_applicable"
    assert rate(None, 10, 10, "duty", DISTRICT, POLICY) == NO_DATA


def test_a_number_alone_rounds_by_its_own_draw() -> None:
    made = [round_alone(13, KEY, "attended", str(place)) for place in range(2000)]
    assert set(made) == {10, 15}
    assert abs(sum(made) / 2000 - 13) < 0.25
    assert round_alone(15, KEY, "attended", "x") == 15 and round_alone(0, KEY, "attended", "x") == 0
