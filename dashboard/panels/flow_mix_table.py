"""Why and how members moved as a sheet, on walls without a column for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels import flow_mix
from dashboard.panels.place_title import period
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "flow_mix_table"
ORDER = 62
SIDE = "sheet"
OPENS = ("open", "mix")
DEPENDS = ("open", *flow_mix.DEPENDS)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the splits while the sheet is open."""
    return flow_mix.ask(scene, world) if scene.open == "mix" else {}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet; nothing while it is closed."""
    if scene.open != "mix":
        return []
    splits = flow_mix.splits_of(rows["mix"])
    body: Any = flow_mix.blocks(splits, KEY, words)
    if not splits:
        body = html.Div(words("flow.none"), className="nothing")
    text = parts.notes(words("flow.mix"), period(scene, words))
    foot = html.Div(words("flow.ranking_note"), className="foot")
    return [
        parts.sheet(
            text, "open", "mix", [html.Div(body, className="scroll", tabIndex="0"), foot], words, "table/mix"
        )
    ]
