"""The map's own buttons: back one level, tours, layers, and what one takes away: brief and picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboard.attributes import attributes, pressed
from dashboard.parts import act
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "tools"
ORDER = 4
SIDE = "map"
DEPENDS = ("open", "place", "basis", "month", "measure")


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
    parts.append(_brief(scene, words))
    picture = {"data-screen": "picture", "data-key": "picture", "aria-label": words("brief.picture")}
    parts.append(html.Button(html.I(className="camera"), className="icon-tool", **attributes(picture)))
    full = {"data-screen": "full", "data-key": "full", "aria-label": words("map.key_full")}
    parts.append(html.Button(html.I(className="expand"), className="icon-tool", **attributes(full)))
    return parts


def _brief(scene: Scene, words: Words) -> html.A:
    """Return the link to the place's page; it comes as a file, so that a wall stays where it is."""
    named = {"data-key": "brief", "aria-label": words("brief.take")}
    about = {
        "place": scene.place,
        "basis": scene.basis,
        "month": scene.month,
        "measure": scene.measure,
        "lang": scene.lang,
    }
    return html.A(
        html.I(className="page"),
        href=f"/brief.pdf?{urlencode(about)}",
        download="",
        className="icon-tool",
        title=words("brief.take"),
        **attributes(named),
    )
