"""The matrix of places: from in rows, to in columns, totals in the margins, hidden cells a star."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.attributes import attributes
from dashboard.flow_words import Names
from dashboard.words import Words
from stores.figure import Figure

TOTAL = "total"
STEPS = 6
COLUMN, MARGINS = 3.65, 12.0
"""The least width of a column, and of the names and totals together, rem."""
Rows = list[dict[str, Any]]
Cells = dict[tuple[str, str], Figure]


def cells_of(rows: Rows, names: Names) -> Cells:
    """Return the published cells by (from, to), ends gathered as they are drawn; sums of gathered cells."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        ends = tuple(
            node if node == TOTAL else names.gather(node)
            for node in (str(row["from_node"]), str(row["to_node"]))
        )
        groups.setdefault((ends[0], ends[1]), []).append(row["n"])
    return {ends: parts.total(values) for ends, values in groups.items()}


def order_of(cells: Cells) -> list[str]:
    """Return the places, the busiest first, those outside and the merged ones last."""
    size: dict[str, float] = {}
    for (start, end), n in cells.items():
        for node in {start, end} - {TOTAL}:
            size[node] = size.get(node, 0.0) + (parts.size(n) or 0)

    def rank(node: str) -> tuple[int, float, str]:
        return (2 if node == "other" else 1 if node.startswith("ext:") else 0, -size[node], node)

    return sorted(size, key=rank)


def table(rows: Rows, names: Names, words: Words, at: str, most: int) -> list[Any]:
    """Return the table of at most `most` places; the rest is one more row and column."""
    cells = cells_of(rows, names)
    places = order_of(cells)
    if not places:
        return [html.Div(words("flow.none"), className="nothing")]
    shown = places[:most]
    largest = (
        max((parts.size(cells.get((a, b))) or 0 for a in shown for b in shown if a != b), default=0) or 1
    )
    head = html.Tr(
        [html.Th(words("flow.from_to"))]
        + [html.Th(html.Span(names.shortest(node))) for node in shown]
        + [html.Th(words("flow.sum_out"), className="margin")]
    )
    body = [_row(node, shown, cells, float(largest), names, words, at) for node in shown]
    foot = html.Tr(
        [html.Th(words("flow.sum_in"), className="margin")]
        + [
            html.Td(_margin(cells, (TOTAL, node), words), className="margin", **parts.explained(how_of(node)))
            for node in shown
        ]
        + [html.Td(_margin(cells, (TOTAL, TOTAL), words), className="margin", **parts.explained("flow_net"))]
    )
    made: list[Any] = [
        html.Table(
            [html.Thead(head), html.Tbody([*body, foot])],
            className="flow-matrix",
            style={"minWidth": f"{MARGINS + COLUMN * len(shown):.1f}rem"},
        )
    ]
    if len(places) > len(shown):
        made.append(html.Div(words("flow.more_places", n=len(places) - len(shown)), className="quiet"))
    return made


def _row(
    start: str, shown: list[str], cells: Cells, largest: float, names: Names, words: Words, at: str
) -> html.Tr:
    name = names.shortest(start)
    head: Any = name
    if start not in ("other", names.here):
        head = parts.act("trace", start, at, name, f"{at}/{start}")
    return html.Tr(
        [html.Th(head, scope="row")]
        + [_cell(cells.get((start, end)), (start, end), largest, words) for end in shown]
        + [
            html.Td(
                _margin(cells, (start, TOTAL), words), className="margin", **parts.explained(how_of(start))
            )
        ]
    )


def _cell(value: Figure | None, ends: tuple[str, str], largest: float, words: Words) -> html.Td:
    """Return one cell, tinted by its size; what stays within a place is quiet, nought is silent."""
    start, same = ends[0], ends[0] == ends[1]
    if value is None or (value.shown and not value.value):
        return html.Td("", className="same" if same else "")
    size = parts.size(value) or 0
    step = 0 if same or not size else min(STEPS, 1 + int((STEPS - 1) * (size / largest) ** 0.5))
    look = f"heat-{step} is-{value.state}" + (" same" if same else "")
    return html.Td(
        words.figure(value),
        className=look,
        **parts.explained(how_of(start)),
        **attributes({"data-from": ends[0], "data-to": ends[1]}),
    )


def how_of(node: str) -> str:
    """Return what a tap on a number of a place asks: its own flows, or how net flows are counted."""
    return "flow_net" if node in (TOTAL, "other") else f"flow:{node}"


def _margin(cells: Mapping[tuple[str, str], Figure], ends: tuple[str, str], words: Words) -> str:
    return words.figure(cells[ends]) if ends in cells else ""
