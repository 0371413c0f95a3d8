"""What the flows of the centre amount to, in one sentence with one large figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.flow_words import Clause, Names, exchange_of, sentence
from dashboard.words import Words
from layers.scene import Scene, World
from layers.transfers import ask_names, subject, view

KEY = "flow_sentence"
ORDER = 10
SIDE = "left"
BOARDS = ("transfers",)
MOST_LETTERS = 8
DEPENDS = ("place", "basis", "month", "span", "focus")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the summary of the centre over the span, and for the names of all places."""
    span = view(scene, world)
    period = {name: span[name] for name in ("from_month", "to_month")}
    summary = {"basis": scene.basis, "node": subject(scene), **period}
    edges = ("flow_edges", view(scene, world))
    return {**ask_names(scene), "summary": ("flow_summary", summary), "edges": edges}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the centre's name and the sentence; each number tells how it was counted."""
    names = Names(rows, words)
    summary = parts.first(rows, "summary")
    said = sentence(summary, exchange_of(rows, names, scene, world.root), names, scene, words)
    centre = names(subject(scene))
    lines = [_clause(clause, place == len(said) - 1, words) for place, clause in enumerate(said)]
    return [
        html.H2(
            centre,
            className="flow-centre" + (" long" if len(centre) > MOST_LETTERS else ""),
            **parts.marked("flow/centre"),
        ),
        html.Div(lines, className="flow-sentence", **parts.marked("flow/sentence")),
        html.Div(_beneath(summary, words), className="flow-beneath"),
    ]


def _clause(clause: Clause, last: bool, words: Words) -> Any:
    stop = words("flow.full_stop" if last else "flow.comma")
    if clause.figure is None:
        return html.Span(clause.before + clause.after + stop, className="clause")
    end: Any = clause.after + stop if clause.after else html.Span(stop, className="stop")
    shown = [clause.before, parts.number(clause.figure, words, look=clause.tone), end]
    return parts.act("how", "flow_net", KEY, shown, "how/flow_net", className="clause large")


def _beneath(summary: Mapping[str, Any], words: Words) -> list[Any]:
    """Return how long a transfer takes and how many come back, where that is published."""
    made: list[Any] = []
    days, back = parts.as_figure(summary.get("median_workdays")), parts.as_figure(summary.get("return_rate"))
    if days.shown:
        inner = [
            html.Small(words("flow.median")),
            parts.number(days, words),
            html.Small(words("flow.workdays")),
        ]
        made.append(parts.act("how", "flow_days", KEY, inner, "how/flow_days"))
    if back.shown:
        inner = [
            html.Small(words("flow.return_rate")),
            parts.number(back, words, percent=True),
            html.Small("%"),
        ]
        made.append(parts.act("how", "flow_returned", KEY, inner, "how/flow_returned"))
    return made
