"""Activity heat as contour lines: where and when organisations meet, for a span, a kind of day, hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.grids import contour_levels
from layers.branches import CROWD
from layers.members import number
from layers.registry import Rows
from layers.scene import Scene, World

KEY = "heat"
MARK = "contours"
ORDER = 20
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month", "span", "day", "hours", "per", "pick:domain")

# A cell fewer people than this have signed in to leaves no trace, however the lines are drawn.
LEAST = 10


def grain(world: World) -> int:
    """Return how fine the cells are: 0 = 250 m; 1 = 1 km where a district of many branches fills too many."""
    return int(world.branches(world.root) > CROWD)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the heat cells of the chosen months, kind of day and hours, in cells that stay few enough."""
    first, last = scene.months_back(world)
    hour_from, hour_to = scene.hour_range()
    asked = {
        "lod": grain(world),
        "from_month": first,
        "to_month": last,
        "day_kind": scene.day,
        "hour_from": hour_from,
        "hour_to": hour_to,
    }
    if domain := scene.picked("domain"):
        return {"cells": ("heat_cells_of_domain", {**asked, "domain": domain})}
    return {"cells": ("heat_cells", asked)}


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {levels: [[share of the district's maximum, closed rings]]}, flat lon, lat × 1e5.

    The scale is the district's at every level, so that one town is not made to look as busy as another.
    """
    shown = [
        (row["cell_x"], row["cell_y"], _weight(row, scene.per), int(number(row["attended"]) or 0))
        for row in rows["cells"]
    ]
    return {"levels": contour_levels(shown, minimum=LEAST, lod=grain(world))}


def _weight(row: Mapping[str, Any], per: str) -> float:
    attended = number(row["attended"]) or 0.0
    if per != "members":
        return attended
    members = number(row["members"])
    return attended / members if members else 0.0
