"""One file a format: a module with ENDINGS and read(path, asked) is found and used."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from loaders.sheets import Asked, RawSheet

Reader = Callable[[Path, Asked], list[RawSheet]]


@cache
def readers() -> Mapping[str, Reader]:
    """Give the reader of each file ending ('.csv')."""
    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for ending in loaded.ENDINGS:
            found[ending] = loaded.read
    return found


def reader_of(path: Path) -> Reader | None:
    """Find the reader of a file by its ending; None = the ending is unknown."""
    return readers().get(path.suffix.lower())
