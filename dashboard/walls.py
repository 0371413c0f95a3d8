"""Which wall a browser is: a random identity in a signed cookie of its own, which outlives the session.

A name is only what people call a wall; commands go by identity, so nobody can take one over by its name.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final, cast

from flask import Flask, Response, current_app, g, has_request_context, request
from itsdangerous import BadSignature, URLSafeSerializer

from stores.key_file import key_from_file

COOKIE: Final = "ejia_wall"
LASTS: Final = 366 * 24 * 3600  # seconds
_SALT: Final = "wall"


def install(app: Flask, folder: Path) -> None:
    """Give every browser that opens a wall its identity, signed with the key in a folder."""
    app.extensions["wall_signer"] = URLSafeSerializer(key_from_file(folder / "wall.key"), salt=_SALT)

    @app.after_request
    def give(response: Response) -> Response:
        made = g.get("new_wall")
        if made:
            response.set_cookie(
                COOKIE,
                _signer().dumps(made),
                max_age=LASTS,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure,
            )
        return response


def this_wall() -> str | None:
    """Return the identity of the wall whose browser asks; None where it has none yet, or a forged one."""
    if not has_request_context():
        return None
    if g.get("new_wall"):
        return str(g.new_wall)
    try:
        told = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return told if isinstance(told, str) else None


def become_wall() -> str:
    """Return the identity of the wall whose browser asks; a browser without one is given one."""
    known = this_wall()
    if known is None:
        known = g.new_wall = secrets.token_hex(8)
    return known


def _signer() -> URLSafeSerializer:
    return cast(URLSafeSerializer, current_app.extensions["wall_signer"])
