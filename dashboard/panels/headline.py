"""The headline: how many members, how many organisations, and of what kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "headline"
ORDER = 10
SIDE = "left"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "pick:domain")
KINDS = ("committees", "general_branches", "branches")
LONGEST = 7


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for this month and the one a quarter before; with a domain chosen, for the split by domain."""
    node = {"basis": scene.basis, "node": scene.place}
    asked = {"now": ("headline", {**node, "month": scene.month})}
    before = world.months.index(scene.month) - 3
    if before >= 0:
        asked["before"] = ("headline", {**node, "month": world.months[before]})
    if scene.picked("domain"):
        asked["mix"] = ("organisation_mix", {**node, "month": scene.month})
    return asked


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the hero number, its change, the organisations and their three kinds."""
    now, domain = parts.first(rows, "now"), scene.picked("domain")
    if domain:
        return _of_domain(rows["mix"], domain, words)
    if not now:
        return _empty(words)
    members = parts.as_figure(now.get("members"))
    return [
        _label(words("panel.members"), _change(members, parts.first(rows, "before").get("members"), words)),
        _hero(members, words),
        _organisations(now.get("organisations"), words),
        *_kinds(now, words),
    ]


def _empty(words: Words) -> list[Any]:
    """Return the headline of a place without an organisation: a real answer, not a gap in the data."""
    return [
        _label(words("panel.members"), ""),
        html.Div(html.Span(words("panel.blank"), className="num is-exact"), className="hero word"),
        _organisations(0, words),
    ]


def _of_domain(mix: list[dict[str, Any]], domain: str, words: Words) -> list[Any]:
    """Return the headline of one domain: its members and organisations, against all of the place."""
    chosen = next((row for row in mix if row["domain"] == domain), {})
    organisations = [row["organisations"] for row in mix]
    here, everywhere = chosen.get("organisations", 0), sum(organisations)
    note = words("panel.of_all", part=words.number(here), whole=words.number(everywhere))
    return [
        _label(f"{words('panel.members')} · {words.one_of('domains', domain)}", ""),
        _hero(parts.as_figure(chosen.get("members")), words),
        _organisations(here, words),
        html.Div(html.I(style={"flexGrow": here}, className="chosen"), className="parts-bar")
        if not everywhere
        else html.Div(
            [
                html.I(style={"flexGrow": here}, className="chosen"),
                html.I(style={"flexGrow": everywhere - here}, className="rest"),
            ],
            className="parts-bar",
        ),
        html.Div(note, className="parts-note"),
    ]


def _label(text: str, change: Any) -> html.Div:
    return html.Div([html.Span(text), html.Span(change, className="change")], className="hero-label")


def _change(now: parts.Published, before: parts.Published, words: Words) -> list[Any]:
    """Return the signed change against the quarter before; nothing where one of the two is not a number."""
    then, current = parts.as_figure(before), parts.as_figure(now)
    if then.value is None or current.value is None or then.value == current.value:
        return []
    difference = current.value - then.value
    mark = html.I(className="up" if difference > 0 else "down")
    return [
        mark,
        html.B(words.number(abs(difference)), **parts.explained("members")),
        html.Small(words("panel.since_quarter")),
    ]


def _hero(members: Any, words: Words) -> html.Button:
    text = parts.text_of(members, words)
    shown = parts.number(members, words, short=len(text) > LONGEST)
    look = "hero" if members.shown or members.state == "band" else "hero word"
    return parts.act("how", "members", KEY, shown, "kpi/members", className=look)


def _organisations(value: parts.Published, words: Words) -> html.Button:
    unit = words("panel.one_organisation" if parts.size(value) == 1 else "panel.organisations")
    shown = [parts.number(value, words), parts.unit(value, unit, words)]
    return parts.act("how", "organisations", KEY, shown, "kpi/organisations", className="kpi")


def _kinds(now: Mapping[str, Any], words: Words) -> list[Any]:
    """Return the three-part bar and its counts; a kind there is none of is left out."""
    counts = {kind: int(parts.size(now.get(kind)) or 0) for kind in KINDS}
    strips = [html.I(style={"flexGrow": n}, className=kind) for kind, n in counts.items() if n]
    labels = [
        html.Div(
            [
                html.Span([html.I(className=kind), words(f"panel.{kind}")]),
                html.B(words.number(n), **parts.explained("organisations")),
            ],
            **parts.marked(f"kpi/{kind}"),
        )
        for kind, n in counts.items()
        if n
    ]
    return [html.Div(strips, className="parts-bar"), html.Div(labels, className="parts-counts")]
