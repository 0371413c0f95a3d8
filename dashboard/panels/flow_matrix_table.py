"""The matrix of places as a sheet, on walls without a column for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dash import html

from dashboard import parts
from dashboard.flow_matrix import table
from dashboard.flow_words import Names
from dashboard.panels.place_title import period
from dashboard.tables import as_csv
from dashboard.words import Words
from layers.scene import Scene, World
from layers.transfers import ask_names, view

KEY = "flow_matrix_table"
ORDER = 60
SIDE = "sheet"
OPENS = ("open", "matrix")
DEPENDS = ("open", "place", "basis", "month", "span")
MOST = 40


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the flows between all places of this level while the sheet is open."""
    if scene.open != "matrix":
        return {}
    return {**ask_names(scene), "cells": ("flow_matrix", view(scene, world))}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet with the link to its CSV; nothing while it is closed."""
    if scene.open != "matrix":
        return []
    found = table(rows["cells"], Names(rows, words), words, KEY, MOST)
    name = f"flows-{scene.place.replace('/', '-')}-{scene.month}.csv"
    link = html.A(
        words("panel.csv"),
        href="data:text/csv;charset=utf-8," + quote("\ufeff" + as_csv(rows["cells"])),
        download=name,
        className="link",
        **parts.marked("csv/flows"),
    )
    foot = html.Div([link, html.Span(words("flow.matrix_note"))], className="foot")
    text = parts.notes(words("flow.matrix"), period(scene, words))
    return [
        parts.sheet(
            text,
            "open",
            "matrix",
            [html.Div(found, className="scroll", tabIndex="0"), foot],
            words,
            "table/matrix",
        )
    ]
