"""Hours of study of every member by quarter, in millionths of an hour: sums are exact in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.warnings.columns import NEVER, Columns, Flags, Ints, day_of, months_of
from indicators.warnings.kept import BATCH, Kept

PARTS: Final = 1_000_000
"""Of an hour."""
_KEPT: Final = "studied"
_COLUMNS: Final = ("member_pid", "on_date", "hours", "kind")


@dataclass(frozen=True)
class Studied:
    """Hold who studied how much.

    ``first`` is the day of the first record (``NEVER`` = there is none), ``quarters`` are months from year 0
    by three, ascending; ``own`` and ``alone`` member × quarter, guided study and self-study in ``PARTS``.
    """

    first: int
    quarters: Ints
    own: Ints
    alone: Ints

    def between(self, first: int, last: int) -> tuple[Ints, Ints]:
        """Sum each member's study over the quarters from one to another, both inclusive."""
        inside = (self.quarters >= first) & (self.quarters <= last)
        return self.own[:, inside].sum(axis=1), self.alone[:, inside].sum(axis=1)

    def of(self, names: pa.Array, wanted: pa.Array) -> Studied:
        """Return the rows of wanted members; ``names`` are those of the rows as they are."""
        place = _places(wanted, names)
        here = (place >= 0)[:, None]
        own, alone = (np.where(here, sums[place], 0) for sums in (self.own, self.alone))
        return Studied(self.first, self.quarters, own, alone)


def studied(columns: Columns) -> Studied:
    """Return what everybody studied; what an earlier evaluation summed up is taken over and added to."""
    if _KEPT not in columns.kept:
        names, made = _from_memory(columns) or _from_all(columns)
        columns.kept[_KEPT] = made.of(names, columns.pids)
    found: Studied = columns.kept[_KEPT]
    return found


def _from_all(columns: Columns) -> tuple[pa.Array, Studied]:
    memory = columns.memory
    table = columns.read("study_record", _COLUMNS if memory is None else (*_COLUMNS, BATCH))
    names, made = _summed(table)
    if memory is not None:
        _remember(memory, names, made, table)
    return names, made


def _from_memory(columns: Columns) -> tuple[pa.Array, Studied] | None:
    """Add what came since the last evaluation; None = there was none that serves."""
    memory = columns.memory
    found = None if memory is None else memory.get(_KEPT, {})
    if memory is None or found is None:
        return None
    table, mark = found
    news = columns.read("study_record", (*_COLUMNS, BATCH), mark.later())
    if news.column(BATCH).null_count:
        return None
    quarters = np.array(mark.about["quarters"], dtype=np.int64)
    own, alone = (np.zeros((table.num_rows, len(quarters)), dtype=np.int64) for _ in range(2))
    for at in range(len(quarters)):
        own[:, at], alone[:, at] = table.column(f"own_{at}"), table.column(f"alone_{at}")
    names = table.column("member_pid").combine_chunks()
    made = Studied(int(mark.about["first"]), quarters, own, alone)
    if news.num_rows:
        names, made = _added((names, made), _summed(news))
    if news.num_rows or mark.batch != memory.last:
        _remember(memory, names, made, news)
    return names, made


def _summed(table: pa.Table) -> tuple[pa.Array, Studied]:
    """Sum records up; a member of whom nothing else is known yet has a row too."""
    days = np.array(pc.fill_null(table.column("on_date").cast(pa.int32()), NEVER), dtype=np.int64)
    coded = table.column("member_pid").combine_chunks().dictionary_encode()
    of = np.array(pc.fill_null(coded.indices, -1), dtype=np.int64)
    hours = np.array(pc.fill_null(table.column("hours"), 0.0), dtype=np.float64)
    alone = np.array(pc.fill_null(pc.equal(table.column("kind"), "self"), False), dtype=np.bool_)
    kept = (of >= 0) & (days < NEVER)
    quarters, at = np.unique(months_of(days[kept]) // 3, return_inverse=True)
    flat = of[kept] * len(quarters) + at
    weights = np.rint(np.nan_to_num(hours[kept]) * PARTS)
    shape = (len(coded.dictionary), len(quarters))

    def summed(chosen: Flags) -> Ints:
        sums = np.bincount(flat[chosen], weights=weights[chosen], minlength=shape[0] * shape[1])
        return sums.astype(np.int64).reshape(shape)

    own = ~alone[kept]
    first = int(days.min()) if len(days) else NEVER
    return coded.dictionary, Studied(first, quarters, summed(own), summed(~own))


def _added(before: tuple[pa.Array, Studied], news: tuple[pa.Array, Studied]) -> tuple[pa.Array, Studied]:
    """Add two sums up."""
    both = before[1], news[1]
    names = pc.unique(pa.chunked_array([before[0], news[0]], pa.string()))
    quarters = np.union1d(both[0].quarters, both[1].quarters)
    own, alone = (np.zeros((len(names), len(quarters)), dtype=np.int64) for _ in range(2))
    for part in (both[0].of(before[0], names), both[1].of(news[0], names)):
        at = np.searchsorted(quarters, part.quarters)
        own[:, at] += part.own
        alone[:, at] += part.alone
    return names, Studied(min(both[0].first, both[1].first), quarters, own, alone)


def _remember(memory: Kept, names: pa.Array, made: Studied, rows: pa.Table) -> None:
    """Keep the sums for the next evaluation, unless rows of no load or of a later one are in them."""
    batches = rows.column(BATCH)
    if batches.null_count or (pc.max(batches).as_py() or 0) > memory.last:
        return
    arrays = {"member_pid": names}
    for at in range(len(made.quarters)):
        arrays |= {f"own_{at}": pa.array(made.own[:, at]), f"alone_{at}": pa.array(made.alone[:, at])}
    memory.put(_KEPT, pa.table(arrays), {"first": made.first, "quarters": made.quarters.tolist()})


def first_month(columns: Columns) -> int:
    """Return the month of the first record there ever was; far in the future without any."""
    first = studied(columns).first
    return NEVER if first >= NEVER else day_of(first).year * 12 + day_of(first).month - 1


def _places(column: Any, among: pa.Array) -> Ints:
    """Find each value's place among others; -1 = not there."""
    return np.array(pc.fill_null(pc.index_in(column, value_set=among), -1), dtype=np.int64)
