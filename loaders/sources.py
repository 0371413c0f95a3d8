"""The files of a folder, each with what is declared of it and the layout it is read by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loaders.declaration import FILE_NAME, Declaration, Declared
from loaders.formats import reader_of, readers
from loaders.layouts import Layout, known_headers, layouts, recognise
from loaders.sheets import Asked, RawSheet
from stores.errors import LoadError

REJECTS: Final = "rejects"
MOST_BYTES: Final = 2 << 30
_COMPANIONS: Final = frozenset(
    {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".gpkg-wal", ".gpkg-shm"}
)


@dataclass(frozen=True)
class Source:
    """Hold one file: where it is, its path inside the folder, what is declared, its layout if declared."""

    path: Path
    name: str
    declared: Declared
    layout: Layout | None

    def asked(self) -> Asked:
        """Say how the file is to be read."""
        known = self.layout.headers if self.layout else known_headers()
        return Asked(known, self.declared.encoding, self.declared.header_row, self.declared.layer)

    def sheets(self) -> list[RawSheet]:
        """Read the file.

        Raises:
            LoadError: it cannot be read.
        """
        reader = reader_of(self.path)
        if reader is None:
            raise LoadError(f"{self.path}: files ending in '{self.path.suffix}' are not read; {_allowed()}")
        try:
            if self.path.stat().st_size > MOST_BYTES:
                raise LoadError(
                    f"{self.path}: is larger than {MOST_BYTES / 1e9:.1f} GB; split it, one file a month"
                )
            return reader(self.path, self.asked())
        except OSError as error:
            raise LoadError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        except MemoryError as error:
            raise LoadError(f"{self.path}: is too large for this machine's memory; split it") from error

    def layout_of(self, sheet: RawSheet) -> Layout | None:
        """Give the layout of a sheet: the declared one, or the one its headers fit."""
        return self.layout or recognise(sheet.headers)

    def digest(self) -> str:
        """Compute the file's SHA-256."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def find_sources(folder: Path, declaration: Declaration) -> tuple[list[Source], list[str]]:
    """List the files to read and what is to be said about the others.

    Hidden files, temporary files of Excel and WPS and the folder of rejects are passed over.

    Raises:
        LoadError: the folder is missing, no folder, or holds nothing that could be read.
    """
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise LoadError(f"{folder}: {what}; name a folder with the offices' files")
    sources, notes, used = [], [], set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _passed_over(name) or not path.is_file():
            continue
        declared = declaration.of(name)
        if declared is not None:
            used.add(declared.path)
        if reader_of(path) is None and not (declared and declared.layout):
            if path.suffix.lower() not in _COMPANIONS:
                notes.append(f"{name}: left aside, files ending in '{path.suffix}' are not read")
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            raise LoadError(f"{path}: leads out of the folder; put the file itself there")
        chosen = declared or Declared(name)
        sources.append(Source(path, name, chosen, layouts()[chosen.layout] if chosen.layout else None))
    notes += [
        f"{one.path}: declared, and no such file is there"
        for one in declaration.files
        if one.path not in used
    ]
    if not sources:
        raise LoadError(f"{folder}: holds no file that can be read; {_allowed()}")
    return sources, notes


def _passed_over(name: str) -> bool:
    parts = Path(name).parts
    return parts[0] == REJECTS or name == FILE_NAME or any(part.startswith((".", "~$")) for part in parts)


def _allowed() -> str:
    return f"allowed are {', '.join(sorted(readers()))}"


def by_table(sources: list[Source]) -> tuple[Mapping[str, list[Source]], list[str]]:
    """Sort files into the order in which tables are filled; undeclared ones are recognised by their headers.

    Returns:
        Table → its files, and what is to be said about files that nobody recognises.

    Raises:
        LoadError: a file cannot be read, or none is recognised.
    """
    sorted_: dict[str, list[Source]] = {name: [] for name in layouts()}
    notes: list[str] = []
    for source in sources:
        tables = [source.layout.table] if source.layout else _recognised(source, notes)
        for table in tables:
            sorted_[table].append(source)
    found = {table: files for table, files in sorted_.items() if files}
    if not found:
        raise LoadError(
            f"{sources[0].path.parent}: no file's headers fit a layout; declare the layouts in {FILE_NAME} "
            f"({', '.join(layouts())})"
        )
    return found, notes


def _recognised(source: Source, notes: list[str]) -> list[str]:
    """Name the tables that an undeclared file fills."""
    try:
        sheets = source.sheets()
    except LoadError as error:
        if "no row of headers" not in str(error):
            raise
        sheets = []
    found = [layout.table for layout in map(recognise, (sheet.headers for sheet in sheets)) if layout]
    if not found:
        notes.append(f"{source.name}: left aside, its headers fit no layout; declare it in {FILE_NAME}")
    return list(dict.fromkeys(found))
