"""Rejected rows go back to the office in the same layout, beside the source, to be mended and loaded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from python_calamine import CalamineError, CalamineWorkbook

from loaders.declaration import FILE_NAME, Declaration, Declared
from loaders.reasons import Reject
from loaders.sheets import RawSheet
from loaders.sources import REJECTS, Source

REMARKS: Final = ("原文件行号", "退回原因", "处理办法")
_TEXT: Final = (".csv", ".tsv", ".txt")
_BOOKS: Final = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class _Back:
    """Hold what goes back: headers with the remarks, rows as handed over, a shape or None for each row."""

    headers: list[str]
    rows: list[list[str | None]]
    shapes: list[Any]
    system: str | None


def write_rejects(
    folder: Path, sources: Sequence[tuple[Source, str]], rejects: Sequence[Reject], declaration: Declaration
) -> list[str]:
    """Write the rejected rows of each file and a declaration for them.

    Args:
        folder: the source folder; the files go to its 'rejects'.
        sources: each file with the layout's name.
        rejects: all rejected rows.
        declaration: the folder's own.

    Returns:
        Paths written, inside the folder. A file that is there and differs is left alone (somebody may be
        mending it); the new one gets a number.

    Raises:
        OSError: the folder cannot be written.
    """
    wanted = _by_file(rejects)
    written, declared = [], []
    for source, layout in sources:
        for sheet in source.sheets() if _concerned(source, wanted) else []:
            label = f"{source.name}#{sheet.name}" if sheet.name else source.name
            mine = wanted.get(label)
            if mine and (source.layout_of(sheet) is not None):
                name, data = _encode(source, sheet, _back(sheet, mine))
                name = _put(folder / REJECTS, name, data)
                written.append(f"{REJECTS}/{name}")
                declared.append(_declaration(source, name, layout))
    if declared:
        _declare(folder / REJECTS, declared, declaration)
    return written


def _by_file(rejects: Sequence[Reject]) -> Mapping[str, dict[int, Reject]]:
    found: dict[str, dict[int, Reject]] = {}
    for one in rejects:
        found.setdefault(one.file, {})[one.row] = one
    return found


def _concerned(source: Source, wanted: Mapping[str, Any]) -> bool:
    return any(name == source.name or name.startswith(f"{source.name}#") for name in wanted)


def _back(sheet: RawSheet, rejects: Mapping[int, Reject]) -> _Back:
    """Collect the rejected rows of a sheet in their order."""
    rows, shapes = [], []
    kept = [at for at, header in enumerate(sheet.headers) if header not in REMARKS]
    torn = {one.row: one.text for one in sheet.torn}
    where = {int(number): at for at, number in enumerate(sheet.numbers) if int(number) in rejects}
    for number, reject in sorted(rejects.items()):
        at = where.get(number)
        if at is None:
            cells = _torn_cells(torn.get(number, ""), kept)
        else:
            cells = [sheet.rows.column(place)[at].as_py() for place in kept]
        rows.append([*cells, str(number), *reject.chinese])
        shapes.append(None if sheet.shapes is None or at is None else sheet.shapes[at])
    headers = [sheet.headers[place] for place in kept]
    return _Back([*headers, *REMARKS], rows, shapes if sheet.shapes is not None else [], sheet.system)


def _torn_cells(text: str, kept: list[int]) -> list[str | None]:
    """Cut a row with the wrong number of cells into those that the headers have."""
    parts = next(csv.reader([text], delimiter="\t" if "\t" in text else ","), [])
    return [parts[place] if place < len(parts) else None for place in kept]


def _encode(source: Source, sheet: RawSheet, back: _Back) -> tuple[str, bytes]:
    """Write in the source's own format, shapes as GeoJSON."""
    path = Path(source.name)
    suffix = path.suffix.lower()
    stem = f"{path.with_suffix('')}_{sheet.name}" if sheet.name else str(path.with_suffix(""))
    if suffix in _TEXT:
        return f"{stem}{path.suffix}", _text(back, "\t" if suffix == ".tsv" else ",").encode(sheet.encoding)
    if suffix in _BOOKS:
        return f"{stem}.xlsx", _book(back)
    return f"{stem}.geojson", _geojson(back)


def _text(back: _Back, mark: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator="\n")
    writer.writerow(back.headers)
    writer.writerows(back.rows)
    return out.getvalue()


def _book(back: _Back) -> bytes:
    """Write a workbook of text cells, so that long numbers and leading '=' stay what they are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("退回")
    rows: list[list[str | None]] = [list(back.headers), *back.rows]
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str | None) -> Any:
    cell = WriteOnlyCell(sheet, value="" if value is None else value)
    if value:
        cell.data_type = "s"
        cell.number_format = "@"
    return cell


def _geojson(back: _Back) -> bytes:
    shapes = back.shapes or [None] * len(back.rows)
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(back.headers, row, strict=True)),
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for row, shape in zip(back.rows, shapes, strict=True)
    ]
    crs = {"crs": {"type": "name", "properties": {"name": back.system}}} if back.system else {}
    found = {"type": "FeatureCollection", **crs, "features": features}
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _put(folder: Path, name: str, data: bytes) -> str:
    """Write a file unless it is there; give the name under which it is there."""
    path = Path(name)
    for number in range(1, 1000):
        chosen = path if number == 1 else path.with_name(f"{path.stem}_{number}{path.suffix}")
        target = folder / chosen
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_bytes(data)
            return chosen.as_posix()
        if _same(target, data):
            return chosen.as_posix()
    raise FileExistsError(f"{folder / name}: too many files of rejects; clear them away")


def _same(path: Path, data: bytes) -> bool:
    """Tell whether a file holds the same; workbooks carry a clock, so their cells are compared."""
    old = path.read_bytes()
    return old == data or (path.suffix == ".xlsx" and _cells_of(old) == _cells_of(data))


def _cells_of(data: bytes) -> Any:
    """Read all cells of a workbook's first sheet; None when it cannot be read."""
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except CalamineError:
        return None


def _declaration(source: Source, name: str, layout: str) -> Declared:
    one = source.declared
    encoding = one.encoding if Path(name).suffix.lower() in _TEXT else None
    return Declared(name, layout, one.crs, one.code_system, encoding)


def _declare(folder: Path, files: Sequence[Declared], declaration: Declaration) -> None:
    """Write the declaration of the folder of rejects, keeping what earlier loads declared there."""
    path = folder / FILE_NAME
    top = {"data_label": declaration.data_label, "as_of": declaration.as_of, "name": declaration.name}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in top.items() if value]
    parts = ["\n".join(lines)] + [_table(one) for one in files]
    if path.exists():
        old = path.read_text("utf-8")
        parts = [old.rstrip("\n")] + [part for part in parts[1:] if part not in old]
    path.write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")


def _table(one: Declared) -> str:
    pairs = {key: value for key, value in vars(one).items() if value is not None}
    return "\n".join(
        ["[[file]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in pairs.items())]
    )
