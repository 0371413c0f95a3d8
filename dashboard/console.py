"""What all commands share: the two consoles, common options, and errors told in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from stores.settings import Settings
    from stores.store import Store

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
FIRST_PORT: Final = 8050

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        envvar="EJIA_STORE",
        help="Store, such as duckdb:////var/lib/ejia/ejia.duckdb",
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", envvar="EJIA_DATA", help="Folder of the store, its keys and caches"
    ),
]
FileOption = Annotated[
    Path | None, typer.Option("--district", metavar="FILE", help="Deployment file, district.toml")
]


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what may go wrong into one sentence and an exit code; nobody sees a traceback."""
    from stores.errors import StoreError

    try:
        yield
    except KeyboardInterrupt:
        err.print("Interrupted; nothing was left half done.")
        raise typer.Exit(INTERRUPTED) from None
    except (StoreError, ValueError) as wrong:
        err.print(f"Error: {wrong}", markup=False)
        raise typer.Exit(BAD_INPUT) from None
    except OSError as refused:
        where = f"{refused.filename}: " if refused.filename else ""
        err.print(f"Error: {where}{refused.strerror or refused}", markup=False)
        raise typer.Exit(BAD_INPUT) from None


@contextmanager
def bar() -> Iterator[Progress]:
    """Show progress bars while something long goes on; plain text where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=False) as progress:
        yield progress


def settings_of(district: Path | None, store: str | None, data: Path | None) -> Settings:
    """Load the settings that a command line describes."""
    from dashboard.deployment import chosen

    return chosen(text_of(district), store, text_of(data))


def text_of(path: Path | None) -> str | None:
    """Return a path as text, None for none."""
    return None if path is None else str(path)


def told(progress: Progress) -> Callable[[str, int, int], None]:
    """Return what turns (what, done, total) of a long work into one bar."""
    task = progress.add_task("", total=None)
    return lambda what, done, total: progress.update(task, description=what, completed=done, total=total)


@contextmanager
def writable(settings: Settings) -> Iterator[Store]:
    """Open the store for a load; beside a running server, a copy that takes its place at the end.

    A store that did not exist is removed again when the load fails.
    """
    from stores.errors import StoreBusyError
    from stores.snapshot import copied_store
    from stores.store import embedded_file, open_store

    file = embedded_file(settings.store.url, settings)
    fresh = file is not None and not file.exists()
    try:
        opened: Store = open_store(settings.store.url, settings)
    except StoreBusyError:
        if file is None:
            raise
        with copied_store(file, settings) as copy:
            yield copy
        return
    try:
        yield opened
    except BaseException:
        opened.close()
        if fresh and file is not None:
            file.unlink(missing_ok=True)
        raise
    opened.close()
