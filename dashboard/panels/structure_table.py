"""Every domain of the organisations with its members: the sheet behind the structure panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels.structure import ordered
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "structure_table"
ORDER = 51
SIDE = "sheet"
OPENS = ("open", "structure")
DEPENDS = ("open", "place", "basis", "month", "picks")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the organisations by domain while the sheet is open."""
    if scene.open != "structure":
        return {}
    params = {"basis": scene.basis, "node": scene.place, "month": scene.month}
    return {"mix": ("organisation_mix", params)}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return one line a domain: organisations and members; a tap on the name filters the wall."""
    if scene.open != "structure":
        return []
    found = ordered(rows["mix"])
    largest = max((row["organisations"] for row in found), default=0)
    head = html.Tr(
        [html.Th(words(f"panel.{name}")) for name in ("domain", "share", "organisations_n", "members_n")]
    )
    body = [_line(row, largest, scene, words) for row in found]
    note = parts.rounding_note([row["members"] for row in found], words)
    how = parts.act("how", "domains", KEY, words("panel.how"), "how/domains", className="link")
    inner = [
        html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="scroll", tabIndex="0"),
        html.Div([how, html.Span(note)], className="foot"),
    ]
    text = parts.notes(words("panel.structure"), words.month(scene.month))
    return [parts.sheet(text, "open", "structure", inner, words, "table/structure")]


def _line(row: Mapping[str, Any], largest: int, scene: Scene, words: Words) -> html.Tr:
    domain = str(row["domain"])
    on = scene.picked("domain") == domain
    name = parts.act("pick", f"domain:{domain}", KEY, words.one_of("domains", domain))
    return html.Tr(
        [
            html.Td(name),
            html.Td(parts.bar(row["organisations"], largest, "top" if on else "")),
            html.Td(parts.number(row["organisations"], words)),
            html.Td(parts.number(row["members"], words)),
        ],
        className="on" if on else "",
    )
