"""The place among its neighbours: a strip an axis, a dot a neighbour, a line for the place above."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

from dash import html

from dashboard import parts, rank_view
from dashboard.panels.children import place_name
from dashboard.radar_view import subject
from dashboard.words import Words
from layers.scene import Scene, World
from stores.radar_views import AXES

KEY = "rank"
ORDER = 30
SIDE = "left"
BOARDS = ("overview",)
SHARES = rank_view.SHARES
DEPENDS = rank_view.DEPENDS
MOST = 4
HIGH, STEP = 100, 10
"""All strips end at 100 and begin at the ten below the lowest dot of them all."""
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the neighbours where they stand here."""
    return rank_view.ask(scene, world) if rank_view.shown(scene, world) else {}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return a line an axis; nothing where the structure stands."""
    if not rank_view.shown(scene, world):
        return []
    found, node = rows["axes"], subject(scene, world)[1]
    heading = parts.title(rank_view.title(found, words), rank_view.switch(scene, KEY, words), "rank", KEY)
    if not found:
        return [heading, html.Div(words("radar.none"), className="nothing")]
    lines = {axis: rank_view.of_axis(found, axis, node) for axis in _telling(found[len(AXES) :])}
    low = min(_values([row for _, _, beside in lines.values() for row in beside]), default=0)
    low = min(HIGH - STEP, STEP * floor(low / STEP))
    painted = [_line(axis, *line, low, words) for axis, line in lines.items()]
    told = words("rank.line_" + str(found[0]["level"]))
    if node != scene.place:
        own = next((row for row in found if row["node_id"] == node), None)
        told = parts.notes(words("rank.dot", name=place_name(own, words)) if own else "", told)
    note = html.Div([html.Span(told), html.Span(f"{low}–{HIGH}")], className="strip-note")
    return [heading, html.Div(painted, className="strip-rows"), note]


def _values(rows: Rows) -> list[float]:
    figures = (parts.as_figure(row["value"]) for row in rows)
    return [float(figure.value) for figure in figures if figure.value is not None]


def _telling(beside: Rows) -> list[str]:
    """Return the axes in which the neighbours lie furthest apart, in the fixed order of all axes."""
    spread = {}
    for axis in AXES:
        values = _values([row for row in beside if row["axis"] == axis])
        spread[axis] = max(values, default=0) - min(values, default=0)
    return sorted(sorted(AXES, key=lambda axis: -spread[axis])[:MOST])


def _line(
    axis: str, above: Mapping[str, Any], own: Mapping[str, Any], beside: Rows, low: int, words: Words
) -> html.Button:
    """Return name, strip and value of an axis; a tap tells how it is counted."""

    def spot(row: Mapping[str, Any], look: str) -> list[Any]:
        value = parts.as_figure(row.get("value")).value
        if value is None:
            return []
        return [html.I(className=look, style={"left": f"{100 * (value - low) / (HIGH - low):.1f}%"})]

    others = [row for row in beside if row["node_id"] != own.get("node_id")]
    dots = [dot for row in others for dot in spot(row, "dot")]
    strip = html.Span([*dots, *spot(above, "above"), *spot(own, "own")], className="strip")
    number = parts.number(own.get("value"), words)
    name = html.Span(words(f"radar.{axis}"), className="name")
    return parts.act("how", f"radar:{axis}", KEY, [name, strip, number], f"rank/{axis}")
