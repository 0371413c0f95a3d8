"""Search finds by characters, pinyin, initials and mixtures, ranks sensibly, and is quick."""

import csv
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.search import Finder, Searches

REFERENCE = Path(__file__).resolve().parent.parent / "loaders" / "demo" / "reference"


def entry(kind: str, key: str, name: str, name_en: str = "", parent: str = "") -> dict[str, Any]:
    """Build one searchable row."""
    return {
        "kind": kind,
        "id": key,
        "name": name,
        "name_en": name_en,
        "parent_name": parent,
        "place_id": key,
    }


def communities() -> list[str]:
    """Read the real names of the district's communities."""
    with (REFERENCE / "communities.csv").open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file)]


SMALL = [
    entry("place", "320115", "江宁区", "Jiangning District"),
    entry("place", "320115001", "东山街道", "Dongshan"),
    entry("place", "320115002", "秣陵街道", "Moling"),
    entry("place", "320115402", "江宁开发区", "Jiangning Development Zone"),
    entry("place", "320115001002", "东山社区居委会", "", "东山街道"),
    entry("organisation", "O00001", "中共江宁区东山街道工作委员会"),
    entry("organisation", "O00002", "东山街道东山社区第一党支部"),
    entry("building", "B000001", "东山国际企业（研发）园A座"),
]


@pytest.fixture(scope="module")
def small() -> Finder:
    """Give a finder over a handful of entries."""
    return Finder(SMALL)


@pytest.fixture(scope="module")
def full() -> Finder:
    """Give a finder as large as the district's: 220 places, 2,585 organisations, 8,000 buildings."""
    names = communities()
    rows = [entry("place", f"P{i}", name) for i, name in enumerate(names[:220])]
    rows += [
        entry("organisation", f"O{i}", f"中共{names[i % len(names)]}第{i % 9}支部委员会") for i in range(2585)
    ]
    rows += [entry("building", f"B{i}", f"{names[i % len(names)][:2]}科技园{i}号楼") for i in range(8000)]
    return Finder(rows)


@pytest.mark.parametrize(
    "query", ["东山街道", "东山", "dongshan", "DONGSHAN", "ds", "dsjd", "dongsjd", "东s", "dong shan", "ｄｓ"]
)
def test_a_town_is_found_first_however_it_is_typed(small: Finder, query: str) -> None:
    assert small.find(query)[0].id == "320115001"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("moling", "320115002"),
        ("development z", "320115402"),
        ("gzwyh", "O00001"),
        ("第一党支部", "O00002"),
        ("yfy", "B000001"),
        ("yanfayuan", "B000001"),
        ("a座", "B000001"),
        ("jiangningqu", "320115"),
    ],
)
def test_other_ways(small: Finder, query: str, found: str) -> None:
    assert small.find(query)[0].id == found


def test_hit_marks_the_matched_characters(small: Finder) -> None:
    hit = small.find("dssq")[0]
    assert hit.name[hit.start : hit.end] == "东山社区"


def test_nothing_is_found_for_nothing(small: Finder) -> None:
    assert small.find("") == small.find("   ") == small.find("（）") == small.find("zzzz") == []


def test_limit_holds_and_places_come_before_buildings(full: Finder) -> None:
    hits = full.find("kjy", limit=5)
    assert len(hits) == 5
    assert [hit.kind for hit in full.find("第3支部", 30)] == ["organisation"] * 30


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_harmless_query(query: str) -> None:
    Finder(SMALL).find(query)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6))
def test_any_name_can_be_indexed(names: list[str]) -> None:
    finder = Finder([entry("organisation", str(i), name) for i, name in enumerate(names)])
    assert len(finder) == len(names)


def test_ten_milliseconds_a_query_at_the_district_size(full: Finder) -> None:
    queries = ["东山", "ds", "dongshan", "d", "zzzz", "kejiyuan77", "东s", "dongshanshequ", "aaaaaaaaaaaa"]
    best = {query: min(_seconds(full, query) for _ in range(3)) for query in queries}
    assert max(best.values()) < 0.010, best


def _seconds(finder: Finder, query: str) -> float:
    start = time.thread_time()
    finder.find(query)
    return time.thread_time() - start


class Shelf:
    """Stand for a store's version and count how often the rows are read."""

    version = 1
    reads = 0

    def answer(self, question: str, mode: str, **params: Any) -> list[dict[str, Any]]:
        """Return the small entries."""
        assert question == "searchables"
        self.reads += 1
        return SMALL


def test_index_is_built_once_a_version_and_mode() -> None:
    shelf = Shelf()
    searches = Searches(shelf, shelf)
    assert searches.finder("visitor") is searches.finder("visitor")
    assert shelf.reads == 1
    shelf.version = 2
    assert len(searches.finder("visitor")) == len(SMALL)
    assert shelf.reads == 2
