"""The map's own buttons: tours, layers, and back one level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes, pressed
from dashboard.parts import act
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "tools"
ORDER = 4
SIDE = "map"
DEPENDS = ("open", "place", "basis")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing."""
    return {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return 'back' where there is a level above, then 'tours' and 'layers'."""
    parts: list[Any] = []
    if scene.place != world.root:
        parts.append(act("up", "", KEY, words("frame.back"), "up"))
    parts.append(act("open", "tours", KEY, words("tour.tours"), **pressed(scene.open == "tours")))
    parts.append(act("open", "layers", KEY, words("frame.layers"), **pressed(scene.open == "layers")))
    full = {"data-screen": "full", "data-key": "full", "aria-label": words("map.key_full")}
    parts.append(html.Button(html.I(className="expand"), className="icon-tool", **attributes(full)))
    return parts
