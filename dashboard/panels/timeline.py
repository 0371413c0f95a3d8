"""Time under the map: the weeks as the track, the months as buttons, play, and the source line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes, pressed
from dashboard.parts import act, of_domain
from dashboard.words import Words
from layers.members import number
from layers.scene import BOARDS as ALL_BOARDS
from layers.scene import SPANS, Scene, World

KEY = "timeline"
ORDER = 5
SIDE = "map"
BOARDS = tuple(board for board in ALL_BOARDS if board != "transfers")  # which brings its own months
DEPENDS = ("place", "basis", "month", "span", "pick:domain")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the activities of each week, at the nearest level that has days, and for the map's source."""
    node = scene.place
    if scene.basis == "place":
        node = world.chain("place", scene.place)[:3][-1]
    return {"weeks": of_domain("activity_weeks", {"basis": scene.basis, "node": node}, scene)}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return play, the track of weeks, span and months, and the line of sources."""
    first, last = scene.months_back(world)
    return [
        html.Button(
            id="play",
            **attributes({"data-key": "play", "aria-label": words("frame.play"), "aria-pressed": "false"}),
        ),
        html.Div(
            _weeks(rows["weeks"], first, last), className="weeks", **attributes({"aria-hidden": "true"})
        ),
        html.Div([_span(span, scene, words) for span in SPANS], className="spans"),
        html.Div([_month(month, first, last, words, world) for month in world.months], className="months"),
        html.Div(source(words, world), className="source", **attributes({"data-key": "map/source"})),
    ]


def _weeks(rows: list[dict[str, Any]], first: str, last: str) -> list[html.I]:
    counts = [number(row["activities"]) or 0.0 for row in rows]
    top = max(counts, default=0.0) or 1.0
    return [
        html.I(
            style={"height": f"{max(2.0, 100 * count / top):.1f}%"},
            className="on" if first <= str(row["week"])[:7] <= last else "",
        )
        for row, count in zip(rows, counts, strict=True)
    ]


def source(words: Words, world: World) -> str:
    """Name the base map and its approval number; an empty number is said, not passed over."""
    about = world.settings.map
    source = about.source_en if words.lang == "en" else about.source
    number = about.approval_number
    approval = words("app.approval", number=number) if number else words("app.no_approval")
    return "　".join([words("app.source", source=source), approval, words("frame.boundaries")])


def _span(span: str, scene: Scene, words: Words) -> html.Button:
    return act("span", span, KEY, words(f"frame.span_{span}"), **pressed(span == scene.span))


def _month(month: str, first: str, last: str, words: Words, world: World) -> html.Button:
    new_year = month == world.months[0] or month.endswith("-01")
    text: list[Any] = [words.month_short(month)]
    if new_year:
        text.append(html.Small(month[:4]))
    named = attributes({"data-month": month, "aria-label": words.month(month)})
    return act("month", month, KEY, text, **pressed(first <= month <= last), **named)
