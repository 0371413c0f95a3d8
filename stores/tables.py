"""The tables of facts as schema.sql declares them: columns, types, keys, and which are pure events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

SCHEMA: Final = Path(__file__).resolve().parent / "schema.sql"
EVENTS: Final = frozenset({"attendance", "study_record", "position_use"})
"""Tables in which the first word stands; in all others a changed row replaces the old one."""

PROVENANCE: Final[Mapping[str, str]] = {
    "source_id": "text",
    "import_batch_id": "bigint",
    "updated_at": "timestamp",
}
_TABLE: Final = re.compile(r"create table (\w+) \(\n(.*?)\n\);", re.DOTALL)
_COLUMN: Final = re.compile(
    r"^    \"?(\w+)\"? (text|integer|bigint|double|boolean|date|timestamp|blob)", re.MULTILINE
)
_KEY: Final = re.compile(r"primary key \(([\w, ]+)\)")


@dataclass(frozen=True, slots=True)
class FactTable:
    """Hold one table: its columns with their types (without provenance) and the columns of its key."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def readable(self) -> Mapping[str, str]:
        """Return every column with its type, those that say where a row comes from included."""
        return {**self.columns, **PROVENANCE}

    @property
    def is_event(self) -> bool:
        """Tell whether the first word stands."""
        return self.name in EVENTS


@cache
def fact_tables() -> Mapping[str, FactTable]:
    """Read the tables of facts from schema.sql, in its order."""
    found = {}
    for name, body in _TABLE.findall(SCHEMA.read_text("utf-8")):
        columns = dict(_COLUMN.findall(body))
        key = _KEY.search(body)
        if "import_batch_id" in columns and key:
            facts = {column: kind for column, kind in columns.items() if column not in PROVENANCE}
            found[name] = FactTable(name, facts, tuple(re.split(r",\s*", key[1])))
    return found
