"""What is printed takes its colours from the same tokens as the wall, and its drawings as plain SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

TOKENS: Final = Path(__file__).resolve().parent.parent / "assets" / "tokens.css"
_TOKEN: Final = re.compile(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b")
Point = tuple[float, float]


@cache
def tokens() -> dict[str, str]:
    """Return the colours of the design tokens by name, '#rrggbb'."""
    return dict(_TOKEN.findall(TOKENS.read_text("utf-8")))


def ink(name: str) -> str:
    """Return a colour of paper: 'ink', 'quiet', '1' to '5' …

    Raises:
        KeyError: there is no such token.
    """
    return tokens()[f"paper-{name}"]


def element(tag: str, *inside: str, **about: str | float) -> str:
    """Write one element of a drawing; numbers are cut to hundredths, names are written with _ for -."""
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}={quoteattr(_number(value))}" for name, value in about.items()
    )
    return f"<{tag}{written}>{''.join(inside)}</{tag}>"


def drawing(width: float, height: float, marks: Iterable[str]) -> str:
    """Return a drawing of so many units; a unit is a tenth of a millimetre on the page."""
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}", "viewBox": f"0 0 {width:.0f} {height:.0f}"}
    return element("svg", *marks, xmlns="http://www.w3.org/2000/svg", **size)


def path(rings: Iterable[Sequence[Point]]) -> str:
    """Return the outline of some rings; points that fall on the one before are left out."""
    parts = []
    for ring in rings:
        kept: list[str] = []
        for x, y in ring:
            spot = f"{x:.1f} {y:.1f}"
            if not kept or kept[-1] != spot:
                kept.append(spot)
        if len(kept) > 2:
            parts.append("M" + "L".join(kept) + "Z")
    return "".join(parts)


def line(points: Sequence[Point]) -> str:
    """Return an open line."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
