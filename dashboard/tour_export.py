"""A tour as one file of HTML that plays without a server: what visitors may see, and nothing asks for more.

Each station is taken from a real wall in visitor mode: its panels, words and drawings as they are, the map's
canvases as pictures. The file may load nothing: its policy forbids it, and it holds nothing to load.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final

from markupsafe import Markup

from dashboard.browser import Browser, opened_page, outside
from dashboard.rehearsal import LOOKING, STAND, RehearsalError, Station, arrive, go, stations_of
from dashboard.words import Words, languages

SIZE: Final = (1920, 1080)
MODE: Final = "visitor"
PLAYER: Final = ("player.css", "player.js")
STILL: Final = "ejia.still('image/webp')"
_DATA: Final = re.compile(r"data:image/(?:webp|png);base64,[A-Za-z0-9+/=]{2000,}")
_PAGE: Final = Markup(
    """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<style>{style}</style></head>
<body><main><iframe title="{title}" sandbox="allow-same-origin"></iframe></main>
<nav></nav>
<script type="application/json" id="told">{told}</script><script>{script}</script></body></html>
"""
)
WORDS: Final = ("previous", "next", "play", "hold", "stop_n", "language", "full")


def export(
    browser: Browser,
    address: str,
    tour: str,
    *,
    size: tuple[int, int] = SIZE,
    told: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> str:
    """Return a tour as one self-contained HTML file in all languages.

    Args:
        browser: a running one.
        address: of a running wall; nobody is signed in there, so it shows what visitors see.
        tour: its name.
        size: of the scenes in CSS pixels.
        told: hears how far it is.

    Raises:
        RehearsalError: there is no such tour, a station does not stand whole, or it is not in visitor mode.
        BrowserError: nothing answers at the address.
    """
    fonts: dict[str, None] = {}
    pictures: dict[str, str] = {}
    scenes: dict[str, list[dict[str, Any]]] = {}
    titles: dict[str, str] = {}
    css = ""
    for number, lang in enumerate(languages()):
        with opened_page(browser, *size) as page:
            arrive(page, address, f"?grid=&margin=0&lang={lang}")
            stations = stations_of(page, tour, lang)
            page.until("ejia.tour.tours.length > 0", 30)
            page.evaluate(STAND)
            titles[lang] = page.evaluate(
                f"ejia.tour.tours.find((one) => one.name === {json.dumps(tour)}).title.{lang}"
            )
            scenes[lang] = []
            for station in stations:
                told(f"{lang} {station.number}", number * len(stations) + station.number, 2 * len(stations))
                still = _still(page, station)
                css = still["css"]
                fonts.update(dict.fromkeys(still["letters"]))
                scenes[lang].append(_scene(still, station, pictures))
            if strange := outside(page.asked, address):
                raise RehearsalError(f"the wall asked for {strange[0]}")
    return _page(titles, scenes, css, list(fonts), pictures, size)


def _still(page: Any, station: Station) -> dict[str, Any]:
    """Go to a station and take it.

    Raises:
        RehearsalError: it does not stand whole, or shows more than visitors may see.
    """
    _, whole = go(page, station.query)
    if not whole:
        lacks = page.evaluate("document.documentElement.dataset.lacks")
        raise RehearsalError(f"station {station.number} does not stand whole; it waits for: {lacks}")
    still: dict[str, Any] = page.evaluate(STILL)
    session = page.evaluate(
        "fetch('/session', { headers: { Accept: 'application/json' } }).then((answer) => answer.json())"
    )
    if still["mode"] != MODE or session.get("mode") != MODE:
        raise RehearsalError(f"station {station.number} is not in visitor mode; only that may be handed out")
    return still


def _scene(still: dict[str, Any], station: Station, pictures: dict[str, str]) -> dict[str, Any]:
    """Return a station for the player; pictures that several share stand in the file once."""

    def kept(match: re.Match[str]) -> str:
        name = hashlib.sha256(match[0].encode()).hexdigest()[:16]
        pictures[name] = match[0]
        return f"picture:{name}"

    markup = _DATA.sub(kept, still["markup"])
    return {"chapter": station.chapter, "root": still["root"], "markup": markup, "dwell": station.dwell}


def _page(
    titles: dict[str, str],
    scenes: dict[str, list[dict[str, Any]]],
    css: str,
    fonts: Sequence[str],
    pictures: dict[str, str],
    size: tuple[int, int],
) -> str:
    style, script = ((LOOKING / name).read_text("utf-8") for name in PLAYER)
    words = {lang: {name: Words(lang)(f"takeaway.{name}") for name in WORDS} for lang in languages()}
    about = {
        "titles": titles,
        "scenes": scenes,
        "css": "".join(fonts) + css,
        "pictures": pictures,
        "size": list(size),
        "words": words,
    }
    mark = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{mark}'; style-src 'unsafe-inline'; img-src data:; "
        "font-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'"
    )
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(sign, code)
    return str(
        _PAGE.format(
            title=titles["zh"], policy=policy, style=Markup(style), told=Markup(text), script=Markup(script)
        )
    )
