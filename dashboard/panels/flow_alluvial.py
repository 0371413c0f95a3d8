"""The traced flow as an alluvial that runs downward in time; without a centre, the places by their net."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.alluvial import REST, Alluvial, Band, Flow, layout
from dashboard.drawing import Mark, canvas, mark, ribbon, tap, text
from dashboard.flow_words import Names
from dashboard.words import Words
from layers.members import number
from layers.scene import Scene, World
from layers.transfers import OTHER, ask_names, directions, insiders, is_traced, view

KEY = "flow_alluvial"
ORDER = 10
SIDE = "right"
BOARDS = ("transfers",)
DEPENDS = ("place", "basis", "month", "span", "focus", "hops", "way")
WIDTH, HEIGHT = 390.0, 816.0
INNER, GAP, BAR, FOCUS = 346.0, 9.0, 12.0, 46.0
MOST, LONGEST = 10, 130.0
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the layers of the traced flow, or for the totals while there is no centre."""
    asked = ask_names(scene)
    if not is_traced(scene):
        return {**asked, "totals": ("flow_totals", view(scene, world))}
    traced = {**view(scene, world), "focus": scene.focus, "hops": int(scene.hops)}
    return {**asked, "layers": ("flow_layers", traced)}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the alluvial, or the ranking."""
    names = Names(rows, words)
    if not is_traced(scene):
        inside = insiders(rows, scene) - {scene.place}
        found = _ranking([row for row in rows["totals"] if str(row["node_id"]) in inside], names, words)
        if not found and rows["totals"]:  # its parts are too small to be named
            found = [html.Div(words("flow.none_traced"), className="nothing")]
        elif not found:
            found = [html.Div(words("flow.none"), className="nothing")]
        return [parts.title(words("flow.ranking"), words("flow.ranking_note")), *found]
    title = parts.title(words(f"flow.alluvial_{scene.hops}"), words("flow.downward"))
    flows = [flow for flow in _flows(rows.get("layers", []), names) if _wanted(flow[0], scene)]
    if not flows:
        return [title, html.Div(words("flow.none_traced"), className="nothing")]
    digits = len(f"{max(flow[3] for flow in flows):.0f}")
    laid = layout(flows, INNER, GAP, lambda node: label_width(names.shortest(node), digits))
    drawn = _draw(laid, scene, names, words)
    note = html.Div(words(f"flow.paths_{scene.hops}"), className="flow-note")
    return [title, drawn, note, *_rounded(rows["layers"], "n", words), _more(words)]


def _rounded(rows: Rows, column: str, words: Words) -> list[Any]:
    """Return a line that says so where the numbers are rounded."""
    if not any(parts.as_figure(row[column]).state == "rounded" for row in rows):
        return []
    return [html.Div(words("flow.rounded"), className="flow-note")]


def _more(words: Words) -> html.Div:
    """Return the ways to the matrix and to the reasons."""
    links = [
        parts.act(
            "open",
            name,
            KEY,
            [words(f"flow.{name}"), html.I(className="more")],
            f"open/{name}",
            className="flow-link",
        )
        for name in ("matrix", "mix")
    ]
    return html.Div(links, className="flow-row")


def _flows(rows: Rows, names: Names) -> list[Flow]:
    """Return the published flows with their ends as they are drawn."""

    def end(node: Any) -> str:
        gathered = names.gather(str(node))
        return REST if gathered == OTHER else gathered

    return [
        (int(row["layer"]), end(row["from_node"]), end(row["to_node"]), float(n))
        for row in rows
        if (n := number(row["n"])) and int(row["layer"])
    ]


def _wanted(layer: int, scene: Scene) -> bool:
    return ("in" if layer < 0 else "out") in directions(scene)


def label_width(name: str, digits: int) -> float:
    """Return the width of a label of 22 px, its figure of 30 px on the line beneath, in design px."""
    letters = sum(22.0 if ord(letter) > 255 else 12.4 for letter in name)
    return max(letters, digits * 17.5) + 4


def rows_at(rows: list[int]) -> dict[int, float]:
    """Return where the middle of each row stands from the top, px; the centre's row is always there."""
    back, forth = -min(rows), max(rows)
    top, bottom = (74.0 if back else 30.0), HEIGHT - (74.0 if forth else 30.0)
    step = (bottom - top) / max(1, back + forth)
    return {row: top + (row + back) * step for row in range(-back, forth + 1)}


def _draw(laid: Alluvial, scene: Scene, names: Names, words: Words) -> Mark:
    at = rows_at(laid.rows)
    best = _strongest(laid)
    marks: list[Any] = [
        _ribbon(one, at, one in best, names, words, first=not number)
        for number, one in enumerate(sorted(laid.ribbons, key=lambda r: r in best))
    ]
    marks += [
        _centre(band, at[0], laid, names, words) if row == 0 else _band(band, at[row], names, words)
        for row in laid.rows
        for band in laid.row(row)
    ]
    marks += _discs(at, scene)
    return canvas(
        WIDTH, HEIGHT, marks, words("flow.alluvial_label", name=names(scene.focus)), class_="flow-alluvial"
    )


def _strongest(laid: Alluvial) -> set[Any]:
    """Return the largest ribbon between each two rows."""
    largest: dict[int, Any] = {}
    for one in laid.ribbons:
        if one.row not in largest or one.n > largest[one.row].n:
            largest[one.row] = one
    return set(largest.values())


def _tone(row: int) -> str:
    """Return the class of colours of what lies between a row and the next."""
    way = "in" if row < 0 else "out"
    return way if row in (-1, 0) else f"{way} far"


def _ribbon(
    one: Any, at: Mapping[int, float], best: bool, names: Names, words: Words, *, first: bool
) -> Mark:
    """Return a ribbon: a button that lights its arc on the map; arrows go from one to the next."""
    upper = at[one.row] + (FOCUS / 2 if one.row == 0 else BAR / 2)
    lower = at[one.row + 1] - (FOCUS / 2 if one.row + 1 == 0 else BAR / 2)
    path = ribbon(one.start[0], one.start[1], upper, one.end[0], one.end[1], lower)
    look = f"ribbon {_tone(one.row)}{' best' if best else ''}"
    told = {
        "data_layer": one.row if one.row < 0 else one.row + 1,
        "data_from": one.upper,
        "data_to": one.lower,
    }
    said = f"{names.shortest(one.upper)} → {names.shortest(one.lower)} {words.number(one.n)}"
    button = {
        "role": "button",
        "tabindex": "0" if first else "-1",
        "aria_pressed": "false",
        "aria_label": said,
    }
    return mark("path", d=path, class_=look, **told, **button)


def _band(band: Band, y: float, names: Names, words: Words) -> Mark:
    """Return a bar with name and figure: above it in the rows that arrive, below it in those that leave."""
    name, figure = names.shortest(band.node), words.number(band.n)
    tone = _tone(band.row if band.row < 0 else band.row - 1)
    bar = mark("rect", x=band.x, y=y - BAR / 2, width=max(2.0, band.width), height=BAR, class_=f"band {tone}")
    middle, above = band.left + band.room / 2, band.row < 0
    lines = (y - 42, y - 14) if above else (y + 30, y + 58)
    figured = text(middle, lines[1], figure, "figure")
    figured.attributes["data-how"] = f"flow:{band.node}" if band.node not in (OTHER, REST) else "flow_net"
    hit = mark("rect", x=band.left, y=y - 68 if above else y - 8, width=band.room, height=76.0, class_="hit")
    inner = [hit, bar, text(middle, lines[0], name, "name"), figured]
    if band.node in (OTHER, REST, names.here):
        return mark("g", *inner)
    return tap(inner, "trace", band.node, f"alluvial/{band.row}/{band.node}", f"{name} {figure}")


def _centre(band: Band, y: float, laid: Alluvial, names: Names, words: Words) -> Mark:
    """Return the white bar of the centre with what came and what went."""
    came, went = (sum(r.n for r in laid.ribbons if r.row == row) for row in (-1, 0))
    wide = max(band.width, 300.0)
    x = min(max(0.0, band.x + (band.width - wide) / 2), INNER - wide)
    said = [names(band.node)] if label_width(names(band.node), 0) < LONGEST else []
    said += [words("flow.came_n", n=words.number(came))] if came else []
    said += [words("flow.went_n", n=words.number(went))] if went else []
    bar = mark("rect", x=x, y=y - FOCUS / 2, width=wide, height=FOCUS, class_="centre")
    return mark("g", bar, text(x + wide / 2, y + 10, " ".join(said), "centre-name"))


def _discs(at: Mapping[int, float], scene: Scene) -> list[Mark]:
    """Return the numbers of the steps between rows, the same as on the map's strongest path."""
    made = []
    for row in sorted(at)[:-1]:
        y, step = (at[row] + at[row + 1]) / 2, row + 1 + (0 if scene.way == "out" else int(scene.hops))
        circle = mark("circle", cx=WIDTH - 20, cy=y, r=17.0, class_=f"disc {_tone(row)}")
        made.append(mark("g", circle, text(WIDTH - 20, y + 8.5, str(step), f"disc-number {_tone(row)}")))
    return made


def _ranking(totals: Rows, names: Names, words: Words) -> list[Any]:
    """Return the places by their net, what left to the left of a middle line and what came to its right.

    Empty where there are none.
    """
    inside = sorted(totals, key=lambda row: (-(number(row["net"]) or 0), str(row["node_id"])))
    shown = inside if len(inside) <= MOST else [*inside[: MOST // 2], *inside[-(MOST - MOST // 2) :]]
    if not shown:
        return []
    largest = max(
        (parts.size(row[name]) or 0 for row in shown for name in ("moved_in", "moved_out")), default=0
    )
    lines = [_place(row, float(largest), names, words) for row in shown]
    return [html.Div(lines, className="flow-ranks"), *_rounded(shown, "moved_in", words), _more(words)]


def _place(row: Mapping[str, Any], largest: float, names: Names, words: Words) -> html.Button:
    node = str(row["node_id"])
    net = parts.as_figure(row["net"])
    shown = signed(net.value, words) if net.value is not None else words.figure(net)
    look = "" if not net.value else "in" if net.value > 0 else "out"
    line = [
        html.Span(names.part(node), className="name"),
        parts.bar(parts.size(row["moved_out"]), largest, "leaving"),
        parts.bar(parts.size(row["moved_in"]), largest, "coming"),
        html.Span(shown, className=f"num is-{net.state} {look}".strip(), **parts.explained(f"flow:{node}")),
    ]
    return parts.act("trace", node, KEY, line, f"rank/{node}")


def signed(value: float, words: Words) -> str:
    """Write a net with its sign; nought without one."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{words.number(abs(value))}"
