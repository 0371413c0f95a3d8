"""The 8+x matrix as a sheet: institution × month, or unit × institution for the month shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import duty_view, parts
from dashboard.attributes import pressed
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "duty_table"
ORDER = 66
SIDE = "sheet"
OPENS = ("open", "duties")
DEPENDS = ("open", "place", "basis", "month")
VIEWS = ("duties", "duties:units")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the table that is open."""
    if scene.open not in VIEWS:
        return {}
    return duty_view.ask_months(scene, world) if scene.open == "duties" else duty_view.ask_units(scene, world)


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the choice of view, the table and the legend; nothing while it is closed."""
    if scene.open not in VIEWS:
        return []
    views = [
        parts.act(
            "open",
            view,
            KEY,
            words(f"alert.view_{view.replace(':', '_')}"),
            f"view/{view}",
            **pressed(view == scene.open),
        )
        for view in VIEWS
        if view != scene.open
    ]
    here = html.Span(words(f"alert.view_{scene.open.replace(':', '_')}"), className="on")
    choice = html.Div([here, *views] if scene.open == VIEWS[0] else [*views, here], className="choices")
    found = rows.get("months") if scene.open == "duties" else rows.get("units")
    if not found:
        table: Any = html.Div(
            words("alert.no_units" if scene.open != "duties" else "alert.never"), className="nothing"
        )
    elif scene.open == "duties":
        table = duty_view.month_table(found, KEY, words)
    else:
        table = duty_view.unit_table(found, rows["names"], scene.month, KEY, words)
    body = [choice, html.Div(table, className="scroll", tabIndex="0"), duty_view.legend(words)]
    text = parts.notes(words("alert.duties"), words.month(scene.month))
    return [parts.sheet(text, "open", scene.open, body, words, "table/duties")]
