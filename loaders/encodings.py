"""Text comes in five encodings; it is decoded strictly, and what was found is said."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from stores.errors import LoadError

ENCODINGS: Final = {
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
"""Encodings that may be declared, and the decoder that takes them (gb18030 holds gbk and gb2312)."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 4096


def decode(data: bytes, declared: str | None, where: Path | str) -> tuple[str, str]:
    """Decode a file's bytes; return the text and the encoding's name.

    Args:
        data: the whole file.
        declared: a key of ENCODINGS, or None: byte order mark, then utf-8, then gb18030.
        where: the file, for the message.

    Raises:
        LoadError: unknown encoding, or bytes that do not belong to it.
    """
    if declared is not None and declared.lower() not in ENCODINGS:
        raise LoadError(f"{where}: unknown encoding '{declared}'; allowed are {', '.join(ENCODINGS)}")
    tried = [ENCODINGS[declared.lower()]] if declared else _likely(data)
    for name in tried:
        try:
            return data.decode(name).removeprefix("\ufeff"), name
        except UnicodeDecodeError as error:
            wrong = error
    raise LoadError(
        f"{where}: byte {wrong.start + 1} is not {tried[-1]}; "
        "declare the encoding in ejia-source.toml, or save the file as UTF-8"
    )


def _likely(data: bytes) -> list[str]:
    """Order the encodings to try by what the first bytes say."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return [name]
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 16 and sample:
        return ["utf-16-le" if odd >= even else "utf-16-be"]
    return ["utf-8-sig", "gb18030"]
