"""Branches as points: their kind by shape, their domain by filter.

A place with more branches than can be told apart (``CROWD``) is drawn by small cells: one point stands for
the branches of a domain in a cell, at their middle. So the cost of a picture has a bound, however large the
district.
"""

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

CROWD = 4000
"""The most branches that are drawn one by one."""
CELLED = ("district", "town")
"""Levels whose branches are also there by cells."""

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
    """Ask for the branches of the place and month; under an affiliation node also for its own."""
    around = {"place": ground(scene, world), "month": scene.month}
    asked: dict[str, tuple[str, dict[str, Any]]] = {}
    if world.level("place", around["place"]) in CELLED and world.branches(around["place"]) > CROWD:
        asked["cells"] = ("branch_cells", around)
    else:
        asked["branches"] = (
            "branches_under",
            {"basis": "place", "node": around["place"], "month": scene.month},
        )
    if scene.basis == "affiliation" and scene.place != world.root:
        own = {"basis": "affiliation", "node": scene.place, "month": scene.month}
        asked["own"] = ("branches_under", own)
    return asked


def ground(scene: Scene, world: World) -> str:
    """Return the place whose branches are drawn: a building's community; the district for the other tree."""
    if scene.basis == "affiliation":
        return world.root
    chain = world.chain("place", scene.place)
    return chain[min(2, len(chain) - 1)]


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return parallel lists: lon, lat (degrees × 1e5), shape, domain (indices), dim; near: ids, names.

    ``n`` is there where a point stands for several branches; ``counts`` are branches by shape.
    """
    own = rows.get("own")
    if "cells" in rows:
        points = _cells(rows["cells"], dim=own is not None) + [_point(row) for row in own or []]
    else:
        mine = None if own is None else {row["org_id"] for row in own}
        points = [_point(row, mine is not None and row["org_id"] not in mine) for row in rows["branches"]]
    kept = [point for point in points if point["lon"] is not None and point["lat"] is not None]
    domains = sorted({point["domain"] for point in kept})
    shapes = [SHAPE_OF.get(point["domain"], "other") for point in kept]
    payload: dict[str, Any] = {
        "shapes": list(SHAPES),
        "domains": domains,
        "lon": [point["lon"] for point in kept],
        "lat": [point["lat"] for point in kept],
        "shape": [SHAPES.index(name) for name in shapes],
        "domain": [domains.index(point["domain"]) for point in kept],
    }
    payload["counts"] = [
        sum(
            point["n"] for name, point in zip(shapes, kept, strict=True) if name == shape and not point["dim"]
        )
        for shape in SHAPES
    ]
    if own is not None:
        payload["dim"] = [int(point["dim"]) for point in kept]
    if "cells" in rows:
        payload["n"] = [point["n"] for point in kept]
    elif scene.basis == "affiliation" or world.level("place", scene.place) != "district":
        payload["id"] = [point["id"] for point in kept]
        payload["name"] = [point["name"] for point in kept]
    return payload


def _point(row: Mapping[str, Any], dim: bool = False) -> dict[str, Any]:
    """Return one branch as a point."""
    lon, lat = (None if row[name] is None else round(row[name] * 1e5) for name in ("lon", "lat"))
    return {
        "id": row["org_id"],
        "name": row["short_name"],
        "domain": row["domain"],
        "lon": lon,
        "lat": lat,
        "n": 1,
        "dim": dim,
    }


def _cells(rows: Rows, dim: bool) -> list[dict[str, Any]]:
    """Return the branches of each cell and domain as one point in their middle."""
    return [
        {
            "domain": row["domain"],
            "lon": round(row["lon"] * 1e5),
            "lat": round(row["lat"] * 1e5),
            "n": row["branches"],
            "dim": dim,
        }
        for row in rows
    ]
