"""Why and how members moved: by reason, by route, by kind; what came beside what went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World
from layers.transfers import subject, view
from stores.figure import Figure, exact

KEY = "flow_mix"
ORDER = 20
SIDE = "wide"
BOARDS = ("transfers",)
DEPENDS = ("place", "basis", "month", "span", "focus")
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the splits of the centre's flows over the span."""
    span = view(scene, world)
    period = {name: span[name] for name in ("from_month", "to_month")}
    return {"mix": ("flow_mix", {"basis": scene.basis, "node": subject(scene), **period})}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return one block a split: bars to the left for what went, to the right for what came."""
    title = parts.title(words("flow.mix"), words("flow.ranking_note"))
    splits = splits_of(rows["mix"])
    if not splits:
        return [title, html.Div(words("flow.none"), className="nothing")]
    return [title, *blocks(splits, KEY, words)]


def splits_of(rows: Rows) -> dict[str, dict[str, dict[str, Figure]]]:
    """Return the published numbers by split, band and direction; the largest band first."""
    found: dict[str, dict[str, dict[str, Figure]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        found[str(row["dim"])][str(row["band"])][str(row["direction"])] = parts.as_figure(row["n"])

    def size(ways: Mapping[str, Figure]) -> float:
        return sum(parts.size(figure) or 0 for figure in ways.values())

    return {
        dim: dict(sorted(bands.items(), key=lambda item: (-size(item[1]), item[0])))
        for dim, bands in found.items()
    }


def blocks(splits: Mapping[str, Any], at: str, words: Words) -> list[html.Div]:
    """Return the splits one below the other; `at` is the panel they stand in."""
    return [_block(dim, bands, at, words) for dim, bands in splits.items()]


def _block(dim: str, bands: Mapping[str, Mapping[str, Figure]], at: str, words: Words) -> html.Div:
    largest = max((parts.size(n) or 0 for ways in bands.values() for n in ways.values()), default=0)
    lines: list[Any] = []
    for band, ways in bands.items():
        out, came = ways.get("out", exact(0)), ways.get("in", exact(0))
        lines += [
            html.Span(words.one_of(f"flow_{dim}", band), className="name"),
            _number(out, "out", words),
            parts.bar(parts.size(out), largest, "leaving"),
            parts.bar(parts.size(came), largest, "coming"),
            _number(came, "in", words),
        ]
    name = words(f"flow.by_{dim}")
    head = parts.act("how", "flow_mix", f"{at}_{dim}", name, f"how/{at}/{dim}")
    return html.Div([html.H3(head), html.Div(lines, className="flow-mix-rows")], className="flow-mix-block")


def _number(value: Figure, look: str, words: Words) -> html.Span:
    """Return a number; nought is silent."""
    return (
        html.Span("", className="num")
        if value.value == 0
        else parts.number(value, words, look=look, how="flow_mix")
    )
