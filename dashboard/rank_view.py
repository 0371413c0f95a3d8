"""A place among its neighbours: where the strips stand, and of what they speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import html

from dashboard import parts
from dashboard.radar_view import subject
from dashboard.words import Words
from layers.scene import Scene, World

LEVELS: Final = ("town", "community")
SHARES: Final = "corner"
DEPENDS: Final = ("place", "basis", "month", "board", "pick:view", "pick:domain")
Rows = list[dict[str, Any]]


def possible(scene: Scene, world: World) -> bool:
    """Tell whether the overview shows a town, or a community or what lies in it, by place."""
    if scene.board != "overview" or scene.basis != "place":
        return False
    return world.level("place", subject(scene, world)[1]) in LEVELS


def shown(scene: Scene, world: World) -> bool:
    """Tell whether the neighbours stand where the structure stands else; a domain chosen needs its bars."""
    chosen = scene.picked("view") == "structure" or scene.picked("domain") is not None
    return possible(scene, world) and not chosen


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the place above and all below it.

    The question is about the place above: who stands for this one alone sees its neighbours as visitors do.
    """
    above = world.parent("place", subject(scene, world)[1]) or world.root
    return {"axes": ("radar_children", {"basis": "place", "node": above, "month": scene.month})}


def title(rows: Rows, words: Words) -> str:
    """Return what is compared: the ten sub-districts, the communities."""
    there = len({row["node_id"] for row in rows}) - 1
    level = str(rows[-1]["level"]) if rows else LEVELS[0]
    return words(f"rank.title_{level}", count=words.one_of("numerals", there))


def switch(scene: Scene, at: str, words: Words) -> html.Span:
    """Return the button that brings the other of the two: the neighbours, or the structure."""
    view = "structure" if scene.picked("view") != "structure" else "rank"
    pick = "view:structure" if view == "structure" else "view"
    button = parts.act("pick", pick, at, words(f"rank.to_{view}"), f"view/{view}")
    return html.Span([button], className="tabs")


def of_axis(rows: Rows, axis: str, node: str) -> tuple[Mapping[str, Any], Mapping[str, Any], Rows]:
    """Return the row of an axis of the place above, of the node, and those of all neighbours with it."""
    found = [row for row in rows if row["axis"] == axis]
    own = next((row for row in found if row["node_id"] == node), {})
    return found[0] if found else {}, own, found[1:]
