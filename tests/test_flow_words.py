"""The sentence of flows: every clause is true of the numbers, and what is not true is not said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.flow_words import Exchange, Names, exchange_of, sentence, tenths
from dashboard.words import Words, languages
from layers.scene import Scene
from stores.figure import HIDDEN, NO_DATA, Figure, band, exact, rounded

ROOT = "320115"
ROWS: dict[str, list[dict[str, Any]]] = {
    "places": [
        {"node_id": ROOT, "level": "district", "name": "江宁区", "name_en": "Jiangning District"},
        {"node_id": "t1", "level": "town", "name": "秣陵街道", "name_en": "Moling Subdistrict"},
        {"node_id": "t2", "level": "town", "name": "东山街道", "name_en": "Dongshan Subdistrict"},
        {"node_id": "t3", "level": "town", "name": "江宁街道", "name_en": "Jiangning Subdistrict"},
    ],
    "names": [{"node_id": name, "level": "town", "name": name} for name in ()],
    "here": [{"node_id": ROOT, "level": "district", "name": "江宁区", "name_en": "Jiangning District"}],
}
SCENE = Scene(place=ROOT, focus="t1", span="quarter")
ALL = Exchange("t2", "t2", 0.4, 0.7)


def said(summary: dict[str, Any], lang: str = "zh", exchange: Exchange = ALL) -> str:
    words = Words(lang, strict=True)
    clauses = sentence(summary, exchange, Names(ROWS, words), SCENE, words)
    return "|".join(
        clause.before + (words.figure(clause.figure) if clause.figure else "") + clause.after
        for clause in clauses
    )


def summary(came: Any, went: Any, net: Any, outside: Any = NO_DATA) -> dict[str, Any]:
    return {"moved_in": came, "moved_out": went, "net": net, "outside_share": outside}


def test_a_gain_with_one_partner_and_most_from_outside() -> None:
    text = said(summary(exact(176), exact(113), exact(63), exact(0.56)))
    assert text == "近一季净流入63名|转入176、转出113|来去最多的都是东山|转入者六成来自区外"


def test_a_loss_is_a_loss_and_its_figure_has_no_sign() -> None:
    words = Words("zh")
    clauses = sentence(summary(exact(3), exact(9), exact(-6)), Exchange(), Names(ROWS, words), SCENE, words)
    assert clauses[0].figure == exact(6) and clauses[0].tone == "out" and "净流出" in clauses[0].before
    assert len(clauses) == 2


def test_as_many_in_as_out_has_no_figure() -> None:
    assert (
        said(summary(exact(5), exact(5), exact(0)), exchange=Exchange())
        == "近一季转入与转出相抵|转入5、转出5"
    )


@pytest.mark.parametrize("lang", languages())
def test_nothing_and_hidden_are_told_apart(lang: str) -> None:
    nothing = said(summary(exact(0), exact(0), exact(0)), lang)
    hidden = said(summary(HIDDEN, HIDDEN, HIDDEN), lang)
    assert nothing != hidden
    assert not re.search(r"\d", nothing + hidden)
    assert said(summary(band(0, 9), band(0, 9), HIDDEN), lang) == hidden


def test_different_partners_are_two_clauses_and_a_small_share_is_not_said() -> None:
    text = said(summary(exact(50), exact(40), exact(10)), exchange=Exchange("t2", "t3", 0.3, 0.4))
    assert "转入的三成来自东山" in text and "去往江宁街道的最多" in text and "前三处" not in text
    small = said(summary(exact(50), exact(40), exact(10)), exchange=Exchange("t2", "", 0.1, 0.6))
    assert "来自东山的最多" in small and "去往" not in small and "前三处占转入的六成" in small


def test_that_all_came_from_outside_is_not_said_of_the_district() -> None:
    whole = Exchange("t2", "t2", 0.4, 0.2, is_district=True)
    assert "区外" not in said(summary(exact(9), exact(1), exact(8), exact(1.0)), exchange=whole)


FIGURES = st.one_of(
    st.integers(0, 999).map(exact), st.integers(0, 99).map(lambda n: rounded(5 * n)), st.just(HIDDEN)
)


@given(FIGURES, FIGURES, st.sampled_from(languages()))
def test_every_number_of_the_sentence_is_one_of_the_summary(came: Figure, went: Figure, lang: str) -> None:
    shown = came.shown and went.shown
    net = exact((came.value or 0) - (went.value or 0)) if shown else HIDDEN
    text = said(summary(came, went, net), lang, Exchange())
    told = {abs(int(figure.value or 0)) for figure in (came, went, net) if figure.shown}
    assert {int(n) for n in re.findall(r"\d+", text)} <= told


@pytest.mark.parametrize(
    ("share", "zh", "en"), [(0.7, "七成", "70%"), (0.52, "过半", "over half"), (0.04, "一成", "4%")]
)
def test_shares_are_said_as_people_say_them(share: float, zh: str, en: str) -> None:
    assert tenths(share, Words("zh")) == zh
    assert tenths(share, Words("en")) == en


def test_names_are_short_and_the_town_named_as_the_district_keeps_its_own() -> None:
    names, english = Names(ROWS, Words("zh")), Names(ROWS, Words("en"))
    told = {"t1": "秣陵", "t3": "江宁街道", "ext:南京": "南京其他区", "ext:江苏": "省内他市"}
    told |= {"ext:安徽": "安徽", "ext:other": "其他省市", "other": "其他"}
    assert {node: names(node) for node in told} == told
    assert english("t1") == "Moling" and english("ext:安徽") == "Anhui"
    assert names.part(ROOT) == "其余" and names.shortest("ext:江苏") == "省内"


def test_partners_are_added_up_as_they_are_drawn() -> None:
    edges = [
        {"from_node": "ext:江苏省苏州市", "to_node": "t1", "n": exact(6)},
        {"from_node": "ext:江苏省无锡市", "to_node": "t1", "n": exact(5)},
        {"from_node": "t2", "to_node": "t1", "n": exact(9)},
        {"from_node": "t1", "to_node": "t2", "n": exact(4)},
        {"from_node": "t1", "to_node": "t1", "n": exact(99)},
        {"from_node": "other", "to_node": "t1", "n": exact(50)},
        {"from_node": "t2", "to_node": "t3", "n": exact(70)},
    ]
    found = exchange_of({**ROWS, "edges": edges}, Names(ROWS, Words("zh")), SCENE, ROOT)
    assert (found.main_from, found.main_to) == ("ext:江苏", "t2")
    assert found.from_share == pytest.approx(11 / 70) and found.top3 == pytest.approx(20 / 70)
