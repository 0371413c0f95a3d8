"""Twelve months as twelve small maps: how busy each place was, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import cos, radians
from typing import Any

from dash import html
from shapely.geometry.base import BaseGeometry

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "month_maps"
ORDER = 30
SIDE = "wide"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "pick:domain")
WIDTH = 180
COLOURS = ("#143264", "#1a4f8c", "#2372b4", "#3a9ddb", "#74d0fb", "#d8f4ff")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures one level below the town or district, month by month."""
    params = {"basis": "place", "node": _ground(scene, world)}
    if domain := scene.picked("domain"):
        params["domain"] = domain
    question = "children_of_domain" if domain else "children_figures"
    return {month: (question, {**params, "month": month}) for month in world.months[-12:]}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return a small map a month; the month shown is outlined, a tap goes to that month."""
    values = {month: {str(row["node_id"]): _busy(row) for row in rows[month]} for month in sorted(rows)}
    top = max((value for places in values.values() for value in places.values()), default=0.0) or 1.0
    ground = world.outline(_ground(scene, world))
    if ground is None:
        return []
    maps = [_month(month, places, top, ground, scene, words, world) for month, places in values.items()]
    return [
        parts.title(words("panel.months"), parts.domain_note(scene, words, words("panel.brighter"))),
        html.Div(maps, className="small-maps"),
    ]


def _ground(scene: Scene, world: World) -> str:
    """Return the district or town whose children are drawn."""
    chain = world.chain("place", scene.place) if scene.basis == "place" else (world.root,)
    return chain[min(1, len(chain) - 1)]


def _busy(row: Mapping[str, Any]) -> float:
    """Return the activities of a month per hundred published members."""
    members = parts.size(row["members"]) or 0
    return 100 * (parts.size(row["activities"]) or 0) / members if members else 0.0


def _month(
    month: str,
    places: Mapping[str, float],
    top: float,
    ground: BaseGeometry,
    scene: Scene,
    words: Words,
    world: World,
) -> html.Button:
    frame = ground.bounds
    shapes = []
    for node, value in places.items():
        outline = world.outline(node)
        if outline is not None:
            colour = COLOURS[min(5, int(6 * value / top))]
            shapes.append(f"<path d='{path(outline, frame)}' fill='{colour}'/>")
    on = month == scene.month
    edge = f"<path d='{path(ground, frame)}' fill='none' stroke='{'white' if on else '#33508f'}'"
    shapes.append(f"{edge} stroke-width='{4 if on else 1.5}'/>")
    size = f"viewBox='-3 -3 {WIDTH + 6} {height(frame) + 6:.0f}'"
    drawn = f"<svg xmlns='http://www.w3.org/2000/svg' {size}>{''.join(shapes)}</svg>"
    label = html.Span(words.month_short(month), className="on" if on else "")
    return parts.act("month", month, KEY, [label, parts.svg(drawn, "small-map")], f"small/{month}")


def height(frame: tuple[float, float, float, float]) -> float:
    """Return the height of a small map for a frame in degrees, at its own middle's scale."""
    west, south, east, north = frame
    return WIDTH * (north - south) / ((east - west) * cos(radians((north + south) / 2)))


@lru_cache(512)
def _simple(outline: BaseGeometry, tolerance: float) -> Any:
    return outline.simplify(tolerance)


def path(outline: BaseGeometry, frame: tuple[float, float, float, float]) -> str:
    """Write an outline in degrees as an SVG path inside a frame, simplified to a fraction of a unit."""
    west, south, east, north = frame
    across, down = WIDTH / (east - west), height(frame) / (north - south)
    simple = _simple(outline, 0.9 / across)
    polygons = simple.geoms if hasattr(simple, "geoms") else [simple]
    rings = [
        "M" + "L".join(f"{(x - west) * across:.0f} {(north - y) * down:.0f}" for x, y in one.exterior.coords)
        for one in polygons
        if not one.is_empty
    ]
    return "Z".join(rings) + "Z"
