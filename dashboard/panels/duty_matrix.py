"""The 8+x matrix on a wall with room for it: institution × month, and the units below in the month shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import duty_view, parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "duty_matrix"
ORDER = 12
SIDE = "wide"
BOARDS = ("warnings",)
DEPENDS = ("place", "basis", "month")
MOST_ROWS = 18  # of both tables, at the height of a finger, on a wall 1,080 px high


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for both tables."""
    return {**duty_view.ask_months(scene, world), **duty_view.ask_units(scene, world)}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the months, the legend, and the units."""
    head = parts.title(words("alert.duties"), words("alert.duties_note"))
    if not any(parts.size(row["n"]) or not parts.as_figure(row["n"]).shown for row in rows["months"]):
        return [head, html.Div(words("alert.never"), className="nothing")]
    made: list[Any] = [head, duty_view.month_table(rows["months"], KEY, words), duty_view.legend(words)]
    room = MOST_ROWS - len({str(row["institution"]) for row in rows["months"]})
    units = list(dict.fromkeys(str(row["node_id"]) for row in rows["units"]))[: max(0, room)]
    if units:
        some = [row for row in rows["units"] if str(row["node_id"]) in units]
        made.append(parts.title(words("alert.duty_units"), words.month(scene.month), "duties:units", KEY))
        made.append(duty_view.unit_table(some, rows["names"], scene.month, KEY, words))
    return made
