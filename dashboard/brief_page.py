"""A brief by its address: /brief.pdf?place=…&month=…&lang=…, as published for whoever asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from dashboard.brief import Briefs, file_name
from dashboard.errors import RefusedError
from dashboard.sessions import current_mode
from dashboard.words import Words
from layers.scene import BASES, readable

if TYPE_CHECKING:
    from dashboard.answers import Answers
    from dashboard.geometry import Atlas
    from stores.settings import Settings

RATE: Final = "60 per minute"
ROUTE: Final = "/brief.pdf"


def blueprint(answers: Answers, atlas: Atlas, settings: Settings) -> Blueprint:
    """Return the route of briefs."""
    routes = Blueprint("brief", __name__)
    briefs = Briefs(answers, atlas, Path(settings.data_dir) / "cache" / "fonts")

    @routes.get(ROUTE)
    def one() -> Response:
        given = {name: readable(value) for name, value in request.args.items()}
        world = answers.world
        basis, place = given.get("basis", BASES[0]), given.get("place", "") or world.root
        if basis not in BASES or world.nearest(basis, place) != place:
            raise RefusedError(404, "no_place", value=place)
        names = ("month", "lang", "measure")
        scene = briefs.scene(place, basis=basis, **{name: given[name] for name in names if name in given})
        answer = Response(briefs.pdf(scene, current_mode()), mimetype="application/pdf")
        name = file_name(scene, world, Words(scene.lang))
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    return routes


def limit(routes: Blueprint, app: Any) -> None:
    """Keep one client from setting pages without end."""
    limiter = Limiter(get_remote_address, storage_uri="memory://")
    limiter.limit(RATE)(routes)
    limiter.init_app(app)
