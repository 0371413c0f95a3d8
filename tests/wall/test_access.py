"""For everyone: contrast, keys, names for screen readers, a motionless wall, a legible sheet of paper.

No serious finding of axe, sentences for those who hear the wall, no motion for those who asked for none.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.soak_wall import luminance
from tests.wall.conftest import ROOT, Wall
from tests.wall.reading import faint, nameless, tabbed, violations

BOARDS = (
    "",
    "?layers=heat,branches&board=activity",
    "?layers=transfers&board=transfers&span=year&focus=320115001&hops=2",
    "?layers=alerts&board=warnings",
)
PLACES = (
    "?place=320115002",
    "?place=320115002017",
    "?place=B001944",
    "?place=B001944/3",
    "?basis=affiliation",
)
TOURS = ("?tour=delegation&stop=1", "?tour=delegation&stop=8")
TABLE = "(document.getElementById('map-table') || document.body).innerText"
SHEETS = (
    *(
        f"?how={number}"
        for number in ("members", "warn:open", "radar:A1", "step:pending_to_branch", "inst:lecture")
    ),
    *(
        f"?open={sheet}"
        for sheet in ("children", "layers", "search", "tours", "radar", "indicators", "per100")
    ),
    *(f"?open={sheet}" for sheet in ("duties", "results", "mix", "matrix", "overdue", "activities", "study")),
    "?open=structure",
    "?place=320115001",
    "?place=320115001&open=rank",
    "?picks=domain:nonpublic",
)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scenes", [(*BOARDS, *PLACES, *TOURS), SHEETS], ids=["scenes", "sheets"])
def test_axe_and_the_eye_find_nothing_on_any_scene(wall: Wall, scenes: tuple[str, ...], lang: str) -> None:
    found = {}
    for scene in scenes[:: 1 if lang == "zh" else 2]:
        wall.open(scene + (("&" if scene else "?") + "lang=en" if lang == "en" else ""))
        found[scene] = violations(wall.page) + faint(wall.page) + nameless(wall.page)
    assert {scene: bad for scene, bad in found.items() if bad} == {}


@pytest.mark.parametrize("path", ["/login", "/login?lang=en", "/remote"])
def test_axe_and_the_eye_find_nothing_on_plain_pages(context: BrowserContext, served: str, path: str) -> None:
    page = context.new_page()
    page.goto(served + path)
    page.locator("main button, main pre").first.wait_for()
    assert violations(page) + faint(page) + nameless(page) == []
    met, dim, left = tabbed(page)
    assert met and dim == [] and left == []


@pytest.mark.parametrize("scene", [*BOARDS, "?place=B001944", "?open=children", "?tour=delegation&stop=2"])
def test_tab_reaches_every_control_and_shows_where_it_is(wall: Wall, scene: str) -> None:
    wall.open(scene)
    met, dim, left = tabbed(wall.page)
    assert len(met) > 30
    assert dim == [], "these show no focus"
    assert left == [], "Tab never comes here"


def test_the_focus_follows_a_sheet_and_comes_back(wall: Wall) -> None:
    wall.open()
    wall.page.locator('[data-key="kpi/members"]').focus()
    wall.page.keyboard.press("Enter")
    wall.until("document.activeElement.closest('#sheets .sheet') !== null")
    wall.ready()
    wall.page.keyboard.press("Escape")
    wall.until("document.activeElement.dataset.key === 'kpi/members'")
    for key, sheet in (("?", ".help"), ("r", ".pairing")):
        wall.page.keyboard.press(key)
        wall.until(f"document.activeElement.closest('{sheet}') !== null")
        wall.page.keyboard.press("Escape")
        wall.until("document.activeElement.dataset.key === 'kpi/members'")


def test_a_change_is_said_and_the_map_is_a_table_too(wall: Wall) -> None:
    wall.open()
    wall.until("(document.getElementById('spoken') || {}).textContent === '江宁区 · 2019年2月 · 总览'")
    assert wall.page.locator("#spoken").get_attribute("role") == "status"
    wall.tap("place/320115002")
    wall.until("document.getElementById('spoken').textContent.startsWith('秣陵街道')")
    rows = wall.page.locator("#map-table tr").all_inner_texts()
    assert rows[0].split("\t") == ["名称", "党员密度（名／平方公里）"] and len(rows) > 15
    wall.open(BOARDS[3])
    wall.until(TABLE + ".includes('秣陵街道')")
    shown = wall.page.locator('[data-key="place/320115002"] .warn-pill').inner_text()
    assert shown in wall.page.locator("#map-table").inner_text()
    wall.open(BOARDS[2].replace("&focus=320115001&hops=2", "") + "&lang=en")
    wall.until(TABLE + ".includes('Moling')")
    assert wall.page.locator("#map-table tr").first.inner_text().split("\t") == [
        "Name",
        "Moving in",
        "Moving out",
    ]


def test_less_motion_is_none_on_any_board(wall: Wall) -> None:
    for scene in BOARDS:
        wall.open(scene)
        before = wall.page.evaluate("document.documentElement.dataset.mapDrawn")
        wall.page.evaluate("ejia.send('drill', '320115002')")
        wall.page.wait_for_timeout(30)
        assert not wall.page.evaluate("Boolean(ejia.mapState.map._animatingZoom)")
        wall.ready()
        assert wall.page.evaluate("document.getAnimations().length") == 0
        assert wall.page.evaluate("document.documentElement.dataset.mapDrawn") != before
        moving = "[...document.querySelectorAll('.flow-canvas')].map((one) => one.toDataURL()).join()"
        first = wall.page.evaluate(moving)
        wall.page.wait_for_timeout(300)
        assert wall.page.evaluate(moving) == first


# Paper


def test_the_wall_prints_on_one_sheet_dark_on_white_and_stays_as_it_was(wall: Wall) -> None:
    page = wall.page
    for scene in BOARDS:
        wall.open(scene)
        made = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type /Page\b", made)) == 1
        assert re.search(rb"/MediaBox \[0 0 84[12][.\d]* 59[45]", made), "a lying A4"
        wall.ready()
        assert page.evaluate("document.documentElement.dataset.theme") is None
        assert page.locator("#print-cover").count() == 0 and luminance(page.screenshot()) < 90
        page.evaluate("ejia.paper.begin()")
        assert luminance(page.screenshot()) < 30, "the screen stays dark meanwhile"
        page.emulate_media(media="print")
        assert faint(page) == []
        assert luminance(page.screenshot()) > 170
        page.emulate_media(media="screen")
        page.evaluate("ejia.paper.end()")
        wall.ready()


def test_every_theme_has_every_colour() -> None:
    text = (ROOT / "assets" / "tokens.css").read_text("utf-8")
    # a sheet that is set apart from the wall has one look: --paper-* is read by dashboard/paper.py alone
    shown = r"--(?!paper-)([\w-]+): #"
    dark, light = (set(re.findall(shown, block)) for block in re.split(r"/\* The same wall", text))
    assert dark == light


def test_no_colour_stands_outside_the_tokens() -> None:
    plain = {"#fff", "#000", "#0a1631"}  # print's ground, the blackout, and the cover over a printing screen
    for path in sorted(Path(ROOT / "assets").glob("*.css")):
        if path.name in ("tokens.css", "fonts.css"):
            continue
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[ ;,)])", path.read_text("utf-8"))) - plain
        assert found == set(), path.name
