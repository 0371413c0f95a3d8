"""Hours of study of every member by quarter, in millionths of an hour: sums are exact in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.warnings.columns import NEVER, Columns, Ints, day_of, months_of
from indicators.warnings.kept import BATCH

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


def studied(columns: Columns) -> Studied:
    """Return what everybody studied; what an earlier evaluation summed up is taken over and added to."""
    if _KEPT not in columns.kept:
        columns.kept[_KEPT] = _from_memory(columns) or _from_all(columns)
    found: Studied = columns.kept[_KEPT]
    return found


def _from_all(columns: Columns) -> Studied:
    memory = columns.memory
    table = columns.read("study_record", _COLUMNS if memory is None else (*_COLUMNS, BATCH))
    made = _summed(columns, table)
    if memory is not None:
        _remember(columns, made, table)
    return made


def _from_memory(columns: Columns) -> Studied | None:
    """Add what came since the last evaluation; None = there was none that serves."""
    memory = columns.memory
    found = None if memory is None else memory.get(_KEPT, {})
    if memory is None or found is None:
        return None
    table, mark = found
    news = columns.read("study_record", (*_COLUMNS, BATCH), mark.later())
    if news.column(BATCH).null_count:
        return None
    first, quarters = int(mark.about["first"]), np.array(mark.about["quarters"], dtype=np.int64)
    own, alone = (np.zeros((len(columns.pids), len(quarters)), dtype=np.int64) for _ in range(2))
    place = np.array(pc.fill_null(pc.index_in(table.column(0), value_set=columns.pids), -1), dtype=np.int64)
    for at in range(len(quarters)):
        for sums, name in ((own, f"own_{at}"), (alone, f"alone_{at}")):
            sums[place[place >= 0], at] = np.array(table.column(name), dtype=np.int64)[place >= 0]
    made = Studied(first, quarters, own, alone)
    if news.num_rows:
        made = _added(made, _summed(columns, news))
    if news.num_rows or mark.batch != memory.last:
        _remember(columns, made, news)
    return made


def _summed(columns: Columns, table: pa.Table) -> Studied:
    """Sum records up; those of members that are not known are left out."""
    days = np.array(pc.fill_null(table.column("on_date").cast(pa.int32()), NEVER), dtype=np.int64)
    of = np.array(
        pc.fill_null(pc.index_in(table.column("member_pid"), value_set=columns.pids), -1), dtype=np.int64
    )
    hours = np.array(pc.fill_null(table.column("hours"), 0.0), dtype=np.float64)
    alone = np.array(pc.fill_null(pc.equal(table.column("kind"), "self"), False), dtype=np.bool_)
    first = int(days.min()) if len(days) else NEVER
    kept = (of >= 0) & (days < NEVER)
    quarter = months_of(days[kept]) // 3
    quarters, at = np.unique(quarter, return_inverse=True)
    flat = of[kept] * len(quarters) + at
    weights = np.rint(np.nan_to_num(hours[kept]) * PARTS)
    shape = (len(columns.pids), len(quarters))

    def summed(chosen: Any) -> Ints:
        sums = np.bincount(flat[chosen], weights=weights[chosen], minlength=shape[0] * shape[1])
        return sums.astype(np.int64).reshape(shape)

    own = ~alone[kept]
    return Studied(first, quarters, summed(own), summed(~own))


def _added(before: Studied, news: Studied) -> Studied:
    """Add two sums up."""
    quarters = np.union1d(before.quarters, news.quarters)
    own, alone = (np.zeros((len(before.own), len(quarters)), dtype=np.int64) for _ in range(2))
    for part in (before, news):
        at = np.searchsorted(quarters, part.quarters)
        own[:, at] += part.own
        alone[:, at] += part.alone
    return Studied(min(before.first, news.first), quarters, own, alone)


def _remember(columns: Columns, made: Studied, rows: pa.Table) -> None:
    """Keep the sums for the next evaluation, unless rows of no load or of a later one are in them."""
    memory, batches = columns.memory, rows.column(BATCH)
    if memory is None or batches.null_count or (pc.max(batches).as_py() or 0) > memory.last:
        return
    some = np.flatnonzero((made.own.any(axis=1)) | (made.alone.any(axis=1)))
    arrays = {"member_pid": pc.take(columns.pids, pa.array(some))}
    for at in range(len(made.quarters)):
        arrays |= {f"own_{at}": pa.array(made.own[some, at]), f"alone_{at}": pa.array(made.alone[some, at])}
    about = {"first": made.first, "quarters": made.quarters.tolist()}
    memory.put(_KEPT, pa.table(arrays), about)


def first_month(columns: Columns) -> int:
    """Return the month of the first record there ever was; far in the future without any."""
    first = studied(columns).first
    return NEVER if first >= NEVER else day_of(first).year * 12 + day_of(first).month - 1
