"""One guard stands before every route and callback, Dash's own included; one table says who may reach what.

What the table does not name is refused. Whatever is refused answers one sentence and leaves a line in the
audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, redirect, request

from dashboard.errors import CALLBACKS, RefusedError, wants_json
from dashboard.sessions import current_account, current_mode
from layers.scene import read_query
from stores import tally
from stores.audit import Act, Look, Recorder

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ANYONE: Final = "anyone"
OWN: Final = "own"  # anybody; the route itself asks for a token, a code or a cookie of its own
SIGNED: Final = "signed"  # anybody with a session
LOCAL: Final = "local"  # this machine itself, or an administrator
ROLES: Final = ("visitor", "leader", "duty", "admin")  # each may reach what those before it may

ROUTES: Final[Mapping[str, str]] = {
    "/": ANYONE,
    "/<path:path>": ANYONE,  # answers 404; see only_known_pages
    "/static/<path:filename>": ANYONE,
    "/assets/<path:filename>": ANYONE,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": ANYONE,
    "/_dash-layout": ANYONE,
    "/_dash-dependencies": ANYONE,
    "/_dash-update-component": ANYONE,
    "/_reload-hash": ANYONE,
    "/_favicon.ico": ANYONE,
    "/geo/<version>/places.json": ANYONE,
    "/geo/<version>/surroundings.json": ANYONE,
    "/geo/<version>/buildings/<community>.json": ANYONE,
    "/api/v1/places": ANYONE,
    "/api/v1/places/<path:place>": ANYONE,
    "/api/v1/layers": ANYONE,
    "/api/v1/layers/<key>": ANYONE,
    "/api/v1/search": ANYONE,
    "/api/v1/openapi.json": ANYONE,
    "/api/v1/spatial/buildings": ANYONE,
    "/api/v1/spatial/nearest": ANYONE,
    "/api/v1/spatial/gaps": ANYONE,
    "/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt": ANYONE,
    "/brief.pdf": ANYONE,
    "/api/v1/swipes": OWN,
    "/events": ANYONE,
    "/tours.json": ANYONE,
    "/walls/code": OWN,
    "/walls/state": OWN,
    "/walls/remotes": OWN,
    "/remote": ANYONE,
    "/remote/pair": OWN,
    "/remote/walls": OWN,
    "/remote/world": OWN,
    "/remote/command": OWN,
    "/healthz": ANYONE,
    "/metrics": LOCAL,
    "/login": ANYONE,
    "/logout": ANYONE,
    "/session": ANYONE,
    "/session/mode": SIGNED,
    "/desk": "duty",
    "/desk/data": "duty",
    "/desk/alert/<name>": "duty",
    "/desk/matrix/<org>": "duty",
    "/desk/act": "duty",
    "/desk/shift": "duty",
    "/desk/report.pdf": "duty",
    "/desk/notices": "duty",
    "/desk/notices/<name>": "admin",
}
"""Rule of a route → who may reach it at all; what it publishes is the gate's, by mode and scope."""

CALLBACK_RULES: Final[Mapping[str, str]] = {
    '..scene.data...notice.children...parcel.data...{"key":["ALL"],"kind":"sheet"}.children..': ANYONE,
}
"""Output of a callback on the server → who may call it."""

LOGGED: Final = ("/api/", "/_dash-layout", CALLBACKS, "/desk", "/brief")
TOLD: Final = frozenset({401, 403, 429})


def install(app: Flask, recorder: Recorder) -> None:
    """Put the guard before every request, and the logs behind it."""

    @app.before_request
    def stand_guard() -> Response | None:
        check_origin()
        check_callback()
        turned_away = check_role()
        if turned_away is None and request.path.startswith(LOGGED) and current_account() is not None:
            g.tally = tally.start()
        return turned_away

    @app.after_request
    def tell(response: Response) -> Response:
        if response.status_code in TOLD or "turned_away" in g:
            recorder.act(_refusal(response.status_code))
        elif "tally" in g and response.status_code == 200:
            recorder.look(_look(g.tally))
        return response

    @app.teardown_request
    def stop_counting(error: BaseException | None) -> None:
        if "tally" in g:
            tally.stop()


def check_origin() -> None:
    """Refuse a changing request that another site's page sent.

    A browser names the page's origin with every such request, so one that carries a session without naming
    it comes from no page of ours either.

    Raises:
        RefusedError: 403.
    """
    if request.method in SAFE:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is not None:
        if urlsplit(origin).netloc != request.host:
            raise RefusedError(403, "forbidden")
    elif site not in ("same-origin", "none", None) or (site != "same-origin" and current_account()):
        raise RefusedError(403, "forbidden")


def check_callback() -> None:
    """Refuse a callback that is none, and one that nobody declared or that is not this session's to call.

    Raises:
        RefusedError: 400 for a body that Dash could not read, 401 or 403 for a callback out of reach.
    """
    if request.method in SAFE or request.path != CALLBACKS:
        return
    body: Any = request.get_json(silent=True)
    if not _is_callback(body):
        raise RefusedError(400, "bad_request")
    needed = CALLBACK_RULES.get(body["output"])
    if needed is None:
        raise RefusedError(403, "not_allowed")
    require(needed)


def check_role() -> Response | None:
    """Refuse a route that this session may not reach; lead a stranger with a browser to the sign-in.

    Raises:
        RefusedError: 401 for a stranger, 403 for an account without the role, or a route nobody declared.
    """
    if request.url_rule is None:
        return None  # no such address, or not by this method: answered by the table of errors
    needed = ROUTES.get(request.url_rule.rule)
    if needed is None:
        raise RefusedError(403, "not_allowed")
    if (
        request.method == "GET"
        and current_account() is None
        and needed not in (ANYONE, OWN, LOCAL)
        and not wants_json()
    ):
        g.turned_away = True
        return cast(Response, redirect(f"/login?next={quote(request.path)}", 303))
    require(needed)
    return None


def require(needed: str) -> None:
    """Refuse whoever may not reach something.

    Raises:
        RefusedError: 401 for a stranger, 403 for an account whose role is not enough.
    """
    signed = current_account()
    role = signed.role if signed else None
    if signed and signed.as_visitor and needed != SIGNED:
        role = "visitor"  # a screen switched to visitors reaches what visitors reach
    if not allowed(needed, role, is_local=_is_local()):
        raise RefusedError(401, "unauthorised") if signed is None else RefusedError(403, "not_allowed")


def allowed(needed: str, role: str | None, *, is_local: bool = False) -> bool:
    """Tell whether a role (None = a stranger) may reach what needs another."""
    if needed in (ANYONE, OWN):
        return True
    if needed == LOCAL:
        return is_local or role == "admin"
    if role is None:
        return False
    return needed == SIGNED or (needed in ROLES and ROLES.index(role) >= ROLES.index(needed))


def _is_local() -> bool:
    """Tell whether this machine asks, and not a proxy on it for somebody else."""
    passed_on = any(name.startswith(("X-Forwarded", "Forwarded", "X-Real")) for name, _ in request.headers)
    return request.remote_addr in ("127.0.0.1", "::1") and not passed_on


def _is_callback(body: Any) -> bool:
    """Tell whether a body has the form of a Dash callback."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    lists = ("inputs", "changedPropIds")
    if not all(isinstance(body.get(name), list) for name in lists):
        return False
    return isinstance(body.get("state", []), list) and _are_outputs(body["output"], body.get("outputs"))


def _are_outputs(name: str, outputs: Any) -> bool:
    """Tell whether the outputs of a callback are what its name says: several as '..a.b...c.d..', else one."""
    if not name.startswith(".."):
        return isinstance(outputs, dict)
    count = name.count("...") + 1
    return isinstance(outputs, list) and len(outputs) == count and all(map(_is_output, outputs))


def _is_output(one: Any) -> bool:
    """Tell whether an output is one, or all those that match a pattern."""
    return isinstance(one, dict) or (isinstance(one, list) and all(isinstance(part, dict) for part in one))


def _refusal(status: int) -> Act:
    signed = current_account()
    name, role = (signed.name, signed.role) if signed else (None, None)
    return Act(name, role, "refused", request.path[:200], "refused", f"{request.method} {status}")


def _look(seen: tally.Tally) -> Look:
    """Say what a session looked at: the view, its place, indicator and filter."""
    signed = current_account()
    assert signed is not None
    screen, scene = request.path, {**(request.view_args or {}), **request.args.to_dict()}
    if request.path == CALLBACKS:
        screen, scene = g.get("looked", ("scene", {}))
    elif request.path == "/_dash-layout":
        screen, scene = "wall", read_query((request.referrer or "").partition("?")[2]).as_dict()
    role = f"{signed.role} ({current_mode()})" if signed.as_visitor else signed.role
    filters = [
        f"{name}={_short(scene.get(name))}" for name in ("picks", "day", "hours", "month") if scene.get(name)
    ]
    indicator = scene.get("how") or scene.get("measure") or scene.get("indicator")
    place = scene.get("organisation") or scene.get("place")
    words = (_short(place), _short(indicator), " ".join(filters)[:200] or None)
    return Look(signed.session_id, role, _short(screen, 400) or "", *words, seen.rows, seen.hidden)


def _short(value: Any, most: int = 100) -> str | None:
    """Cut a value from outside down to what a line of a log needs."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text[:most].encode("utf-8", "ignore").decode() or None
