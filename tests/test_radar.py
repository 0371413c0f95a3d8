"""The radar: sums of organisations, directions beyond the noise, gaps as gaps, and what each mode may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.radar.registry import axes
from indicators.radar.running import Nodes, of_quarter, quarters
from indicators.warnings.columns import Columns
from stores.gate_axis import axis_cell
from stores.gate_policy import BRANCH, COMMUNITY, DISTRICT, TOWN, Policy
from stores.radar_math import direction, persisting, slope, standard_error
from stores.settings import Radar, Settings
from tests.plain_store import PlainStore

AXES = {axis.KEY: axis for axis in axes()}


def test_the_axes_stand_in_their_fixed_order() -> None:
    assert [axis.KEY for axis in axes()] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "P1"]


@pytest.mark.parametrize(
    ("key", "sums", "value", "gap"),
    [
        ("A1", {"num": 3, "den": 4}, 75.0, ""),
        ("A1", {"num": 0, "den": 0}, None, "no_data"),
        ("A3", {"num": 7, "den": 9}, None, "too_few"),
        ("A3", {"num": 5, "den": 10}, 50.0, ""),
        ("A5", {"num": 30, "den": 60, "eligible": 9}, None, "too_few"),
        ("A5", {"num": 30, "den": 60, "eligible": 10}, 50.0, ""),
        ("A6", {"num": 0, "den": 0}, None, "no_transfers"),
        ("A7", {"num": 1, "den": 100}, 50.0, ""),
        ("A7", {"num": 9, "den": 100}, 0.0, ""),
        ("A7", {"num": 0, "den": 49}, None, "too_few"),
        (
            "A8",
            {"stars": 8, "rated": 2, "volunteers": 20, "members": 100, "num": 50, "den": 100},
            40 * 0.8 + 30 * 0.5 + 30 * 0.5,
            "",
        ),
        (
            "A8",
            {"stars": 0, "rated": 0, "volunteers": 20, "members": 100, "num": 1, "den": 2},
            None,
            "no_data",
        ),
    ],
)
def test_formulas_and_gaps(key: str, sums: dict[str, float], value: float | None, gap: str) -> None:
    made, why = AXES[key].value(sums, Radar())
    assert why == gap
    assert made == (None if value is None else pytest.approx(value))


def test_a_change_counts_beyond_two_points_and_the_noise() -> None:
    assert direction((80, 10_000), (76, 10_000), 1.64, 2) == "better"
    assert direction((76, 10_000), (80, 10_000), 1.64, 2) == "worse"
    assert direction((80, 20), (76, 20), 1.64, 2) == "steady"
    assert direction((81.9, 1e9), (80, 1e9), 1.64, 2) == "steady"
    assert direction((None, 0), (80, 20), 1.64, 2) == "not_comparable"
    assert standard_error((50, 100), (50, 100)) == pytest.approx(100 * (0.25 / 100 * 2) ** 0.5)


def test_two_changes_the_same_way_persist() -> None:
    big = 1e6
    assert persisting([(60, big), (70, big), (80, big)], 1.64, 2)
    assert not persisting([(70, big), (60, big), (80, big)], 1.64, 2)
    assert not persisting([(60, big), (80, big)], 1.64, 2)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=6))
def test_the_slope_is_the_median_of_all_pairs(values: list[float | None]) -> None:
    pairs = [
        (b - a) / (j - i)
        for i, a in enumerate(values)
        for j, b in enumerate(values)
        if i < j and a is not None and b is not None
    ]
    known = [value for value in values if value is not None]
    made = slope(values)
    assert made == (pytest.approx(float(np.median(pairs))) if len(known) > 2 else None)


def tables() -> dict[str, list[dict[str, Any]]]:
    """Three branches with meetings of the fourth quarter of 2018."""
    rows = [
        {"org_id": f"O{n}", "kind": "branch", "status": "active", "founded_on": date(2010, 1, 1)}
        for n in range(3)
    ]
    acts = []
    for number, (org, institution, day, due, came) in enumerate(
        [
            ("O0", "theme_day", date(2018, 10, 15), 20, 18),
            ("O0", "theme_day", date(2018, 11, 15), 20, 10),
            ("O0", "member_meeting", date(2018, 11, 20), 20, 20),
            ("O1", "theme_day", date(2018, 12, 15), 8, 2),
            ("O1", "lecture", date(2018, 12, 16), 8, 8),
            ("O2", "committee_meeting", date(2018, 1, 2), 3, 3),
        ]
    ):
        start = datetime(day.year, day.month, day.day, 9)
        act = {"activity_id": str(number), "org_id": org, "institution": institution, "status": "held"}
        acts.append(act | {"start_at": start, "end_at": start, "due_count": due, "attended_count": came})
    people = [
        {
            "member_pid": f"P{n}",
            "branch_id": f"O{n % 3}",
            "status": "full",
            "joined_month": "2000-01",
            "full_month": "2001-01",
        }
        for n in range(30)
    ]
    dues = [
        {"member_pid": f"P{n}", "paid_through_month": "2018-12" if n % 5 else "2018-06"} for n in range(30)
    ]
    return {"organisation": rows, "activity": acts, "member": people, "dues_status": dues}


def test_values_are_of_sums_never_means_of_ratios() -> None:
    store = PlainStore(tables())
    columns = Columns(store)  # type: ignore[arg-type]
    settings = Settings()
    quarter = quarters(columns, settings, date(2019, 2, 28))[-1]
    assert quarter.key == "2018Q4"
    nodes = Nodes(
        [("place", "all"), ("place", "O0"), ("place", "O1")],
        np.array([0, 0, 0, 1, 2]),
        np.array([0, 1, 2, 0, 1]),
        {},
    )
    found = {
        (node, axis): (num, den, value)
        for _, node, _, axis, num, den, value, _ in of_quarter(quarter, nodes, settings)
    }
    assert found["all", "A3"] == (58, 76, pytest.approx(100 * 58 / 76))
    assert found["O0", "A3"] == (48, 60, 80.0)
    # A quarter owes one meeting, one lecture and three themed days; seven full members owe three committees.
    assert found["O0", "A2"][:2] == (3, 8)
    assert found["O1", "A2"][:2] == (2, 8)
    assert found["all", "A2"][:2] == (5, 24)
    assert found["all", "A4"] == (24, 30, 80.0)
    assert found["O0", "A4"][:2] == (8, 10)


def row(**more: Any) -> dict[str, Any]:
    return {"axis": "A3", "num": 40.0, "den": 100.0, "value": 40.0, "previous": 35.4, "delta": 4.6} | more


@pytest.mark.parametrize(
    ("mode", "rank", "more", "shown"),
    [
        ("duty", BRANCH, {"num": 1.0, "den": 2.0}, "40.0"),
        ("visitor", TOWN, {}, "40"),
        ("visitor", COMMUNITY, {}, "40"),
        ("visitor", BRANCH, {}, "＊"),
        ("visitor", COMMUNITY, {"num": 2.0}, "＊"),
        ("visitor", COMMUNITY, {"den": 9.0, "num": 4.0}, "＊"),
        ("leader", BRANCH, {"den": 9.0, "num": 4.0}, "40"),
        ("visitor", TOWN, {"axis": "A7"}, "＊"),
        ("visitor", DISTRICT, {"axis": "A7"}, "40"),
        ("leader", COMMUNITY, {"axis": "A7"}, "＊"),
    ],
)
def test_each_mode_sees_what_it_may(mode: Any, rank: int, more: dict[str, Any], shown: str) -> None:
    assert str(axis_cell("value", row(**more), mode, rank, Policy())) == shown


def test_a_visitors_change_is_that_of_what_is_shown() -> None:
    assert str(axis_cell("delta", row(), "visitor", TOWN, Policy())) == "5"
    assert str(axis_cell("delta", row(), "duty", TOWN, Policy())) == "4.6"
