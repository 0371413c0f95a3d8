"""The desk in a real Chromium: keys, two steps to a reminder, taking back, an outage, small windows."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.signing import PASSWORD
from tests.wall.conftest import Wall
from tests.wall.reading import faint, nameless, tabbed, violations

pytestmark = pytest.mark.browser
SMALL = """Array.from(document.querySelectorAll('body *'))
  .filter((e) => e.getBoundingClientRect().width > 0 && !e.closest('svg'))
  .filter((e) => Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.textContent.trim()))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 13.9)
  .map((e) => e.className + ': ' + e.textContent.slice(0, 20))"""
TOUCHED = """Array.from(document.querySelectorAll(
    '.foot .btn, .acts .btn, .sevs button, .top a, .top button, .filters input, .filters select'))
  .map((e) => [e.textContent, e.getBoundingClientRect().height]).filter(([, high]) => high && high < 43.5)"""


def chosen(desk: Wall) -> str:
    """Give the id of the chosen warning."""
    return str(
        desk.page.evaluate("(document.querySelector('.item.on') || { dataset: {} }).dataset.alert || ''")
    )


def stage(desk: Wall, name: str) -> str:
    """Give the stage a warning shows."""
    return str(desk.page.locator(f'[data-alert="{name}"] .steps').get_attribute("aria-label"))


def test_keys_walk_the_list_and_open_the_explanation(at_desk: Wall) -> None:
    at_desk.page.keyboard.press("j")
    first = chosen(at_desk)
    assert first
    at_desk.page.keyboard.press("j")
    assert chosen(at_desk) != first
    at_desk.page.keyboard.press("k")
    assert chosen(at_desk) == first
    at_desk.page.locator(".drawer dl dd").first.wait_for()
    assert "口径" in at_desk.page.locator(".drawer").inner_text()
    at_desk.page.keyboard.press("?")
    assert "发提醒" in at_desk.page.locator("dialog[open]").inner_text()
    at_desk.page.keyboard.press("Escape")
    at_desk.page.keyboard.press("Escape")
    assert chosen(at_desk) == ""


def test_an_acknowledgement_and_its_undoing(at_desk: Wall) -> None:
    at_desk.page.select_option('[data-key="filter/stage"]', "open")
    at_desk.page.keyboard.press("Escape")
    at_desk.page.evaluate("document.activeElement.blur()")
    at_desk.page.keyboard.press("j")
    name = chosen(at_desk)
    at_desk.page.select_option('[data-key="filter/stage"]', "")
    at_desk.page.evaluate("document.activeElement.blur()")
    assert stage(at_desk, name) == "预警"
    at_desk.page.keyboard.press("a")
    at_desk.page.locator('[data-key="undo"]').wait_for()
    assert stage(at_desk, name) == "签收"
    at_desk.page.click('[data-key="undo"]')
    at_desk.page.get_by_text("已撤回签收").wait_for()
    assert stage(at_desk, name) == "预警"


def test_a_reminder_takes_two_steps_and_survives_an_outage(at_desk: Wall) -> None:
    page = at_desk.page
    page.keyboard.press("j")
    name = chosen(at_desk)
    page.keyboard.press("u")
    page.fill("dialog textarea", "请于本周内补开并回复。")
    page.click('[data-key="next"]')
    assert "请于本周内补开并回复。" in page.locator("dialog .slip").inner_text()

    def cut(route: Route) -> None:
        route.abort()

    page.route("**/desk/act*", cut)
    page.click('[data-key="confirm"]')
    page.locator("dialog .why").get_by_text("没有送达").wait_for()
    assert "请于本周内补开并回复。" in page.locator("dialog .slip").inner_text(), "nothing is lost"
    page.unroute("**/desk/act*", cut)
    page.click('[data-key="confirm"]')
    page.get_by_text("提醒单已发出").wait_for()
    page.locator(".drawer li", has_text="提醒").first.wait_for()
    assert stage(at_desk, name) != "预警"
    at_desk.errors = [error for error in at_desk.errors if "ERR_FAILED" not in error]


def test_filters_narrow_what_is_counted(at_desk: Wall) -> None:
    page = at_desk.page
    whole = page.locator(".item").count()
    page.click('[data-key="sev/4"]')
    assert 0 < page.locator(".item").count() < whole
    page.click('[data-key="sev/4"]')
    page.fill('[data-key="filter/text"]', "签到")
    assert set(page.locator(".item .name").all_inner_texts()) == {"签到率低"}
    page.fill('[data-key="filter/text"]', "没有这样的")
    assert page.locator(".empty").first.inner_text() == "没有符合条件的预警"


def test_duties_stand_around_the_first_of_the_list_until_one_is_chosen(at_desk: Wall) -> None:
    page, told = at_desk.page, "!document.querySelector('.matrix').innerText.includes('正在读取')"
    at_desk.until(told)
    group = page.locator(".group").last
    org, name = group.get_attribute("data-org"), group.locator("h3 button").inner_text()
    with page.expect_response(lambda answer: f"/desk/matrix/{org}" in answer.url) as answer:
        page.fill('[data-key="filter/text"]', name)
    rows = len(answer.value.json()["rows"])
    at_desk.until(f"{told} && document.querySelectorAll('.matrix tbody tr').length === {rows}")
    assert page.locator(".matrix tr.on").count() == 0
    page.locator(".item").first.click()
    page.locator('.drawer [data-key="do/urge"]').focus()
    page.keyboard.press("Escape")
    assert chosen(at_desk) == ""
    at_desk.until(f"{told} && document.querySelectorAll('.matrix tbody tr').length === {rows}")


def test_the_server_gone_is_said_and_the_list_stays(at_desk: Wall) -> None:
    page = at_desk.page
    page.route("**/desk/data*", lambda route: route.abort())
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    at_desk.until("document.body.classList.contains('stale')", 25)
    assert page.locator(".item").count() > 0
    at_desk.errors = [error for error in at_desk.errors if "ERR_FAILED" not in error]


@pytest.mark.parametrize("context", [(1920, 1080), (2560, 1440), (1024, 768)], indirect=True)
def test_nothing_is_too_small_to_read_or_touch(at_desk: Wall, context: BrowserContext) -> None:
    page = at_desk.page
    page.keyboard.press("j")
    page.locator(".drawer dl dd").first.wait_for()
    assert page.evaluate(SMALL) == []
    assert page.evaluate(TOUCHED) == []
    wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert wide, "nothing hangs over the right edge"


def test_an_officer_of_one_town_sees_that_town(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(address + "/login?next=/desk")
    page.fill("input[name=name]", "dongshan")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.locator(".item").first.wait_for(timeout=30_000)
    assert set(page.locator(".group h3 small:first-of-type").all_inner_texts()) == {"东山 · 社区"}
    assert "东山" in page.locator(".crumb").inner_text()


def test_the_wall_is_switched_by_one_key_and_left(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(address + "/login")
    page.fill("input[name=name]", "zhiban")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    badge = page.locator("[data-session='mode']")
    page.locator("[data-mode='duty']").wait_for(timeout=30_000)
    page.locator("html[data-signed='desk']").wait_for(state="attached")
    page.keyboard.press("v")
    page.locator("[data-mode='visitor']").wait_for(timeout=30_000)
    assert badge.inner_text() == "参观"
    page.locator("html[data-signed='desk']").wait_for(state="attached")
    page.keyboard.press("v")
    page.locator("[data-mode='duty']").wait_for(timeout=30_000)
    page.locator("html[data-signed='desk']").wait_for(state="attached")
    page.click("[data-session='out']")
    page.locator("html[data-signed='no']").wait_for(state="attached", timeout=30_000)
    page.locator("[data-mode='visitor']").wait_for(timeout=30_000)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_desk_by_day_and_by_night_is_for_everyone(at_desk: Wall, lang: str) -> None:
    page = at_desk.page
    page.goto(at_desk.address + f"/desk?lang={lang}")
    for theme in (None, "light"):
        page.locator(".item").first.wait_for()
        page.keyboard.press("j")
        page.locator(".drawer dl dd").first.wait_for()
        assert page.evaluate("document.documentElement.dataset.theme || null") == theme
        assert violations(page) + faint(page) + nameless(page) == []
        page.keyboard.press("u")
        page.locator("dialog[open]").wait_for()
        assert violations(page) + faint(page) == []
        page.keyboard.press("Escape")
        met, dim, left = tabbed(page, 600)
        assert len(met) > 20 and dim == [] and left == []
        if theme is None:
            page.click('[data-key="theme"]')
            page.reload()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(247, 249, 253)", "light from the first frame: the server writes the theme"
    page.locator(".item").first.wait_for()
    page.click('[data-key="theme"]')
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme || null") is None
