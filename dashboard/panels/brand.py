"""The centre's name on its slab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.parts import act
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "brand"
ORDER = 0
SIDE = "brand"
DEPENDS: tuple[str, ...] = ()


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing: the centre's name is the deployment's."""
    return {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the slab with the centre's name; a tap goes home."""
    district = world.settings.district
    name = district.centre_en if scene.lang == "en" else district.centre
    button = act("home", "", KEY, name, "home")
    return [html.H1(button, className="slab")]
