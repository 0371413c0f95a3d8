"""Wiring: every callback of the wall. One writes the scene; painters read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard.answers import Answers
from dashboard.panels.registry import all_panels
from dashboard.plain import plain
from dashboard.sessions import current_mode
from dashboard.views import browser_scene, kind
from dashboard.words import Words
from layers.registry import all_layers
from layers.scene import VERBS, Scene, World, from_mapping, read_query, readable

GESTURES = {"verb": ALL, "arg": ALL, "at": ALL}


def connect(app: Dash, answers: Answers) -> None:
    """Register every callback."""
    _connect_writer(app, answers)
    _connect_painters(app, answers)
    _connect_browser(app)


def _connect_writer(app: Dash, answers: Answers) -> None:
    @app.callback(
        Output("scene", "data"),
        Output("notice", "children"),
        Input(GESTURES, "n_clicks"),
        Input("tap", "data"),
        State("scene", "data"),
        prevent_initial_call=True,
    )
    def write(clicks: list[int | None], tap: dict[str, Any] | None, shown: dict[str, Any]) -> Any:
        gesture = _gesture(clicks, tap)
        if gesture is None:
            raise PreventUpdate
        return after(answers, shown, *gesture)


def after(answers: Answers, shown: dict[str, Any], verb: str, arg: str) -> tuple[Any, str]:
    """Return the browser's scene after a gesture, and a sentence where something was refused."""
    world, arg = answers.world, readable(arg) if verb != "go" else arg
    scene = from_mapping(shown).settled(world)[0]
    if verb not in VERBS:
        raise PreventUpdate
    wanted = read_query(arg) if verb == "go" else VERBS[verb](scene, arg, world)
    settled, refused = wanted.settled(world)
    notice = refusal(refused, Words(settled.lang))
    return (no_update if settled == scene else browser_scene(settled, world)), notice


def refusal(refused: tuple[tuple[str, str], ...], words: Words) -> str:
    """Say in one sentence what an address asked for that does not exist; empty where nothing was refused."""
    if not refused:
        return ""
    parts = [
        words("frame.refused_part", field=words(f"frame.field_{name}"), value=value[:40])
        for name, value in refused
    ]
    return words("frame.refused", parts=words("frame.list_separator").join(parts))


def _gesture(clicks: list[int | None], tap: dict[str, Any] | None) -> tuple[str, str] | None:
    """Return (verb, arg) of what was tapped; None where a callback only reports that buttons were painted."""
    cause = ctx.triggered_id
    if cause == "tap":
        return (str(tap["verb"]), str(tap["arg"])) if tap else None
    if cause and ctx.triggered and ctx.triggered[0]["value"]:
        return str(cause["verb"]), str(cause["arg"])
    return None


def _connect_painters(app: Dash, answers: Answers) -> None:
    @app.callback(
        Output({"kind": "sheet", "key": MATCH}, "children"),
        Input({"asks": "sheet", "key": MATCH}, "data"),
        State("scene", "data"),
        prevent_initial_call=True,
    )
    def open_sheet(asked: str, shown: dict[str, Any]) -> Any:
        key = ctx.triggered_id["key"].partition("/")[2]
        return paint_panel(answers, key, scene_of(answers, shown))

    @app.callback(
        Output({"kind": "panel", "key": MATCH}, "data"),
        Input({"asks": "panel", "key": MATCH}, "data"),
        State("scene", "data"),
        prevent_initial_call=True,
    )
    def paint(asked: str, shown: dict[str, Any]) -> Any:
        key, scene = ctx.triggered_id["key"].partition("/")[2], scene_of(answers, shown)
        painted = paint_panel(answers, key, scene)
        kept = answers.panel_key(all_panels()[key], scene, current_mode())
        return no_update if answers.unchanged(kept, seen_version(asked)) else painted

    @app.callback(
        Output({"kind": "layer", "key": MATCH}, "data"),
        Input({"asks": "layer", "key": MATCH}, "data"),
        State("scene", "data"),
        prevent_initial_call=True,
    )
    def lay(asked: str, shown: dict[str, Any]) -> Any:
        layer, scene = all_layers()[ctx.triggered_id["key"].partition("/")[2]], scene_of(answers, shown)
        payload = answers.layer(layer, scene, current_mode())
        kept = answers.layer_key(layer, scene, current_mode())
        return no_update if answers.unchanged(kept, seen_version(asked)) else payload


def seen_version(asked: str) -> int | None:
    """Return the store's version a page shows, from the end of its question; None where it shows another."""
    version = asked.rpartition("@@")[2].partition(">")[0] if "@@" in asked else ""
    return int(version) if version.isascii() and version.isdecimal() and len(version) < 16 else None


def scene_of(answers: Answers, shown: dict[str, Any]) -> Scene:
    """Return the valid scene behind what a browser sent."""
    return from_mapping(shown).settled(answers.world)[0]


def paint_panel(answers: Answers, key: str, scene: Scene) -> Any:
    """Return a sheet's components, or a panel's plain tree, for the session's mode."""
    panel, words = all_panels()[key], Words(scene.lang)

    def paint(rows: dict[str, Any], world: World) -> Any:
        painted = panel.paint(rows, scene, words, world)
        return painted if kind(panel) == "sheet" else plain(painted)

    return answers.painted(panel, scene, current_mode(), paint)


def _connect_browser(app: Dash) -> None:
    clientside: Callable[..., None] = app.clientside_callback
    for asks in ("panel", "sheet", "layer"):
        clientside(
            ClientsideFunction("wall", "ask"),
            Output({"asks": asks, "key": ALL}, "data"),
            Input("scene", "data"),
            State({"asks": asks, "key": ALL}, "data"),
            State({"asks": asks, "key": ALL}, "id"),
            State("views", "data"),
            prevent_initial_call=True,
        )
    clientside(ClientsideFunction("wall", "address"), Input("scene", "data"))
    clientside(
        ClientsideFunction("wall", "panels"),
        Input({"kind": "panel", "key": ALL}, "data"),
        State({"kind": "panel", "key": ALL}, "id"),
    )
    clientside(
        ClientsideFunction("wall", "paint"),
        Input("scene", "data"),
        Input({"kind": "layer", "key": ALL}, "data"),
        State({"kind": "layer", "key": ALL}, "id"),
        State("version", "data"),
    )
