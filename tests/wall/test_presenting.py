"""Before guests: the tour by keys, the tablet beside the wall, visitor mode at one key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from dashboard import server
from dashboard.app import create_app, script_hashes
from dashboard.live import Hub
from tests.signing import PASSWORD
from tests.small_district import open_small
from tests.wall.conftest import Wall, free_port
from tests.wall.reading import faint, nameless, not_chinese, not_english, tabbed, violations


def state(wall: Wall) -> tuple[str, int, bool]:
    """Return tour, station and whether it is held."""
    tour, stop, held = wall.page.evaluate("(({tour, stop, held}) => [tour, stop, held])(ejia.tour.state())")
    return str(tour), int(stop), bool(held)


def at(wall: Wall, stop: int, *, held: bool = False) -> None:
    """Wait until the tour stands at a station."""
    wall.until(f"ejia.tour.state().stop === {stop} && ejia.tour.state().held === {str(held).lower()}", 15)
    wall.ready()


def test_a_tour_is_led_by_keys_and_goes_on_after_a_question(wall: Wall) -> None:
    wall.open()
    wall.page.keyboard.press("t")
    wall.page.locator('[data-key="tour/delegation"]').click()
    at(wall, 1)
    assert "62,498" in wall.text("tour/caption")
    wall.page.keyboard.press("PageDown")
    at(wall, 2)
    wall.page.keyboard.press("5")
    at(wall, 5)
    wall.tap("crumb/320115")
    at(wall, 5, held=True)
    assert wall.place() == "320115"
    wall.page.keyboard.press(" ")
    at(wall, 5)
    assert wall.place() == "B001944"
    wall.page.reload()
    at(wall, 5)
    wall.page.keyboard.press("h")
    at(wall, 5, held=True)
    wall.page.keyboard.press("PageUp")
    at(wall, 4, held=True)
    wall.page.keyboard.press("h")
    at(wall, 4)
    wall.page.keyboard.press("Home")
    wall.until("ejia.tour.state().tour === ''")
    assert wall.page.locator("body.touring").count() == 0


def test_a_tour_steps_by_itself_and_a_loop_begins_again(wall: Wall) -> None:
    wall.open("?tour=duty&stop=5")
    at(wall, 5)
    assert "positions" in wall.page.evaluate("ejia.scene().layers"), "the address means the station"
    wall.page.keyboard.press("h")
    at(wall, 5, held=True)  # nothing steps on while the times are made short
    wall.page.evaluate("ejia.tour.tours.forEach((one) => one.stops.forEach((stop) => { stop.dwell = 0.5; }))")
    wall.page.keyboard.press("h")  # the station begins anew with its short time
    wall.until("ejia.tour.state().stop === 1", 40)


def test_blackout_is_black_and_any_key_ends_it(wall: Wall) -> None:
    from tests.soak_wall import luminance

    wall.open()
    wall.page.keyboard.press("b")
    assert luminance(wall.page.screenshot()) < 1
    wall.page.keyboard.press("x")
    assert luminance(wall.page.screenshot()) > 8
    wall.page.keyboard.press(".")
    wall.page.mouse.click(500, 500)
    assert wall.page.locator("body.blackout").count() == 0


def test_a_serious_warning_stops_a_tour_that_asks_for_it(wall: Wall) -> None:
    wall.open("?tour=duty&stop=1")
    wall.until("ejia.tour.tours.length > 2")
    assert wall.page.evaluate("ejia.interrupt(2, '?place=320115003')") is False
    assert wall.page.evaluate("ejia.interrupt(3, '?place=320115003')") is True
    at(wall, 1, held=True)
    assert wall.place() == "320115003"


@pytest.fixture
def own_hub(tmp_path: Path) -> Iterator[tuple[str, Hub]]:
    """Serve a small wall from this very process; give its address and the hub behind its live push."""
    opened = open_small(tmp_path)
    dash = create_app(opened.store, opened.gate, opened.settings)
    dash.config.assets_path_ignore = ["vendor", "remote"]
    server.install(dash.server, opened.store, opened.gate, opened.settings, lambda: script_hashes(dash))
    port = free_port()
    serving = make_server("127.0.0.1", port, dash.server, threaded=True)
    Thread(target=serving.serve_forever, daemon=True).start()
    hub: Hub = dash.server.extensions["hub"]
    yield f"http://127.0.0.1:{port}", hub
    hub.close()
    serving.shutdown()
    opened.store.close()


@pytest.mark.parametrize("lang", ["", "&lang=en"])
def test_a_warning_that_the_server_tells_stops_the_tour_and_it_goes_on_there(
    context: BrowserContext, own_hub: tuple[str, Hub], lang: str
) -> None:
    address, hub = own_hub
    wall = Wall(context.new_page(), address).open(f"?tour=duty&stop=2{lang}")
    wall.until("ejia.tour.tours.length > 2 && ejia.live.source.readyState === 1")
    hub.publish("warning", {"severity": 2, "query": "?place=320115001"})
    hub.publish("warning", {"severity": 3, "query": "?place=320115002&layers=alerts&board=warnings"})
    at(wall, 2, held=True)
    assert wall.place() == "320115002"
    said = wall.page.locator(".caption-broken").inner_text()
    assert said == ("Stopped by a serious warning" if lang else "严重预警，已暂停")
    wall.page.keyboard.press(" ")
    at(wall, 2)
    assert wall.place() == "320115" and wall.page.locator("body.tour-broken").count() == 0
    wall.page.keyboard.press("PageDown")
    at(wall, 3)
    hub.publish("warning", {"severity": 4, "query": ""})
    wall.until("document.body.classList.contains('tour-broken')")
    wall.page.evaluate("ejia.tour.patience(0)")
    at(wall, 3)
    wall.page.close()
    wall.sound()


# The tablet


@pytest.fixture
def tablet(chromium: Browser) -> Iterator[Page]:
    """Give a tablet's page."""
    context = chromium.new_context(viewport={"width": 1180, "height": 820}, has_touch=True, locale="zh-CN")
    yield context.new_page()
    context.close()


def pair(wall: Wall, tablet: Page) -> None:
    """Pair a tablet by the digits on the wall."""
    wall.page.keyboard.press("r")
    wall.page.locator('[data-key="pairing/code"]').wait_for()
    code = wall.text("pairing/code").replace(" ", "")
    assert wall.page.locator(".pairing-qr").evaluate("(image) => image.naturalWidth > 0")
    tablet.goto(wall.address + "/remote")
    tablet.fill("input", code)
    tablet.click("button[type=submit]")
    tablet.locator("#map").wait_for()
    wall.until("document.querySelector('.pairing') === null")


def test_a_tablet_steers_the_wall_and_the_wall_says_so(wall: Wall, tablet: Page) -> None:
    wall.open("?wall=大厅")
    pair(wall, tablet)
    assert tablet.locator(".walls button").first.inner_text() == "大厅"
    tablet.locator(".tabs button").first.click()
    at(wall, 1)
    assert "平板遥控中" in wall.page.locator("#controlled").inner_text()
    tablet.locator(".primary").click()
    at(wall, 2)
    tablet.locator(".thumb.on[data-stop='2']").wait_for()
    assert len(tablet.locator("#notes").inner_text()) > 20
    tablet.locator(".thumb[data-stop='5']").click()
    at(wall, 5)
    tablet.evaluate("remote.pointing = true")
    box = tablet.locator("#map").bounding_box()
    assert box
    tablet.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tablet.mouse.down()
    wall.until("document.getElementById('pointer') !== null")
    tablet.mouse.up()
    tablet.locator("#dark").click()
    wall.until("document.body.classList.contains('blackout')")
    wall.page.keyboard.press("b")
    tablet.context.close()
    wall.page.keyboard.press("PageDown")
    at(wall, 6)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_paired_tablet_is_for_everyone_and_speaks_one_language(
    wall: Wall, chromium: Browser, served: str, lang: str
) -> None:
    context = chromium.new_context(
        viewport={"width": 1180, "height": 820}, has_touch=True, locale="zh-CN" if lang == "zh" else "en-GB"
    )
    tablet = context.new_page()
    wall.open("?tour=delegation&stop=1" + ("&lang=en" if lang == "en" else ""))
    pair(wall, tablet)
    tablet.locator(".thumb.on").wait_for()
    assert violations(tablet) + faint(tablet) + nameless(tablet) == []
    met, dim, left = tabbed(tablet)
    assert met and dim == [] and left == []
    asked = context.request.get(served + "/api/v1/places").json()
    named = frozenset(place["name"] for place in asked["places"])
    assert (not_chinese(tablet, named) if lang == "zh" else not_english(tablet, named)) == []
    context.close()


def test_a_tap_on_the_small_map_drills_on_the_wall(wall: Wall, tablet: Page) -> None:
    wall.open()
    pair(wall, tablet)
    label = "remote.byId['320115002'].label"
    spot = tablet.evaluate(f"[remote.view.x({label}[0]), remote.view.y({label}[1])]")
    tablet.locator("#map").click(position={"x": spot[0], "y": spot[1]})
    wall.until("ejia.mapState.scene.place === '320115002'")
    wall.page.locator("#controlled button").click()
    wall.ready()
    tablet.locator(".pair input").wait_for()


# Visitor mode


@pytest.fixture
def duty(context: BrowserContext, served: str, served_data: Path) -> Iterator[Wall]:
    """Give a wall at which the duty desk is signed in."""
    from stores.accounts import Accounts
    from stores.desk import SqliteDesk

    desk = SqliteDesk(served_data / "desk.sqlite")
    accounts = Accounts(desk)
    if not any(one["name"] == "duty" for one in desk.read("select name from account")):
        accounts.add("duty", "duty", PASSWORD, (("place", "320115"),))
    wall = Wall(context.new_page(), served)
    wall.page.goto(served + "/login")
    wall.page.fill("input[name=name]", "duty")
    wall.page.fill("input[name=password]", PASSWORD)
    wall.page.click("button[type=submit]")
    yield wall
    wall.sound()


def test_one_key_hides_everything_at_once_and_the_server_agrees(duty: Wall) -> None:
    duty.open("?place=320115002017")
    assert duty.has("mode/duty")
    duty.page.route("**/session/mode", lambda route: None)  # a server that does not answer
    hidden = duty.page.evaluate(
        """() => { ejia.switchMode(true);
        const seen = (one) => one.checkVisibility({ visibilityProperty: true });
        const all = document.querySelectorAll('.column .num, #legend b, .status .badge');
        return [...all].filter(seen).length; }"""
    )
    assert hidden == 0, "hidden in the same task, whatever the server says"
    duty.page.wait_for_timeout(300)
    assert duty.page.locator("body.covering").count() == 1
    duty.page.reload()  # the request under way ends with its page
    duty.page.unroute("**/session/mode")
    duty.ready()
    duty.page.keyboard.press("v")
    duty.until('document.querySelector("[data-key=\\"mode/visitor\\"]") !== null', 15)
    duty.until("!document.body.classList.contains('covering')", 15)
    assert duty.page.locator("body.shielded").count() == 1
    answer = duty.page.evaluate("fetch('/session').then((a) => a.json())")
    assert answer["mode"] == "visitor"
    duty.page.reload()
    duty.ready()
    assert duty.has("mode/visitor")
    duty.page.keyboard.press("v")
    duty.until('document.querySelector("[data-key=\\"mode/duty\\"]") !== null', 15)
    duty.errors.clear()
