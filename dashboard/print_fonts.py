"""The product's web fonts as files that a typesetter reads: WOFF2 unpacked to OpenType.

The shipped fonts have CFF outlines, whose tables WOFF2 carries as they are inside one brotli stream (W3C
WOFF 2.0, sections 4 and 5); only TrueType outlines would have to be rebuilt, and those are refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import brotli  # type: ignore[import-untyped]

FONTS: Final = Path(__file__).resolve().parent.parent / "assets" / "fonts"
_KNOWN: Final = (
    "cmap head hhea hmtx maxp name OS/2 post cvt  fpgm glyf loca prep CFF  VORG EBDT EBLC gasp hdmx kern "
    "LTSH PCLT VDMX vhea vmtx BASE GDEF GPOS GSUB EBSC JSTF MATH CBDT CBLC COLR CPAL SVG  sbix acnt avar "
    "bdat bloc bsln cvar fdsc feat fmtx fvar gvar hsty just lcar mort morx opbd prop trak Zapf Silf Glat "
    "Gloc Feat Sill"
)
TAGS: Final = tuple(_KNOWN[at : at + 4] for at in range(0, 63 * 5, 5))

FAMILY: Final = "Ejia Sans"
COPYRIGHT: Final = "© 2014-2021 Adobe (http://www.adobe.com/)."
LICENCE: Final = "http://scripts.sil.org/OFL"


class FontFileError(ValueError):
    """Say why a font file cannot be unpacked."""


def unpack(packed: bytes, family: str = FAMILY) -> bytes:
    """Turn a WOFF2 file into an OpenType file of a family.

    Raises:
        FontFileError: it is no WOFF2 file, is cut short, or has outlines that WOFF2 transforms.
    """
    if packed[:4] != b"wOF2" or len(packed) < 48:
        raise FontFileError("this is no WOFF2 file")
    flavour, count, size = packed[4:8], *struct.unpack(">H6xI", packed[12:24])
    try:
        tables, at = _directory(packed, count)
        stream = brotli.decompress(packed[at : at + size])
    except (IndexError, brotli.error) as error:
        raise FontFileError("the WOFF2 file is cut short or damaged") from error
    parts, start = {}, 0
    for tag, length in tables:
        parts[tag] = stream[start : start + length]
        start += length
    if start != len(stream):
        raise FontFileError("the WOFF2 file's tables do not fill it")
    weight = struct.unpack(">H", parts.get("OS/2", b"\0" * 6)[4:6])[0]
    parts["name"] = _names(family, weight)
    return _opentype(flavour, parts)


def _names(family: str, weight: int) -> bytes:
    """Write a name table: the cut fonts have lost the names that a typesetter looks for."""
    whole = f"{family} {weight}"
    texts = {0: COPYRIGHT, 1: family, 2: "Regular", 4: whole, 6: whole.replace(" ", ""), 14: LICENCE}
    records, storage = b"", b""
    for number, text in texts.items():
        data = text.encode("utf-16-be")
        records += struct.pack(">6H", 3, 1, 0x409, number, len(data), len(storage))
        storage += data
    return struct.pack(">3H", 0, len(texts), 6 + len(records)) + records + storage


def _directory(packed: bytes, count: int) -> tuple[list[tuple[str, int]], int]:
    """Read the tables' tags and lengths; return them and where the stream begins."""
    at, tables = 48, []
    for _ in range(count):
        flags = packed[at]
        at += 1
        if flags & 63 == 63:
            tag, at = packed[at : at + 4].decode("latin-1"), at + 4
        else:
            tag = TAGS[flags & 63]
        length, at = _number(packed, at)
        is_plain = flags >> 6 == (3 if tag in ("glyf", "loca") else 0)
        if not is_plain:
            raise FontFileError(f"the table {tag} is transformed; only fonts with CFF outlines are read")
        tables.append((tag, length))
    return tables, at


def _number(packed: bytes, at: int) -> tuple[int, int]:
    """Read a number of one to five bytes of seven bits; return it and the next place."""
    value = 0
    for step in range(5):
        byte = packed[at + step]
        value = value << 7 | byte & 127
        if not byte & 128:
            return value, at + step + 1
    raise FontFileError("a length in the WOFF2 file is too long")


def _opentype(flavour: bytes, parts: dict[str, bytes]) -> bytes:
    """Lay tables out as an OpenType file: directory sorted by tag, each table padded to four bytes."""
    count = len(parts)
    power = 1 << (count.bit_length() - 1)
    head = flavour + struct.pack(">4H", count, power * 16, power.bit_length() - 1, count * 16 - power * 16)
    offset, directory, body = 12 + 16 * count, b"", b""
    for tag, data in sorted(parts.items()):
        padded = data + b"\0" * (-len(data) % 4)
        entry = struct.pack(">3I", _checksum(padded), offset + len(body), len(data))
        directory += tag.encode("latin-1") + entry
        body += padded
    return head + directory + body


def _checksum(padded: bytes) -> int:
    parts: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(parts) & 0xFFFFFFFF


def _files() -> Iterator[Path]:
    """List the shipped fonts, the slice that holds the product's own words first."""
    yield from sorted(FONTS.glob("*.woff2"), key=lambda path: (not path.name.startswith("core"), path.name))


def family_of(path: Path) -> str:
    """Name a slice's family: a typesetter takes one font of a family, so each slice needs its own."""
    stem = path.name.rpartition("-")[0]
    return FAMILY if stem == "core" else f"{FAMILY} {stem}"


def families() -> list[str]:
    """List the families of all slices, in the order in which a glyph is looked for."""
    return list(dict.fromkeys(family_of(path) for path in _files()))


@cache
def font_folder(folder: Path) -> Path:
    """Unpack the shipped fonts into a folder, once; return it.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {path.with_suffix(".otf").name: path for path in _files()}
    for old in folder.glob("*.otf"):
        if old.name not in wanted:
            old.unlink(missing_ok=True)
    for name, path in wanted.items():
        target = folder / name
        if not target.exists():
            draft = folder / f".{name}.part"
            draft.write_bytes(unpack(path.read_bytes(), family_of(path)))
            draft.replace(target)
    return folder
