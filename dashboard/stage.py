"""What a wall asks for besides its panels: the list of tours."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from dashboard.answers import Answers
from dashboard.tours import as_json, tours


def blueprint(answers: Answers) -> Blueprint:
    """Return the routes of a wall's stage."""
    stage = Blueprint("stage", __name__)

    @stage.get("/tours.json")
    def all_tours() -> Response:
        return jsonify(as_json(tours().all(), answers.world))

    return stage
