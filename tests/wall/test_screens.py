"""Walls as they are built: true pixels at every size, no text across a seam, a margin that stays free."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.wall.conftest import Wall

SCREENS = [
    ((1920, 1080), "", "plain"),
    ((3840, 1080), "2x1", "wide"),
    ((3840, 2160), "2x2", "plain"),
    ((5760, 1080), "3x1", "ultrawide"),
    ((5760, 2160), "3x2", "wide"),
    ((6656, 1792), "", "wide"),
    ((7680, 2160), "3x2", "wide"),
    ((11040, 2700), "4x2", "wide"),
    ((1080, 1920), "1x2", "portrait"),
    ((2160, 3840), "1x2", "portrait"),
    ((1024, 768), "", "tablet"),
]
SCENES = ("", "?place=320115002", "?tour=delegation&stop=1")

# Where letters are: the middle of each line's box, 0.44 of the type size up and down; plainer than
# the wall's own look at itself.
INKS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, holder = node.parentElement;
    if (!node.data.trim() || /SCRIPT|STYLE|FOOTER/.test(holder.tagName)) continue;
    if (holder.closest(".unseen")) continue;  // words for ears only
    if (!holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const scale = holder.getScreenCTM ? holder.getScreenCTM().a : 1;  // a drawing has units of its own
    const range = document.createRange(), size = scale * parseFloat(getComputedStyle(holder).fontSize);
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 2 || box.height < 2) continue;
      const middle = (box.top + box.bottom) / 2;
      const up = middle - 0.44 * size, down = middle + 0.44 * size;
      found.push([node.data.trim().slice(0, 20), box.left, up, box.right, down, size]);
    }
  }
  return found;
}"""


def open_at(chromium: Browser, served: str, size: tuple[int, int], query: str) -> Iterator[Wall]:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", has_touch=True
    )
    wall = Wall(context.new_page(), served)
    yield wall.open(query)
    wall.sound()
    context.close()


def crossing(wall: Wall, grid: str) -> list[str]:
    """List the texts that lie across a seam."""
    if not grid:
        return []
    across, down = map(int, grid.split("x"))
    width, height = wall.page.evaluate("[innerWidth, innerHeight]")
    upright = [width * i / across for i in range(1, across)]
    level = [height * i / down for i in range(1, down)]
    return [
        f"{text!r} at {left:.0f},{top:.0f}-{right:.0f},{bottom:.0f}"
        for text, left, top, right, bottom, _ in wall.page.evaluate(INKS)
        if any(left < x - 0.5 and right > x + 0.5 for x in upright)
        or any(top < y - 0.5 and bottom > y + 0.5 for y in level)
    ]


@pytest.mark.parametrize(("size", "grid", "kind"), SCREENS)
def test_every_wall_is_laid_out_at_its_own_pixels(
    chromium: Browser, served: str, size: tuple[int, int], grid: str, kind: str
) -> None:
    for scene in SCENES:
        query = scene + ("&" if scene else "?") + f"grid={grid}&margin=0"
        for wall in open_at(chromium, served, size, query):
            page = wall.page
            assert page.evaluate("document.documentElement.dataset.wall") == kind
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert page.evaluate("document.documentElement.scrollHeight") <= size[1]
            assert crossing(wall, grid) == [], scene
            smallest = min(ink[5] for ink in page.evaluate(INKS))
            least = 0.0186 * min(size) if kind != "tablet" else 11
            assert smallest >= least, f"{smallest} px on {size}"
            inside = [ink for ink in page.evaluate(INKS) if ink[1] < -1 or ink[3] > size[0] + 1]
            assert inside == [], scene


def test_a_margin_stays_free(chromium: Browser, served: str) -> None:
    for wall in open_at(chromium, served, (1920, 1080), "?margin=40"):
        for text, left, top, right, bottom, _ in wall.page.evaluate(INKS):
            assert left >= 40 and top >= 40 and right <= 1880 and bottom <= 1040, text


def test_the_grid_outlasts_a_gesture_and_a_reload(chromium: Browser, served: str) -> None:
    for wall in open_at(chromium, served, (1920, 1080), "?grid=2x1"):
        wall.tap("place/320115002")
        assert crossing(wall, "2x1") == []
        wall.page.reload()
        wall.ready()
        assert crossing(wall, "2x1") == [] and wall.place() == "320115002"


def test_the_sheet_of_keys_and_the_button_for_full_screen(wall: Wall) -> None:
    wall.open()
    wall.page.keyboard.press("?")
    shown = wall.page.locator(".help").inner_text()
    assert "黑屏" in shown and "参观模式" in shown
    wall.page.keyboard.press("Escape")
    assert wall.page.locator(".help").count() == 0
    wall.page.locator('[data-key="full"]').click()
    wall.until("document.fullscreenElement !== null")
    wall.page.keyboard.press("f")
    wall.until("document.fullscreenElement === null")
    wall.until("document.body.classList.contains('resting')", 8)


def test_reduced_motion_moves_nothing(wall: Wall) -> None:
    wall.open("?tour=delegation&stop=1")
    assert wall.page.evaluate("ejia.opening()") is False
    running = "document.getAnimations().filter((a) => a.playState === 'running').length"
    wall.page.evaluate(
        "ejia.live.on.swipes({day:'2019-02-15',at:'09:00',count:9,replay:false,pulses:[{place:'320115001001',n:3}]})"
    )
    assert wall.page.evaluate(running) == 0
    assert wall.page.locator(".ripple").count() == 0
    assert wall.text("live/count").splitlines()[1] == "9"
