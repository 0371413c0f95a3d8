"""A served wall over the loaded demo district, and a browser in front of it."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "screenshots"
SIZES = {"wall": (1920, 1080), "4k": (3840, 2160), "long": (5760, 1080), "tablet": (1024, 768)}


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Tell whether the wall says it is well."""
    try:
        with urllib.request.urlopen(address + "/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Serve a data folder in a process of its own; give its address."""
    port = free_port()
    run = "from dashboard.commands import app; app()"
    command = [sys.executable, "-c", run, "serve", "--port", str(port), "--data", str(data)]
    log = (data.parent / "serve.log").open("wb")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if answers(address):
                break
            assert process.poll() is None, (data.parent / "serve.log").read_text()
            time.sleep(0.1)
        else:
            pytest.fail("the wall did not answer within 30 s: " + (data.parent / "serve.log").read_text())
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def served_data(loaded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the copy of the loaded demo district that is served, judged as `ejia load` judges it."""
    from dashboard.commands import judge
    from dashboard.deployment import chosen
    from stores.store import open_store

    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(loaded_data, data)
    settings = chosen(data=str(data))
    store = open_store(settings.store.url, settings)
    judge(store, settings, None)
    store.close()
    return data


@pytest.fixture(scope="session")
def served(served_data: Path) -> Iterator[str]:
    """Serve a copy of the loaded demo district; give its address."""
    with serving(served_data) as address:
        yield address


class Wall:
    """A page in front of the wall, and what went wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        self.outside: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.outside.append(url)
        if "_dash-update-component" in url:
            self.asked.append(url)

    def open(self, query: str = "") -> Wall:
        """Open an address and wait until all is painted."""
        self.page.goto(self.address + "/" + query)
        return self.ready()

    def ready(self) -> Wall:
        """Wait until nothing is asked and nothing moves."""
        self.page.wait_for_timeout(60)
        self.page.locator("html[data-ready='1']").wait_for(state="attached", timeout=30_000)
        return self

    def until(self, script: str, seconds: float = 8) -> None:
        """Wait until an expression is true in the page, which allows no script to be made from text."""
        for _ in range(int(seconds * 20)):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"never true: {script}")

    def tap(self, key: str) -> Wall:
        """Tap the control with this data-key and wait until all is painted."""
        self.page.locator(f'[data-key="{key}"]').first.click()
        return self.ready()

    def text(self, key: str) -> str:
        """Return the text of the number or control with this data-key."""
        return self.page.locator(f'[data-key="{key}"]').first.inner_text()

    def has(self, key: str) -> bool:
        """Tell whether a control with this data-key is on the page."""
        return self.page.locator(f'[data-key="{key}"]').count() > 0

    def place(self) -> str:
        """Return the place the scene stands at, from the wall's own state."""
        return str(self.page.evaluate("ejia.mapState.scene.place"))

    def sound(self) -> None:
        """Assert that no error was written and no request left the machine."""
        assert self.errors == []
        assert self.outside == []


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close the pages a failed test left open: each listens, and the server has so many places."""
    if "chromium" not in request.fixturenames:
        yield
        return
    browser: Browser = request.getfixturevalue("chromium")
    before = list(browser.contexts)
    yield
    for made in browser.contexts:
        if made not in before:
            made.close()


@pytest.fixture
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Open a fresh browser context at the size the test asks for by parameter, else 1920 × 1080."""
    width, height = SIZES[getattr(request, "param", "wall")]
    made = chromium.new_context(
        viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce"
    )
    yield made
    made.close()


@pytest.fixture
def wall(context: BrowserContext, served: str) -> Iterator[Wall]:
    """Stand in front of the wall; at the end nothing may have gone wrong or outside."""
    made = Wall(context.new_page(), served)
    yield made
    made.sound()


def differing(page: Page, first: bytes, second: bytes) -> int:
    """Count the pixels in which two pictures of one size differ; the page decodes them."""
    pictures = [base64.b64encode(one).decode() for one in (first, second)]
    return int(
        page.evaluate(
            """async (pictures) => {
              const pixels = await Promise.all(pictures.map(async (text) => {
                const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
                const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
                const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
                pen.drawImage(image, 0, 0);
                return new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
              }));
              if (pixels[0].length !== pixels[1].length) return pixels[0].length;
              return pixels[0].reduce((count, pixel, i) => count + (pixel !== pixels[1][i]), 0);
            }""",
            pictures,
        )
    )
