"""Study on record: the average hours of the last twelve months against the hours of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "study"
ORDER = 30
SIDE = "right"
BOARDS = ("activity",)
DEPENDS = ("place", "basis", "month", "span", "pick:domain")
HOURS_YEAR = 32
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the months of this place, or of its organisations of the chosen domain."""
    return {"series": parts.of_domain("series", {"basis": scene.basis, "node": scene.place}, scene)}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the hours per member of up to twelve months, the share that keeps up, and a bar a month."""
    months = rows["series"]
    if not months:
        return parts.no_organisation(words("panel.study"), words)
    start, end = scene.months_back(world)
    year = [row for row in months if row["month"] <= scene.month][-12:]
    due = HOURS_YEAR * len(year) / 12
    averages = [parts.share(row["study_hours"], row["study_members"]) for row in months]
    return [
        parts.title(
            words("panel.study"),
            _note(len(year), scene, words),
            "study",
            KEY,
        ),
        html.Div([_average(year, due, words), _met(year, words)], className="kpis"),
        parts.columns(
            [figure.value for figure in averages],
            [start <= row["month"] <= end for row in months],
            line=HOURS_YEAR / 12,
            label=words("panel.study_by_month"),
        ),
    ]


def _note(months: int, scene: Scene, words: Words) -> str:
    """Return the months counted; a filter in force takes their place, for want of room."""
    count = words.one_of("numerals", months)
    return parts.domain_note(
        scene, words, "" if scene.picked("domain") else words("panel.last_months", count=count)
    )


def average_of(year: Rows) -> Figure:
    """Return the hours per member: the hours of these months over the members of the last of them."""
    if not year:
        return parts.as_figure(None)
    return parts.share(parts.total(row["study_hours"] for row in year), year[-1]["study_members"])


def met_of(month: Mapping[str, Any]) -> Figure:
    """Return the share that keeps up: the gate's own, or of one domain that of the published counts."""
    if "study" in month:
        return parts.as_figure(month["study"])
    return parts.share(month["study_met"], month["study_members"])


def _average(year: Rows, due: float, words: Words) -> html.Button:
    average = average_of(year)
    text = words("panel.hours_of", due=words.number(due, 0 if due == round(due) else 1))
    shown = [parts.number(average, words, decimals=1), parts.unit(average, text, words)]
    return parts.act("how", "study", KEY, shown, "kpi/study", className="kpi")


def _met(year: Rows, words: Words) -> html.Button:
    rate = met_of(year[-1]) if year else parts.as_figure(None)
    shown = [html.Small(words("panel.study_met")), parts.number(rate, words, percent=True)]
    shown += [html.Small("%")] if rate.shown else []
    return parts.act("how", "study_met", KEY, shown, "kpi/study_met", className="side")
