"""The registry of indicators: what each number means and from which columns it is made."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, Protocol, cast

REST = {"registry"}


class Indicator(Protocol):
    """One number of the wall, as it is counted.

    A module with these names; its title, definition, formula and rule stand in the locales under `how.<KEY>`.
    `TABLES` are the fact tables it comes from. `QUESTION` with `PARAMS` (and `FIXED` values) gives its rows.
    `PART` (with the columns of `PLUS`) is what is counted, summed over the rows that `WHERE` allows; `WHOLE`
    is the column it is divided by, summed over all rows, '' for a plain count. Where the whole is a column
    of another question of basis, node and month, `OVER` names both: (question, column).
    `WINDOW` says which months count: 'month', 'span' (the chosen span) or 'year' (the last twelve);
    `WHOLE_AT` is 'all' of them or the 'last' alone. `UNIT` is a key of the locales under `units`, or
    'percent'.
    """

    KEY: str
    TABLES: tuple[str, ...]
    QUESTION: str
    PARAMS: tuple[str, ...]
    FIXED: Mapping[str, Any]
    WHERE: Mapping[str, frozenset[str]]
    PART: str
    PLUS: tuple[str, ...]
    WHOLE: str
    OVER: tuple[str, ...]
    WINDOW: str
    WHOLE_AT: str
    UNIT: str


@cache
def all_indicators() -> dict[str, Indicator]:
    """Return every indicator by key, sorted by key.

    Raises:
        ValueError: two modules claim one key; both are named.
    """
    import indicators

    found: dict[str, tuple[str, ModuleType]] = {}
    for info in pkgutil.iter_modules(indicators.__path__):
        if info.ispkg or info.name in REST or info.name.startswith("_"):
            continue
        module = importlib.import_module(f"indicators.{info.name}")
        if module.KEY in found:
            raise ValueError(
                f"indicator key {module.KEY!r} is claimed by {found[module.KEY][0]} and {info.name}"
            )
        found[module.KEY] = (info.name, module)
    return {key: cast(Indicator, module) for key, (_, module) in sorted(found.items())}


def question(indicator: Indicator, view: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the question of an indicator and its parameters.

    Args:
        indicator: from `all_indicators`.
        view: values of all parameters there are: basis, node, month, from_month, to_month, year.

    Raises:
        KeyError: the view lacks a parameter.
    """
    return indicator.QUESTION, {name: view[name] for name in indicator.PARAMS} | dict(indicator.FIXED)


def columns(
    indicator: Indicator,
    rows: list[dict[str, Any]],
    months: tuple[str, ...],
    others: list[dict[str, Any]] | None = None,
) -> tuple[list[Any], list[Any]]:
    """Return the published cells that make the numerator and those that make the denominator.

    Args:
        indicator: from `all_indicators`.
        rows: published rows of its question.
        months: the months that count, ascending; rows without a month always count.
        others: rows of the question of `OVER`, where there is one.

    Returns:
        Two lists of published values to be added up; the second is empty for a plain count.
    """
    inside = [row for row in rows if "month" not in row or row["month"] in months]
    names = (indicator.PART, *indicator.PLUS)
    parts = [row[name] for row in inside if _belongs(indicator, row) for name in names]
    if indicator.OVER:
        return parts, [row[indicator.OVER[1]] for row in others or []]
    if not indicator.WHOLE:
        return parts, []
    last = [row for row in inside if "month" not in row or row["month"] == months[-1]]
    return parts, [row[indicator.WHOLE] for row in (last if indicator.WHOLE_AT == "last" else inside)]


def _belongs(indicator: Indicator, row: Mapping[str, Any]) -> bool:
    return all(str(row.get(column)) in allowed for column, allowed in indicator.WHERE.items())
