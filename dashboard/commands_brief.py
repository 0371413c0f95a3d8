"""ejia brief: a place's page to take away, or those of all towns."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dashboard.console import DataOption, FileOption, StoreOption, bar, out, sentences, settings_of

if TYPE_CHECKING:
    from dashboard.brief import Briefs
    from dashboard.world import DistrictWorld
    from layers.scene import Scene
    from stores.settings import Settings

MODES: Final = ("visitor", "leader", "duty")


def brief(
    place: Annotated[
        str | None, typer.Argument(metavar="[PLACE]", help="Its code or whole name; else the district")
    ] = None,
    all_towns: Annotated[
        bool, typer.Option("--all-towns", help="The district and each of its towns")
    ] = False,
    target: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="A file .pdf, or .zip or a folder for several"),
    ] = None,
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Month; else the latest")] = "",
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    basis: Annotated[str, typer.Option(help="place or affiliation")] = "place",
    mode: Annotated[str, typer.Option(help="For whom: visitor, leader or duty")] = "visitor",
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Set a place's brief on one A4 page: map, radar, figures, months, three sentences, sources."""
    from dashboard.brief import file_name
    from dashboard.words import Words, languages
    from layers.scene import BASES

    with sentences():
        for given, known in ((lang, languages()), (basis, BASES), (mode, MODES)):
            if given not in known:
                raise ValueError(f"{given!r} is none of: {', '.join(known)}")
        if place and all_towns:
            raise ValueError("name a place, or ask for --all-towns, not both")
        settings = settings_of(district, store, data)
        with opened_briefs(settings) as (briefs, world):
            if period and period not in world.months:
                raise ValueError(
                    f"there is no data of {period!r}; months: {world.months[0]} to {world.months[-1]}"
                )
            nodes = towns_of(world) if all_towns else [found_place(place or world.root, basis, world)]
            scenes = [briefs.scene(node, month=period, lang=lang, basis=basis) for node in nodes]
            with bar() as progress:
                pages = [
                    (file_name(scene, world, Words(lang)), briefs.pdf(scene, mode))
                    for scene in progress.track(scenes, description="briefs")
                ]
        if mode != "visitor":
            _note(settings, scenes, mode)
        for line in write(pages, target):
            out.print(line, markup=False)


@contextmanager
def opened_briefs(settings: Settings) -> Iterator[tuple[Briefs, DistrictWorld]]:
    """Open the store to look at it and give what sets briefs over it."""
    from dashboard.answers import Answers
    from dashboard.brief import Briefs
    from dashboard.deployment import require_store
    from dashboard.geometry import Atlas
    from stores.desk import open_desk
    from stores.gate import Gate
    from stores.key_file import key_from_file
    from stores.store import store_for_reading
    from stores.whole import WholeStore

    require_store(settings)
    folder = Path(settings.data_dir)
    with store_for_reading(settings.store.url, settings) as opened:
        whole = WholeStore(opened, open_desk(settings), settings)
        gate = Gate(whole, settings, key_from_file(folder / "gate.key"))
        answers = Answers(whole, gate, settings)
        yield Briefs(answers, Atlas(whole, gate, settings), folder / "cache" / "fonts"), answers.world


def towns_of(world: DistrictWorld) -> list[str]:
    """Return the district and its towns, in their official order."""
    return [world.root, *(str(row["node_id"]) for row in world.places() if row["level"] == "town")]


def found_place(given: str, basis: str, world: DistrictWorld) -> str:
    """Return the id of a place named by its code or its whole name.

    Raises:
        ValueError: there is none, or several; the sentence names what may have been meant.
    """
    if world.nearest(basis, given) == given:
        return given
    rows = world.places()
    same = [row for row in rows if given in (row["name"], row["name_en"])]
    if len(same) == 1:
        return str(same[0]["node_id"])
    close = same or [row for row in rows if given and given in str(row["name"])]
    meant = ", ".join(f"{row['name']} {row['node_id']}" for row in close[:6])
    what = "several places are called" if same else "there is no place"
    raise ValueError(f"{what} {given!r}" + (f"; did you mean: {meant}" if meant else ""))


def write(pages: Sequence[tuple[str, bytes]], target: Path | None) -> list[str]:
    """Write pages where they are wanted; return a line for each file.

    Args:
        pages: file name and bytes of each.
        target: a folder, a .zip, or for one page its file; None = the present folder.

    Raises:
        ValueError: several pages were to go into one .pdf.
    """
    folder = target or Path()
    if folder.suffix == ".zip":
        folder.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, made in pages:
                packed.writestr(name, made)
        return [f"{folder}: {len(pages)} pages"]
    if folder.suffix == ".pdf":
        if len(pages) > 1:
            raise ValueError(f"{len(pages)} pages do not go into one file; name a folder or a .zip")
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_bytes(pages[0][1])
        return [str(folder)]
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in pages:
        (folder / name).write_bytes(made)
    return [str(folder / name) for name, _ in pages]


def _note(settings: Settings, scenes: Sequence[Scene], mode: str) -> None:
    """Write down that pages left the house with more on them than visitors may see."""
    from stores import audit
    from stores.desk import open_desk

    desk = open_desk(settings)
    with desk.writing(shown=False) as writer:
        for scene in scenes:
            audit.write(writer, audit.Act(None, None, "brief", scene.place, "done", f"console, {mode}"))
