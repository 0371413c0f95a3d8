"""Wiring: every callback of the wall. One writes the scene; painters read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import g

from dashboard.answers import Answers
from dashboard.panels.registry import all_panels
from dashboard.plain import plain
from dashboard.sessions import current_mode
from dashboard.views import browser_scene, kind, question, standing
from dashboard.words import Words
from layers.registry import all_layers
from layers.scene import VERBS, Scene, World, from_mapping, read_query, readable

GESTURES = {"verb": ALL, "arg": ALL, "at": ALL}
SHEETS = {"kind": "sheet", "key": ALL}
STAY = "stay"
"""The verb that leaves the scene as it is and asks for what is not yet held, as after a change of size."""


def connect(app: Dash, answers: Answers) -> None:
    """Register every callback."""
    _connect_writer(app, answers)
    _connect_browser(app)


def _connect_writer(app: Dash, answers: Answers) -> None:
    @app.callback(
        Output("scene", "data"),
        Output("notice", "children"),
        Output("parcel", "data"),
        Output(SHEETS, "children"),
        Input("tap", "data"),
        State("scene", "data"),
        State("held", "data"),
        State(SHEETS, "id"),
        prevent_initial_call=True,
    )
    def write(tap: dict[str, Any], shown: dict[str, Any], held: dict[str, str], ids: list[Any]) -> Any:
        written, notice = after(answers, shown, str(tap["verb"]), tap["arg"])
        scene = shown if written is no_update else written
        parcel = parcel_for(answers, scene, held, bool(tap.get("wide")), _since(tap.get("since")))
        sheets = parcel.pop("sheets")
        return (
            written,
            notice,
            parcel | {"n": tap.get("n")},
            [sheets.get(one["key"], no_update) for one in ids],
        )


def _since(given: Any) -> int | None:
    """Read the version whose answers a page shows; None = it does not ask for a newer one."""
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def parcel_for(
    answers: Answers, shown: dict[str, Any], held: dict[str, str], is_wide: bool, since: int | None = None
) -> dict[str, Any]:
    """Return in one answer every view of a scene whose question differs from the one the browser holds.

    Args:
        answers: answer the views.
        shown: the scene, as `views.browser_scene` gives it.
        held: view key → the question whose answer the browser holds.
        is_wide: whether the wall has the columns of wide walls.
        since: the store's version whose answers the browser shows, when it asks for newer ones: views that
            are still right do not come again. -1 = all must come again. None = the version is not asked for.

    Returns:
        at: the store's version behind the answers; anew: whether views that are not in `held` must be
        forgotten; held: view key → question, of what comes with it; panels: plain trees, layers: payloads,
        sheets: components, each by view key.
    """
    scene, mode = scene_of(answers, shown), current_mode()
    shown = browser_scene(scene, answers.world)
    asked = {key: question(key, shown) for key in standing(shown, is_wide)}
    fresh = {key: text for key, text in asked.items() if since is not None or held.get(key) != text}
    g.looked = ",".join(fresh), shown  # what the access log writes down
    parcel: dict[str, Any] = {"at": answers.version, "anew": since is not None, "held": fresh}
    parcel |= {"panels": {}, "layers": {}, "sheets": {}}
    for key, text in fresh.items():
        sort, _, name = key.partition("/")
        part, kept, made = _answer(answers, sort, name, scene, mode)
        if held.get(key) != text or not answers.unchanged(kept, since):
            parcel[part][name if sort == "layer" else key] = made
    return parcel


def _answer(
    answers: Answers, sort: str, name: str, scene: Scene, mode: str
) -> tuple[str, tuple[Any, ...], Any]:
    """Return where a view's answer goes in the parcel, under what it is kept, and the answer."""
    if sort == "layer":
        layer = all_layers()[name]
        return "layers", answers.layer_key(layer, scene, mode), answers.layer(layer, scene, mode)
    return f"{sort}s", answers.panel_key(all_panels()[name], scene, mode), paint_panel(answers, name, scene)


def after(answers: Answers, shown: dict[str, Any], verb: str, arg: str) -> tuple[Any, str]:
    """Return the browser's scene after a gesture, and a sentence where something was refused."""
    world, arg = answers.world, readable(arg) if verb != "go" else arg
    scene = from_mapping(shown).settled(world)[0]
    if verb not in (*VERBS, STAY):
        raise PreventUpdate
    wanted = read_query(arg) if verb == "go" else scene if verb == STAY else VERBS[verb](scene, arg, world)
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
    clientside(ClientsideFunction("wall", "gesture"), Input(GESTURES, "n_clicks"))
    clientside(
        ClientsideFunction("wall", "receive"),
        Output("held", "data"),
        Input("scene", "data"),
        Input("parcel", "data"),
        State("held", "data"),
        State("version", "data"),
    )
