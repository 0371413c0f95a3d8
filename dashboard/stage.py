"""What a wall asks for besides its panels: the list of tours, and visitor mode at once."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from dashboard.answers import Answers
from dashboard.errors import RefusedError
from dashboard.sessions import current_mode, own_mode, shield
from dashboard.tours import as_json, tours


def blueprint(answers: Answers) -> Blueprint:
    """Return the routes of a wall's stage."""
    stage = Blueprint("stage", __name__)

    @stage.get("/tours.json")
    def all_tours() -> Response:
        return jsonify(as_json(tours().all(), answers.world))

    @stage.post("/session/visitor")
    def visitor() -> Response:
        body = request.get_json(silent=True)
        on = body.get("on") if isinstance(body, dict) else None
        if not isinstance(on, bool):
            raise RefusedError(400, "bad_request")
        shield(on)
        return jsonify({"mode": current_mode(), "own": own_mode()})

    return stage
