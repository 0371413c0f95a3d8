"""Panels for the browser as plain trees of elements: cheap to send, and built without any HTML sink.

Each Dash component on a page listens to every change of the page's state, so a wall of two thousand small
elements would spend half a second on each tap. A panel that only shows and taps needs no component: the
browser builds its elements from this tree with createElement and textContent (assets/elements.js).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.drawing import Mark

Tree = list[Any] | str
RENAMED = {
    "className": "class",
    "htmlFor": "for",
    "colSpan": "colspan",
    "rowSpan": "rowspan",
    "tabIndex": "tabindex",
}
LEFT_OUT = {"children", "id", "style", "n_clicks"}


def plain(painted: Any) -> list[Tree]:
    """Return painted components as [tag, attributes, children] or text, nested.

    A button's gesture becomes data-verb and data-arg.

    Raises:
        TypeError: the panel holds a component that is no HTML element; such panels are sheets.
    """
    if painted is None:
        return []
    if isinstance(painted, list | tuple):
        return [tree for part in painted for tree in plain(part)]
    if isinstance(painted, Component):
        return [_element(painted)]
    if isinstance(painted, Mark):
        return [[painted.tag, dict(painted.attributes), plain(painted.children)]]
    return [str(painted)]


def _element(component: Component) -> Tree:
    kind = type(component).__name__
    if getattr(html, kind, None) is not type(component):
        raise TypeError(f"{kind} is no HTML element; a panel with such a part must stand at the side 'sheet'")
    as_json: Callable[[], dict[str, Any]] = component.to_plotly_json
    given = as_json()["props"]
    return [kind.lower(), _attributes(given), plain(given.get("children"))]


def _attributes(given: Mapping[str, Any]) -> dict[str, str]:
    named = {RENAMED.get(name, name): _text(value) for name, value in given.items() if name not in LEFT_OUT}
    identity = given.get("id")
    if isinstance(identity, Mapping):
        named |= {"data-verb": str(identity["verb"]), "data-arg": str(identity["arg"])}
    elif identity:
        named["id"] = str(identity)
    if given.get("style"):
        named["style"] = ";".join(f"{_hyphenated(name)}:{value}" for name, value in given["style"].items())
    return {name: value for name, value in named.items() if value != "False"}


def _text(value: Any) -> str:
    return "" if value is True else str(value)


def _hyphenated(name: str) -> str:
    return "".join("-" + letter.lower() if letter.isupper() else letter for letter in name)
