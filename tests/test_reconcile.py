"""Two offices report one transfer differently: it is counted once, and what does not match is listed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from intake_folder import Desk, write_csv

from loaders.known import usual

SENT = ["转接编号", "党员编码", "转出党组织编码", "转入党组织编码", "状态", "申请日期", "办结时间"]
CAME = ["转接编码", "党员编码", "转出党组织", "转入基层党组织", "转接状态", "申请时间", "办理时间"]
Rows = Sequence[Sequence[Any]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a store that knows three organisations and three members."""
    made = Desk(tmp_path)
    made.load()
    yield made
    made.store.close()


def sent(number: str, member: str, way: str, day: str, status: str = "完成") -> list[Any]:
    """Write a row of the sending office: way 'O2O3' from O2 to O3."""
    return [number, member, way[:2], way[2:], status, "", f"{day} 10:00"]


def came(number: str, member: str, way: str, day: str, status: str = "已完成") -> list[Any]:
    """Write a row of the receiving office."""
    return [number, member, way[:2], way[2:], status, "", f"{day} 16:00" if day else ""]


def load(desk: Desk, folder: Path, one: Rows, two: Rows) -> Any:
    """Load both sheets."""
    if one:
        write_csv(folder / "1转出.csv", [SENT, *one])
    if two:
        write_csv(folder / "2转入.csv", [CAME, *two])
    report = desk.load(folder)
    assert all(file.read == file.accepted + file.rejected + file.duplicate for file in report.files)
    return report


def stored(desk: Desk) -> list[tuple[str, str]]:
    """Give number and day of all transfers."""
    return [(row[0], str(row[1])[:10]) for row in desk.rows("transfer", "transfer_id", "decided_at")]


def kinds(report: Any) -> list[tuple[str, str, str]]:
    """Give what the list says."""
    return [(one.kind, one.transfer_id, one.other_id) for one in report.findings]


def test_one_transfer_told_twice_counts_once(desk: Desk, tmp_path: Path) -> None:
    two = [["J1", "M1", "中共中前社区支部委员会", "东山社区 党支部", "已完成", "", "2019-01-12"]]
    report = load(desk, tmp_path / "a", [sent("Z1", "M1", "O2O3", "2019-01-10")], two)
    assert stored(desk) == [("Z1", "2019-01-10")]
    assert kinds(report) == [("matched", "Z1", "J1")] and report.findings[0].days == 2
    assert [(one.accepted, one.duplicate) for one in report.files] == [(1, 0), (0, 1)]
    assert desk.rows("transfer", "source_id") == [("1转出.csv + 2转入.csv",)]
    again = desk.load(tmp_path / "a")
    assert [(one.accepted, one.duplicate) for one in again.files] == [(0, 1), (0, 1)]
    assert stored(desk) == [("Z1", "2019-01-10")]


def test_the_list_is_a_file_without_members(desk: Desk, tmp_path: Path) -> None:
    report = load(
        desk,
        tmp_path / "a",
        [sent("Z1", "M1", "O2O3", "2019-01-10"), sent("Z2", "M2", "O2O3", "2019-01-10")],
        [came("J1", "M1", "O2O3", "2019-01-12"), came("J2", "M3", "O3O2", "2019-01-12")],
    )
    with (tmp_path / "a" / "rejects" / "转接核对.csv").open(encoding="utf-8-sig") as file:
        lines = list(csv.reader(file))
    assert len(lines) == 3 and {line[0] for line in lines[1:]} == {"已合并", "仅一方登记，已导入"}
    assert not any("M1" in cell or cell.startswith("=") for line in lines for cell in line)
    assert kinds(report) == [("alone", "J2", ""), ("matched", "Z1", "J1")]
    assert len(stored(desk)) == 3


def test_there_and_back_are_two(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2019-01-10"), sent("Z2", "M1", "O3O2", "2019-01-20")]
    two = [came("J2", "M1", "O3O2", "2019-01-21"), came("J1", "M1", "O2O3", "2019-01-09")]
    report = load(desk, tmp_path / "a", one, two)
    assert kinds(report) == [("matched", "Z1", "J1"), ("matched", "Z2", "J2")]
    assert [row[0] for row in stored(desk)] == ["Z1", "Z2"]


def test_the_nearest_date_wins_and_a_second_move_stays(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2018-03-01"), sent("Z2", "M1", "O2O3", "2018-03-25")]
    report = load(desk, tmp_path / "a", one, [came("J1", "M1", "O2O3", "2018-03-20")])
    assert kinds(report) == [("matched", "Z2", "J1")]
    assert [row[0] for row in stored(desk)] == ["Z1", "Z2"]


def test_two_equally_near_are_listed_not_guessed(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2018-03-01"), sent("Z2", "M1", "O2O3", "2018-03-11")]
    report = load(desk, tmp_path / "a", one, [came("J1", "M1", "O2O3", "2018-03-06")])
    assert kinds(report) == [("held", "J1", "Z1")] and report.exit_code == 1
    assert report.rejects[0].code == "two_sides" and report.rejects[0].row == 2
    assert [row[0] for row in stored(desk)] == ["Z1", "Z2"]


def test_a_wrong_year_is_held_back(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2019-01-10")]
    report = load(desk, tmp_path / "a", one, [came("J1", "M1", "O2O3", "2018-01-10")])
    assert kinds(report) == [("held", "J1", "Z1")] and report.findings[0].days == 365
    assert stored(desk) == [("Z1", "2019-01-10")]


def test_the_receiver_knows_more_of_how_it_ended(desk: Desk, tmp_path: Path) -> None:
    open_ = ["Z1", "M1", "O2", "O3", "接收审批", "2019-01-05", ""]
    load(desk, tmp_path / "a", [open_], [came("J1", "M1", "O2O3", "2019-01-12")])
    assert desk.rows("transfer", "transfer_id", "status") == [("Z1", "completed")]
    load(desk, tmp_path / "b", [open_], [])
    assert desk.rows("transfer", "transfer_id", "status") == [("Z1", "completed")]


def test_contradicting_ends_are_held_back(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2019-01-10", "退回")]
    report = load(desk, tmp_path / "a", one, [came("J1", "M1", "O2O3", "2019-01-12")])
    assert kinds(report) == [("held", "J1", "Z1")] and len(stored(desk)) == 1


def test_another_member_or_another_end_never_joins(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2019-01-10")]
    two = [came("J1", "M2", "O2O3", "2019-01-10"), came("J2", "M1", "O2O1", "2019-01-10")]
    report = load(desk, tmp_path / "a", one, two)
    assert not report.findings and len(stored(desk)) == 3


def test_rows_of_one_office_never_join(desk: Desk, tmp_path: Path) -> None:
    one = [sent("Z1", "M1", "O2O3", "2019-01-10"), sent("Z2", "M1", "O2O3", "2019-01-12")]
    assert not load(desk, tmp_path / "a", one, []).findings
    assert len(stored(desk)) == 2


def test_the_other_side_may_come_later_and_first(desk: Desk, tmp_path: Path) -> None:
    load(desk, tmp_path / "a", [], [came("J1", "M1", "O2O3", "2019-01-12")])
    report = load(desk, tmp_path / "b", [sent("Z1", "M1", "O2O3", "2019-01-10")], [])
    assert kinds(report) == [("matched", "J1", "Z1")]
    assert stored(desk) == [("J1", "2019-01-12")]
    load(desk, tmp_path / "b", [sent("Z1", "M1", "O2O3", "2019-01-10")], [])
    assert stored(desk) == [("J1", "2019-01-12")]


def test_whatever_order_the_rows_stand_in_the_count_is_the_same(desk: Desk, tmp_path: Path) -> None:
    dice = random.Random(5)
    days = [f"2018-{month:02}-{day:02}" for month in range(1, 13, 2) for day in (3, 17)]
    one = [sent(f"Z{n}", "M1", "O2O3", day) for n, day in enumerate(days)]
    two = [came(f"J{n}", "M1", "O2O3", f"{day[:-2]}{int(day[-2:]) + 2:02}") for n, day in enumerate(days)]
    for turn in range(3):
        dice.shuffle(one)
        dice.shuffle(two)
        report = load(desk, tmp_path / f"t{turn}", one, two)
        assert sorted(kinds(report)) == sorted(("matched", f"Z{n}", f"J{n}") for n in range(len(days)))
        assert len(stored(desk)) == len(days)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("中共东山街道工作委员会", "东山街道党工委"),
        ("中国共产党某公司支部委员会", "某公司党支部"),
        ("某社区总支部委员会", "某社区 党总支"),
        ("某局委员会", "中共某局党委"),
    ],
)
def test_usual_names_of_one_organisation_agree(one: str, two: str) -> None:
    assert usual(one) == usual(two)
    assert usual("某局党委") != usual("某局党支部")
