"""One table turns whatever goes wrong into a status and a sentence, in JSON or on a small dark page."""

from __future__ import annotations

import logging
from typing import Any, Final

from dash.exceptions import DependencyException, InvalidCallbackReturnValue, PreventUpdate
from flask import Flask, Response, jsonify, make_response, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from dashboard.words import Words, languages
from stores.errors import StoreDownError, StoreError

_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """Refuse a request with a sentence of dashboard/locales.

    Args:
        status: the HTTP status, 4xx or 503.
        key: the sentence's key under 'errors'.
        values: what the sentence's placeholders say.
    """

    def __init__(self, status: int, key: str, **values: Any) -> None:
        super().__init__(f"{status} {key}")
        self.status, self.key, self.values = status, key, values


BY_STATUS: Final = {
    400: "bad_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "method",
    406: "not_acceptable",
    413: "too_large",
    415: "bad_request",
    422: "bad_request",
    429: "too_many",
}
BY_TYPE: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (StoreError, 503, "store_down"),
    (DependencyException, 404, "not_found"),  # a file that no component registered
)
BROKEN_CALLBACK: Final = (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError)
CALLBACKS: Final = "/_dash-update-component"
FORMATS: Final = ("json", "geojson", "csv")

_PAGE: Final = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{status}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/assets/fonts.css"><style>html{{background:#0a1631;color:#b0c2f9;
font:500 1.25rem/1.6 "Ejia Sans",sans-serif}}
body{{max-width:38rem;margin:22vh auto;padding:0 1.5rem}}h1{{color:#fff;font-size:2.5rem;margin:0}}
a{{color:#5ac8fa;display:inline-block;padding:.7rem 0}}</style></head>
<body><h1>{status}</h1><p>{sentence}</p><p><a href="/">{back}</a></p></body></html>"""


def install(app: Flask) -> None:
    """Let the app answer every error by the table; a stack goes to the log and never to a screen."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Return the response for an error raised while a request was handled."""
    if isinstance(error, PreventUpdate):
        return Response(status=204)
    status, key, values = classify(error)
    if isinstance(error, (RefusedError, StoreDownError)):
        if status == 503:  # an outage is asked about many times a second: a line each, not a stack
            _log.warning("%s %s: %s", request.method, request.path, error.__cause__ or error)
    elif status >= 500:
        _log.error("%s %s", request.method, request.path, exc_info=error)
    response = _as_json(status, key, values) if wants_json() else _as_page(status, key, values)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "location"):
                response.headers[name] = value
    return response


def classify(error: Exception) -> tuple[int, str, dict[str, Any]]:
    """Return (status, key of the sentence, its values) for an error."""
    if isinstance(error, RefusedError):
        return error.status, error.key, error.values
    if isinstance(error, HTTPException):
        status = error.code or 500
        known = BY_STATUS.get(status, "bad_request" if status < 500 else "unexpected")
        return status, known, {"allowed": ", ".join(FORMATS)}
    for kind, status, key in BY_TYPE:
        if isinstance(error, kind):
            return status, key, {}
    asked_wrongly = request.path == CALLBACKS and not isinstance(error, InvalidCallbackReturnValue)
    if asked_wrongly and isinstance(error, BROKEN_CALLBACK):
        _log.error("callback refused: %s", request.path, exc_info=error)
        return 400, "bad_request", {}
    return 500, "unexpected", {}


def language() -> str:
    """Return the language of the present request: ?lang=, else what the browser prefers, else Chinese."""
    wanted = request.args.get("lang", "")
    if wanted in languages():
        return wanted
    return request.accept_languages.best_match(languages()) or languages()[0]


def wants_json() -> bool:
    """Tell whether a program asked: by its path, or because it prefers JSON to HTML."""
    if request.path.startswith(("/api/", "/geo/", "/_dash", "/healthz", "/session", "/desk/")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _as_json(status: int, key: str, values: dict[str, Any]) -> Response:
    sentences = {lang: Words(lang)(f"errors.{key}", **values) for lang in ("zh", "en")}
    body = {"status": status, "code": key, "message": sentences["zh"], "message_en": sentences["en"]}
    response = jsonify({"error": body})
    response.status_code = status
    return response


def _as_page(status: int, key: str, values: dict[str, Any]) -> Response:
    words = Words(language())
    sentence = escape(words(f"errors.{key}", **values))
    lang = "zh-CN" if words.lang == "zh" else words.lang
    page = _PAGE.format(lang=lang, status=status, sentence=sentence, back=escape(words("errors.back")))
    return make_response(page, status)
