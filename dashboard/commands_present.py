"""ejia tour, reader, swipes: what a presented wall needs besides being served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from dashboard.commands_rehearse import UrlOption, a_wall
from dashboard.console import DataOption, FileOption, StoreOption, bar, out, sentences, settings_of, told

DONE_WITH_PROBLEMS: Final = 1
REPLAY: Final = "replay"

tours = typer.Typer(help="Tours: plain files in the folder tours.", no_args_is_help=True)


@tours.command("check")
def tour_check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[TOUR]...", help="Else all")] = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Look for dead places, captions too long, and captions that today's numbers deny."""
    from dashboard.answers import Answers
    from dashboard.deployment import require_store
    from dashboard.tour_check import check
    from dashboard.tours import duration, read_tours
    from stores.desk import open_desk
    from stores.gate import Gate
    from stores.key_file import key_from_file
    from stores.store import store_for_reading
    from stores.whole import WholeStore

    with sentences():
        settings = settings_of(district, store, data)
        require_store(settings)
        found = read_tours(Path(settings.data_dir) / "tours")
        strange = sorted(set(names or ()) - set(found))
        if strange:
            raise ValueError(f"there is no tour {', '.join(strange)}; there are: {', '.join(found)}")
        chosen = {name: found[name] for name in names or found}
        key = key_from_file(Path(settings.data_dir) / "gate.key")
        with store_for_reading(settings.store.url, settings) as facts:
            opened = WholeStore(facts, open_desk(settings), settings)
            problems = check(chosen, Answers(opened, Gate(opened, settings, key), settings))
        for name, tour in chosen.items():
            out.print(f"{name}: {len(tour.stops)} stops, {duration(tour.stops):.0f} s", markup=False)
        for one in problems:
            out.print(f"{one.tour}, stop {one.stop}: {one.text}", markup=False)
    if problems:
        raise typer.Exit(DONE_WITH_PROBLEMS)


@tours.command("export")
def tour_export(
    name: Annotated[str, typer.Argument(metavar="TOUR", help="Name of the tour, such as delegation")],
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="HTML file to write; else TOUR.html")
    ] = None,
    url: UrlOption = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Write a tour as one HTML file that plays without a server: what visitors may see, in all languages."""
    from dashboard.browser import Browser
    from dashboard.tour_export import export

    with sentences():
        file = target or Path(f"{name}.html")
        with Browser() as browser, a_wall(url, store, data, district) as address, bar() as progress:
            text = export(browser, address, name, told=told(progress))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        out.print(f"{file}: {file.stat().st_size / 1e6:,.1f} MB", markup=False)


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
    url: Annotated[str, typer.Option(help="Address of the wall")] = "http://127.0.0.1:8050",
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
                task = progress.add_task("", total=len(day))

                def tell(clock: str, done: int, total: int) -> None:
                    progress.update(task, description=clock, completed=done, total=total)

                taken, refused = run(url, token, day, speed, tell)
        finally:
            readers.revoke(desk, REPLAY)
        out.print(f"{taken:,} sign-ins of {replay} shown, {refused:,} refused", markup=False)
