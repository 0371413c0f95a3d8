"""Write the demo's tables as an office would: text in several encodings, workbooks, GeoJSON, a GeoPackage."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely
from numpy.typing import NDArray

from geo.coordinates import convert
from loaders.demo.codes import WORDS, YES_NO
from loaders.demo.headers import Sheet
from loaders.demo.workbook import CHUNK, Column, write_workbook

Columns = Mapping[str, Any]

ROWS_AT_ONCE = 500_000


def worded(table_column: str, codes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Write codes as the office's words; '' and unknown codes become empty."""
    words = WORDS[table_column]
    return np.array([words.get(code) for code in codes.tolist()], dtype=object)


def yes_no(flags: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Write 是 and 否."""
    return np.where(flags, YES_NO[True], YES_NO[False]).astype(object)


def or_empty(numbers: NDArray[np.int64], empty: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Write whole numbers, nothing where `empty`."""
    return np.array(
        [None if e else n for n, e in zip(numbers.tolist(), empty.tolist(), strict=True)], dtype=object
    )


def look_up(names: NDArray[np.object_], rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """Take names by row, None for −1."""
    padded = np.array([*names.tolist(), None], dtype=object)
    taken: NDArray[np.object_] = padded[np.where(rows < 0, len(names), rows)]
    return taken


def write_csv(path: Path, sheet: Sheet, columns: Columns, encoding: str, append: bool = False) -> int:
    """Write a text table with the sheet's headers, rows in the given order; gives the number of rows.

    `columns` are arrays by header; with `append` the rows go to the end of the file, without headers.
    Missing values (None, NaT) are empty. Raises ValueError when a header is missing or unknown.
    """
    arrays = [_arrow(columns[header]) for header in _checked(sheet, columns)]
    table = pa.table(arrays, names=sheet.headers)
    path.parent.mkdir(parents=True, exist_ok=True)
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("ab" if append else "wb") as file:
        if not append:
            file.write((",".join(sheet.headers) + "\n").encode(encoding))
        plain = encoding.replace("-sig", "")
        for start in range(0, table.num_rows, ROWS_AT_ONCE):
            buffer = io.BytesIO()
            pa.csv.write_csv(table.slice(start, ROWS_AT_ONCE), buffer, options)
            text = buffer.getvalue()
            file.write(text if plain == "utf-8" else text.decode("utf-8").encode(plain))
    return int(table.num_rows)


def _checked(sheet: Sheet, columns: Columns) -> list[str]:
    if set(columns) != set(sheet.headers):
        raise ValueError(f"{sheet.path}: columns differ: {sorted(set(columns) ^ set(sheet.headers))}")
    return sheet.headers


def _arrow(column: Any) -> Any:
    if isinstance(column, pa.Array):
        return column
    if column.dtype.kind == "M" and column.dtype == np.dtype("datetime64[M]"):
        return pa.array(_months(column), type=pa.string())
    return pa.array(column, from_pandas=True)


def _months(column: NDArray[np.datetime64]) -> NDArray[np.object_]:
    """Write months as YYYY-MM, None for NaT."""
    text = np.datetime_as_string(column, unit="M").astype(object)
    text[np.isnat(column)] = None
    return text


def write_xlsx(path: Path, sheet: Sheet, pieces: Iterator[Columns], remark: str, closing: str) -> int:
    """Write a workbook with a merged title, a remark, the headers, the rows and a closing remark."""
    ready = ([_cell_column(piece[header]) for header in _checked(sheet, piece)] for piece in pieces)
    return write_workbook(path, sheet.title, remark, sheet.headers, ready, closing)


def _cell_column(column: Any) -> Column:
    if column.dtype == np.dtype("datetime64[M]"):
        return _months(column)
    cells: Column = column
    return cells


def in_pieces(count: int) -> Iterator[NDArray[np.int64]]:
    """Give the rows of a large sheet piece by piece; one empty piece for no rows."""
    for start in range(0, max(count, 1), CHUNK):
        yield np.arange(start, min(start + CHUNK, count), dtype=np.int64)


def write_geojson(
    path: Path, sheet: Sheet, rows: Sequence[Mapping[str, Any]], shapes: NDArray[np.object_]
) -> int:
    """Write WGS84 shapes in the sheet's coordinate system."""
    system = sheet.crs or "wgs84"

    def turned(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = convert(xy[:, 0], xy[:, 1], "wgs84", system)
        return np.round(np.column_stack([lon, lat]), 7)

    moved = shapely.transform(shapes, turned) if system != "wgs84" else shapes
    features = [
        {"type": "Feature", "properties": dict(row), "geometry": json.loads(shapely.to_geojson(shape))}
        for row, shape in zip(rows, moved, strict=True)
    ]
    body = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8")
    return len(features)


def write_geopackage(path: Path, sheet: Sheet, table: gpd.GeoDataFrame) -> int:
    """Write one layer of a GeoPackage anew."""
    path.unlink(missing_ok=True)
    table.to_file(path, layer=sheet.layer, driver="GPKG", engine="pyogrio")
    return len(table)


def declare(path: Path, title: str, as_of: str, files: Sequence[Mapping[str, Any]]) -> None:
    """Write the folder's declaration: what each file is and in which systems it speaks."""
    lines = [
        "# 数据来源声明：每个文件的版式、编码、坐标系与代码体系",
        f'name = "{title}"',
        'data_label = "demo"',
        f"as_of = {as_of}",
    ]
    for file in files:
        lines.append("\n[[file]]")
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in file.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
