"""A load beside a running server works on a copy of the file and then takes the file's place in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stores.duckdb import DuckStore
from stores.errors import StoreBusyError, StoreError
from stores.settings import Settings

TRIES = 3


@contextmanager
def copied_store(path: Path, settings: Settings, keep: bool = True) -> Iterator[DuckStore]:
    """Open a copy of a store that another process holds; ``keep`` puts it in the original's place at the end.

    Sign-ins that the other process takes meanwhile are in its old file; it carries them over when it takes
    the new one up (``DuckStore.refresh``).

    Raises:
        StoreBusyError: the file changed each time it was copied.
    """
    copy = path.with_name(f"{path.stem}.next-{os.getpid()}{path.suffix}")
    try:
        store = _copy(path, copy, settings)
        try:
            yield store
        finally:
            store.close()
        if _log(copy).exists():
            raise StoreError(f"{copy} could not be finished; the store is as it was")
        if keep:
            copy.replace(path)
    finally:
        copy.unlink(missing_ok=True)
        _log(copy).unlink(missing_ok=True)
        shutil.rmtree(copy.with_name(copy.name + ".spill"), ignore_errors=True)


def _copy(path: Path, copy: Path, settings: Settings) -> DuckStore:
    """Copy the file with its log; try again when the other process was writing just then."""
    for _ in range(TRIES):
        before = _stamp(path)
        shutil.copyfile(path, copy)
        if _log(path).exists():
            shutil.copyfile(_log(path), _log(copy))
        else:
            _log(copy).unlink(missing_ok=True)
        if _stamp(path) != before:
            continue
        try:
            return DuckStore(copy, settings)
        except StoreError:
            continue
    raise StoreBusyError(f"{path} is being written by another process; try again in a moment")


def _log(path: Path) -> Path:
    """Return where DuckDB keeps the log of a file."""
    return path.with_name(path.name + ".wal")


def _stamp(path: Path) -> tuple[float, ...]:
    """Return when file and log last changed."""
    return tuple(part.stat().st_mtime if part.exists() else 0.0 for part in (path, _log(path)))
