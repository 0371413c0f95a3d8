"""The matrix: cells gathered as they are drawn add up to what was published, and what is hidden stays so."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashboard.flow_matrix import TOTAL, cells_of, order_of, table
from dashboard.flow_words import Names
from dashboard.panels.flow_mix import splits_of
from dashboard.words import Words
from stores.figure import HIDDEN, exact
from tests.test_flow_words import ROWS

NAMES = Names(ROWS, Words("zh", strict=True))
ENDS = ["t1", "t2", "ext:江苏省苏州市", "ext:江苏省无锡市", "ext:上海市", "other", TOTAL]
CELLS = st.lists(
    st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS), st.integers(0, 90)),
    max_size=30,
    unique_by=lambda cell: cell[:2],
)


def published(cells: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    return [{"from_node": a, "to_node": b, "n": exact(n)} for a, b, n in cells]


@given(CELLS)
def test_gathered_cells_add_up(cells: list[tuple[str, str, int]]) -> None:
    found = cells_of(published(cells), NAMES)
    assert sum(int(figure.value or 0) for figure in found.values()) == sum(n for _, _, n in cells)
    places = order_of(found)
    assert len(places) == len(set(places)) and TOTAL not in places
    outside = [place.startswith("ext:") for place in places if place != "other"]
    assert outside == sorted(outside), "places outside stand last"


def test_a_hidden_cell_hides_what_it_is_gathered_into() -> None:
    rows = [
        *published([("t1", "ext:江苏省苏州市", 4)]),
        {"from_node": "t1", "to_node": "ext:江苏省无锡市", "n": HIDDEN},
    ]
    assert cells_of(rows, NAMES) == {("t1", "ext:江苏"): HIDDEN}
    assert "＊" in str(table(rows, NAMES, Words("zh"), "at", 9)[0].to_plotly_json())


def test_nought_is_silent_and_the_rest_is_counted() -> None:
    made = table(published([("t1", "t2", 0), ("t2", "t1", 7)]), NAMES, Words("zh", strict=True), "at", 1)
    assert len(made) == 2 and "另1处" in str(made[1])


def test_splits_stand_by_size_with_their_directions() -> None:
    rows = [
        {"dim": "route", "band": band, "direction": way, "n": exact(n)}
        for band, way, n in (("letter", "in", 3), ("online", "in", 9), ("online", "out", 2))
    ]
    found = splits_of(rows)
    assert list(found["route"]) == ["online", "letter"]
    assert found["route"]["online"] == {"in": exact(9), "out": exact(2)}
