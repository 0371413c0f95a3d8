"""One file a sheet layout: which table it fills, what its columns may be called, what its words mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from loaders.sheets import plain

FOLDER: Final = Path(__file__).resolve().parent
PERSONAL: Final = FOLDER.parent / "personal.toml"
ENOUGH: Final = 0.3
"""Share of a sheet's headers that a layout must know to be recognised."""

_END_NUMBER: Final = re.compile(r"\d+$")


@dataclass(frozen=True)
class Column:
    """Hold how one column of a table is filled.

    Args:
        name: column of the table.
        kind: id, text, code, flag, int, number, day, month, year, time, city, person or place.
        names: headers that fill it, best first, as `plain` gives them.
        words: word of the office (plain) → code; for kind 'code'.
        required: an empty cell rejects the row.
        refers: table whose key the value must be, None = any value.
        by_name: an organisation's name will do in place of its key.
        month_will_do: a month stands for its first day; for kind 'day'.
        otherwise: headers of personal columns that may stand in for a missing one; for kind 'person'.
        only_if: column of kind 'flag' without which the value is dropped.
        axis: 'lon' or 'lat'.
    """

    name: str
    kind: str
    names: tuple[str, ...]
    words: Mapping[str, str]
    required: bool = False
    refers: str | None = None
    by_name: bool = False
    month_will_do: bool = False
    otherwise: tuple[str, ...] = ()
    only_if: str | None = None
    axis: str | None = None


@dataclass(frozen=True)
class Layout:
    """Hold one layout.

    Args:
        table: table it fills, and the layout's name in declarations.
        title: what the office calls such a sheet.
        order: tables are filled in this order, those referred to first.
        key: columns that identify a row.
        columns: columns of the table by name.
        person: rows stand for persons, so that rejected values are not stored.
        event: a known key is a duplicate whatever else the row says; else a second row of other content is
            rejected.
        shape: 'geom' (any geometry is kept), 'point' (fills lon and lat) or None (a geometry is not used).
        ignored: headers that need no mention.
    """

    table: str
    title: str
    order: int
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    person: bool = False
    event: bool = False
    shape: str | None = None
    ignored: frozenset[str] = frozenset()

    @cached_property
    def headers(self) -> frozenset[str]:
        """Give every header that fills a column, plain."""
        return frozenset(name for column in self.columns.values() for name in column.names)


@dataclass(frozen=True)
class Fit:
    """Say which header of a sheet fills which column.

    Args:
        places: column of the table → index of the header.
        personal: indices of headers that are dropped.
        unknown: headers nobody knows, as written; the second of two equal ones with its number.
    """

    places: Mapping[str, int]
    personal: tuple[int, ...]
    unknown: tuple[str, ...]


@cache
def layouts() -> Mapping[str, Layout]:
    """Read all layouts, in the order their tables are filled."""
    found = [_layout(tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.toml"))]
    return {layout.table: layout for layout in sorted(found, key=lambda one: (one.order, one.table))}


def _layout(raw: Mapping[str, Any]) -> Layout:
    columns = {name: _column(name, part) for name, part in raw["columns"].items()}
    rest = {name: raw[name] for name in ("person", "event", "shape") if name in raw}
    ignored = frozenset(plain(name) for name in raw.get("ignored", ()))
    return Layout(
        raw["table"], raw["title"], raw["order"], tuple(raw["key"]), columns, ignored=ignored, **rest
    )


def _column(name: str, raw: Mapping[str, Any]) -> Column:
    words = {plain(word): code for word, code in raw.get("words", {}).items()}
    words.update({plain(code): code for code in raw.get("words", {}).values()})
    rest = {
        key: raw[key]
        for key in ("required", "refers", "by_name", "month_will_do", "only_if", "axis")
        if key in raw
    }
    names = tuple(plain(one) for one in [*raw["names"], name])
    otherwise = tuple(plain(one) for one in raw.get("otherwise", ()))
    return Column(name, raw["type"], tuple(dict.fromkeys(names)), words, otherwise=otherwise, **rest)


@cache
def personal() -> tuple[frozenset[str], frozenset[str]]:
    """Read the headers that are dropped everywhere, and those that need no mention; both plain."""
    raw = tomllib.loads(PERSONAL.read_text("utf-8"))
    return frozenset(plain(one) for one in raw["names"]), frozenset(plain(one) for one in raw["ignored"])


def is_personal(header: str) -> bool:
    """Tell whether a column is dropped: its name, with or without a trailing number, is on the list."""
    name = plain(header)
    return name in personal()[0] or _END_NUMBER.sub("", name) in personal()[0]


@cache
def known_headers() -> frozenset[str]:
    """Give every header of any layout and every personal one, plain."""
    every = [layout.headers for layout in layouts().values()]
    return personal()[0].union(*every)


def fit(layout: Layout, headers: Sequence[str]) -> Fit:
    """Match a sheet's headers with a layout; of several that fill one column the best named is used."""
    where: dict[str, int] = {}
    for at, header in enumerate(headers):
        where.setdefault(plain(header), at)
    places = {}
    for column in layout.columns.values():
        name = next((one for one in column.names if one in where), None)
        name = name or next((one for one in column.otherwise if one in where), None)
        if name is not None:
            places[column.name] = where[name]
    used = set(places.values())
    dropped = tuple(at for at, header in enumerate(headers) if at not in used and is_personal(header))
    return Fit(places, dropped, tuple(_unknown(layout, headers, used, set(dropped))))


def _unknown(layout: Layout, headers: Sequence[str], used: set[int], dropped: set[int]) -> list[str]:
    quiet = layout.ignored | personal()[1]
    seen: dict[str, int] = {}
    names = []
    for at, header in enumerate(headers):
        name = plain(header)
        seen[name] = seen.get(name, 0) + 1
        if at in used or at in dropped or (name in quiet and seen[name] == 1):
            continue
        label = " ".join(header.split()) or f"column {at + 1} without a name"
        names.append(label if seen[name] == 1 else f"{label} ({seen[name]})")
    return names


def recognise(headers: Sequence[str]) -> Layout | None:
    """Find the layout that knows most of a sheet's headers and all it requires; None = none does."""
    own = {plain(header) for header in headers if not is_personal(header)} - personal()[1] - {""}
    best, most = None, 0.0
    for layout in layouts().values():
        matched = fit(layout, headers).places
        needed = [column.name for column in layout.columns.values() if column.required]
        if not own or any(name not in matched for name in needed):
            continue
        score = len(own & layout.headers) / len(own) + 0.001 * len(matched)
        if score > most:
            best, most = layout, score
    return best if most >= ENOUGH else None
