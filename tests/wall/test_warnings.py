"""The warnings board by touch and key: nobody named before visitors, each number explained."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dashboard.commands import judge
from dashboard.deployment import chosen
from dashboard.words import Words
from stores import alerts
from stores.accounts import Accounts
from stores.desk import open_desk
from stores.sign_ins import SignIns
from stores.store import open_store
from tests.wall.conftest import SIZES, Wall, serving

BOARD = "?layers=alerts&board=warnings"
BOARDS = (
    "",
    "?board=activity&layers=heat,branches",
    "?layers=transfers&board=transfers&span=quarter",
    BOARD,
    "?layers=branches,positions,landmarks",
    "?layers=members&span=year",
    "?place=320115002&layers=alerts&board=warnings",
    "?basis=affiliation",
)
TOWN = "320115002"
PARTS = [Words("zh")(f"panel.{name}") for name in ("definition", "formula", "rule", "of", "loaded")]
"""What every explanation has, beside the number's own figures and the files."""
NUMBERS = """() => {
  const out = [];
  const wanted = '.column .num, #stage .panel .num, .flow-matrix td, .radar .tap';
  for (const one of document.querySelectorAll(wanted)) {
    if (!one.getClientRects().length || one.closest('.flow_controls')) continue;
    if (!/\\d/.test(one.textContent)) continue;
    const own = one.closest('[data-how]'), button = one.closest('[data-verb="how"]');
    out.push([own ? own.dataset.how : button ? button.dataset.arg : '', one.textContent]);
  }
  return out;
}"""


@pytest.fixture(scope="module")
def data(loaded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the loaded demo whose warnings and radar are evaluated."""
    folder = tmp_path_factory.mktemp("warned") / "data"
    shutil.copytree(loaded_data, folder)
    settings = chosen(data=str(folder))
    store = open_store(settings.store.url, settings)
    judge(store, settings, None)
    store.close()
    return folder


@pytest.fixture(scope="module")
def warned(data: Path) -> Iterator[str]:
    with serving(data) as address:
        yield address


@pytest.fixture(scope="module")
def board(chromium: Browser, warned: str) -> Iterator[Wall]:
    """Stand before a wall wide enough for all panels."""
    width, height = SIZES["long"]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce"
    )
    made = Wall(context.new_page(), warned)
    yield made
    made.sound()
    context.close()


def test_key_six_brings_the_board_and_a_place_is_one_tap(board: Wall) -> None:
    board.open("")
    board.page.keyboard.press("6")
    board.ready()
    assert board.page.evaluate("document.body.dataset.board") == "warnings"
    assert board.page.locator(".warn-pill").count() == 10
    board.tap(f"place/{TOWN}")
    assert board.place() == TOWN and board.has("kpi/alerts")


def test_every_number_of_every_board_opens_its_explanation(board: Wall) -> None:
    for query in BOARDS:
        board.open(query)
        found = board.page.evaluate(NUMBERS)
        assert len(found) > 20, query
        assert not [text for how, text in found if not how], query
        kinds: dict[str, str] = {}
        for how, _ in found:  # one of each kind: the rest differ by place or month alone
            kinds.setdefault(":".join(how.partition("@")[0].split(":")[:2]), how)
        for how in kinds.values():
            board.page.evaluate("(how) => ejia.send('how', how)", how)
            board.ready()
            sheet = board.page.locator('#sheets .sheet[data-key^="how/"]')
            assert sheet.count() == 1, how
            told = [text.strip() for text in sheet.locator("dd").all_inner_texts()]
            assert len(told) > len(PARTS) and all(told), (how, told)
            names = [text.strip() for text in sheet.locator("dt").all_inner_texts()]
            assert set(PARTS) <= set(names), (how, names)
            assert sheet.locator("table.files, .nothing").count() == 1, how
            board.page.keyboard.press("Escape")
            board.ready()


def test_a_tap_on_a_number_in_a_row_explains_and_the_row_still_drills(board: Wall) -> None:
    board.open(BOARD)
    board.page.locator('[data-how], [data-verb="how"]').first.wait_for()
    board.tap(f"per_100/{TOWN}")
    assert board.has(f"how/warn:per_100@{TOWN}") and board.place() == "320115"
    board.page.keyboard.press("Escape")
    board.ready()
    board.tap(f"alert-town/{TOWN}")
    assert board.place() == TOWN


def test_a_visitor_gets_a_sentence_and_a_leader_the_names(
    board: Wall, chromium: Browser, warned: str, data: Path
) -> None:
    board.open(BOARD + "&open=organisations")
    assert board.page.locator('[data-key^="alert-org/"]').count() == 0
    assert "参观模式不列名称" in board.text("table/organisations")
    desk = open_desk(chosen(data=str(data)))
    signs = SignIns(desk, Accounts(desk), timedelta(hours=1), timedelta(hours=1))
    who = signs.accounts.add("leader-of-the-test", "leader", "a long enough secret", (("place", "320115"),))
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    context.add_cookies([{"name": "ejia", "value": signs.open(who), "url": warned}])
    leader = Wall(context.new_page(), warned)
    leader.open(BOARD + "&open=organisations")
    assert leader.page.locator('[data-key^="alert-org/"]').count() > 5
    assert "党支部" in leader.text("table/organisations")
    leader.sound()
    context.close()


def test_an_alarm_is_on_the_wall_within_one_refresh(board: Wall, data: Path) -> None:
    board.open(BOARD)
    before = int(board.page.locator('[data-key="kpi/alerts"] .num').inner_text().replace(",", ""))
    desk = open_desk(chosen(data=str(data)))
    finding = alerts.Finding("R1", "O00363", "2019-02", 4, 60, 1, 50)
    with desk.writing() as writer:
        alerts.open_alert(writer, finding, datetime(2019, 2, 28, 12).isoformat())
    desk.close()
    wanted = f"{before + 1:,}"
    board.until(f"document.querySelector('[data-key=\"kpi/alerts\"] .num').textContent === '{wanted}'", 20)


@pytest.mark.parametrize("size", ["wall", "tablet", "long"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_or_too_small(chromium: Browser, warned: str, size: str, lang: str) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    wall = Wall(context.new_page(), warned)
    for query in (f"{BOARD}&lang={lang}", f"{BOARD}&lang={lang}&place={TOWN}", f"?lang={lang}"):
        wall.open(query)
        found = wall.page.evaluate(
            """() => { const root = getComputedStyle(document.documentElement), out = [];
            const u = parseFloat(root.fontSize) / 16;
            for (const one of document.querySelectorAll('.column *')) {
              const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
              if (!own || !one.getClientRects().length) continue;
              const box = one.getBoundingClientRect(), svg = one.ownerSVGElement;
              if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1)
                out.push('cut: ' + one.textContent);
              const size = parseFloat(getComputedStyle(one).fontSize) / (svg ? 1 : u);
              if (size < 21.9) out.push('small: ' + one.textContent);
            }
            return out; }"""
        )
        assert found == [], query
    wall.sound()
    context.close()
