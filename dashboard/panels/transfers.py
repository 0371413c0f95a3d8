"""Transfers of membership: how many were completed, inside, in and out, and how many wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "transfers"
ORDER = 20
SIDE = "right"
BOARDS = ("overview",)
DEPENDS = ("place", "basis", "month", "span", "pick:domain")
WAYS = ("inside", "moved_in", "moved_out")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for what was completed in the span and what stands at its end."""
    node = {"basis": scene.basis, "node": scene.place}
    start, end = scene.months_back(world)
    return {
        "done": parts.of_domain("transfer_totals", {**node, "from_month": start, "to_month": end}, scene),
        "steps": parts.of_domain("transfer_pipeline", {**node, "month": scene.month}, scene),
    }


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the number completed, the number waiting, and three bars."""
    done = parts.first(rows, "done")
    values = {way: done.get(way) for way in WAYS}
    note = parts.domain_note(scene, words, words(f"panel.span_{scene.span}"))
    numbers = [_done(parts.total(values.values()), words), _waiting(rows["steps"], words)]
    head = html.Div(numbers, className="kpis")
    largest = max((parts.size(value) or 0 for value in values.values()), default=0)
    lines: list[Any] = []
    for way, value in values.items():
        look = "top" if parts.size(value) == largest and largest else ""
        lines += [
            html.Span(words(f"panel.{way}")),
            parts.bar(parts.size(value), largest, look),
            parts.number(value, words, look=look, how="transfers"),
        ]
    opens = parts.act("preset", "transfers", KEY, lines, "chart/transfers", className="rows tight")
    return [parts.title(words("panel.transfers"), note), head, opens]


def pending(steps: Rows) -> Rows:
    """Return the rows of transfers that still wait for a decision."""
    return [row for row in steps if str(row["status"]).startswith("pending")]


def _done(value: parts.Published, words: Words) -> html.Button:
    shown = [parts.number(value, words), parts.unit(value, words("panel.completed"), words)]
    return parts.act("how", "transfers", KEY, shown, "kpi/transfers", className="kpi")


def _waiting(steps: Rows, words: Words) -> Any:
    """Return the number waiting; nothing when none does."""
    waiting = pending(steps)
    if not waiting:
        return ""
    shown = [html.Small(words("panel.pending")), parts.number(parts.total(r["n"] for r in waiting), words)]
    return parts.act("how", "pending", KEY, shown, "kpi/pending", className="side")
