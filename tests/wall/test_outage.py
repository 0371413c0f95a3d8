"""A wall whose server is away keeps the last whole picture, says so, and goes on when it is back."""

from __future__ import annotations

from tests.wall.conftest import Wall


def test_an_outage_is_said_and_the_picture_stays_whole(wall: Wall) -> None:
    wall.page.route("**/events", lambda route: route.abort())
    wall.open()
    wall.page.route("**/_dash-update-component*", lambda route: route.abort())
    wall.page.route("**/healthz", lambda route: route.abort())
    wall.until("document.body.classList.contains('stale')", 12)
    assert wall.text("freshness").strip() == "数据停更"
    wall.page.locator('[data-key="place/320115002"]').click()
    wall.page.wait_for_timeout(800)
    assert wall.place() == "320115" and wall.text("kpi/members") == "62,498"
    wall.page.unroute("**/_dash-update-component*")
    wall.page.unroute("**/healthz")
    wall.page.unroute("**/events")
    wall.until("!document.body.classList.contains('stale')", 12)
    wall.errors.clear()
    wall.tap("place/320115002")
    assert wall.place() == "320115002"


def test_a_tap_whose_answer_is_lost_flies_back(wall: Wall) -> None:
    wall.open()
    wall.page.route("**/_dash-update-component*", lambda route: route.abort())
    wall.page.locator('[data-key="place/320115002"]').click()
    wall.page.wait_for_timeout(800)
    assert wall.place() == "320115"
    wall.errors.clear()
