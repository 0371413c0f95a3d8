"""The registry of warnings: one module an indicator, parameters checked against its function's signature."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Protocol, cast

from indicators.warnings.episodes import Found
from indicators.warnings.facts import Facts
from stores.errors import StoreError

REST: Final = frozenset(
    {"registry", "columns", "episodes", "facts", "duty", "yearly", "signed", "steps", "places", "running"}
    | {"rehearsal", "ahead", "matrix", "watching", "kept", "studied"}
)


class Warn(Protocol):
    """One indicator of the warning centre.

    A module with these names; its name, definition, numerator and denominator stand in the locales under
    ``warn.<KEY>``. ``PERIOD`` is month, quarter, year or day; ``TABLES`` are the facts it reads; ``SOURCE``
    the marks of its rule; ``THRESHOLD`` the parameter whose value is the line; ``VANISHED`` says what becomes
    of a warning whose failing is no longer in the facts: 'clear' where the facts hold the present state only,
    'retract' where they hold history, so that it never was. ``HELP`` explains every parameter.
    """

    KEY: str
    VERSION: int
    PERIOD: str
    TABLES: tuple[str, ...]
    SOURCE: str
    THRESHOLD: str
    VANISHED: str
    HELP: Mapping[str, str]

    def evaluate(self, facts: Facts, /, **parameters: Any) -> Found: ...


class ParameterError(StoreError):
    """Say which threshold of the deployment file is none."""


@cache
def all_warnings() -> dict[str, Warn]:
    """Return every indicator by key, W01 to W15 before R1 to R7.

    Raises:
        ValueError: two modules claim one key, or one explains other parameters than its function has.
    """
    import indicators.warnings as package

    found: dict[str, Warn] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name in REST:
            continue
        module = importlib.import_module(f"indicators.warnings.{info.name}")
        one = cast(Warn, module)
        if one.KEY in found:
            raise ValueError(f"two warnings claim {one.KEY}")
        if set(one.HELP) != set(defaults(one)) or one.THRESHOLD not in one.HELP:
            raise ValueError(f"{one.KEY} explains other parameters than it has")
        found[one.KEY] = one
    return dict(sorted(found.items(), key=lambda item: (item[0][0] != "W", item[0])))


def defaults(one: Warn) -> dict[str, bool | int | float]:
    """Return an indicator's parameters with their defaults, from its function's signature."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(one.evaluate).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def parameters(one: Warn, given: Mapping[str, Mapping[str, bool | int | float]]) -> dict[str, Any]:
    """Return an indicator's parameters as a deployment sets them.

    Raises:
        ParameterError: a name that the function does not have, or a value of another type.
    """
    own = defaults(one)
    for name, value in given.get(one.KEY, {}).items():
        if name not in own:
            raise ParameterError(f"warnings.parameters.{one.KEY} has no '{name}'; it has {', '.join(own)}")
        fits = type(value) is type(own[name]) or (type(own[name]) is float and type(value) is int)
        if not fits:
            kind = type(own[name]).__name__
            raise ParameterError(f"warnings.parameters.{one.KEY}.{name} is {value!r}, not of type {kind}")
        if not isinstance(value, bool) and value < 0:
            raise ParameterError(f"warnings.parameters.{one.KEY}.{name} is below nought")
        own[name] = value
    return own


def check(given: Mapping[str, Mapping[str, bool | int | float]], enabled: tuple[str, ...]) -> None:
    """Check all that a deployment sets.

    Raises:
        ParameterError: an unknown indicator, parameter or type.
    """
    strays = [key for key in (*given, *enabled) if key not in all_warnings()]
    if strays:
        raise ParameterError(f"there is no warning {', '.join(strays)}")
    for one in all_warnings().values():
        parameters(one, given)
