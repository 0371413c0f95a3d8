"""The places flows run through: what came, what went, and how much passes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.flow_words import Names
from dashboard.words import Words
from layers.members import number
from layers.scene import OUTSIDE, Scene, World
from layers.transfers import OTHER, ask_names, view

KEY = "flow_hubs"
ORDER = 30
SIDE = "wide"
BOARDS = ("transfers",)
DEPENDS = ("place", "basis", "month", "span")
MOST = 10
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the hubs of this level."""
    return {**ask_names(scene), "hubs": ("flow_hubs", view(scene, world))}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the largest hubs, each with what came and what went."""
    names = Names(rows, words)
    found = [row for row in rows["hubs"] if _is_named(str(row["node_id"]), names)]
    found.sort(key=lambda row: -((number(row.get("moved_in")) or 0) + (number(row.get("moved_out")) or 0)))
    title = parts.title(words("flow.hubs"), words("flow.hubs_note"))
    if not found:
        return [title, html.Div(words("flow.none"), className="nothing")]
    lines = [_line(row, names, words) for row in found[:MOST]]
    return [title, html.Div(lines, className="flow-hub-rows")]


def _is_named(node: str, names: Names) -> bool:
    return node in names.known and node not in (OTHER, names.here) and not node.startswith(OUTSIDE)


def _line(row: Mapping[str, Any], names: Names, words: Words) -> html.Button:
    node = str(row["node_id"])
    line = [
        html.Span(names(node), className="name"),
        parts.number(row.get("moved_in"), words, look="in", how=f"flow:{node}"),
        parts.number(row.get("moved_out"), words, look="out", how=f"flow:{node}"),
        html.Span(
            words("flow.rank", n=row["rank_between"]) if row.get("rank_between") else "", className="rank"
        ),
    ]
    return parts.act("trace", node, KEY, line, f"hub/{node}")
