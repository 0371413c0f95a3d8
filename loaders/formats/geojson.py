"""GeoJSON: properties are the row, the geometry its shape; a crs member is handed on to be checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from loaders.encodings import decode
from loaders.sheets import Asked, RawSheet, text_table
from stores.errors import LoadError

ENDINGS: Final = (".geojson", ".json")


def read(path: Path, asked: Asked) -> list[RawSheet]:
    """Read a FeatureCollection; features are numbered from 1.

    Raises:
        LoadError: no JSON, no FeatureCollection, or a geometry that is none.
    """
    text, encoding = decode(path.read_bytes(), asked.encoding, path)
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LoadError(f"{path}: is no JSON: {str(error)[:100]}; hand it over again") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise LoadError(f"{path}: is no GeoJSON FeatureCollection; export it as one")
    rows = [one.get("properties") or {} for one in features]
    headers = list(dict.fromkeys(name for row in rows for name in row))
    columns = [[_text(row.get(name)) for row in rows] for name in headers]
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    shapes = _shapes([one.get("geometry") for one in features], path)
    return [RawSheet(headers, text_table(columns), numbers, "", encoding, shapes, _crs(found))]


def _crs(found: dict[str, Any]) -> str | None:
    """Read the crs member of old GeoJSON, None where there is none."""
    member = found.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name) if name else None


def _shapes(geometries: list[Any], path: Path) -> NDArray[np.object_] | None:
    if not any(geometries):
        return None
    texts = np.array([json.dumps(one) if one else None for one in geometries], dtype=object)
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    broken = np.flatnonzero(shapely.is_missing(shapes) & (texts != None))  # noqa: E711 - elementwise
    if len(broken):
        raise LoadError(f"{path}: the geometry of feature {broken[0] + 1} cannot be read; draw it again")
    return np.asarray(shapes, dtype=object)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < 2**53 else f"{value:.15E}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
