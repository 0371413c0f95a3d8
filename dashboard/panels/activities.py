"""Activities of organisation life: how many were held, who signed in, and how the months went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import NOT_APPLICABLE, Figure

KEY = "activities"
ORDER = 10
SIDE = "right"
BOARDS = ("activity",)
DEPENDS = ("place", "basis", "month", "span", "pick:domain")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the months of this place, or of its organisations of the chosen domain."""
    return {"series": parts.of_domain("series", {"basis": scene.basis, "node": scene.place}, scene)}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the activities held in the span, the sign-in rate, and a bar a month."""
    months = rows["series"]
    if not months:
        return parts.no_organisation(words("panel.activities"), words)
    start, end = scene.months_back(world)
    inside = [row for row in months if start <= row["month"] <= end]
    held = parts.total(row["activities"] for row in inside)
    span = words(f"panel.span_{scene.span}")
    bars = parts.columns(
        [parts.size(row["activities"]) for row in months],
        [start <= row["month"] <= end for row in months],
        label=words("panel.activities_by_month"),
    )
    return [
        parts.title(words("panel.activities"), parts.domain_note(scene, words, span), "activities", KEY),
        html.Div([_held(held, words), _signin(inside, words)], className="kpis"),
        parts.act("open", "activities", f"{KEY}-bars", bars, "chart/activities", className="chart"),
    ]


def signin_of(rows: Rows) -> Figure:
    """Return the published sign-in rate of some months: the gate's own, of sums for several or for a domain.

    It does not apply where nobody was due.
    """
    due = parts.total(row["due"] for row in rows)
    if due.value == 0:
        return NOT_APPLICABLE
    if len(rows) == 1 and "signin" in rows[0]:
        return parts.as_figure(rows[0]["signin"])
    rate = parts.share(parts.total(row["attended"] for row in rows), due)
    return rate if rate.state != "rounded" else Figure(round(rate.value or 0, 2), "rounded")


def _held(held: Figure, words: Words) -> html.Button:
    unit = parts.unit(held, words("panel.held"), words)
    return parts.act(
        "how", "activities", KEY, [parts.number(held, words), unit], "kpi/activities", className="kpi"
    )


def _signin(rows: Rows, words: Words) -> html.Button:
    rate = signin_of(rows)
    shown = [html.Small(words("panel.signin")), parts.number(rate, words, percent=True)]
    shown += [html.Small("%")] if rate.shown else []
    return parts.act("how", "signin", KEY, shown, "kpi/signin", className="side")
