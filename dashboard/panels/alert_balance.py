"""Warnings opened against warnings settled, month by month over a year, and what is open now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.drawing import Mark, canvas, mark
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_balance"
ORDER = 15
SIDE = "right"
BOARDS = ("overview", "warnings")
DEPENDS = ("place", "basis")
WIDE, HIGH, GAP = 390.0, 96.0, 10.0
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the last twelve months up to the day of the data, and for what is open on it."""
    here = {"basis": scene.basis, "node": scene.place}
    return {"months": ("alert_months", here), "now": ("alert_total", {**here, "month": None})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return settled and open as numbers, the bars, and the year's sums."""
    months = rows["months"]
    head = parts.title(words("alert.balance"), words("alert.twelve"), "indicators", KEY)
    if not months:
        return [head, html.Div(words("alert.never"), className="nothing")]
    opened = parts.total(row["opened"] for row in months)
    cleared = parts.total(row["cleared"] for row in months)
    now = parts.first(rows, "now").get("n")
    big = [parts.number(cleared, words), parts.unit(cleared, words("alert.cleared_n"), words)]
    side = [html.Small(words("alert.open")), parts.number(now, words)]
    return [
        head,
        html.Div(
            [
                parts.act("how", "warn:cleared", KEY, big, "kpi/cleared", className="kpi"),
                parts.act("how", "warn:now", KEY, side, "kpi/open", className="side"),
            ],
            className="kpis",
        ),
        bars(months, words),
        html.Div(
            [
                _sum("opened", opened, "▲", words),
                _sum("cleared", cleared, "▼", words),
            ],
            className="beneath",
        ),
    ]


def _sum(name: str, value: parts.Published, sign: str, words: Words) -> html.Button:
    shown = [
        html.Span(sign, className=f"sign {name}"),
        html.Small(words(f"alert.{name}")),
        parts.number(value, words),
    ]
    return parts.act("how", f"warn:{name}", f"{KEY}-sum", shown, f"sum/{name}")


def bars(months: Rows, words: Words) -> Mark:
    """Draw a bar up for what was opened, one down for what was settled, to one scale."""
    ups = [parts.size(row["opened"]) for row in months]
    downs = [parts.size(row["cleared"]) for row in months]
    most_up = max((value or 0 for value in ups), default=0)
    most_down = max((value or 0 for value in downs), default=0)
    scale = (HIGH - 4) / max(1.0, most_up + most_down)
    middle = most_up * scale + 1
    step = (WIDE + GAP) / max(1, len(months))
    made = []
    for i, (up, down) in enumerate(zip(ups, downs, strict=True)):
        x, last = i * step, i == len(months) - 1
        look = " now" if last else ""
        if up is None or down is None:
            made.append(mark("rect", x=x, y=middle - 12, width=step - GAP, height=24, class_="hidden"))
            continue
        high = max(2.0, up * scale)
        made.append(mark("rect", x=x, y=middle - high, width=step - GAP, height=high, class_=f"opened{look}"))
        made.append(mark("rect", x=x, y=middle - high, width=step - GAP, height=min(5.0, high), class_="cap"))
        low = max(2.0, down * scale)
        made.append(mark("rect", x=x, y=middle + 2, width=step - GAP, height=low, class_=f"cleared{look}"))
    return canvas(WIDE, HIGH, made, words("alert.balance"), class_="alert-bars")
