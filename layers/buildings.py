"""Buildings of the chosen community, lit by the organisations inside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.registry import Rows
from layers.scene import Scene, World

KEY = "buildings"
MARK = "footprints"
ORDER = 15
LEVELS = ("community", "building", "floor")
DEPENDS = ("place", "basis", "month")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the buildings of the community the scene stands in; nothing above community level."""
    chain = world.chain("place", scene.place) if scene.basis == "place" else ()
    if len(chain) < 3:
        return {}
    return {"buildings": ("buildings_of", {"community": chain[2], "month": scene.month})}


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {values: building id → {organisations, gaps, name}}."""
    return {
        "values": {
            row["building_id"]: {
                "organisations": row["organisations"],
                "gaps": row["gaps"],
                "name": row["name"],
            }
            for row in rows.get("buildings", [])
        }
    }
