"""The search sheet: an organisation, community or building by characters, pinyin or initials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from dashboard.attributes import attributes
from dashboard.panels.layers_sheet import sheet_title
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "search"
ORDER = 7
SIDE = "sheet"
OPENS = ("open", "search")
DEPENDS = ("open",)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask nothing: the box asks the search route while one types."""
    return {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the box while it is open; assets/search.js fills the results."""
    if scene.open != "search":
        return []
    box = dcc.Input(
        id="search-box",
        type="search",
        placeholder=words("frame.search_hint"),
        autoComplete="off",
        autoFocus=True,
    )
    results = html.Div(
        id="search-results", **attributes({"data-none": words("frame.search_none"), "aria-live": "polite"})
    )
    return [
        html.Div(
            [sheet_title(words("frame.search"), "open", "search", words), box, results],
            className="sheet",
            role="dialog",
            **attributes({"data-key": "search", "aria-label": words("frame.search")}),
        )
    ]
