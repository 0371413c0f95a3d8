"""The matrix of places on wide walls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.flow_matrix import table
from dashboard.flow_words import Names
from dashboard.words import Words
from layers.scene import Scene, World
from layers.transfers import ask_names, view

KEY = "flow_matrix"
ORDER = 10
SIDE = "wide"
BOARDS = ("transfers",)
DEPENDS = ("place", "basis", "month", "span")
MOST = 11


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the flows between all places of this level, with their totals."""
    return {**ask_names(scene), "cells": ("flow_matrix", view(scene, world))}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the matrix."""
    title = parts.title(words("flow.matrix"), words("flow.matrix_note"), opens="matrix", at=KEY)
    return [
        title,
        html.Div(
            table(rows["cells"], Names(rows, words), words, KEY, MOST), className="scroll", tabIndex="0"
        ),
    ]
