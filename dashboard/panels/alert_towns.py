"""Warnings per hundred organisations, place by place; never ranked by the count, for big places lose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels.children import place_name
from dashboard.severity import glyph
from dashboard.words import Words
from layers.alerts import worst
from layers.scene import Scene, World

KEY = "alert_towns"
ORDER = 11
SIDE = "wide"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis", "month")
MOST = 11
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the places or inferior organisations one level down."""
    return {"places": ("alert_counts", {"basis": scene.basis, "node": scene.place, "month": scene.month})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return a row a place: its worst unseen, name, rate as a bar and number, count and organisations."""
    found = by_rate(rows["places"])
    head = parts.title(words("alert.towns"), words("alert.towns_note"), "per100", KEY)
    if not found:
        return [head, html.Div(words("panel.no_children"), className="nothing")]
    largest = max((parts.size(row["per_100"]) or 0 for row in found), default=0)
    lines = [_line(row, float(largest), words) for row in found[:MOST]]
    return [head, html.Div(lines, className="town-alerts")]


def by_rate(rows: Rows) -> Rows:
    """Return rows by warnings per 100 organisations, the highest first; what is hidden goes last."""
    return sorted(rows, key=lambda row: parts.downward(row["per_100"]))


def count_words(row: Mapping[str, Any], words: Words) -> str:
    """Write a place's count over its organisations: 65／234, in English 65/234."""
    return (
        f"{words.figure(parts.as_figure(row['n']))}{words('map.slash')}{words.number(row['organisations'])}"
    )


def _line(row: Mapping[str, Any], largest: float, words: Words) -> html.Div:
    node = str(row["node_id"])
    go = parts.act(
        "drill",
        node,
        KEY,
        [
            glyph(worst(row)["severity"]),
            html.Span(place_name(row, words), className="name"),
            parts.bar(parts.size(row["per_100"]), largest),
        ],
        f"alert-town/{node}",
        title=words.name(row),
    )
    shown = [
        parts.number(row["per_100"], words, decimals=1),
        html.Small(count_words(row, words), className="num count"),
    ]
    return html.Div([go, parts.act("how", f"warn:per_100@{node}", KEY, shown, f"per_100/{node}")])
