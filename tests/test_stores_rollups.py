"""Roll-ups say what plain slow Python says, and late sign-ins give what making them anew would give."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
import slow_answers as slow
from engines import Engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_district import LAST, ROOT, Rows, arrow, draw, sign_ins

from stores.errors import LoadError
from stores.store import LoadReport

SUMS = (
    "organisations committees general_branches branches members full_members probationary joined "
    "transfers_in transfers_out activities due attended on_leave dues_liable dues_paid "
    "study_members study_lagging study_hours"
).split()
ADDED_TO = ("signed", "held", "leaf", "tree", "institution_month", "week", "day", "heat", "heat_month")
ADDED_TO += ("domain_tree", "domain_heat")
DOMAIN_SUMS = (
    "organisations branches members activities due attended dues_liable dues_paid "
    "study_members study_lagging study_hours"
).split()
PARTITIONS = (
    ("domain_heat", "heat", "lod, cell_x, cell_y, month, day_kind, hour", "attended"),
    ("domain_heat", "heat_month", "lod, cell_x, cell_y, month", "activities"),
    ("domain_heat_members", "heat_members", "lod, cell_x, cell_y", "members"),
    ("domain_institution", "institution_month", "basis, node_id, month, institution", "held"),
    ("domain_annual", "annual", "basis, node_id, year", "appraised"),
    ("domain_annual", "annual", "basis, node_id, year", "org_life_branches_done"),
)
"""Tables by domain whose counts add up to those of a table of all: part, whole, common keys, a count."""
few = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def loaded(engine: Engine, rows: Rows, as_of: date | None = LAST) -> Any:
    """Load rows into an empty store; it may be the one of the example before."""
    store = engine.emptied()
    meta = {"as_of": str(as_of)} if as_of else {}
    tables = {name: arrow(name, part) for name, part in rows.items()}
    store.load(tables, LoadReport("random", datetime(2019, 3, 1), meta))
    return store


@few
@given(st.integers(0, 10**9))
def test_the_tree_counts_what_a_person_would_count(engine: Engine, seed: int) -> None:
    rows = draw(seed)
    store = loaded(engine, rows)
    found = engine.rows(store, f"select basis, node_id, month, {', '.join(SUMS)} from tree")
    counted = {row[:3]: dict(zip(SUMS, row[3:], strict=True)) for row in found}
    expected = slow.trees(rows, LAST)
    assert expected.keys() <= counted.keys()
    for key, counts in counted.items():
        assert {name: n for name, n in counts.items() if n} == pytest.approx(
            {name: n for name, n in expected.get(key, Counter()).items() if n}
        ), key


@few
@given(st.integers(0, 10**9))
def test_children_never_sum_to_more_than_their_parent(engine: Engine, seed: int) -> None:
    store = loaded(engine, draw(seed))
    for name in SUMS[:-1]:
        over = engine.rows(
            store,
            f"""
            select * from (
                select basis, parent_id, month, sum({name}) as n from tree
                where parent_id is not null group by 1, 2, 3
            ) c
            join tree p on p.basis = c.basis and p.node_id = c.parent_id and p.month = c.month
            where c.n > p.{name}""",
        )
        assert not over
    roots = engine.rows(
        store,
        f"""
        select month from tree where node_id = '{ROOT}' group by month
        having count(*) <> 2 or count(distinct (members, due, organisations)) <> 1""",
    )
    assert not roots


@few
@given(st.integers(0, 10**9))
def test_transfers_inside_into_and_out_of_every_node(engine: Engine, seed: int) -> None:
    rows = draw(seed)
    store = loaded(engine, rows)
    months = [row["month"] for row in store.ask("months")]
    for basis, node in engine.rows(store, "select basis, node_id from node"):
        answer = store.ask(
            "transfer_totals", basis=basis, node=node, from_month=months[0], to_month=months[-1]
        )[0]
        counted = (answer["inside"], answer["moved_in"], answer["moved_out"])
        assert counted == slow.moved(rows, basis, node, months)


@few
@given(st.integers(0, 10**9))
def test_one_domain_counts_what_a_person_would_count_of_it(engine: Engine, seed: int) -> None:
    rows = draw(seed)
    store = loaded(engine, rows)
    months = [row["month"] for row in store.ask("months")]
    names = [name for name in SUMS if name in DOMAIN_SUMS]
    found = engine.rows(store, f"select basis, node_id, month, domain, {', '.join(names)} from domain_tree")
    counted = {row[:4]: dict(zip(names, row[4:], strict=True)) for row in found}
    for domain in sorted({slow.domain_of(org) for org in rows["organisation"]}):
        for key, counts in slow.trees(rows, LAST, domain).items():
            assert {name: n for name, n in counted[*key, domain].items() if n} == pytest.approx(
                {name: n for name in names if (n := counts[name])}
            ), (key, domain)
        for basis, node in engine.rows(store, "select basis, node_id from node"):
            answer = store.ask(
                "transfer_totals_of_domain",
                basis=basis, node=node, from_month=months[0], to_month=months[-1], domain=domain,
            )[0]  # fmt: skip
            totals = (answer["inside"], answer["moved_in"], answer["moved_out"])
            assert totals == slow.moved(rows, basis, node, months, domain)


@few
@given(st.integers(0, 10**9))
def test_the_domains_sum_to_the_whole(engine: Engine, seed: int) -> None:
    store = loaded(engine, draw(seed))
    for part, whole, keys, name in PARTITIONS:
        wrong = engine.rows(
            store,
            f"""
            select * from (select {keys}, sum({name}) as n from {part} group by {keys}) p
            full join (select {keys}, sum({name}) as n from {whole} group by {keys}) w using ({keys})
            where coalesce(p.n, 0) <> coalesce(w.n, 0)""",
        )
        assert not wrong, part


@few
@given(st.integers(0, 10**9))
def test_members_divide_without_rest_in_every_dimension(engine: Engine, seed: int) -> None:
    store = loaded(engine, draw(seed))
    wrong = engine.rows(
        store,
        """
        select c.*, t.members from (
            select basis, node_id, month, dim, sum(n) as n from member_cube group by 1, 2, 3, 4
        ) c
        join tree t on t.basis = c.basis and t.node_id = c.node_id and t.month = c.month
        where c.n <> t.members""",
    )
    assert not wrong
    missing = engine.rows(
        store,
        """
        select t.basis, t.node_id, t.month from tree t
        where t.members > 0 and t.level in ('district', 'town', 'community', 'committee', 'general_branch')
        and (select count(distinct dim) from member_cube c
             where c.basis = t.basis and c.node_id = t.node_id and c.month = t.month) <> 6""",
    )
    assert not missing


@few
@given(st.integers(0, 10**9), st.integers(1, 4))
def test_late_sign_ins_give_what_making_all_anew_gives(engine: Engine, seed: int, batches: int) -> None:
    rows = draw(seed)
    dice = random.Random(seed + 1)
    store = loaded(engine, rows)
    for _ in range(batches):
        late = sign_ins(dice, rows, dice.randint(1, 12))
        before = store.version
        taken, known = store.append_attendance(arrow("attendance", late))
        assert taken + known == len(late)
        assert (store.version > before) == (taken > 0)
    added = {table: sorted(engine.rows(store, f"select * from {table}"), key=str) for table in ADDED_TO}
    last = store.ask("freshness")[0]["last_event_at"]
    store.rebuild()
    for table in ADDED_TO:
        assert added[table] == sorted(engine.rows(store, f"select * from {table}"), key=str), table
    assert last == store.ask("freshness")[0]["last_event_at"]


def in_pieces(table: pa.Table, size: int) -> Iterator[pa.Table]:
    """Cut a table, each piece overlapping the next by a row."""
    for start in range(0, table.num_rows, size):
        yield table.slice(start, size + 1)


@few
@given(st.integers(0, 10**9), st.integers(1, 40))
def test_events_in_pieces_are_taken_as_one_table_would_be(engine: Engine, seed: int, size: int) -> None:
    rows, compared = draw(seed), (*ADDED_TO, "study_month", "studied")
    whole = loaded(engine, rows)
    expected = {table: engine.table(whole, table) for table in compared}
    cut = engine.emptied()
    tables: dict[str, Any] = {name: arrow(name, part) for name, part in rows.items()}
    offered = 0
    for name in ("attendance", "study_record"):
        offered += sum(piece.num_rows for piece in in_pieces(tables[name], size))
        tables[name] = in_pieces(tables[name], size)
    done = cut.load(tables, LoadReport("random", datetime(2019, 3, 1), {"as_of": str(LAST)}))
    for table in compared:
        assert engine.table(cut, table) == expected[table], table
    events = ("attendance", "study_record")
    assert sum(done.accepted.get(name, 0) + done.duplicate.get(name, 0) for name in events) == offered


def test_a_piece_that_fails_leaves_the_store_as_it_was(engine: Engine) -> None:
    store = engine.store()
    tables: dict[str, Any] = {name: arrow(name, part) for name, part in draw(1).items()}
    before = store.version

    def torn() -> Iterator[pa.Table]:
        yield tables["attendance"].slice(0, 3)
        raise LoadError("the second file is torn")

    report = LoadReport("random", datetime(2019, 3, 1), {"as_of": str(LAST)})
    with pytest.raises(LoadError, match="torn"):
        store.load({**tables, "attendance": torn()}, report)
    assert store.version == before
    assert engine.rows(store, "select count(*) from attendance") == [(0,)]
    assert engine.rows(store, "select count(*) from member") == [(0,)]
    assert store.load(tables, report).accepted["attendance"] > 0


def test_a_loop_of_superiors_is_cut_at_the_district(engine: Engine) -> None:
    orgs = [
        {"org_id": "O1", "kind": "committee", "parent_org_id": "O2"},
        {"org_id": "O2", "kind": "committee", "parent_org_id": "O1"},
        {"org_id": "O3", "kind": "branch", "parent_org_id": "O1"},
    ]
    store = loaded(engine, {"organisation": orgs})
    chains = {row["org_id"]: [] for row in orgs}
    for org in chains:
        chains[org] = [row["node_id"] for row in store.ask("ancestors", basis="affiliation", node=org)]
    assert chains == {"O1": [ROOT, "O1"], "O2": [ROOT, "O2"], "O3": [ROOT, "O1", "O3"]}


def test_the_building_decides_the_community(engine: Engine) -> None:
    rows: Rows = {
        "region": [
            {"region_id": "320115001", "level": "town", "parent_id": ROOT},
            {"region_id": "320115001001", "level": "community", "parent_id": "320115001"},
            {"region_id": "320115001002", "level": "community", "parent_id": "320115001"},
        ],
        "building": [{"building_id": "B1", "community_id": "320115001002"}],
        "organisation": [
            {"org_id": "O1", "kind": "branch", "region_id": "320115001001", "building_id": "B1", "floor": 3}
        ],
    }
    store = loaded(engine, rows)
    chain = [row["node_id"] for row in store.ask("ancestors", basis="place", node="B1/3")]
    assert chain == [ROOT, "320115001", "320115001002", "B1", "B1/3"]
    figures = store.ask("headline", basis="place", node="320115001001", month="2019-02")
    assert figures[0]["organisations"] == 0


def test_an_open_transfer_is_overdue_after_five_workdays(engine: Engine) -> None:
    step = {"O1": datetime(2019, 2, 20, 9), "O2": datetime(2019, 2, 21, 9)}
    transfers = [
        {"transfer_id": org, "from_org_id": org, "status": "pending_from_branch", "step_entered_at": at,
         "applied_on": date(2019, 1, 10)}
        for org, at in step.items()
    ]  # fmt: skip
    orgs = [{"org_id": org, "kind": "branch"} for org in step]
    store = loaded(engine, {"organisation": orgs, "transfer": transfers})
    rows = store.ask("transfer_pipeline", basis="place", node=ROOT, month="2019-02")
    assert [(row["status"], row["n"], row["overdue"]) for row in rows] == [("pending_from_branch", 2, 1)]


@pytest.mark.parametrize(("born", "band"), [(1989, "≤30"), (1988, "31–35"), (1959, "56–60"), (1958, "≥61")])
def test_age_is_the_year_less_the_year_of_birth(engine: Engine, born: int, band: str) -> None:
    rows: Rows = {
        "organisation": [{"org_id": "O1", "kind": "branch"}],
        "member": [{"member_pid": "m", "branch_id": "O1", "status": "full", "birth_year": born}],
    }
    store = loaded(engine, rows)
    mix = store.ask("member_mix", basis="place", node=ROOT, month="2019-02", dim="age")
    assert [(row["band"], row["n"]) for row in mix] == [(band, 1)]
