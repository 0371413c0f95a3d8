"""Landmarks for orientation: the airport, stations, hills and lakes everybody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.landmarks import LANDMARKS
from layers.registry import Rows
from layers.scene import Scene, World

KEY = "landmarks"
MARK = "landmarks"
ORDER = 30
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis")

MAJOR = ("airport", "railway")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing of the store: the list is part of the product."""
    return {}


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {points: [{name, name_en, kind, lon, lat, major}]}; `major` ones are named at district level."""
    return {
        "points": [
            {"name": one.name, "name_en": one.name_en, "kind": one.kind, "lon": one.lon, "lat": one.lat}
            | {"major": one.kind in MAJOR}
            for one in LANDMARKS
        ]
    }
