"""The radar with its values, the outlines of peers to choose from, and the three largest gaps in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import radar_view
from dashboard.radar_drawing import LARGE
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "radar_large"
ORDER = 5
SIDE = "right"
BOARDS = ("warnings",)
DEPENDS = radar_view.DEPENDS
ask = radar_view.ask


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return title, radar, switches and gaps."""
    made = radar_view.painted(rows, scene, world, LARGE, KEY, words)
    if not rows["axes"]:
        return made
    made.append(radar_view.switches(rows, scene, KEY, words))
    return made + radar_view.gap_lines(rows, scene, KEY, words)
