"""Pictures of the wall at the sizes it hangs at, written where git does not look."""

from __future__ import annotations

import pytest

from tests.wall.conftest import PICTURES, SIZES, Wall

SCENES = {
    "district": "",
    "english": "?lang=en",
    "town": "?place=320115002",
    "transfers": "?layers=transfers&board=transfers&span=year",
    "trace": "?layers=transfers&board=transfers&span=year&focus=320115002&hops=2&noise=10",
    "layers": "?open=layers",
}


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("context", SIZES, indirect=True)
def test_picture(wall: Wall, name: str, request: pytest.FixtureRequest) -> None:
    wall.open(SCENES[name])
    wall.page.wait_for_timeout(250)
    size = wall.page.viewport_size
    assert size
    PICTURES.mkdir(exist_ok=True)
    target = PICTURES / f"{name}_{size['width']}x{size['height']}.png"
    picture = wall.page.screenshot(path=str(target))
    assert len(picture) > 40_000, "the picture is nearly empty"
