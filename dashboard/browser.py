"""A real Chromium without a window, spoken to in its own DevTools protocol over a pair of pipes.

The protocol is the browser's own and the pipes are the system's, so that pictures and rehearsals need
Debian's chromium and nothing else: no driver, no second runtime. Spoken are Page, Runtime, Network, Log,
Emulation and Target of protocol 1.3; a message is JSON and a nought byte (--remote-debugging-pipe).
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Final

VARIABLE: Final = "EJIA_BROWSER"
FLAGS_VARIABLE: Final = "EJIA_FLAGS"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS: Final = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    "--default-background-color=ff0a1631",
)
PATIENCE: Final = 60.0  # seconds an answer of the browser may take
Event = dict[str, Any]


class BrowserError(ValueError):
    """Say why there is no browser, or what it refused."""


def find_browser() -> str:
    """Return the path of a Chromium: the one that EJIA_BROWSER names, else one of the usual names.

    Raises:
        BrowserError: there is none; the sentence says what to do.
    """
    named = os.environ.get(VARIABLE, "")
    for name in (named,) if named else NAMES:
        if path := shutil.which(name):
            return path
    if named:
        raise BrowserError(f"{VARIABLE} names {named}, and there is no such program")
    raise BrowserError(
        "this needs Chromium and found none; install it (Debian: apt-get install --no-install-recommends "
        f"chromium fonts-noto-cjk) or name its program in {VARIABLE}"
    )


class Browser:
    """Hold one running Chromium; use it with `with`.

    Args:
        program: path of the browser; the usual one when empty.

    Raises:
        BrowserError: there is none, or it ends at once.
    """

    def __init__(self, program: str = "") -> None:
        self._profile = tempfile.mkdtemp(prefix="ejia-browser-")
        self._answers: dict[int, SimpleQueue[Event]] = {}
        self._heard: dict[str, Callable[[str, Event], None]] = {}
        self._lock = Lock()
        self._last = 0
        self._ended = False
        try:
            self._start(program or find_browser())
        except BaseException:
            shutil.rmtree(self._profile, ignore_errors=True)
            raise
        self._listener = Thread(target=self._listen, name="browser", daemon=True)
        self._listener.start()
        try:
            self.version = str(self.ask("Browser.getVersion")["product"])
        except BrowserError:
            self.close()
            raise

    def _start(self, program: str) -> None:
        """Start the browser, its end of the pipes at 3 (it reads) and 4 (it writes)."""
        flags = [*FLAGS, f"--user-data-dir={self._profile}", *os.environ.get(FLAGS_VARIABLE, "").split()]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to start as root with it
        theirs_in, ours_out = (_high(end) for end in os.pipe())
        ours_in, theirs_out = (_high(end) for end in os.pipe())
        log = str(Path(self._profile, "log"))
        self._pid = os.posix_spawn(
            program,
            [program, *flags],
            {**os.environ, "HOME": self._profile, "LANG": os.environ.get("LANG", "C.UTF-8")},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
            setpgroup=0,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out

    def _listen(self) -> None:
        """Sort what the browser says: answers to whoever asked, events to their page."""
        pieces: list[bytes] = []
        while True:
            try:
                piece = os.read(self._in, 1 << 20)
            except OSError:
                piece = b""
            if not piece:
                break
            pieces.append(piece)
            if b"\0" not in piece:
                continue
            *whole, rest = b"".join(pieces).split(b"\0")
            pieces = [rest]
            for message in whole:
                self._sort(json.loads(message))
        with self._lock:
            self._ended = True
            waiting = list(self._answers.values())
        for answer in waiting:
            answer.put({"error": {"message": "the browser ended"}})

    def _sort(self, message: Event) -> None:
        if "id" in message:
            with self._lock:
                answer = self._answers.pop(message["id"], None)
            if answer is not None:
                answer.put(message)
        elif hear := self._heard.get(message.get("sessionId", "")):
            hear(message["method"], message.get("params", {}))

    def ask(self, method: str, session: str = "", patience: float = PATIENCE, **params: Any) -> Event:
        """Send one command and return its result.

        Raises:
            BrowserError: the browser refuses, ended, or does not answer within ``patience`` seconds.
        """
        answer: SimpleQueue[Event] = SimpleQueue()
        with self._lock:
            if self._ended:
                raise BrowserError("the browser ended")
            self._last += 1
            number = self._last
            self._answers[number] = answer
        message = {"id": number, "method": method, "params": params}
        text = json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0"
        try:
            while text:
                text = text[os.write(self._out, text) :]
            found = answer.get(timeout=patience)
        except Empty:
            raise BrowserError(f"the browser did not answer {method} within {patience:.0f} s") from None
        except OSError as error:
            raise BrowserError(f"the browser ended: {self._told()}") from error
        if "error" in found:
            raise BrowserError(f"the browser refused {method}: {found['error'].get('message')}{self._told()}")
        result: Event = found.get("result", {})
        return result

    def _told(self) -> str:
        """Return the last line the browser wrote, where it ended by itself."""
        if not self._ended:
            return ""
        try:
            lines = Path(self._profile, "log").read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return f" ({lines[-1][:200]})" if lines else ""

    def page(self, width: int, height: int, *, ratio: float = 1.0, heard: bool = True) -> Page:
        """Open a page of its own context (no cookie, no storage of another) at a size in CSS pixels."""
        return Page(self, width, height, ratio, heard)

    def listen(self, session: str, hear: Callable[[str, Event], None] | None) -> None:
        """Let somebody hear a page's events; None ends it."""
        if hear is None:
            self._heard.pop(session, None)
        else:
            self._heard[session] = hear

    def close(self) -> None:
        """End the browser and remove its profile."""
        with contextlib.suppress(BrowserError, OSError):
            self.ask("Browser.close", patience=5)
        with contextlib.suppress(OSError):
            os.close(self._out)
        for _ in range(10):
            if os.waitpid(self._pid, os.WNOHANG)[0]:
                break
            time.sleep(0.05)
        else:  # nothing of a profile that is thrown away needs to be written
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._listener.join(5)
        with contextlib.suppress(OSError):
            os.close(self._in)
        shutil.rmtree(self._profile, ignore_errors=True)

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Page:
    """Hold one page, what went wrong on it, and every address it asked for."""

    def __init__(self, browser: Browser, width: int, height: int, ratio: float, heard: bool) -> None:
        self._browser = browser
        self.errors: list[str] = []
        self.asked: list[str] = []
        self._context = browser.ask("Target.createBrowserContext")["browserContextId"]
        target = browser.ask("Target.createTarget", url="about:blank", browserContextId=self._context)
        self._target = target["targetId"]
        self._session = browser.ask("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        browser.listen(self._session, self._hear)
        for domain in ("Page", "Runtime", *(("Network", "Log") if heard else ())):
            self.ask(f"{domain}.enable")
        self.resize(width, height, ratio)
        still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        self.ask("Emulation.setEmulatedMedia", features=still)

    def resize(self, width: int, height: int, ratio: float = 1.0) -> None:
        """Give the page another size, in CSS pixels, and so many pixels of the screen to one of them."""
        self.width, self.height = width, height
        size = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)

    def ask(self, method: str, patience: float = PATIENCE, **params: Any) -> Event:
        """Send one command about this page."""
        return self._browser.ask(method, self._session, patience, **params)

    def _hear(self, method: str, told: Event) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            about = details.get("exception", {}).get("description") or details.get("text", "")
            self.errors.append(about.splitlines()[0][:300] if about else "an error without words")
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
            parts = [str(one.get("value", one.get("description", ""))) for one in told["args"]]
            self.errors.append(" ".join(parts)[:300])
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            entry = told["entry"]
            self.errors.append(f"{entry['text']} {entry.get('url', '')}".strip()[:300])

    def open(self, url: str) -> None:
        """Go to an address.

        Raises:
            BrowserError: nothing answers there.
        """
        found = self.ask("Page.navigate", url=url)
        if found.get("errorText"):
            raise BrowserError(f"{url}: {found['errorText']}")

    def evaluate(self, expression: str, patience: float = PATIENCE) -> Any:
        """Return the value of an expression in the page, a promise's when it is kept.

        Raises:
            BrowserError: it throws.
        """
        found = self.ask(
            "Runtime.evaluate", patience, expression=expression, awaitPromise=True, returnByValue=True
        )
        if details := found.get("exceptionDetails"):
            about = details.get("exception", {}).get("description") or details.get("text", "")
            raise BrowserError(f"the page refused: {about[:300]}")
        return found["result"].get("value")

    def until(self, expression: str, seconds: float) -> bool:
        """Wait until an expression is true in the page; tell whether it became so in time."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(BrowserError):  # between two documents there is nobody to ask
                if self.evaluate(expression):
                    return True
            if time.monotonic() > end:
                return False
            time.sleep(0.02)

    def picture(self, kind: str = "png", scale: float = 1.0, quality: int = 82) -> bytes:
        """Return a picture of what is seen.

        Args:
            kind: 'png', 'webp' or 'jpeg'.
            scale: pixels of the picture to a CSS pixel.
            quality: 0 to 100, for the kinds that lose something.
        """
        about: dict[str, Any] = {"format": kind} | ({} if kind == "png" else {"quality": quality})
        clip = {"x": 0, "y": 0, "width": self.width, "height": self.height, "scale": scale}
        if scale != 1.0:
            about["clip"] = clip
        found = self.ask("Page.captureScreenshot", **about)
        return base64.b64decode(found["data"])

    def close(self) -> None:
        """Close the page and its context."""
        self._browser.listen(self._session, None)
        with contextlib.suppress(BrowserError):
            self._browser.ask("Target.closeTarget", targetId=self._target)
            self._browser.ask("Target.disposeBrowserContext", browserContextId=self._context)


@contextmanager
def opened_page(browser: Browser, width: int, height: int, **about: Any) -> Iterator[Page]:
    """Open a page and close it at the end."""
    page = browser.page(width, height, **about)
    try:
        yield page
    finally:
        page.close()


def _high(end: int) -> int:
    """Move a pipe's end past the numbers that the browser's ends take."""
    high = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return high


def outside(asked: list[str], address: str) -> list[str]:
    """Return the addresses that are not of this wall."""
    own = (address.rstrip("/") + "/", "data:", "blob:", "about:")
    return sorted({url for url in asked if not url.startswith(own) and url != address.rstrip("/")})
