"""What rows may refer to: keys in the store and keys accepted in this load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.layouts import layouts
from loaders.values import half_width
from stores.store import LoadReport, LoadResult, Rows

Flags = NDArray[np.bool_]
_NAMES = ("name", "short_name")


class Target(Protocol):
    """What the intake needs of a store."""

    def known(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Return columns of all rows of a table of facts."""
        ...

    def load(
        self,
        tables: Mapping[str, Rows],
        report: LoadReport,
        progress: Callable[[str, float], None] | None = None,
    ) -> LoadResult:
        """Take a load, all or nothing."""
        ...


class Known:
    """Answer whether keys are known, and which organisation bears a name."""

    def __init__(self, store: Target) -> None:
        self._store = store
        self._keys: dict[str, pa.Array] = {}
        self._names: dict[str, str | None] | None = None
        self._variants: dict[str, str | None] = {}

    def keys(self, table: str) -> pa.Array:
        """Give the keys of a table, those of the store and those added."""
        if table not in self._keys:
            key = layouts()[table].key[0]
            self._keys[table] = _text(self._store.known(table, [key]).column(key))
        return self._keys[table]

    def rows(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Give columns of all rows of a table that the store holds."""
        return self._store.known(table, columns)

    def renamed(self, rows: pa.Table) -> list[tuple[str, str, str]]:
        """Give code, known name and new name of regions that the store knows under another name."""
        known = self._store.known("region", ["region_id", "name"]).to_pydict()
        names = dict(zip(known["region_id"], known["name"], strict=True))
        pairs = zip(rows.column("region_id").to_pylist(), rows.column("name").to_pylist(), strict=True)
        return [(code, names[code], name) for code, name in pairs if names.get(code) and names[code] != name]

    def add(self, table: str, rows: pa.Table) -> None:
        """Add the accepted rows of a table."""
        key = layouts()[table].key[0]
        if table in _REFERRED:
            self._keys[table] = pa.concat_arrays([self.keys(table), _text(rows.column(key))])
        if table == "organisation":
            self._learn(rows)

    def unknown(self, table: str, values: pa.Array) -> Flags:
        """Flag values (null = none) that are no key of the table."""
        encoded = values.dictionary_encode()
        stranger = np.asarray(pc.invert(pc.is_in(encoded.dictionary, value_set=self.keys(table))))
        flags = np.zeros(len(values), bool)
        present = np.asarray(pc.is_valid(encoded.indices))
        if len(stranger):
            flags[present] = stranger[np.asarray(encoded.indices.drop_null())]
        return flags

    def by_name(self, values: pa.Array) -> tuple[pa.Array, Flags]:
        """Put an organisation's key for its name; flag names that several bear."""
        keys = set(self.keys("organisation").to_pylist())
        encoded = values.dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        found = [one if one in keys else self._named(one) for one in texts]
        several = np.array([one is None for one in found], bool)
        flags = np.zeros(len(values), bool)
        present = np.asarray(pc.is_valid(encoded.indices))
        if len(several):
            flags[present] = several[np.asarray(encoded.indices.drop_null())]
        return pa.array(found, pa.string()).take(encoded.indices), flags

    def by_own_name(self, rows: pa.Table, parents: Sequence[str | None]) -> list[str | None]:
        """Put keys for parents given by name, the names of the rows themselves included."""
        self._learn(rows)
        own = set(rows.column("org_id").to_pylist()) | set(self.keys("organisation").to_pylist())
        names = self._known_names()
        return [one if one is None or one in own else names.get(half_width(one)) or one for one in parents]

    def _named(self, text: str) -> str | None:
        """Give the key for a name, as written or by a usual variant of it; None = several bear it."""
        names = self._known_names()
        plain = half_width(text)
        if plain in names:
            return names[plain]
        return self._variants.get(usual(text), text)

    def _known_names(self) -> dict[str, str | None]:
        if self._names is None:
            self._names = {}
            self._learn(self._store.known("organisation", ["org_id", *_NAMES]))
        return self._names

    def _learn(self, rows: pa.Table) -> None:
        """Remember names; a name that several bear leads to None."""
        names = self._known_names()
        keys = rows.column("org_id").to_pylist()
        for column in _NAMES:
            if column not in rows.column_names:
                continue
            for key, name in zip(keys, rows.column(column).to_pylist(), strict=True):
                if name:
                    plain = half_width(name)
                    names[plain] = key if names.get(plain, key) == key else None
                    variant = usual(name)
                    self._variants[variant] = key if self._variants.get(variant, key) == key else None


def usual(name: str) -> str:
    """Give what the usual variants of an organisation's name have in common.

    '中共东山街道工作委员会' and '东山街道党工委', '某某支部委员会' and '某某党支部'; spaces do not count.
    """
    plain = "".join(half_width(name).split())
    for start in ("中国共产党", "中共"):
        plain = plain.removeprefix(start)
    for long, short in _ENDINGS:
        if plain.endswith(long):
            return plain.removesuffix(long) + short
    return plain


_ENDINGS: Final = (
    ("党总支部委员会", "总支"),
    ("总支部委员会", "总支"),
    ("党总支部", "总支"),
    ("党总支", "总支"),
    ("党支部委员会", "支部"),
    ("支部委员会", "支部"),
    ("党支部", "支部"),
    ("工作委员会", "工委"),
    ("党工委", "工委"),
    ("党委会", "委"),
    ("党委", "委"),
    ("委员会", "委"),
)


def _referred() -> frozenset[str]:
    columns = (column for layout in layouts().values() for column in layout.columns.values())
    return frozenset(column.refers for column in columns if column.refers)


_REFERRED = _referred()


def _text(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pc.cast(combined, pa.string())
