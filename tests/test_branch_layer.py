"""The layer of branches: one by one while there are few, by small cells where there are too many."""

from __future__ import annotations

from collections import Counter
from math import floor, log, pi, radians, tan
from typing import Any

import pytest
from engines import Engine
from small_district import MONTHS, ROOT, Opened, open_small, tables

from dashboard.world import DistrictWorld
from layers import branches
from layers.scene import Scene

TOWN = "320115001"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Give the small district opened."""
    return open_small(tmp_path_factory.mktemp("small"))


@pytest.fixture
def world(district: Opened) -> DistrictWorld:
    """Give its world."""
    return DistrictWorld(district.store, district.gate, district.settings)


def painted(district: Opened, world: DistrictWorld, scene: Scene) -> dict[str, Any]:
    """Shape the layer as the wall does."""
    asked = branches.ask(scene, world)
    rows = {name: district.gate.answer(query, "visitor", **params) for name, (query, params) in asked.items()}
    return branches.shape(rows, scene, world)


def cell_of(lon: float, lat: float, metres: int) -> tuple[int, int]:
    """Return the cell of a point of the web's Mercator."""
    x, y = 6378137 * radians(lon), 6378137 * log(tan(pi / 4 + radians(lat) / 2))
    return floor(x / metres), floor(y / metres)


@pytest.mark.parametrize(("place", "metres"), [(ROOT, 1000), (TOWN, 250)])
def test_cells_add_up_the_branches_of_a_place(engine: Engine, place: str, metres: int) -> None:
    store = engine.loaded(tables())
    for month in MONTHS:
        points = store.ask("branches_under", basis="place", node=place, month=month)
        cells = store.ask("branch_cells", place=place, month=month)
        counted = Counter((*cell_of(row["lon"], row["lat"], metres), row["domain"]) for row in points)
        found = Counter({(*cell_of(r["lon"], r["lat"], metres), r["domain"]): r["branches"] for r in cells})
        assert found == counted
        assert points, "there is something to add up"


@pytest.mark.parametrize("place", [ROOT, TOWN, "320115001001"])
@pytest.mark.parametrize("basis", ["place", "affiliation"])
def test_a_crowd_is_drawn_by_cells_and_counts_the_same(
    district: Opened, world: DistrictWorld, place: str, basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if basis == "affiliation" and place != ROOT:
        place = district.gate.answer("children", "visitor", basis="affiliation", node=ROOT)[0]["node_id"]
    scene = Scene(place=place, basis=basis, month=MONTHS[-1])
    few = painted(district, world, scene)
    assert "n" not in few
    assert sum(few["counts"]) == len(few["lon"]) - sum(few.get("dim", []))
    monkeypatch.setattr(branches, "CROWD", 0)
    many = painted(district, world, scene)
    if place == "320115001001":
        assert many["counts"] == few["counts"], "a community is drawn one by one"
        return
    assert "id" not in many
    assert many["counts"] == few["counts"]
    lit = [n for n, dim in zip(many["n"], many.get("dim", [0] * len(many["n"])), strict=True) if not dim]
    assert sum(lit) == sum(few["counts"])


def test_a_building_shows_the_branches_of_its_community(district: Opened, world: DistrictWorld) -> None:
    row = district.gate.answer("buildings_of", "visitor", community="320115001001", month=MONTHS[-1])[0]
    scene = Scene(place=row["building_id"], month=MONTHS[-1])
    assert branches.ask(scene, world)["branches"][1]["node"] == "320115001001"
    assert painted(district, world, scene)["id"]
