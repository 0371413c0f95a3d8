"""The institutions of organisation life: how often each was kept in the span, and who signed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels.activities import signin_of
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import NOT_APPLICABLE, Figure

KEY = "institutions"
ORDER = 15
SIDE = "wide"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "span", "pick:domain")
MOST = 6
WITHOUT_ROLL = frozenset({"heart_talk"})  # held between two, nobody is called
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the institutions of each month of the span."""
    start, end = scene.months_back(world)
    node = {"basis": scene.basis, "node": scene.place}
    months = [month for month in world.months if start <= month <= end]
    return {month: parts.of_domain("institutions", {**node, "month": month}, scene) for month in months}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the most frequent institutions as bars, each with its sign-in rate; of one domain without it.

    Domain, institution and place at once are too small a cell for a rate.
    """
    domain = scene.picked("domain")
    found = by_institution([row for months in rows.values() for row in months])
    beside = "" if domain else words("panel.and_signin")
    note = parts.domain_note(scene, words, parts.notes(words("panel.held_n"), beside))
    head = parts.title(words("panel.institutions"), note)
    if not found:
        return [head, html.Div(words("panel.no_activities"), className="nothing")]
    largest = found[0][1]
    lines: list[Any] = []
    for name, held, rate in found[:MOST]:
        look = "top" if held == largest else ""
        lines += [
            html.Span(words.one_of("institutions", name)),
            parts.bar(held, largest, look),
            parts.number(held, words, look=look, how=f"inst:{name}"),
            *([] if domain else [parts.number(rate, words, percent=True, look="rate", how=f"inst:{name}")]),
        ]
    look = "rows" if domain else "rows four"
    more = parts.act("open", "activities", KEY, lines, "chart/institutions", className=look)
    return [head, more]


def by_institution(rows: Rows) -> list[tuple[str, int, Figure]]:
    """Return (institution, times held, sign-in rate), the most frequent first."""
    groups: dict[str, Rows] = defaultdict(list)
    for row in rows:
        groups[str(row["institution"])].append(row)
    found = [
        (
            name,
            sum(row["held"] for row in own),
            NOT_APPLICABLE if name in WITHOUT_ROLL or "due" not in own[0] else signin_of(own),
        )
        for name, own in groups.items()
    ]
    return sorted(found, key=lambda line: (-line[1], line[0]))
