"""What warning and urging achieved, with its period, in four lines; the title opens campaigns and stars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts, results_view
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "results"
ORDER = 36
SIDE = "left"
BOARDS = ("warnings",)
DEPENDS: tuple[str, ...] = ()


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures; they are of the whole district."""
    return {"figures": ("article_figures", {})}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return a line a figure."""
    head = parts.title(words("alert.results"), words("alert.whole_district"), "results", KEY)
    lines = [results_view.figure_line(row, KEY, words, period=False) for row in rows["figures"]]
    return [head, html.Div(lines, className="result-rows")]
