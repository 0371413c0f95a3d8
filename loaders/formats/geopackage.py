"""GeoPackage: every layer, or the one declared."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyogrio
from pyogrio.errors import DataSourceError

from loaders.shapefiles import read_layer
from loaders.sheets import Asked, RawSheet
from stores.errors import LoadError

ENDINGS: Final = (".gpkg",)


def read(path: Path, asked: Asked) -> list[RawSheet]:
    """Read the layers; rows are numbered from 1.

    Raises:
        LoadError: damaged, or the declared layer is not there.
    """
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except (DataSourceError, IndexError) as error:
        raise LoadError(f"{path}: cannot be read as a GeoPackage; hand it over again") from error
    if asked.layer and asked.layer not in layers:
        raise LoadError(f"{path}: has no layer '{asked.layer}'; there are {', '.join(layers)}")
    chosen = [asked.layer] if asked.layer else layers
    return [read_layer(path, str(path), layer, None, layer if len(chosen) > 1 else "") for layer in chosen]
