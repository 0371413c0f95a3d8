"""Branches as points: their kind by shape, their domain by filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.registry import Rows
from layers.scene import Scene, World

KEY = "branches"
MARK = "shapes"
ORDER = 40
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month")

SHAPES = ("community", "enterprise", "organ", "school", "other")
SHAPE_OF = {
    "urban_community": "community",
    "village": "community",
    "soe": "enterprise",
    "nonpublic": "enterprise",
    "park": "enterprise",
    "building": "enterprise",
    "organ": "organ",
    "institution": "organ",
    "school": "school",
}


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for every branch of the month, and under an affiliation node for its own organisations."""
    asked: dict[str, tuple[str, dict[str, Any]]] = {"branches": ("branch_points", {"month": scene.month})}
    if scene.basis == "affiliation" and scene.place != world.root:
        own = {"basis": "affiliation", "node": scene.place, "month": scene.month}
        asked["own"] = ("branches_under", own)
    return asked


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return parallel lists: lon, lat (degrees × 1e5), shape, domain (indices), dim; near: ids, names."""
    inside = _inside(rows["branches"], scene, world)
    own = {row["org_id"] for row in rows["own"]} if "own" in rows else None
    kept = [row for row in inside if row["lon"] is not None and row["lat"] is not None]
    domains = sorted({row["domain"] for row in kept})
    shapes = [SHAPE_OF.get(row["domain"], "other") for row in kept]
    payload: dict[str, Any] = {
        "shapes": list(SHAPES),
        "domains": domains,
        "lon": [round(row["lon"] * 1e5) for row in kept],
        "lat": [round(row["lat"] * 1e5) for row in kept],
        "shape": [SHAPES.index(name) for name in shapes],
        "domain": [domains.index(row["domain"]) for row in kept],
    }
    counted = [name for name, row in zip(shapes, kept, strict=True) if own is None or row["org_id"] in own]
    payload["counts"] = [counted.count(name) for name in SHAPES]
    if own is not None:
        payload["dim"] = [int(row["org_id"] not in own) for row in kept]
    if scene.basis == "affiliation" or world.level("place", scene.place) != "district":
        payload["id"] = [row["org_id"] for row in kept]
        payload["name"] = [row["short_name"] for row in kept]
    return payload


def _inside(rows: Rows, scene: Scene, world: World) -> Rows:
    if scene.basis == "affiliation":
        return rows
    level = world.level("place", scene.place)
    if level == "district":
        return rows
    chain = world.chain("place", scene.place)
    if level == "town":
        return [row for row in rows if row["town_id"] == scene.place]
    return [row for row in rows if row["community_id"] == chain[2]]
