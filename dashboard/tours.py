"""Tours are plain files: tours/NAME.yaml, and NAME.yaml in the folder 'tours' of the data folder.

A stop is a scene, a dwell in seconds, a caption in two languages with live placeholders, and the presenter's
notes. A caption never holds a number of its own: it names a value, and the gate publishes it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.tour_values import VALUES
from layers.scene import Scene, World, read_query
from stores.errors import StoreError

FOLDER: Final = Path(__file__).resolve().parent.parent / "tours"
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LONGEST: Final = {"zh": 66, "en": 150}
"""Characters of a caption that fit on two lines in the band, by language; a number counts as written."""


class TourError(StoreError):
    """Say what is wrong in a tour's file."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """Hold a text in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=2000)]
    en: Annotated[str, Field(min_length=1, max_length=2000)]

    def of(self, lang: str) -> str:
        """Return the text of a language."""
        return self.en if lang == "en" else self.zh


class Stop(_Part):
    """Hold one station. ``claims`` are comparisons that make the caption true, such as 'signin >= 0.7'."""

    scene: Annotated[str, Field(max_length=500)]
    dwell: Annotated[float, Field(ge=5, le=600)] = 20
    chapter: Text
    caption: Text
    notes: Text | None = None
    claims: tuple[str, ...] = ()
    opening: bool = False


class Slot(_Part):
    """Hold when a tour starts by itself: on which days, from and until what time of the clock 'HH:MM'.

    ``days``: 'daily', 'workdays' (Monday to Friday), or 'day-15' for one day of each month, such as the
    unified activity day.
    """

    days: Annotated[str, Field(pattern=r"^(daily|workdays|day-([1-9]|[12]\d|3[01]))$")]
    start: Annotated[str, Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    until: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Tour(_Part):
    """Hold a tour. ``interrupt``: least severity (1-4) of a warning that stops it, 0 = none."""

    title: Text
    summary: Text
    stops: Annotated[tuple[Stop, ...], Field(min_length=1, max_length=40)]
    schedule: tuple[Slot, ...] = ()
    loop: bool = False
    interrupt: Literal[0, 1, 2, 3, 4] = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold one thing wrong with a tour: at which stop (from 1; 0 = the file), what, and in which language."""

    tour: str
    stop: int
    text: str


def read_tours(more: Path | None = None) -> dict[str, Tour]:
    """Read all tours by name, in alphabetical order; a deployment's own file goes before the shipped one.

    Raises:
        TourError: a file cannot be read or has a mistake; the sentence names file and key.
    """
    files = {path.stem: path for folder in (FOLDER, more) if folder for path in sorted(folder.glob("*.yaml"))}
    return {name: read_tour(path) for name, path in sorted(files.items())}


def read_tour(path: Path) -> Tour:
    """Read one file.

    Raises:
        TourError: it cannot be read or has a mistake.
    """
    if not NAME.fullmatch(path.stem):
        raise TourError(f"{path}: a tour's name has small letters, digits, - and _")
    try:
        return Tour.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise TourError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise TourError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


class Tours:
    """Give the tours of a deployment; files are read again when one of them changed.

    Args:
        more: the deployment's own folder of tours, which need not exist.
    """

    def __init__(self, more: Path | None = None) -> None:
        self._more = more
        self._seen: tuple[tuple[str, int], ...] | None = None
        self._tours: dict[str, Tour] = {}

    def all(self) -> Mapping[str, Tour]:
        """Return every tour by name; a file that was broken meanwhile leaves the last good ones in place."""
        folders = [folder for folder in (FOLDER, self._more) if folder]
        files = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
        seen = tuple((str(path), path.stat().st_mtime_ns) for path in files)
        if seen != self._seen:
            try:
                self._tours = read_tours(self._more)
            except TourError:
                if self._seen is None:
                    raise
            self._seen = seen
        return self._tours

    def stop(self, scene: Scene) -> tuple[str, Tour, int] | None:
        """Return (name, tour, stop from 0) of the station a scene stands at or was led from."""
        tour = self.all().get(scene.tour)
        index = int(scene.stop) - 1 if scene.stop else 0
        return (scene.tour, tour, index) if tour and 0 <= index < len(tour.stops) else None


_shipped = Tours()


def tours() -> Tours:
    """Return the tours of the running deployment, the shipped ones outside a server."""
    from flask import current_app, has_app_context

    found = current_app.extensions.get("tours") if has_app_context() else None
    return found or _shipped


@cache
def tours_in(more: Path) -> Tours:
    """Return the shipped tours with a deployment's own from a folder, which need not exist."""
    return Tours(more)


def scene_of_stop(name: str, index: int, stop: Stop, world: World, lang: str = "zh") -> Scene:
    """Return the valid scene of a station; it carries the tour's name and the station's number from 1."""
    wanted = replace(read_query(stop.scene), tour=name, stop=str(index + 1), lang=lang)
    return wanted.settled(world)[0]


def named_values(text: str) -> tuple[str, ...]:
    """Return the placeholders of a caption, each once.

    Raises:
        ValueError: its braces do not match.
    """
    found = (name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    return tuple(dict.fromkeys(found))


def as_json(found: Mapping[str, Tour], world: World) -> list[dict[str, Any]]:
    """Return what a player needs: names, stations as addresses, dwells, schedules; no caption, no notes."""
    return [
        {
            "name": name,
            "title": {"zh": tour.title.zh, "en": tour.title.en},
            "loop": tour.loop,
            "interrupt": tour.interrupt,
            "schedule": [slot.model_dump() for slot in tour.schedule],
            "stops": [
                {
                    "query": scene_of_stop(name, index, stop, world).as_query(),
                    "dwell": stop.dwell,
                    "opening": stop.opening,
                    "chapter": {"zh": stop.chapter.zh, "en": stop.chapter.en},
                }
                for index, stop in enumerate(tour.stops)
            ],
        }
        for name, tour in found.items()
    ]


def duration(stops: Sequence[Stop]) -> float:
    """Return how many seconds some stations take."""
    return sum(stop.dwell for stop in stops)


def unknown_values(text: str) -> list[str]:
    """Return the placeholders of a text that name no value."""
    return [name for name in named_values(text) if name not in VALUES and name != "as_of"]
