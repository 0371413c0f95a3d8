"""The pipeline's drawing: every case has its dot, in its day, an overdue one beyond the line."""

from __future__ import annotations

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from dashboard.panels.flow_pipeline import (
    DAY,
    HIGH,
    LIMIT,
    MOST_DAYS,
    STEPS,
    TALL,
    WIDE,
    Step,
    case_per_dot,
    dots_of,
    middle_of,
    steps_of,
)
from stores.figure import HIDDEN, exact

WAITS = st.dictionaries(st.integers(0, 60), st.integers(1, 40), max_size=20).map(Counter)


@given(st.lists(WAITS, min_size=1, max_size=4))
def test_dots_stay_inside_and_stand_for_all_cases(waits: list[Counter[int]]) -> None:
    steps = [Step("x", waited=one) for one in waits]
    each = case_per_dot(steps)
    for step in steps:
        dots = dots_of(step.waited, each)
        assert len(dots) * each >= sum(step.waited.values())
        assert len(dots) <= sum(ceil(n / each) for n in step.waited.values())
        for x, y, late in dots:
            assert 0 < x < WIDE and 0 < y < HIGH
            assert late == (x > DAY * (LIMIT + 1))
        assert len(dots) == len({(x, y) for x, y, _ in dots})
        stacks = Counter(x for x, _, _ in dots)
        assert max(stacks.values(), default=0) <= TALL
        assert len(stacks) <= MOST_DAYS


def test_bands_of_waits_stand_in_their_middle() -> None:
    assert [middle_of(text) for text in ("3", "2-4", "11+", "0")] == [3, 3, 11, 0]


def test_a_step_takes_its_own_row_and_its_waits() -> None:
    own = {"status": STEPS[0], "waited": None, "n": exact(4), "overdue": HIDDEN, "longest": exact(9)}
    waits = [own | {"waited": "2", "n": exact(3)}, own | {"waited": "9", "n": exact(1)}]
    found = steps_of([own, *waits])
    assert [step.name for step in found] == list(STEPS)
    assert (found[0].cases, found[0].overdue, found[0].longest) == (exact(4), HIDDEN, exact(9))
    assert found[0].waited == {2: 3, 9: 1}
    assert found[1].cases is None and not found[1].waited
