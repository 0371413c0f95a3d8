"""The ladder of a warning's life: how many stand on each step, since when, and how many are late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_ladder"
ORDER = 16
SIDE = "left"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the steps."""
    return {"steps": ("alert_ladder", {"basis": scene.basis, "node": scene.place})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return a row a step: name, bar, number, days since the oldest came there, and how many are late."""
    found = rows["steps"]
    head = parts.title(words("alert.ladder"), words("alert.ladder_note"))
    if not found:
        return [head, html.Div(words("alert.never"), className="nothing")]
    largest = max((parts.size(row["n"]) or 0 for row in found), default=0)
    lines = [_line(row, float(largest), words) for row in found]
    return [head, html.Div(lines, className="ladder-rows")]


def _line(row: Mapping[str, Any], largest: float, words: Words) -> html.Button:
    late = parts.as_figure(row["late"])
    said: Any = "" if not late.value and late.state == "exact" else [parts.number(late, words, look="late")]
    shown = [
        html.Span(words(f"alert.stage_{row['stage']}"), className="name"),
        parts.bar(parts.size(row["n"]), largest),
        parts.number(row["n"], words),
        parts.number(row["oldest_days"], words, look="past"),
        html.Span(said, className="late-cell"),
    ]
    return parts.act("how", f"stage:{row['stage']}", KEY, shown, f"stage/{row['stage']}")
