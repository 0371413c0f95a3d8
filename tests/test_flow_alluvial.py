"""The alluvial: nothing overlaps, nobody is lost, and a member is equally wide everywhere."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.alluvial import REST, Alluvial, Flow, layout
from dashboard.drawing import ribbon
from dashboard.panels.flow_alluvial import label_width, rows_at

WIDTH, GAP, ROOM = 346.0, 9.0, 46.0
PLACES = [f"p{n}" for n in range(12)]
SIZES = st.integers(1, 400)


@st.composite
def traces(draw: st.DrawFn) -> list[Flow]:
    """Draw flows through one centre that hold together: a further hop meets a place of the hop before."""
    flows: list[Flow] = []
    for way in (-1, 1):
        near = ["centre"]
        for hop in range(1, draw(st.integers(1, 3)) + 1):
            ends = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=12, unique=True))
            for end in ends:
                inner = draw(st.sampled_from(near))
                pair = (end, inner) if way < 0 else (inner, end)
                flows.append((way * hop, *pair, float(draw(SIZES))))
            near = ends
    return flows


def laid(flows: list[Flow]) -> Alluvial:
    return layout(flows, WIDTH, GAP, lambda node: ROOM)


@given(traces())
def test_rooms_of_a_row_lie_side_by_side_inside_the_width(flows: list[Flow]) -> None:
    found = laid(flows)
    for row in found.rows:
        bands = found.row(row)
        assert bands[0].left >= -1e-6 and bands[-1].left + bands[-1].room <= WIDTH + 1e-6
        for one, after in pairwise(bands):
            assert one.left + one.room + GAP <= after.left + 1e-6
        for band in bands:
            assert band.room >= (ROOM if row else 0) - 1e-6
            assert band.left - 1e-6 <= band.x and band.x + band.width <= band.left + band.room + 1e-6


@given(traces())
def test_nobody_is_lost_and_small_places_join_the_rest(flows: list[Flow]) -> None:
    found = laid(flows)
    for layer in {flow[0] for flow in flows}:
        wanted = sum(n for own, _, _, n in flows if own == layer)
        row = layer if layer < 0 else layer - 1
        assert abs(sum(r.n for r in found.ribbons if r.row == row) - wanted) < 1e-6
        named = [band.node for band in found.row(layer) if band.node != REST]
        assert len(named) == len(set(named))


@given(traces())
def test_ribbons_fill_their_bars_and_a_member_is_equally_wide(flows: list[Flow]) -> None:
    found = laid(flows)
    bars = {(band.row, band.node): band for band in found.bands}
    sides: dict[tuple[int, str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for one in found.ribbons:
        sides[one.row, one.upper, "below"].append((*one.start, one.n))
        sides[one.row + 1, one.lower, "above"].append((*one.end, one.n))
    for (row, node, side), parts in sides.items():
        bar = bars[row, node]
        assert abs(bar.width - found.scale * bar.n) < 1e-6
        total = sum(width for _, width, _ in parts)
        assert total <= bar.width + 1e-6
        outward = (side == "below") == (row < 0)
        if row and outward:  # towards the centre the bar is as wide as what goes through it
            assert abs(total - bar.width) < 1e-6 or bar.n > sum(n for _, _, n in parts)
        for (x, width, _), (after, _, _) in pairwise(sorted(parts)):
            assert x + width <= after + 1e-6
        assert min(x for x, _, _ in parts) >= bar.x - 1e-6


@given(traces(), st.floats(0.1, 1.0))
def test_the_scale_is_the_largest_that_fits(flows: list[Flow], more: float) -> None:
    found = laid(flows)
    assert 0 < found.scale <= 2.02
    if found.scale < 2.0:
        full = [
            row
            for row in found.rows
            if sum(max(found.scale * (1 + more) * b.n, ROOM if row else 0) for b in found.row(row))
            + GAP * (len(found.row(row)) - 1)
            > WIDTH
        ]
        assert full


def test_an_empty_trace_has_no_rows() -> None:
    assert laid([]).rows == []
    assert laid([(0, "a", "b", 4.0), (-1, "a", "centre", 0.0)]).rows == []


@given(st.integers(0, 3), st.integers(0, 3))
def test_rows_stand_in_the_order_of_time(back: int, forth: int) -> None:
    places = rows_at([-back, 0, forth])
    assert list(places) == list(range(-back, forth + 1))
    assert all(one < after for one, after in pairwise(places.values()))


def test_chinese_letters_are_wider_and_a_ribbon_is_closed() -> None:
    assert label_width("秣陵", 2) > label_width("ab", 1)
    assert ribbon(0, 10, 0, 50, 10, 100).endswith("Z")
