"""What never changes is compressed hard once, kept, and told to stay in the browser for good."""

from __future__ import annotations

import hashlib
import logging
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_compress import Compress

FOR_GOOD: Final = "public, max-age=31536000, immutable"
_STATIC: Final = ("/assets/", "/_dash-component-suites/", "/geo/")
_VERSIONED: Final = re.compile(
    r"\.v\w+m\d+\.\w+|\.[0-9a-f]{8}\.woff2$|-\d+\.\d+\.\d+\.min\.js$"
)  # Dash's fingerprints, the cut fonts, the vendored libraries
_PACKABLE: Final = (
    "text/html",
    "text/css",
    "text/csv",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "image/svg+xml",
)
_FAST, _HARD, _SMALLEST, _MOST = 5, 11, 1024, 160
_log = logging.getLogger(__name__)


@dataclass
class _Body:
    """Hold one body that never changes, plain and compressed."""

    mimetype: str
    plain: bytes
    packed: bytes
    tag: str


class Shelf:
    """Keep bodies of versioned addresses in memory, pressed hard by and by, and on disk for the next start.

    Args:
        folder: where compressed bodies outlive the process, named by the hash of what they hold.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[str, _Body] = OrderedDict()
        self._lock = Lock()
        self._waiting: SimpleQueue[_Body] = SimpleQueue()
        self._worker: Thread | None = None

    def get(self, address: str) -> _Body | None:
        """Return the body kept for an address."""
        return self._kept.get(address)

    def put(self, address: str, mimetype: str, plain: bytes) -> _Body:
        """Keep a body: packed as it lies on disk, else quickly now and hard in the background."""
        tag = hashlib.sha256(plain).hexdigest()
        found = self._on_disk(tag)
        packed = found if found is not None else brotli.compress(plain, quality=_FAST)
        body = _Body(mimetype, plain, packed, tag)
        with self._lock:
            self._kept[address] = body
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            if found is None:
                self._waiting.put(body)
                self._start()
        return body

    def _on_disk(self, tag: str) -> bytes | None:
        file = self._folder / f"{tag}.br"
        try:
            return file.read_bytes()
        except OSError:
            return None

    def _start(self) -> None:
        if self._worker is None:
            self._worker = Thread(target=self._work, name="press", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        """Compress hard what waits, one body after the other, for as long as the process lives."""
        while True:
            self.press(self._waiting.get())

    def press(self, body: _Body) -> None:
        """Compress a body as hard as can be and lay it on disk; a full disk costs speed, not the answer."""
        body.packed = brotli.compress(body.plain, quality=_HARD)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{body.tag}.part"
            draft.write_bytes(body.packed)
            draft.replace(self._folder / f"{body.tag}.br")
        except OSError as error:
            _log.warning("compressed files cannot be kept in %s: %s", self._folder, error)


def install(app: Flask, folder: Path) -> Shelf:
    """Compress answers, keep versioned bodies on a shelf, and say how long each answer may be cached."""
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIN_SIZE=500,
        COMPRESS_MIMETYPES=list(_PACKABLE),
    )
    Compress(app)
    shelf = Shelf(folder)

    @app.before_request
    def from_shelf() -> Response | None:
        if request.method != "GET" or not request.path.startswith(_STATIC):
            return None
        body = shelf.get(_address())
        return _packed(body) if body is not None and _takes_brotli() else None

    @app.after_request
    def cache_and_pack(response: Response) -> Response:
        _say_how_long(response)
        if _may_keep(response) and _takes_brotli():
            response.direct_passthrough = False
            plain = response.get_data()
            if len(plain) >= _SMALLEST:
                return _packed(shelf.put(_address(), str(response.mimetype), plain))
        return response

    return shelf


def _address() -> str:
    """Name a body: a versioned path by itself, another by its path and Dash's ?m=."""
    if _VERSIONED.search(request.path) or "m" not in request.args:
        return request.path
    return f"{request.path}?m={request.args['m'][:20]}"


def _takes_brotli() -> bool:
    return "br" in request.headers.get("Accept-Encoding", "") and "Range" not in request.headers


def _may_keep(response: Response) -> bool:
    """Tell whether a response is a text of a versioned address that nobody has packed yet."""
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.headers.get("Cache-Control") == FOR_GOOD
        and "Content-Encoding" not in response.headers
        and response.mimetype in _PACKABLE
    )


def _packed(body: _Body) -> Response:
    """Answer with a packed body, or with nothing when the browser has it already."""
    response = Response(body.packed, mimetype=body.mimetype)
    response.headers["Content-Encoding"] = "br"
    response.headers["Cache-Control"] = FOR_GOOD
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(body.tag)
    response.make_conditional(request)
    return response


def _say_how_long(response: Response) -> None:
    """Set Cache-Control: for good on versioned files, asked again on others, never kept for answers."""
    if response.status_code not in (200, 304):
        response.headers["Cache-Control"] = "no-store"
    elif not request.path.startswith(_STATIC):
        response.headers.setdefault("Cache-Control", "no-store")
    elif "immutable" in response.headers.get("Cache-Control", ""):
        pass
    elif _VERSIONED.search(request.path) or (request.path.startswith("/assets/") and "m" in request.args):
        response.headers["Cache-Control"] = FOR_GOOD
    else:
        response.headers["Cache-Control"] = "no-cache"
