"""One SQL text for every engine: what Spark SQL writes otherwise, word by word.

Each rule changes a spelling and no meaning, so that no roll-up needs a text of its own.
Spark's reference: SQL Syntax, Functions (``extract``, ``listagg``), Data Types, ANSI Compliance.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"\bas (?:varchar|text)\)"), "as string)"),  # its varchar wants a length
    (re.compile(r"\bdouble precision\b"), "double"),
    (re.compile(r"\bextract\(isodow from "), "extract(dayofweek_iso from "),  # Monday = 1
    (
        re.compile(r"\bstring_agg\(([\w.]+), ('[^']*') order by ([^)]*)\)"),
        r"listagg(\1, \2) within group (order by \3)",
    ),
)
_LITERAL_OR_NAME: Final = re.compile(r"'(?:[^']|'')*'|\$([a-z_][a-z0-9_]*)")
_COMMENT: Final = re.compile(r"^\s*--.*$\n?", re.MULTILINE)


@lru_cache(256)
def spoken(sql: str) -> str:
    """Return the text as Spark reads it: its spellings, ``:name`` for ``$name``, no lines of comment."""
    text = _COMMENT.sub("", sql)
    for pattern, into in RULES:
        text = pattern.sub(into, text)
    return _LITERAL_OR_NAME.sub(lambda match: f":{match[1]}" if match[1] else match[0], text).strip()
