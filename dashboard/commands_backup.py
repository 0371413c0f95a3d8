"""The console's backups: a store and the desk's records into one file, once or every few hours, and back."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.console import DataOption, FileOption, StoreOption, err, out, sentences, settings_of

if TYPE_CHECKING:
    from stores.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the backups")],
    keep: Annotated[int, typer.Option(min=0, help="Keep so many, the newest; 0 = all")] = 0,
    every: Annotated[
        float, typer.Option(min=0, metavar="HOURS", help="Go on, one backup in so many hours; 0 = one")
    ] = 0,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Write store and desk's records into one file, also while the wall is served. Keys are not in it."""
    from dashboard.deployment import require_store
    from stores.errors import StoreError

    with sentences():
        settings = settings_of(district, store, data)
        if not every:
            require_store(settings)
            _one(settings, folder, keep)
            return
        ended = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        while True:
            try:
                require_store(settings)
                _one(settings, folder, keep)
            except StoreError as wrong:  # the database may be back for the next one
                err.print(f"No backup this time: {wrong}", markup=False)
            if ended.wait(every * 3600):
                return


def _one(settings: Settings, folder: Path, keep: int) -> None:
    """Write one backup, tell about it, and let old ones go."""
    from stores.backup import back_up, thin_out

    made = back_up(settings, folder)
    out.print(
        f"{made.file}: version {made.version}, {made.bytes / 1e6:,.1f} MB", markup=False, soft_wrap=True
    )
    for gone in thin_out(folder, keep):
        out.print(f"Removed {gone.name}", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, as ejia backup writes it")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a store that holds something")
    ] = False,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Bring a backup into the store; all of it is checked before anything is touched."""
    with sentences():
        from stores.backup import restore as bring_back

        settings = settings_of(district, store, data)
        found = bring_back(settings, file, replace)
        out.print(
            f"{_store_shown(settings)} is as it was at {found.made_at}: version {found.version}",
            markup=False,
            soft_wrap=True,
        )
        out.print("Put the keys (*.key of the data folder) back too; they are not in a backup.", markup=False)


def _store_shown(settings: Settings) -> str:
    """Write the store's address without a password."""
    from stores.pg_address import shown

    return shown(settings.store.url)
