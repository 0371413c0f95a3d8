"""What is drawn of the flows: the direction, the hops, the least flow; and what the colours mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.attributes import attributes, pressed
from dashboard.flow_words import Names
from dashboard.words import Words
from layers import transfers
from layers.scene import HOPS, NOISES, WAYS, Scene, World

KEY = "flow_controls"
ORDER = 20
SIDE = "left"
BOARDS = ("transfers",)
DEPENDS = transfers.DEPENDS
STOPS = tuple(sorted(NOISES, key=int))
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask what the map's layer asks, to say how many flows it put away."""
    return transfers.ask(scene, world)


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the switches, the slider and the legend."""
    drawn = transfers.shape(rows, scene, world)
    made: list[Any] = []
    if scene.focus:
        made.append(_ways(scene, words))
        made.append(_steps(scene, Names(rows, words), words, world))
    made.append(_noise(scene, int(drawn["put_away"]), words))
    made.append(_legend(scene, words))
    if not scene.focus:
        made.append(html.Div(words("flow.hint"), className="flow-hint"))
    return made


def _ways(scene: Scene, words: Words) -> html.Div:
    """Return the three-way switch: between, in, out."""
    buttons = [
        parts.act("way", way, KEY, words(f"flow.way_{way}"), **pressed(scene.way == way, f"way-{way}"))
        for way in WAYS
    ]
    return html.Div(
        buttons, className="flow-switch", role="group", **attributes({"aria-label": words("flow.way")})
    )


def _steps(scene: Scene, names: Names, words: Words, world: World) -> html.Div:
    """Return the hops, the way into the centre, and the way back to the totals."""
    made: list[Any] = []
    if transfers.is_traced(scene):
        hops = [parts.act("hops", n, KEY, words(f"flow.hops_{n}"), **pressed(scene.hops == n)) for n in HOPS]
        made.append(
            html.Div(
                hops, className="flow-hops", role="group", **attributes({"aria-label": words("flow.hops")})
            )
        )
    row: list[Any] = []
    if transfers.is_traced(scene) and scene.basis == "place" and scene.flow_level(world) != "organisation":
        inside = [words("flow.enter", name=names(scene.focus)), html.I(className="more")]
        row.append(parts.act("drill", scene.focus, KEY, inside, "flow/enter", className="flow-link"))
    row.append(parts.act("trace", "", KEY, words("flow.all"), "flow/all", className="flow-link"))
    made.append(html.Div(row, className="flow-row"))
    return html.Div(made)


def _noise(scene: Scene, put_away: int, words: Words) -> html.Div:
    """Return the slider of the least flow with what it put away; by ear it is a choice of four."""
    said = [
        html.Span([words("flow.noise_before"), html.B(scene.noise), words("flow.noise_after")]),
        html.Span(words("flow.put_away", n=put_away) if put_away else "", className="quiet"),
    ]
    at = STOPS.index(scene.noise)
    stops = [_noise_stop(stop, stop == scene.noise) for stop in STOPS]
    told = {
        "role": "radiogroup", "aria-label": words("flow.noise"), "data-key": "flow/noise",
        "data-now": scene.noise, "data-stops": ",".join(STOPS),
    }  # fmt: skip
    track = html.Div(
        [html.I(className="track"), html.I(className="fill", style={"left": f"{_spot(at):.2f}%"}), *stops,
         html.I(className="handle", style={"left": f"{_spot(at):.2f}%"})],
        className="flow-noise", **attributes(told),
    )  # fmt: skip
    return html.Div([html.Div(said, className="flow-row"), track])


def _noise_stop(stop: str, on: bool) -> html.Button:
    """Return one stop; of a choice only the chosen one is met by Tab, arrows lead to the others."""
    said = {"role": "radio", "aria-checked": str(on).lower(), "tabIndex": "0" if on else "-1"}
    return parts.act("noise", stop, KEY, stop, className="on" if on else "", **said)


def _spot(place: int) -> float:
    """Return where a stop stands on the track in per cent."""
    return 100 * (place + 0.5) / len(STOPS)


def _legend(scene: Scene, words: Words) -> html.Div:
    """Return the key of colours: in and out, and between or the hops further off."""
    lines = [
        html.Span([html.I(className="arrow in"), words("flow.in")]),
        html.Span([html.I(className="arrow out"), words("flow.out")]),
    ]
    if not scene.focus:
        lines.append(html.Span([html.I(className="arrow between"), words("flow.between")]))
        lines.append(html.Span([html.I(className="ring"), words("flow.ring")]))
    elif scene.hops != HOPS[0]:
        further: list[Any] = [
            html.I(className="line in"),
            html.I(className="line out"),
            words("flow.further"),
        ]
        lines.append(html.Span(further))
    return html.Div(lines, className="flow-legend")
