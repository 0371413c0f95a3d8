"""What all commands share: the two consoles, common options, and errors told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from stores.settings import Settings

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="Store, such as duckdb:////var/lib/ejia/ejia.duckdb"),
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder of the store, its keys and caches")
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
