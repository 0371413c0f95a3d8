"""Does a wall stay up? Feed it updates for hours, kill its server or its tab again and again, and look.

    .venv/bin/python tests/soak_wall.py soak http://127.0.0.1:8050 20000
    .venv/bin/python tests/soak_wall.py restarts DATA_FOLDER 50
    .venv/bin/python tests/soak_wall.py crash http://127.0.0.1:8050 5
    .venv/bin/python tests/soak_wall.py outage DATA_FOLDER 1

Prints what it measured; ends with 1 when memory, nodes or listeners grow, or when a restart is not survived.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--js-flags=--expose-gc"]
READY = "html[data-ready='1']"
MOST_HEAP = 400.0  # bytes an update may leave behind: 8 MB in 20,000
LETTERS = "document.body.innerText.length"
BRIGHTEST = 90.0  # mean luminance of a frame, 0..255

# One update of each kind in turn: a new version, a handful of sign-ins, another month, a station of a tour.
UPDATE = """async (n) => {
  const kinds = [
    () => ejia.live.on.version({ version: 1000 + n }),
    () => ejia.live.on.swipes({ day: '2019-02-15', at: '09:00', count: n, replay: true,
                                pulses: [{ place: '320115001001', n: 3 }, { place: '320115002003', n: 3 }] }),
    () => ejia.send('step', '-1'),
    () => ejia.send('drill', n % 8 < 4 ? '320115002' : '320115001'),
  ];
  kinds[n % 4]();
  await new Promise((done) => setTimeout(done, 30));
  const end = performance.now() + 8000;
  while (document.documentElement.dataset.ready !== '1' && performance.now() < end)
    await new Promise(requestAnimationFrame);
}"""

BACK = """async (query) => {
  ejia.send('go', query);
  await new Promise((done) => setTimeout(done, 1000));
  const end = performance.now() + 8000;
  while (document.documentElement.dataset.ready !== '1' && performance.now() < end)
    await new Promise(requestAnimationFrame);
}"""


@dataclass(frozen=True)
class Sample:
    """Hold what a page uses after so many updates: heap in bytes, nodes and listeners as counts."""

    updates: int
    heap: float
    nodes: float
    listeners: float


def soak(
    page: Page, updates: int, every: int, told: Callable[[Sample], None] = lambda one: None
) -> list[Sample]:
    """Feed a wall updates; return a sample every so many, after a collection of garbage; tell each.

    A sample is taken at the place and month the wall began with: another month has other marks.
    """
    start = page.evaluate("ejia.scene().query")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    samples = []
    for n in range(updates + 1):
        if n % every == 0:
            page.evaluate(BACK, start)
            for _ in range(2):
                session.send("HeapProfiler.collectGarbage")
            found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
            samples.append(Sample(n, found["JSHeapUsedSize"], found["Nodes"], found["JSEventListeners"]))
            told(samples[-1])
        page.evaluate(UPDATE, n)
    return samples


def slope(samples: list[Sample], name: str) -> float:
    """Return how much a measure grows an update, by least squares over the second half."""
    half = samples[len(samples) // 2 :]
    x = np.array([one.updates for one in half], float)
    y = np.array([getattr(one, name) for one in half], float)
    return float(np.polyfit(x, y, 1)[0])


def luminance(png: bytes) -> float:
    """Return the mean luminance of a picture as Chromium writes it (8-bit RGB or RGBA), 0..255."""
    at, width, height, depth, packed = 8, 0, 0, 3, b""
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, depth = int.from_bytes(body[:4]), int.from_bytes(body[4:8]), {2: 3, 6: 4}[body[9]]
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * depth)
    above = np.zeros((width, depth), np.uint8)
    total = 0.0
    for row in rows:
        above = _unfilter(int(row[0]), row[1:].reshape(width, depth), above)
        total += float((above[:, :3] @ np.array([0.2126, 0.7152, 0.0722])).sum())
    return total / (width * height)


def _unfilter(kind: int, row: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Undo one row's filter, by the standard's five kinds."""
    if kind == 0:
        return row.copy()
    if kind == 1:
        return np.cumsum(row, axis=0, dtype=np.uint8)
    if kind == 2:
        return row + above
    made = np.zeros_like(row)
    left, corner = np.zeros(row.shape[1], int), np.zeros(row.shape[1], int)
    for i in range(len(row)):
        up = above[i].astype(int)
        if kind == 3:
            guess = (left + up) // 2
        else:
            p = left + up - corner
            a, b, c = abs(p - left), abs(p - up), abs(p - corner)
            guess = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
        left = (row[i].astype(int) + guess) & 255
        corner, made[i] = up, left
    return made


@contextmanager
def served(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve a data folder at a port until the block ends."""
    run = "from dashboard.commands import app; app()"
    command = [sys.executable, "-c", run, "serve", "--port", str(port), "--data", str(data)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(300):
            if _answers(port):
                break
            time.sleep(0.1)
        yield process
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def restarts(page: Page, data: Path, times: int, port: int) -> list[float]:
    """Kill and restart the server under an open wall; return the seconds each time until it is live again.

    Raises:
        AssertionError: the page was loaded again, was blank, or did not come back.
    """
    took = []
    with served(data, port):
        page.goto(f"http://127.0.0.1:{port}/?place=320115002")
        page.locator(READY).wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(1500)
        page.evaluate("window.same = true")
        whole = page.evaluate(
            "document.querySelector('.painted').innerText.length + document.body.innerText.length"
        )
    for _ in range(times):
        _until(page, "document.body.classList.contains('stale')", 15)
        _still_whole(page, whole)
        with served(data, port):
            start = time.monotonic()
            _until(
                page, "!document.body.classList.contains('stale') && ejia.live.source.readyState === 1", 30
            )
            took.append(time.monotonic() - start)
            page.locator(READY).wait_for(state="attached", timeout=30_000)
            _still_whole(page, whole)
    return took


def crashed(browser: Browser, address: str, profile: Path) -> float:
    """Let the kiosk show a station, crash its tab, and return the seconds until the station is shown again.

    Raises:
        AssertionError: it never is.
    """
    environment = {
        **os.environ,
        "EJIA_URL": address + "/?wall=hall",
        "EJIA_PROFILE": str(profile),
        "EJIA_BROWSER": shutil.which("chromium") or "/usr/bin/chromium",
        "EJIA_FLAGS": "--headless=new --no-sandbox --disable-gpu",
    }
    command = [str(ROOT / "docker" / "kiosk" / "ejia-kiosk")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as kiosk:
        try:
            page = _kiosk_page(browser, profile)
            page.evaluate("ejia.tour.start('delegation', 3)")
            _until(
                page,
                "ejia.tour.state().stop === 4 && localStorage.getItem('ejia.last').includes('stop=4')",
                30,
            )
            page.wait_for_timeout(3000)  # the watch has met the tab, the profile is written
            start = time.monotonic()
            before = _read(profile)
            _crash(page)
            while _read(profile) in ("", before):
                assert time.monotonic() - start < 90, "the browser with the crashed tab was not ended"
                time.sleep(0.1)
            page = _kiosk_page(browser, profile)
            _until(page, "ejia.tour.state().stop === 4", 60)
            return time.monotonic() - start
        finally:
            kiosk.terminate()
            kiosk.wait(20)


def _crash(page: Page) -> None:
    """Let the tab's process die. The command has no answer, so it is sent without waiting for one."""
    session = page.context.new_cdp_session(page)
    with contextlib.suppress(Error):
        session.send("Page.crash")


def _read(profile: Path) -> str:
    with contextlib.suppress(OSError):
        return (profile / "DevToolsActivePort").read_text()
    return ""


def _kiosk_page(browser: Browser, profile: Path) -> Page:
    """Wait until the kiosk's browser shows a wall that answers; return its tab."""
    for _ in range(300):
        with contextlib.suppress(Error, OSError, LookupError):
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            found = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}", timeout=2000)
            page = found.contexts[0].pages[0]
            if page.evaluate("Boolean(window.ejia && ejia.tour && ejia.tour.tours.length && ejia.scene())"):
                return page
            found.close()
        time.sleep(0.3)
    raise AssertionError("the kiosk shows no wall")


def outage(page: Page, data: Path, port: int) -> tuple[float, float]:
    """End the server under an open wall; return the seconds until the wall is stale and 数据停更."""
    with served(data, port):
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator(READY).wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(5000)
    start = time.monotonic()
    _until(page, "document.body.classList.contains('stale')", 30)
    stale = time.monotonic() - start
    _until(page, "document.getElementById('stopped-note') !== null", 90)
    return stale, time.monotonic() - start


def _tell(one: Sample) -> None:
    counts = f"{one.nodes:8.0f} nodes {one.listeners:6.0f} listeners"
    print(f"{time.strftime('%H:%M:%S')} {one.updates:>8} {one.heap / 1e6:8.1f} MB {counts}", flush=True)


def _still_whole(page: Page, whole: int) -> None:
    assert page.evaluate("window.same === true"), "the page was loaded again"
    length = page.evaluate(
        "document.querySelector('.painted').innerText.length + document.body.innerText.length"
    )
    assert length > 0.8 * whole, f"the wall lost its text: {length} of {whole}"
    light = luminance(page.screenshot(scale="css"))
    assert 4 < light < BRIGHTEST, f"a frame of luminance {light:.0f}"


def _until(page: Page, script: str, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {script}")


def main(arguments: list[str]) -> int:
    """Run one of the four; return the exit code."""
    what, where, count = arguments[0], arguments[1], int(arguments[2])
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        if what == "restarts":
            took = restarts(page, Path(where), count, free_port())
            print(f"{count} restarts survived; live again after {max(took):.1f} s at most")
            return 0
        if what == "outage":
            told = [outage(page, Path(where), free_port()) for _ in range(count)]
            print("server ended: " + ", ".join(f"stale {a:.1f} s, 数据停更 {b:.1f} s" for a, b in told))
            return int(max(a for a, _ in told) > 10 or max(b for _, b in told) > 60)
        if what == "crash":
            folder = Path(tempfile.mkdtemp())
            back = [crashed(browser, where, folder / str(n)) for n in range(count)]
            print("tab crashed, same station again after " + ", ".join(f"{s:.1f}" for s in back) + " s")
            return int(max(back) > 20)
        page.goto(where)
        page.locator(READY).wait_for(state="attached")
        samples = soak(page, count, max(1, count // 20), _tell)
        grows = {name: slope(samples, name) for name in ("heap", "nodes", "listeners")}
        print({name: round(value, 4) for name, value in grows.items()}, "an update")
        browser.close()
    return int(grows["heap"] > MOST_HEAP or grows["nodes"] > 0.05 or grows["listeners"] > 0.02)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
