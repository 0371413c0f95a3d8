"""Who asks, in which mode, for which places: from the server's own session and from nowhere else.

The browser holds a random token in a cookie that scripts and other sites cannot use; what it stands for is in
the desk's records. Without one, or with one that ended, whoever asks is a visitor.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask, Response, current_app, g, has_request_context, request

from stores.accounts import Accounts
from stores.scope import NOWHERE, Scope
from stores.sign_ins import SignedIn, SignIns

if TYPE_CHECKING:
    from stores.desk import Desk
    from stores.settings import Settings

VISITOR: Final = "visitor"
MODES: Final = (VISITOR, "leader", "duty")
MODE_OF_ROLE: Final = {"visitor": VISITOR, "leader": "leader", "duty": "duty", "admin": "duty"}
COOKIE: Final = "ejia"
_LONGEST_TOKEN: Final = 100


def install(app: Flask, desk: Desk, settings: Settings) -> SignIns:
    """Let the app find sessions in the desk's records."""
    lasts = timedelta(hours=settings.desk.session_hours)
    idle = timedelta(minutes=settings.desk.idle_minutes)
    signs = SignIns(desk, Accounts(desk), lasts, idle)
    app.extensions["sign_ins"] = signs
    return signs


def token() -> str:
    """Return the token that the request carries, empty where there is none that could be one."""
    given = request.cookies.get(COOKIE, "")
    return given if len(given) <= _LONGEST_TOKEN else ""


def current_account() -> SignedIn | None:
    """Return who asks; None for a stranger, and outside a request."""
    if not has_request_context():
        return None
    if "signed_in" not in g:
        signs = cast("SignIns | None", current_app.extensions.get("sign_ins"))
        mine = token()
        by_itself = request.path in QUIET
        g.signed_in = signs.find(mine, touch=not by_itself) if signs and mine else None
    return cast("SignedIn | None", g.signed_in)


def current_mode() -> str:
    """Return the mode of the present request: 'visitor', 'leader' or 'duty'.

    Outside a request, without a session, with one that ended or idled out, and while its wall is switched to
    visitors, it is 'visitor'. An administrator sees what the duty desk sees.
    """
    signed = current_account()
    if signed is None or signed.as_visitor:
        return VISITOR
    return MODE_OF_ROLE.get(signed.role, VISITOR)


def current_scope() -> Scope | None:
    """Return the places for which the present request may see more than a visitor.

    None, outside a request, is unlimited: what a command or a timer does names its own mode.
    """
    if not has_request_context():
        return None
    signed = current_account()
    return signed.scope if signed is not None and current_mode() != VISITOR else NOWHERE


QUIET: Final = frozenset({"/session", "/healthz", "/events"})
"""Paths that a page asks by itself; they do not keep a session alive."""


def give_cookie(response: Response, value: str, lasts: timedelta | None) -> Response:
    """Put a session's token into the browser, or take it away (``lasts`` None)."""
    about: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": request.is_secure, "path": "/"}
    if lasts is None:
        response.delete_cookie(COOKIE, **about)
    else:
        response.set_cookie(COOKIE, value, max_age=int(lasts.total_seconds()), **about)
    return response
