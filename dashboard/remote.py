"""The tablet that controls a wall: its page, pairing, commands, and what the wall tells back.

A paired tablet sends commands to its own walls and nothing else. It sees names of places and tours, which are
public; figures stay on the wall, whose mode comes from the wall's own session.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

import segno
from flask import Blueprint, Response, current_app, jsonify, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from markupsafe import escape

from dashboard.answers import Answers
from dashboard.errors import RefusedError, language
from dashboard.live import Hub
from dashboard.pairing import LASTS, Pairing, new_remote, plain_name
from dashboard.tour_values import asked, written
from dashboard.tours import named_values, scene_of_stop, tours
from dashboard.walls import become_wall
from dashboard.words import Words, languages, table
from layers.scene import PRESETS, VERBS
from stores.settings import Settings

COOKIE: Final = "ejia_remote"
LASTS_DAYS: Final = 30
GUESSES: Final = "10 per minute"  # tries to pair from one address
COMMANDS: Final = "2400 per minute"  # a finger that draws sends thirty a second
TEMPLATE: Final = Path(__file__).with_name("remote.html")
PLAIN: Final = ("next", "previous", "hold", "leave", "resume")
SWITCHES: Final = ("blackout", "visitor")
STATE: Final[Mapping[str, type]] = {
    "query": str, "tour": str, "stop": int, "of": int, "held": bool, "dark": bool, "visitor": bool,
    "lang": str, "place": str, "month": str, "name": str,
}  # fmt: skip


class States:
    """Keep what each wall last said of itself, for the tablets."""

    def __init__(self, most: int = 64) -> None:
        self._states: dict[str, dict[str, Any]] = {}
        self._most = most
        self._lock = Lock()

    def put(self, wall: str, state: dict[str, Any]) -> bool:
        """Keep a wall's state; tell whether its name is new."""
        with self._lock:
            before = self._states.pop(wall, {})
            self._states[wall] = state
            while len(self._states) > self._most:
                del self._states[next(iter(self._states))]
            return bool(before.get("name") != state.get("name"))

    def get(self, wall: str) -> dict[str, Any]:
        """Return what a wall last said; empty where it said nothing."""
        return self._states.get(wall, {})


def who_listens(pairing: Pairing) -> Callable[[], str]:
    """Return the function that names whose messages a stream carries: a tablet's wall's, or its own."""

    def name() -> str:
        watched = request.args.get("watch", "")
        if not watched:
            return become_wall()
        if not pairing.holds(remote_of_request(), watched):
            raise RefusedError(403, "not_paired")
        return watching(watched)

    return name


def watching(wall: str) -> str:
    """Return the name under which tablets hear of a wall."""
    return f"watch/{wall}"


def blueprint(answers: Answers, hub: Hub, pairing: Pairing, settings: Settings) -> Blueprint:
    """Return the routes of walls and tablets."""
    routes = Blueprint("remote", __name__)
    states = States()
    _wall_routes(routes, hub, pairing, states, settings)
    _tablet_routes(routes, answers, hub, pairing, states)
    return routes


def limit(routes: Blueprint, app: Any) -> None:
    """Keep anyone from guessing codes and from flooding a wall."""
    guesses = Limiter(get_remote_address, storage_uri="memory://")
    floods = Limiter(lambda: remote_of_request() or get_remote_address(), storage_uri="memory://")
    guesses.init_app(app)
    floods.init_app(app)
    for endpoint, limiter, rate in (("pair", guesses, GUESSES), ("command", floods, COMMANDS)):
        name = f"{routes.name}.{endpoint}"
        app.view_functions[name] = limiter.limit(rate)(app.view_functions[name])


# The wall's side


def _wall_routes(routes: Blueprint, hub: Hub, pairing: Pairing, states: States, settings: Settings) -> None:
    @routes.post("/walls/code")
    def code() -> Response:
        digits = pairing.open(become_wall())
        address = f"{address_of(settings, request.host_url)}remote#{digits}"
        return jsonify({"code": digits, "seconds": LASTS.seconds, "address": address, "qr": qr(address)})

    @routes.delete("/walls/code")
    def no_code() -> Response:
        pairing.close(become_wall())
        return jsonify({})

    @routes.post("/walls/state")
    def state() -> Response:
        wall, told = become_wall(), checked_state(request.get_json(silent=True))
        if states.put(wall, told):
            pairing.name(wall, told.get("name", ""))
        hub.publish("state", told, wall=watching(wall))
        return jsonify({"remotes": pairing.remotes(wall)})

    @routes.delete("/walls/remotes")
    def part() -> Response:
        wall = become_wall()
        pairing.end(wall)
        hub.publish("parted", {}, wall=watching(wall))
        return jsonify({"remotes": 0})


def address_of(settings: Settings, host_url: str) -> str:
    """Return the address at which a tablet finds this server: the deployment's, else the wall's own."""
    return (settings.screen.address.rstrip("/") + "/") if settings.screen.address else host_url


def qr(address: str) -> str:
    """Draw an address as a QR code, dark on light with its quiet zone, as SVG without a size."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", border=3, dark="#0a1631", light="#b0c2f9", omitsize=True, xmldecl=False, svgns=True
    )
    return drawn.getvalue().decode()


def checked_state(body: Any) -> dict[str, Any]:
    """Return what a wall says of itself, as far as it is of the right form.

    Raises:
        RefusedError: 400 for no mapping.
    """
    if not isinstance(body, dict):
        raise RefusedError(400, "bad_request")
    kept = {name: body[name] for name, kind in STATE.items() if type(body.get(name)) is kind}
    short = {name: value[:600] if isinstance(value, str) else value for name, value in kept.items()}
    return {**short, "name": plain_name(body.get("name"))}


# The tablet's side


def _tablet_routes(routes: Blueprint, answers: Answers, hub: Hub, pairing: Pairing, states: States) -> None:
    @routes.get("/remote")
    def page() -> Response:
        return Response(tablet_page(language()), mimetype="text/html")

    @routes.post("/remote/pair")
    def pair() -> Response:
        body = request.get_json(silent=True)
        given = body.get("code") if isinstance(body, dict) else None
        known = remote_of_request() or new_remote()
        wall = pairing.take(given, known) if isinstance(given, str) and len(given) == 6 else None
        if wall is None:
            raise RefusedError(403, "bad_code")
        hub.publish("paired", {"remotes": pairing.remotes(wall)}, wall=wall)
        response = jsonify({"wall": wall})
        response.set_cookie(
            COOKIE,
            known,
            max_age=LASTS_DAYS * 86400,
            httponly=True,
            samesite="Strict",
            secure=request.is_secure,
        )
        return response

    @routes.get("/remote/walls")
    def walls() -> Response:
        mine = pairing.walls(remote_of_request()) if remote_of_request() else []
        return jsonify([{**one, "state": states.get(one["wall_id"])} for one in mine])

    @routes.get("/remote/world")
    def world() -> Response:
        _paired(pairing)
        return jsonify(known_world(answers))

    @routes.post("/remote/command")
    def command() -> Response:
        body = request.get_json(silent=True)
        wall = body.get("wall") if isinstance(body, dict) else None
        if not isinstance(wall, str) or not pairing.holds(remote_of_request(), wall):
            raise RefusedError(403, "not_paired")
        order = checked_command(body)
        if order is None:
            raise RefusedError(400, "bad_request")
        hub.publish("command", order, wall=wall)
        return Response(status=204)


def remote_of_request() -> str:
    """Return the secret of the tablet that asks, '' where it has none."""
    return request.cookies.get(COOKIE, "")[:128]


def _paired(pairing: Pairing) -> None:
    """Refuse a tablet that controls no wall."""
    if not remote_of_request() or not pairing.walls(remote_of_request()):
        raise RefusedError(403, "not_paired")


def checked_command(body: Any) -> dict[str, Any] | None:
    """Return a command in the only form a wall obeys; None for anything else.

    Commands are those of a guide: steps of a tour, gestures of the scene, darkness, visitor mode, a pointer.
    Visitor mode can be switched on from a tablet and never off: only the wall itself may show more.
    """
    do, arg = body.get("do"), body.get("arg")
    if do in PLAIN:
        return {"do": do}
    if do in SWITCHES and isinstance(arg, bool) and (do != "visitor" or arg):
        return {"do": do, "arg": arg}
    if do == "jump" and type(arg) is int and 0 <= arg < 100:
        return {"do": do, "arg": arg}
    if do == "start" and isinstance(arg, str) and arg in tours().all():
        return {"do": do, "arg": arg}
    if do == "gesture":
        return _gesture(body)
    if do == "point":
        return _point(body)
    return None


def _gesture(body: Mapping[str, Any]) -> dict[str, Any] | None:
    verb, arg = body.get("verb"), body.get("arg", "")
    good = isinstance(verb, str) and verb in VERBS and isinstance(arg, str) and len(arg) <= 500
    return {"do": "gesture", "verb": verb, "arg": arg} if good else None


def _point(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return where a finger points, (lon, lat) in degrees; no place at all takes the ring away."""
    lon, lat = body.get("lon"), body.get("lat")
    if lon is None and lat is None:
        return {"do": "point"}
    for degrees, most in ((lon, 180), (lat, 90)):
        if not isinstance(degrees, int | float) or not math.isfinite(degrees) or abs(degrees) > most:
            return None
    return {"do": "point", "lon": lon, "lat": lat}


def known_world(answers: Answers) -> dict[str, Any]:
    """Return what a tablet needs to steer: places, months, layers, and the tours with captions and notes."""
    world = answers.world
    places = answers.rows({"places": ("place_tree", {})}, "visitor")["places"]
    names = ("node_id", "level", "name", "name_en", "parent_id")
    return {
        "places": [{name: row[name] for name in names} for row in places],
        "version": str(atlas.version if (atlas := current_app.extensions.get("atlas")) else world.version),
        "months": list(world.months),
        "layers": list(world.layers),
        "presets": list(PRESETS),
        "tours": [_tour(name, answers) for name in tours().all()],
    }


def _tour(name: str, answers: Answers) -> dict[str, Any]:
    """Return a tour with captions as visitors see them, and the presenter's notes."""
    tour, world = tours().all()[name], answers.world
    stops = []
    for index, stop in enumerate(tour.stops):
        scene = scene_of_stop(name, index, stop, world)
        told: dict[str, Any] = {"chapter": {}, "caption": {}, "notes": {}, "dwell": stop.dwell}
        for lang in languages():
            text = stop.caption.of(lang)
            used = named_values(text)
            values = written(used, answers.rows(asked(used, world), "visitor"), Words(lang))
            told["chapter"][lang] = stop.chapter.of(lang)
            told["caption"][lang] = text.format(**values)
            told["notes"][lang] = stop.notes.of(lang) if stop.notes else ""
        stops.append({**told, "place": scene.place, "layers": list(scene.layers), "board": scene.board})
    return {"name": name, "title": {"zh": tour.title.zh, "en": tour.title.en}, "stops": stops}


def tablet_page(lang: str) -> str:
    """Write the tablet's page: a frame, its words, and the addresses of its script and style."""
    words = {
        one: {
            key.partition(".")[2]: text
            for key, text in table(one).items()
            if key.startswith(("remote.", "map.layer_", "frame.preset_", "frame.other_language"))
        }
        for one in languages()
    }
    page = TEMPLATE.read_text("utf-8")
    filled = {
        "lang": "en" if lang == "en" else "zh-CN",
        "title": str(escape(Words(lang)("remote.title"))),
        "words": str(escape(json.dumps(words, ensure_ascii=False))),
    }
    for name, value in filled.items():
        page = page.replace("{{" + name + "}}", value)
    return page
