"""Overdue transfers by the unit that holds the step, as a sheet; a visitor sees no unit named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.flow_words import Names
from dashboard.words import Words
from layers.members import number
from layers.scene import Scene, World
from layers.transfers import ask_names, subject

KEY = "flow_overdue"
ORDER = 61
SIDE = "sheet"
OPENS = ("open", "overdue")
DEPENDS = ("open", "place", "basis", "month", "focus")
MOST = 12
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask who holds the open steps below the centre while the sheet is open."""
    if scene.open != "overdue":
        return {}
    below = {"basis": scene.basis, "node": subject(scene)}
    return {
        **ask_names(scene),
        "below": ("children", below),
        "units": ("flow_overdue", {**below, "month": scene.month}),
    }


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the units with open and overdue steps, the longest wait first; nothing while closed."""
    if scene.open != "overdue":
        return []
    names = Names({**rows, "names": [*rows.get("names", []), *rows.get("below", [])]}, words)
    found = [row for row in rows["units"] if _is_late(row)]
    found.sort(
        key=lambda row: (-(number(row["overdue"]) or 0), -(number(row["longest"]) or 0), str(row["node_id"]))
    )
    body: Any = html.Div(words("flow.no_overdue"), className="nothing")
    if found:
        head = html.Tr([html.Th(words(f"flow.unit_{name}")) for name in ("name", "n", "overdue", "longest")])
        lines = [_line(row, names, words) for row in found[:MOST]]
        body = html.Div(html.Table([html.Thead(head), html.Tbody(lines)]), className="scroll", tabIndex="0")
    foot = html.Div(html.Span(words("flow.overdue_note")), className="foot")
    text = parts.notes(words("flow.overdue_units"), words.month(scene.month))
    return [parts.sheet(text, "open", "overdue", [body, foot], words, "table/overdue")]


def _is_late(row: Mapping[str, Any]) -> bool:
    late = parts.as_figure(row["overdue"])
    return bool(late.value) or late.state in ("hidden", "band")


def _line(row: Mapping[str, Any], names: Names, words: Words) -> html.Tr:
    node = str(row["node_id"])
    name = names(node) if node in names.known else words("flow.unnamed")
    return html.Tr(
        [html.Td(name), *(html.Td(parts.number(row[c], words)) for c in ("n", "overdue", "longest"))]
    )
