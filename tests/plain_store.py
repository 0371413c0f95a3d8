"""A store of rows written in a test, for what only reads tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from indicators.warnings.columns import NEVER, Columns, day_of
from indicators.warnings.episodes import Found
from indicators.warnings.facts import Facts
from indicators.warnings.registry import all_warnings
from stores.settings import Warnings
from stores.store import Among, Part
from stores.tables import fact_tables

TYPES = {
    "text": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "blob": pa.binary(),
}
Rows = Sequence[Mapping[str, Any]]


class PlainStore:
    """Answer ``known`` from rows; a column that a row lacks is null.

    A row may say of which load it is (``import_batch_id``), and when it came (``updated_at``).
    """

    version = 1

    def __init__(self, tables: Mapping[str, Rows]) -> None:
        self.rows = tables

    def loads(self) -> dict[int, str]:
        """Return the loads that the rows are of."""
        numbers = {row.get("import_batch_id") for rows in self.rows.values() for row in rows}
        return {number: f"2020-01-{number:02}" for number in sorted(numbers - {None})}

    def known(self, table: str, columns: Sequence[str], part: Part | None = None) -> pa.Table:
        """Return columns of the rows of a table, or of a part of them."""
        kinds = fact_tables()[table].readable
        rows = [row for row in self.rows.get(table, ()) if _in(part, row)]
        return pa.table(
            {name: pa.array([row.get(name) for row in rows], TYPES[kinds[name]]) for name in columns}
        )


def _in(part: Part | None, row: Mapping[str, Any]) -> bool:
    """Tell whether a row belongs to a part."""
    if part is None:
        return True
    if isinstance(part, Among):
        return row.get(part.column) in part.values
    batch, came = row.get("import_batch_id"), row.get("updated_at")
    return batch > part.batch if batch is not None else came is not None and came > part.moment


def found(
    key: str, tables: Mapping[str, Rows], as_of: date, shared: Warnings | None = None, **more: Any
) -> Found:
    """Evaluate one indicator over rows."""
    columns = Columns(PlainStore(tables))  # type: ignore[arg-type]
    return all_warnings()[key].evaluate(Facts(columns, shared or Warnings(), as_of), **more)


def standing(key: str, tables: Mapping[str, Rows], as_of: date, **more: Any) -> dict[str, tuple[str, int]]:
    """Return what is open: organisation → (period key, severity)."""
    ids = [row["org_id"] for row in tables["organisation"]]
    episodes = found(key, tables, as_of, **more).episodes
    return {ids[one.org]: (one.key, one.severity) for one in episodes if one.closed >= NEVER}


def told(one: Found, tables: Mapping[str, Rows]) -> set[tuple[Any, ...]]:
    """Return all episodes in a form to compare: organisation, key, steps, end, how."""
    ids = [row["org_id"] for row in tables["organisation"]]
    return {
        (
            ids[e.org],
            e.key,
            tuple((day_of(day).isoformat(), severity) for day, severity in e.steps()),
            day_of(e.closed).isoformat() if e.closed < NEVER else "",
            e.how,
        )
        for e in one.episodes
    }
