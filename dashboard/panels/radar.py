"""The state of a place at a glance: eight axes, always in one order, with the quarter before as a ghost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import radar_view
from dashboard.radar_drawing import SMALL
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "radar"
ORDER = 5
SIDE = "right"
BOARDS = ("overview",)
DEPENDS = radar_view.DEPENDS
ask = radar_view.ask


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return title and radar."""
    return radar_view.painted(rows, scene, world, SMALL, KEY, words)
