"""Member distribution: a choropleth of a rate, or circles for a count, over the places one level down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.classes import class_breaks, class_of
from layers.registry import Rows
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "members"
MARK = "choropleth"
ORDER = 10
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month", "measure")

COUNTS = ("members", "organisations")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures of the places one level down; by affiliation the towns stay the ground."""
    node = scene.place if scene.basis == "place" else world.root
    if world.level("place", node) not in ("district", "town"):
        return {}
    return {"children": ("children_figures", {"basis": "place", "node": node, "month": scene.month})}


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {fill: id → class 0..4 or −1 for hidden, breaks, circles, hidden}; see `value_of`."""
    children = rows.get("children", [])
    values = {row["node_id"]: value_of(row, scene.measure, world) for row in children}
    known = [value for value in values.values() if value is not None]
    breaks = class_breaks(known, 5) if known else []
    fill = {node: -1 if value is None else class_of(value, breaks) for node, value in values.items()}
    ends = [min(known), *breaks, max(known)] if known else []
    payload: dict[str, Any] = {"measure": scene.measure, "fill": fill, "breaks": ends}
    payload["hidden"] = sum(value is None for value in values.values())
    if scene.measure in COUNTS:
        payload["circles"] = {node: value for node, value in values.items() if value}
        payload["fill"] = {node: 1 if value is not None else -1 for node, value in values.items()}
        payload["breaks"] = []
    return payload


def value_of(row: Mapping[str, Any], measure: str, world: World) -> float | None:
    """Return a place's published value of a measure; None where it is hidden or does not exist.

    'density' is published members per square kilometre; rates are per cent as published.
    """
    if measure == "density":
        area, members = world.area_km2(row["node_id"]), number(row["members"])
        return None if not area or members is None else members / area
    value = number(row.get(measure))
    return value if value is None or measure in COUNTS else 100 * value


def number(value: object) -> float | None:
    """Return the number behind a published value; the lower end of a band; None where hidden."""
    if isinstance(value, Figure):
        return value.value if value.value is not None else value.low
    return float(value) if isinstance(value, int | float) else None
