"""A question is a file of SQL whose head says in one sentence what it asks and what may be published.

What SQL does not say well (tracing, warnings) is a module of ``stores/computed`` that says the same things by
name: its docstring's first line is the sentence, ``PARAMS`` and ``PUBLISH`` are the head, and
``rows(store, **params)`` makes the rows from other questions. ``GATE`` and ``shape`` say how the gate makes
them of what it has published (stores.gate_answers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from stores.errors import QuestionError

FOLDER: Final = Path(__file__).resolve().parent / "sql"
COMPUTED: Final = Path(__file__).resolve().parent / "computed"
CLASSES: Final = frozenset(
    {
        "public",
        "members",
        "attribute",
        "rare",
        "conduct",
        "flow",
        "split",
        "level",
        "node",
        "band",
        "dim",
        "month",
        "named",
        "alerts",
        "axis",
    }
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_HEAD: Final = re.compile(r"--\s*(params|publish|gate)\s*:(.*)")
_RATE: Final = re.compile(r"rate:([a-z][a-z0-9_]*)\(([a-z0-9_]+),([a-z0-9_]+)\)")
_PARAM: Final = re.compile(r"\$([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Rate:
    """Name a share that the gate publishes as one more column: ``part`` over ``whole``."""

    name: str
    part: str
    whole: str


@dataclass(frozen=True, slots=True)
class Question:
    """Hold one question.

    Args:
        name: the file's name without its ending.
        sentence: what is asked.
        params: names of its parameters, ``$name`` in the text.
        publish: column → publishing class, one of ``CLASSES``; a column that is absent must not leave.
        rates: shares of columns of class ``conduct`` or ``rare``.
        sql: the text, head included; empty for a computed question.
        compute: ``compute(store, **params)`` makes the rows of a computed question.
        gate: how the gate makes the rows instead ('matrix', 'chain', 'steps', 'own'); empty: from the rows as
            they are.
        shape: makes rows of what the gate has published, for a question with ``gate``.
        modes: who may ask it; empty = everybody.
    """

    name: str
    sentence: str
    params: tuple[str, ...]
    publish: Mapping[str, str]
    rates: tuple[Rate, ...]
    sql: str
    compute: Callable[..., list[dict[str, Any]]] | None = None
    gate: str = ""
    shape: Callable[..., list[dict[str, Any]]] | None = None
    modes: tuple[str, ...] = ()

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check that exactly the declared parameters are given.

        Raises:
            QuestionError: one is missing, or one too many.
        """
        missing = [name for name in self.params if name not in given]
        beyond = [name for name in given if name not in self.params]
        if missing or beyond:
            parts = [f"misses {', '.join(missing)}"] * bool(missing)
            parts += [f"does not know {', '.join(beyond)}"] * bool(beyond)
            raise QuestionError(f"the question '{self.name}' {' and '.join(parts)}")
        return dict(given)

    def text(self, style: Literal["dollar", "pyformat"] = "dollar") -> str:
        """Write the SQL with ``$name`` (DuckDB) or ``%(name)s`` (psycopg) for its parameters."""
        if style == "dollar":
            return self.sql
        return _PARAM.sub(r"%(\1)s", _without_comments(self.sql).replace("%", "%%"))


def parse(name: str, sql: str) -> Question:
    """Read a question's head: its sentence, then ``params:`` and ``publish:`` lines.

    ``publish`` holds ``column[, column] = class`` parts between semicolons.  ``rate:<name>(part, whole)`` for
    a class stands for ``conduct`` and adds the share ``<name>``; several shares are joined by ``+``.
    ``gate`` says how the gate makes the rows.

    Raises:
        QuestionError: a part of the head is missing or unreadable, or text and head name other parameters.
    """
    head = [line for line in sql.splitlines() if line.startswith("--")]
    found: dict[str, list[str]] = {"params": [], "publish": [], "gate": []}
    for line in head[1:]:
        match = _HEAD.match(line)
        if match:
            found[match[1]].append(match[2].strip())
    if not head or not found["params"] or not found["publish"]:
        raise QuestionError(f"the head of the question '{name}' lacks its sentence, 'params:' or 'publish:'")
    params = tuple(part for part in re.split(r"[,\s]+", " ".join(found["params"])) if part)
    used = set(_PARAM.findall(_without_comments(sql)))
    if used != set(params):
        raise QuestionError(f"the question '{name}' declares {sorted(params)} and uses {sorted(used)}")
    publish, rates = _publish(name, ";".join(found["publish"]))
    gate = " ".join(found["gate"])
    return Question(name, head[0].lstrip("- ").strip(), params, publish, rates, sql, gate=gate)


def _publish(name: str, text: str) -> tuple[dict[str, str], tuple[Rate, ...]]:
    """Read the publishing classes of the columns."""
    publish: dict[str, str] = {}
    rates: list[Rate] = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        columns, separator, kind = part.partition("=")
        kind = kind.strip().replace(" ", "")
        shares = [_RATE.fullmatch(one) for one in kind.split("+")]
        if all(shares):
            rates += [Rate(*one.groups()) for one in shares if one]
            kind = "conduct"
        if not separator or kind not in CLASSES:
            raise QuestionError(f"the question '{name}' publishes by no known class: '{part}'")
        publish |= dict.fromkeys((column.strip() for column in columns.split(",")), kind)
    strays = [column for rate in rates for column in (rate.part, rate.whole) if column not in publish]
    if strays or not all(_NAME.fullmatch(column) for column in publish):
        raise QuestionError(f"the question '{name}' names columns wrongly: {strays or sorted(publish)}")
    return publish, tuple(rates)


def _without_comments(sql: str) -> str:
    """Drop comment lines, whose text may hold signs that look like parameters."""
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))


@cache
def question(name: str) -> Question:
    """Find a question by name.

    Raises:
        QuestionError: there is none of this name, or its head is unreadable.
    """
    if _NAME.fullmatch(name) and (FOLDER / f"{name}.sql").is_file():
        return parse(name, (FOLDER / f"{name}.sql").read_text("utf-8"))
    if name in computed_names():
        return _computed(name)
    raise QuestionError(f"there is no question '{name}'")


def _computed(name: str) -> Question:
    """Read a computed question's module."""
    module = import_module(f"stores.computed.{name}")
    publish, rates = _publish(name, module.PUBLISH.replace("\n", " "))
    sentence = (module.__doc__ or "").strip().partition("\n")[0]
    modes, gate = tuple(getattr(module, "MODES", ())), getattr(module, "GATE", "")
    shape = getattr(module, "shape", None)
    params = tuple(module.PARAMS)
    return Question(name, sentence, params, publish, rates, "", module.rows, gate, shape, modes)


def names() -> tuple[str, ...]:
    """List the questions that are SQL."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))


def computed_names() -> tuple[str, ...]:
    """List the questions that are computed; a name with an underscore before it is no question."""
    files = (path.stem for path in COMPUTED.glob("*.py"))
    return tuple(sorted(name for name in files if _NAME.fullmatch(name)))
