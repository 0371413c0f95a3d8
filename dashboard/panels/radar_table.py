"""The radar as a table: value, change, numerator and denominator of every axis, and what peers reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts, radar_view
from dashboard.radar_drawing import Axis, axes_of, value_words
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import NO_DATA

KEY = "radar_table"
ORDER = 62
SIDE = "sheet"
OPENS = ("open", "radar")
DEPENDS = ("open", *radar_view.DEPENDS)
COLUMNS = ("value", "change", "num", "den")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the radar while the table is open."""
    return radar_view.ask(scene, world) if scene.open == "radar" else {}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the table; nothing while it is closed."""
    if scene.open != "radar":
        return []
    found = rows["axes"]
    section = "basic" if radar_view.is_basic(scene) else "radar"
    possible, _ = radar_view.shown_peers(rows, scene)
    heads = [words("radar.axis"), *(words(f"radar.column_{c}") for c in COLUMNS)]
    heads += [words(f"radar.peer_{peer}") for peer in possible]
    axes = axes_of(found, rows["peers"])
    body = [_line(axis, row, section, possible, words) for axis, row in zip(axes, found, strict=True)]
    table = html.Table([html.Thead(html.Tr([html.Th(text) for text in heads])), html.Tbody(body)])
    inner: Any = (
        html.Div(table, className="scroll", tabIndex="0")
        if found
        else html.Div(words("radar.none"), className="nothing")
    )
    quarter = radar_view.quarter_words(str(found[0]["quarter"]), words) if found else ""
    name = words.name(parts.first(rows, "node"))
    foot = html.Div(words("radar.table_note"), className="foot")
    text = parts.notes(words("radar.title"), name, quarter)
    return [parts.sheet(text, "open", "radar", [inner, foot], words, "table/radar")]


def _line(axis: Axis, row: Mapping[str, Any], section: str, peers: list[str], words: Words) -> html.Tr:
    name = parts.act(
        "how", f"{section}:{axis.key}", KEY, words(f"{section}.{axis.key}"), f"table/{section}/{axis.key}"
    )
    figure = parts.number(axis.value, words, decimals=_decimals(axis.value))
    shown: Any = (
        figure
        if axis.gap != "no_transfers"
        else html.Span(value_words(axis, words), className="num is-no_data")
    )
    cells = [shown, change(axis, words), parts.number(row["num"], words), parts.number(row["den"], words)]
    cells += [parts.number(axis.peers.get(peer, NO_DATA), words) for peer in peers]
    return html.Tr([html.Td(name), *(html.Td(cell) for cell in cells)])


def _decimals(figure: Any) -> int:
    return 1 if figure.state == "exact" else 0


def change(axis: Axis, words: Words) -> html.Span:
    """Return the change in points with its sign and mark; 不可比 where one of the two is missing."""
    if axis.direction == "not_comparable" or axis.delta.value is None:
        text = words("radar.not_comparable") if axis.delta.state != "hidden" else words.figure(axis.delta)
        return html.Span(text, className="num is-no_data")
    sign = {"better": "▲", "worse": "▼"}.get(axis.direction, "●")
    number = radar_view.signed(axis.delta.value, words) if axis.delta.value else "0"
    return html.Span(f"{sign} {number}", className=f"num way-{axis.direction}")
