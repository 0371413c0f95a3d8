"""Rows of one table from all its files are checked together: repeated keys, parents that lead nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.known import Known
from loaders.layouts import Layout
from loaders.mapping import ROW
from loaders.reasons import NOUNS, UNSAVED, Reject

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
SOURCE: Final = "source_id"
_PARENTS: Final = {"region": "parent_id", "organisation": "parent_org_id"}


@dataclass(frozen=True)
class Checked:
    """Hold the rows that stand, the duplicates by file, and the rejected rows."""

    rows: pa.Table
    duplicate: dict[str, int]
    rejects: list[Reject]


def check(layout: Layout, rows: pa.Table, known: Known, root: str) -> Checked:
    """Check the rows of a table, which carry SOURCE and ROW.

    Args:
        layout: the table's layout.
        rows: accepted rows of all files, in the order they are to count.
        known: what may be referred to.
        root: the district's code.
    """
    first, repeated = _repeated(layout, rows)
    same = np.ones(len(repeated), bool) if layout.event else _same(rows, repeated, first[repeated])
    rejects = [_twice(layout, rows, int(at), int(first[at])) for at in repeated[~same]]
    duplicate = _count(rows, repeated[same])
    stays = np.ones(rows.num_rows, bool)
    stays[repeated] = False
    rows = rows.filter(pa.array(stays)) if len(repeated) else rows
    if layout.table in _PARENTS:
        rows, lost = _rooted(layout, rows, known, root)
        rejects += lost
    return Checked(rows, duplicate, rejects)


def _repeated(layout: Layout, rows: pa.Table) -> tuple[Ints, Ints]:
    """Give for each row the first of its key, and the rows that are not the first."""
    n = rows.num_rows
    code = np.zeros(n, np.int64)
    for name in layout.key:
        encoded = rows.column(name).combine_chunks().dictionary_encode()
        code = code * (len(encoded.dictionary) + 1) + np.asarray(encoded.indices, dtype=np.int64)
    _, start, group = np.unique(code, return_index=True, return_inverse=True)
    first = start[group].astype(np.int64)
    return first, np.flatnonzero(first != np.arange(n))


def _same(rows: pa.Table, one: Ints, other: Ints) -> Flags:
    """Flag pairs of rows with equal content, null equal to null."""
    same = np.ones(len(one), bool)
    if not len(one):
        return same
    for name in rows.column_names:
        if name in (SOURCE, ROW):
            continue
        column = rows.column(name).combine_chunks()
        left, right = column.take(pa.array(one)), column.take(pa.array(other))
        equal = pc.fill_null(pc.equal(left, right), pc.and_(pc.is_null(left), pc.is_null(right)))
        same &= np.asarray(equal)
    return same


def _twice(layout: Layout, rows: pa.Table, at: int, first: int) -> Reject:
    where = f"{rows.column(SOURCE)[first].as_py()}:{rows.column(ROW)[first].as_py()}"
    key = layout.columns[layout.key[0]]
    value = UNSAVED if key.kind == "person" else str(rows.column(key.name)[at].as_py())
    return _reject(rows, at, key.names[0], value, "twice", (where, where))


def _reject(
    rows: pa.Table, at: int, column: str, value: str | None, code: str, what: tuple[str, str]
) -> Reject:
    file, number = rows.column(SOURCE)[at].as_py(), rows.column(ROW)[at].as_py()
    return Reject(file, number, column, value, code, what)


def _count(rows: pa.Table, which: Ints) -> dict[str, int]:
    """Count rows by file."""
    counts = pc.value_counts(rows.column(SOURCE).take(pa.array(which)))
    return {one["values"]: one["counts"] for one in counts.to_pylist()}


def _rooted(layout: Layout, rows: pa.Table, known: Known, root: str) -> tuple[pa.Table, list[Reject]]:
    """Reject rows whose line of parents does not end at the top or at what the store knows."""
    name = _PARENTS[layout.table]
    if name not in rows.column_names or not rows.num_rows:
        return rows, []
    keys = rows.column(layout.key[0]).to_pylist()
    parents = rows.column(name).to_pylist()
    if layout.table == "organisation":
        parents = known.by_own_name(rows, parents)
    parents = [None if key == root else parent for key, parent in zip(keys, parents, strict=True)]
    good = set(known.keys(layout.table).to_pylist())
    own = set(keys)
    below: dict[str | None, list[str]] = {}
    for key, parent in zip(keys, parents, strict=True):
        below.setdefault(None if parent in good and parent not in own else parent, []).append(key)
    reached, front = set(), below.get(None, [])
    while front:
        reached.update(front)
        front = [child for key in front for child in below.get(key, ()) if child not in reached]
    rows = rows.set_column(rows.column_names.index(name), name, pa.array(parents, pa.string()))
    stays = np.array([key in reached for key in keys], bool)
    if stays.all():
        return rows, []
    header = layout.columns[name].names[0]
    lost = []
    for at in np.flatnonzero(~stays):
        code = "circle" if parents[at] in own else "unknown"
        lost.append(_reject(rows, int(at), header, parents[at], code, NOUNS[layout.table]))
    return rows.filter(pa.array(stays)), lost


def plain_rows(rows: pa.Table) -> Any:
    """Take the row numbers off, for the store."""
    return rows.drop_columns([ROW])
