"""The whole demo district in the store has its known totals, in both hierarchies and at every level."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import Engine

from stores.settings import Settings
from stores.store import Store, open_store
from stores.tables import fact_tables

BASES = ("place", "affiliation")
MONTH = "2019-02"
HEAT = {
    "lod": 0,
    "from_month": "2018-03",
    "to_month": MONTH,
    "day_kind": "all",
    "hour_from": 0,
    "hour_to": 24,
}


@pytest.fixture(scope="module")
def copied(loaded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a copy of the loaded demo, since a store has one owner."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copyfile(loaded_data / "ejia.duckdb", folder / "ejia.duckdb")
    opened = open_store("duckdb:///ejia.duckdb", Settings(data_dir=folder))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def store(copied: Store, engine_of_module: Engine) -> Store:
    """Give the demo on every engine; a server takes the facts that the intake has brought into the file."""
    if engine_of_module.name == "duckdb":
        return copied
    tables = {name: copied.known(name, list(table.columns)) for name, table in fact_tables().items()}
    loaded: Store = engine_of_module.loaded(tables, as_of="2019-02-28", data_label="demo")
    return loaded


@pytest.mark.parametrize("basis", BASES)
def test_the_districts_totals(store: Store, basis: str) -> None:
    head = store.ask("headline", basis=basis, node="320115", month=MONTH)[0]
    assert (head["members"], head["organisations"]) == (62_498, 2_585)
    assert (head["committees"], head["general_branches"], head["branches"]) == (134, 168, 2_283)
    year = store.ask("annual", basis=basis, node="320115", year=2018)[0]
    assert (year["org_life_branches_done"], year["branches"], year["appraised"]) == (2_095, 2_283, 58_087)
    assert (year["lost_total"], year["lost_found"]) == (350, 313)


@pytest.mark.parametrize(("level", "nodes"), [("town", 10), ("community", 207)])
def test_places_sum_to_the_district(store: Store, level: str, nodes: int) -> None:
    rows = store.ask("level_figures", basis="place", level=level, node="320115", month=MONTH)
    assert sum(row["organisations"] > 0 for row in rows) == nodes
    assert sum(row["members"] for row in rows) == 62_498
    assert sum(row["organisations"] for row in rows) == 2_585


@pytest.mark.parametrize("basis", BASES)
def test_children_and_own_members_sum_to_every_node(store: Store, basis: str) -> None:
    nodes = {row["node_id"]: row for row in store.ask("gate_nodes") if row["basis"] == basis}
    heads = {
        row["node_id"]: row["members"]
        for row in store.ask("gate_heads", month=MONTH)
        if row["basis"] == basis
    }
    below: dict[str, int] = {}
    for node, row in nodes.items():
        if row["parent_id"]:
            below[row["parent_id"]] = below.get(row["parent_id"], 0) + heads.get(node, 0)
    assert heads["320115"] == 62_498
    assert all(total <= heads[node] for node, total in below.items() if node in heads)
    if basis == "affiliation":
        leaves = sum(heads[node] for node, row in nodes.items() if row["level"] == "branch")
        assert leaves == 62_498


def test_the_districts_people(store: Store) -> None:
    asked = {"basis": "place", "node": "320115", "month": MONTH}
    ages = [row["n"] for row in store.ask("member_mix", dim="age", **asked)]
    assert ages == [8_788, 6_469, 5_935, 5_957, 6_434, 6_291, 4_688, 17_936]
    women = {row["band"]: row["n"] for row in store.ask("member_mix", dim="sex", **asked)}
    assert women == {"f": 17_016, "m": 45_482}
    for dim in ("education", "status", "joined", "occupation"):
        assert sum(row["n"] for row in store.ask("member_mix", dim=dim, **asked)) == 62_498


def test_twelve_months_and_the_data_date(store: Store) -> None:
    months = [row["month"] for row in store.ask("months")]
    assert (months[0], months[-1], len(months)) == ("2018-03", "2019-02", 12)
    freshness = store.ask("freshness")[0]
    assert (str(freshness["as_of"]), freshness["data_label"]) == ("2019-02-28", "demo")


def test_both_engines_say_the_same_of_the_whole_district(store: Store, copied: Store) -> None:
    for name, params in (
        ("gate_tree", {"month": MONTH}),
        ("gate_member_mix", {"month": MONTH, "dim": "age"}),
        ("gate_institutions", {"month": MONTH}),
        ("gate_annual", {"year": 2018}),
        ("heat_cells", HEAT),
    ):
        one, two = store.ask(name, **params), copied.ask(name, **params)
        assert sorted(map(str, one)) == sorted(map(str, two)), name
