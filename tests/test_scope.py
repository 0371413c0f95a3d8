"""A scope holds exactly the places whose organisations all lie under it, in either hierarchy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_district import COMMUNITIES, ROOT, Opened, open_small

from stores.gate_policy import MODES
from stores.questions import computed_names, names, question
from stores.scope import NOWHERE, SUBJECTS, Scope, Territory, subject_of

TOWN, OTHER = "320115001", "320115002"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Give a small real district."""
    return open_small(tmp_path_factory.mktemp("scope"))


@st.composite
def territories(draw: Any) -> tuple[dict[str, dict[str, set[str]]], dict[str, dict[str, str | None]]]:
    """Draw two trees of up to eight nodes each over the same organisations."""
    under: dict[str, dict[str, set[str]]] = {}
    parents: dict[str, dict[str, str | None]] = {}
    for basis in ("place", "affiliation"):
        size = draw(st.integers(1, 8))
        above: dict[str, str | None] = {"0": None}
        for node in range(1, size):
            above[str(node)] = str(draw(st.integers(0, node - 1)))
        found: dict[str, set[str]] = {node: set() for node in above}
        for org in "abcdef":
            node: str | None = str(draw(st.integers(0, size - 1)))
            while node is not None:
                found[node].add(org)
                node = above[node]
        parents[basis] = above
        under[basis] = {node: orgs for node, orgs in found.items() if orgs}
    return under, parents


@given(territories(), st.data())
def test_a_scope_holds_what_a_plain_reading_says(made: Any, data: st.DataObject) -> None:
    under, parents = made
    subjects = [(basis, node) for basis, tree in parents.items() for node in tree]
    places = data.draw(st.sets(st.sampled_from(subjects), max_size=3))
    subject = data.draw(st.sampled_from(subjects))
    territory = Territory(under, parents)
    whole = any(parents[basis][node] is None for basis, node in places)
    orgs = under[subject[0]].get(subject[1], set())
    covered = {org for basis, node in places for org in under[basis].get(node, ())}
    chain, at = [], subject[1]
    while at is not None:
        chain.append((subject[0], at))
        at = parents[subject[0]][at]
    expected = whole or (orgs <= covered if orgs else any(link in places for link in chain))
    assert territory.holds(Scope(frozenset(places)), subject) == expected
    assert territory.holds(Scope(frozenset(places)), None) == whole
    held = territory.organisations(Scope(frozenset(places)))
    assert held is None if whole else held == covered


def test_what_is_unknown_lies_outside() -> None:
    territory = Territory({"place": {"0": {"a"}}}, {"place": {"0": None, "1": "0"}})
    limited = Scope(frozenset({("place", "1")}))
    for subject in (("place", "2"), ("galaxy", "0"), ("place", ""), None):
        assert not territory.holds(limited, subject)
        assert not territory.holds(NOWHERE, subject)


def test_a_question_is_about_what_its_parameters_name() -> None:
    assert subject_of({"basis": "affiliation", "node": "O1", "month": "2019-02"}) == ("affiliation", "O1")
    assert subject_of({"org_id": "O1", "month": "2019-02"}) == ("affiliation", "O1")
    assert subject_of({"building": "B1"}) == ("place", "B1")
    assert subject_of({"month": "2019-02"}) is None


def test_no_question_names_its_subject_otherwise() -> None:
    """A new parameter that names a place has to be told to the scope."""
    about = {name for name, _ in SUBJECTS}
    rest = {
        "basis", "month", "year", "dim", "level", "lod", "from_month", "to_month", "day_kind", "hour_from",
        "hour_to", "table_name", "domain", "hops", "focus", "direction", "metres", "count",
        "lon", "lat", "west", "south", "east", "north", "x", "y", "z", "since", "from_day", "to_day",
        "alert_id",
    }  # fmt: skip
    for name in (*names(), *computed_names()):
        assert set(question(name).params) <= about | rest, name


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scope", [("place", TOWN), ("affiliation", "O10001")])
def test_outside_a_scope_the_gate_answers_as_for_a_visitor(
    opened: Opened, mode: str, scope: tuple[str, str]
) -> None:
    differ = 0
    for node in (ROOT, TOWN, OTHER, *COMMUNITIES, "B000001", "B000003"):
        params = {"basis": "place", "node": node, "month": "2019-02"}
        opened.gate.within(lambda: None)
        plain, own = (opened.gate.answer("headline", one, **params) for one in ("visitor", mode))
        opened.gate.within(lambda: Scope(frozenset({scope})))
        shown = opened.gate.answer("headline", mode, **params)
        inside = node.startswith(TOWN) or node == "B000001"
        assert shown == (own if inside else plain), node
        differ += inside and own != plain
    opened.gate.within(lambda: None)
    assert bool(differ) == (mode != "visitor")


def test_a_question_about_the_whole_district_needs_the_whole_district(opened: Opened) -> None:
    params = {"basis": "place", "level": "town", "node": ROOT}
    params |= {"from_month": "2019-01", "to_month": "2019-02"}
    plain, own = (opened.gate.answer("flow_edges", mode, **params) for mode in ("visitor", "duty"))
    assert plain != own
    for scope, expected in ((("place", TOWN), plain), (("place", ROOT), own)):
        opened.gate.within(lambda scope=scope: Scope(frozenset({scope})))
        assert opened.gate.answer("flow_edges", "duty", **params) == expected
    opened.gate.within(lambda: None)
