"""The Dash application: a page painted at once for the scene in its address."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any, Final

from dash import Dash
from flask import current_app, has_request_context, request

from dashboard import frame, wiring
from dashboard.answers import Answers
from dashboard.sessions import current_mode
from dashboard.views import browser_scene
from dashboard.words import Words
from layers.registry import all_layers
from layers.scene import Scene, read_query
from stores.gate import Gate
from stores.settings import Settings
from stores.store import Store

ASSETS = Path(__file__).resolve().parent.parent / "assets"
MEND: Final = Path(__file__).with_name("mend.js").read_text("utf-8")
PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>{%title%}</title>
{%favicon%}
<script>{%mend%}</script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>""".replace("{%mend%}", MEND)


def create_app(store: Store, gate: Gate, settings: Settings) -> Dash:
    """Return the wall over a store; the caller adds the guarded routes and serves it."""
    app = Dash(
        "ejia",
        assets_folder=str(ASSETS),
        index_string=PAGE,
        title=settings.district.centre,
        update_title="",
        suppress_callback_exceptions=True,
        serve_locally=True,
        assets_ignore=r"^(desk|login)\.",  # those pages name their own
    )
    answers = Answers(store, gate, settings)
    app.layout = lambda: first_layout(answers)
    wiring.connect(app, answers)
    return app


def script_hashes(app: Dash) -> list[str]:
    """Return what the Content-Security-Policy names the scripts by that stand in the page itself."""
    mend = base64.b64encode(hashlib.sha256(MEND.encode()).digest()).decode()
    return [*app.csp_hashes(), f"'sha256-{mend}'"]


def first_layout(answers: Answers) -> Any:
    """Return the page for the scene in the address of the page that asks for it."""
    world = answers.world
    wanted = read_query(_address()) if has_request_context() else Scene()
    scene, refused = wanted.settled(world)
    mode = current_mode()
    shown = browser_scene(scene, world)

    def payload(key: str) -> Any:
        return answers.layer(all_layers()[key], scene, mode) if key in shown["drawn"] else None

    is_wide = has_request_context() and request.args.get("wide") == "1"
    page = frame.layout(
        shown,
        is_wide,
        _shapes_version(world.version),
        lambda key: wiring.paint_panel(answers, key, scene),
        payload,
    )
    page["parcel"].data["at"] = world.version
    district = world.settings.district
    for lang, name in (("zh", district.centre), ("en", district.centre_en)):
        setattr(page["map-words"], f"data-title-{lang}", name)
    for name in ("grid", "margin"):
        setattr(page["map-words"], f"data-{name}", str(getattr(world.settings.screen, name)))
    page["notice"].children = wiring.refusal(refused, Words(scene.lang))
    return page


def _shapes_version(version: int) -> str:
    """Return what the shapes' addresses carry, so that a browser keeps them until the shapes change."""
    atlas = current_app.extensions.get("atlas") if has_request_context() else None
    return str(atlas.version if atlas else version)


def _address() -> str:
    """Return the query of the page that asks: Dash fetches the layout from it, so it is the referrer."""
    return (request.referrer or "").partition("?")[2].partition("#")[0]
