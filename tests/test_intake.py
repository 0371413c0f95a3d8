"""A folder of office files goes in whole or not at all, and every row is accounted for."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_folder import ACTIVITIES, MEMBERS, SECRETS, SIGN_INS, Desk, regions, write_csv, write_xlsx
from rich.console import Console

from geo.coordinates import convert
from loaders.intake import LoadCancelledError
from stores.errors import LoadError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a folder beside an empty store."""
    made = Desk(tmp_path)
    yield made
    made.store.close()


def balanced(report: Any) -> bool:
    """Tell whether each file's rows add up."""
    return all(one.read == one.accepted + one.rejected + one.duplicate for one in report.files)


def test_a_whole_folder_goes_in(desk: Desk) -> None:
    report = desk.load()
    assert [(one.layout, one.read, one.accepted) for one in report.files] == [
        ("region", 4, 4),
        ("organisation", 3, 3),
        ("member", 3, 3),
        ("activity", 2, 2),
        ("attendance", 3, 3),
    ]
    assert report.exit_code == 0 and report.batch_id == 1 and not report.rejects
    assert desk.rows("member", "branch_id", "sex", "birth_year", "education", "joined_month") == [
        ("O2", "f", 1980, "college", "2018-03"),
        ("O2", "m", 1970, "bachelor", "1999-07"),
        ("O3", "f", 1990, "postgrad", "2015-07"),
    ]
    assert [str(row[0]) for row in desk.rows("organisation", "founded_on")] == [
        "1999-07-01",
        "2001-03-05",
        "2018-03-05",
    ]
    assert dict(desk.store.status().meta)["data_label"] == "test"


def test_coordinates_are_converted(desk: Desk) -> None:
    desk.load()
    found = {key: (lon, lat) for key, lon, lat in desk.rows("organisation", "org_id", "lon", "lat")}
    assert found["O1"] == pytest.approx(convert(118.85, 31.95, "gcj02", "wgs84"), abs=1e-9)
    assert found["O3"] == (None, None)


def test_free_text_is_kept_of_public_rows_alone(desk: Desk) -> None:
    desk.load()
    assert desk.rows("activity", "activity_id", "title") == [("A1", "公开的活动"), ("A2", None)]


def test_loading_twice_changes_nothing(desk: Desk) -> None:
    first = desk.load()
    before = [desk.rows(table, *columns) for table, columns in WHOLE.items()]
    second = desk.load()
    assert second.accepted == 0 and second.rejected == 0 and second.duplicate == first.read == second.read
    assert [desk.rows(table, *columns) for table, columns in WHOLE.items()] == before


WHOLE = {
    "member": ("member_pid", "branch_id", "sex"),
    "organisation": ("org_id", "lon", "lat"),
    "attendance": ("activity_id", "member_pid", "at"),
}


def test_nothing_of_a_person_is_left_anywhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    shifted = [
        *MEMBERS,
        [4, "M4", "男", SECRETS[0], SECRETS[2], "1970", "大专", SECRETS[3], "O2", "2018", "", SECRETS[4]],
    ]
    write_xlsx(desk.folder / "党员花名册.xlsx", "花名册", shifted)
    report = desk.load()
    assert report.rejected == 1
    console = Console(record=True, width=200, file=io.StringIO())
    console.print(report.table(), report.reject_table())
    told = console.export_text() + caplog.text + repr(report)
    desk.store.close()
    files = [path.read_bytes() for path in desk.data.rglob("*") if path.is_file()]
    assert files
    for secret in SECRETS:
        assert secret not in told
        assert not any(secret.encode() in data for data in files), secret
    assert "姓名" in console.export_text(clear=False) or "姓名" in told
    names = {part["column"]: part["count"] for one in report.files for part in one.dropped_columns}
    assert names == {"联系电话": 2, "姓名": 4, "公民身份号码": 4, "手机号码": 2, "家庭住址": 4}


def test_pseudonyms_hang_on_a_key_outside_the_store(desk: Desk) -> None:
    desk.load()
    key = desk.data / "pseudonym.key"
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32
    pids = [row[0] for row in desk.rows("member", "member_pid")]
    assert all(len(pid) == 32 and int(pid, 16) >= 0 for pid in pids) and len(set(pids)) == 3
    assert {row[0] for row in desk.rows("attendance", "member_pid")} == set(pids)


def test_rejected_rows_come_back_to_be_mended(desk: Desk) -> None:
    write_csv(
        desk.folder / "签到记录_2019-02.csv",
        [
            *SIGN_INS,
            ["A9", "M1", "2019-02-15 08:55", "刷卡", "有效"],
            ["A1", "M9", "2019-02-15 08:55", "刷卡", "有效"],
            ["A2", "M1", "2019-02-30", "刷卡", "有效"],
            ["A2", "M2", "2019-02-16", "飞鸽", "有效"],
        ],
        "gb18030",
    )
    report = desk.load()
    assert balanced(report) and report.exit_code == 1
    assert [(one.row, one.column, one.code) for one in report.rejects] == [
        (5, "活动编号", "unknown"),
        (6, "党员编码", "unknown"),
        (7, "签到时间", "time"),
        (8, "签到方式", "word"),
    ]
    assert [one.value for one in report.rejects] == ["A9", "（不保存）", "2019-02-30", "（不保存）"]
    assert all(one.reason and one.advice for one in report.rejects)
    back = desk.folder / report.reject_files[0]
    text = back.read_text("gb18030")
    assert back.parent.name == "rejects" and "M9" in text and "退回原因" in text
    back.write_bytes(
        text.replace("A9", "A2")
        .replace("M9", "M3")
        .replace("2019-02-30", "2019-02-16 09:00")
        .replace("飞鸽", "刷卡")
        .encode("gb18030")
    )
    mended = desk.load(desk.folder / "rejects")
    # A2 with M1 stands twice after mending: the first word counts
    assert (mended.read, mended.accepted, mended.duplicate, mended.rejected) == (4, 3, 1, 0)
    assert not mended.files[0].unknown_columns
    assert desk.load().rejected == 4
    assert back.read_text("gb18030").count("A9") == 0, "what somebody mends is not written over"


def test_late_files_find_what_they_refer_to_in_the_store(desk: Desk, tmp_path: Path) -> None:
    desk.load()
    late = tmp_path / "late"
    write_csv(late / "签到补录.tsv", [SIGN_INS[0], ["A2", "M1", "43512.375", "补录", "有效"]], "utf-8", "\t")
    report = desk.load(late)
    assert (report.accepted, report.rejected) == (1, 0) and report.files[0].recognised
    assert "2019-02-16 09:00:00" in {str(row[0]) for row in desk.rows("attendance", "at")}


def test_unknown_columns_are_named(desk: Desk) -> None:
    rows = [[*row, extra] for row, extra in zip(SIGN_INS, ["体温", 36, 36, 37], strict=True)]
    write_csv(
        desk.folder / "签到记录_2019-02.csv",
        [[*row, "x"] if at else [*row, "签到状态"] for at, row in enumerate(rows)],
    )
    report = desk.load()
    assert report.files[-1].unknown_columns == ["体温", "签到状态 (2)"]
    assert report.accepted == report.read


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ('crs = "gcj02"\n', ("党组织信息.xlsx", "coordinates", "crs", "gcj02", "ejia-source.toml")),
        ('code_system = "nbs"\n', ("区划.geojson", "code_system", "nbs, mca")),
    ],
)
def test_what_is_not_declared_is_not_guessed(desk: Desk, declared: str, words: tuple[str, ...]) -> None:
    path = desk.folder / "ejia-source.toml"
    path.write_text(path.read_text("utf-8").replace(declared, ""), "utf-8")
    with pytest.raises(LoadError) as refused:
        desk.load()
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert desk.store.version == 0 and not desk.rows("region", "region_id")


def test_codes_of_the_other_system_are_noticed_by_name(desk: Desk) -> None:
    found = regions()
    found["features"][1]["properties"].update({"区划代码": "320115004", "名称": "禄口街道"})
    (desk.folder / "区划.geojson").write_text(json.dumps(found), "utf-8")
    with pytest.raises(LoadError, match=r"declared nbs, where 320115004 is 淳化街道.*mca"):
        desk.load()


def test_a_region_under_another_name_is_pointed_out(desk: Desk) -> None:
    desk.load()
    found = regions()
    found["features"][2]["properties"]["名称"] = "别的社区"
    (desk.folder / "区划.geojson").write_text(json.dumps(found), "utf-8")
    report = desk.load()
    assert [
        note for note in report.notes if "320115001001" in note and "中前社区" in note and "别的社区" in note
    ]


def test_codes_of_the_other_system_are_translated(desk: Desk) -> None:
    found = regions()
    found["features"] = found["features"][:2]
    found["features"][1]["properties"].update({"区划代码": "320115004", "名称": "禄口街道"})
    (desk.folder / "区划.geojson").write_text(json.dumps(found), "utf-8")
    for path in desk.folder.glob("[!区e]*"):
        path.unlink()
    toml = desk.folder / "ejia-source.toml"
    toml.write_text(toml.read_text("utf-8").replace('"nbs"', '"mca"'), "utf-8")
    assert desk.load().accepted == 2
    assert desk.rows("region", "region_id", "code_system") == [("320115", "nbs"), ("320115005", "nbs")]


@pytest.mark.parametrize(
    ("said", "declared", "fits"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84", True),
        ("EPSG:4490", "cgcs2000", True),
        ("urn:ogc:def:crs:EPSG::4490", "gcj02", False),
        ("EPSG:3395", "gcj02", False),
        ("EPSG:27700", "wgs84", False),
        ("nonsense", "wgs84", False),
    ],
)
def test_the_crs_member_is_checked(desk: Desk, said: str, declared: str, fits: bool) -> None:
    found = {"crs": {"type": "name", "properties": {"name": said}}, **regions()}
    (desk.folder / "区划.geojson").write_text(json.dumps(found), "utf-8")
    toml = desk.folder / "ejia-source.toml"
    toml.write_text(toml.read_text("utf-8").replace('crs = "wgs84"', f'crs = "{declared}"', 1), "utf-8")
    if fits:
        assert desk.load().rejected == 0
    else:
        with pytest.raises(LoadError, match=r"区划\.geojson"):
            desk.load()


def test_parents_that_lead_nowhere_or_in_a_circle_are_rejected(desk: Desk) -> None:
    from intake_folder import ORGANISATIONS

    more = [
        ["O4", "甲", "党支部", "O5", "", "", "", "", ""],
        ["O5", "乙", "党支部", "O4", "", "", "", "", ""],
        ["O6", "丙", "党支部", "O7", "", "", "", "", ""],
        ["O8", "丁", "党支部", "320115", "", "", "", "", ""],
        ["O9", "戊", "党支部", "东山街道党委", "", "", "", "", ""],
    ]
    write_xlsx(desk.folder / "党组织信息.xlsx", "表", [*ORGANISATIONS, *more])
    report = desk.load()
    assert sorted((one.row, one.code) for one in report.rejects) == [
        (7, "circle"),
        (8, "circle"),
        (9, "unknown"),
    ]
    parents = dict(desk.rows("organisation", "org_id", "parent_org_id"))
    assert parents["O8"] is None and parents["O9"] == "O1" and balanced(report)


def test_the_same_key_with_other_content_is_rejected(desk: Desk) -> None:
    write_xlsx(
        desk.folder / "党员花名册.xlsx",
        "表",
        [*MEMBERS, MEMBERS[1], [*MEMBERS[2][:3], "男", *MEMBERS[2][4:]]],
    )
    report = desk.load()
    member = next(one for one in report.files if one.layout == "member")
    assert (member.read, member.accepted, member.duplicate, member.rejected) == (5, 3, 1, 1)
    assert report.rejects[0].code == "twice" and report.rejects[0].value == "（不保存）"


def test_a_bad_folder_is_refused_with_a_sentence(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    cases = {
        tmp_path / "nowhere": "does not exist",
        tmp_path / "empty": "no file that can be read",
        desk.data / "ejia.duckdb": "is no folder",
    }
    for folder, words in cases.items():
        with pytest.raises(LoadError, match=words):
            desk.load(folder)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("签到记录_2019-02.csv", b""),
        ("签到记录_2019-02.csv", b"\xff\xfe\x00"),
        ("签到记录_2019-02.csv", b"a,b\n1,2\n"),
        ("党员花名册.xlsx", b"PK no workbook"),
        ("区划.geojson", b"{"),
        ("区划.geojson", b"[]"),
        ("区划.geojson", b'{"features": [{"geometry": {"type": "Point"}, "properties": {}}]}'),
        ("ejia-source.toml", b"[[file]\n"),
        ("ejia-source.toml", b'[[file]]\npath = "../x"\n'),
        ("ejia-source.toml", b'[[file]]\npath = "x"\ncrs = "mars"\n'),
    ],
)
def test_a_damaged_file_leaves_the_store_as_it_was(desk: Desk, name: str, data: bytes) -> None:
    if name.startswith("签到"):
        toml = desk.folder / "ejia-source.toml"
        toml.write_text(
            toml.read_text("utf-8") + f'\n[[file]]\npath = "{name}"\nlayout = "attendance"\n', "utf-8"
        )
    (desk.folder / name).write_bytes(data)
    with pytest.raises(LoadError, match=name):
        desk.load()
    assert desk.store.version == 0 and not desk.rows("member", "member_pid")


def test_cancel_rolls_everything_back(desk: Desk) -> None:
    for stop_at in (1, 3, 6, 8):
        asked = iter(range(1000))
        with pytest.raises(LoadCancelledError):
            desk.load(cancel=lambda asked=asked, stop_at=stop_at: next(asked) >= stop_at)
        assert desk.store.version == 0 and not desk.rows("region", "region_id")
    assert desk.load().accepted == 15


def test_progress_runs_from_the_files_to_the_store(desk: Desk) -> None:
    told: list[tuple[str, int, int]] = []
    desk.load(progress=lambda what, done, total: told.append((what, done, total)))
    assert all(0 <= done <= total for _, done, total in told)
    assert told[0][0] == "区划.geojson" and told[-1][0].startswith("store: ")


DAMAGE = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(0, 4),
        st.sampled_from(["", "坏", "2019-13-01", "A1", "9" * 20, "1,2", '"']),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=DAMAGE, seed=st.integers(0, 1000))
def test_rows_add_up_whatever_the_damage(
    tmp_path_factory: pytest.TempPathFactory, damage: list[Any], seed: int
) -> None:
    desk = Desk(tmp_path_factory.mktemp("damage"))
    draw = random.Random(seed)
    rows = [list(SIGN_INS[0])] + [
        [draw.choice(["A1", "A2"]), draw.choice(["M1", "M2", "M3"]), "2019-02-15 09:00", "刷卡", "有效"]
        for _ in range(31)
    ]
    for row, column, text in damage:
        rows[row + 1][column] = text
    if damage and seed % 2:
        rows[1 + damage[0][0]].append("多余")
    write_csv(desk.folder / "签到记录_2019-02.csv", rows)
    report = desk.load()
    desk.store.close()
    entry = report.files[-1]
    empty = sum(not any(row) for row in rows)
    assert balanced(report) and entry.read == 31 - empty
    assert entry.rejected == len(report.rejects) and entry.accepted <= 6


def test_activities_keep_their_codes(desk: Desk) -> None:
    desk.load()
    assert desk.rows("activity", "activity_id", "institution", "status") == [
        ("A1", "theme_day", "held"),
        ("A2", "lecture", "held"),
    ]
    assert len(ACTIVITIES) == 3
