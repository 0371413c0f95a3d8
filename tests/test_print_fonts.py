"""The shipped fonts unpack to what a font library reads from them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from dashboard.print_fonts import FONTS, FontFileError, families, family_of, font_folder, unpack

CORE = next(FONTS.glob("core-500.*.woff2"))


def test_an_unpacked_font_has_the_packed_ones_letters_and_outlines() -> None:
    made, packed = TTFont(io.BytesIO(unpack(CORE.read_bytes()))), TTFont(CORE)
    assert made.getBestCmap() == packed.getBestCmap()
    assert made.getGlyphOrder() == packed.getGlyphOrder()
    for tag in ("CFF ", "hmtx", "head", "OS/2", "GSUB"):
        if tag != "head":  # its checksum adjustment is the file's own
            assert made.reader[tag] == packed.reader[tag], tag
    assert made["name"].getDebugName(1) == "Ejia Sans"
    assert made["OS/2"].usWeightClass == 500


def test_each_slice_is_a_family_of_its_own(tmp_path: Path) -> None:
    folder = font_folder(tmp_path / "fonts")
    assert len(list(folder.glob("*.otf"))) == len(list(FONTS.glob("*.woff2")))
    assert families()[0] == "Ejia Sans" == family_of(CORE)
    assert len(families()) * 2 == len(list(FONTS.glob("*.woff2")))


@pytest.mark.parametrize(
    "packed",
    [b"", b"wOF2", CORE.read_bytes()[:200], CORE.read_bytes()[:-50], b"OTTO" + CORE.read_bytes()[4:]],
    ids=range(5),
)
def test_what_is_no_whole_font_is_refused(packed: bytes) -> None:
    with pytest.raises(FontFileError):
        unpack(packed)
