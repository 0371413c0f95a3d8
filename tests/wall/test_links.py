"""A link is the exact screen, time moves everything, and a wrong address falls back and says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.wall.conftest import PICTURES, SIZES, Wall

SCENES = [
    "",
    "?place=320115002",
    "?place=320115001&month=2018-09&layers=transfers",
    "?lang=en&measure=study&layers=members",
]


@pytest.mark.parametrize("query", SCENES)
def test_a_link_is_the_same_picture(chromium: Browser, served: str, query: str) -> None:
    pictures = []
    for _ in range(2):
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
        wall = Wall(context.new_page(), served).open(query)
        wall.page.wait_for_timeout(200)
        pictures.append(wall.page.screenshot())
        wall.sound()
        context.close()
    if pictures[0] != pictures[1]:
        PICTURES.mkdir(exist_ok=True)
        for number, picture in enumerate(pictures):  # to see what moved
            (PICTURES / f"differs_{number}.png").write_bytes(picture)
    assert pictures[0] == pictures[1]


def test_a_path_walked_and_its_link_are_the_same_picture(chromium: Browser, served: str) -> None:
    pictures = []
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    walked = Wall(context.new_page(), served).open()
    walked.tap("place/320115002").tap("month/2018-10")
    walked.page.mouse.move(5, 1070)
    walked.page.evaluate("document.activeElement.blur()")
    walked.page.wait_for_timeout(300)
    pictures.append(walked.page.screenshot())
    linked = Wall(context.new_page(), served).open(walked.page.url.partition(served + "/")[2])
    linked.page.mouse.move(5, 1070)
    linked.page.wait_for_timeout(300)
    pictures.append(linked.page.screenshot())
    context.close()
    assert pictures[0] == pictures[1]


def test_months_move_panels_and_map(wall: Wall) -> None:
    wall.open()
    before = wall.text("panel/headline"), wall.text("panel/transfers")
    wall.tap("month/2018-07")
    assert (wall.text("panel/headline"), wall.text("panel/transfers")) != before
    assert "month=2018-07" in wall.page.url


def test_play_moves_the_month_and_stops(wall: Wall) -> None:
    wall.open("?month=2018-03")
    wall.page.locator("#play").click()
    wall.until("ejia.mapState.scene.month > '2018-03'")
    wall.page.locator("#play").click()
    wall.ready()
    month = wall.page.evaluate("ejia.mapState.scene.month")
    wall.page.wait_for_timeout(2200)
    assert wall.page.evaluate("ejia.mapState.scene.month") == month


def parcel_of(wall: Wall, key: str) -> tuple[set[str], int]:
    """Tap a control; return the views whose answers came, and how many requests that took."""
    wall.asked.clear()
    with wall.page.expect_response("**/_dash-update-component*") as caught:
        wall.tap(key)
    parcel = caught.value.json()["response"]["parcel"]["data"]
    assert set(parcel["held"]) == {*parcel["panels"], *(f"layer/{name}" for name in parcel["layers"])} | {
        view for view in parcel["held"] if view.startswith("sheet/")
    }
    return set(parcel["held"]), len(wall.asked)


def test_a_gesture_is_one_request_for_what_it_changes(wall: Wall) -> None:
    wall.open()
    months, asked = parcel_of(wall, "month/2018-10")
    assert asked == 1 and {"panel/transfers", "panel/team", "layer/heat"} <= months
    assert (
        not {"panel/month_maps", "panel/brand", "layer/landmarks"} & months
    )  # not on this wall, or no month
    views, asked = parcel_of(wall, "dim/education")
    assert (views, asked) == ({"panel/team", "panel/place_title"}, 1)  # the title holds the filters' chips
    views, asked = parcel_of(wall, "open/layers")
    assert asked == 1 and "sheet/layers_sheet" in views and "panel/headline" not in views
    views, asked = parcel_of(wall, "layer/positions")
    assert asked == 1 and "layer/positions" in views and "layer/heat" not in views


def test_quick_gestures_are_all_heeded(wall: Wall) -> None:
    wall.open("?month=2018-05")
    for _ in range(4):
        wall.page.keyboard.press("ArrowRight")
    wall.until("ejia.mapState.scene.month === '2018-09'")


@pytest.mark.parametrize("context", ["long"], indirect=True)
def test_every_panel_follows_a_filter_or_says_that_it_does_not(wall: Wall) -> None:
    wall.open()
    panels = wall.page.eval_on_selector_all(".column > .panel", "all => all.map((one) => one.dataset.key)")
    shown = "key => document.querySelector(`[data-key='${key}'] .painted`).innerHTML"
    standing = "key => document.querySelector(`[data-key='${key}']`).offsetParent !== null"
    panels = [key for key in panels if wall.page.evaluate(standing, key)]
    assert len(panels) > 9
    for pick, follows in (("pick/domain/nonpublic", panels[:]), ("pick/group/age.ge61", ["panel/team"])):
        before = {key: wall.page.evaluate(shown, key) for key in panels}
        heat = wall.page.evaluate("JSON.stringify(ejia.mapState.payloads.heat.levels)")
        ramp = wall.page.evaluate("JSON.stringify(ejia.mapState.payloads.members.breaks)")
        wall.tap(pick)
        noted = [
            key
            for key in panels
            if wall.page.evaluate("key => document.querySelector(`[data-key='${key}']`).dataset.note", key)
        ]
        changed = [key for key in panels if wall.page.evaluate(shown, key) != before[key]]
        assert sorted(noted + changed) == sorted(panels), (pick, set(panels) ^ {*noted, *changed})
        assert set(changed) <= set(follows)
        assert wall.page.evaluate("JSON.stringify(ejia.mapState.payloads.members.breaks)") != ramp
        after = wall.page.evaluate("JSON.stringify(ejia.mapState.payloads.heat.levels)")
        assert (after != heat) == ("domain" in pick)
        wall.tap(f"chip/{pick[5:].replace('/', ':')}")
        assert {key: wall.page.evaluate(shown, key) for key in panels} == before


@pytest.mark.parametrize(
    "query",
    [
        "?place=nowhere",
        "?place=320115002099",
        "?month=1999-01",
        "?layers=members,dragons",
        "?span=century",
        "?basis=x&measure=y",
    ],
)
def test_a_wrong_address_opens_the_nearest_screen_and_says_so(wall: Wall, query: str) -> None:
    wall.open(query)
    assert wall.page.locator("#notice").inner_text().strip()
    assert wall.text("kpi/members")


def test_a_filter_dims_the_map_and_leaves_a_chip(wall: Wall) -> None:
    wall.open("?place=320115002")
    wall.tap("view/structure")
    wall.tap("pick/domain/nonpublic")
    assert wall.has("chip/domain:nonpublic")
    wall.tap("chip/domain:nonpublic")
    assert not wall.has("chip/domain:nonpublic")


def test_a_town_stands_among_its_neighbours(wall: Wall) -> None:
    wall.open("?place=320115002")
    assert wall.page.locator("#wall .panel.rank .strip").count() == 4
    assert wall.page.locator("#wall .panel.rank .dot").count() == 4 * 9
    assert not wall.has("pick/domain/nonpublic")
    wall.tap("view/structure")
    assert wall.has("pick/domain/nonpublic") and not wall.page.locator(".panel.rank .dot").count()
    wall.tap("view/rank")
    wall.page.locator('.panel.rank [data-key="open/rank"]').click()
    wall.ready()
    assert wall.page.locator('[data-key="table/rank"] tbody tr').count() == 11
    wall.tap("sort/A3")
    order = wall.page.locator('[data-key="table/rank"] tbody td:first-child').all_inner_texts()
    wall.tap("sort/A3")
    turned = wall.page.locator('[data-key="table/rank"] tbody td:first-child').all_inner_texts()
    assert order[0] == turned[0] and sorted(order) == sorted(turned) and order != turned
    wall.tap("table/rank/320115001")
    assert wall.place() == "320115001"


def test_a_number_says_how_it_was_counted(wall: Wall) -> None:
    wall.open()
    wall.tap("kpi/members")
    assert wall.has("how/members")
    wall.page.keyboard.press("Escape")
    wall.ready()
    assert not wall.has("how/members")


def test_search_by_characters_pinyin_and_initials(wall: Wall) -> None:
    for text in ("秣陵", "moling", "mljd"):
        wall.open()
        wall.tap("open/search")
        wall.page.locator("#search-box").fill(text)
        first = wall.page.locator("#search-results button").first
        first.wait_for()
        assert wall.page.locator('#search-results [data-key="result/320115002"]').count() == 1, text
    wall.page.locator('#search-results [data-key="result/320115002"]').click()
    wall.ready()
    assert wall.place() == "320115002"


def test_nothing_is_asked_from_outside(chromium: Browser, served: str) -> None:
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    context.route(lambda url: not url.startswith(served), lambda route: route.abort())
    wall = Wall(context.new_page(), served).open(
        "?layers=members,branches,heat,landmarks,positions,transfers"
    )
    wall.sound()
    context.close()


@pytest.mark.parametrize("context", list(SIZES), indirect=True)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_at_any_size(wall: Wall, lang: str) -> None:
    wall.open(f"?lang={lang}")
    cut = wall.page.evaluate(
        """() => { const out = []; const w = innerWidth, h = innerHeight;
        for (const panel of document.querySelectorAll('.column > .panel, #header > *')) {
          if (!panel.offsetParent) continue;
          const box = panel.getBoundingClientRect();
          const outside = box.right > w + 1 || box.bottom > h + 1 || box.left < -1;
          if (box.width && outside) out.push(panel.className + ' ' + Math.round(box.bottom) + '/' + h);
        } return out; }"""
    )
    assert cut == []
