"""A sheet as it was handed over: headers, rows of text with their numbers, shapes, and what was torn."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stores.errors import LoadError

HEADER_WITHIN = 30
"""Headers are looked for in this many first rows: titles and notes stand above them."""

_NOTE = re.compile(r"^\s*(注|备注|说明|填表|制表|填报|审核|合计|总计|共计|小计|以上|本表)")
_SPACE = re.compile(r"[\s*:：]+")


@dataclass(frozen=True)
class Asked:
    """Say how a file is to be read.

    Args:
        known: names of headers, as `plain` gives them; rows above the best match are titles and notes.
        encoding: declared encoding, None = found out.
        header_row: 1-based row of the headers, None = found out.
        layer: layer or worksheet to read, None = all that match.
    """

    known: frozenset[str]
    encoding: str | None = None
    header_row: int | None = None
    layer: str | None = None


@dataclass(frozen=True)
class Torn:
    """Hold a row that has more or fewer cells than the headers."""

    row: int
    text: str
    cells: int


@dataclass
class RawSheet:
    """Hold one sheet of one file.

    Args:
        headers: as written, line breaks included; n of them.
        rows: table of n text columns c0 … c<n-1>; null = empty cell.
        numbers: row numbers as a person counts them in the file (features from 1 in shape files), one a row.
        name: worksheet or layer, "" for files that hold one.
        encoding: how the text was encoded; "" where the format says so itself.
        shapes: one shapely geometry or None a row, or None for a sheet without shapes.
        system: what the file itself says of its coordinates ('EPSG:4326'), None = nothing.
        torn: rows with the wrong number of cells; they are in no row of `rows`.
        notes: rows above and below the table that are no data.
    """

    headers: Sequence[str]
    rows: pa.Table
    numbers: NDArray[np.int64]
    name: str = ""
    encoding: str = ""
    shapes: NDArray[np.object_] | None = None
    system: str | None = None
    torn: Sequence[Torn] = field(default_factory=list)
    notes: int = 0

    @property
    def read(self) -> int:
        """Count the rows of data, those torn included."""
        return len(self.numbers) + len(self.torn)


def plain(header: str) -> str:
    """Make headers comparable: half-width forms, lower case, no blanks, stars or colons."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", header)).lower()


def find_header(rows: Sequence[Sequence[str]], asked: Asked, where: str) -> int:
    """Return the index of the row that names most known headers.

    Raises:
        LoadError: no row names two of them (or the only one of a narrow sheet).
    """
    if asked.header_row is not None:
        if not 1 <= asked.header_row <= len(rows):
            raise LoadError(
                f"{where}: header_row = {asked.header_row} lies outside the sheet; correct ejia-source.toml"
            )
        return asked.header_row - 1
    scores = [len({plain(cell) for cell in row if cell} & asked.known) for row in rows[:HEADER_WITHIN]]
    best = max(scores, default=0)
    if best < 2:
        raise LoadError(
            f"{where}: no row of headers found in the first {HEADER_WITHIN} rows; "
            "name the columns as in loaders/layouts, or declare header_row in ejia-source.toml"
        )
    return scores.index(best)


def is_note(cells: Sequence[str | None]) -> bool:
    """Tell whether a row holds nothing but a remark in one cell."""
    filled = [cell for cell in cells if cell]
    return len(filled) == 1 and len(cells) > 2 and bool(_NOTE.match(filled[0]))


def text_table(columns: Sequence[Sequence[str | None]]) -> pa.Table:
    """Build a table of text columns c0, c1 …"""
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.table(arrays, names=[f"c{at}" for at in range(len(arrays))])
