"""What leaves the gate on a real store, checked cell by cell against a plain reading of the policy."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import perf_counter
from typing import Any

import pyarrow as pa
import pytest
from engines import Engine

from stores.figure import Figure
from stores.gate import Gate
from stores.gate_policy import MODES, GateError
from stores.questions import names, question
from stores.settings import Settings
from stores.store import LoadReport, Store, open_store
from tests.gate_audit import Attack, clue
from tests.gate_district import CANARY, ROOT, small_district

KEY = b"a key for tests, not for districts"
TOWN, COMMUNITY, BUILDING, COMMITTEE = f"{ROOT}001", f"{ROOT}001001", "B000000", "O00000"
MONTH = "2019-01"

PLAIN_EXACT = {  # class → mode → levels at which a place may show the exact number
    "members": {"visitor": {"district", "town"}, "leader": {"district", "town", "community"}},
    "attribute": {"visitor": set(), "leader": set()},
    "rare": {"visitor": {"district"}, "leader": {"district"}},
    "conduct": {"visitor": {"district"}, "leader": {"district"}},
}
PLAIN_HIDDEN = {  # class → mode → levels at which nothing may be shown
    "members": {"visitor": set(), "leader": set()},
    "attribute": {
        "visitor": {"community", "general_branch", "building", "floor", "branch"},
        "leader": {"building", "floor", "branch"},
    },
    "rare": {
        "visitor": {"town", "community", "committee", "general_branch", "building", "floor", "branch"},
        "leader": {"community", "general_branch", "building", "floor", "branch"},
    },
    "conduct": {"visitor": {"building", "floor", "branch"}, "leader": set()},
}
PLAIN_LEAST = {
    "members": {"visitor": 10, "leader": 10},
    "attribute": {"visitor": 10, "leader": 10, "duty": 5},
    "rare": {"visitor": 10, "leader": 5},
    "conduct": {"visitor": 10, "leader": 5},
}
SAMPLES: dict[str, list[Any]] = {
    "month": [MONTH, "2019-02"],
    "dim": ["age", "sex", "education", "status", "joined", "occupation"],
    "level": ["town", "community", "building", "committee", "general_branch", "branch"],
    "from_month": ["2018-11"],
    "to_month": ["2019-02"],
    "year": [2018],
    "domain": ["school", "soe"],
    "lod": [0, 1],
    "day_kind": ["all", "workday"],
    "hour_from": [0],
    "hour_to": [24],
    "community": [COMMUNITY],
    "place": [ROOT, COMMUNITY],
    "building": [BUILDING],
    "org_id": [COMMITTEE, "O00008"],
    "table_name": ["member"],
}
NODES = {
    "place": [ROOT, TOWN, f"{ROOT}002", COMMUNITY, f"{ROOT}002003", BUILDING],
    "affiliation": [ROOT, COMMITTEE, "O00004", "O00005", "O00008"],
}


META = {"as_of": "2019-02-28", "data_label": "demo"}


def opened(tables: dict[str, pa.Table]) -> Store:
    """Load tables into a store in memory."""
    settings = Settings()
    store = open_store("duckdb:///:memory:", settings)
    store.load(tables, LoadReport(folder="test", started_at=datetime(2019, 3, 1), meta=META))
    return store


@pytest.fixture(scope="module")
def store(engine_of_module: Engine) -> Store:
    """Open a small district."""
    made: Store = engine_of_module.loaded(small_district(), **META)
    return made


@pytest.fixture(scope="module")
def gate(store: Store) -> Gate:
    """Put the gate before it."""
    return Gate(store, Settings(), KEY)


def asked() -> Iterator[tuple[str, dict[str, Any]]]:
    """List every public question with parameters at every level of both hierarchies."""
    for name in names():
        if name.startswith("gate_"):
            continue
        params = question(name).params
        for basis in ("place", "affiliation") if "basis" in params else ("place",):
            pools = [{"basis": [basis], "node": NODES[basis], **SAMPLES}[param] for param in params]
            for chosen in itertools.product(*pools):
                yield name, dict(zip(params, chosen, strict=True))


def plain_kind(name: str, column: str, declared: str) -> str | None:
    """Read a column's class as the policy is written, without the gate's code."""
    if declared in {"public", "level", "node", "band", "dim", "month"}:
        return None
    if declared == "members" and column in {"full_members", "probationary"}:
        return "attribute"
    return "conduct" if declared == "flow" else declared


def check_cell(kind: str, mode: str, basis: str, level: str, true: Any, figure: Figure) -> None:
    """Check one figure against the plain policy."""
    assert isinstance(figure, Figure)
    if figure.state in ("hidden", "no_data"):
        assert mode != "duty" or kind == "attribute" or true is None
        return
    assert level not in PLAIN_HIDDEN[kind].get(mode, set()), (kind, mode, level, figure)
    if figure.state == "exact":
        if mode != "duty":
            assert level in PLAIN_EXACT[kind][mode], (kind, mode, level)
            assert basis == "place" or level == "district"
            assert true >= PLAIN_LEAST[kind][mode] or true == 0
        assert figure.value == true
    elif figure.state == "rounded":
        assert isinstance(figure.value, int) and figure.value % 5 == 0
        assert abs(figure.value - true) < 5 + (true != round(true))
        assert figure.value >= PLAIN_LEAST[kind][mode]
    else:
        assert figure.state == "band" and figure.low is not None
        high = 10**9 if figure.high is None else figure.high - figure.high % 5 + 4
        assert figure.low - 4 <= true <= high + 0.5 * (true != round(true))


def test_every_answer_keeps_the_policy(store: Store, gate: Gate) -> None:
    seen: dict[str, int] = {}
    for name, params in asked():
        publish = question(name).publish
        truth = store.ask(name, **params)
        for mode in MODES:
            rows = gate.answer(name, mode, **params)
            rates = {rate.name for rate in question(name).rates}
            base = name.removesuffix("_of_domain")
            if question(base if base in names() else name).gate or "cell_x" in publish:
                continue  # flows keep rules of their own
            assert len(rows) == len(truth)
            for row, true in zip(rows, truth, strict=True):
                assert set(row) == set(true) | rates
                for column, value in true.items():
                    kind = plain_kind(name, column, publish[column])
                    if kind is None:
                        assert row[column] == value
                        continue
                    if kind == "split":
                        kind = "conduct" if mode == "duty" else "attribute"
                    level = str(true.get("level", "branch"))
                    basis = params.get("basis", "place") if "node_id" in true else "affiliation"
                    check_cell(kind, mode, basis, level, value, row[column])
                    seen[row[column].state] = seen.get(row[column].state, 0) + 1
                assert all(isinstance(row[rate], Figure) for rate in rates)
    assert min(seen.get(state, 0) for state in ("exact", "rounded", "band", "hidden")) > 20, seen


def test_rates_are_hidden_where_someone_could_be_counted(store: Store, gate: Gate) -> None:
    shown = 0
    for name, params in asked():
        rates = question(name).rates
        if not rates or params.get("month") == "2019-02":
            continue
        truth = store.ask(name, **params)
        for mode, least in (("visitor", 10), ("leader", 5)):
            for row, true in zip(gate.answer(name, mode, **params), truth, strict=True):
                for rate in rates:
                    part, whole, figure = true[rate.part], true[rate.whole], row[rate.name]
                    if figure.state == "rounded":
                        shown += 1
                        assert whole >= least and part >= 3 and whole - part >= 3
                        assert abs(figure.value - part / whole) <= 0.1 + 1e-9
                        assert figure.value * 100 == pytest.approx(round(figure.value * 100))
                    else:
                        assert figure.state in ("hidden", "no_data")
    assert shown > 100


def test_no_person_and_no_lone_count_leaves(gate: Gate) -> None:
    person = re.compile(rf'"(m\d+|{CANARY})"')
    for name, params in asked():
        publish = question(name).publish
        for mode in MODES:
            rows = gate.answer(name, mode, **params)
            plain = [
                {k: v.json() if isinstance(v, Figure) else str(v) for k, v in row.items()} for row in rows
            ]
            assert not person.search(json.dumps(plain, ensure_ascii=False)), (name, params)
            if mode == "duty":
                continue
            for row in rows:
                for column, value in row.items():
                    if isinstance(value, Figure) and publish.get(column) in ("attribute", "rare"):
                        assert value.value is None or value.value >= 5, (name, mode, column)


def test_the_canarys_own_cells_say_less_than_ten(store: Store, gate: Gate) -> None:
    alone = [
        (dim, row["band"])
        for dim in ("sex", "education", "occupation")
        for row in store.ask("member_mix", basis="place", node=TOWN, month=MONTH, dim=dim)
        if row["n"] == 1
    ]
    assert {("sex", "u"), ("education", "postgrad"), ("occupation", "student")} <= set(alone)
    for dim, band in alone:
        for mode in ("visitor", "leader"):
            rows = gate.answer("member_mix", mode, basis="place", node=TOWN, month=MONTH, dim=dim)
            figure = next(row["n"] for row in rows if row["band"] == band)
            assert figure.state in ("band", "hidden") and (figure.high or 9) == 9


def test_children_sum_to_what_their_parent_shows(store: Store, gate: Gate) -> None:
    for basis, node in (("place", ROOT), ("place", TOWN), ("affiliation", ROOT)):
        rows = gate.answer("children_figures", "visitor", basis=basis, node=node, month=MONTH)
        parent = gate.answer(
            "level_figures",
            "visitor",
            basis=basis,
            level=level_of(store, basis, node),
            node=node,
            month=MONTH,
        )
        own = gate.answer("headline", "visitor", basis=basis, node=node, month=MONTH)[0]["members"]
        assert own.state == "exact"
        figures = [row["members"] for row in rows]
        if all(one.state == "rounded" for one in figures):
            assert sum(one.value for one in figures) == (own.value + 2) // 5 * 5
        for column in ("due", "attended", "dues_liable"):
            shown = [row[column] for row in rows]
            own_row = next((row[column] for row in parent if row["node_id"] == node), None)
            if own_row is not None and all(one.value is not None for one in shown):
                assert sum(one.value for one in shown) == (own_row.value + 2) // 5 * 5


def level_of(store: Store, basis: str, node: str) -> str:
    """Give a node's level."""
    return str(store.ask("node", basis=basis, node=node)[0]["level"])


@pytest.mark.parametrize("column", ["members", "due", "dues_paid", "transfers_in", "study_met"])
def test_no_programme_over_all_tables_finds_a_small_cell(store: Store, gate: Gate, column: str) -> None:
    under: dict[tuple[str, str], list[str]] = {}
    for row in store.ask("gate_under"):
        under.setdefault((row["basis"], row["node_id"]), []).append(row["org_id"])
    order = {org: at for at, org in enumerate(sorted({org for orgs in under.values() for org in orgs}))}
    clues, small = [], []
    levels = {"place": ["district", "town", "community", "building", "floor"]}
    levels["affiliation"] = ["district", "committee", "general_branch", "branch"]
    for basis, level in ((basis, level) for basis, all_ in levels.items() for level in all_):
        params = {"basis": basis, "level": level, "node": ROOT, "month": MONTH}
        truth = {row["node_id"]: row[column] for row in store.ask("level_figures", **params)}
        for row in gate.answer("level_figures", "visitor", **params):
            atoms = [order[org] for org in under.get((basis, row["node_id"]), [])]
            found = clue(atoms, row[column]) if atoms else None
            if found:
                clues.append(found)
            if atoms and row[column].state != "exact" and 0 < truth[row["node_id"]] < 10:
                small.append((row["node_id"], atoms, truth[row["node_id"]]))
    attack = Attack(len(order), clues)
    widths = []
    for node, atoms, true in small[:: max(1, len(small) // 60)]:
        low, high = attack.interval(atoms)
        assert low - 1e-6 <= true <= high + 1e-6, node
        widths.append(high - low)
    assert min(widths, default=9) >= 4 - 1e-6, sorted(widths)[:5]


def test_a_level_minus_its_children_gives_no_small_rest(store: Store, gate: Gate) -> None:
    for node in (ROOT, TOWN, f"{ROOT}002"):
        own = gate.answer("headline", "visitor", basis="place", node=node, month=MONTH)[0]["members"]
        rows = gate.answer("children_figures", "visitor", basis="place", node=node, month=MONTH)
        unseen = [row for row in rows if row["members"].value is None]
        if (
            own.state == "exact"
            and len(unseen) == 1
            and all(row["members"].state == "exact" for row in rows[1:])
        ):
            pytest.fail(f"{unseen[0]['node_id']} comes back by subtraction")


def test_all_minus_a_filter_stays_open(store: Store, gate: Gate) -> None:
    for town in (TOWN, f"{ROOT}002", f"{ROOT}003", f"{ROOT}004"):
        total = gate.answer("headline", "visitor", basis="place", node=town, month=MONTH)[0]["members"]
        for dim in SAMPLES["dim"]:
            rows = gate.answer("member_mix", "visitor", basis="place", node=town, month=MONTH, dim=dim)
            clues = [clue([at], row["n"]) for at, row in enumerate(rows)]
            clues.append(clue(range(len(rows)), total))
            attack = Attack(len(rows), [one for one in clues if one])
            for at, row in enumerate(rows):
                low, high = attack.interval([at])
                assert row["n"].state in ("rounded", "band", "hidden")
                assert high - low >= 4 - 1e-6 or len(rows) == 1, (town, dim, row["band"], low, high)


@pytest.mark.parametrize("column", ["members", "due", "attended", "dues_paid", "study_met"])
def test_all_minus_a_domain_stays_open(store: Store, gate: Gate, column: str) -> None:
    domains = [row["domain"] for row in store.ask("organisation_mix", basis="place", node=ROOT, month=MONTH)]
    truth: dict[tuple[str, str], int] = {}
    shown: dict[tuple[str, str], Figure] = {}
    for domain in domains:
        asked = {"basis": "place", "node": ROOT, "month": MONTH, "domain": domain}
        truth |= {(row["node_id"], domain): row[column] for row in store.ask("children_of_domain", **asked)}
        rows = gate.answer("children_of_domain", "visitor", **asked)
        shown |= {(row["node_id"], domain): row[column] for row in rows}
    cells = list(truth)
    clues = [clue([at], shown[cell]) for at, cell in enumerate(cells)]
    totals = gate.answer("children_figures", "visitor", basis="place", node=ROOT, month=MONTH)
    for row in totals:
        clues.append(clue([at for at, cell in enumerate(cells) if cell[0] == row["node_id"]], row[column]))
    whole = gate.answer("series", "visitor", basis="place", node=ROOT)
    if column != "members" and column in whole[-1]:
        own = next(row for row in whole if row["month"] == MONTH)
        clues.append(clue(range(len(cells)), own[column]))
    attack = Attack(len(cells), [one for one in clues if one])
    for at, cell in enumerate(cells):
        low, high = attack.interval([at])
        assert low - 1e-6 <= truth[cell] <= high + 1e-6, cell
        assert truth[cell] >= 10 or truth[cell] == 0 or high - low >= 4 - 1e-6, (cell, low, high)
        rest = [other for other, name in enumerate(cells) if name[0] == cell[0] and other != at]
        left = sum(truth[cells[other]] for other in rest)
        low, high = attack.interval(rest)
        assert left >= 10 or left == 0 or high - low >= 4 - 1e-6, (cell, low, high)


def test_a_filter_that_leaves_all_rounds_as_without_it(store: Store, gate: Gate) -> None:
    found = 0
    for name in (
        name.removesuffix("_of_domain") for name in names() if name.startswith("transfer_totals_of")
    ):
        for basis, nodes in NODES.items():
            for node in nodes:
                asked = {"basis": basis, "node": node, "from_month": "2018-11", "to_month": "2019-02"}
                whole = store.ask(name, **asked)
                for domain in ("school", "soe", "nonpublic", "urban_community"):
                    if store.ask(f"{name}_of_domain", **asked, domain=domain) == whole:
                        found += 1
                        filtered = gate.answer(f"{name}_of_domain", "leader", **asked, domain=domain)
                        assert filtered == gate.answer(name, "leader", **asked)
    assert found


def test_one_member_more_shows_as_nothing_or_as_five() -> None:
    tables = small_district(seed=5)
    members = tables["member"].to_pylist()
    again = {**members[0], "member_pid": "m999999", "contact_state": "normal", "lost_since": None}
    more = {**tables, "member": pa.Table.from_pylist([*members, again])}
    answers = []
    for made in (opened(tables), opened(more)):
        gate = Gate(made, Settings(), KEY)
        answers.append(
            [
                [
                    gate.answer("member_mix", "visitor", basis="place", node=node, month=MONTH, dim=dim)
                    for node in (ROOT, TOWN)
                ]
                for dim in SAMPLES["dim"]
            ]
            + [[gate.answer("children_figures", "visitor", basis="place", node=TOWN, month=MONTH)]]
        )
        made.close()
    compared = 0
    for before, after in zip(flat(answers[0]), flat(answers[1]), strict=True):
        compared += 1
        if before != after and before.value is not None and after.value is not None:
            assert abs(before.value - after.value) == 5 or before.state == "exact" or abs(before.value) < 1
    assert compared > 100


def flat(answers: list[Any]) -> list[Figure]:
    """Take all figures out of nested answers, in order."""
    if isinstance(answers, Figure):
        return [answers]
    if isinstance(answers, dict):
        return [one for value in answers.values() for one in flat(value)]
    return [one for part in answers for one in flat(part)] if isinstance(answers, list) else []


def test_answers_repeat_and_follow_the_key(store: Store, gate: Gate) -> None:
    params = {"basis": "place", "node": ROOT, "level": "community", "month": MONTH}
    once = gate.answer("level_figures", "visitor", **params)
    again = Gate(store, Settings(), KEY).answer("level_figures", "visitor", **params)
    other = Gate(store, Settings(), KEY + b"!").answer("level_figures", "visitor", **params)
    assert once == again
    assert once != other
    once[0]["members"] = "spoilt by the caller"
    assert gate.answer("level_figures", "visitor", **params)[0]["members"] != "spoilt by the caller"


def test_the_gate_fails_closed(store: Store, gate: Gate) -> None:
    with pytest.raises(GateError, match="unknown mode"):
        gate.answer("headline", "admin", basis="place", node=ROOT, month=MONTH)
    with pytest.raises(GateError, match="unknown mode"):
        gate.answer("headline", "Duty", basis="place", node=ROOT, month=MONTH)
    for name in names():
        if name.startswith("gate_"):
            with pytest.raises(GateError, match="for the gate alone"):
                gate.answer(name, "duty", **dict.fromkeys(question(name).params))
    with pytest.raises(GateError, match="16 bytes"):
        Gate(store, Settings(), b"short")


def test_modes_do_not_share_answers(store: Store) -> None:
    fresh = Gate(store, Settings(), KEY)
    for name, params in (
        ("children_figures", {"basis": "affiliation", "node": COMMITTEE, "month": MONTH}),
        ("annual", {"basis": "place", "node": TOWN, "year": 2018}),
        ("headline", {"basis": "place", "node": COMMUNITY, "month": MONTH}),
    ):
        duty, leader, visitor = (fresh.answer(name, mode, **params) for mode in ("duty", "leader", "visitor"))
        assert all(one.state in ("exact", "not_applicable") for one in flat(duty))
        assert duty != visitor and leader != duty
        assert all(one.state != "exact" for one in flat(visitor))


def test_a_top_committee_shows_attributes_as_a_town_does(gate: Gate) -> None:
    params = {"basis": "affiliation", "month": MONTH, "dim": "sex"}
    top = gate.answer("member_mix", "visitor", node=COMMITTEE, **params)
    assert {row["n"].state for row in top} <= {"rounded", "band"} and top[0]["n"].state == "rounded"
    assert all(
        row["n"].state == "hidden" for row in gate.answer("member_mix", "visitor", node="O00005", **params)
    )


def test_a_late_sign_in_moves_the_answer(engine: Engine) -> None:
    tables = small_district(seed=9, towns=2, communities=3)
    made = engine.loaded(tables, **META)
    gate = Gate(made, Settings(), KEY)
    params = {"basis": "place", "node": ROOT, "month": MONTH}
    before = gate.answer("children_figures", "duty", **params)
    shown = gate.answer("children_figures", "visitor", **params)
    meeting = next(row for row in tables["activity"].to_pylist() if str(row["start_at"]).startswith(MONTH))
    late = [
        {
            "activity_id": meeting["activity_id"],
            "member_pid": f"m{at}",
            "at": meeting["start_at"],
            "state": "late",
        }
        for at in range(meeting["due_count"] + 8)
    ]
    made.append_attendance(pa.Table.from_pylist(late))
    after = gate.answer("children_figures", "duty", **params)
    assert sum(row["attended"].value for row in after) > sum(row["attended"].value for row in before)
    again = gate.answer("children_figures", "visitor", **params)
    for row, true in zip(again, after, strict=True):
        assert row["attended"].value is None or abs(row["attended"].value - true["attended"].value) < 5
    assert [row["members"] for row in again] == [row["members"] for row in shown]


def test_threads_see_one_and_the_same_answer(store: Store) -> None:
    fresh = Gate(store, Settings(), KEY)
    params = {"basis": "affiliation", "node": ROOT, "month": MONTH}
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(fresh.answer, "children_figures", "visitor", **params) for _ in range(12)]
    assert all(one.result() == made[0].result() for one in made)


def test_what_was_warmed_is_there(store: Store) -> None:
    fresh = Gate(store, Settings(), KEY)
    fresh.warm()
    start = perf_counter()
    fresh.answer("headline", "visitor", basis="place", node=ROOT, month=MONTH)
    assert perf_counter() - start < 0.002


class Careless:
    """Answer like a store, with one column more than the question declares."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def version(self) -> int:
        return self._store.version

    def ask(self, name: str, /, **params: Any) -> list[dict[str, Any]]:
        return [{**row, "member_pid": "m1"} for row in self._store.ask(name, **params)]


def test_an_undeclared_column_is_refused(store: Store) -> None:
    gate = Gate(Careless(store), Settings(), KEY)
    for mode in MODES:
        with pytest.raises(GateError, match="no publishing class for member_pid"):
            gate.answer("headline", mode, basis="place", node=ROOT, month=MONTH)


def test_cells_of_the_heat_are_rounded_or_left_out(store: Store, gate: Gate) -> None:
    params = {
        "lod": 0,
        "from_month": "2018-11",
        "to_month": "2019-02",
        "day_kind": "all",
        "hour_from": 0,
        "hour_to": 24,
    }
    truth = {(row["cell_x"], row["cell_y"]): row for row in store.ask("heat_cells", **params)}
    rows = gate.answer("heat_cells", "visitor", **params)
    assert 0 < len(rows) <= len(truth)
    for row in rows:
        true = truth[row["cell_x"], row["cell_y"]]
        for column in ("attended", "members"):
            figure = row[column]
            assert figure.state in ("hidden", "rounded", "no_data")
            if figure.value is not None:
                assert figure.value >= 10 and figure.value % 5 == 0 and abs(figure.value - true[column]) < 5
