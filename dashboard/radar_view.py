"""What the radar panels and their table share: whose radar, which outlines, what is said of gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard import parts
from dashboard.drawing import canvas
from dashboard.panels.place_title import name_of
from dashboard.radar_drawing import Axis, Frame, axes_of, direction_mark, drawing
from dashboard.words import Words
from layers.scene import Scene, World

DEPENDS: Final = ("place", "basis", "month", "organisation", "pick:peer", "pick:axes")
PEERS: Final = {"k": "kind", "t": "town", "d": "district"}
LARGEST: Final = 3
Rows = list[dict[str, Any]]


def subject(scene: Scene, world: World) -> tuple[str, str]:
    """Return basis and node of the radar: an organisation chosen, the place, of a building its community."""
    if scene.organisation:
        return "affiliation", scene.organisation
    node = scene.place
    if scene.basis == "place":
        while world.level("place", node) in ("building", "floor") and world.parent("place", node):
            node = world.parent("place", node) or node
    return scene.basis, node


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the axes, the peers and the name."""
    basis, node = subject(scene, world)
    view = {"basis": basis, "node": node, "month": scene.month}
    axes = "radar_basics" if is_basic(scene) else "radar"
    return {
        "axes": (axes, view),
        "peers": ("radar_peers", view),
        "node": ("node", {"basis": basis, "node": node}),
    }


def is_basic(scene: Scene) -> bool:
    """Tell whether the five basics are shown instead of the eight axes."""
    return scene.picked("axes") == "basic"


def shown_peers(rows: Mapping[str, Rows], scene: Scene) -> tuple[list[str], list[str]]:
    """Return the peers there are and those whose outline is drawn; unasked the nearest of them alone."""
    there = {str(row["peer"]) for row in rows["peers"]}
    possible = [peer for peer in PEERS.values() if peer in there]
    wanted = scene.picked("peer")
    if is_basic(scene):
        return [], []
    if wanted is None:
        return possible, possible[:1]
    return possible, [peer for letter, peer in PEERS.items() if letter in wanted and peer in possible]


def painted(
    rows: Mapping[str, Rows], scene: Scene, world: World, frame: Frame, at: str, words: Words
) -> list[Any]:
    """Return the title with the quarter, and the drawing; a sentence where there is no closed quarter.

    Where it is not the radar of the place shown, its owner's name takes the quarter's place.
    """
    found = rows["axes"]
    name = words("radar.title")
    if not found:
        return [parts.title(name), html.Div(words("radar.none"), className="nothing")]
    whose = bool(rows["node"]) and subject(scene, world)[1] != scene.place
    quarter, before = str(found[0]["quarter"]), found[0]["previous_quarter"]
    note = parts.notes(words(f"radar.short_{quarter[-1]}"), words("radar.ghost") if before else "")
    if whose:
        note = name_of(rows["node"][0], words)
    section = "basic" if is_basic(scene) else "radar"
    _, drawn = shown_peers(rows, scene)
    axes = axes_of(found, rows["peers"])
    return [parts.title(name, note, "radar", at), drawing(axes, drawn, frame, words, section)]


def quarter_words(quarter: str, words: Words) -> str:
    """Write '2018Q4' as 2018年四季度 / Q4 2018."""
    return words(f"radar.quarter_{quarter[-1]}", year=quarter[:4])


def switches(rows: Mapping[str, Rows], scene: Scene, at: str, words: Words) -> html.Div:
    """Return a button a peer and the one that brings the five basics."""
    possible, drawn = shown_peers(rows, scene)
    buttons = []
    for letter, peer in PEERS.items():
        if peer not in possible:
            continue
        on = peer in drawn
        rest = [key for key, one in PEERS.items() if one in drawn and key != letter]
        after = "".join(rest if on else [key for key in PEERS if key in (*rest, letter)]) or "-"
        line = html.I(className=f"line {peer}")
        buttons.append(
            _switch(f"peer:{after}", f"radar/peer/{peer}", on, [line, words(f"radar.short_{peer}")], at)
        )
    basic = is_basic(scene)
    buttons.append(_switch("axes:basic", "radar/basic", basic, words("radar.basics"), at))
    return html.Div(buttons, className="radar-switches")


def _switch(pick: str, key: str, on: bool, text: Any, at: str) -> html.Button:
    look = "on" if on else ""
    return parts.act("pick", pick, at, text, key, className=look, **{"aria-pressed": str(on).lower()})


def gaps(
    axes: Sequence[Axis], rows: Rows, words: Words, since: str = "radar.since"
) -> list[tuple[str, str, str]]:
    """Return (axis, direction, sentence) of what is worth saying, three at most.

    The axes furthest below the median of the same kind; where there is none, below the district; in the
    district itself the largest changes since the quarter before.
    """
    ordered = sorted(
        (row for row in rows if row["peer"] == "kind" and isinstance(row["gap_order"], int)),
        key=lambda row: int(row["gap_order"]),
    )
    found = [
        (str(row["axis"]), "worse", words("radar.below_kind", points=_number(row["behind"].value, words)))
        for row in ordered
        if row["behind"].value is not None and round(row["behind"].value)
    ]
    if not found and not any(row["peer"] == "kind" for row in rows):
        found = _below(axes, words)
    return (found or _changes(axes, words, since))[:LARGEST]


def _below(axes: Sequence[Axis], words: Words) -> list[tuple[str, str, str]]:
    behind = []
    for axis in axes:
        there = axis.peers.get("district")
        if (
            there
            and there.value is not None
            and axis.value.value is not None
            and there.value - axis.value.value >= 1
        ):
            behind.append((there.value - axis.value.value, axis.key))
    return [
        (key, "worse", words("radar.below_district", points=_number(points, words)))
        for points, key in sorted(behind, key=lambda one: (-one[0], one[1]))
    ]


def _changes(axes: Sequence[Axis], words: Words, since: str) -> list[tuple[str, str, str]]:
    moved = [axis for axis in axes if axis.direction in ("better", "worse") and axis.delta.value]
    moved.sort(key=lambda axis: (-abs(axis.delta.value or 0), axis.key))
    return [
        (axis.key, axis.direction, words(since, points=signed(axis.delta.value or 0, words)))
        for axis in moved
    ]


def _number(value: float, words: Words) -> str:
    return words.number(value, 0 if float(value).is_integer() else 1)


def signed(value: float, words: Words) -> str:
    """Write a change in points with its sign."""
    return ("+" if value > 0 else "−") + _number(abs(value), words)


def gap_lines(rows: Mapping[str, Rows], scene: Scene, at: str, words: Words) -> list[Any]:
    """Return the gaps as rows of mark, axis and sentence, each a button to how the axis is counted."""
    if is_basic(scene):
        return []
    found = gaps(axes_of(rows["axes"], rows["peers"]), rows["peers"], words)
    lines = [
        parts.act(
            "how",
            f"radar:{axis}",
            at,
            [
                canvas(22, 22, [direction_mark(way, 11, 11)], words(f"radar.way_{way}"), class_="radar"),
                html.Span(words(f"radar.{axis}"), className="name"),
                html.Span(sentence, className="said"),
            ],
            f"radar/gap/{axis}",
        )
        for axis, way, sentence in found
    ]
    return [html.Div(lines, className="radar-gaps")] if lines else []
