"""Workbooks of Excel and WPS: merged titles and notes around the table, typed cells as plain text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import numpy as np
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from loaders.archives import weigh
from loaders.sheets import HEADER_WITHIN, Asked, RawSheet, find_header, is_note, text_table
from stores.errors import LoadError

ENDINGS: Final = (".xlsx", ".xlsm", ".xls")
_EXACT: Final = 2**53
"""Whole numbers from here on have lost digits in a cell that is a number."""


def read(path: Path, asked: Asked) -> list[RawSheet]:
    """Read every worksheet that has a row of known headers; rows are numbered as Excel does.

    Raises:
        LoadError: damaged, protected, a bomb, or no worksheet with headers.
    """
    if path.suffix.lower() != ".xls":
        weigh(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = [asked.layer] if asked.layer else book.sheet_names
            if asked.layer and asked.layer not in book.sheet_names:
                raise LoadError(
                    f"{path}: has no worksheet '{asked.layer}'; there are {', '.join(book.sheet_names)}"
                )
            return _sheets(path, book, names, asked)
    except CalamineError as error:
        raise LoadError(f"{path}: cannot be read as a workbook: {error}") from error


def _sheets(path: Path, book: CalamineWorkbook, names: list[str], asked: Asked) -> list[RawSheet]:
    found, refused = [], None
    for name in names:
        try:
            found.append(
                _sheet(book.get_sheet_by_name(name), name if len(names) > 1 else "", asked, str(path))
            )
        except LoadError as error:
            refused = error
    if not found:
        raise refused or LoadError(f"{path}: has no worksheet")
    if len(found) == 1:
        found[0].name = ""
    return found


def _sheet(sheet: CalamineSheet, name: str, asked: Asked, where: str) -> RawSheet:
    cells = sheet.to_python(skip_empty_area=False)
    head = [[_text(cell) or "" for cell in row] for row in cells[:HEADER_WITHIN]]
    at = find_header(head, asked, where)
    width = max((place + 1 for place, cell in enumerate(head[at]) if cell.strip()), default=0)
    headers = head[at][:width]
    notes = _merged_rows(sheet, width)
    rows, numbers = [], []
    for number, row in enumerate(cells[at + 1 :], at + 2):
        if not any(cell != "" for cell in row) or number in notes:
            continue
        rows.append(row[:width])
        numbers.append(number)
    del cells
    under = _drop_notes(rows, numbers)
    columns = [[_text(row[place]) for row in rows] for place in range(width)]
    below = sum(1 for number in notes if number > at + 1)
    return RawSheet(headers, text_table(columns), np.array(numbers, np.int64), name, notes=at + below + under)


def _merged_rows(sheet: CalamineSheet, width: int) -> set[int]:
    """Find rows that are one merged cell over half the table or more (1-based)."""
    try:
        ranges = sheet.merged_cell_ranges or []
    except (CalamineError, AttributeError):
        return set()
    wide = [(start, end) for start, end in ranges if 2 * (end[1] - start[1] + 1) >= width > 1]
    return {row + 1 for start, end in wide for row in range(start[0], end[0] + 1)}


def _drop_notes(rows: list[list[Any]], numbers: list[int]) -> int:
    """Take remarks off the end; return how many."""
    dropped = 0
    while rows and is_note([_text(cell) for cell in rows[-1]]):
        rows.pop()
        numbers.pop()
        dropped += 1
    return dropped


def _text(cell: Any) -> str | None:
    """Write a cell as plain text; None = empty.

    Whole numbers lose their '.0'; numbers too large to be exact keep their exponent, so that they are seen.
    """
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.15E}"
        return repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S") if cell.time() != dt.time() else cell.strftime("%Y-%m-%d")
    return None if cell is None else str(cell)
