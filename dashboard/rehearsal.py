"""A rehearsal: every station of a tour in a real browser at a wall's own pixels, and what is wrong there."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import pi, tan
from pathlib import Path
from typing import Any, Final

from dashboard.browser import Browser, BrowserError, Page, opened_page, outside

ROOT: Final = Path(__file__).resolve().parent.parent
LOOKING: Final = Path(__file__).parent / "looking"
LOOK: Final = (LOOKING / "rehearsal.js").read_text("utf-8")
CONTRAST: Final = (LOOKING / "contrast.js").read_text("utf-8")

WALLS: Final[Mapping[str, str]] = {
    "1920x1080": "",
    "3840x1080": "2x1",
    "3840x2160": "2x2",
    "5760x1080": "3x1",
    "5760x2160": "3x2",
    "6656x1792": "",
    "7680x2160": "3x2",
    "11040x2700": "4x2",
    "1080x1920": "1x2",
    "2160x3840": "1x2",
    "1024x768": "",
}
"""Walls in use, width × height in pixels, and the panels they are usually built of; `--size all`."""
ARC_MINUTES: Final = 16.0  # the least height of a glyph at the farthest viewer (control-room standards)
FILLS: Final = {
    "cjk": 0.92,
    "other": 0.733,
}  # height of an ideograph, of a digit or capital, of the type size
HAND: Final = (0.156, 0.4)  # metres: short edge of a ten-inch tablet, and how far a hand holds it
LEAST_CONTRAST: Final = 4.5  # WCAG 2.2, 1.4.3
LEAST_LARGE: Final = 3.0  # … for letters of 24 design px, or 18.66 in bold
SLOW: Final = 3.0  # seconds a station may take until it stands whole
SEEN_LINES: Final = 1080  # height of the pictures that are kept and measured
NEVER: Final = 30.0  # seconds after which a station counts as never whole
_SIZE: Final = re.compile(r"([1-9]\d{2,4})x([1-9]\d{2,4})")
_GRID: Final = re.compile(r"(|[1-9]\d?x[1-9]\d?)")
_DISTANCE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(H|m)")


class RehearsalError(ValueError):
    """Say what a rehearsal was asked for and cannot do."""


@dataclass(frozen=True, slots=True)
class Wall:
    """Hold a wall: its pixels, its panel grid ('3x2', '' = none) and where its farthest viewer stands.

    ``far`` is the viewer's distance as a multiple of the wall's shorter edge.
    """

    width: int
    height: int
    grid: str = ""
    far: float = 4.0

    @property
    def name(self) -> str:
        """Return the size as it is written: '7680x2160'."""
        return f"{self.width}x{self.height}"

    @property
    def is_tablet(self) -> bool:
        """Tell whether the wall's own rule takes this size for a tablet in somebody's hand."""
        upright = self.height / self.width > 1.3 and self.width >= 1000
        return not upright and (self.width <= 1200 or self.width / self.height < 1.45)

    def seams(self) -> dict[str, list[float]]:
        """Return where seams lie, in pixels: upright ones by x, level ones by y."""
        across, down = map(int, self.grid.split("x")) if self.grid else (1, 1)
        return {
            "x": [self.width * i / across for i in range(1, across)],
            "y": [self.height * i / down for i in range(1, down)],
        }

    def least_type(self) -> dict[str, float]:
        """Return the least type size in pixels that shows 16 arc-minutes from afar, by kind of letters.

        A glyph of height h seen from a distance d spans 2·atan(h / 2d).
        """
        short = min(self.width, self.height)
        far = HAND[1] / HAND[0] if self.is_tablet else self.far
        tall = 2 * far * tan(ARC_MINUTES / 60 * pi / 180 / 2) * short
        return {name: tall / share for name, share in FILLS.items()}


@dataclass(frozen=True, slots=True)
class Station:
    """Hold a station of a tour: its number from 1, its address, its chapter."""

    number: int
    query: str
    chapter: str
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one thing that is wrong: its kind, the words, where in pixels (x, y, width, height), and more."""

    kind: str
    text: str
    box: tuple[int, int, int, int]
    told: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return it as a line of a report."""
        about = ", ".join(f"{name} {value}" for name, value in self.told.items())
        x, y = self.box[:2]
        return f"{self.kind}: {self.text!r} at {x},{y}" + (f" ({about})" if about else "")


@dataclass(slots=True)
class Seen:
    """Hold what was seen of one station on one wall; ``took`` are seconds until it stood whole."""

    wall: Wall
    station: Station
    took: float
    findings: list[Finding]
    picture: bytes = b""


KINDS: Final = (
    "small",
    "cut",
    "scroll",
    "collision",
    "seam",
    "contrast",
    "blank",
    "unfinished",
    "slow",
    "error",
    "outside",
)
"""Everything a rehearsal can find, in the order of the report."""


def walls_of(size: str, grid: str | None, far: float) -> list[Wall]:
    """Return the walls that a command names: one 'WxH', or 'all'.

    Args:
        size: 'WxH' in pixels, or 'all'.
        grid: 'CxR', '' for none, None for what such a wall is usually built of.
        far: distance of the farthest viewer in shorter edges of the wall.

    Raises:
        RehearsalError: size or grid is not written like this.
    """
    if grid is not None and not _GRID.fullmatch(grid):
        raise RehearsalError(f"the grid {grid!r} is not written as COLUMNSxROWS, such as 3x2")
    names = list(WALLS) if size == "all" else [size]
    found = []
    for name in names:
        match = _SIZE.fullmatch(name)
        if not match:
            raise RehearsalError(
                f"the size {name!r} is not written as WIDTHxHEIGHT, such as 7680x2160, nor 'all'"
            )
        panels = WALLS.get(name, "") if grid is None else grid
        found.append(Wall(int(match[1]), int(match[2]), panels, far))
    return found


def distance_of(text: str, tall: float | None) -> float:
    """Read a distance, '4H' (times the wall's shorter edge) or '12m', as a multiple of that edge.

    Args:
        text: the distance.
        tall: metres of the wall's shorter edge; needed for metres.

    Raises:
        RehearsalError: it is not written like this, or the wall's size is not known.
    """
    match = _DISTANCE.fullmatch(text.strip())
    if not match or not float(match[1]):
        raise RehearsalError(f"the distance {text!r} is neither like 4H nor like 12m")
    if match[2] == "H":
        return float(match[1])
    if not tall:
        raise RehearsalError("a distance in metres needs the wall's height: --wall-height 2.7")
    return float(match[1]) / tall


def stations_of(page: Page, name: str, lang: str) -> list[Station]:
    """Read a tour's stations from the wall's own list.

    Raises:
        RehearsalError: the wall has no such tour; the sentence names those there are.
    """
    told = page.evaluate("fetch('/tours.json').then((answer) => answer.json())")
    chosen = next((one for one in told if one["name"] == name), None)
    if chosen is None:
        raise RehearsalError(f"there is no tour {name}; there are: {', '.join(one['name'] for one in told)}")
    more = "&lang=en" if lang == "en" else ""
    return [
        Station(index, stop["query"] + more, stop["chapter"][lang], bool(stop["opening"]))
        for index, stop in enumerate(chosen["stops"], 1)
    ]


def rehearse(
    browser: Browser,
    address: str,
    tour: str,
    walls: Sequence[Wall],
    lang: str = "zh",
    *,
    stops: Sequence[int] = (),
    slow: float = SLOW,
    told: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> list[Seen]:
    """Go through a tour on some walls and return what was seen, station by station.

    Args:
        browser: a running one.
        address: of a running wall, such as http://127.0.0.1:8050.
        tour: its name.
        walls: sizes to rehearse at.
        lang: 'zh' or 'en'.
        stops: numbers of stations; all where there are none.
        slow: seconds a station may take.
        told: hears how far it is.

    Raises:
        RehearsalError: there is no such tour.
        BrowserError: nothing answers at the address, or the browser ended.
    """
    seen: list[Seen] = []
    with opened_page(browser, 320, 240, heard=False) as helper:
        for number, wall in enumerate(walls):
            with opened_page(browser, wall.width, wall.height) as page:
                arrive(page, address, f"?grid={wall.grid}&margin=0&lang={lang}")
                stations = stations_of(page, tour, lang)
                page.until("ejia.tour.tours.length > 0", NEVER)
                page.evaluate(STAND)  # a station waits for the rehearsal, and does not say that it is held
                chosen = [one for one in stations if not stops or one.number in stops]
                for index, station in enumerate(chosen):
                    told(
                        f"{wall.name} {station.number}",
                        number * len(chosen) + index,
                        len(walls) * len(chosen),
                    )
                    seen.append(look(page, helper, address, wall, station, slow))
                told(wall.name, (number + 1) * len(chosen), len(walls) * len(chosen))
    return seen


def arrive(page: Page, address: str, query: str, patience: float = 2 * NEVER) -> None:
    """Open a wall and wait until it stands whole.

    Raises:
        BrowserError: nothing answers, or the wall never stands whole; the sentence says what it waits for.
    """
    page.open(address.rstrip("/") + "/" + query)
    if not page.until(READY, patience):
        lacks = page.evaluate("document.documentElement.dataset.lacks || 'the wall'")
        raise BrowserError(f"{address}: the wall did not stand whole; it waits for: {lacks}")


READY: Final = "document.documentElement.dataset.ready === '1'"
STAND: Final = "(ejia.tour.tours.forEach((one) => one.stops.forEach((stop) => { stop.dwell = 1e6; })), true)"
GO: Final = "(document.documentElement.dataset.ready = '0', ejia.send('go', {query}), true)"


def go(page: Page, query: str, patience: float = NEVER) -> tuple[float, bool]:
    """Let a wall go to a scene as a tour does; return the seconds it took, and whether it stands whole."""
    start = time.monotonic()
    page.evaluate(GO.format(query=json.dumps(query)))
    whole = page.until(READY, patience)
    return time.monotonic() - start, whole


def look(page: Page, helper: Page, address: str, wall: Wall, station: Station, slow: float) -> Seen:
    """Go to a station, look it over and take its picture."""
    page.errors.clear()
    page.asked.clear()
    took, whole = go(page, station.query)
    options = {"least": wall.least_type(), "seams": wall.seams()}
    looked = page.evaluate(f"({LOOK})({json.dumps(options)})")
    findings = [
        Finding(one["kind"], one["text"], tuple(one["box"]), one["told"]) for one in looked["findings"]
    ]
    everywhere = (0, 0, wall.width, wall.height)
    if whole and took > slow:
        findings.append(Finding("slow", "", everywhere, {"seconds": round(took, 1), "most": slow}))
    scale = min(1.0, SEEN_LINES / wall.height)
    picture = page.picture("webp", scale)
    findings += _contrasts(page, helper, looked["texts"], looked["u"], scale)
    findings += [Finding("error", text, everywhere) for text in dict.fromkeys(page.errors)]
    findings += [Finding("outside", url, everywhere) for url in outside(page.asked, address)]
    findings.sort(key=lambda one: KINDS.index(one.kind))
    return Seen(wall, station, took, findings, picture)


_HIDE: Final = (
    "(() => { const style = document.createElement('style'); style.id = 'bare';"
    "style.textContent = '*{-webkit-text-fill-color:transparent!important;caret-color:transparent!important}"
    "svg text,svg tspan{fill:transparent!important}';"
    "document.head.append(style); return true; })()"
)
_SHOW: Final = "document.getElementById('bare').remove()"


def _contrasts(
    page: Page, helper: Page, texts: Sequence[Mapping[str, Any]], unit: float, scale: float
) -> Iterator[Finding]:
    """Measure every text against the real pixels behind it: a second picture, without letters."""
    page.evaluate(_HIDE)
    try:
        bare = page.picture("webp", scale, 95)
    finally:
        page.evaluate(_SHOW)
    boxes = [
        {"box": [scale * edge for edge in one["box"]], "rgb": one["rgb"], "alpha": one["alpha"]}
        for one in texts
    ]
    ratios = helper.evaluate(
        f"({CONTRAST})({json.dumps(base64.b64encode(bare).decode())},{json.dumps(boxes)})"
    )
    for one, ratio in zip(texts, ratios, strict=True):
        size = one["size"] / unit
        large = size >= 24 or (size >= 18.66 and one["weight"] >= 700)
        least = LEAST_LARGE if large else LEAST_CONTRAST
        if ratio is not None and ratio < least:
            left, top, right, bottom = one["box"]
            box = (round(left), round(top), round(right - left), round(bottom - top))
            told = {"ratio": round(ratio, 2), "least": least, "panel": one["panel"]}
            yield Finding("contrast", one["text"], box, told)


def as_json(tour: str, lang: str, seen: Sequence[Seen]) -> dict[str, Any]:
    """Return what a machine reads: walls, stations, findings, and whether all is well."""
    return {
        "tour": tour,
        "lang": lang,
        "passed": not any(one.findings for one in seen),
        "least_arc_minutes": ARC_MINUTES,
        "stations": [
            {
                "size": one.wall.name,
                "grid": one.wall.grid,
                "distance_in_short_edges": None if one.wall.is_tablet else one.wall.far,
                "stop": one.station.number,
                "chapter": one.station.chapter,
                "query": one.station.query,
                "seconds": round(one.took, 3),
                "findings": [
                    {"kind": f.kind, "text": f.text, "box": list(f.box), **f.told} for f in one.findings
                ],
            }
            for one in seen
        ],
    }


# A wall of its own


@contextmanager
def serving(data: Path, store: str | None, district: Path | None, patience: float = 90) -> Iterator[str]:
    """Serve a wall in a process of its own at a free port; give its address.

    Raises:
        RehearsalError: it ends before it answers; the sentence is its own.
    """
    port = _any_port()
    run = "from dashboard.commands import app; app()"
    command = [sys.executable, "-c", run, "serve", "--port", str(port), "--data", str(data)]
    command += ["--store", store] if store else []
    command += ["--district", str(district)] if district else []
    more = {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env={**os.environ, **more}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            end = time.monotonic() + patience
            while not answers(address):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    said = log.read().decode("utf-8", "replace").strip().splitlines()
                    why = said[-1].removeprefix("Error: ") if said else "it said nothing"
                    raise RehearsalError(f"the wall did not start: {why} (a running wall: --url ADDRESS)")
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Tell whether a wall says that it is well."""
    with suppress(OSError), urllib.request.urlopen(address + "/healthz", timeout=2) as answer:
        return bool(answer.status == 200)
    return False
