"""Columns of facts as whole numbers: organisations by row, days from 1970, months from year 0.

``NEVER`` stands for a day that is not known or has not come; it is later than any day, so that comparing and
taking the earliest need no special case.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stores.periods import first_day, month_number
from stores.tables import fact_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indicators.warnings.kept import Kept
    from stores.store import Part, Store

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

F = TypeVar("F", bound="Callable[..., Any]")

NEVER: Final = 2**26
UPDATED: Final = "updated_at"
DAY: Final = 86_400_000_000
"""Microseconds of a day."""
_EPOCH: Final = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Count a day from 1970."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """Turn a day's number into the day."""
    return _EPOCH + timedelta(days=int(number))


def first_of(month: int) -> int:
    """Return the number of a month's first day."""
    return day_number(first_day(month))


def months_of(days: Ints) -> Ints:
    """Return the months in which days lie; far in the future for ``NEVER``."""
    known = np.where(days >= NEVER, 0, days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.where(days >= NEVER, NEVER, known + 1970 * 12)


def firsts_of(months: Ints) -> Ints:
    """Return the numbers of the first days of months."""
    known = np.where(months >= NEVER, 0, months - 1970 * 12)
    days = known.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.where(months >= NEVER, NEVER, days)


def add_months(days: Ints, months: Ints | int) -> Ints:
    """Add calendar months to days; the 31st becomes a shorter month's last day."""
    month = months_of(days)
    inside = days - firsts_of(month)
    goal = np.where(month >= NEVER, NEVER, month + months)
    start = firsts_of(goal)
    last = firsts_of(np.where(goal >= NEVER, NEVER, goal + 1)) - 1
    return np.where(days >= NEVER, NEVER, np.minimum(start + inside, last))


def _once(make: F) -> F:
    """Keep what a method of ``Columns`` returned, so that each column is turned into numbers once."""

    @wraps(make)
    def kept(self: Any, *args: Any) -> Any:
        name = (make.__name__, *(tuple(arg) if isinstance(arg, list) else arg for arg in args))
        if name not in self.kept:
            found = make(self, *args)
            found.flags.writeable = False
            self.kept[name] = found
        return self.kept[name]

    return cast(F, kept)


class Columns:
    """Fetch columns of the facts once, already as numbers; the arrays are shared and cannot be written to.

    Args:
        store: answers ``known``; the columns are those of the moment they are first asked for.
        memory: what an earlier evaluation kept of the tables; None = everything is read.
    """

    def __init__(self, store: Store, memory: Kept | None = None) -> None:
        self._store = store
        self.memory = memory
        if memory is not None:
            memory.begin(store)
        self._tables: dict[str, pa.Table] = {}
        self.kept: dict[Any, Any] = {}
        self.org_ids = self.text("organisation", "org_id")
        self._orgs = pa.array(self.org_ids, pa.string())
        self._pids: pa.Array | None = None

    def column(self, table: str, name: str) -> pa.Array:
        """Return one column as it is.

        All columns of a table come from one reading: of two, an engine may give the rows in another order.
        """
        if table not in self._tables:
            self._tables[table] = self._whole(table).combine_chunks()
        column = self._tables[table].column(name)
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    def read(self, table: str, names: Sequence[str], part: Part | None = None) -> pa.Table:
        """Return columns of all rows of a table, or of a part of them, straight from the store."""
        chosen = list(names)
        return self._store.known(table, chosen) if part is None else self._store.known(table, chosen, part)

    def _whole(self, table: str) -> pa.Table:
        names = (*(name for name, kind in fact_tables()[table].columns.items() if kind != "blob"), UPDATED)
        if self.memory is None:
            return self.read(table, names)
        return self.memory.table(self._store, table, names)

    @_once
    def text(self, table: str, name: str) -> Texts:
        """Return a column of text; None where there is none."""
        return np.asarray(self.column(table, name).to_numpy(zero_copy_only=False), dtype=object)

    @_once
    def equal(self, table: str, name: str, *values: str) -> Flags:
        """Tell where a column of text has one of the values."""
        found = pc.is_in(self.column(table, name), value_set=pa.array(values, pa.string()))
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)

    @_once
    def codes(self, table: str, name: str, values: Sequence[str]) -> Ints:
        """Return the place of each text among values; -1 = none of them."""
        return _places(self.column(table, name), pa.array(values, pa.string()))

    @_once
    def orgs(self, table: str, name: str) -> Ints:
        """Return rows of organisations; -1 = none or unknown."""
        return _places(self.column(table, name), self._orgs)

    @property
    def pids(self) -> pa.Array:
        """Return the pseudonyms of all members in the order of their rows."""
        if self._pids is None:
            self._pids = self.column("member", "member_pid")
        return self._pids

    @_once
    def members(self, table: str, name: str = "member_pid") -> Ints:
        """Return rows of members; -1 = unknown."""
        if table == "member":
            return np.arange(len(self.pids), dtype=np.int64)
        return _places(self.column(table, name), self.pids)

    @_once
    def days(self, table: str, name: str) -> Ints:
        """Return days (of dates or of times); ``NEVER`` = not known."""
        column = self.column(table, name)
        if pa.types.is_timestamp(column.type):
            moments = self.moments(table, name)
            return np.where(moments >= NEVER * DAY, NEVER, moments // DAY)
        return _numbers(column.cast(pa.int32()), NEVER)

    @_once
    def moments(self, table: str, name: str) -> Ints:
        """Return times in microseconds from 1970, local; ``NEVER * DAY`` = not known."""
        return _numbers(self.column(table, name).cast(pa.timestamp("us")).cast(pa.int64()), NEVER * DAY)

    @_once
    def months(self, table: str, name: str) -> Ints:
        """Return months of texts 'YYYY-MM'; -1 = not known."""
        coded = self.column(table, name).dictionary_encode()
        numbers = np.array([month_number(key) for key in coded.dictionary.to_pylist()] + [-1], dtype=np.int64)
        return numbers[_numbers(coded.indices, -1)]

    @_once
    def ints(self, table: str, name: str, missing: int = 0) -> Ints:
        """Return whole numbers."""
        return _numbers(self.column(table, name), missing)

    @_once
    def floats(self, table: str, name: str) -> Floats:
        """Return numbers; nan = none."""
        found = self.column(table, name).to_numpy(zero_copy_only=False)
        return np.asarray(found, dtype=np.float64)

    @_once
    def flags(self, table: str, name: str) -> Flags:
        """Return yes and no; nothing is no."""
        found = pc.fill_null(self.column(table, name), False)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _places(column: pa.Array, among: pa.Array) -> Ints:
    """Find each value's place among others; -1 = not there."""
    return _numbers(pc.index_in(column, value_set=among), -1)


def _numbers(column: Any, missing: int) -> Ints:
    """Turn a column into whole numbers."""
    found = pc.fill_null(column.cast(pa.int64()), missing)
    return np.array(found.to_numpy(zero_copy_only=False), dtype=np.int64)
