"""W06, W07, W10, W15 and the reserves agree with a slow and plain evaluation over made-up districts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import slow_reserves
from tests.plain_store import found, told
from tests.random_histories import History

START, END = date(2018, 1, 1), date(2019, 4, 20)


@pytest.mark.parametrize("key", slow_reserves.ALL)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), as_of=st.dates(date(2018, 5, 1), END), few=st.integers(4, 9))
def test_it_agrees(key: str, seed: int, as_of: date, few: int) -> None:
    tables = History(seed, few, 7, START, END).tables
    assert told(found(key, tables, as_of), tables) == slow_reserves.ALL[key](tables, as_of)


@pytest.mark.parametrize("key", slow_reserves.ALL)
def test_there_is_something_to_agree_on(key: str) -> None:
    stories = [slow_reserves.ALL[key](History(seed, 9, 7, START, END).tables, END) for seed in range(6)]
    assert sum(map(len, stories)) > 2
