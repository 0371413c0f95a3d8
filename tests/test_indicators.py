"""Every indicator is complete: words in all languages, a real question, columns that the gate publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard import parts
from dashboard.words import Words, languages
from indicators.registry import Indicator, all_indicators, columns, question
from stores import questions
from stores.tables import fact_tables
from tests.small_district import MONTHS, ROOT, Opened, open_small

ALL = list(all_indicators().values())
VIEW = {
    "basis": "place", "node": ROOT, "month": "2019-02",
    "from_month": "2018-03", "to_month": "2019-02", "year": 2018,
}  # fmt: skip


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    opened = open_small(tmp_path_factory.mktemp("indicators"))
    yield opened
    opened.store.close()


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("indicator", ALL, ids=lambda one: one.KEY)
def test_it_says_what_it_means(indicator: Indicator, lang: str) -> None:
    words = Words(lang, strict=True)
    for part in ("title", "definition", "formula", "rule"):
        assert words(f"how.{indicator.KEY}.{part}")
    if indicator.WHOLE or indicator.OVER:
        assert words(f"how.{indicator.KEY}.part") != words(f"how.{indicator.KEY}.whole")
    assert indicator.UNIT == "percent" or words(f"units.{indicator.UNIT}")


@pytest.mark.parametrize("indicator", ALL, ids=lambda one: one.KEY)
def test_it_asks_a_question_that_publishes_its_columns(indicator: Indicator) -> None:
    asked = questions.question(indicator.QUESTION)
    assert set(indicator.PARAMS) | set(indicator.FIXED) == set(asked.params)
    wanted = {indicator.PART, *indicator.PLUS, *indicator.WHERE, *filter(None, [indicator.WHOLE])}
    assert wanted <= set(asked.publish)
    if indicator.OVER:
        assert indicator.OVER[1] in questions.question(indicator.OVER[0]).publish
    assert set(indicator.TABLES) <= set(fact_tables())
    assert indicator.WINDOW in ("month", "span", "year")
    assert indicator.WHOLE_AT in ("all", "last")


@pytest.mark.parametrize("indicator", ALL, ids=lambda one: one.KEY)
def test_its_columns_add_up_to_a_published_number(indicator: Indicator, district: Opened) -> None:
    name, params = question(indicator, VIEW)
    rows = district.gate.answer(name, "duty", **params)
    above, below = columns(indicator, rows, tuple(MONTHS))
    part, whole = parts.total(above), parts.total(below)
    if indicator.WHOLE and part.shown and whole.value and indicator.UNIT != "hour":
        assert 0 <= float(part.value or 0) <= float(whole.value)


def test_a_denominator_may_be_of_the_last_month_alone() -> None:
    indicator: Any = all_indicators()["study"]
    rows = [{"month": m, "study_hours": 2, "study_members": n} for n, m in enumerate(MONTHS)]
    above, below = columns(indicator, rows, tuple(MONTHS))
    assert sum(above) == 24
    assert below == [11]


def test_every_number_that_can_be_tapped_has_an_answer() -> None:
    import re
    from pathlib import Path

    import dashboard.panels

    asked = set()
    for file in Path(dashboard.panels.__path__[0]).glob("*.py"):
        asked |= set(re.findall(r'act\(\s*"how",\s*"([a-z_]+)"', file.read_text(encoding="utf-8")))
    assert asked
    assert asked <= set(all_indicators())
