"""Positions 阵地: service centres, micro positions, academies, classrooms, studios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.registry import Rows
from layers.scene import Scene, World

KEY = "positions"
MARK = "positions"
ORDER = 50
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for all positions; there are a few hundred."""
    return {"positions": ("positions", {})}


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {points: [{id, name, kind, lon, lat, featured}]} of the shown town, or of the district."""
    chain = world.chain("place", scene.place) if scene.basis == "place" else (world.root,)
    town = chain[1] if len(chain) > 1 else None
    kept = [row for row in rows["positions"] if town is None or row["town_id"] == town]
    names = ("name", "kind", "lon", "lat", "featured")
    return {"points": [{"id": row["position_id"], **{name: row[name] for name in names}} for row in kept]}
