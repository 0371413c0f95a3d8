"""ejia rehearse, picture: the wall in a real browser, before guests stand in front of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from dashboard.console import DataOption, FileOption, StoreOption, bar, out, sentences, settings_of, told

if TYPE_CHECKING:
    from dashboard.rehearsal import Seen

FOUND: Final = 1
UrlOption = Annotated[
    str | None, typer.Option("--url", help="Address of a running wall; else one is started for the while")
]


@contextmanager
def a_wall(url: str | None, store: str | None, data: Path | None, district: Path | None) -> Iterator[str]:
    """Give the address of the running wall that was named, else of one of its own."""
    from dashboard.deployment import require_store
    from dashboard.rehearsal import RehearsalError, answers, serving

    if url:
        if not answers(url.rstrip("/")):
            raise RehearsalError(f"no wall answers at {url}")
        yield url.rstrip("/")
        return
    settings = settings_of(district, store, data)
    require_store(settings)
    with serving(Path(settings.data_dir), store, district) as address:
        yield address


def rehearse(
    tour: Annotated[str, typer.Argument(metavar="TOUR", help="Name of the tour, such as delegation")],
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT in pixels, or all walls in use")] = "1920x1080",
    grid: Annotated[
        str | None,
        typer.Option(help="Panels, such as 3x2; '' for none; else as such a wall is usually built"),
    ] = None,
    distance: Annotated[
        str | None,
        typer.Option(help="Farthest viewer: 4H (times the wall's shorter edge) or 12m; else 4H, English 3H"),
    ] = None,
    wall_height: Annotated[
        float | None, typer.Option(min=0.1, max=50, help="Metres of the wall's shorter edge, for metres")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    stops: Annotated[str, typer.Option(help="Only these stations, such as 1,5,7")] = "",
    slow: Annotated[float, typer.Option(min=0.1, help="Seconds a station may take")] = 3.0,
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the report goes")] = Path(
        "rehearsal"
    ),
    url: UrlOption = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Show every station of a tour in a real browser and report what cannot be read, is cut or collides."""
    from dashboard.browser import Browser
    from dashboard.rehearsal import RehearsalError, as_json, distance_of, walls_of
    from dashboard.rehearsal import rehearse as run
    from dashboard.rehearsal_sheet import as_picture, page
    from dashboard.words import languages

    with sentences():
        if lang not in languages():
            raise RehearsalError(f"the language {lang!r} is none of: {', '.join(languages())}")
        far = distance_of(distance or ("4H" if lang == "zh" else "3H"), wall_height)
        walls = walls_of(size, grid, far)
        numbers = _numbers(stops)
        with Browser() as browser, a_wall(url, store, data, district) as address:
            with bar() as progress:
                seen = run(browser, address, tour, walls, lang, stops=numbers, slow=slow, told=told(progress))
            text = page(tour, lang, seen)
            folder.mkdir(parents=True, exist_ok=True)
            name = folder / f"{tour}-{size}"
            name.with_suffix(".html").write_text(text, "utf-8")
            name.with_suffix(".png").write_bytes(as_picture(browser, text))
            name.with_suffix(".json").write_text(
                json.dumps(as_json(tour, lang, seen), ensure_ascii=False, indent=1), "utf-8"
            )
        wrong = _print(seen)
        out.print(f"{name}.html, .png, .json", markup=False)
    if wrong:
        raise typer.Exit(FOUND)


def _numbers(text: str) -> list[int]:
    """Read '1,5,7'.

    Raises:
        ValueError: it is not written like this.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"the stations {text!r} are not written as numbers with commas, such as 1,5,7")
    return [int(part) for part in parts]


def _print(seen: list[Seen]) -> int:
    """Show a row a wall and every finding; return how many there are."""
    table = Table("wall", "seams", "stations", "slowest", "found")
    for name in dict.fromkeys(one.wall.name for one in seen):
        own = [one for one in seen if one.wall.name == name]
        found = Counter(finding.kind for one in own for finding in one.findings)
        slowest = f"{max(one.took for one in own):.1f} s"
        what = ", ".join(f"{count} {kind}" for kind, count in found.items()) or "nothing"
        table.add_row(name, own[0].wall.grid, str(len(own)), slowest, what)
    for one in seen:
        for finding in one.findings:
            out.print(f"{one.wall.name}, stop {one.station.number}: {finding.line()}", markup=False)
    out.print(table)
    return sum(len(one.findings) for one in seen)
