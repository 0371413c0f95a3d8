"""Everything a visitor can fetch, through real requests: no person and no exact small number."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from dashboard import server
from dashboard.panels.registry import all_panels
from dashboard.world import DistrictWorld
from indicators.registry import all_indicators
from layers.registry import all_layers
from layers.scene import MEASURES, SPANS
from tests.gate_district import CANARY, MONTHS, ROOT
from tests.secret_district import LONELY_HOUR, PID, SECRET, Facts
from tests.secret_wall import API, LAST, Wall, call, clean, elements, layout, opened_wall, words_of

LOCALES = Path(server.__file__).parent / "locales"
WARNED = frozenset({"n", "s1", "s2", "s3", "s4", "unseen", "alerting", "worst", "worst_unseen", "per_100"})
BANDS = {"<10", "10–29", "30–49", "≥50"}
SHEETS = (
    "children",
    "children:-signin",
    "structure",
    "rank",
    "rank:-A3",
    "activities",
    "study",
    "layers",
    "search",
    "charts",
    "matrix",
    "overdue",
    "mix",
)
PICKED = ("school", "nonpublic")
RATES = ("signin", "dues", "study", "appraisal")
FREELY = frozenset(
    {"organisations", "branches", "committees", "general_branches", "activities", "gaps", "floor", "floors"}
)


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """Give the whole app."""
    yield from opened_wall(tmp_path_factory.mktemp("payloads"))


def chosen_places(facts: Facts) -> list[tuple[str, str]]:
    """Choose places of every level of both trees: the canary's own branch upwards, and a few others."""
    by_id = {row["org_id"]: row for row in facts.rows["organisation"]}
    home = next(row["branch_id"] for row in facts.rows["member"] if row["member_pid"] == CANARY)
    sizes = {
        key: facts.members("affiliation", key, LAST) for key, row in by_id.items() if row["kind"] == "branch"
    }
    housed = [key for key in sizes if by_id[key]["building_id"]]
    chosen = [home, min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)]
    chosen += [min(housed, key=sizes.__getitem__), max(housed, key=sizes.__getitem__)]
    found = [("place", ROOT), ("affiliation", ROOT)]
    for key in chosen:
        found += [pair for pair, own in facts.nodes.items() if key in own]
    return list(dict.fromkeys(found))


def is_protected(basis: str, node: str) -> bool:
    """Tell whether a place is a community or below; under the root of affiliation everything is."""
    return node != ROOT and (basis == "affiliation" or len(node) != len(ROOT) + 3)


def below(facts: Facts, basis: str, node: str) -> list[str]:
    """List the places whose branches all lie in this one, itself included."""
    own = facts.nodes.get((basis, node), set())
    return [other for (tree, other), under in facts.nodes.items() if tree == basis and under <= own]


def public_counts(facts: Facts, basis: str, node: str) -> set[int]:
    """Count what anyone may know about the places in a place: organisations and activities, never heads."""
    found: set[int] = set()
    for one in below(facts, basis, node):
        inside = facts.organisations(basis, one)
        for column in ("kind", "domain"):
            kinds = Counter(row[column] for row in inside)
            found |= {len(inside), *kinds.values(), sum(1 for row in inside if row["kind"] == "branch")}
        for domain in (None, *PICKED):
            keys = {row["org_id"] for row in inside if domain in (None, row["domain"])}
            found |= held_counts([row for row in facts.rows["activity"] if row["org_id"] in keys])
            found |= {sum(row["kind"] == "branch" and row["org_id"] in keys for row in inside)}
    return found | {0}


def held_counts(held: list[dict[str, Any]]) -> set[int]:
    """Count activities, and who held them, in every span of months, in all and by institution."""
    found: set[int] = set()
    for size in range(1, len(MONTHS) + 1):
        for end in range(size, len(MONTHS) + 1):
            span = MONTHS[end - size : end]
            met = [row for row in held if f"{row['start_at']:%Y-%m}" in span]
            for name in {row["institution"] for row in met}:
                some = [row for row in met if row["institution"] == name]
                found |= {len(some), len({row["org_id"] for row in some})}
            found |= {len(met), len({row["org_id"] for row in met})}
    return found


def private_counts(facts: Facts, basis: str, node: str) -> set[int]:
    """Count what nobody may see exactly: heads, due and attended, in all places inside a place and months."""
    found: set[int] = set()
    for one in below(facts, basis, node):
        if not is_protected(basis, one):
            continue
        for month in MONTHS:
            found.add(facts.members(basis, one, month))
            found.update(facts.conduct(basis, one, month).values())
    return {n for n in found if n % 5 and n > 31}


def as_number(text: str) -> float | None:
    """Read a number as the wall writes it."""
    return float(text.replace(",", "")) if re.fullmatch(r"[\d,]+(\.\d+)?", text) else None


@dataclass(frozen=True)
class Known:
    """Hold which numbers may stand in a place's panels exactly, and which must not."""

    public: set[int]
    private: set[int]


def without_waits(part: Any) -> Any:
    """Leave out what is marked as a wait in workdays."""
    if isinstance(part, list):
        is_wait = len(part) == 3 and isinstance(part[1], dict) and part[1].get("class") == "wait"
        return [] if is_wait else [without_waits(one) for one in part]
    return part


def check_panel(painted: Any, node: str, known: Known) -> None:
    """Check every number of a panel of a protected place; a wait in workdays counts nobody."""
    painted = without_waits(painted)
    for one in elements(painted):
        look = str(one.get("className", "")).split()
        value = as_number(str(one.get("children", "")))
        if "is-exact" in look and value is not None:
            assert value in known.public, (node, one)
        if "is-hidden" in look:
            assert value is None, (node, one)
        if "is-band" in look:
            assert re.fullmatch(r"[<≥]\d+|\d+–\d+", str(one["children"])), (node, one)
    for text in words_of(painted):
        for found in re.findall(r"(?<![\d–≥≤:-])\d[\d,]*(?![\d,–:-])", text):  # no ranges, dates, clocks
            digits = found.replace(",", "")
            assert len(digits) > 6 or int(digits) not in known.private, (node, text)


def scenes(facts: Facts) -> Iterator[dict[str, str]]:
    """List the scenes that are walked: each place, with months, spans, measures and picks going round."""
    picks = ("", "domain:school", "dim:education", "domain:nonpublic,dim:occupation", "group:age.ge61")
    for i, (basis, node) in enumerate(chosen_places(facts)):
        for turn in range(2):
            at = 2 * i + turn
            yield {
                "place": node,
                "basis": basis,
                "month": MONTHS[-1 - at % len(MONTHS)] if turn else LAST,
                "span": SPANS[at % 3],
                "measure": MEASURES[at % len(MEASURES)],
                "picks": picks[at % 5],
                "lang": ("zh", "en")[turn],
                "layers": ",".join(key for key in all_layers() if not all_layers()[key].LEVELS),
            }


@pytest.fixture(scope="module")
def known(wall: Wall) -> dict[tuple[str, str], Known]:
    """Count once, for each chosen place, what may stand on the wall exactly and what must not."""
    towns = [row["region_id"] for row in wall.facts.rows["region"] if row["level"] == "town"]
    heads = {wall.facts.members("place", town, month) for town in towns for month in MONTHS}
    rules = "".join(path.read_text(encoding="utf-8") for path in LOCALES.iterdir() if path.is_file())
    told = {int(digits) for digits in re.findall(r"\d{2,6}", rules)}  # the sentences about rules say numbers
    found = {}
    for pair in chosen_places(wall.facts):
        public = public_counts(wall.facts, *pair) | heads
        found[pair] = Known(public, private_counts(wall.facts, *pair) - public - told)
    return found


def test_the_places_cover_every_level_of_both_trees(wall: Wall) -> None:
    found = {
        (basis, row["level"])
        for basis, node in chosen_places(wall.facts)
        for row in wall.opened.gate.answer("node", "visitor", basis=basis, node=node)
    }
    assert {("place", level) for level in ("district", "town", "community", "building", "floor")} <= found
    assert {("affiliation", level) for level in ("committee", "general_branch", "branch")} <= found


def test_the_count_by_hand_agrees_with_the_store(wall: Wall) -> None:
    """The tests below prove something only while this holds."""
    for basis, node in chosen_places(wall.facts):
        for month in MONTHS:
            asked = {"basis": basis, "node": node, "month": month}
            heads = wall.opened.store.ask("headline", **asked)
            assert sum(row["members"] for row in heads) == wall.facts.members(basis, node, month), asked
        for row in wall.opened.store.ask("series", basis=basis, node=node):
            true = wall.facts.conduct(basis, node, row["month"])
            assert {name: row[name] or 0 for name in true} == true, (basis, node, row["month"])


def test_no_page_tells_a_person_or_an_exact_small_number(wall: Wall, known: dict[Any, Known]) -> None:
    client = wall.visitor()
    for scene in scenes(wall.facts):
        painted = layout(client, **scene)
        basis, node = scene["basis"], scene["place"]
        if is_protected(basis, node):
            check_panel(painted, node, known[basis, node])


def test_no_panel_asked_by_itself_tells_more(wall: Wall, known: dict[Any, Known]) -> None:
    client = wall.visitor()
    openings: list[dict[str, Any]] = [{"open": name} for name in SHEETS]
    openings += [{"how": key} for key in all_indicators()]
    for i, scene in enumerate(scenes(wall.facts)):
        basis, node = scene["basis"], scene["place"]
        for key, panel in all_panels().items():
            opens = getattr(panel, "OPENS", None)
            ways = [one for one in openings[i % 2 :: 2] if opens and opens[0] in one]
            if not ways and i % 6:
                continue  # the page has shown it; now and then it is asked for alone too
            for more in ways or [{}]:
                asked = {**scene, "picks": scene["picks"].split(","), **more}
                if key == "organisation":
                    asked["organisation"] = f"O{5 + i:05d}"
                painted = call(client, f"panel/{key}", asked)
                if is_protected(basis, node):
                    check_panel(painted, node, known[basis, node])


def test_the_card_of_a_branch_has_a_band_for_its_members(wall: Wall) -> None:
    client = wall.visitor()
    for row in wall.facts.rows["organisation"][::9]:
        painted = call(client, "panel/organisation", {"organisation": row["org_id"], "month": LAST})
        numbers = [one for one in elements(painted) if "num" in str(one.get("className", "")).split()]
        if row["kind"] == "branch":
            assert next(one["children"] for one in numbers) in BANDS
        assert not any("is-exact" in one["className"] for one in numbers), row["org_id"]


def test_no_layer_draws_an_exact_small_number(wall: Wall) -> None:
    client, facts = wall.visitor(), wall.facts
    for scene in scenes(facts):
        for measure in MEASURES:
            drawn = call(client, "layer/members", {**scene, "measure": measure})
            if scene["place"] == ROOT or scene["basis"] == "affiliation":
                continue  # the ground is the towns
            if measure == "members":
                assert all(value % 5 == 0 for value in drawn.get("circles", {}).values()), scene
            for end in drawn.get("breaks", []):
                check_break(wall, measure, end, drawn["fill"], scene["month"])
        flows = call(client, "layer/transfers", scene)
        numbers = [arc["n"] for arc in flows["arcs"]]
        numbers += [node[name] for node in flows["nodes"] for name in ("moved_in", "moved_out", "total")]
        assert all(n % 5 == 0 for n in numbers), scene
        stack = call(client, "layer/floors", scene) or {}  # above buildings it is not drawn
        bands = {one["band"] for floor in stack.get("floors", []) for one in floor["organisations"]}
        assert bands <= BANDS | {"＊", "—"}, scene
        for key in ("branches", "buildings", "heat", "positions", "landmarks"):
            call(client, f"layer/{key}", scene)


def check_break(wall: Wall, measure: str, end: float, fill: Iterable[str], month: str) -> None:
    """Check that a border of a class, times a community's area, is nobody's true number."""
    world = DistrictWorld(wall.opened.store, wall.opened.gate, wall.opened.settings)
    for node in fill:
        true = wall.facts.members("place", node, month)
        area = world.area_km2(node)
        if measure == "density" and area and true % 5:
            assert round(end * area, 6) != true, (node, end)
        if measure == "signin":
            sums = wall.facts.conduct("place", node, month)
            assert end != pytest.approx(100 * sums["attended"] / sums["due"], abs=1e-9), (node, end)


def rows_of(answer: Any) -> list[dict[str, Any]]:
    return [row for rows in answer["tables"].values() for row in rows]


def check_row(facts: Facts, row: dict[str, Any], basis: str, month: str) -> None:
    """Check the figures of one row of the API."""
    node = str(row.get("node_id") or row.get("org_id") or "")
    tree = basis if "node_id" in row else "affiliation"
    for column, cell in row.items():
        if not isinstance(cell, dict):
            if (tree, node) in facts.nodes and type(cell) is int:
                assert column in FREELY, (column, row)
            continue
        assert set(cell) <= {"v", "s", "lo", "hi"}, row
        if "v" not in cell:
            continue
        if "alerting" in row and column in WARNED:
            continue  # counts of organisations and their warnings, never of members
        if cell["s"] == "exact":
            assert node == ROOT or (tree == "place" and len(node) == 9 and column == "members"), (column, row)
        elif column in RATES:
            assert round(cell["v"] * 100) == pytest.approx(cell["v"] * 100), (column, row)
        else:
            assert cell["s"] == "rounded", (column, row)
            assert cell["v"] % 5 == 0, (column, row)
        if column == "members" and (tree, node) in facts.nodes:
            assert abs(cell["v"] - facts.members(tree, node, month)) <= 4, row


def test_no_program_gets_more_than_the_wall(wall: Wall) -> None:
    client, facts = wall.visitor(), wall.facts
    for i, (basis, node) in enumerate(chosen_places(facts)):
        for month in (LAST, MONTHS[i % len(MONTHS)]):
            place = client.get(f"{API}/places/{node}?basis={basis}&period={month}")
            about = json.loads(clean(place.get_data(as_text=True)))
            check_row(facts, {"node_id": node, **about["counts"]}, basis, month)
            for key in all_layers():
                query = f"?place={node}&basis={basis}&period={month}&span={SPANS[i % 3]}"
                query += f"&measure={MEASURES[i % len(MEASURES)]}"
                answer = client.get(f"{API}/layers/{key}{query}")
                assert answer.status_code == 200, answer.get_data(as_text=True)
                for row in rows_of(json.loads(clean(answer.get_data(as_text=True)))):
                    check_row(facts, row, "place" if key == "members" else basis, month)
                for form in ("csv", "geojson"):
                    clean(client.get(f"{API}/layers/{key}{query}&format={form}").get_data(as_text=True))


def test_files_hold_what_the_tables_hold(wall: Wall) -> None:
    client, town = wall.visitor(), f"{ROOT}001"
    path = f"{API}/layers/members?place={town}&period={LAST}&format="
    table = {row["node_id"]: row["members"] for row in rows_of(client.get(path + "json").get_json())}
    text = client.get(path + "csv").get_data(as_text=True).removeprefix("\ufeff")
    shapes = client.get(path + "geojson").get_json()["features"]
    assert len(table) == 6
    for row in csv.DictReader(io.StringIO(text)):
        assert row["members_state"] == table[row["node_id"]]["s"] != "exact"
        assert row["members"] == str(table[row["node_id"]].get("v", "<10"))
    for shape in shapes:
        about = shape["properties"]
        assert about["members"] == table[about["node_id"]].get("v")


def test_the_file_a_sheet_carries_is_what_it_shows(wall: Wall) -> None:
    for node in (f"{ROOT}001", f"{ROOT}001001"):
        painted = call(wall.visitor(), "panel/children_table", {"place": node, "open": "children"})
        link = next(one["href"] for one in elements(painted) if one["type"] == "a")
        rows = list(csv.DictReader(io.StringIO(unquote(link.partition(",")[2]).removeprefix("\ufeff"))))
        assert rows
        for row in rows:
            assert row["members_state"] in ("rounded", "band"), row
            assert row["members_state"] == "band" or int(row["members"]) % 5 == 0


def test_search_finds_places_and_never_people(wall: Wall) -> None:
    client = wall.visitor()
    for query in (CANARY, PID, SECRET, f"{PID}000001", "社区", "组织", "o", "lou", "1", "canary"):
        text = client.get(f"{API}/search", query_string={"q": query, "limit": 50}).get_data(as_text=True)
        hits = json.loads(text)["hits"]
        clean(json.dumps(hits))
        assert query in ("社区", "组织", "o", "lou", "1") or not hits


def test_pages_beside_the_wall_tell_nothing(wall: Wall) -> None:
    client, version = wall.visitor(), wall.app.extensions["atlas"].version
    paths = ["/", "/healthz", f"{API}/places", f"{API}/layers", "/metrics", f"/geo/{version}/places.json"]
    paths += [f"/geo/{version}/buildings/{ROOT}001001.json", "/_dash-dependencies", f"{API}/openapi.json"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        clean(answer.get_data(as_text=True), wall.folder)


def test_one_person_alone_draws_nothing(wall: Wall) -> None:
    client, hours = wall.visitor(), f"{LONELY_HOUR}-{LONELY_HOUR + 1}"
    for per in ("", "members"):
        for span in SPANS:
            scene = {"hours": hours, "span": span, "per": per, "month": LAST}
            assert call(client, "layer/heat", scene)["levels"] == [], scene
    for query in (f"hours={hours}", f"hours={hours}&day=workday&span=year"):
        cells = client.get(f"{API}/layers/heat?{query}").get_json()["tables"]["cells"]
        assert [cell for cell in cells if "v" in cell["attended"]] == []
    true = wall.opened.store.ask(
        "heat_cells", lod=0, from_month=LAST, to_month=LAST, day_kind="all", hour_from=3, hour_to=4
    )
    assert [row["attended"] for row in true] == [1], "the person must be in the store for this to mean much"
