"""A piece of a sheet becomes rows of a table, and a list of the rows that cannot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo.coordinates import convert
from loaders import systems
from loaders.known import Known
from loaders.layouts import Column, Fit, Layout
from loaders.pseudonyms import Pseudonyms
from loaders.reasons import NOUNS, UNSAVED, Reject
from loaders.sheets import RawSheet
from loaders.values import lost_digits, parse, type_of

Flags = NDArray[np.bool_]
LONGEST: Final = 200
ROW: Final = "_row"
"""Column of row numbers that accepted rows carry until they are handed to the store."""

_HARMLESS: Final = re.compile(r"[-\d/.:年月日\s]{1,10}|[A-Za-z]{1,2}\d{1,8}|[a-z_]{1,12}")
_WORDS_SHOWN: Final = 8


@dataclass(frozen=True)
class Settled:
    """Hold what is settled for one file before its rows are looked at.

    Args:
        file: the file's name in reports.
        crs: declared coordinate system, None = the sheet holds no coordinates.
        code_system: declared system of region codes, None = the sheet holds none.
        target: code system of the store.
        root: the district's code; as a parent it means 'none above'.
    """

    file: str
    crs: str | None
    code_system: str | None
    target: str
    root: str


@dataclass(frozen=True)
class Context:
    """Hold what all files of a load share."""

    pseudonyms: Pseudonyms
    known: Known


class Faults:
    """Collect the first fault of each of n rows."""

    def __init__(self, n: int) -> None:
        self.of = np.full(n, -1, np.int32)
        self.kinds: list[tuple[str, str, tuple[str, str]]] = []

    def add(self, wrong: Flags, column: str, code: str, what: tuple[str, str] = ("", "")) -> None:
        """Note a fault for the flagged rows that have none yet."""
        new = wrong & (self.of < 0)
        if new.any():
            self.of[new] = len(self.kinds)
            self.kinds.append((column, code, what))


@dataclass(frozen=True)
class Piece:
    """Hold accepted rows (columns of the table and ROW) and rejected ones."""

    rows: pa.Table
    rejects: Sequence[Reject]


class Mapper:
    """Map one sheet by one layout."""

    def __init__(self, layout: Layout, sheet: RawSheet, fit: Fit, settled: Settled, context: Context) -> None:
        self._layout = layout
        self._sheet = sheet
        self._fit = fit
        self._settled = settled
        self._context = context
        self._careful = layout.person or bool(fit.personal)

    def torn(self) -> list[Reject]:
        """Reject rows with the wrong number of cells."""
        found = []
        for one in self._sheet.torn:
            value = UNSAVED if self._careful else one.text[:LONGEST]
            found.append(Reject(self._settled.file, one.row, "", value, "torn", (str(one.cells),) * 2))
        return found

    def piece(self, start: int, stop: int) -> Piece:
        """Map rows start … stop of the sheet."""
        cells = self._sheet.rows.slice(start, stop - start)
        faults = Faults(cells.num_rows)
        made: dict[str, Any] = {}
        for column in self._layout.columns.values():
            at = self._fit.places.get(column.name)
            if at is not None:
                made[column.name] = self._column(cells.column(at).combine_chunks(), column, at, faults)
        self._place(made, start, stop, faults)
        self._withhold(made)
        self._fold(made)
        numbers = self._sheet.numbers[start:stop]
        kept = faults.of < 0
        rows = pa.table({**made, ROW: pa.array(numbers)})
        if not kept.all():
            rows = rows.filter(pa.array(kept))
        return Piece(rows, self._rejects(cells, numbers, faults))

    def _column(self, cells: pa.Array, column: Column, at: int, faults: Faults) -> pa.Array:
        """Read one column and note its faults."""
        header = " ".join(self._sheet.headers[at].split())
        values, bad = parse(cells, column)
        if bad.any():
            faults.add(bad, header, *_code(column))
        if column.kind == "person":
            values = self._pseudonymise(values)
        if column.kind == "place":
            values, lost = self._translate(values)
            faults.add(lost, header, "code_system", (self._settled.target,) * 2)
        if column.name.startswith("parent_"):
            values = (
                pc.if_else(pc.equal(values, self._settled.root), None, values)
                if column.kind == "id"
                else values
            )
        if column.required:
            faults.add(np.asarray(pc.is_null(values)) & ~bad, header, "missing")
        if column.refers and column.refers != self._layout.table:
            values = self._refer(values, column, header, faults)
        return values

    def _pseudonymise(self, values: pa.Array) -> pa.Array:
        encoded = values.dictionary_encode()
        made = self._context.pseudonyms.of(encoded.dictionary.to_pylist())
        return pa.array(made, pa.string()).take(encoded.indices)

    def _translate(self, values: pa.Array) -> tuple[pa.Array, Flags]:
        """Bring region codes to the store's system; flag those without a counterpart."""
        source, target = self._settled.code_system, self._settled.target
        if source is None or source == target:
            return values, np.zeros(len(values), bool)
        encoded = values.dictionary_encode()
        made = [systems.translate(code, source, target) for code in encoded.dictionary.to_pylist()]
        found = pa.array(made, pa.string()).take(encoded.indices)
        return found, np.asarray(pc.and_(pc.is_null(found), pc.is_valid(values)))

    def _refer(self, values: pa.Array, column: Column, header: str, faults: Faults) -> pa.Array:
        """Check that what a column refers to is known."""
        table = column.refers or ""
        stranger = self._context.known.unknown(table, values)
        if column.by_name and stranger.any():
            values, several = self._context.known.by_name(values)
            faults.add(several, header, "ambiguous")
            stranger = self._context.known.unknown(table, values)
        faults.add(stranger, header, "unknown", NOUNS[table])
        return values

    def _place(self, made: dict[str, Any], start: int, stop: int, faults: Faults) -> None:
        """Convert coordinates: a shape's, or those in two columns."""
        shapes = None if self._sheet.shapes is None else self._sheet.shapes[start:stop]
        crs = self._settled.crs
        if crs is None:
            return
        if self._layout.shape == "geom" and shapes is not None:
            made.update(self._geometry(shapes, crs, faults))
            return
        if shapes is not None:
            lon, lat = systems.points(shapes)
        elif "lon" in made and "lat" in made:
            lon, lat = (_floats(made[axis]) for axis in ("lon", "lat"))
        else:
            return
        one_only = np.isnan(lon) != np.isnan(lat)
        faults.add(systems.outside(lon, lat) | one_only, self._axis_header(), "outside")
        lon, lat = convert(lon, lat, crs, "wgs84")
        made["lon"], made["lat"] = pa.array(lon, from_pandas=True), pa.array(lat, from_pandas=True)

    def _axis_header(self) -> str:
        at = self._fit.places.get("lon")
        return "geometry" if at is None or self._sheet.shapes is not None else self._sheet.headers[at]

    def _geometry(self, shapes: Any, crs: str, faults: Faults) -> dict[str, Any]:
        """Make valid shapes in WGS84 as WKB."""
        there = ~shapely.is_missing(shapes)
        faults.add(there & shapely.is_empty(shapes), "geometry", "shape")
        broken = there & ~shapely.is_valid(shapes)
        if broken.any():
            shapes = shapes.copy()
            shapes[broken] = shapely.make_valid(shapes[broken])
        west, south, east, north = shapely.bounds(shapes).T
        faults.add(systems.outside(west, south) | systems.outside(east, north), "geometry", "outside")
        moved = shapely.to_wkb(shapely.force_2d(systems.convert_shapes(shapes, crs)))
        found: dict[str, Any] = {"geom": pa.array(list(moved), pa.binary())}
        if self._layout.table == "building":
            found["crs_in"] = pa.array([crs] * len(moved), pa.string())
        return found

    def _withhold(self, made: dict[str, Any]) -> None:
        """Drop free text of rows that are not public, and say of which system the codes are."""
        for column in self._layout.columns.values():
            if column.only_if and column.name in made:
                open_ = made.get(column.only_if)
                n = len(made[column.name])
                flags = pa.array([False] * n) if open_ is None else pc.fill_null(open_, False)
                made[column.name] = pc.if_else(flags, made[column.name], None)
        if self._layout.table == "region":
            n = len(made["region_id"])
            made["code_system"] = pa.array([self._settled.target] * n, pa.string())

    def _fold(self, made: dict[str, Any]) -> None:
        """Keep repeated text once, where rows come by the million."""
        for column in self._layout.columns.values() if self._layout.event else ():
            if column.name in made and (column.refers or column.kind == "code"):
                made[column.name] = made[column.name].dictionary_encode()

    def _rejects(self, cells: pa.Table, numbers: NDArray[np.int64], faults: Faults) -> list[Reject]:
        """Write down the rejected rows with the value as it was handed over, where it may be stored."""
        where = {
            " ".join(header.split()): at for at, header in reversed(list(enumerate(self._sheet.headers)))
        }
        found = []
        for at in np.flatnonzero(faults.of >= 0):
            column, code, what = faults.kinds[faults.of[at]]
            place = where.get(column)
            text = None if place is None else cells.column(place)[at].as_py()
            if code == "word" and lost_digits(text):
                code = "digits"
            found.append(
                Reject(self._settled.file, int(numbers[at]), column, self._storable(text, column), code, what)
            )
        return found

    def _storable(self, text: str | None, column: str) -> str | None:
        """Give a value as the store may keep it: none that could tell of a person."""
        if text is None:
            return None
        person = any(
            one.kind == "person" and self._sheet.headers[self._fit.places[one.name]] == column
            for one in self._layout.columns.values()
            if one.name in self._fit.places
        )
        if person or (self._careful and not _HARMLESS.fullmatch(text)):
            return UNSAVED
        return text[:LONGEST]


def _floats(values: pa.Array) -> Any:
    return np.asarray(pc.cast(pc.fill_null(values, float("nan")), pa.float64()))


def _code(column: Column) -> tuple[str, tuple[str, str]]:
    """Name the reason why a cell of this kind cannot be read."""
    if column.kind == "code":
        words = list(dict.fromkeys(column.words))[:_WORDS_SHOWN]
        return "word", ("、".join(words),) * 2
    return ("digits" if column.kind in ("id", "person", "place") else column.kind), ("", "")


def empty_rows(layout: Layout) -> pa.Table:
    """Give a table of no rows with the layout's columns and ROW."""
    fields = [pa.field(column.name, type_of(column.kind)) for column in layout.columns.values()]
    return pa.schema([*fields, pa.field(ROW, pa.int64())]).empty_table()
