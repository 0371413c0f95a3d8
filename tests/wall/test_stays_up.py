"""The wall stays up: nothing grows, nothing flashes, a server that dies is survived."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

from tests.soak_wall import BRIGHTEST, crashed, free_port, luminance, restarts, slope, soak
from tests.wall.conftest import ROOT, Wall


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Give a page whose errors are meant."""
    return context.new_page()


def test_nothing_grows(wall: Wall) -> None:
    wall.open()
    soak(wall.page, 24, 24)  # the first of each kind fills caches
    samples = soak(wall.page, 64, 8)
    assert samples[-1].nodes - samples[0].nodes <= 2, samples
    assert samples[-1].listeners - samples[0].listeners <= 2, samples
    assert slope(samples, "heap") < 12_000, (
        samples
    )  # caches of the page still fill: a soak of hours shows their end


def picture(page: Page) -> bytes:
    """Take a picture; between two pages Chromium may have none to give, so it is asked again."""
    for _ in range(4):
        try:
            return page.screenshot(timeout=60_000)
        except Error:
            page.wait_for_timeout(100)
    return page.screenshot(timeout=60_000)


def test_no_frame_is_bright_at_load_reload_and_changes(chromium: Browser, served: str) -> None:
    context = chromium.new_context(viewport={"width": 960, "height": 540})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send(
        "Emulation.setDefaultBackgroundColorOverride", {"color": {"r": 10, "g": 22, "b": 49, "a": 1}}
    )
    light = []

    def look(frames: int) -> None:
        for _ in range(frames):
            light.append(luminance(picture(page)))

    page.goto(served, wait_until="commit")
    look(12)
    page.locator("html[data-ready='1']").wait_for(state="attached")
    look(1)
    page.reload(wait_until="commit")
    look(12)
    page.locator("html[data-ready='1']").wait_for(state="attached")
    for verb, arg in (("drill", "320115002"), ("preset", "transfers"), ("lang", "en"), ("home", "")):
        page.evaluate("([verb, arg]) => ejia.send(verb, arg)", [verb, arg])
        look(4)
    page.evaluate("ejia.live.on.version({version: 12345})")
    look(3)
    assert max(light) < BRIGHTEST, light
    assert light[-1] > 8, "and it is not simply dark"
    context.close()


def test_a_killed_server_is_survived(chromium: Browser, loaded_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(loaded_data, data)
    context = chromium.new_context(viewport={"width": 960, "height": 540}, reduced_motion="reduce")
    took = restarts(context.new_page(), data, 2, free_port())
    assert len(took) == 2
    context.close()


class Cut:
    """Let the first request of a kind fail, as when an interface of the machine comes up meanwhile."""

    def __init__(self, page: Page, lost: str) -> None:
        self.page, self.urls, self.pages = page, [], 0
        page.route(lost, self._first)
        page.on("domcontentloaded", lambda _: self._counted())

    def _first(self, route: Route) -> None:
        if self.urls:
            route.continue_()
        else:
            self.urls.append(route.request.url)
            route.abort("failed")

    def _counted(self) -> None:
        self.pages += 1

    def until_pages(self, number: int) -> None:
        """Wait until the page was loaded so often."""
        for _ in range(300):
            if self.pages >= number:
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"loaded {self.pages} times, not {number}")


@pytest.mark.parametrize("lost", ["**/assets/wall*.js*", "**/assets/map*.js*", "**/assets/tokens*.css*"])
def test_a_page_whose_file_was_lost_is_loaded_again(page: Page, served: str, lost: str) -> None:
    cut = Cut(page, lost)
    page.goto(served, wait_until="commit")
    cut.until_pages(2)
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=30_000)
    assert len(cut.urls) == 1
    _at_rest(page)


def test_a_page_that_never_stands_is_loaded_again(page: Page, served: str) -> None:
    cut = Cut(page, "**/_dash-layout")
    page.clock.install()
    page.goto(served)
    for _ in range(300):
        if cut.urls:
            break
        page.wait_for_timeout(100)
    page.clock.fast_forward(45_000)
    cut.until_pages(2)
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=30_000)
    assert len(cut.urls) == 1
    _at_rest(page)


def test_a_page_that_stands_without_a_file_is_not_loaded_for_ever(page: Page, served: str) -> None:
    """A file that is gone for good: after some tries the wall stays, as whole as it can be."""
    page.add_init_script("sessionStorage.setItem('ejia.mend', '5')")
    page.route("**/assets/search*.js*", lambda route: route.abort("failed"))
    page.clock.install()
    page.goto(served)
    page.locator("html[data-ready='1']").wait_for(state="attached", timeout=30_000)
    page.evaluate("window.here = true")
    page.clock.run_for(1_000)
    page.clock.fast_forward(120_000)
    page.wait_for_timeout(3_000)
    assert page.evaluate("window.here")


def _at_rest(page: Page) -> None:
    """Assert that a page that stands whole forgets its trouble and stays."""
    for _ in range(60):
        if page.evaluate("sessionStorage.getItem('ejia.mend')") is None:
            break
        page.wait_for_timeout(100)
    assert page.evaluate("sessionStorage.getItem('ejia.mend')") is None
    page.evaluate("window.here = true")
    page.wait_for_timeout(3_000)
    assert page.evaluate("window.here")


def test_a_wall_without_news_says_so_in_amber_and_keeps_its_picture(wall: Wall) -> None:
    wall.page.route("**/events", lambda route: route.abort())
    wall.open()
    wall.page.route("**/healthz", lambda route: route.abort())
    wall.until("document.body.classList.contains('stale')", 12)
    wall.page.evaluate("ejia.live.good -= 60000")
    wall.until("document.body.classList.contains('stopped')", 5)
    assert "数据停更" in wall.page.locator("#stopped-note").inner_text()
    assert wall.page.evaluate("getComputedStyle(document.getElementById('stopped-note')).color") == (
        "rgb(255, 138, 13)"
    )
    assert wall.text("kpi/members") == "62,498"
    for path in ("**/events", "**/healthz"):
        wall.page.unroute(path)
    wall.until("!document.body.classList.contains('stopped')", 12)
    assert wall.page.locator("#stopped-note").count() == 0
    wall.page.wait_for_timeout(1000)
    wall.errors.clear()


def test_a_new_version_is_asked_for_and_repainted_without_a_reload(wall: Wall) -> None:
    wall.open()
    wall.page.evaluate("window.same = true")
    painted = wall.page.evaluate("document.querySelector('.headline .painted').firstChild.isSameNode(null)")
    wall.page.evaluate("window.kept = document.querySelector('.headline .painted').firstChild")
    wall.asked.clear()
    wall.page.evaluate("ejia.live.on.version({version: 99999})")
    wall.page.wait_for_timeout(500)
    wall.ready()
    assert painted is False and wall.asked, "every standing view asks again"
    same = "window.same && document.querySelector('.headline .painted').firstChild.isSameNode(window.kept)"
    assert wall.page.evaluate(same), "what did not change is not built again"


def test_the_kiosk_brings_the_wall_up_and_brings_it_back(served: str, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    environment = {
        **os.environ,
        "EJIA_URL": served + "/?wall=hall",
        "EJIA_PROFILE": str(profile),
        "EJIA_BROWSER": shutil.which("chromium") or "/usr/bin/chromium",
        "EJIA_FLAGS": "--headless=new --no-sandbox --disable-gpu --remote-debugging-port=0",
    }
    with subprocess.Popen(
        [str(ROOT / "docker" / "kiosk" / "ejia-kiosk")],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as kiosk:
        try:
            first = _debugging_port(profile, "")
            browser = _browser_of(profile)
            os.kill(browser, 9)
            assert _debugging_port(profile, first) != first
        finally:
            kiosk.terminate()
            kiosk.wait(20)


def test_a_crashed_tab_comes_back_at_the_same_station(chromium: Browser, served: str, tmp_path: Path) -> None:
    seconds = crashed(chromium, served, tmp_path / "profile")
    assert seconds < 60, "twenty on a machine of its own"


def _debugging_port(profile: Path, before: str) -> str:
    """Wait for the file a browser writes once it listens; tell what it says."""
    file = profile / "DevToolsActivePort"
    for _ in range(200):
        try:
            text = file.read_text()
        except FileNotFoundError:  # not yet there, or just taken away before the next browser
            text = ""
        if text and text != before:
            return text
        time.sleep(0.1)
    raise AssertionError("the browser did not start")


def _browser_of(profile: Path) -> int:
    """Find the browser's main process by its profile."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        is_browser = f"--user-data-dir={profile}".encode() in words and b"chromium" in words[0]
        if is_browser and not any(word.startswith(b"--type=") for word in words):
            return int(path.name)
    raise AssertionError("no browser runs with this profile")


def test_a_named_wall_comes_back_where_it_was(wall: Wall) -> None:
    wall.open("?wall=hall")
    wall.tap("place/320115002")
    wall.page.goto("about:blank")
    wall.open("?wall=hall")
    assert wall.place() == "320115002"
    wall.open("?wall=hall&place=320115001")
    assert wall.place() == "320115001"
