"""Who looks, at what data, of when: mode, demo badge, freshness, language, search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes, pressed
from dashboard.parts import act
from dashboard.sessions import current_mode
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "status"
ORDER = 2
SIDE = "head"
DEPENDS: tuple[str, ...] = ("open",)


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask when the data was last true."""
    return {"freshness": ("freshness", {})}


def paint(rows: Mapping[str, list[dict[str, Any]]], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return search, language, mode, the 演示数据 badge, the live sign and the date of the data."""
    fresh = rows["freshness"][0]
    mode = current_mode()
    parts: list[Any] = [_search(scene, words), _language(scene, words)]
    parts += _who(mode, words)
    if fresh.get("data_label") == "demo":
        parts.append(
            html.Span(words("app.demo"), className="badge", **attributes({"data-key": "label/demo"}))
        )
    parts += [_live(words), _as_of(fresh, words)]
    return parts


def _who(mode: str, words: Words) -> list[Any]:
    """Return the mode's badge, which switches to visitors and back, and the doors in and out.

    Which of the doors stands there is the browser's to say (assets/session.js): what is painted here is the
    same for everybody in this mode.
    """
    badge = html.Button(
        words(f"modes.{mode}"),
        className="badge mode",
        title=words("login.switch"),
        **attributes({"data-key": f"mode/{mode}", "data-mode": mode, "data-session": "mode"}),
    )
    doors = [
        html.A(
            words("login.desk"), href="/desk", className="tool door desk", **attributes({"data-key": "desk"})
        ),
        html.A(
            html.Span(words("login.in")),
            href="/login",
            className="tool door in",
            **attributes({"data-key": "login"}),
        ),
        html.Button(
            html.Span(words("login.out")),
            className="tool door out",
            **attributes({"data-key": "logout", "data-session": "out"}),
        ),
    ]
    return [badge, *doors]


def _search(scene: Scene, words: Words) -> html.Button:
    return act(
        "open",
        "search",
        KEY,
        html.Span(className="glass"),
        **pressed(scene.open == "search", "tool"),
        **attributes({"aria-label": words("frame.search")}),
    )


def _language(scene: Scene, words: Words) -> html.Button:
    other = "en" if scene.lang == "zh" else "zh"
    return act("lang", other, KEY, words("frame.other_language"), className="tool", lang=other)


def _live(words: Words) -> html.Span:
    live = html.Span(words("frame.live"), className="when-live")
    stale = html.Span(words("frame.stale"), className="when-stale")
    return html.Span([html.I(), live, stale], className="fresh", **attributes({"data-key": "freshness"}))


def _as_of(fresh: Mapping[str, Any], words: Words) -> html.Span:
    """Return the data's date, and the time of its last event where that is of the same day."""
    day, last = str(fresh["as_of"])[:10], str(fresh["last_event_at"] or "")
    clock = [html.Span(" " + last[11:16], className="clock")] if last[:10] == day else []
    return html.Span(
        [html.Small(words("frame.as_of") + " "), day, *clock],
        className="as-of",
        **attributes({"data-key": "as-of"}),
    )
