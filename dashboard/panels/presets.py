"""The presets of layers, as the header's navigation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.attributes import pressed
from dashboard.parts import act
from dashboard.words import Words
from layers.scene import PRESETS, Scene, World

KEY = "presets"
ORDER = 1
SIDE = "head"
DEPENDS = ("layers",)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing."""
    return {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return one button a preset; the one whose layers are on is lit."""
    return [
        act("preset", key, KEY, words(f"frame.preset_{key}"), **pressed(set(layers) == set(scene.layers)))
        for key, layers in PRESETS.items()
    ]
