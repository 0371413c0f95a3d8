"""Every word, number and date of a screen comes from one table per language."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from stores.figure import Figure

FOLDER: Final = Path(__file__).parent / "locales"
DEFAULT: Final = "zh"
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_log = logging.getLogger(__name__)


class Words:
    """Speak one language: `Words("zh")("levels.town")`.

    Args:
        lang: a language with a table in dashboard/locales; an unknown one falls back to Chinese.
        strict: raise on a missing key instead of writing the key itself on the screen.
    """

    def __init__(self, lang: str = DEFAULT, *, strict: bool = False) -> None:
        self.lang = lang if lang in languages() else DEFAULT
        self._table = table(self.lang)
        self._strict = strict

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the text of a key, such as 'levels.town', with its {placeholders} filled.

        Raises:
            KeyError: the key is missing and the words are strict.
        """
        text = self._table.get(key)
        if text is None:
            if self._strict:
                raise KeyError(f"no words for {key!r} in {self.lang}")
            _log.warning("no words for %s in %s", key, self.lang)
            return key.rpartition(".")[2]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def one_of(self, section: str, code: Any) -> str:
        """Return the word for a code of a list ('kinds', 'branch'); an unknown code stands for itself."""
        return self._table.get(f"{section}.{code}", str(code))

    def name(self, row: Mapping[str, Any]) -> str:
        """Return a place's name in this language; the Chinese name where there is no other."""
        return str((self.lang == "en" and row.get("name_en")) or row.get("name") or "")

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number exactly, with thousands separators: 62,498."""
        return f"{value:,.{decimals}f}"

    def short(self, value: float) -> str:
        """Write a number for the wall: 6.25万 / 62.5k, exact below ten thousand."""
        size = abs(value)
        steps = ((1e8, "亿"), (1e4, "万")) if self.lang == "zh" else ((1e6, "M"), (1e4, "k"))
        for floor, unit in steps:
            if size >= floor:
                divisor = 1e3 if unit == "k" else floor
                return _trimmed(value / divisor, 2 if self.lang == "zh" else 1) + unit
        return self.number(value, 0 if float(value).is_integer() else 1)

    def percent(self, share: float, decimals: int = 1) -> str:
        """Write a share of one as per cent: 0.713 → 71.3%."""
        return f"{share * 100:.{decimals}f}%"

    def change(self, now: float, before: float) -> str:
        """Write the change between two numbers with its sign; zero is silent."""
        difference = now - before
        return "" if difference == 0 else f"{difference:+,.0f}".replace("-", "−")

    def figure(self, figure: Figure, *, short: bool = False, share: bool = False) -> str:
        """Write a published number; hidden, no data, not due and not applicable each look different."""
        if figure.state == "band":
            return self._band(figure)
        if figure.value is None:
            return self(f"states.{figure.state}_sign")
        if share:
            return self.percent(figure.value)
        return self.short(figure.value) if short else self.number(figure.value)

    def _band(self, figure: Figure) -> str:
        low, high = figure.low or 0, figure.high
        if high is None:
            return f"≥{self.number(low)}"
        return f"<{self.number(high + 1)}" if low == 0 else f"{self.number(low)}–{self.number(high)}"

    def month(self, month: str) -> str:
        """Write a month 'YYYY-MM' as 2019年2月 / Feb 2019."""
        year, number = month.split("-")[:2]
        return f"{year}年{int(number)}月" if self.lang == "zh" else f"{_MONTHS[int(number) - 1]} {year}"

    def month_short(self, month: str) -> str:
        """Write the month of 'YYYY-MM' without its year: 2月 / Feb."""
        number = int(month.split("-")[1])
        return f"{number}月" if self.lang == "zh" else _MONTHS[number - 1]

    def day(self, day: str) -> str:
        """Write a day 'YYYY-MM-DD' as 2019年2月28日 / 28 Feb 2019."""
        month, number = day[:7], int(day[8:10])
        return f"{self.month(month)}{number}日" if self.lang == "zh" else f"{number} {self.month(month)}"


def languages() -> tuple[str, ...]:
    """Return the languages that have a table, Chinese first."""
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return tuple(sorted(found, key=lambda lang: lang != DEFAULT))


@cache
def table(lang: str) -> Mapping[str, str]:
    """Read the table of a language as dotted keys.

    Raises:
        FileNotFoundError: there is no such language.
        TypeError: a leaf of the table is no text.
    """
    with (FOLDER / f"{lang}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


def _flat(node: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    """List the leaves of nested tables as (dotted key, text)."""
    leaves: list[tuple[str, str]] = []
    for name, value in node.items():
        if isinstance(value, Mapping):
            leaves += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            leaves.append((prefix + name, value))
        else:
            raise TypeError(f"{prefix}{name} must be text")
    return leaves


def _trimmed(value: float, decimals: int) -> str:
    """Write a number with at most so many decimals, without trailing noughts."""
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
