"""The eight institutions of one month in a strip: carried out, late, missed, and what was not owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import duty_view, parts
from dashboard.severity import state_sign
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "duty_strip"
ORDER = 25
SIDE = "right"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis", "month")
SHOWN = ("missed", "late")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the month shown."""
    view = {"basis": scene.basis, "node": scene.place, "from_month": scene.month, "to_month": scene.month}
    return {"months": ("duty_matrix", view)}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the strip and what its parts are; a sentence where nothing may be shown."""
    head = parts.title(words("alert.duties"), words.month(scene.month), "duties", KEY)
    found = duty_view.strip(rows["months"], scene.month)
    if any(figure.value is None for figure in found.values()):
        state = next(figure.state for figure in found.values() if figure.value is None)
        text = words("alert.never") if state == "no_data" else words("panel.because_hidden")
        return [head, html.Div(text, className="nothing")]
    strips = [
        html.I(style={"flexGrow": figure.value}, className=f"part-{name}")
        for name, figure in found.items()
        if figure.value
    ]
    labels = [
        parts.act(
            "how",
            f"duty:{name}:{scene.month}",
            KEY,
            [
                html.Span([state_sign(name, words), words(f"alert.duty_{name}")]),
                parts.number(found[name], words),
            ],
            f"duty-strip/{name}",
        )
        for name in SHOWN
    ]
    return [head, html.Div(strips, className="duty-strip"), html.Div(labels, className="duty-counts")]
