"""Activities in full: a chart of months with the sign-in rate, and every institution of the span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from dashboard import figures, parts
from dashboard.panels.institutions import by_institution
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "activity_table"
ORDER = 53
SIDE = "sheet"
OPENS = ("open", "activities")
DEPENDS = ("open", "place", "basis", "month", "span")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the months, and for the institutions of each month of the span, while the sheet is open."""
    if scene.open != "activities":
        return {}
    node = {"basis": scene.basis, "node": scene.place}
    start, end = scene.months_back(world)
    months = [month for month in world.months if start <= month <= end]
    asked: dict[str, tuple[str, dict[str, Any]]] = {"series": ("series", node)}
    return asked | {month: ("institutions", {**node, "month": month}) for month in months}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the chart and the table side by side."""
    if scene.open != "activities":
        return []
    institutions = [row for name, found in rows.items() if name != "series" for row in found]
    body = [html.Div([_chart(rows["series"], words), _institutions(institutions, words)], className="halves")]
    text = parts.notes(words("panel.activities"), words(f"panel.span_{scene.span}"), words.month(scene.month))
    return [parts.sheet(text, "open", "activities", body, words, "table/activities")]


def _chart(months: Rows, words: Words) -> html.Div:
    names = [words.month_short(row["month"]) for row in months]
    held = [parts.size(row["activities"]) for row in months]
    rates = [parts.as_figure(row.get("signin")).value for row in months]
    drawn = figures.bars_and_rate(names, held, rates, (words("panel.activities"), words("panel.signin")))
    graph = dcc.Graph(figure=drawn, config=figures.CONFIG, className="graph", id="activity-graph")
    return figures.spoken(graph, words("panel.activities"), names, held, words)


def _institutions(rows: Rows, words: Words) -> html.Table:
    """Return held meetings and sign-in rates by institution, the most frequent first."""
    lines = by_institution(rows)
    head = html.Tr([html.Th(words(f"panel.{name}")) for name in ("institution", "held_n", "signin_n")])
    return html.Table(
        [html.Thead(head), html.Tbody([_line(name, held, rate, words) for name, held, rate in lines])]
    )


def _line(name: str, held: int, rate: Figure, words: Words) -> html.Tr:
    return html.Tr(
        [
            html.Td(words.one_of("institutions", name)),
            html.Td(parts.number(held, words)),
            html.Td(parts.number(rate, words, percent=True)),
        ],
        **parts.marked(f"institution/{name}"),
    )
