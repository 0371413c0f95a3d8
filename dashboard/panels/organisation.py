"""The card of one organisation: what it is, where it stands, how large; never who is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "organisation"
ORDER = 52
SIDE = "sheet"
OPENS = ("organisation", "")
DEPENDS = ("organisation", "month")
STEPS = (10, 30, 50)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the organisation while one is chosen."""
    if not scene.organisation:
        return {}
    return {"card": ("organisation", {"org_id": scene.organisation, "month": scene.month})}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the card; a sentence where there is no such organisation."""
    if not scene.organisation:
        return []
    card = parts.first(rows, "card")
    if not card:
        body: list[Any] = [html.Div(words("panel.no_such_organisation"), className="nothing")]
        return [
            parts.sheet(words("levels.organisation"), "organisation", scene.organisation, body, words, "card")
        ]
    facts: list[Any] = []
    for name, text in _facts(card, words):
        if text:
            facts += [html.Dt(words(f"panel.{name}")), html.Dd(text)]
    body = [_members(card, words), html.Dl(facts), *_ways(card, words)]
    name = str(card["name"])
    return [parts.sheet(name, "organisation", scene.organisation, body, words, f"card/{scene.organisation}")]


def _facts(card: Mapping[str, Any], words: Words) -> list[tuple[str, Any]]:
    floor = words("frame.floor", number=card["floor"]) if card.get("floor") else ""
    where = " ".join(
        str(part) for part in (card.get("region_name"), card.get("building_name"), floor) if part
    )
    stars = int(card.get("stars") or 0)
    shown = html.Span("★" * stars, className="stars", title=words("panel.stars_of", count=stars))
    return [
        ("kind", words.one_of("kinds", card["kind"])),
        ("domain", words.one_of("domains", card["domain"])),
        ("superior", card.get("parent_name") or ""),
        ("stands", where),
        ("founded", str(card.get("founded_on") or "")[:10]),
        ("stars", shown if stars else ""),
    ]


def _members(card: Mapping[str, Any], words: Words) -> html.Div:
    """Return the members as a number or band, with four steps that show the band's height."""
    figure = parts.as_figure(card.get("members"))
    size = parts.size(figure)
    steps = [] if size is None else [html.I(className="on" if size >= s else "") for s in (0, *STEPS)]
    unit = words("units.person") if figure.shown or figure.state == "band" else ""
    shown = [
        html.Span(words("panel.members")),
        html.Span(steps, className="steps"),
        parts.number(figure, words),
    ]
    return html.Div([*shown, html.Small(unit)], className="card-members", **parts.marked("kpi/card-members"))


def _ways(card: Mapping[str, Any], words: Words) -> list[Any]:
    """Return the button that goes to the building it stands in, where there is one."""
    place = card.get("building_id") or card.get("community_id")
    if not place:
        return []
    text = words("panel.go_building") if card.get("building_id") else words("panel.go_community")
    return [html.Div(parts.act("drill", str(place), KEY, text, className="link"), className="foot")]
