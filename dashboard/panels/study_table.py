"""Study in full: a chart of months against the monthly share of the rule, and hours by kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from dashboard import figures, parts
from dashboard.panels.study import HOURS_YEAR
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "study_table"
ORDER = 54
SIDE = "sheet"
OPENS = ("open", "study")
DEPENDS = ("open", "place", "basis", "month", "span")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the months and the kinds of study of the span while the sheet is open."""
    if scene.open != "study":
        return {}
    node = {"basis": scene.basis, "node": scene.place}
    start, end = scene.months_back(world)
    return {
        "series": ("series", node),
        "mix": ("study_mix", {**node, "from_month": start, "to_month": end}),
    }


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the chart and the table side by side."""
    if scene.open != "study":
        return []
    body = [html.Div([_chart(rows["series"], words), _kinds(rows["mix"], words)], className="halves")]
    text = parts.notes(words("panel.study"), words(f"panel.span_{scene.span}"), words.month(scene.month))
    return [parts.sheet(text, "open", "study", body, words, "table/study")]


def _chart(months: Rows, words: Words) -> html.Div:
    names = [words.month_short(row["month"]) for row in months]
    hours = [parts.share(row["study_hours"], row["study_members"]).value for row in months]
    drawn = figures.bars_and_line(names, hours, HOURS_YEAR / 12, words("panel.hours_each"))
    graph = dcc.Graph(figure=drawn, config=figures.CONFIG, className="graph", id="study-graph")
    return figures.spoken(graph, words("panel.hours_each"), names, hours, words)


def _kinds(rows: Rows, words: Words) -> html.Table:
    head = html.Tr([html.Th(words(f"panel.{name}")) for name in ("study_kind", "hours_n", "records_n")])
    body = [
        html.Tr(
            [
                html.Td(words.one_of("study_kinds", row["kind"])),
                html.Td(parts.number(row["hours"], words)),
                html.Td(parts.number(row["records"], words)),
            ],
            **parts.marked(f"study/{row['kind']}"),
        )
        for row in rows
    ]
    return html.Table([html.Thead(head), html.Tbody(body)])
