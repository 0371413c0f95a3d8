"""The API asks the wall's own questions, through the same gate, for programs."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from dashboard import tables
from dashboard.answers import Answers
from dashboard.errors import RefusedError
from dashboard.openapi import LAYER_PARAMETERS, PLACE_PARAMETERS, document
from dashboard.search import LONGEST_QUERY, Searches
from dashboard.sessions import current_mode, current_scope
from layers.registry import Layer, all_layers
from layers.scene import BASES, DAYS, MEASURES, SPANS, Scene, from_mapping
from stores.tally import Tally, count_again, tallied

if TYPE_CHECKING:
    from stores.gate import Gate
    from stores.settings import Settings
    from stores.store import Store

ROOT: Final = "/api/v1"
RATE = "3000 per minute"  # a client; a busy wall asks a tenth of it
MIME: Final = {"json": "application/json", "geojson": "application/geo+json", "csv": "text/csv"}
ALLOWED: Final = {"basis": BASES, "span": SPANS, "day": DAYS, "measure": MEASURES, "per": ("members",)}
LEVELS: Final = ("district", "town", "community")
HEADS: Final = (
    "organisations",
    "committees",
    "general_branches",
    "branches",
    "members",
    "full_members",
    "probationary",
)
MOST_HITS: Final = 50
KEPT_TEXTS: Final = 32

Row = dict[str, Any]


def limit(api: Blueprint) -> Limiter:
    """Return a limiter, for the app to take in, that keeps one client from asking the API without end."""
    limiter = Limiter(get_remote_address, storage_uri="memory://")
    limiter.limit(RATE)(api)
    return limiter


def blueprint(store: Store, gate: Gate, settings: Settings, searches: Searches) -> Blueprint:
    """Return the routes under /api/v1."""
    api = Blueprint("api", __name__, url_prefix=ROOT)
    desk = Desk(Answers(store, gate, settings), gate, searches)

    @api.get("/places")
    def places() -> Response:
        known("level", "parent", "basis")
        return answer({"places": desk.places()})

    @api.get("/places/<path:place>")
    def place(place: str) -> Response:
        known(*PLACE_PARAMETERS)
        return answer(desk.place(place))

    @api.get("/layers")
    def layers() -> Response:
        known()
        return answer({"layers": list(all_layers())})

    @api.get("/layers/<key>")
    def layer(key: str) -> Response:
        known(*LAYER_PARAMETERS)
        return desk.layer(key)

    @api.get("/search")
    def search() -> Response:
        known("q", "limit")
        return answer(desk.search())

    @api.get("/openapi.json")
    def openapi() -> Response:
        known()
        return answer(document(tuple(all_layers()), desk.answers.world.months, settings.district.code))

    return api


class Desk:
    """Answer the API's questions with the mode of the request's session."""

    def __init__(self, answers: Answers, gate: Gate, searches: Searches) -> None:
        self.answers, self._gate, self._searches = answers, gate, searches
        self._texts: OrderedDict[tuple[Any, ...], tuple[bytes, Tally]] = OrderedDict()
        self._lock = Lock()

    def places(self) -> list[Row]:
        """Return the places of the ground's tree, narrowed by ?level= and ?parent=."""
        level, parent = one_of("level", LEVELS, ""), request.args.get("parent")
        if parent is not None:
            self._about("place", parent)
        rows = self._gate.answer("place_tree", current_mode())
        kept = [row for row in rows if level in ("", row["level"]) and parent in (None, row["parent_id"])]
        return [named(row) | {"wall_url": wall(place=row["node_id"])} for row in kept]

    def place(self, place: str) -> Row:
        """Return a place: name, level, parent, children, bounds, head counts, address on the wall."""
        basis = one_of("basis", BASES, BASES[0])
        month = self._month()
        about, asked = self._about(basis, place), {"basis": basis, "node": place}
        children = self._gate.answer("children", current_mode(), **asked)
        heads = self._gate.answer("headline", current_mode(), **asked, month=month)
        outline = self.answers.world.outline(place)
        return named(about) | {
            "basis": basis,
            "period": month,
            "children": [named(row) for row in children],
            "bounds": None if outline is None else [round(edge, 5) for edge in outline.bounds],
            "counts": tables.row_as_json(
                {name: heads[0][name] for name in HEADS} if heads else {"organisations": 0}
            ),
            "wall_url": wall(place=place, basis=basis, month=month),
        }

    def layer(self, key: str) -> Response:
        """Return a layer's tables for a scene in JSON, or its first table in CSV or GeoJSON."""
        chosen = all_layers().get(key)
        if chosen is None:
            raise RefusedError(404, "no_layer", value=key, allowed=", ".join(all_layers()))
        form, scene, mode = wanted_format(), self._scene(), current_mode()
        asked = (self.answers.world.version, key, form, scene, mode, current_scope(), request.host_url)
        body = self._remembered(asked, lambda: self._written(chosen, form, scene, mode))
        response = Response(body, mimetype=MIME[form])
        if form == "csv":
            name = f"{key}-{scene.place.replace('/', '-')}-{scene.month}.csv"
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return _revalidated(response)

    def _written(self, layer: Layer, form: str, scene: Scene, mode: str) -> bytes:
        """Write a layer's tables in a format."""
        world = self.answers.world
        rows = self.answers.rows(layer.ask(scene, world), mode)
        if not rows:
            drawn = layer.shape({}, scene, world)
            rows = {name: part for name, part in drawn.items() if _is_table(part)}
        found = tables.inside(rows, scene.basis, scene.place, world)
        first = next(iter(found.values()), [])
        if form == "csv":
            return ("\ufeff" + tables.as_csv(first)).encode()  # the mark tells spreadsheets that it is UTF-8
        if form == "geojson":
            return _text(tables.as_geojson(first, world))
        head = {"layer": layer.KEY, "place": scene.place, "basis": scene.basis, "period": scene.month}
        about = {"span": scene.span, "mode": mode, **self._freshness()}
        return _text({**head, **about, "tables": tables.as_json(found), "wall_url": wall_of(scene)})

    def _remembered(self, asked: tuple[Any, ...], make: Callable[[], bytes]) -> bytes:
        """Return the text of an answer given before; keep the last ones."""
        with self._lock:
            known = self._texts.get(asked)
            if known is not None:
                self._texts.move_to_end(asked)
        if known is not None:
            count_again(known[1])
            return known[0]
        with tallied() as tally:
            text = make()
        with self._lock:
            self._texts[asked] = text, tally
            while len(self._texts) > KEPT_TEXTS:
                self._texts.popitem(last=False)
        return text

    def search(self) -> Row:
        """Return the places, organisations and buildings that ?q= finds."""
        query = request.args.get("q", "").strip()
        if not query:
            raise RefusedError(400, "no_query")
        if len(query) > LONGEST_QUERY:
            raise RefusedError(400, "long_query", limit=LONGEST_QUERY)
        most = whole_number("limit", 12, 1, MOST_HITS)
        hits = [hit.json() for hit in self._searches.finder(current_mode()).find(query, most)]
        return {"query": query, "hits": [hit | self._where(hit) for hit in hits]}

    def _where(self, hit: Row) -> Row:
        """Return the English name of the place above what was found, and the address of its wall."""
        trail = reversed(self.answers.world.trail("place", hit["place_id"]))
        above = next((row for row in trail if row["name"] == hit["parent_name"]), {})
        return {"parent_name_en": str(above.get("name_en") or ""), "wall_url": wall_to(hit)}

    def _about(self, basis: str, place: str) -> Row:
        """Return the public row of a place, or refuse."""
        about = self.answers.world.about(basis, place) if len(place) <= 64 else None
        if about is None:
            raise RefusedError(404, "no_place", value=place[:64])
        return about

    def _month(self) -> str:
        """Return ?period=, a month of the data; the last one where nothing is said."""
        months = self.answers.world.months
        month = request.args.get("period", "") or months[-1]
        if month not in months:
            raise RefusedError(400, "bad_month", value=month[:20], first=months[0], last=months[-1])
        return month

    def _scene(self) -> Scene:
        """Build the scene that the parameters describe; nothing is bent into shape in silence."""
        world = self.answers.world
        basis = one_of("basis", BASES, BASES[0])
        place = request.args.get("place") or world.root
        self._about(basis, place)
        chosen = {name: one_of(name, allowed, "") for name, allowed in ALLOWED.items() if name != "basis"}
        chosen |= {"hours": request.args.get("hours", ""), "month": self._month()}
        given = {name: value for name, value in chosen.items() if value}
        scene = from_mapping({"place": place, "basis": basis, **given})
        settled, refused = scene.settled(world)
        if refused:
            name, value = refused[0]
            raise RefusedError(400, "bad_parameter", name=name, value=value[:40], allowed="0-24, 8-12, …")
        return settled

    def _freshness(self) -> Row:
        row = self.answers.world.freshness
        return {name: None if row.get(name) is None else str(row[name]) for name in ("as_of", "data_label")}


def known(*names: str) -> None:
    """Refuse a request with a parameter that the address does not know."""
    allowed = (*names, "lang")
    for name in request.args:
        if name not in allowed:
            raise RefusedError(400, "unknown_parameter", name=name[:40], allowed=", ".join(allowed))


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """Return a parameter that must be one of a closed list."""
    value = request.args.get(name, default)
    if value != default and value not in allowed:
        raise RefusedError(400, "bad_parameter", name=name, value=value[:40], allowed=", ".join(allowed))
    return value


def whole_number(name: str, default: int, least: int, most: int) -> int:
    """Return a parameter that must be a whole number between two others."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most):
        raise RefusedError(400, "bad_parameter", name=name, value=text[:40], allowed=f"{least}–{most}")
    return int(text)


def wanted_format() -> str:
    """Return json, geojson or csv: ?format= goes before the Accept header."""
    form = one_of("format", tuple(MIME), "")
    if form:
        return form
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match([*MIME.values(), "text/html"])
    if best is None:
        raise RefusedError(406, "not_acceptable", allowed=", ".join(MIME.values()))
    return next((name for name, mime in MIME.items() if mime == best), "json")


def named(row: Row) -> Row:
    """Return the public head of a place."""
    names = ("name", "name_en", "level", "kind")
    return {"id": row["node_id"], **{name: row.get(name) for name in names}, "parent": row.get("parent_id")}


def wall(**scene: str) -> str:
    """Return the address that opens the wall at a scene."""
    return wall_of(from_mapping(scene))


def wall_of(scene: Scene) -> str:
    """Return the address that opens the wall at a scene."""
    return request.host_url.rstrip("/") + "/" + scene.as_query()


def wall_to(hit: Row) -> str:
    """Return the address that opens the wall at something found."""
    card = {"organisation": hit["id"]} if hit["kind"] == "organisation" else {}
    return wall(place=hit["place_id"], **card)


def answer(body: Any) -> Response:
    """Answer with JSON that a client may keep as long as it asks whether it is still right."""
    return _revalidated(Response(_text(body), mimetype=MIME["json"]))


def _text(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _revalidated(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept, Cookie"
    response.add_etag()
    response.make_conditional(request)
    return response


def _is_table(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and all(isinstance(row, dict) for row in part)
