"""Every indicator that is evaluated: open, organisations concerned, opened and settled in twelve months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels import alert_kinds
from dashboard.severity import glyph
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_kinds_table"
ORDER = 63
SIDE = "sheet"
OPENS = ("open", "indicators")
DEPENDS = ("open", "place", "basis")
COLUMNS = ("n", "alerting", "opened", "cleared")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the indicators while the table is open."""
    return alert_kinds.ask(scene, world) if scene.open == "indicators" else {}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the table; nothing while it is closed."""
    if scene.open != "indicators":
        return []
    heads = [words("alert.indicator"), *(words(f"alert.column_{name}") for name in COLUMNS)]
    body = [_line(row, words) for row in rows["kinds"]]
    table = html.Table([html.Thead(html.Tr([html.Th(text) for text in heads])), html.Tbody(body)])
    inner: Any = (
        html.Div(table, className="scroll", tabIndex="0")
        if body
        else html.Div(words("alert.never"), className="nothing")
    )
    foot = html.Div(words("alert.kinds_note"), className="foot")
    return [parts.sheet(words("alert.kinds"), "open", "indicators", [inner, foot], words, "table/indicators")]


def _line(row: Mapping[str, Any], words: Words) -> html.Tr:
    name = str(row["indicator"])
    shown = [glyph(int(parts.size(row["worst"]) or 0)), html.Span(f"{name}　{words(f'warn.{name}.short')}")]
    button = parts.act("how", f"warn:{name}", KEY, shown, f"table/kind/{name}", className="named")
    return html.Tr([html.Td(button), *(html.Td(parts.number(row[c], words)) for c in COLUMNS)])
