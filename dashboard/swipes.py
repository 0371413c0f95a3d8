"""The route by which readers post sign-ins: POST /api/v1/swipes."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from flask_limiter import Limiter

from dashboard.errors import RefusedError
from dashboard.readers import Reader, reader_of
from dashboard.signins import MOST, Intake
from stores.desk import Desk

RATE: Final = "12000 per minute"  # requests a token; a busy hall sends a few a second


def blueprint(desk: Desk, intake: Intake) -> Blueprint:
    """Return the route that takes sign-ins."""
    swipes = Blueprint("swipes", __name__, url_prefix="/api/v1")

    @swipes.post("/swipes")
    def post() -> Response:
        reader = known_reader(desk)
        return jsonify(intake.take(posted(), reader.name, replay=reader.replays))

    return swipes


def limit(swipes: Blueprint) -> Limiter:
    """Return a limiter, for the app to take in, that counts by token."""
    limiter = Limiter(token, storage_uri="memory://")
    limiter.limit(RATE)(swipes)
    return limiter


def token() -> str:
    """Return the bearer token of the present request, '' where there is none."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def known_reader(desk: Desk) -> Reader:
    """Return the reader that posts.

    Raises:
        RefusedError: 401 without a valid token.
    """
    reader = reader_of(desk, token())
    if reader is None:
        raise RefusedError(401, "no_token")
    return reader


def posted() -> list[Any]:
    """Return the sign-ins of the present request.

    Raises:
        RefusedError: 400 for a body of another form, 413 for too many.
    """
    body = request.get_json(silent=True)
    found = body.get("swipes") if isinstance(body, dict) else None
    if not isinstance(found, list) or not found:
        raise RefusedError(400, "no_swipes")
    if len(found) > MOST:
        raise RefusedError(413, "many_swipes", limit=MOST)
    return found
