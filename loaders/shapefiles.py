"""What GDAL reads becomes a sheet: fields as text, geometry as shapes, its own word on coordinates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from loaders.sheets import RawSheet
from stores.errors import LoadError


def read_layer(path: Path, source: str, layer: str | None, encoding: str | None, name: str = "") -> RawSheet:
    """Read one layer.

    Args:
        path: the file, for messages.
        source: what GDAL opens.
        layer: layer's name, None = the only one.
        encoding: of the attributes, None = as the file says.
        name: the sheet's name.

    Raises:
        LoadError: GDAL cannot read it; UnicodeDecodeError is let through.
    """
    try:
        meta, table = pyogrio.read_arrow(source, layer=layer, encoding=encoding)
    except (DataSourceError, DataLayerError, pa.ArrowInvalid) as error:
        raise LoadError(f"{path}: cannot be read: {str(error)[:160]}") from error
    geometry = meta.get("geometry_name") or "wkb_geometry"
    shapes = (
        shapely.from_wkb(np.asarray(table[geometry].to_pylist(), dtype=object))
        if geometry in table.column_names
        else None
    )
    headers = [one for one in table.column_names if one != geometry]
    columns = [_text(table[one]) for one in headers]
    rows = pa.table(columns, names=[f"c{at}" for at in range(len(columns))])
    numbers = np.arange(1, table.num_rows + 1, dtype=np.int64)
    shapes = None if shapes is None or bool(shapely.is_missing(shapes).all()) else shapes
    return RawSheet(headers, rows, numbers, name, encoding or "", shapes, meta.get("crs"))


def _text(column: Any) -> pa.Array:
    """Write a typed column as text; whole numbers lose their '.0'."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "是", "否")
    if pa.types.is_floating(kind):
        values = [None if value is None else _number(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(values, pa.string())])
    text = pc.cast(column, pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value)) if abs(value) < 2**53 else f"{value:.15E}"
    return repr(value)
