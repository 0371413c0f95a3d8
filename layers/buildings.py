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
DEPENDS = ("place", "basis", "month", "pick:domain")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the buildings of the community the scene stands in; nothing above community level."""
    chain = world.chain("place", scene.place) if scene.basis == "place" else ()
    if len(chain) < 3:
        return {}
    here = {"community": chain[2], "month": scene.month}
    asked: dict[str, tuple[str, dict[str, Any]]] = {"buildings": ("buildings_of", here)}
    if domain := scene.picked("domain"):
        asked["chosen"] = ("buildings_of_domain", {**here, "domain": domain})
    return asked


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {values: building id → {organisations, gaps, name}}; of one domain its organisations only."""
    chosen = {row["building_id"]: row["organisations"] for row in rows.get("chosen", [])}
    whole = "chosen" not in rows
    return {
        "values": {
            row["building_id"]: {
                "organisations": row["organisations"] if whole else chosen.get(row["building_id"], 0),
                "gaps": row["gaps"] if whole else 0,
                "name": row["name"],
            }
            for row in rows.get("buildings", [])
        }
    }
