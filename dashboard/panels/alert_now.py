"""What is open now: warnings, organisations concerned, the rate per hundred, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.severity import SEVERITIES, glyph
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "alert_now"
ORDER = 6
SIDE = "left"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis", "month")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for what is open at the end of the month, now for the last."""
    return {"total": ("alert_total", {"basis": scene.basis, "node": scene.place, "month": scene.month})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the number, organisations and rate, and four severities, each by its shape."""
    now = parts.first(rows, "total")
    head = parts.title(words("alert.title"), words.month(scene.month), "organisations", KEY)
    if not now or not now["organisations"]:
        return [head, html.Div(words("panel.no_organisations"), className="nothing")]
    n = now["n"]
    big = [parts.number(n, words), parts.unit(n, words("alert.open_n"), words)]
    orgs = [
        parts.number(now["alerting"], words),
        html.Small(words("alert.of_organisations", n=words.number(now["organisations"]))),
    ]
    rate = [html.Small(words("alert.per_100")), parts.number(now["per_100"], words, decimals=1)]
    return [
        head,
        html.Div(
            [
                parts.act("how", "warn:open", KEY, big, "kpi/alerts", className="kpi"),
                parts.act("how", "warn:per_100", KEY, rate, "kpi/per_100", className="side"),
            ],
            className="kpis",
        ),
        html.Div(parts.act("how", "warn:organisations", KEY, orgs, "kpi/alerting"), className="alert-line"),
        html.Div([_severity(severity, now, words) for severity in SEVERITIES], className="alert-severities"),
    ]


def _severity(severity: int, now: Mapping[str, Any], words: Words) -> html.Button:
    shown = [
        html.Span([glyph(severity), parts.number(now[f"s{severity}"], words)]),
        html.Small(words(f"map.severity_{severity}")),
    ]
    return parts.act("how", f"warn:s{severity}", KEY, shown, f"severity/{severity}")
