"""Two languages, nothing left behind: no Chinese on English screens but names, no English on Chinese ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dashboard.deployment import chosen
from indicators.radar.registry import axes
from indicators.registry import all_indicators
from indicators.warnings.registry import all_warnings
from stores.store import store_for_reading
from tests.wall.conftest import Wall
from tests.wall.reading import not_chinese, not_english
from tests.wall.test_access import BOARDS, PLACES, SHEETS, TOURS

TABLES = {
    name
    for one in (*all_indicators().values(), *all_warnings().values(), *axes())
    for name in (*one.TABLES, "transfer", "workday", "weak_org", "star_rating", "activity")
}
SCENES = (*BOARDS, *PLACES, *TOURS, *SHEETS, "?place=某处")


@pytest.fixture(scope="module")
def names(loaded_data: Path) -> frozenset[str]:
    """Give the names of places, organisations, buildings and files, which have no other language."""
    settings = chosen(data=str(loaded_data))
    found: set[str] = set()
    with store_for_reading(settings.store.url, settings) as store:
        for table, columns in (("organisation", ("name", "short_name")), ("building", ("name",))):
            for row in store.known(table, list(columns)).to_pylist():
                found |= {str(name) for name in row.values() if name}
        found |= {str(row["name"]) for row in store.ask("place_tree")}
        for table in TABLES:
            for row in store.ask("sources", table_name=table):
                found |= set(Path(row["file"]).parts)
    return frozenset(
        found | {name.removeprefix(end) for name in found for end in ("江宁区", "江宁", "中共", "中共江宁区")}
    )


@pytest.fixture
def wide(chromium: Browser, served: str) -> Iterator[Wall]:
    """Stand in front of a wall with every column there is."""
    context = chromium.new_context(viewport={"width": 5760, "height": 1080}, reduced_motion="reduce")
    made = Wall(context.new_page(), served)
    yield made
    made.sound()
    context.close()


@pytest.mark.parametrize("half", [0, 1])
def test_no_word_of_the_other_language_stands_on_a_screen(
    wide: Wall, names: frozenset[str], half: int
) -> None:
    found = {}
    for scene in SCENES[half::2]:
        wide.open(scene)
        wide.page.evaluate("window.same = true")
        found[scene, "zh"] = not_chinese(wide.page, names)
        wide.page.evaluate("ejia.send('lang', 'en')")
        wide.ready()
        wide.until("document.documentElement.lang === 'en'")
        wide.until(
            "(document.getElementById('spoken') || {textContent: ''}).textContent.match(/[a-z]{3}/) !== null"
        )
        assert wide.page.evaluate("window.same") is True, "without a reload"
        found[scene, "en"] = not_english(wide.page, names)
    assert {where: bad for where, bad in found.items() if bad} == {}


def test_what_opens_by_a_key_and_what_the_wall_says_of_itself(wide: Wall, names: frozenset[str]) -> None:
    for lang, check in (("zh", not_chinese), ("en", not_english)):
        wide.open(f"?lang={lang}")
        wide.page.keyboard.press("?")
        assert check(wide.page, names) == []
        wide.page.keyboard.press("Escape")
        wide.page.keyboard.press("r")
        wide.page.locator(".pairing").wait_for()
        wide.page.evaluate("ejia.live.good -= 100000")
        wide.page.evaluate("ejia.live.on.swipes({day:'2019-02-15',at:'09:00',count:9,replay:true,pulses:[]})")
        assert (
            check(
                wide.page,
                names | {wide.address + "/remote", wide.page.locator(".pairing p.quiet").inner_text()},
            )
            == []
        )
        wide.page.keyboard.press("Escape")


@pytest.mark.parametrize("path", ["/login?lang={}", "/remote"])
def test_plain_pages_speak_one_language(chromium: Browser, served: str, path: str) -> None:
    for lang, check in (("zh", not_chinese), ("en", not_english)):
        context = chromium.new_context(locale="zh-CN" if lang == "zh" else "en-GB")
        page = context.new_page()
        page.goto(served + path.format(lang))
        page.locator("main button, main pre").first.wait_for()
        assert check(page, frozenset()) == []
        context.close()
