"""A place's brief: one A4 page with map, radar, figures, months and three sentences, set without a browser.

Everything on it is an answer of the gate in the mode and scope of whoever asks. What it says travels to the
typesetter as data, so that no name can become markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from dashboard import brief_charts, brief_text, parts, radar_view
from dashboard.answers import Answers
from dashboard.brief_map import draw
from dashboard.geometry import Atlas
from dashboard.panels.timeline import source
from dashboard.paper import ink, tokens
from dashboard.print_fonts import families, font_folder
from dashboard.radar_drawing import axes_of
from dashboard.words import Words
from layers.members import number
from layers.registry import all_layers, drawn_layers
from layers.scene import Scene, World

LAYERS: Final = ("members", "branches")
MAP: Final = (1120.0, 1180.0)  # tenths of a millimetre, where places inside are listed beneath
TALL: Final = (1120.0, 1480.0)  # where there are none
PAGE: Final = (Path(__file__).parent / "brief.typ").read_text("utf-8")
_SAFE: Final = re.compile(r"[^\w-]+")


class Briefs:
    """Set briefs over one store.

    Args:
        answers: asks the gate.
        atlas: gives the shapes.
        fonts: folder of the unpacked fonts.
    """

    def __init__(self, answers: Answers, atlas: Atlas, fonts: Path) -> None:
        self._answers, self._atlas, self._fonts = answers, atlas, fonts

    def scene(
        self, place: str, month: str = "", lang: str = "zh", basis: str = "place", measure: str = "density"
    ) -> Scene:
        """Return the scene of a brief; a place, month or measure that does not exist gives way.

        An unknown place becomes the nearest above it, as on the wall; see `Scene.settled`.
        """
        wanted = Scene(place=place, month=month, lang=lang, basis=basis, measure=measure, layers=LAYERS)
        return wanted.settled(self._answers.world)[0]

    def pdf(self, scene: Scene, mode: str) -> bytes:
        """Return the brief of a scene as PDF, in a mode ('visitor', 'leader', 'duty').

        Raises:
            ValueError: the district has no shapes, so that there would be no map.
            OSError: the fonts cannot be unpacked.
        """
        key = ("brief", mode, scene.as_query())
        made: bytes = self._answers.keep(key, lambda: typeset(self.told(scene, mode), self._fonts))
        return made

    def told(self, scene: Scene, mode: str) -> dict[str, Any]:
        """Return everything that stands on the page."""
        answers, world, words = self._answers, self._answers.world, Words(scene.lang)
        rows = answers.rows(brief_text.ask(scene, world), mode)
        rows["series"] = [row for row in rows["series"] if row["month"] <= scene.month][-12:]
        level, columns, lines, more = brief_text.inside(rows, words)
        return {
            **self._head(rows, scene, mode, words),
            "sentences": brief_text.sentences(rows, scene, world, words),
            "figures": brief_text.figures(rows, scene, words),
            "map": self._map(scene, mode, MAP if lines else TALL, words),
            "radar": _radar(rows, scene, world, words),
            "months": _months(rows, words),
            "inside": {
                "title": words(f"panel.children_{level}") if level else "",
                "head": [words(f"brief.col_{name}") for name in columns],
                "rows": lines,
                "more": words("brief.more", n=more) if more else "",
            },
            **self._foot(rows, world, words),
        }

    def _head(self, rows: Mapping[str, Any], scene: Scene, mode: str, words: Words) -> dict[str, Any]:
        district, trail = self._answers.world.settings.district, rows["trail"]
        fresh = rows["fresh"][0]
        return {
            "lang": scene.lang,
            "centre": district.centre_en if scene.lang == "en" else district.centre,
            "title": words("brief.title"),
            "place": brief_text.place_title(trail[-1], words) if trail else "",
            "trail": "  ›  ".join(brief_text.place_title(row, words) for row in trail[:-1]),
            "period": words.month(scene.month),
            "basis": words(f"bases.{scene.basis}"),
            "mode": words(f"brief.mode_{mode}"),
            "as_of": words("app.as_of", day=str(fresh["as_of"])[:10]),
            "demo": words("app.demo") if fresh.get("data_label") == "demo" else "",
        }

    def _map(self, scene: Scene, mode: str, size: tuple[float, float], words: Words) -> dict[str, Any]:
        """Draw the map and its legend from the same layers as the wall."""
        answers, world, atlas = self._answers, self._answers.world, self._atlas
        level = world.level("place", scene.place) if scene.basis == "place" else "district"
        found = all_layers()
        payloads = {
            key: answers.layer(found[key], scene, mode)
            for key in drawn_layers(scene.layers, level)
            if key != "floors"
        }
        drawn = draw(
            scene, world, payloads, atlas.places(), atlas.surroundings(), atlas.buildings, size, words
        )
        members = payloads.get("members", {})
        breaks = [] if members.get("circles") else members.get("breaks", [])
        bar = (
            words("brief.km", n=drawn.metres // 1000)
            if drawn.metres >= 1000
            else words("brief.m", n=drawn.metres)
        )
        shaded = bool(members.get("fill")) and level in ("district", "town")
        return {
            "size": size,
            "svg": drawn.svg,
            "labels": [label.json() for label in drawn.labels],
            "bar": drawn.bar,
            "bar_text": bar,
            "legend": words(f"map.measure_{scene.measure}") if shaded else words("brief.legend_buildings"),
            "steps": [ink(str(step)) for step in range(1, max(2, len(breaks)))] if breaks and shaded else [],
            "ends": [_short(number(breaks[0]), words), _short(number(breaks[-1]), words)] if breaks else [],
            "hidden": words("map.hidden_note") if members.get("hidden") and shaded else "",
            "dots": words("map.legend_branches"),
        }

    def _foot(self, rows: Mapping[str, Any], world: World, words: Words) -> dict[str, Any]:
        names = brief_text.files(rows, words)
        loaded = rows["fresh"][0]["loaded_at"]
        day = loaded.date().isoformat() if isinstance(loaded, datetime) else str(loaded)[:10]
        listed = words("frame.list_separator").join(names)
        return {
            "source": source(words, world),
            "files": words("brief.files", files=listed, day=day) if names else "",
            "rule": words("brief.rule"),
            "states": words("brief.states"),
        }


def _short(value: float | None, words: Words) -> str:
    if value is None:
        return ""
    return words.number(value, 1) if value < 10 else words.short(round(value))


def _radar(rows: Mapping[str, Any], scene: Scene, world: World, words: Words) -> dict[str, Any]:
    """Return the radar's drawing; none where no quarter is closed."""
    found, whose = rows["axes"], brief_text.radar_owner(rows, scene, world, words)
    about = {"title": words("radar.title"), "whose": whose}
    if not found:
        return {**about, "svg": "", "texts": [], "note": words("radar.none"), "lines": []}
    there = {str(row["peer"]) for row in rows["peers"]}
    peer = next((one for one in ("district", "kind", "town") if one in there), "")
    svg, texts = brief_charts.radar(axes_of(found, rows["peers"]), peer, words, "radar")
    lines = [["now", radar_view.quarter_words(str(found[0]["quarter"]), words)]]
    if before := found[0]["previous_quarter"]:
        lines.append(["ghost", radar_view.quarter_words(str(before), words)])
    if peer:
        lines.append(["peer", words(f"radar.peer_{peer}")])
    return {**about, "svg": svg, "texts": texts, "note": "", "lines": lines}


def _months(rows: Mapping[str, Any], words: Words) -> dict[str, Any]:
    series = rows["series"]
    title = words("brief.months")
    if not series:
        return {"title": title, "svg": "", "texts": [], "note": words("panel.no_organisations"), "lines": []}
    svg, texts = brief_charts.months(series, words)
    lines = [["bar", words("brief.activities")]]
    if any(parts.signin(row).shown for row in series):
        lines.append(["rate", words("brief.signin")])
    return {"title": title, "svg": svg, "texts": texts, "note": "", "lines": lines}


def typeset(told: Mapping[str, Any], folder: Path) -> bytes:
    """Set the page.

    Args:
        told: as `Briefs.told` gives it.
        folder: where the unpacked fonts are kept.

    Raises:
        OSError: the fonts cannot be unpacked.
    """
    fonts = typst.Fonts(font_paths=[str(font_folder(folder))])
    colours = {
        name.removeprefix("paper-"): value for name, value in tokens().items() if name.startswith("paper-")
    }
    about = {**told, "colours": colours, "families": families()}
    text = json.dumps(about, ensure_ascii=False)
    made: bytes = typst.compile(PAGE.encode(), font_paths=fonts, format="pdf", sys_inputs={"told": text})
    return made


def file_name(scene: Scene, world: World, words: Words) -> str:
    """Return a plain file name for a brief: place, name, month."""
    rows = world.chain(scene.basis, scene.place)
    place = _SAFE.sub("-", rows[-1])
    lang = "" if words.lang == "zh" else f"-{words.lang}"
    return f"brief-{place}-{scene.month}{lang}.pdf"
