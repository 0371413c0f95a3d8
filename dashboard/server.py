"""The server around the app: guard, headers, health, metrics, and the process that answers requests."""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask, Response, g, jsonify, redirect, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from dashboard import (
    api,
    brief_page,
    delivery,
    errors,
    geometry,
    guard,
    live,
    login,
    remote,
    sessions,
    spatial,
    stage,
    swipes,
    tiles,
    walls,
)
from dashboard import desk as desk_page
from dashboard.answers import Answers
from dashboard.errors import RefusedError
from dashboard.pairing import Pairing
from dashboard.search import Searches
from dashboard.signins import Intake
from dashboard.tours import tours_in
from loaders.pseudonyms import Pseudonyms, read_key
from stores import notices
from stores.audit import Recorder
from stores.desk import Desk, open_desk
from stores.errors import StoreDownError
from stores.key_file import key_from_file

if TYPE_CHECKING:
    from stores.gate import Gate
    from stores.settings import Settings
    from stores.store import Store

ASSETS: Final = Path(__file__).resolve().parent.parent / "assets"
LARGEST_REQUEST: Final = 1_000_000  # bytes; a callback posts a few kilobytes
HEALTH_WAIT: Final = 2.0  # seconds a store may take to answer /healthz
DEFAULT_CHARTS: Final = "/_dash-component-suites/plotly/package_data/plotly.min.js"
_LINKED: Final = re.compile(r'(?:src|href)="(/[^"]+)"')
LOG: Final = logging.getLogger("ejia.server")
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def install(
    app: Flask,
    store: Store,
    gate: Gate,
    settings: Settings,
    script_hashes: Callable[[], Sequence[str]] = tuple,
) -> None:
    """Put guard, headers, caching, health, metrics, geometry and API around an app.

    Args:
        app: the Flask app, Dash's routes included or not.
        store: answers shapes and its version.
        gate: the only way to figures.
        settings: of the deployment.
        script_hashes: gives the hashes of inline scripts; asked once, at the first answer.
    """
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.url_map.strict_slashes = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    data = Path(settings.data_dir)
    desk = getattr(store, "desk", None) or open_desk(settings)
    recorder = Recorder(desk, kept_days=settings.desk.log_days)
    signs = sessions.install(app, desk, settings)
    gate.within(sessions.current_scope)
    errors.install(app)
    _measure(app, store)
    guard.install(app, recorder)
    app.before_request(small_charts)
    app.before_request(only_known_pages)
    delivery.install(app, data / "cache")
    _head(app, script_hashes)
    searches = Searches(gate, store)
    atlas = geometry.Atlas(store, gate, settings)
    app.register_blueprint(geometry.blueprint(atlas))
    routes = api.blueprint(store, gate, settings, searches)
    api.limit(routes).init_app(app)
    app.register_blueprint(routes)
    app.register_blueprint(login.blueprint(signs, recorder, settings))
    app.register_blueprint(tiles.blueprint(store, gate))
    app.register_blueprint(spatial.blueprint(app, gate))
    channels = notices.senders(settings.notices, key_from_file(data / "webhook.key"))
    post = notices.Post(desk, channels, settings.notices.per_minute, settings.notices.tries)
    app.register_blueprint(desk_page.blueprint(desk, store, gate, settings, tuple(channels)))
    pages = brief_page.blueprint(Answers(store, gate, settings), atlas, settings, recorder)
    brief_page.limit(pages, app)
    app.register_blueprint(pages)
    _health(app, store)
    app.extensions.update(searches=searches, atlas=atlas, recorder=recorder, post=post)
    present(app, store, gate, settings, desk)


def present(app: Flask, store: Store, gate: Gate, settings: Settings, desk: Desk) -> None:
    """Put on what open walls live from: live push, the intake of sign-ins, tours."""
    hub = live.Hub()
    hub.version = store.version
    streams = live.Streams(live.bounded(live.threads_of_server()))
    walls.install(app, Path(settings.data_dir))
    pairing = Pairing(desk)
    app.register_blueprint(
        live.blueprint(
            hub, streams, remote.who_listens(pairing), lambda: live.heard_mode(settings.district.code)
        )
    )
    intake = Intake(store, hub, Pseudonyms(read_key(Path(settings.data_dir))))
    posted = swipes.blueprint(desk, intake)
    swipes.limit(posted).init_app(app)
    app.register_blueprint(posted)
    app.extensions.update(hub=hub, streams=streams, desk=desk, intake=intake)
    app.extensions["tours"] = tours_in(Path(settings.data_dir) / "tours")
    answers = Answers(store, gate, settings)
    app.register_blueprint(stage.blueprint(answers))
    tablet = remote.blueprint(answers, hub, pairing, settings)
    app.register_blueprint(tablet)
    remote.limit(tablet, app)


def small_charts() -> Response | None:
    """Lead whoever asks for the default chart library, 4.8 MB, to the small one."""
    if request.path != DEFAULT_CHARTS:
        return None
    return cast(Response, redirect(f"/assets/vendor/{_charts()}", 308))


def only_known_pages() -> None:
    """Refuse unknown pages: Dash's own catch-all would show the wall under any address.

    Raises:
        RefusedError: 404.
    """
    if request.url_rule is not None and request.url_rule.rule == "/<path:path>":
        raise RefusedError(404, "not_found")


def _charts() -> str:
    """Return the file name of the vendored chart library."""
    return max(path.name for path in (ASSETS / "vendor").glob("plotly-*.min.js"))


def policy(hashes: Sequence[str]) -> str:
    """Write the Content-Security-Policy: everything from here, scripts without eval, styles may be inline."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _head(app: Flask, script_hashes: Callable[[], Sequence[str]]) -> None:
    """Add the security headers to every answer, and name the fonts early on a page."""
    known: dict[str, str] = {}
    fonts = ", ".join(
        f"</assets/fonts/{path.name}>; rel=preload; as=font; type=font/woff2; crossorigin"
        for path in sorted((ASSETS / "fonts").glob("core-*.woff2"))
    )

    @app.after_request
    def add(response: Response) -> Response:
        if "policy" not in known:
            known["policy"] = policy(script_hashes())
        response.headers.setdefault("Content-Security-Policy", known["policy"])
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html" and response.status_code == 200:
            response.headers["Link"] = fonts
        return response


def _health(app: Flask, store: Store) -> None:
    """Serve /healthz: 200 with the store's version, 503 when the store does not answer in time."""
    asker = ThreadPoolExecutor(1, thread_name_prefix="health")

    def ask() -> dict[str, Any]:
        store.shapes("district")  # a real question to the engine; the gate would answer from memory
        return {"state": "ok", "version": store.version}

    @app.get("/healthz")
    def healthz() -> Response:
        try:
            return jsonify(asker.submit(ask).result(HEALTH_WAIT))
        except Exception as error:
            raise RefusedError(503, "store_down") from error


def _measure(app: Flask, store: Store) -> None:
    """Count and time requests by route, and serve /metrics in Prometheus' form."""
    registry = CollectorRegistry()
    count = Counter("ejia_requests", "Requests answered", ["method", "route", "status"], registry=registry)
    took = Histogram("ejia_request_seconds", "Time to answer", ["route"], registry=registry)
    Gauge("ejia_store_version", "Version of the store", registry=registry).set_function(lambda: store.version)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def stop(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        count.labels(request.method, route, str(response.status_code)).inc()
        took.labels(route).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), mimetype="text/plain")


def build() -> Flask:
    """Open the store that `ejia serve` named and return the whole app; the server's worker calls this."""
    from dashboard.app import create_app, script_hashes
    from dashboard.deployment import for_web, handed_over, open_gate, patiently
    from dashboard.herald import Herald
    from indicators.warnings.watching import Watcher
    from stores.pg_address import is_postgres
    from stores.whole import WholeStore

    settings = for_web(handed_over())
    store, gate = patiently(lambda: open_gate(settings), LOG.warning)
    dash = create_app(store, gate, settings)
    dash.config.assets_path_ignore = ["vendor", "remote"]  # the chart library waits until a chart is opened
    app: Flask = dash.server
    install(app, store, gate, settings, lambda: script_hashes(dash))
    hub: live.Hub = app.extensions["hub"]
    hub.watch(store)
    hub.close_when_told(os.environ.get(live.STOPPING_VARIABLE, ""))
    if isinstance(store, WholeStore) and not is_postgres(settings.store.url):
        # On a server the web role reads no facts: there `ejia load` judges, and `ejia watch` what comes live.
        Watcher(store.facts, store.desk, settings).start()
    if isinstance(store, WholeStore):
        Herald(store, gate, hub).start()
    app.extensions["post"].start()
    Thread(target=warm, args=(app, gate), name="warm", daemon=True).start()
    return app


def warm(app: Flask, gate: Gate) -> None:
    """Ask for the first page, its files and the map's shapes once, so that no visitor waits for them.

    The months come late: each is rounded as a whole, and a visitor who is faster waits for one month only.
    Last come the tiles of the district, where the database draws them. An outage ends it.
    """
    with suppress(StoreDownError):
        _warm(app, gate)


def _warm(app: Flask, gate: Gate) -> None:
    headers = {"Accept-Encoding": "br"}
    with app.test_client() as client:
        page = client.get("/", headers={"Accept-Encoding": "identity"}).get_data(as_text=True)
        client.get("/_dash-layout")
        files = [*_LINKED.findall(page), f"/assets/vendor/{_charts()}"]
        version = app.extensions["atlas"].version
        files += [f"/geo/{version}/{name}.json" for name in ("places", "surroundings")]
        for file in files:
            client.get(file, headers=headers)
    app.extensions["searches"].finder("visitor")
    gate.warm()
    with app.test_client() as client:
        for scene in _near(gate):
            client.get("/_dash-layout?wide=1", headers={"Referer": f"http://localhost/?{scene}"})
        district = json.loads(app.extensions["atlas"].places())["features"][:1]
        for path in chain.from_iterable(tiles.ahead(tuple(one["properties"]["bbox"])) for one in district):
            if client.get(path).status_code != 200:  # an embedded store draws none
                break


def _near(gate: Gate) -> list[str]:
    """List the scenes one tap away from the first: each month, latest first, and each town."""
    months = [row["month"] for row in gate.answer("months", "visitor")]
    towns = [row["node_id"] for row in gate.answer("place_tree", "visitor") if row["level"] == "town"]
    return [f"month={month}" for month in reversed(months)] + [f"place={town}" for town in towns]
