"""The sheet of tours: which there are, how long each takes, when it starts by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes
from dashboard.parts import act, sheet
from dashboard.tours import Tour, duration, scene_of_stop, tours
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "tours_sheet"
ORDER = 7
SIDE = "sheet"
OPENS = ("open", "tours")
DEPENDS = ("open",)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing."""
    return {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet while it is open."""
    if scene.open != "tours":
        return []
    cards: list[html.Button] = [_card(name, tour, world, words) for name, tour in tours().all().items()]
    cards.append(_pair(words))
    return [sheet(words("tour.tours"), "open", "tours", cards, words, "sheet/tours")]


def _pair(words: Words) -> html.Button:
    """Return the button that shows the code for a tablet."""
    named = {"data-pair": "1", "data-key": "pair"}
    return html.Button(words("tour.pair"), className="tour-card", **attributes(named))


def _card(name: str, tour: Tour, world: World, words: Words) -> html.Button:
    start = scene_of_stop(name, 0, tour.stops[0], world, words.lang).as_query()
    minutes = max(1, round(duration(tour.stops) / 60))
    facts = [words("tour.length", stops=len(tour.stops), minutes=minutes)]
    facts += [
        words(f"tour.{_days(slot.days)}", day=slot.days[4:], start=slot.start) for slot in tour.schedule
    ]
    said = [html.B(tour.title.of(words.lang)), html.Span(tour.summary.of(words.lang))]
    notes = html.Small(words("frame.list_separator").join(facts))
    return act("go", start, KEY, [*said, notes], f"tour/{name}", className="tour-card")


def _days(days: str) -> str:
    return "on_day" if days.startswith("day-") else days
