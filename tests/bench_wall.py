"""Measure the wall in headless Chromium: first load, bytes, a tap, a month, frames a second.

    .venv/bin/python tests/bench_wall.py http://127.0.0.1:8050

Prints medians of several runs in milliseconds; needs a served wall, and does not start one.
"""

from __future__ import annotations

import shutil
import statistics
import sys

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
READY = "html[data-ready='1']"
RUNS = 5


def first_load(browser: Browser, address: str, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return (ms to painted, kB over the wire, ms of a second load, kB of a second load).

    Time runs from the start of the navigation, as the page itself counts it.
    """
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    wire: list[float] = []
    session.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
    figures = []
    for _ in range(2):
        wire.clear()
        page.goto(address, wait_until="commit")
        page.locator(READY).wait_for(state="attached")
        figures += [float(page.evaluate("performance.now()")), sum(wire) / 1000]
        page.wait_for_timeout(200)
    context.close()
    return figures[0], figures[1], figures[2], figures[3]


def gesture(page: Page, verb: str, arg: str) -> tuple[float, float]:
    """Run a gesture; return (ms to the first movement, ms to the last change of page or map)."""
    return tuple(
        page.evaluate(
            """async ([verb, arg]) => {
        const start = performance.now(); let first = 0, last = 0;
        const moved = (seen) => {
          if (seen.every((one) => one.attributeName === 'data-ready')) return;
          last = performance.now() - start;
          first = first || last;
        };
        const watch = new MutationObserver(moved);
        watch.observe(document.documentElement, { subtree: true, childList: true, attributes: true });
        document.documentElement.dataset.ready = '0';
        ejia.send(verb, arg);
        await new Promise((done) => setTimeout(done, 5));
        while (document.documentElement.dataset.ready !== '1') await new Promise(requestAnimationFrame);
        watch.disconnect();
        return [first, last];
      }""",
            [verb, arg],
        )
    )


def frames(page: Page, session: CDPSession) -> float:
    """Return frames a second while the map is dragged for two seconds."""
    box = page.locator("#map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(
        """() => { window.ticks = [];
        const tick = (t) => { ticks.push(t); window.ticking = requestAnimationFrame(tick); };
        requestAnimationFrame(tick); }"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(120):
        page.mouse.move(x + 90 * ((step % 40) / 40 - 0.5), y + 60 * ((step % 30) / 30 - 0.5))
        page.wait_for_timeout(12)
    page.mouse.up()
    ticks = page.evaluate("() => { cancelAnimationFrame(window.ticking); return window.ticks; }")
    return float(1000 * (len(ticks) - 1) / (ticks[-1] - ticks[0]))


def requests_of(page: Page, verb: str, arg: str) -> int:
    """Return how many answers a gesture asks of the server."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "_dash-update" in request.url else None)
    gesture(page, verb, arg)
    return len(asked)


def measure(browser: Browser, address: str, size: tuple[int, int]) -> dict[str, float]:
    """Return the figures of one wall size."""
    loads = [first_load(browser, address, size) for _ in range(RUNS)]
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="no-preference"
    )
    page = context.new_page()
    page.goto(address)
    page.locator(READY).wait_for(state="attached")
    taps, months = [], []
    for town in ("320115002", "320115001", "320115005", "320115003", "320115009"):
        taps.append(gesture(page, "drill", town))
        gesture(page, "home", "")
    for month in ("2018-05", "2018-11", "2018-07", "2018-10", "2018-04"):
        months.append(gesture(page, "month", month))
    gesture(page, "home", "")
    again = [gesture(page, "month", month) for month in ("2018-05", "2018-11", "2018-07")]
    asked = requests_of(page, "month", "2018-06")
    rate = frames(page, context.new_cdp_session(page))
    context.close()
    middle = statistics.median
    return {
        "first load, ms": middle(load[0] for load in loads),
        "first load, kB": middle(load[1] for load in loads),
        "second load, ms": middle(load[2] for load in loads),
        "second load, kB": middle(load[3] for load in loads),
        "tap on a town: first movement, ms": middle(tap[0] for tap in taps),
        "tap on a town: all painted, ms": middle(tap[1] for tap in taps),
        "another month, never asked: painted, ms": middle(month[1] for month in months),
        "another month, asked before: painted, ms": middle(month[1] for month in again),
        "requests of a month": asked,
        "dragging the map, frames a second": rate,
    }


def main(address: str) -> None:
    """Print the table."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        sizes = ((1920, 1080), (3840, 2160), (5760, 1080))
        columns = [measure(browser, address, size) for size in sizes]
        browser.close()
    print("| | " + " | ".join(f"{w}×{h}" for w, h in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(f"{column[name]:.0f}" for column in columns) + " |")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8050")
