"""One SQL text for every engine: ``$name`` becomes PostgreSQL's ``$1``, types get its names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

_NAME: Final = re.compile(r"'(?:[^']|'')*'|\$([a-z_][a-z0-9_]*)")
_COMMENT: Final = re.compile(r"^\s*--.*$\n?", re.MULTILINE)
TYPES: Final[Mapping[str, str]] = {
    "text": 'text collate "C"',  # bytes decide the order, as in the embedded store
    "integer": "integer",
    "bigint": "bigint",
    "double": "double precision",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "blob": "geometry(Geometry, 4326)",  # the only bytes among the facts are shapes
}


@lru_cache(1024)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with ``$1``, ``$2`` … and the names they stand for; comment lines go."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _NAME.sub(number, _COMMENT.sub("", sql)).strip(), tuple(names)


def bound(sql: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the numbered text and the values in its order.

    Raises:
        KeyError: the text names a parameter that is not given.
    """
    text, names = numbered(sql)
    return text, [params[name] for name in names]
