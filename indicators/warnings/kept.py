"""What an evaluation has read, kept in a folder, so that the next one reads only what loads have changed.

Rows of a load bear its number. A table is kept up to a number; of later loads its rows are read and put over
the old ones by their key. Sign-ins and study records, the two large tables, are kept as sums: of an activity,
and of a member's quarter. What is kept of another life of the store (a backup, another file), by another rule
or by another program is not used: then everything is read, with the same result.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stores.store import Later
from stores.tables import fact_tables

if TYPE_CHECKING:
    from stores.settings import Settings
    from stores.store import Store

BATCH: Final = "import_batch_id"
_MARK: Final = b"kept"
_FORM: Final = 1
"""Form of the files; another form is not read."""
OVERLAP: Final = timedelta(hours=26)
"""Sign-ins of no load are read again for so long before the last look: a transaction may be long under way,
and the store's clock may stand in another zone."""


@dataclass(frozen=True)
class Mark:
    """Say up to where a table was read: number and end of the last load, the time, and what it depends on."""

    batch: int
    ended: str
    moment: str
    about: Mapping[str, Any]

    def later(self) -> Later:
        """Choose what came since."""
        return Later(self.batch, datetime.fromisoformat(self.moment) - OVERLAP)


class Kept:
    """Keep tables between evaluations of one store.

    Args:
        folder: where; None = in this object alone, for as long as it lives.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._found: dict[str, tuple[pa.Table, Mark]] = {}
        self._looked: set[str] = set()
        self._changed: set[str] = set()
        self._loads: Mapping[int, str] = {}
        self._now = ""

    def begin(self, store: Store) -> None:
        """Begin an evaluation: look which loads there are; a table is brought up to them when asked for."""
        self._now = datetime.now().isoformat()
        self._loads = store.loads()

    def table(self, store: Store, name: str, columns: Sequence[str]) -> pa.Table:
        """Return columns of all rows of a table, brought up to date."""
        names = [*columns, BATCH]
        found = self.get(name, {})
        if found is None or found[0].column_names != names:
            whole = store.known(name, names)
            if not whole.column(BATCH).null_count:  # what becomes of rows of no load bears no mark
                self.put(name, whole, {})
            return whole
        table, mark = found
        news = store.known(name, names, mark.later())
        if news.num_rows:
            key = fact_tables()[name].key
            old = np.array(pc.is_in(_keys(table, key), value_set=_keys(news, key)), dtype=np.bool_)
            table = pa.concat_tables([table.filter(pa.array(~old)), news]).combine_chunks()
        if news.num_rows or mark.batch != self.last:
            self.put(name, table, {})
        return table

    @property
    def last(self) -> int:
        """Return the number of the last load; 0 = there is none."""
        return max(self._loads, default=0)

    def get(self, name: str, about: Mapping[str, Any]) -> tuple[pa.Table, Mark] | None:
        """Return what is kept under a name if it is of this life of the store and depends on the same."""
        if name not in self._looked:
            self._looked.add(name)
            if (read := self._read(name)) is not None:
                self._found[name] = read
        found = self._found.get(name)
        if found is None or self._loads.get(found[1].batch) != found[1].ended:
            return None
        own = found[1].about
        return found if all(own.get(key) == value for key, value in about.items()) else None

    def put(self, name: str, table: pa.Table, about: Mapping[str, Any], batch: int | None = None) -> None:
        """Keep a table as read up to a load; None = the last there was when the evaluation began."""
        number = self.last if batch is None else batch
        if number not in self._loads:
            return
        self._found[name] = table, Mark(number, self._loads[number], self._now, dict(about))
        self._changed.add(name)

    def save(self) -> None:
        """Write what changed, each file in one step; what cannot be written is read again another time."""
        if self._folder is None:
            return
        for name in sorted(self._changed):
            table, mark = self._found[name]
            about = {**mark.__dict__, "form": _FORM}
            named = table.replace_schema_metadata({_MARK: json.dumps(about).encode()})
            try:
                _write(self._folder / f"{name}.arrow", named)
            except OSError:
                continue
        self._changed = set()

    def _read(self, name: str) -> tuple[pa.Table, Mark] | None:
        if self._folder is None:
            return None
        try:
            with pa.memory_map(str(self._folder / f"{name}.arrow")) as file:
                table = pa.ipc.open_file(file).read_all()
            about = json.loads((table.schema.metadata or {}).get(_MARK, b"{}"))
            if about.pop("form", 0) != _FORM:
                return None
            return table.replace_schema_metadata(None), Mark(**about)
        except (OSError, ValueError, TypeError, pa.ArrowException):
            return None


def memory_of(settings: Settings) -> Kept:
    """Return what evaluations of this deployment keep between them."""
    return Kept(settings.data_dir / "cache" / "warnings")


def _write(path: Path, table: pa.Table) -> None:
    """Write a file that only this user may read, and put it into its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.half")
    half.touch(0o600)
    with pa.OSFile(str(half), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    half.replace(path)


def _keys(table: pa.Table, key: Sequence[str]) -> Any:
    """Return each row's key as one text."""
    parts = [pc.cast(table.column(name), pa.string()).combine_chunks() for name in key]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "\x1f")
