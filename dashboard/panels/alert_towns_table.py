"""Counts beside counts per hundred organisations, place by place, as a sheet, ordered by the rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels import alert_towns
from dashboard.panels.children import place_name
from dashboard.severity import SEVERITIES, glyph
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_towns_table"
ORDER = 64
SIDE = "sheet"
OPENS = ("open", "per100")
DEPENDS = ("open", "place", "basis", "month")
COLUMNS = ("per_100", "n", "organisations", "alerting", "unseen")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the places while the table is open."""
    return alert_towns.ask(scene, world) if scene.open == "per100" else {}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the table; nothing while it is closed."""
    if scene.open != "per100":
        return []
    found = alert_towns.by_rate(rows["places"])
    heads = [html.Th(words("panel.name")), *(html.Th(words(f"alert.column_{c}")) for c in COLUMNS)]
    named = [(severity, words(f"map.severity_{severity}")) for severity in SEVERITIES]
    heads += [html.Th([glyph(severity), html.Span(name, className="unseen")]) for severity, name in named]
    body = [_line(row, words) for row in found]
    table = html.Div(
        html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)]), className="scroll", tabIndex="0"
    )
    inner: Any = table if body else html.Div(words("panel.no_children"), className="nothing")
    foot = html.Div(words("alert.towns_foot"), className="foot")
    text = parts.notes(words("alert.towns"), words.month(scene.month))
    return [parts.sheet(text, "open", "per100", [inner, foot], words, "table/per100")]


def _line(row: Mapping[str, Any], words: Words) -> html.Tr:
    node = str(row["node_id"])
    name = parts.act("drill", node, KEY, place_name(row, words), f"table/{node}")
    rate = parts.act(
        "how",
        f"warn:per_100@{node}",
        KEY,
        parts.number(row["per_100"], words, decimals=1),
        f"table/per_100/{node}",
    )
    names = [*COLUMNS[1:], *(f"s{severity}" for severity in SEVERITIES)]
    return html.Tr([html.Td(name), html.Td(rate), *(html.Td(parts.number(row[c], words)) for c in names)])
