"""The language tables are complete, alike, and used only by keys that exist."""

import ast
import string
from pathlib import Path

import pytest

from dashboard import words
from dashboard.words import Words
from stores.figure import HIDDEN, NO_DATA, NOT_APPLICABLE, NOT_DUE, band, exact, rounded

ROOT = Path(__file__).resolve().parent.parent
SPEAKERS = {"words", "self.words", "say"}


def placeholders(text: str) -> set[str]:
    """Name the values a text wants."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def literal_keys() -> list[tuple[str, str]]:
    """List (file, key) of every call of words with a literal key in the product's code."""
    found = []
    for path in sorted([*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in SPEAKERS and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.append((path.name, key.value))
    return found


def test_languages_start_with_chinese() -> None:
    assert words.languages()[0] == "zh"
    assert "en" in words.languages()


def test_every_language_has_the_same_keys_and_placeholders() -> None:
    chinese = words.table("zh")
    for lang in words.languages()[1:]:
        other = words.table(lang)
        assert set(other) == set(chinese), lang
        for key, text in chinese.items():
            assert placeholders(other[key]) == placeholders(text), key


@pytest.mark.parametrize("lang", words.languages())
def test_every_key_the_code_speaks_exists(lang: str) -> None:
    missing = {(file, key) for file, key in literal_keys() if key not in words.table(lang)}
    assert not missing


def test_a_missing_key_is_an_error_when_strict_and_harmless_on_a_screen() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        Words("zh", strict=True)("no.such")
    assert Words("zh")("no.such") == "such"


def test_unknown_language_falls_back_to_chinese() -> None:
    assert Words("../../etc").lang == "zh"
    assert Words("xx")("levels.town") == "街道"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (62498, "6.25万", "62.5k"),
        (9999, "9,999", "9,999"),
        (120_000_000, "1.2亿", "120M"),
        (0, "0", "0"),
        (10_000, "1万", "10k"),
    ],
)
def test_short_numbers(value: int, zh: str, en: str) -> None:
    assert Words("zh").short(value) == zh
    assert Words("en").short(value) == en


def test_dates_and_changes() -> None:
    zh, en = Words("zh"), Words("en")
    assert (zh.month("2019-02"), en.month("2019-02")) == ("2019年2月", "Feb 2019")
    assert (zh.month_short("2018-12"), en.month_short("2018-12")) == ("12月", "Dec")
    assert (zh.day("2019-02-08"), en.day("2019-02-08")) == ("2019年2月8日", "8 Feb 2019")
    assert zh.change(10, 10) == ""
    assert zh.change(1200, 10) == "+1,190"
    assert zh.change(10, 12) == "−2"


def test_the_four_ways_of_no_number_look_different() -> None:
    for lang in words.languages():
        speak = Words(lang, strict=True)
        assert len({speak.figure(f) for f in (HIDDEN, NO_DATA, NOT_DUE, NOT_APPLICABLE)}) == 4


def test_figures_are_written_as_published() -> None:
    speak = Words("zh")
    assert speak.figure(exact(62498)) == "62,498"
    assert speak.figure(rounded(62498), short=True) == "6.25万"
    assert speak.figure(exact(0.7134), share=True) == "71.3%"
    assert [speak.figure(b) for b in (band(0, 9), band(10, 29), band(50))] == ["<10", "10–29", "≥50"]


def test_names_follow_the_language() -> None:
    row = {"name": "秣陵街道", "name_en": "Moling"}
    assert (Words("zh").name(row), Words("en").name(row)) == ("秣陵街道", "Moling")
    assert Words("en").name({"name": "河海路", "name_en": None}) == "河海路"


def test_codes_without_a_word_are_written_as_they_are() -> None:
    assert Words("zh").one_of("kinds", "branch") == "党支部"
    assert Words("zh").one_of("kinds", "unheard_of") == "unheard_of"
