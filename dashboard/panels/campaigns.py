"""The campaigns, weak organisations and stars on walls with room for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts, results_view
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "campaigns"
ORDER = 13
SIDE = "wide"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for campaigns, weak organisations and stars."""
    asked = results_view.ask(scene, world)
    return {name: asked[name] for name in ("campaigns", "weak", "stars", "figures")}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return three blocks."""
    campaigns = parts.first(rows, "campaigns")
    year = words("panel.year", year=rows["stars"][0]["year"]) if rows["stars"] else ""
    made: list[Any] = [parts.title(words("alert.campaigns"))]
    if campaigns:
        made.append(
            html.Div(
                results_view.campaign_lines(campaigns, rows["figures"], KEY, words), className="campaign-rows"
            )
        )
    else:
        made.append(html.Div(words("panel.no_organisations"), className="nothing"))
    made += [parts.title(words("alert.weak_title"), words("alert.decided"), "results", KEY)]
    made.append(html.Div(results_view.weak_line(rows["weak"], KEY, words), className="result-rows"))
    if rows["stars"]:
        made += [parts.title(words("alert.stars"), year), results_view.star_bars(rows["stars"], KEY, words)]
    return made
