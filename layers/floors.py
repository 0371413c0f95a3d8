"""Floors of the chosen building: which organisation on which floor, and which floors are blank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from layers.registry import Rows
from layers.scene import Scene, World

KEY = "floors"
MARK = "stack"
ORDER = 90
LEVELS = ("building", "floor")
DEPENDS = ("place", "basis", "month")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the floors and units of the building the scene stands in; nothing above building level."""
    chain = world.chain("place", scene.place) if scene.basis == "place" else ()
    if len(chain) < 4:
        return {}
    return {
        "building": ("node", {"basis": "place", "node": chain[3]}),
        "buildings": ("buildings_of", {"community": chain[2], "month": scene.month}),
        "floors": ("building_floors", {"building": chain[3], "month": scene.month}),
        "units": ("building_units", {"building": chain[3]}),
    }


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {building, name, floors: [{floor, organisations: [{id, name, band}], units}]}, lowest first."""
    if "building" not in rows:
        return {}
    building = world.chain("place", scene.place)[3]
    about = next(row for row in rows["buildings"] if row["building_id"] == building)
    organisations: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows["floors"]:
        one = {"id": row["org_id"], "name": row["name"], "band": str(row["members"])}
        organisations[row["floor"] or 1].append(one)
    units: dict[int, list[str]] = defaultdict(list)
    for row in rows["units"]:
        units[row["floor"] or 1].append(row["coverage"])
    floors = [
        {"floor": floor, "organisations": organisations[floor], "units": sorted(units[floor])[:4]}
        for floor in range(1, (about["floors"] or 1) + 1)
    ]
    return {"building": building, "name": about["name"], "floors": floors}
