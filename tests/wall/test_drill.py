"""From the district to a floor and back, by touch and by keyboard; the choices survive."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.wall.conftest import Wall


def get(address: str) -> dict:
    """Return a JSON answer of the wall's interface."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return dict(json.load(answer))


@pytest.fixture(scope="module")
def building(served: str) -> dict:
    """Find a building with organisations on its floors, by the interface alone."""
    for town in get(f"{served}/api/v1/places/320115")["children"]:
        for community in get(f"{served}/api/v1/places/{_id(town)}")["children"]:
            for one in get(f"{served}/api/v1/places/{_id(community)}")["children"]:
                found = get(f"{served}/api/v1/places/{_id(one)}")
                if found["children"] and found["counts"]["organisations"] > 1:
                    above = {"town": _id(town), "community": _id(community), "building": found["id"]}
                    return above | {"floor": next(iter(housed(served, found["id"])))}
    raise AssertionError("no building of the demo has organisations")


def housed(served: str, building: str) -> list[str]:
    """List the floors of a building on which an organisation stands."""
    floors = [_id(floor) for floor in get(f"{served}/api/v1/places/{building}")["children"]]
    return [one for one in floors if get(f"{served}/api/v1/places/{one}")["counts"]["organisations"]]


def _id(place: object) -> str:
    return str(place["id"]) if isinstance(place, dict) else str(place)


def test_totals_of_the_article_are_on_the_first_screen(wall: Wall) -> None:
    wall.open()
    assert wall.text("kpi/members") == "62,498"
    assert "2,585" in wall.text("panel/headline")
    for number in ("134", "168", "2,283"):
        assert number in wall.text("panel/headline")


def test_every_panel_has_something_to_say(wall: Wall) -> None:
    wall.open()
    for panel in ("headline", "team", "structure", "radar", "alert_balance", "transfers", "children"):
        assert wall.text(f"panel/{panel}").strip(), panel


def test_ten_towns_can_be_tapped(wall: Wall) -> None:
    wall.open()
    names = wall.page.locator('button.place-name[data-key^="place/320115"]')
    assert names.count() == 10


def test_a_floor_without_an_organisation_is_an_answer(wall: Wall, served: str, building: dict) -> None:
    wall.open(f"?place={building['building']}")
    floors = wall.page.eval_on_selector_all("#stack .plate", "all => all.map((one) => one.dataset.arg)")
    blank = [floor for floor in floors if floor not in housed(served, building["building"])]
    assert blank, floors
    wall.page.locator(f'#stack [data-key="place/{blank[-1]}"]').dispatch_event("click")
    wall.ready()
    assert wall.place() == blank[-1]
    assert wall.has(f"crumb/{blank[-1]}")
    assert "空白" in wall.text("panel/headline") and "无数据" not in wall.text("panel/headline")
    wall.page.keyboard.press("Escape")
    wall.ready()
    assert wall.place() == building["building"]


def test_drill_by_touch_and_back_by_breadcrumb(wall: Wall, building: dict) -> None:
    wall.open()
    wall.page.locator(f'[data-key="place/{building["town"]}"]').tap()
    wall.ready()
    assert wall.place() == building["town"]
    wall.page.goto(f"{wall.address}/?place={building['community']}")
    wall.ready()
    wall.page.goto(f"{wall.address}/?place={building['building']}")
    wall.ready()
    assert wall.page.locator("#stack .plate").count() > 0
    wall.page.locator(f'#stack [data-key="place/{building["floor"]}"]').dispatch_event("click")
    wall.ready()
    assert wall.place() == building["floor"]
    wall.tap(f"crumb/{building['community']}")
    assert wall.place() == building["community"]
    wall.tap("crumb/320115")
    assert wall.place() == "320115"


def test_a_tap_on_the_land_drills_like_a_tap_on_the_name(wall: Wall) -> None:
    wall.open()
    name = wall.page.locator('[data-key="place/320115002"]').bounding_box()
    assert name
    wall.page.mouse.click(name["x"] + name["width"] / 2, name["y"] + name["height"] + 24)
    wall.ready()
    assert wall.place() == "320115002"


def test_a_tap_on_a_footprint_opens_the_building(wall: Wall, building: dict) -> None:
    wall.open(f"?place={building['community']}")
    point = wall.page.evaluate(
        """(id) => { const s = ejia.mapState, foot = s.buildings[s.scene.place].find((f) => f.id === id);
        const ring = foot.rings[0]; let x = 0, y = 0;
        for (let i = 0; i < ring.length - 2; i += 2) { x += ring[i]; y += ring[i + 1]; }
        const n = ring.length / 2 - 1, corner = s.layer._bounds.min;
        const point = [s.view.mx(x / n) + corner.x, s.view.my(y / n) + corner.y];
        const at = s.map.layerPointToContainerPoint(point);
        const box = s.map.getContainer().getBoundingClientRect(); return [at.x + box.x, at.y + box.y]; }""",
        building["building"],
    )
    wall.page.mouse.click(*point)
    wall.ready()
    assert wall.place() == building["building"] or wall.page.evaluate("ejia.mapState.scene.organisation")


def test_keys_go_up_home_and_through_time(wall: Wall) -> None:
    wall.open("?place=320115002")
    month = wall.page.evaluate("ejia.mapState.scene.month")
    wall.page.keyboard.press("ArrowLeft")
    wall.ready()
    assert wall.page.evaluate("ejia.mapState.scene.month") < month
    wall.page.keyboard.press("Escape")
    wall.ready()
    assert wall.place() == "320115"
    wall.page.keyboard.press("5")
    wall.ready()
    assert "transfers" in wall.page.evaluate("ejia.mapState.scene.layers")
    wall.page.keyboard.press("Home")
    wall.ready()
    assert "place=320115&" in wall.page.url and "layers" not in wall.page.url


def test_names_are_reached_and_opened_by_keyboard_alone(wall: Wall) -> None:
    wall.open()
    wall.page.locator('[data-key="place/320115003"]').focus()
    wall.page.keyboard.press("Enter")
    wall.ready()
    assert wall.place() == "320115003"


def test_choices_survive_a_drill(wall: Wall) -> None:
    wall.open("?month=2018-10&span=quarter&measure=signin&layers=members,heat")
    wall.tap("place/320115002")
    scene = wall.page.evaluate("ejia.mapState.scene")
    assert (scene["month"], scene["span"], scene["measure"]) == ("2018-10", "quarter", "signin")
    assert scene["layers"] == ["members", "heat"]


def test_the_browsers_back_returns(wall: Wall) -> None:
    wall.open()
    wall.tap("place/320115002")
    wall.page.go_back()
    wall.ready()
    assert wall.place() == "320115"


def test_the_two_trees_differ(wall: Wall) -> None:
    wall.open("?basis=affiliation")
    assert "62,498" in wall.text("panel/headline")
    rows = wall.page.locator('[data-key="panel/children"] [data-key^="row/O"]')
    assert rows.count() > 0
    key = str(rows.first.get_attribute("data-key"))
    rows.first.click()
    wall.ready()
    assert wall.place() == key.removeprefix("row/")
