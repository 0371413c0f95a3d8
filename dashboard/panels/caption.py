"""The caption of a tour: chapter, station, a sentence with today's numbers, and the guide's buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes
from dashboard.tour_values import asked, written
from dashboard.tours import Tour, named_values, tours
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "caption"
ORDER = 8
SIDE = "map"
DEPENDS = ("tour", "stop")
BUTTONS = ("previous", "hold", "next", "leave")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the values that the station's caption names."""
    found = tours().stop(scene) if scene.tour else None
    return asked(named_values(found[1].stops[found[2]].caption.of(scene.lang)), world) if found else {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the band while a tour is on; nothing otherwise."""
    found = tours().stop(scene) if scene.tour else None
    if found is None:
        return []
    _, tour, index = found
    stop = tour.stops[index]
    text = stop.caption.of(words.lang)
    sentence = text.format(**written(named_values(text), rows, words))
    return [
        html.Div(_head(tour, index, words), className="caption-head"),
        html.P(sentence, className="caption-text", **attributes({"data-key": "tour/caption"})),
        html.Div([_button(name, words) for name in BUTTONS], className="caption-buttons"),
    ]


def _head(tour: Tour, index: int, words: Words) -> list[Any]:
    """Return title and chapter, and a mark a station: past, present, to come."""
    marks = [
        html.Button(
            className="now" if at == index else "past" if at < index else "",
            **attributes(
                {
                    "data-tour": "jump",
                    "data-stop": str(at + 1),
                    "aria-label": f"{at + 1} {stop.chapter.of(words.lang)}",
                }
            ),
        )
        for at, stop in enumerate(tour.stops)
    ]
    return [
        html.Span(tour.title.of(words.lang), className="caption-tour"),
        html.B(tour.stops[index].chapter.of(words.lang)),
        html.Span(words("tour.held"), className="caption-held"),
        html.Span(words("tour.broken"), className="caption-broken"),
        html.Span(marks, className="caption-marks"),
    ]


def _button(name: str, words: Words) -> html.Button:
    named = {"data-tour": name, "aria-label": words(f"tour.{name}"), "data-key": f"tour/{name}"}
    return html.Button(html.I(className=name), className="tour-button", **attributes(named))
