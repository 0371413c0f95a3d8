"""The map's own buttons: layers, and back one level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes
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
    """Return 'back' where there is a level above, and 'layers'."""
    parts: list[Any] = []
    if scene.place != world.root:
        parts.append(
            html.Button(
                words("frame.back"), id={"verb": "up", "arg": "", "at": KEY}, **attributes({"data-key": "up"})
            )
        )
    parts.append(
        html.Button(
            words("frame.layers"),
            id={"verb": "open", "arg": "layers", "at": KEY},
            className="on" if scene.open == "layers" else "",
            **attributes({"data-key": "open/layers", "aria-expanded": str(scene.open == "layers").lower()}),
        )
    )
    return parts
