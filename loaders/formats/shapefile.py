"""Shapefiles, alone or zipped; attributes are often GBK without saying so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from loaders.archives import weigh
from loaders.encodings import ENCODINGS
from loaders.shapefiles import read_layer
from loaders.sheets import Asked, RawSheet
from stores.errors import LoadError

ENDINGS: Final = (".shp", ".zip")


def read(path: Path, asked: Asked) -> list[RawSheet]:
    """Read one shapefile, or each in an archive; rows are numbered from 1.

    Raises:
        LoadError: damaged, a bomb, an archive without a shapefile, or attributes in no known encoding.
    """
    if path.suffix.lower() == ".shp":
        return [_read(path, str(path), asked, "", path.with_suffix(".cpg").exists())]
    names = weigh(path)
    shapes = [name for name in names if name.lower().endswith(".shp")]
    if not shapes:
        raise LoadError(f"{path}: holds no shapefile (.shp); zip .shp, .shx, .dbf and .prj together")
    found = []
    for name in shapes:
        says = any(one.lower() == f"{name[:-4]}.cpg".lower() for one in names)
        label = Path(name).stem if len(shapes) > 1 else ""
        found.append(_read(path, f"/vsizip/{path.resolve()}/{name}", asked, label, says))
    return found


def _read(path: Path, source: str, asked: Asked, name: str, says: bool) -> RawSheet:
    """Read with the declared encoding, else the file's own, else utf-8, else gb18030."""
    if asked.encoding and asked.encoding.lower() not in ENCODINGS:
        raise LoadError(f"{path}: unknown encoding '{asked.encoding}'; allowed are {', '.join(ENCODINGS)}")
    declared = ENCODINGS[asked.encoding.lower()] if asked.encoding else None
    tried = [declared] if declared else [None] if says else ["utf-8", "gb18030"]
    for encoding in tried:
        try:
            return read_layer(path, source, None, encoding and encoding.removesuffix("-sig"), name)
        except (UnicodeDecodeError, ValueError):
            continue
    raise LoadError(f"{path}: the attributes are not {tried[-1]}; declare the encoding in ejia-source.toml")
