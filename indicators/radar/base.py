"""What the axes of the radar share: numbers by organisation, and the share of sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from indicators.warnings.columns import Flags, Floats, Ints
from indicators.warnings.facts import Facts
from stores.settings import Radar, Rules

Sums = dict[str, float]
NO_DATA: Final = "no_data"
TOO_FEW: Final = "too_few"
NO_TRANSFERS: Final = "no_transfers"


@dataclass
class Quarter:
    """Hold a closed quarter as known on the day it closed.

    ``month`` is its last month, ``begin`` and ``end`` its first day and the day after its last.
    """

    facts: Facts
    key: str
    month: int
    begin: int
    end: int
    rules: Rules
    settings: Radar

    @property
    def first_of_year(self) -> bool:
        """Tell whether it is a first quarter."""
        return self.month % 12 == 2

    @cached_property
    def there(self) -> Flags:
        """Tell which organisations there were at its end."""
        f = self.facts
        flags: Flags = f.is_organisation & (f.founded < self.end) & (f.abolished >= self.end - 1)
        return flags

    @cached_property
    def members(self) -> Ints:
        """Count the members of each organisation at its end."""
        return self.facts.all_members(self.month)


def ratio(num: float, den: float, least: float) -> tuple[float | None, str]:
    """Return 100 × num / den and no gap; a gap where the denominator is too small."""
    if den <= 0:
        return None, NO_DATA
    if den < least:
        return None, TOO_FEW
    return min(max(100 * num / den, 0.0), 100.0), ""


def plain(num: Ints | Floats | Flags, den: Ints | Floats | Flags) -> dict[str, Floats]:
    """Name a numerator and a denominator by organisation."""
    return {"num": num.astype(float), "den": den.astype(float)}
