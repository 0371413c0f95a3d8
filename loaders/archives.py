"""An archive is weighed by its directory before anything in it is opened."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from stores.errors import LoadError

MOST_BYTES: Final = 4 << 30
SUSPECT_BYTES: Final = 64 << 20
SUSPECT_RATIO: Final = 60


def weigh(path: Path) -> list[str]:
    """Return the names in a zip archive (xlsx is one) after weighing what it would unpack to.

    Raises:
        LoadError: no archive, encrypted, or a bomb: more than 4 GiB, or more than 64 MiB packed more than
            60-fold.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise LoadError(
            f"{path}: is damaged or no such file as its ending says; hand it over again"
        ) from error
    if any(part.flag_bits & 1 for part in parts):
        raise LoadError(f"{path}: is protected by a password; save it without one")
    whole = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if whole > MOST_BYTES or (whole > SUSPECT_BYTES and whole > SUSPECT_RATIO * packed):
        raise LoadError(
            f"{path}: would unpack to {whole / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB; allowed are "
            f"{MOST_BYTES / 1e6:,.0f} MB and {SUSPECT_RATIO}-fold; split the file or check its origin"
        )
    return [part.filename for part in parts]
