"""A rehearsal finds what is wrong, kind by kind, on a page where each of it is wrong on purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from math import atan, degrees
from threading import Thread
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dashboard import browser, rehearsal, rehearsal_sheet
from dashboard.commands import app
from dashboard.rehearsal import Finding, RehearsalError, Seen, Station, Wall

WALL = Wall(1920, 1080, "2x2")
MAP = """<div id="map"><canvas width="300" height="200"></canvas></div><script>
const pen = document.querySelector("canvas").getContext("2d");
for (let i = 0; i < 300; i += 3) { pen.fillStyle = `hsl(${i} 60% 30%)`; pen.fillRect(i, 0, 3, 200); }
</script>"""
STYLE = "body{margin:0;background:#0a1631;color:#b0c2f9;font:500 24px sans-serif}"
STYLE += " div{position:absolute} #map{right:0;bottom:0}"
AT = "left:100px;top:100px"
GOOD = f'<div style="{AT}">一张党建地图</div><div style="left:100px;top:160px;font-size:30px">62</div>'
WRONG = {
    "small": f'<div style="{AT};font-size:21px">太小的字</div>',
    "cut": f'<div style="{AT};width:60px;overflow:hidden;white-space:nowrap">放不下的字</div>',
    "scroll": f'<div style="{AT};height:50px;width:300px;overflow:auto">一<br>二<br>三<br>四</div>',
    "collision": f'<div style="{AT}">一行字</div><div style="left:140px;top:110px">又一行</div>',
    "seam": '<div style="left:930px;top:100px">跨缝的字</div>',
    "contrast": f'<div style="{AT};color:#3a466a">看不清的字</div>',
}


class Page(BaseHTTPRequestHandler):
    """Answer every address with the page of its path."""

    pages: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        body = self.pages.get(self.path.partition("?")[0], "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def wall_page(body: str, ready: str = "1", script: str = "", drawn: str = MAP) -> str:
    """Write a page that looks like a wall to a rehearsal."""
    stub = (
        "window.ejia = { lacks: () => %s, tour: { tours: [] }, send() {"
        "document.documentElement.dataset.ready = '1'; } };" % ("[]" if ready == "1" else "['layers']")
    )
    return (
        f"<!DOCTYPE html><html data-ready='{ready}' data-wall='plain'><head><link rel=icon href='data:,'>"
        f"<style>{STYLE}</style></head><body>{body}{drawn}<script>{stub}{script}</script></body></html>"
    )


@pytest.fixture(scope="module")
def chrome() -> Iterator[browser.Browser]:
    with browser.Browser() as running:
        yield running


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def look(chrome: browser.Browser, address: str, page: str, wall: Wall = WALL) -> Seen:
    """Rehearse one page."""
    Page.pages = {"/": page}
    with (
        browser.opened_page(chrome, 320, 240, heard=False) as helper,
        browser.opened_page(chrome, wall.width, wall.height) as shown,
    ):
        shown.open(address + "/")
        assert shown.until("Boolean(window.ejia)", 10)
        return rehearsal.look(shown, helper, address, wall, Station(1, "", "一"), slow=20)


@pytest.mark.browser
def test_nothing_is_found_where_nothing_is_wrong(chrome: browser.Browser, address: str) -> None:
    seen = look(chrome, address, wall_page(GOOD))
    assert seen.findings == []
    assert len(seen.picture) > 1000


@pytest.mark.browser
@pytest.mark.parametrize("kind", WRONG)
def test_each_kind_is_found_by_itself(chrome: browser.Browser, address: str, kind: str) -> None:
    seen = look(chrome, address, wall_page(GOOD.replace("left:100px", "left:1400px") + WRONG[kind]))
    assert {finding.kind for finding in seen.findings} == {kind}


@pytest.mark.browser
def test_a_blank_map_is_found(chrome: browser.Browser, address: str) -> None:
    blank = '<div id="map"><canvas width="300" height="200"></canvas></div>'
    assert [one.kind for one in look(chrome, address, wall_page(GOOD, drawn=blank)).findings] == ["blank"]


@pytest.mark.browser
def test_what_is_unfinished_says_what_it_waits_for(chrome: browser.Browser, address: str) -> None:
    found = look(chrome, address, wall_page(GOOD, ready="0")).findings
    assert [(one.kind, one.text) for one in found] == [("unfinished", "layers")]


@pytest.mark.browser
def test_errors_and_requests_to_the_outside_are_found(chrome: browser.Browser, address: str) -> None:
    script = (
        "ejia.send = () => { console.error('gone'); new Image().src = 'http://192.0.2.1/pixel.png';"
        "document.documentElement.dataset.ready = '1'; };"
    )
    found = look(chrome, address, wall_page(GOOD, script=script)).findings
    assert {one.kind for one in found} >= {"error", "outside"}
    assert any(one.text == "http://192.0.2.1/pixel.png" for one in found)


@pytest.mark.browser
def test_words_for_screen_readers_and_words_under_a_sheet_count_for_nothing(
    chrome: browser.Browser, address: str
) -> None:
    hidden = (
        '<div style="width:1px;height:1px;overflow:hidden;clip-path:inset(50%)">登录</div>'
        '<div style="left:100px;top:300px">在下面</div>'
        '<div style="left:90px;top:290px;width:400px;height:90px;background:#0f1f43">上面的一页</div>'
    )
    assert look(chrome, address, wall_page(GOOD + hidden)).findings == []


@given(st.sampled_from(sorted(rehearsal.WALLS)), st.floats(0.5, 12))
def test_least_type_spans_sixteen_minutes(name: str, far: float) -> None:
    wall = rehearsal.walls_of(name, "", far)[0]
    least, short = wall.least_type(), min(wall.width, wall.height)
    distance = short * (rehearsal.HAND[1] / rehearsal.HAND[0] if wall.is_tablet else far)
    for kind, share in rehearsal.FILLS.items():
        glyph = least[kind] * share
        assert 60 * degrees(2 * atan(glyph / 2 / distance)) == pytest.approx(16)


def test_four_heights_are_the_rule_of_22_pixels_on_1080_lines() -> None:
    assert Wall(1920, 1080).least_type()["cjk"] == pytest.approx(22, abs=0.2)


def test_a_distance_in_metres_needs_the_walls_height() -> None:
    assert rehearsal.distance_of("10.8m", 2.7) == pytest.approx(4)
    assert rehearsal.distance_of("3H", None) == 3
    for text, tall in (("10m", None), ("far", 2.0), ("0H", 2.0), ("4", 2.0)):
        with pytest.raises(RehearsalError):
            rehearsal.distance_of(text, tall)


def test_all_walls_come_with_their_panels_and_a_bad_size_is_named() -> None:
    walls = rehearsal.walls_of("all", None, 4)
    assert [(wall.name, wall.grid) for wall in walls] == list(rehearsal.WALLS.items())
    assert rehearsal.walls_of("7680x2160", "4x2", 4)[0].seams() == {"x": [1920, 3840, 5760], "y": [1080]}
    for size, grid in (("wide", None), ("1920x", None), ("1920x1080", "3by2"), ("10x10", None)):
        with pytest.raises(RehearsalError):
            rehearsal.walls_of(size, grid, 4)


def test_the_sheet_escapes_what_was_read_and_asks_for_nothing() -> None:
    finding = Finding("cut", "<b>x</b>\"'", (10, 10, 30, 10), {"by": "<i>"})
    seen = [Seen(WALL, Station(1, "", "<script>"), 0.5, [finding], b"RIFF")]
    text = rehearsal_sheet.page("delegation", "zh", seen)
    assert "<script" not in text and "<b>x" not in text and "<i>" not in text.replace("<i title", "")
    assert "http" not in text.replace("http-equiv", "")
    told = json.loads(json.dumps(rehearsal.as_json("delegation", "zh", seen)))
    assert told["passed"] is False and told["stations"][0]["findings"][0]["box"] == [10, 10, 30, 10]


def test_without_a_browser_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    ended = CliRunner().invoke(app, ["rehearse", "delegation"])
    assert ended.exit_code == 2
    assert "apt-get install" in ended.output and browser.VARIABLE in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    "words",
    [["--size", "big"], ["--grid", "3"], ["--lang", "de"], ["--distance", "far"], ["--stops", "a"]],
)
def test_bad_usage_ends_with_two(words: list[str]) -> None:
    ended = CliRunner().invoke(app, ["rehearse", "delegation", *words])
    assert ended.exit_code == 2 and "Error:" in ended.output
