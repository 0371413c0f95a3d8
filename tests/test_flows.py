"""Flows agree with themselves: nets sum to nought, margins equal totals, and nothing small leaves."""

from __future__ import annotations

import itertools
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from gate_audit import Attack, Clue, clue
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_district import ROOT, arrow, draw

from stores.errors import QuestionError
from stores.figure import Figure
from stores.flow_places import read_places
from stores.flow_steps import STAGES
from stores.flow_tables import SUMS, exact_cells, moves_in
from stores.gate import Gate
from stores.gate_matrix import Publisher, view_of
from stores.gate_policy import GateError, Policy
from stores.settings import Settings
from stores.store import LoadReport, Store, open_store

KEY = b"0123456789abcdef0123456789abcdef"
MODES = ("duty", "leader", "visitor")
TOWN, COMMUNITY, BUILDING, COMMITTEE = "320115002", "320115002005", "B001507", "O00011"
PERIODS = (("2018-03", "2019-02"), ("2018-10", "2018-12"), ("2019-01", "2019-01"))
VIEWS = (
    ("place", "town", ROOT),
    ("place", "town", TOWN),
    ("place", "community", TOWN),
    ("place", "community", COMMUNITY),
    ("place", "building", COMMUNITY),
    ("place", "organisation", BUILDING),
    ("affiliation", "committee", ROOT),
    ("affiliation", "committee", COMMITTEE),
    ("affiliation", "organisation", COMMITTEE),
)
Cells = dict[tuple[str, str], Any]


@pytest.fixture(scope="module")
def demo(loaded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a copy of the loaded demo."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copyfile(loaded_data / "ejia.duckdb", folder / "ejia.duckdb")
    opened = open_store("duckdb:///ejia.duckdb", Settings(data_dir=folder))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def gate(demo: Store) -> Gate:
    """Give a gate on the demo."""
    return Gate(demo, Settings(), KEY)


def cells(rows: list[dict[str, Any]]) -> Cells:
    """Lay rows of edges out by ends."""
    return {(row["from_node"], row["to_node"]): row["n"].value for row in rows}


def check_truth(gate: Gate, basis: str, level: str, node: str, period: tuple[str, str], mode: str) -> Cells:
    """Check one picture against itself and give its edges."""
    asked = {"basis": basis, "level": level, "node": node, "from_month": period[0], "to_month": period[1]}
    edges = cells(gate.answer("flow_edges", mode, **asked))
    totals = gate.answer("flow_totals", mode, **asked)
    matrix = cells(gate.answer("flow_matrix", mode, **asked))
    assert sum(row["net"].value for row in totals) == 0
    assert {edge: n for edge, n in matrix.items() if "total" not in edge} == edges
    for row in totals:
        place = row["node_id"]
        inside = row["inside"].value
        assert matrix.get((place, "total"), 0) == row["moved_out"].value + inside
        assert matrix.get(("total", place), 0) == row["moved_in"].value + inside
        assert row["net"].value == row["moved_in"].value - row["moved_out"].value
    assert matrix.get(("total", "total"), 0) == sum(edges.values())
    ranked = gate.answer("flow_hubs", mode, **asked)
    shown = {row["node_id"]: row for row in totals}
    assert all(row["moved_in"] == shown[row["node_id"]]["moved_in"] for row in ranked)
    if mode == "leader":
        assert all(n >= 3 for n in edges.values())
    if mode == "visitor":
        assert all(n % 5 == 0 and n > 0 for n in edges.values())
    return edges


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(view))
def test_margins_totals_and_nets_agree_on_the_demo(gate: Gate, view: tuple[str, str, str], mode: str) -> None:
    for period in PERIODS:
        check_truth(gate, *view, period, mode)


@pytest.mark.parametrize("mode", MODES)
def test_towns_and_committees_agree_with_the_district_in_every_period(
    demo: Store, gate: Gate, mode: str
) -> None:
    """What a place's own table says of it is what the district's says, and its parts sum to it."""
    for basis, level, below in (("place", "town", "community"), ("affiliation", "committee", "organisation")):
        for period in PERIODS:
            months = {"from_month": period[0], "to_month": period[1]}
            whole = check_truth(gate, basis, level, ROOT, period, mode)
            tops = sorted({end for edge in whole for end in edge if not end.startswith(("ext:", "other"))})
            assert len(tops) > 5
            for top in tops[:: max(1, len(tops) // 8)]:
                own = check_truth(gate, basis, level, top, period, mode)
                assert own == {edge: n for edge, n in whole.items() if top in edge}
                parts = check_truth(gate, basis, below, top, period, mode)
                assert sum(parts.values()) == sum(own.values())
                head = gate.answer("flow_summary", mode, basis=basis, node=top, **months)[0]
                assert head["net"].value == sum(n * ((b == top) - (a == top)) for (a, b), n in own.items())


@pytest.mark.parametrize("mode", MODES)
def test_the_summary_the_table_and_the_layers_tell_the_same(gate: Gate, mode: str) -> None:
    for period in PERIODS[:2]:
        months = {"from_month": period[0], "to_month": period[1]}
        head = gate.answer("flow_summary", mode, basis="place", node=TOWN, **months)[0]
        asked = {"basis": "place", "level": "town", "node": TOWN, **months}
        own = next(row for row in gate.answer("flow_totals", mode, **asked) if row["node_id"] == TOWN)
        for name in ("moved_in", "moved_out", "inside", "net"):
            assert head[name] == own[name]
        edges = cells(gate.answer("flow_edges", mode, **asked))
        assert head["from_n"].value == edges[head["main_from"], TOWN]
        below = cells(gate.answer("flow_edges", mode, **{**asked, "level": "community"}))
        assert sum(below.values()) == sum(edges.values())
        given = {**asked, "node": ROOT, "focus": TOWN, "hops": 3}
        layers = gate.answer("flow_layers", mode, **given)
        first = {(r["from_node"], r["to_node"]): r["n"].value for r in layers if abs(r["layer"]) == 1}
        assert first == {edge: n for edge, n in edges.items() if edge != (TOWN, TOWN)}
        for way, near, far in ((-1, "to_node", "from_node"), (1, "from_node", "to_node")):
            for hop in (2, 3):
                inner = [row for row in layers if row["layer"] == way * (hop - 1)]
                outer = [row for row in layers if row["layer"] == way * hop]
                for place in {row[near] for row in outer}:
                    room = sum(row["n"].value for row in inner if row[far] == place)
                    assert sum(row["n"].value for row in outer if row[near] == place) <= room
        traced = gate.answer("flow_trace", mode, **given, direction="backward")
        assert [(r["hop"], r["n"]) for r in traced if r["hop"] == 1] == [
            (1, r["n"]) for r in layers if r["layer"] == -1
        ]


def test_the_desk_sees_what_the_moves_say(demo: Store, gate: Gate) -> None:
    months = {"from_month": "2018-03", "to_month": "2019-02"}
    for basis, node in (("place", ROOT), ("place", TOWN), ("place", COMMUNITY), ("affiliation", ROOT)):
        true = demo.ask("transfer_totals", basis=basis, node=node, **months)[0]
        head = gate.answer("flow_summary", "duty", basis=basis, node=node, **months)[0]
        by_month = gate.answer("flow_months", "duty", basis=basis, node=node)
        for name in ("moved_in", "moved_out", "inside"):
            assert head[name].value == true[name]
            assert sum(row[name].value for row in by_month) == true[name]
        mix = gate.answer("flow_mix", "duty", basis=basis, node=node, **months)
        for dim in ("reason", "route", "scope"):
            assert sum(row["n"].value for row in mix if row["dim"] == dim) == sum(
                true[name] for name in ("moved_in", "moved_out", "inside")
            )


def test_the_pipeline_adds_up_and_says_little_to_strangers(gate: Gate) -> None:
    for node in (ROOT, TOWN):
        rows = gate.answer("flow_pipeline", "duty", basis="place", node=node, month="2019-02")
        for stage in {row["status"] for row in rows if row["status"].startswith("pending")}:
            own = [row for row in rows if row["status"] == stage]
            whole = next(row for row in own if row["waited"] is None)
            waits = {int(row["waited"]): row["n"].value for row in own if row["waited"] is not None}
            assert sum(waits.values()) == whole["n"].value
            assert sum(n for days, n in waits.items() if days > 5) == whole["overdue"].value
            assert max(waits, default=None) == whole["longest"].value
        for row in gate.answer("flow_pipeline", "leader", basis="place", node=node, month="2019-02"):
            assert row["n"].value is None or row["n"].value == 0 or row["n"].value >= 3
        strange = gate.answer("flow_pipeline", "visitor", basis="place", node=node, month="2019-02")
        assert all(row["waited"] is None for row in strange)
        assert all(row["n"].value is None or row["n"].value >= 10 for row in strange)
    open_ = gate.answer("flow_pipeline", "duty", basis="place", node=ROOT, month="2019-02")
    assert (
        sum(r["n"].value for r in open_ if r["status"].startswith("pending") and r["waited"] is None) == 240
    )
    held = gate.answer("flow_overdue", "duty", basis="place", node=ROOT, month="2019-02")
    assert sum(row["n"].value for row in held) == 240
    assert gate.answer("flow_overdue", "visitor", basis="place", node=ROOT, month="2019-02") == []


@pytest.mark.parametrize("mode", ["visitor", "leader"])
def test_the_district_has_one_sum_in_both_hierarchies(demo: Store, mode: str) -> None:
    months = [row["month"] for row in demo.ask("months")]
    for key in (KEY, KEY[::-1]):
        gate = Gate(demo, Settings(), key)
        for first, last in [*zip(months, months, strict=True), *zip(months, months[2:], strict=False)]:
            asked = {"node": ROOT, "from_month": first, "to_month": last}
            one, two = (
                gate.answer("flow_summary", mode, basis=b, **asked)[0] for b in ("place", "affiliation")
            )
            assert [one[name] for name in SUMS] == [two[name] for name in SUMS]


def test_visitors_are_told_how_many_are_late_of_the_whole_alone(gate: Gate) -> None:
    told = {}
    for basis in ("place", "affiliation"):
        for node in (ROOT, TOWN) if basis == "place" else (ROOT,):
            rows = gate.answer("flow_pipeline", "visitor", basis=basis, node=node, month="2019-02")
            whole = [row for row in rows if row["status"] == "open"]
            assert len(whole) == (node == ROOT)
            for row in rows:
                assert row["status"] == "open" or row["overdue"].state in ("hidden", "no_data")
            told[basis, node] = {row["status"]: (row["n"], row["overdue"]) for row in rows}
    assert told["place", ROOT]["open"] == told["affiliation", ROOT]["open"], "one number has one rounding"
    late = told["place", ROOT]["open"][1]
    exactly = gate.answer("flow_pipeline", "duty", basis="place", node=ROOT, month="2019-02")
    true = sum(r["overdue"].value for r in exactly if r["status"] in STAGES and r["waited"] is None)
    assert true >= 10
    assert late.value % 5 == 0
    assert abs(late.value - true) < 5


OFF = {date(2019, 2, day): False for day in range(4, 9)} | {date(2019, 2, day): True for day in (2, 3)}
"""Days off and swapped by the calendar; all others are what the week says."""


def waited(since: datetime | None, applied: date) -> int:
    """Count the workdays after the day a step began, up to the data date, one by one."""
    day, n = (since.date() if since else applied), 0
    while day < date(2019, 2, 28):
        day += timedelta(days=1)
        n += OFF.get(day, day.weekday() < 5)
    return n


@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_the_pipeline_is_what_counting_day_by_day_gives(seed: int) -> None:
    """Count, ages and what is overdue of each stage, and by who holds it, equal a walk over the transfers."""
    facts = draw(seed)
    dice = random.Random(seed)
    orgs = [row["org_id"] for row in facts["organisation"]]
    facts["workday"] = [{"day": day, "is_workday": worked} for day, worked in OFF.items()]
    ends = ("returned", "withdrawn", "rejected", "revoked", "completed")
    facts["transfer"] = []
    for number in range(40):
        status = dice.choice((*STAGES, *STAGES, *ends, "draft"))
        since = datetime(2019, 2, 27, 9) - timedelta(days=dice.randint(0, 60))
        facts["transfer"].append(
            {
                "transfer_id": f"t{number}",
                "member_pid": f"p{number}",
                "from_org_id": dice.choice(orgs),
                "to_org_id": dice.choice(orgs),
                "status": status,
                "applied_on": since.date() - timedelta(days=dice.randint(0, 9)),
                # an old sheet without the time of the step is timed from the application
                "step_entered_at": dice.choice((since, since, since, None)),
                "decided_at": datetime(2019, 2, dice.randint(1, 27), 9) if status in ends else None,
            }
        )
    store = opened(facts)
    gate = Gate(store, Settings(), KEY)
    found = gate.answer("flow_pipeline", "duty", basis="place", node=ROOT, month="2019-02")
    own = {row["status"]: row for row in found if row["waited"] is None}
    held: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for stage in STAGES:
        chosen = [row for row in facts["transfer"] if row["status"] == stage]
        waits = sorted(waited(row["step_entered_at"], row["applied_on"]) for row in chosen)
        assert own[stage]["n"].value == len(waits)
        assert own[stage]["overdue"].value == sum(days > 5 for days in waits)
        assert own[stage]["longest"].value == max(waits, default=None)
        assert own[stage]["median"].value == (waits[(len(waits) - 1) // 2] if waits else None)
        shown = {
            int(row["waited"]): row["n"].value for row in found if row["status"] == stage and row["waited"]
        }
        assert shown == Counter(waits)
        for row in chosen:
            holder = row["from_org_id" if STAGES.index(stage) < 3 else "to_org_id"]
            held[holder] += 1
            late[holder] += waited(row["step_entered_at"], row["applied_on"]) > 5
    for end in ends:
        assert own[end]["n"].value == sum(row["status"] == end for row in facts["transfer"])
    units: Counter[str] = Counter()
    overdue: Counter[str] = Counter()
    for row in gate.answer("flow_overdue", "duty", basis="affiliation", node=ROOT, month="2019-02"):
        units[row["node_id"]] += row["n"].value
        overdue[row["node_id"]] += row["overdue"].value
    place_of = read_places(store, "affiliation").cut("organisation", ROOT)
    for holder, n in held.items():
        units[place_of(holder)] -= n
        overdue[place_of(holder)] -= late[holder]
    assert not any(units.values()) and not any(overdue.values())
    store.close()


def test_hostile_parameters_are_refused_or_empty(gate: Gate) -> None:
    months = {"from_month": "2018-03", "to_month": "2019-02"}
    given = {"basis": "place", "level": "town", "node": ROOT, **months}
    for mode in MODES:
        assert gate.answer("flow_edges", mode, **{**given, "node": "'; drop table x"}) == []
        assert gate.answer("flow_summary", mode, basis="place", node="nowhere", **months) == []
        assert gate.answer("flow_pipeline", mode, basis="place", node="nowhere", month="2019-02") == []
        for wrong in ({"level": "floor"}, {"basis": "person"}):
            with pytest.raises(QuestionError):
                gate.answer("flow_edges", mode, **{**given, **wrong})
        for hops in (0, 5, "2"):
            with pytest.raises(QuestionError):
                gate.answer("flow_layers", mode, **given, focus=TOWN, hops=hops)
        with pytest.raises(QuestionError):
            gate.answer("flow_layers", mode, **{**given, "from_month": "x"}, focus=TOWN, hops=2)
        with pytest.raises(QuestionError):
            gate.answer("flow_trace", mode, **given, focus=TOWN, hops=2, direction="up")
    for name in ("gate_moves", "gate_dated_moves"):
        with pytest.raises(GateError):
            gate.answer(name, "duty", **months)


def store_of(seed: int, more: int) -> Store:
    """Load a random district with more transfers than it comes with."""
    rows = draw(seed)
    dice = np.random.default_rng(seed)
    orgs = [row["org_id"] for row in rows["organisation"]]
    outside = ["江苏省苏州市", "江苏省南京市", "上海市", "安徽省合肥市", None]
    for number in range(more):
        ends = [str(dice.choice(orgs)) if dice.random() < 0.8 else None for _ in range(2)]
        rows["transfer"].append(
            {
                "transfer_id": f"m{number}",
                "member_pid": f"p{number}",
                "from_org_id": ends[0],
                "to_org_id": ends[1],
                "from_external": None if ends[0] else outside[int(dice.integers(5))],
                "to_external": None if ends[1] else outside[int(dice.integers(5))],
                "status": "completed",
                "decided_at": rows["activity"][0]["start_at"],
            }
        )
    return opened(rows)


def opened(rows: dict[str, list[dict[str, Any]]]) -> Store:
    """Load rows into a store in memory."""
    store = open_store("duckdb:///:memory:", Settings())
    tables: dict[str, pa.Table] = {name: arrow(name, some) for name, some in rows.items() if some}
    store.load(tables, LoadReport("random", rows["activity"][0]["start_at"], {"as_of": "2019-02-28"}, [], []))
    return store


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.sampled_from([0, 20, 120]))
def test_margins_totals_and_nets_agree_on_random_districts(seed: int, more: int) -> None:
    store = store_of(seed, more)
    gate = Gate(store, Settings(), KEY)
    months = [row["month"] for row in store.ask("months")]
    period = (months[0], months[-1])
    for basis, levels in (
        ("place", ("town", "community", "building", "organisation")),
        ("affiliation", ("committee", "organisation")),
    ):
        places = read_places(store, basis)
        some = sorted(places.parent)[:8]
        for level, node, mode in itertools.product(levels, some, MODES):
            edges = check_truth(gate, basis, level, node, period, mode)
            if mode == "duty":
                true = store.ask(
                    "transfer_totals", basis=basis, node=node, from_month=period[0], to_month=period[1]
                )[0]
                assert sum(edges.values()) == sum(true[name] for name in ("moved_in", "moved_out", "inside"))
    store.close()


def clues_of(shown: Cells, true: Cells, atoms: dict[tuple[str, str], tuple[int, ...]]) -> list[Clue]:
    """Read a table of edges as an attacker does, who knows also that what is not shown is under five.

    Where merging or the last rounding step leave an edge further off, he is wrong and learns nothing.
    """
    made = []
    for edge, where in atoms.items():
        n = shown.get(edge, 0)
        if abs(n - true.get(edge, 0)) <= 4:
            made.append(Clue(where, max(0, n - 4), n + 4))
    return made


@pytest.mark.parametrize("mode", ["leader", "visitor"])
@pytest.mark.parametrize(
    "view",
    [("place", "town", ROOT), ("place", "community", TOWN), ("affiliation", "committee", ROOT)],
    ids=lambda view: "-".join(view),
)
def test_no_combination_of_months_quarters_and_years_fixes_a_small_edge(
    demo: Store, gate: Gate, mode: str, view: tuple[str, str, str]
) -> None:
    """All periods of an edge together leave what moved along it in a month three steps of room or more."""
    months = [row["month"] for row in demo.ask("months")]
    periods = sorted({(months[max(0, at - n + 1)], months[at]) for at in range(12) for n in (1, 3, 12)})
    about = dict(zip(("basis", "level", "node"), view, strict=True))
    asked = {period: {**about, "from_month": period[0], "to_month": period[1]} for period in periods}
    true = {
        p: {(r["from_node"], r["to_node"]): r["n"] for r in demo.ask("flow_edges", **asked[p])}
        for p in periods
    }
    shown = {period: cells(gate.answer("flow_edges", mode, **asked[period])) for period in periods}
    known = sorted(
        {edge for period in periods for edge in shown[period]} & set(true[periods[-1]] | true[periods[0]])
    )
    tried = 0
    for edge in known[:: max(1, len(known) // 30)]:
        clues: list[Clue] = []
        for period in periods:
            months_of = tuple(at for at, month in enumerate(months) if period[0] <= month <= period[1])
            clues += clues_of(shown[period], true[period], {edge: months_of})
        attack = Attack(len(months), clues)
        for at, month in enumerate(months):
            n = true[month, month].get(edge, 0)
            if not 0 < n < 3:
                continue
            low, high = attack.interval([at])
            tried += 1
            assert low - 1e-6 <= n <= high + 1e-6
            assert high - low >= 3 - 1e-6, (edge, month, low, high)
    assert tried > 5


@pytest.mark.parametrize("mode", ["leader", "visitor"])
@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("way", [0, 1])
def test_nobody_can_subtract_a_towns_table_from_the_districts(
    demo: Store, gate: Gate, period: tuple[str, str], way: int, mode: str
) -> None:
    """What a community exchanges with one place, if below three, no combination of both tables fixes."""
    asked = {"basis": "place", "node": TOWN, "from_month": period[0], "to_month": period[1]}
    fine = {
        (r["from_node"], r["to_node"]): r["n"] for r in demo.ask("flow_edges", level="community", **asked)
    }
    coarse = {(r["from_node"], r["to_node"]): r["n"] for r in demo.ask("flow_edges", level="town", **asked)}
    town = cells(gate.answer("flow_edges", mode, level="town", **asked))
    below = cells(gate.answer("flow_edges", mode, level="community", **asked))
    names = sorted(edge for edge in fine if edge[way].startswith(TOWN) and not edge[1 - way].startswith(TOWN))
    number = {edge: at for at, edge in enumerate(names)}
    columns = {}
    for far in {edge[1 - way] for edge in names}:
        edge = (TOWN, far) if way == 0 else (far, TOWN)
        columns[edge] = tuple(number[one] for one in names if one[1 - way] == far)
    clues = clues_of(town, coarse, columns)
    clues += clues_of(
        {edge: n for edge, n in below.items() if edge in number}, fine, {e: (number[e],) for e in names}
    )
    for place in {edge[way] for edge in names}:  # what a community exchanges with all that are not named
        for far, ext in (("other", False), ("ext:other", True)):
            edge = (place, far) if way == 0 else (far, place)
            line = tuple(
                number[one]
                for one in names
                if one[way] == place and one not in below and one[1 - way].startswith("ext:") == ext
            )
            if edge in below and line:
                clues.append(Clue(line, 0, max(below[edge] + 4, sum(fine[names[at]] for at in line))))
    attack = Attack(len(names), clues)
    small = [at for at, name in enumerate(names) if 0 < fine[name] < 3][:40]
    assert small and clues
    for at in small:
        low, high = attack.interval([at])
        assert high - low >= 3 - 1e-6, (names[at], low, high)


@pytest.mark.parametrize("mode", ["leader", "visitor"])
def test_months_reasons_and_the_table_say_no_more_together(demo: Store, gate: Gate, mode: str) -> None:
    """Months are sums of the months' tables; reasons, routes and kinds beside them fix no small number."""
    months = [row["month"] for row in demo.ask("months")]
    for basis, node in (("place", ROOT), ("place", TOWN), ("place", COMMUNITY), ("affiliation", ROOT)):
        by_month = {row["month"]: row for row in gate.answer("flow_months", mode, basis=basis, node=node)}
        for period in (*PERIODS, (months[3], months[3])):
            span = {"from_month": period[0], "to_month": period[1]}
            head = gate.answer("flow_summary", mode, basis=basis, node=node, **span)[0]
            done = gate.answer("transfer_totals", mode, basis=basis, node=node, **span)[0]
            for name in ("moved_in", "moved_out", "inside"):
                assert head[name] == done[name]
                assert period[0] != period[1] or by_month[period[0]][name] == done[name]
            if period[0] == period[1]:
                steps = gate.answer("flow_pipeline", mode, basis=basis, node=node, month=period[0])
                ended = next(row["n"] for row in steps if row["status"] == "completed")
                sums = [done[name] for name in ("moved_in", "moved_out", "inside")]
                assert ended.value == (sum(n.value for n in sums) if all(n.shown for n in sums) else None)
            whole = demo.ask("gate_dated_moves", **span)
            assert whole
            shown = gate.answer("flow_mix", mode, basis=basis, node=node, **span)
            exactly = demo.ask("flow_mix", basis=basis, node=node, **span)
            names = [(row["dim"], row["direction"], row["band"]) for row in exactly]
            for dim in ("reason", "route", "scope"):
                own = [at for at, name in enumerate(names) if name[0] == dim]
                clues = []
                for row in shown:
                    at = names.index((row["dim"], row["direction"], row["band"]))
                    if row["dim"] == dim and (found := clue([own.index(at)], row["n"])):
                        clues.append(found)
                for name, way in (("moved_in", "in"), ("moved_out", "out"), ("inside", "inside")):
                    part = [place for place, at in enumerate(own) if names[at][1] == way]
                    sure = (
                        done[name].shown
                        and abs(done[name].value - sum(exactly[own[at]]["n"] for at in part)) <= 4
                    )
                    if part and sure and (found := clue(part, done[name])):
                        clues.append(found)
                if not clues:
                    continue
                attack = Attack(len(own), clues)
                for place, at in enumerate(own):
                    if 0 < exactly[at]["n"] < 3:
                        low, high = attack.interval([place])
                        assert high - low >= 3 - 1e-6, (names[at], low, high)


@settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_the_table_behind_what_is_published_is_the_exact_one(seed: int) -> None:
    """With nothing too small to be named, grouping by columns gives what adding move by move gives."""
    store = store_of(seed, 60)
    months = [row["month"] for row in store.ask("months")]
    for basis, level in (("place", "town"), ("affiliation", "committee")):
        places = read_places(store, basis)
        moves = moves_in(store, months[0], months[-1])
        publisher = Publisher(places, moves, "leader", Policy(flow_edge=1, flow_place=0), KEY)
        exactly = exact_cells(places, moves, level, places.root)
        view = view_of(publisher, level, places.root)
        assert {edge: group.size for edge, group in view.rows.items()} == {
            edge: exactly[edge] for edge in view.rows
        }
        assert set(view.rows) >= {edge for edge, n in exactly.items() if n >= 5}
        for edge, group in view.rows.items():
            assert sum(moves[row][2] for row in group.all().tolist()) == exactly[edge]
    store.close()


def test_a_visitors_edges_keep_an_interval(gate: Gate, demo: Store) -> None:
    """Rounded edges lie within four of what they merge, so each may be any of five numbers or more."""
    for period in PERIODS:
        asked = {
            "basis": "place",
            "level": "town",
            "node": ROOT,
            "from_month": period[0],
            "to_month": period[1],
        }
        true = {(row["from_node"], row["to_node"]): row["n"] for row in demo.ask("flow_edges", **asked)}
        shown = cells(gate.answer("flow_edges", "visitor", **asked))
        totals = gate.answer("flow_totals", "visitor", **asked)
        assert all(isinstance(row["net"], Figure) and row["net"].state == "rounded" for row in totals)
        for edge, n in shown.items():
            if edge[0] == edge[1] != "other" and edge in true:
                assert abs(n - true[edge]) < 5
        for way in ((True, False), (False, True), (False, False)):
            sums = [
                sum(n for edge, n in some.items() if way == tuple(end.startswith("ext:") for end in edge))
                for some in (shown, true)
            ]
            assert abs(sums[0] - sums[1]) < 5, "in, out and inside are each within four of the truth"


def test_what_is_traced_knows_nobody() -> None:
    facts = draw(3)
    facts["transfer"] = [
        {
            "transfer_id": "t-secret",
            "member_pid": "p-secret",
            "from_org_id": None,
            "to_org_id": facts["organisation"][0]["org_id"],
            "to_external": None,
            "from_external": "上海市",
            "reason": "随某人迁居",
            "status": "completed",
            "decided_at": facts["activity"][0]["start_at"],
        }
    ]
    store = opened(facts)
    months = [row["month"] for row in store.ask("months")]
    period = {"from_month": months[0], "to_month": months[-1]}
    mix = store.ask("flow_mix", basis="place", node=ROOT, **period)
    assert {row["band"] for row in mix if row["dim"] == "reason"} == {"其他"}
    for name in ("gate_moves", "gate_dated_moves"):
        assert "secret" not in repr(store.ask(name, **period)) and len(store.ask(name, **period)) == 1
    store.close()
