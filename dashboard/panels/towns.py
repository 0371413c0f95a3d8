"""The towns of the district side by side, each with its number, rate and line over the months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels.children import place_name, ranked
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "towns"
ORDER = 20
SIDE = "wide"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "pick:domain")
MOST = 10
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the towns' figures in every month up to this one."""
    months = [month for month in world.months if month <= scene.month][-12:]
    if domain := scene.picked("domain"):
        node = {"basis": "place", "node": world.root, "domain": domain}
        return {month: ("children_of_domain", {**node, "month": month}) for month in months}
    params = {"basis": "place", "level": "town", "node": world.root}
    return {month: ("level_figures", {**params, "month": month}) for month in months}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return one line a town: name, members, and the sign-in rate over the months."""
    now = ranked(rows[scene.month], "members")[:MOST]
    here = world.chain("place", scene.place) if scene.basis == "place" else ()
    rates = {str(row["node_id"]): _rates(str(row["node_id"]), rows) for row in now}
    known = [value for line in rates.values() for value in line if value is not None]
    ends = (min(known, default=0.0), max(known, default=1.0))
    lines = [_line(row, rates[str(row["node_id"])], ends, here, words) for row in now]
    note = parts.notes(words("panel.by_members"), words("panel.signin_line"))
    note = parts.domain_note(scene, words, words("panel.signin_line")) if scene.picked("domain") else note
    return [parts.title(words("panel.towns"), note), html.Div(lines, className="town-rows")]


def _rates(node: str, months: Mapping[str, Rows]) -> list[float | None]:
    """Return a town's sign-in rate month by month, None where it is not published."""
    return [
        next((parts.size(parts.signin(row)) for row in months[month] if row["node_id"] == node), None)
        for month in sorted(months)
    ]


def _line(
    row: Mapping[str, Any],
    rates: list[float | None],
    ends: tuple[float, float],
    here: tuple[str, ...],
    words: Words,
) -> html.Button:
    """Return one town; the lines of all towns share one scale."""
    node = str(row["node_id"])
    line = [
        html.Span(place_name(row, words), className="name"),
        parts.number(row["members"], words, how=f"members@{node}"),
        parts.spark(rates, ends),
        parts.number(parts.signin(row), words, percent=True, how=f"signin@{node}"),
    ]
    look = "on" if node in here else ""
    return parts.act("drill", node, KEY, line, f"town/{node}", className=look, title=words.name(row))
