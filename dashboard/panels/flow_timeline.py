"""Time under the flows: what came in each month above one line, what went below it; the window; play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.attributes import attributes, pressed
from dashboard.panels.timeline import source
from dashboard.words import Words
from layers.scene import SPANS, Scene, World
from layers.transfers import subject

KEY = "flow_timeline"
ORDER = 6
SIDE = "map"
BOARDS = ("transfers",)
DEPENDS = ("place", "basis", "month", "span", "focus")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask what moved in and out of the centre in each month."""
    return {"months": ("flow_months", {"basis": scene.basis, "node": subject(scene)})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return play, spans, a column a month with its button, and the line of sources."""
    first, last = scene.months_back(world)
    by_month = {str(row["month"]): row for row in rows["months"]}
    sizes = [parts.size(row[name]) or 0 for row in rows["months"] for name in ("moved_in", "moved_out")]
    top = max(sizes, default=0) or 1
    play = {"data-key": "flow/play", "aria-label": words("frame.play"), "aria-pressed": "false"}
    spans = [
        parts.act(
            "span", span, KEY, words(f"frame.span_{span}"), f"flow/span/{span}", **pressed(span == scene.span)
        )
        for span in SPANS
    ]
    shown = world.months[-24:]
    months = [
        _month(month, by_month.get(month, {}), float(top), (first, last), shown, words) for month in shown
    ]
    grips = {"aria-label": words("flow.window"), "data-key": "flow/window"}
    return [
        html.Button(className="play-button", **attributes(play)),
        html.Div(spans, className="spans"),
        html.Div(months, className="flow-months", role="group", **attributes(grips)),
        html.Div(source(words, world), className="source", **attributes({"data-key": "map/source"})),
    ]


def _month(
    month: str,
    row: Mapping[str, Any],
    top: float,
    window: tuple[str, str],
    shown: tuple[str, ...],
    words: Words,
) -> html.Button:
    """Return one month: its two bars on one scale, its name, and the grips at the ends of the window."""
    on = window[0] <= month <= window[1]
    bars = [
        html.Span(_bar(row.get(name), top), className=f"half {look}")
        for name, look in (("moved_in", "in"), ("moved_out", "out"))
    ]
    year = [html.Small(month[:4])] if month == shown[0] or month.endswith("-01") else []
    grips = [
        html.I(className=f"grip {side}")
        for side, end in zip(("first", "last"), window, strict=True)
        if month == end
    ]
    came, went = (words.figure(parts.as_figure(row.get(name))) for name in ("moved_in", "moved_out"))
    said = words("flow.month_said", month=words.month(month), came=came, went=went)
    named = attributes({"data-month": month, "aria-label": said})
    label = html.Span(words.month_short(month), className="label")
    return parts.act(
        "month", month, KEY, [*bars, label, *year, *grips], f"flow/month/{month}", **pressed(on), **named
    )


def _bar(value: Any, top: float) -> html.I:
    figure = parts.as_figure(value)
    size = parts.size(value)
    if size is None:
        return html.I(className="none" if figure.state == "hidden" else "")
    return html.I(style={"height": f"{100 * size / top:.1f}%"})
