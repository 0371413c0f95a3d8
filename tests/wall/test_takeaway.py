"""What one takes away from the wall: its picture as it stands, and a tour that plays with the network off."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from dashboard.browser import Browser, opened_page
from dashboard.rehearsal import RehearsalError
from dashboard.tour_export import export
from tests.secret_district import PID
from tests.wall.conftest import Wall

TAKE = """ejia.pictureBlob().then((blob) => blob.arrayBuffer()).then((buffer) => {
  const bytes = new Uint8Array(buffer), parts = [];
  const piece = (at) => String.fromCharCode(...bytes.subarray(at, at + 8192));
  for (let at = 0; at < bytes.length; at += 8192) parts.push(piece(at));
  return btoa(parts.join(""));
})"""


APART = """async (pictures) => {
  const [one, two] = await Promise.all(pictures.map(async (text) => {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height).data;
  }));
  if (one.length !== two.length) return one.length;
  let count = 0;
  for (let i = 0; i < one.length; i += 4) {
    const far = Math.max(...[0, 1, 2].map((n) => Math.abs(one[i + n] - two[i + n])));
    if (far > 40) count += 1;
  }
  return count;
}"""
COLOURS = """(async () => {
  const image = document.querySelector("iframe").contentDocument.querySelector("#map img");
  await image.decode();
  const pen = document.createElement("canvas").getContext("2d");
  pen.drawImage(image, 0, 0, 96, 96);
  return new Set(new Uint32Array(pen.getImageData(0, 0, 96, 96).data.buffer)).size;
})()"""


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def taken(chrome: Browser, served: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the morning's tour as a file."""
    file = tmp_path_factory.mktemp("taken") / "morning.html"
    file.write_text(export(chrome, served, "morning"), "utf-8")
    return file


def apart(page: Page, first: bytes, second: bytes) -> int:
    """Count the pixels that two pictures show in clearly different colours; the page decodes them."""
    pictures = [base64.b64encode(one).decode() for one in (first, second)]
    return int(page.evaluate(APART, pictures))


@pytest.mark.parametrize("query", ["", "?place=320115002", "?lang=en&layers=transfers&board=transfers"])
def test_the_picture_is_what_the_screen_shows(wall: Wall, query: str) -> None:
    wall.open(query)
    shown, picture = wall.page.screenshot(), base64.b64decode(wall.page.evaluate(TAKE))
    assert picture.startswith(b"\x89PNG") and len(picture) > 100_000
    pixels = 1920 * 1080
    assert apart(wall.page, shown, picture) < 0.01 * pixels


def test_the_button_saves_a_file_and_asks_nothing_of_the_server_for_a_visitor(wall: Wall) -> None:
    wall.open("?place=320115002")
    before = len(wall.asked)
    with wall.page.expect_download(timeout=30_000) as waiting:
        wall.page.locator('[data-key="picture"]').click()
    assert re.fullmatch(r"wall-320115002-\d{4}-\d\d\.png", waiting.value.suggested_filename)
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")
    assert len(wall.asked) == before


def test_the_button_of_the_brief_brings_the_place_that_is_shown(wall: Wall) -> None:
    wall.open("?place=320115002&lang=en")
    with wall.page.expect_download(timeout=60_000) as waiting:
        wall.page.locator('[data-key="brief"]').click()
    assert waiting.value.suggested_filename == "brief-320115002-2019-02-en.pdf"
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")


def test_a_still_holds_no_address_and_nothing_that_is_not_seen(wall: Wall) -> None:
    wall.open()
    still = wall.page.evaluate("ejia.still('image/webp')")
    markup, css = still["markup"], still["css"] + "".join(still["letters"])
    assert still["mode"] == "visitor" and still["letters"]
    assert not re.search(r"url\((?!\s*[\"']?(data:|#))", css)
    for sign in ("href=", "data-verb", "data-arg", "<script", "map-words", "onclick", wall.address):
        assert sign not in markup, sign
    assert "alert_ladder" not in markup, "a panel of another board is not seen"


@pytest.mark.slow
def test_a_taken_tour_plays_from_a_file_with_the_network_off(chrome: Browser, taken: Path) -> None:
    with opened_page(chrome, 1400, 900) as page:
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        page.ask("Network.emulateNetworkConditions", **offline)
        page.open(taken.as_uri())
        assert page.until("document.documentElement.dataset.ready === '1'", 30)
        caption = (
            "document.querySelector('iframe').contentDocument.querySelector('.caption-text').textContent"
        )
        shown = [page.evaluate(caption)]
        assert "62,498" in shown[0]
        for _ in range(2):
            page.evaluate("document.querySelectorAll('nav button')[2].click()")
            shown.append(page.evaluate(caption))
        assert len(set(shown)) == 3
        page.evaluate("document.querySelectorAll('nav button')[0].click()")
        assert page.evaluate(caption) == shown[1]
        page.evaluate("[...document.querySelectorAll('nav button')].at(-2).click()")
        assert re.search("[a-z]{4}", page.evaluate(caption))
        page.evaluate("document.querySelectorAll('nav .chapter')[0].click()")
        assert len(page.picture()) > 150_000
        colours = page.evaluate(COLOURS)
        assert colours > 40, "the map is blank"
        assert page.errors == []
        asked = [url for url in page.asked if not url.startswith(("data:", "about:"))]
        assert asked == [taken.as_uri()]


@pytest.mark.slow
def test_a_taken_tour_plays_by_itself(chrome: Browser, taken: Path) -> None:
    text = taken.read_text("utf-8")
    quick = taken.with_name("quick.html")
    quick.write_text(re.sub(r'"dwell":\d+(\.\d+)?', '"dwell":0.3', text), "utf-8")
    with opened_page(chrome, 1400, 900) as page:
        page.open(quick.as_uri())
        assert page.until("document.documentElement.dataset.ready === '1'", 30)
        page.evaluate("document.querySelector('nav .play').click()")
        assert page.until("location.hash === '#5'", 30)


@pytest.mark.slow
def test_a_taken_tour_holds_what_visitors_may_see_and_loads_nothing(taken: Path) -> None:
    text = unescape(taken.read_text("utf-8"))
    told = json.loads(re.search(r'id="told">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
    assert "default-src 'none'" in text and "connect-src" not in text
    assert PID not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)
    for lang, scenes in told["scenes"].items():
        assert len(scenes) == 6, lang
        for scene in scenes:
            assert scene["root"]["data-signed"] == "no"
            assert ("参观" if lang == "zh" else "Visitor") in scene["markup"]
            assert "演示数据" in scene["markup"] or "Demo data" in scene["markup"]
    outside = re.findall(r"https?://[^\s\"'<>\\)]+", text)
    assert {url for url in outside if not url.startswith("http://www.w3.org/")} == set()
    assert taken.stat().st_size < 12e6


@pytest.mark.slow
def test_a_tour_that_is_not_there_is_named(chrome: Browser, served: str) -> None:
    with pytest.raises(RehearsalError, match="there are: "):
        export(chrome, served, "nowhere")


def test_ready_means_whole(chromium: Chromium, served: str) -> None:
    """The sign is up only where nothing is lacking, and says what is while it is down."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    wall = Wall(context.new_page(), served)
    wall.page.route("**/buildings/*.json", lambda route: None)  # footprints that never come
    wall.page.goto(served + "/?place=B001944")
    wall.until("(document.documentElement.dataset.lacks || '').includes('shapes')", 20)
    wall.page.wait_for_timeout(1500)
    assert wall.page.evaluate("document.documentElement.dataset.ready") == "0"
    assert "shapes" in wall.page.evaluate("ejia.lacks()")
    wall.page.unroute("**/buildings/*.json")
    wall.page.reload()
    wall.ready()
    assert wall.page.evaluate("ejia.lacks()") == []
    assert wall.page.evaluate("ejia.mapState.map.getZoom()") > 15, "the map stands at the building"
    context.close()
