"""The whole table of the places one level down: every measure, sorted by the column that was tapped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dash import html

from dashboard import parts
from dashboard.panels.children import RATES, place_name, ranked
from dashboard.tables import as_csv
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "children_table"
ORDER = 50
SIDE = "sheet"
OPENS = ("open", "children")
DEPENDS = ("open", "place", "basis", "month")
COLUMNS = ("members", "organisations", "branches", "activities", "signin", "dues", "study")
VIEWS = ("children", *(f"children:{sign}{column}" for column in COLUMNS for sign in ("", "-")))
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures one level down while the table is open."""
    if not _is_open(scene):
        return {}
    return {
        "children": ("children_figures", {"basis": scene.basis, "node": scene.place, "month": scene.month})
    }


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the table with the link to its CSV; nothing while it is closed."""
    if not _is_open(scene):
        return []
    column, backward = _order(scene)
    found = ranked(rows["children"], column)
    found = found[::-1] if backward else found
    level = str(found[0]["level"]) if found else ""
    name = words(f"panel.children_{level}") if level else words("panel.children")
    head = html.Tr([html.Th(words("panel.name"))] + [_heading(c, column, backward, words) for c in COLUMNS])
    body = [_line(row, words) for row in found]
    table = html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="scroll", tabIndex="0")
    foot = html.Div([_csv(found, scene, words), html.Span(_notes(found, words))], className="foot")
    text = parts.notes(name, words.month(scene.month))
    return [parts.sheet(text, "open", scene.open, [table, foot], words, "table/children")]


def _is_open(scene: Scene) -> bool:
    return scene.open.partition(":")[0] == "children"


def _order(scene: Scene) -> tuple[str, bool]:
    """Return the column to sort by and whether the smallest comes first, from 'children:-signin'."""
    wanted = scene.open.partition(":")[2]
    column = wanted.removeprefix("-")
    return (column, wanted.startswith("-")) if column in COLUMNS else ("members", False)


def _heading(column: str, sorted_by: str, backward: bool, words: Words) -> html.Th:
    on = column == sorted_by
    sign = ("▲" if backward else "▼") if on else ""
    wanted = f"children:-{column}" if on and not backward else f"children:{column}"
    button = parts.act("open", wanted, KEY, [words(f"panel.column_{column}"), html.I(sign)], f"sort/{column}")
    order = ("ascending" if backward else "descending") if on else "none"
    return html.Th(button, className="on" if on else "", **parts.marked(f"column/{column}", aria_sort=order))


def _line(row: Mapping[str, Any], words: Words) -> html.Tr:
    name = parts.act("drill", str(row["node_id"]), KEY, place_name(row, words), f"table/{row['node_id']}")
    cells = [html.Td(parts.number(row.get(c), words, percent=c in RATES)) for c in COLUMNS]
    return html.Tr([html.Td(name), *cells])


def _csv(rows: Rows, scene: Scene, words: Words) -> html.A:
    """Return the table as a file that the page itself carries, exactly what is shown."""
    kept = [{name: row.get(name) for name in ("node_id", "name", "name_en", *COLUMNS)} for row in rows]
    place = scene.place.replace("/", "-")
    return html.A(
        words("panel.csv"),
        href="data:text/csv;charset=utf-8," + quote("\ufeff" + as_csv(kept)),
        download=f"{place}-{scene.month}.csv",
        className="link",
        **parts.marked("csv/children"),
    )


def _notes(rows: Rows, words: Words) -> str:
    figures = [row.get(column) for row in rows for column in COLUMNS]
    hidden = any(parts.as_figure(figure).state == "hidden" for figure in figures)
    return parts.notes(parts.rounding_note(figures, words), words("panel.star") if hidden else "")
