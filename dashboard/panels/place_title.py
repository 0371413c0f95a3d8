"""Where we stand: breadcrumb, basis, period, what one takes away of it, and the filters in force."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboard.attributes import attributes
from dashboard.parts import act
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "place_title"
ORDER = 3
SIDE = "map"
DEPENDS = ("place", "basis", "picks", "span", "month", "measure")
SILENT = frozenset({"dim", "peer", "axes", "view"})
"""Picks that choose how a panel looks and filter nothing."""


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the places from the district down to this one."""
    return {"trail": ("ancestors", {"basis": scene.basis, "node": scene.place})}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the breadcrumb and the line of facts under it."""
    return [
        html.Nav(_crumbs(rows["trail"], words), className="crumbs"),
        html.Div(_facts(scene, words), className="place-facts"),
    ]


def _crumbs(trail: list[dict[str, Any]], words: Words) -> list[Any]:
    parts: list[Any] = []
    for row, after in pairwise([*trail, None]):
        assert row is not None
        key = {"data-key": f"crumb/{row['node_id']}"}
        name = name_of(row, words)
        if after is None:
            parts.append(html.Span(name, className="here", **attributes(key)))
        else:
            parts.append(act("drill", row["node_id"], KEY, name, key["data-key"]))
            parts.append(html.Span("›", className="sep", **attributes({"aria-hidden": "true"})))
    return parts


def name_of(row: Mapping[str, Any], words: Words) -> str:
    """Return a place's name; a floor is called by its number."""
    if row["level"] == "floor":
        return words("frame.floor", number=str(row["node_id"]).rpartition("/")[2])
    return words.name(row)


def _facts(scene: Scene, words: Words) -> list[Any]:
    other = "affiliation" if scene.basis == "place" else "place"
    parts: list[Any] = []
    parts.append(act("basis", other, KEY, words(f"bases.{scene.basis}"), title=words(f"bases.{other}")))
    parts.append(html.Span(period(scene, words)))
    parts += [_brief(scene, words), _picture(words)]
    parts += [_chip(pick, words) for pick in scene.picks if pick.partition(":")[0] not in SILENT]
    return parts


def _brief(scene: Scene, words: Words) -> html.A:
    """Return the link to the place's page; it comes as a file, so that a wall stays where it is."""
    names = ("place", "basis", "month", "measure", "lang")
    about = urlencode({name: getattr(scene, name) for name in names})
    named = attributes({"data-key": "brief", "aria-label": words("brief.take")})
    icon = html.I(className="page")
    return html.A(
        icon, href=f"/brief.pdf?{about}", download="", className="take", title=words("brief.take"), **named
    )


def _picture(words: Words) -> html.Button:
    """Return the button that saves what the wall shows (assets/picture.js)."""
    named = {"data-screen": "picture", "data-key": "picture", "aria-label": words("brief.picture")}
    icon = html.I(className="camera")
    return html.Button(icon, className="take", title=words("brief.picture"), **attributes(named))


def period(scene: Scene, words: Words) -> str:
    """Name the chosen span: 2019年2月, or 近三个月 / 近一年 up to it."""
    month = words.month(scene.month)
    return month if scene.span == "month" else words(f"frame.until_{scene.span}", month=month)


def _chip(pick: str, words: Words) -> html.Button:
    dimension, _, value = pick.partition(":")
    if dimension == "group":
        split, _, group = value.partition(".")
        text = words.one_of("dim", split) + " " + words.one_of(f"{split}_groups", group)
        return act("pick", dimension, KEY, text + " ×", f"chip/{pick}", className="chip")
    section = {"domain": "domains", "kind": "kinds", "education": "education", "sex": "sex"}.get(
        dimension, dimension
    )
    return act("pick", dimension, KEY, words.one_of(section, value) + " ×", f"chip/{pick}", className="chip")
