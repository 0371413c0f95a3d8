"""Write large xlsx sheets fast: merged title rows, a header row, typed cells, a remark at the end.

A sheet is text: writing its XML straight into the archive takes a tenth of the time of a general library.
The archive carries no clock, so equal rows give equal bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.generic] | NDArray[np.object_]

CHUNK: Final = 20_000
EPOCH: Final = np.datetime64("1899-12-30")
CLOCK: Final = (2019, 3, 1, 8, 0, 0)
HEADER_ROW: Final = 3
"""1-based row of the headers: a title and a remark stand above."""

HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Cell formats: 0 plain, 1 date, 2 date and time, 3 title, 4 header
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="16"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment horizontal="center"/></xf>'
    '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def column_letters(number: int) -> str:
    """Turn a 0-based column number into its letters: 0 → A, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def write_workbook(
    path: Path,
    title: str,
    remark: str,
    headers: Sequence[str],
    chunks: Iterator[list[Column]],
    closing: str,
) -> int:
    """Write one sheet and return the number of its data rows.

    `chunks` gives the columns piece by piece: object (str, int or None), numbers (NaN: empty), datetime64[D]
    or datetime64[s] (NaT: empty). Rows 1 and 2 are `title` and `remark`, merged over all columns; `closing`
    is a merged remark under the last row.
    """
    wide = column_letters(len(headers) - 1)
    rows = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in {**PARTS, "xl/workbook.xml": _book(title)}.items():
            archive.writestr(zipfile.ZipInfo(name, CLOCK), HEAD + text, zipfile.ZIP_DEFLATED)
        part = zipfile.ZipInfo("xl/worksheets/sheet1.xml", CLOCK)
        part.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(part, "w", force_zip64=True) as sheet:
            sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            sheet.write((_text_row(1, [title], 3) + _text_row(2, [remark], 0)).encode())
            sheet.write(_text_row(HEADER_ROW, headers, 4).encode())
            for columns in chunks:
                sheet.write(_rows(columns, HEADER_ROW + 1 + rows).encode())
                rows += len(columns[0])
            last = HEADER_ROW + 1 + rows
            merged = "".join(f'<mergeCell ref="A{row}:{wide}{row}"/>' for row in (1, 2, last))
            tail = f'</sheetData><mergeCells count="3">{merged}</mergeCells></worksheet>'
            sheet.write((_text_row(last, [closing], 0) + tail).encode())
    return rows


def _book(title: str) -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{escape(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _text_row(row: int, cells: Sequence[str], style: int) -> str:
    inside = "".join(
        f'<c r="{column_letters(i)}{row}" s="{style}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        for i, cell in enumerate(cells)
    )
    return f'<row r="{row}">{inside}</row>'


def _rows(columns: list[Column], first: int) -> str:
    numbers = range(first, first + len(columns[0]))
    cells = [_cells(column_letters(i), column, numbers) for i, column in enumerate(columns)]
    body = [
        f'<row r="{row}">{"".join(parts)}</row>'
        for row, parts in zip(numbers, zip(*cells, strict=True), strict=True)
    ]
    return "".join(body)


def _any_cell(place: str, value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _cells(letters: str, column: Column, rows: range) -> list[str]:
    if column.dtype == object:
        return [_any_cell(f"{letters}{row}", value) for value, row in zip(column.tolist(), rows, strict=True)]
    style = 0
    if column.dtype.kind == "M":
        style = 2 if column.dtype == np.dtype("datetime64[s]") else 1
        empty = np.isnat(column)
        seconds = (column.astype("datetime64[s]") - EPOCH.astype("datetime64[s]")).astype(np.int64)
        column = np.where(empty, np.nan, seconds / 86400.0)
    whole = column.dtype.kind in "iu" or style == 1
    return [
        ""
        if value != value
        else f'<c r="{letters}{row}" s="{style}"><v>{int(value) if whole else value}</v></c>'
        for value, row in zip(column.tolist(), rows, strict=True)
    ]
