"""Open warnings by indicator, the most frequent first; the title opens all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.severity import glyph
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_kinds"
ORDER = 26
SIDE = "left"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis")
MOST = 4
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the indicators."""
    return {"kinds": ("alert_kinds", {"basis": scene.basis, "node": scene.place})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the four indicators with the most open warnings."""
    found = ranked(rows["kinds"])
    head = parts.title(words("alert.kinds"), words("alert.open_items"), "indicators", KEY)
    shown = [row for row in found if parts.size(row["n"]) or not parts.as_figure(row["n"]).shown][:MOST]
    if not shown:
        return [head, html.Div(words("alert.none" if found else "alert.never"), className="nothing")]
    largest = max((parts.size(row["n"]) or 0 for row in shown), default=0)
    return [head, html.Div([_line(row, float(largest), words) for row in shown], className="kind-rows")]


def ranked(rows: Rows) -> Rows:
    """Return rows with the most open warnings first; what is hidden goes last, in its own order."""
    return sorted(rows, key=lambda row: parts.downward(row["n"]))


def _line(row: Mapping[str, Any], largest: float, words: Words) -> html.Button:
    name = str(row["indicator"])
    shown = [
        glyph(int(parts.size(row["worst"]) or 0)),
        html.Span(words(f"warn.{name}.short"), className="name"),
        parts.bar(parts.size(row["n"]), largest),
        parts.number(row["n"], words),
    ]
    return parts.act("how", f"warn:{name}", KEY, shown, f"kind/{name}", title=words(f"warn.{name}.short"))
