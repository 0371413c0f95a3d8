"""Comma- and tab-separated text, decoded in Python and parsed in columns."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from loaders.encodings import decode
from loaders.sheets import HEADER_WITHIN, Asked, RawSheet, Torn, find_header, is_note
from stores.errors import LoadError

ENDINGS: Final = (".csv", ".tsv", ".txt")
_BLOCK: Final = 4 << 20
_HEAD: Final = 1 << 20
_NOTES_LOOKED_AT: Final = 20


def read(path: Path, asked: Asked) -> list[RawSheet]:
    """Read one file as one sheet; rows are counted from 1 with the lines above the headers.

    Raises:
        LoadError: not decodable, no headers, or not parsable at all.
    """
    data = path.read_bytes()
    text, encoding = decode(data, asked.encoding, path)
    del data
    if not text.strip():
        raise LoadError(f"{path}: is empty; hand it over again, or take it out of the folder")
    mark = _delimiter(text, path)
    head = list(islice(csv.reader(io.StringIO(text[:_HEAD]), delimiter=mark), HEADER_WITHIN + 1))
    at = find_header(head, asked, str(path))
    headers = _without_empty_end(head[at])
    body = text[_length(text[:_HEAD], at + 1, mark) :].encode("utf-8")
    del text
    return [_sheet(path, body, headers, at, mark, encoding)]


def _delimiter(text: str, path: Path) -> str:
    """Find the mark between cells: a tab for tsv, else the one most frequent in the first lines."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    head = text[:8192]
    return max((",", "\t", ";", "|"), key=head.count)


def _without_empty_end(headers: list[str]) -> list[str]:
    while headers and not headers[-1].strip():
        headers = headers[:-1]
    return headers


def _length(head: str, rows: int, mark: str) -> int:
    """Count the characters of the first rows, quoted line breaks included."""
    lines = io.StringIO(head, newline="").readlines()
    reader = csv.reader(lines, delimiter=mark)
    for _ in range(rows):
        next(reader)
    return sum(map(len, lines[: reader.line_num]))


def _sheet(path: Path, body: bytes, headers: list[str], at: int, mark: str, encoding: str) -> RawSheet:
    names = [f"c{place}" for place in range(len(headers))]
    torn: list[Torn] = []
    skipped: list[int] = []
    quoted = b'"' in body

    def keep(row: Any) -> str:
        number = int(row.number) if row.number is not None else 0
        skipped.append(number)
        if row.text.strip(f' \r\n"{mark}'):
            torn.append(Torn(number + at + 1, row.text, row.actual_columns))
        return "skip"

    if not body.strip():
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    else:
        table = _parse(path, body, names, mark, quoted, keep)
    numbers = _numbers(table.num_rows, skipped) + at + 1
    table = pa.table(
        [pc.if_else(pc.equal(column, ""), None, column) for column in table.columns], names=names
    )
    table, numbers, notes = _without_notes(table, numbers)
    late = [row for row in torn if is_note([row.text.strip(mark), "", ""])]
    torn = [row for row in torn if row not in late]
    return RawSheet(headers, table, numbers, encoding=encoding, torn=torn, notes=at + notes + len(late))


def _parse(path: Path, body: bytes, names: list[str], mark: str, quoted: bool, keep: Any) -> pa.Table:
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, newlines_in_values=quoted, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise LoadError(f"{path}: cannot be read as a table: {str(error).splitlines()[0][:120]}") from error


def _numbers(count: int, skipped: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Number the rows that are left from 1, leaving out the numbers of those skipped."""
    if not skipped:
        return np.arange(1, count + 1, dtype=np.int64)
    every = np.arange(1, count + len(skipped) + 1, dtype=np.int64)
    return np.setdiff1d(every, np.array(skipped, np.int64))[:count]


def _without_notes(table: pa.Table, numbers: Any) -> tuple[pa.Table, Any, int]:
    """Drop rows without any text, and remarks under the table."""
    empty = None
    for column in table.columns:
        blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True)
        empty = blank if empty is None else pc.and_(empty, blank)
        if not pc.any(empty).as_py():
            break
    keep = ~np.asarray(empty) if empty is not None and len(table) else np.ones(len(table), bool)
    notes = 0
    for at in range(len(table) - 1, max(-1, len(table) - 1 - _NOTES_LOOKED_AT), -1):
        if is_note([column[at].as_py() for column in table.columns]):
            keep[at] = False
            notes += 1
    if keep.all():
        return table, numbers, 0
    return table.filter(pa.array(keep)), numbers[keep], notes
