"""A published number says how much of itself may be shown, and can hold no more than that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

State = Literal["exact", "rounded", "band", "hidden", "no_data", "not_due", "not_applicable"]
STATES: Final[tuple[State, ...]] = get_args(State)

_WITH_VALUE: Final = frozenset({"exact", "rounded"})
_SIGNS: Final[dict[State, str]] = {"hidden": "＊", "no_data": "—", "not_due": "…", "not_applicable": "–"}


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one published number.

    ``value`` is there for the states ``exact`` and ``rounded`` alone; ``low`` and ``high`` (both inclusive,
    ``high`` None = open upwards) for ``band`` alone.  Every other state holds nothing, so a figure that is
    hidden has nothing to leak, whoever prints, pickles or serialises it.

    Raises:
        ValueError: when the parts do not fit the state.
    """

    value: int | float | None
    state: State
    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"unknown state of a figure: {self.state!r}")
        if (self.value is not None) != (self.state in _WITH_VALUE):
            raise ValueError(f"a figure that is {self.state} holds a value, or should not hold one")
        if (self.low is not None) != (self.state == "band"):
            raise ValueError("bounds belong to a band, and a band has a lower bound")
        if self.high is not None and (self.low is None or self.high < self.low):
            raise ValueError("the upper bound of a band lies below its lower bound")

    @property
    def shown(self) -> bool:
        """Tell whether there is a value that can be drawn or sorted by."""
        return self.value is not None

    def json(self) -> dict[str, Any]:
        """Give the form for the wire: ``v`` value, ``s`` state, ``lo`` and ``hi`` bounds; nulls left out."""
        parts = {"v": self.value, "s": self.state, "lo": self.low, "hi": self.high}
        return {name: part for name, part in parts.items() if part is not None}

    def __str__(self) -> str:
        """Write the figure as a reader may see it, without thousands separators or units."""
        if self.state == "band":
            return _band(self.low, self.high)
        return _SIGNS[self.state] if self.value is None else str(self.value)


def _band(low: int | None, high: int | None) -> str:
    """Write a band: ``<10`` from nought, ``≥50`` open upwards, ``10–29`` between."""
    if high is None:
        return f"≥{low}"
    return f"<{high + 1}" if not low else f"{low}–{high}"


def exact(value: float) -> Figure:
    """Show a number as it is."""
    return Figure(value, "exact")


def rounded(value: float) -> Figure:
    """Show a number that was rounded."""
    return Figure(value, "rounded")


def band(low: int, high: int | None = None) -> Figure:
    """Show the bounds of a number, both inclusive; ``high`` None = open upwards."""
    return Figure(None, "band", low, high)


HIDDEN: Final = Figure(None, "hidden")
NO_DATA: Final = Figure(None, "no_data")
NOT_DUE: Final = Figure(None, "not_due")
NOT_APPLICABLE: Final = Figure(None, "not_applicable")
