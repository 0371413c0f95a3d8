"""All results as a sheet: figures with periods, campaigns, weak organisations, stars; names for a leader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts, results_view
from dashboard.sessions import current_mode
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "results_sheet"
ORDER = 67
SIDE = "sheet"
OPENS = ("open", "results")
DEPENDS = ("open", "place", "basis")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask while the sheet is open; for the names of weak organisations only where they may be seen."""
    if scene.open != "results":
        return {}
    asked = results_view.ask(scene, world)
    if current_mode() != "visitor":
        asked["names"] = ("weak", {"basis": scene.basis, "node": scene.place})
    return asked


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet; nothing while it is closed."""
    if scene.open != "results":
        return []
    figures = [results_view.figure_line(row, KEY, words, period=True) for row in rows["figures"]]
    campaigns = parts.first(rows, "campaigns")
    left: list[Any] = [
        html.H3(words("alert.results")),
        html.Div(figures, className="result-rows with-period"),
    ]
    left += [html.H3(words("alert.campaigns"))] if campaigns else []
    left += (
        [
            html.Div(
                results_view.campaign_lines(campaigns, rows["figures"], KEY, words), className="campaign-rows"
            )
        ]
        if campaigns
        else []
    )
    right: list[Any] = [html.H3(words("alert.weak_title"))]
    right.append(html.Div(results_view.weak_line(rows["weak"], KEY, words), className="result-rows"))
    if rows.get("names"):
        right.append(_names(rows["names"], words))
    if rows["stars"]:
        right += [html.H3(words("alert.stars")), results_view.star_bars(rows["stars"], KEY, words)]
    body = html.Div([html.Div(left), html.Div(right)], className="halves scroll")
    return [parts.sheet(words("alert.results"), "open", "results", [body], words, "table/results")]


def _names(rows: Rows, words: Words) -> html.Table:
    lines = []
    for row in rows[:12]:
        until = words("alert.off", day=row["delisted_on"]) if row["delisted_on"] else str(row["stage"] or "")
        lines.append(
            html.Tr(
                [html.Td(str(row["name"])), html.Td(until), html.Td(words("alert.months", n=row["months"]))]
            )
        )
    return html.Table(html.Tbody(lines), className="weak-names")
