"""All neighbours with all eight axes, in their own order; a tap on an axis sorts by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts, rank_view
from dashboard.panels.children import place_name
from dashboard.radar_view import quarter_words, subject
from dashboard.words import Words
from layers.scene import Scene, World
from stores.radar_views import AXES

KEY = "rank_table"
ORDER = 63
SIDE = "sheet"
OPENS = ("open", "rank")
VIEWS = ("rank", *(f"rank:{sign}{axis}" for axis in AXES for sign in ("", "-")))
DEPENDS = ("open", *rank_view.DEPENDS)
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the neighbours while the table is open."""
    return rank_view.ask(scene, world) if _is_open(scene, world) else {}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the table, the place above first; nothing while it is closed."""
    if not _is_open(scene, world):
        return []
    found = rows["axes"]
    by_node: dict[str, dict[str, Any]] = {}
    for row in found:
        by_node.setdefault(str(row["node_id"]), {"row": row})[str(row["axis"])] = row["value"]
    places = list(by_node.values())
    axis, backward = _order(scene)
    beside = sorted(places[1:], key=lambda one: _key(one[axis], backward)) if axis else places[1:]
    node = subject(scene, world)[1]
    head = html.Tr([html.Th(words("panel.name")), *(_heading(one, axis, backward, words) for one in AXES)])
    body = [_place(one, node, words) for one in [*places[:1], *beside]]
    table = html.Div(html.Table([html.Thead(head), html.Tbody(body)]), className="scroll", tabIndex="0")
    quarter = quarter_words(str(found[0]["quarter"]), words) if found else ""
    inner: Any = table if found else html.Div(words("radar.none"), className="nothing")
    hidden = any(parts.as_figure(row["value"]).state == "hidden" for row in found)
    told = parts.notes(words("radar.table_note"), words("panel.star") if hidden else "")
    foot = html.Div(told, className="foot")
    text = parts.notes(rank_view.title(found, words), quarter)
    return [parts.sheet(text, "open", scene.open, [inner, foot], words, "table/rank")]


def _is_open(scene: Scene, world: World) -> bool:
    return scene.open.partition(":")[0] == "rank" and rank_view.possible(scene, world)


def _order(scene: Scene) -> tuple[str, bool]:
    """Return the axis to sort by, '' for none, and whether the smallest comes first."""
    wanted = scene.open.partition(":")[2]
    axis = wanted.removeprefix("-")
    return (axis, wanted.startswith("-")) if axis in AXES else ("", False)


def _key(value: Any, backward: bool) -> tuple[bool, float]:
    """Sort by value; what has none stands last both ways."""
    number = parts.as_figure(value).value
    return number is None, (1 if backward else -1) * (number or 0)


def _heading(axis: str, sorted_by: str, backward: bool, words: Words) -> html.Th:
    on = axis == sorted_by
    sign = ("▲" if backward else "▼") if on else ""
    wanted = f"rank:-{axis}" if on and not backward else f"rank:{axis}"
    button = parts.act("open", wanted, KEY, [words(f"radar.{axis}"), html.I(sign)], f"sort/{axis}")
    order = ("ascending" if backward else "descending") if on else "none"
    return html.Th(button, className="on" if on else "", **parts.marked(f"column/{axis}", aria_sort=order))


def _place(one: Mapping[str, Any], node: str, words: Words) -> html.Tr:
    row = one["row"]
    key = str(row["node_id"])
    name = parts.act("drill", key, KEY, place_name(row, words), f"table/rank/{key}")
    cells = [html.Td(parts.number(one[axis], words)) for axis in AXES]
    return html.Tr([html.Td(name), *cells], className="on" if key == node else "")
