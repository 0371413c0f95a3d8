"""The wall's font covers what the product writes, and stays small."""

import re

import make_fonts
import pytest
from fontTools.ttLib import TTFont


def covered(name: str) -> set[str]:
    """Collect the characters that both weights of a slice can draw."""
    files = sorted(make_fonts.FONTS.glob(f"{name}-*.woff2"))
    maps = [set(map(chr, TTFont(file).getBestCmap())) for file in files]
    return set.intersection(*maps) if maps else set()


def test_core_slice_is_not_stale() -> None:
    missing = make_fonts.screen_characters() - covered("core")
    known = {char for slice_ in make_fonts.further_slices() for char in slice_} | set(make_fonts.ALWAYS)
    assert not missing & known, f"run tests/make_fonts.py: {''.join(sorted(missing & known))}"


def test_sheet_slice_is_not_stale() -> None:
    known = {char for slice_ in make_fonts.further_slices() for char in slice_}
    assert not (make_fonts.sheet_characters() & known) - covered("sheet")


def test_demo_slice_is_not_stale() -> None:
    known = {char for slice_ in make_fonts.further_slices() for char in slice_}
    assert not (make_fonts.demo_characters() & known) - covered("demo") - covered("core") - covered("sheet")


def test_core_slice_is_small() -> None:
    sizes = {file.name: file.stat().st_size for file in make_fonts.FONTS.glob("core-*.woff2")}
    assert len(sizes) == len(make_fonts.WEIGHTS)
    assert max(sizes.values()) <= 120 * 1024, sizes


def test_further_slices_are_the_whole_national_set() -> None:
    slices = make_fonts.further_slices()
    everything = set.union(*slices)
    assert len(everything) == sum(map(len, slices)) == 6763


def test_sheet_names_exactly_the_files_there_are() -> None:
    named = set(re.findall(r"fonts/([\w.-]+\.woff2)", make_fonts.SHEET.read_text("utf-8")))
    assert named == {file.name for file in make_fonts.FONTS.glob("*.woff2")}
    assert (make_fonts.FONTS / "OFL.txt").is_file()


def test_core_is_the_browsers_first_choice() -> None:
    rules = re.findall(r"fonts/(\w+)", make_fonts.SHEET.read_text("utf-8"))
    assert rules[-1] == "core"


@pytest.mark.parametrize("digit", "0123456789")
def test_digits_are_tabular(digit: str) -> None:
    for file in make_fonts.FONTS.glob("core-*.woff2"):
        font = TTFont(file)
        names = font.getBestCmap()
        assert font["hmtx"][names[ord(digit)]][0] == font["hmtx"][names[ord("0")]][0]


def test_ranges_are_written_shortest() -> None:
    assert make_fonts.unicode_range("abcxz") == "U+61-63,U+78,U+7A"
