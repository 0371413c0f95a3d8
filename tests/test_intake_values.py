"""Cells are read as offices write them, and never as something they do not say."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import dates
from loaders.declaration import matches
from loaders.layouts import Column, fit, is_personal, layouts, recognise
from loaders.pseudonyms import Pseudonyms
from loaders.sheets import plain
from loaders.values import city, lost_digits, parse

DAYS = st.dates(dt.date(1900, 3, 1), dt.date(2100, 12, 31))
FORMS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%Y-%m-%d 00:00:00",
    "%Y-%m-%dT00:00:00",
)


def read(kind: str, *cells: str | None, **rest: object) -> tuple[list[object], list[bool]]:
    """Read cells as a kind."""
    values, bad = parse(pa.array(cells, pa.string()), Column("x", kind, (), {}, **rest))  # type: ignore[arg-type]
    return values.to_pylist(), bad.tolist()


@given(day=DAYS, form=st.sampled_from(FORMS))
def test_a_day_is_read_in_every_form(day: dt.date, form: str) -> None:
    text = day.strftime(form)
    assert dates.day(text) == day
    assert dates.month(text) == f"{day.year:04}-{day.month:02}"
    assert dates.year(text) == day.year


@given(day=DAYS)
def test_spreadsheet_serials_are_days(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    if serial <= 80_000 and not 1900 <= serial <= 2100:
        assert dates.day(str(serial)) == day
        assert dates.time(f"{serial}.5") == dt.datetime.combine(day, dt.time(12))


@given(at=st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 12, 31)))
def test_times_come_back(at: dt.datetime) -> None:
    at = at.replace(microsecond=0)
    cells = (
        at.strftime("%Y-%m-%d %H:%M:%S"),
        at.strftime("%Y/%m/%d %H:%M:%S"),
        at.strftime("%Y年%m月%d日 %H:%M:%S"),
    )
    assert read("time", *cells) == ([at] * 3, [False] * 3)


@given(text=st.text(max_size=20))
def test_whatever_stands_in_a_cell_is_read_or_refused(text: str) -> None:
    for kind in ("day", "month", "year", "time", "int", "number", "flag", "city", "id", "text", "code"):
        values, bad = read(kind, text)
        assert not (bad[0] and values[0] is not None)


@pytest.mark.parametrize(
    "text", ["2019-02-30", "2019-13-01", "1899-12-31", "2101-01-01", "30/12/2018", "昨天", "9", "81000"]
)
def test_what_is_no_day_is_no_day(text: str) -> None:
    assert dates.day(text) is None


def test_impossible_times_beside_good_ones() -> None:
    values, bad = read(
        "time", "2019-02-28 10:00:00", "2019-02-30 10:00:00", "2019-02-28 25:00:00", None, "2019-02-28 10:00"
    )
    assert bad == [False, True, True, False, False]
    assert values[0] == values[4] == dt.datetime(2019, 2, 28, 10)


def test_zones_become_local() -> None:
    assert dates.time("2019-02-28T20:30:00Z") == dt.datetime(2019, 3, 1, 4, 30)
    assert dates.time("2019-02-28 20:30:00+08:00") == dt.datetime(2019, 2, 28, 20, 30)


def test_a_month_is_a_day_only_where_that_will_do() -> None:
    assert dates.day("2018-03") is None
    assert dates.day("2018年3月", month_will_do=True) == dt.date(2018, 3, 1)


def test_whole_numbers() -> None:
    cells = ("12", "12.0", "１２", "1,234", "3层", "B2", "三星", "五星级", "未定级", "-1", "1.5", "约10")
    values, bad = read("int", *cells)
    assert values == [12, 12, 12, 1234, 3, -2, 3, 5, 0, -1, None, None]
    assert bad == [False] * 10 + [True] * 2


def test_numbers_that_lost_their_digits_are_refused() -> None:
    values, bad = read(
        "id", "3.20115199001011E+17", "320115001.0", " Ｏ０１ ", "'00123", "320115199001011234"
    )
    assert values == [None, "320115001", "O01", "00123", "320115199001011234"]
    assert bad == [True, False, False, False, False]
    assert lost_digits("3.20115199001011E+17") and not lost_digits("1E5")


def test_people_go_no_finer_than_a_city() -> None:
    assert city("江苏省苏州市工业园区") == "江苏省苏州市"
    assert city("安徽合肥") == "安徽合肥" and city("上海市") == "上海市"
    assert city("欧阳测试") is None and city("测试路八十八号") is None and city("江苏13800138000") is None


def test_headers_are_compared_without_their_dress() -> None:
    assert plain("任期（年）") == plain("任期(年)") and plain(" *姓 名：\n") == "姓名"
    assert is_personal("入党介绍人2") and is_personal("固定电话（区号）") and not is_personal("党组织编码")


def test_every_layout_knows_its_own_title_row() -> None:
    for layout in layouts().values():
        headers = [column.names[0] for column in layout.columns.values()]
        assert recognise(headers) is layout, layout.table
        assert not fit(layout, headers).unknown


def test_layouts_agree_with_the_store() -> None:
    from stores.tables import fact_tables

    for layout in layouts().values():
        table = fact_tables()[layout.table]
        assert set(layout.columns) <= set(table.columns) and layout.key == table.key
        assert layout.event == table.is_event
        names = [name for column in layout.columns.values() for name in column.names if name != column.name]
        assert not any(map(is_personal, names)), layout.table


def test_columns_seen_in_real_systems_are_matched(shared) -> None:  # type: ignore[no-untyped-def]
    import json

    seen = json.loads((shared / "data/party_columns_seen.json").read_text("utf-8"))
    member = fit(layouts()["member"], seen["member_group_export"]["columns"])
    assert {"member_pid", "branch_id", "sex", "birth_year", "education", "joined_month", "full_month"} <= set(
        member.places
    )
    organisation = fit(layouts()["organisation"], seen["org_group_export"]["columns"])
    assert {"org_id", "name", "kind", "parent_org_id", "founded_on", "region_id"} <= set(organisation.places)
    for group in ("id_number", "phone", "address"):
        assert all(is_personal(name) for name in seen["alias_groups_suggested"][group])


@given(number=st.text(min_size=1, max_size=20))
def test_pseudonyms_are_keyed_and_steady(number: str) -> None:
    one, other = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
    assert one.of([number, number]) == Pseudonyms(b"a" * 32).of([number]) * 2
    assert one.of([number]) != other.of([number]) and len(one.of([number])[0]) == 32


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("a.csv", "*.csv", True),
        ("x/a.csv", "*.csv", False),
        ("x/a.csv", "x/*.csv", True),
        ("x/y/a.csv", "**/*.csv", True),
        ("a.csv", "**/*.csv", True),
        ("x/a.csv", "y/*.csv", False),
        ("x/a.csv", "**", True),
    ],
)
def test_patterns(name: str, pattern: str, fits: bool) -> None:
    assert matches(name, pattern) is fits
