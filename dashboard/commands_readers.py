"""ejia reader and ejia swipes: tokens for those who post sign-ins, and a day of them posted again."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from dashboard.console import (
    FIRST_PORT,
    DataOption,
    FileOption,
    StoreOption,
    bar,
    out,
    sentences,
    settings_of,
    told,
)

REPLAY: Final = "replay"


def add_to(app: typer.Typer) -> None:
    """Add both commands to the console's own."""
    app.command()(reader)
    app.command()(swipes)


def reader(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the card reader or sign-in system")],
    revoke: Annotated[bool, typer.Option("--revoke", help="End all its tokens instead")] = False,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Give a reader a token for POST /api/v1/swipes; it is shown once."""
    from dashboard import readers
    from stores.desk import open_desk

    with sentences():
        desk = open_desk(settings_of(district, store, data))
        if revoke:
            out.print(f"{readers.revoke(desk, name)} tokens of {name} ended", markup=False)
        else:
            out.print(readers.make_token(desk, name), markup=False)


def swipes(
    replay: Annotated[str, typer.Option(metavar="DAY", help="Day of the store to post again, 2019-02-15")],
    speed: Annotated[float, typer.Option(min=1, max=3600, help="How many times faster")] = 60,
    url: Annotated[str, typer.Option(help="Address of the wall")] = f"http://127.0.0.1:{FIRST_PORT}",
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Replay a day's sign-ins on a running wall: it shows them and counts none of them twice."""
    from dashboard import readers
    from dashboard.replay import run, swipes_of
    from stores.desk import open_desk
    from stores.store import store_for_reading

    with sentences():
        settings = settings_of(district, store, data)
        with store_for_reading(settings.store.url, settings) as opened:
            day = swipes_of(opened, replay)
        desk = open_desk(settings)
        token = readers.make_token(desk, REPLAY, replays=True)
        try:
            with bar() as progress:
                taken, refused = run(url, token, day, speed, told(progress))
        finally:
            readers.revoke(desk, REPLAY)
        out.print(f"{taken:,} sign-ins of {replay} shown, {refused:,} refused", markup=False)
