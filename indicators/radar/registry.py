"""The axes of the radar, in the order in which they always stand: people remember shapes."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Final, Protocol, cast

from indicators.radar.base import Quarter, Sums
from indicators.warnings.columns import Floats
from stores.settings import Radar

REST: Final = frozenset({"registry", "base", "running"})


class Axis(Protocol):
    """One axis: a module that sums numbers by organisation and makes 0 to 100 of the sums of any node.

    ``MEMBERS`` tells whether it counts members, so that small numbers are not shown.
    """

    KEY: str
    ORDER: int
    MEMBERS: bool
    TABLES: tuple[str, ...]

    def by_org(self, q: Quarter, /) -> dict[str, Floats]: ...

    def value(self, sums: Sums, settings: Radar, /) -> tuple[float | None, str]: ...


@cache
def axes() -> tuple[Axis, ...]:
    """Return all axes in their order.

    Raises:
        ValueError: two stand at one place.
    """
    import indicators.radar as package

    names = [info.name for info in pkgutil.iter_modules(package.__path__) if info.name not in REST]
    found = [cast(Axis, importlib.import_module(f"indicators.radar.{name}")) for name in names]
    if len({axis.ORDER for axis in found}) != len(found):
        raise ValueError("two axes of the radar stand at one place")
    return tuple(sorted(found, key=lambda axis: axis.ORDER))
