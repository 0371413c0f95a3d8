"""The shipped tours stand on every wall: nothing cut, small, colliding, over a seam or half painted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import rehearsal
from dashboard.browser import Browser
from dashboard.rehearsal_sheet import as_picture, page

# A whole town, a building with its floors, flows: the stations whose layout differs most. The rest is the
# command's: `ejia rehearse TOUR --size all`.
STOPS = {"delegation": (1, 6, 7), "morning": (2,), "duty": (3,)}
PATIENT = 30.0  # seconds; how fast a station is, a shared machine cannot say


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("size", rehearsal.WALLS)
def test_the_delegations_tour_stands_on_every_wall(chrome: Browser, served: str, size: str) -> None:
    walls = rehearsal.walls_of(size, None, 4)
    seen = rehearsal.rehearse(chrome, served, "delegation", walls, stops=STOPS["delegation"], slow=PATIENT)
    assert [one.station.number for one in seen] == list(STOPS["delegation"])
    assert [f"{one.station.number} {f.line()}" for one in seen for f in one.findings] == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("tour", ["morning", "duty"])
def test_the_other_tours_stand_on_a_wall_of_panels(chrome: Browser, served: str, tour: str) -> None:
    walls = rehearsal.walls_of("7680x2160", None, 4)
    seen = rehearsal.rehearse(chrome, served, tour, walls, stops=STOPS[tour], slow=PATIENT)
    assert [f"{one.station.number} {f.line()}" for one in seen for f in one.findings] == []


@pytest.mark.browser
@pytest.mark.slow
def test_the_command_writes_a_sheet_and_says_whether_all_is_well(served: str, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from dashboard.commands import app

    words = [
        "rehearse",
        "delegation",
        "--url",
        served,
        "--stops",
        "2",
        "--slow",
        "60",
        "--out",
        str(tmp_path),
    ]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 0, ended.output
    told = json.loads((tmp_path / "delegation-1920x1080.json").read_text())
    assert told["passed"] and [one["stop"] for one in told["stations"]] == [2]
    assert (tmp_path / "delegation-1920x1080.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "delegation-1920x1080.html").read_text()
    assert "data:image/webp;base64," in text and "nothing found" in text
    far = CliRunner().invoke(app, [*words, "--distance", "9H"])
    assert far.exit_code == 1 and "small:" in far.output
    assert CliRunner().invoke(app, ["rehearse", "nowhere", "--url", served]).exit_code == 2


@pytest.mark.browser
def test_a_sheet_becomes_a_picture(chrome: Browser) -> None:
    seen = [rehearsal.Seen(rehearsal.Wall(1920, 1080), rehearsal.Station(1, "", "一"), 0.1, [])]
    assert len(as_picture(chrome, page("delegation", "zh", seen))) > 3000
