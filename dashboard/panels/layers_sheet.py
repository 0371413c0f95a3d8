"""The sheet of layers: what the map shows, what its colours measure, and which hours heat counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes, pressed
from dashboard.parts import act
from dashboard.words import Words
from layers.scene import DAYS, MEASURES, Scene, World

KEY = "layers_sheet"
ORDER = 6
SIDE = "sheet"
OPENS = ("open", "layers")
DEPENDS = ("open", "layers", "measure", "day", "hours", "per")
HOURS = ("", "6-12", "12-18", "18-24")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing."""
    return {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet while it is open."""
    if scene.open != "layers":
        return []
    parts = [sheet_title(words("frame.layers"), "open", "layers", words)]
    parts += _choice(
        words("frame.layers"),
        [_button("layer", key, key in scene.layers, words(f"map.layer_{key}")) for key in world.layers],
    )
    parts += _choice(
        words("frame.measure"),
        [_button("measure", key, key == scene.measure, words(f"map.measure_{key}")) for key in MEASURES],
    )
    if "heat" in scene.layers:
        hours = [
            _button("hours", key, key == scene.hours, words(f"frame.hours_{key or 'all'}")) for key in HOURS
        ]
        days = [_button("day", key, key == scene.day, words(f"frame.day_{key}")) for key in DAYS]
        per = _button("per", "members", scene.per == "members", words("frame.per_members"))
        parts += _choice(words("frame.heat"), [*days, *hours, per])
    return [
        html.Div(parts, className="sheet", role="dialog", **attributes({"aria-label": words("frame.layers")}))
    ]


def sheet_title(text: str, verb: str, arg: str, words: Words) -> html.Div:
    """Return a sheet's title with the button that closes it."""
    close = attributes({"aria-label": words("frame.close")})
    button = act(verb, arg, "close", "×", "close", className="close", **close)
    return html.Div([text, button], className="sheet-title")


def _choice(title: str, buttons: list[html.Button]) -> list[Any]:
    return [html.Div(title, className="choices-title"), html.Div(buttons, className="choices")]


def _button(verb: str, arg: str, on: bool, text: str) -> html.Button:
    return act(verb, arg, KEY, text, f"{verb}/{arg or 'all'}", **pressed(on))
