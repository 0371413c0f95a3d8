"""Every format gives the same rows, whatever stands around the table, and nothing is opened unweighed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_folder import Desk, regions, square, write_csv, write_xlsx
from openpyxl import Workbook
from shapely.geometry import Point, shape

from geo.coordinates import convert
from loaders.archives import weigh
from loaders.encodings import decode
from loaders.formats import reader_of, readers
from loaders.sheets import Asked, RawSheet, plain
from stores.errors import LoadError

HEADERS = ["活动编号", "党员编码", "签到时间"]
ROWS = [["A1", "M1", "2019-02-15 08:55:00"], ["A2", "M2", "2019-02-16 09:00:00"]]
ASKED = Asked(frozenset(map(plain, HEADERS)))


def sheet_of(path: Path, asked: Asked = ASKED) -> RawSheet:
    """Read the only sheet of a file."""
    reader = reader_of(path)
    assert reader is not None
    (sheet,) = reader(path, asked)
    return sheet


def cells(sheet: RawSheet) -> list[list[Any]]:
    """Give the rows of a sheet."""
    return [list(row.values()) for row in sheet.rows.to_pylist()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_in_any_encoding(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    write_csv(
        path,
        [["签到记录一览表", "", ""], HEADERS, *ROWS, ["", "", ""], ["注：共二条", "", ""]],
        encoding,
        mark,
    )
    sheet = sheet_of(path)
    assert cells(sheet) == ROWS and sheet.numbers.tolist() == [3, 4] and sheet.notes == 2


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x00"), max_size=50))
def test_decoding_gives_back_what_was_encoded(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        assert decode(text.encode(encoding), encoding, "x")[0] == text


def test_a_wrong_encoding_is_said_with_its_byte() -> None:
    with pytest.raises(LoadError, match="byte 1 is not utf-8"):
        decode("党员".encode("gb18030"), "utf-8", "a.csv")


def test_torn_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('活动编号,党员编码,签到时间\nA1,M1\n\nA2,M2,"2019\n-02"\nA3,M3,x,y\nA4,M4,z\n', "utf-8")
    sheet = sheet_of(path)
    assert [(one.row, one.cells) for one in sheet.torn] == [(2, 2), (5, 4)]
    assert cells(sheet) == [["A2", "M2", "2019\n-02"], ["A4", "M4", "z"]]
    assert sheet.numbers.tolist() == [4, 6] and sheet.read == 4


def test_a_workbook_with_titles_notes_and_typed_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [
        ["A1", 1234567.0, 43512.5],
        ["A2", 320115199001011234.0, True],
        [None, None, None],
        ["A3", "M3", None],
    ]
    write_xlsx(path, "江宁区签到记录", [HEADERS, *rows], "制表：某某")
    sheet = sheet_of(path)
    first, second, third = cells(sheet)
    assert first == ["A1", "1234567", "43512.5"] and third == ["A3", "M3", None]
    assert second[1].endswith("E+17") and second[2] == "是"
    assert sheet.numbers.tolist() == [4, 5, 7] and sheet.notes == 3


def test_every_worksheet_with_headers_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["说明"])
    for name in ("一月", "二月"):
        page = book.create_sheet(name)
        page.append(HEADERS)
        page.append(ROWS[0])
    book.save(tmp_path / "a.xlsx")
    found = readers()[".xlsx"](tmp_path / "a.xlsx", ASKED)
    assert [sheet.name for sheet in found] == ["一月", "二月"]


def test_bombs_are_weighed_before_they_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"A" * 200_000_000)
    assert path.stat().st_size < 300_000
    with pytest.raises(LoadError, match="would unpack to 200 MB"):
        weigh(path)
    with pytest.raises(LoadError, match="would unpack"):
        sheet_of(path)


def frame() -> geopandas.GeoDataFrame:
    """Give the regions as GeoPandas has them."""
    found = regions()["features"]
    rows = [one["properties"] for one in found]
    return geopandas.GeoDataFrame(rows, geometry=[shape(one["geometry"]) for one in found], crs=4326)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("name", ["区划.gpkg", "区划.shp", "区划.zip", "区划.geojson"])
@pytest.mark.parametrize("system", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_regions_in_every_format_and_system(tmp_path: Path, name: str, system: str) -> None:
    desk = Desk(tmp_path)
    (desk.folder / "区划.geojson").unlink()
    found = frame()
    found.geometry = [_moved(one, system) for one in found.geometry]
    if name.endswith((".shp", ".zip")):
        found = found.rename(columns={"上级区划代码": "上级代码"}).set_crs(None, allow_override=True)
        found.to_file(desk.folder / "区划.shp", encoding="gb18030")
        (desk.folder / "区划.cpg").unlink()
    else:
        found.to_file(desk.folder / name)
    if name.endswith(".zip"):
        with zipfile.ZipFile(desk.folder / name, "w") as archive:
            for part in sorted(desk.folder.glob("区划.[sd]*")):
                archive.write(part, part.name)
                part.unlink()
    toml = desk.folder / "ejia-source.toml"
    text = toml.read_text("utf-8").replace("区划.geojson", name)
    toml.write_text(text.replace('crs = "wgs84"', f'crs = "{system}"', 1), "utf-8")
    report = desk.load()
    assert report.rejected == 0 and report.files[0].read == 4, report.rejects
    ((_, wkb, _),) = desk.store.shapes("town")
    got = geopandas.GeoSeries.from_wkb([wkb])[0]
    assert got.hausdorff_distance(shape(square(118.8, 31.9, 0.2))) < 1e-6
    desk.store.close()


def _moved(geometry: Any, system: str) -> Any:
    import shapely

    return shapely.transform(
        geometry, lambda xy: np.column_stack(convert(xy[:, 0], xy[:, 1], "wgs84", system))
    )


def test_projected_files_are_brought_to_degrees(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.folder / "区划.geojson").unlink()
    frame().to_crs(4549).to_file(desk.folder / "区划.gpkg")
    toml = desk.folder / "ejia-source.toml"
    toml.write_text(
        toml.read_text("utf-8").replace("区划.geojson", "区划.gpkg").replace('"wgs84"', '"cgcs2000"', 1),
        "utf-8",
    )
    desk.load()
    ((_, wkb, _),) = desk.store.shapes("town")
    got = geopandas.GeoSeries.from_wkb([wkb])[0]
    assert got.hausdorff_distance(shape(square(118.8, 31.9, 0.2))) < 1e-4
    desk.store.close()


def test_points_fill_longitude_and_latitude_and_rejects_keep_their_shape(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = {
        "阵地编号": ["P1", "P2"],
        "名称": ["甲", "乙"],
        "类型": ["党员之家", "不明"],
        "党组织编码": ["O1", "O1"],
    }
    found = geopandas.GeoDataFrame(rows, geometry=[Point(118.9, 31.9), Point(118.91, 31.9)], crs=4326)
    found.to_file(desk.folder / "阵地.gpkg")
    toml = desk.folder / "ejia-source.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[[file]]\npath = "阵地.gpkg"\ncrs = "bd09"\n', "utf-8")
    report = desk.load()
    assert [(one.row, one.column) for one in report.rejects] == [(2, "类型")]
    ((lon, lat),) = desk.rows("position", "lon", "lat")
    assert (lon, lat) == pytest.approx(convert(118.9, 31.9, "bd09", "wgs84"), abs=1e-9)
    back = desk.folder / "rejects" / "阵地.geojson"
    text = json.loads(back.read_text("utf-8"))
    assert text["features"][0]["geometry"]["coordinates"] == [118.91, 31.9]
    text["features"][0]["properties"]["类型"] = "党员之家"
    back.write_text(json.dumps(text), "utf-8")
    assert desk.load(desk.folder / "rejects").accepted == 1
    desk.store.close()


def test_a_rejected_workbook_row_can_be_mended_in_excel(tmp_path: Path) -> None:
    import openpyxl
    from intake_folder import MEMBERS

    desk = Desk(tmp_path)
    write_xlsx(
        desk.folder / "党员花名册.xlsx",
        "表",
        [*MEMBERS, [9, "M9", "", "猫", "320115199001011234", "1970", "", "", "O2", "", "", ""]],
    )
    report = desk.load()
    assert report.rejected == 1 and desk.load().reject_files == report.reject_files
    path = desk.folder / report.reject_files[0]
    book = openpyxl.load_workbook(path)
    row = next(row for row in book.active.iter_rows() if row[1].value == "M9")
    assert row[4].data_type != "n" and row[4].value == "320115199001011234"
    row[3].value = "男"
    book.save(path)
    mended = desk.load(desk.folder / "rejects")
    assert (mended.accepted, mended.rejected) == (1, 0)
    desk.store.close()


def test_a_registry_of_formats() -> None:
    assert set(readers()) >= {".csv", ".tsv", ".xlsx", ".geojson", ".shp", ".zip", ".gpkg"}
