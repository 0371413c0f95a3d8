"""Activity heat: a district of very many branches is drawn from larger cells, in the same place."""

from __future__ import annotations

import pytest
from small_district import MONTHS, ROOT, Opened, open_small

from dashboard.world import DistrictWorld
from layers import heat
from layers.scene import Scene


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Give the small district opened."""
    return open_small(tmp_path_factory.mktemp("small"))


@pytest.fixture
def world(district: Opened) -> DistrictWorld:
    """Give its world."""
    return DistrictWorld(district.store, district.gate, district.settings)


def lines(district: Opened, world: DistrictWorld) -> list[list[int]]:
    """Return the contours of the last months as lines of lon, lat × 1e5."""
    scene = Scene(place=ROOT, month=MONTHS[-1], span="quarter")
    name, params = heat.ask(scene, world)["cells"]
    rows = {"cells": district.gate.answer(name, "duty", **params)}
    return [line for _, rings in heat.shape(rows, scene, world)["levels"] for line in rings]


def test_a_crowded_district_has_few_large_cells(
    district: Opened, world: DistrictWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = lines(district, world)
    assert fine and heat.ask(Scene(place=ROOT, month=MONTHS[-1]), world)["cells"][1]["lod"] == 0
    monkeypatch.setattr(heat, "CROWD", 0)
    assert heat.ask(Scene(place=ROOT, month=MONTHS[-1]), world)["cells"][1]["lod"] == 1
    large = lines(district, world)
    assert large
    for at in (0, 1):
        ends = [
            (min(min(line[at::2]) for line in some), max(max(line[at::2]) for line in some))
            for some in (fine, large)
        ]
        for one, two in zip(*ends, strict=True):
            assert abs(one - two) < 5_000, "some kilometres at most: the cell and how far it is smoothed"
