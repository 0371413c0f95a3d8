"""What never changes is compressed hard once, kept, and told to stay in the browser for good."""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
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
_SMALLEST, _MOST = 1024, 160
_log = logging.getLogger(__name__)


def _brotli(plain: bytes, *, hard: bool) -> bytes:
    packed: bytes = brotli.compress(plain, quality=11 if hard else 5)
    return packed


def _gzip(plain: bytes, *, hard: bool) -> bytes:
    return gzip.compress(plain, 9 if hard else 5, mtime=0)


# The browser's order of preference; brotli is offered on secure addresses only, so gzip must be as quick.
CODINGS: Final[dict[str, Callable[..., bytes]]] = {"br": _brotli, "gzip": _gzip}


@dataclass
class _Body:
    """Hold one body that never changes, plain and by coding."""

    mimetype: str
    plain: bytes
    packed: dict[str, bytes]
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
        found = {coding: self._on_disk(tag, coding) for coding in CODINGS}
        packed = {coding: found[coding] or pack(plain, hard=False) for coding, pack in CODINGS.items()}
        body = _Body(mimetype, plain, packed, tag)
        with self._lock:
            self._kept[address] = body
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            if not all(found.values()):
                self._waiting.put(body)
                self._start()
        return body

    def _on_disk(self, tag: str, coding: str) -> bytes | None:
        try:
            return (self._folder / f"{tag}.{coding}").read_bytes()
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
        for coding, pack in CODINGS.items():
            body.packed[coding] = pack(body.plain, hard=True)
            try:
                self._lay_down(f"{body.tag}.{coding}", body.packed[coding])
            except OSError as error:
                _log.warning("compressed files cannot be kept in %s: %s", self._folder, error)

    def _lay_down(self, name: str, packed: bytes) -> None:
        """Write a file so that it appears complete or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}.part"
        draft.write_bytes(packed)
        draft.replace(self._folder / name)


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
        coding = _coding()
        return _packed(body, coding) if body is not None and coding else None

    @app.after_request
    def cache_and_pack(response: Response) -> Response:
        _say_how_long(response)
        coding = _coding()
        if coding and _may_keep(response):
            response.direct_passthrough = False
            plain = response.get_data()
            if len(plain) >= _SMALLEST:
                return _packed(shelf.put(_address(), str(response.mimetype), plain), coding)
        return response

    return shelf


def _address() -> str:
    """Name a body: a versioned path by itself, another by its path and Dash's ?m=."""
    if _VERSIONED.search(request.path) or "m" not in request.args:
        return request.path
    return f"{request.path}?m={request.args['m'][:20]}"


def _coding() -> str | None:
    """Return the best coding that the browser takes; None for a part of a file, cut from the plain one."""
    if "Range" in request.headers:
        return None
    return next((coding for coding in CODINGS if request.accept_encodings[coding] > 0), None)


def _may_keep(response: Response) -> bool:
    """Tell whether a response is a text of a versioned address that nobody has packed yet."""
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.headers.get("Cache-Control") == FOR_GOOD
        and "Content-Encoding" not in response.headers
        and response.mimetype in _PACKABLE
    )


def _packed(body: _Body, coding: str) -> Response:
    """Answer with a packed body, or with nothing when the browser has it already."""
    response = Response(body.packed[coding], mimetype=body.mimetype)
    response.headers["Content-Encoding"] = coding
    response.headers["Cache-Control"] = FOR_GOOD
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{body.tag[:32]}-{coding}")
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
