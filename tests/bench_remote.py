"""Measure a tablet: from the tap on it to the first movement on the wall, over loopback.

    .venv/bin/python tests/bench_remote.py http://127.0.0.1:8050

Prints median and worst in milliseconds; needs a served wall, and does not start one.
"""

from __future__ import annotations

import shutil
import statistics
import sys

from playwright.sync_api import sync_playwright

TOWNS = [f"3201150{n:02d}" for n in (1, 2, 5, 3, 9, 6, 4, 8, 7, 10)]
WATCH = """() => {
  window.moved = [];
  const fly = ejia.flyAhead;
  ejia.flyAhead = (verb, arg) => { window.moved.push(Date.now()); return fly(verb, arg); };
}"""
TAP = """(town) => {
  const order = { wall: remote.wall, do: 'gesture', verb: 'drill', arg: town }, at = Date.now();
  const headers = { 'Content-Type': 'application/json' };
  fetch('/remote/command', { method: 'POST', headers, body: JSON.stringify(order) });
  return at;
}"""


def main(address: str) -> None:
    """Pair a tablet with a wall and tap."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        wall = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        wall.goto(address)
        wall.locator("html[data-ready='1']").wait_for(state="attached")
        wall.keyboard.press("r")
        code = wall.locator(".pairing-digits").inner_text().replace(" ", "")
        tablet = browser.new_context(viewport={"width": 1180, "height": 820}).new_page()
        tablet.goto(address + "/remote")
        tablet.fill("input", code)
        tablet.click("button[type=submit]")
        tablet.locator("#map").wait_for()
        wall.evaluate(WATCH)
        took = []
        for town in [*TOWNS, *TOWNS]:
            start = tablet.evaluate(TAP, town)
            wall.wait_for_timeout(900)
            took.append(wall.evaluate("window.moved.at(-1)") - start)
        browser.close()
    print(f"median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms of {len(took)} taps")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8050")
