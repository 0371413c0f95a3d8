"""Measure the transfers board in headless Chromium: 500 arcs in motion, and a tap until the trace is drawn.

    .venv/bin/python tests/bench_flows.py http://127.0.0.1:8050

Needs a served wall over the demo district, and does not start one.  Software rendering, no graphics card.
"""

from __future__ import annotations

import shutil
import statistics
import sys

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
READY = "html[data-ready='1']"
BOARD = "/?layers=transfers&board=transfers&span=quarter"
TOWNS = ("320115002", "320115001", "320115005", "320115003", "320115009")
SECONDS = 4

FLOWS = """(count) => {
  const map = ejia.mapState, towns = new Set(map.places.filter((p) => p.level === 'town').map((p) => p.id));
  const places = map.places.filter((p) => towns.has(p.parent));
  const ways = ['in', 'out', 'between'];
  const nodes = places.map((p) => ({ id: p.id, outside: false, name: p.name, lon: p.label[0], lat: p.label[1],
    moved_in: 5, moved_out: 5, total: 10 }));
  const outside = [0, 60, 100, 140, 200, 250, 310].map((bearing) => ({ id: 'ext:' + bearing, outside: true,
    name: String(bearing), bearing, moved_in: 9, moved_out: 9, total: 60 }));
  nodes.push(...outside);
  const arcs = [];
  for (let i = 0; arcs.length < count; i++) {
    const from = places[(i * 7919) % places.length].id;
    const to = i % 9 ? places[(i * 104729 + 13) % places.length].id : outside[i % 7].id;
    if (from !== to) arcs.push({ from, to, n: 3 + (i * 31) % 60, hop: 1 + (i % 2), direction: ways[i % 3] });
  }
  const start = performance.now();
  ejia.flows.update({ map: map.map, view: map.view, payload: { arcs, nodes, focus: '' },
    bounds: map.layer._bounds, corner: map.layer.offset(), box: map.map.getContainer() });
  return [ejia.flows.state.arcs.length, performance.now() - start];
}"""

FRAMES = """async (seconds) => {
  const ticks = [], before = ejia.flows.state.frames, start = performance.now();
  while (performance.now() - start < 1000 * seconds) ticks.push(await new Promise(requestAnimationFrame));
  const gaps = ticks.slice(1).map((t, i) => t - ticks[i]).sort((a, b) => a - b);
  const ran = (ticks[ticks.length - 1] - ticks[0]) / 1000;
  const moved = ejia.flows.state.frames - before;
  return [(ticks.length - 1) / ran, moved / ran, gaps[Math.floor(gaps.length * 0.95)]];
}"""

TRACED = """async ([verb, arg, hops]) => {
  const root = document.documentElement, state = ejia.flows.state;
  const was = document.querySelector('.flow-alluvial'), start = performance.now();
  root.dataset.ready = '0';
  ejia.send(verb, arg);
  const onMap = () => state.focusId === arg && state.arcs.some((arc) => arc.hop === hops);
  const beside = () => ejia.pending() === 0 && document.querySelector('.flow-alluvial') !== was &&
    document.querySelector('.flow-alluvial');
  let traced = 0;
  while (!onMap() || !beside()) {
    await new Promise(requestAnimationFrame);
    if (!traced && onMap()) traced = performance.now() - start;
  }
  await new Promise(requestAnimationFrame);  // the frame that shows it
  const painted = performance.now() - start;
  while (root.dataset.ready !== '1') await new Promise(requestAnimationFrame);
  return [traced || painted, painted, performance.now() - start];
}"""
"""Taps a place; ms until its flows are on the map, until the alluvial and all else stand beside them, and
until nothing is under way (a rest of 60 ms and two frames, which the wall keeps before it says so)."""


def motion(page: Page, count: int) -> tuple[int, float, float, float, float]:
    """Return (arcs drawn, ms to draw them once, frames a second, those with dots, ms of a slow frame)."""
    arcs, once = page.evaluate(FLOWS, count)
    page.wait_for_timeout(300)
    rate, moved, slow = page.evaluate(FRAMES, SECONDS)
    return arcs, once, rate, moved, slow


def taps(page: Page) -> dict[int, list[list[float]]]:
    """Return hop → for each place (ms on the map, painted, at rest): a tap, then a second."""
    found: dict[int, list[list[float]]] = {1: [], 2: []}
    for town in TOWNS:
        for hop in (1, 2):
            found[hop].append(page.evaluate(TRACED, ["trace", town, hop]))
    return found


def measure(browser: Browser, address: str, size: tuple[int, int]) -> dict[str, float]:
    """Return the figures of one wall size."""
    view = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=view, reduced_motion="no-preference")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + BOARD)
    page.locator(READY).wait_for(state="attached")
    first, again = taps(page), taps(page)
    arcs, once, rate, moved, slow = motion(page, 500)
    context.close()

    def middle(runs: dict[int, list[list[float]]], hop: int, what: int) -> float:
        return statistics.median(run[what] for run in runs[hop])

    return {
        "tap on a place: its flows on the map, ms": middle(first, 1, 0),
        "tap on a place: everything painted, never asked, ms": middle(first, 1, 1),
        "tap on a place: everything painted, asked before, ms": middle(again, 1, 1),
        "second tap: one hop further, everything painted, never asked, ms": middle(first, 2, 1),
        "second tap: one hop further, everything painted, asked before, ms": middle(again, 2, 1),
        "until the wall rests, first tap, ms": middle(first, 1, 2),
        "arcs in motion": arcs,
        "those arcs drawn once, ms": once,
        "frames a second": rate,
        "frames with moved dots a second": moved,
        "slowest of twenty frames, ms": slow,
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
