"""Drawings of panels as elements: SVG by name, built by the browser with createElementNS and text nodes.

They stand in plain panels only (`dashboard.plain`); text inside is never parsed, so no name becomes markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KNOWN = frozenset({"svg", "g", "path", "rect", "circle", "line", "polyline", "polygon", "text", "title"})


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold one SVG element: its tag, attributes as written (hyphens included), and marks or text inside.

    Raises:
        ValueError: the tag is none of `KNOWN`.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.tag not in KNOWN:
            raise ValueError(f"no element of a drawing: {self.tag!r}")

    def to_plotly_json(self) -> dict[str, Any]:
        """Return the element as plain values, as components do."""
        return {"type": self.tag, "props": {**self.attributes, "children": self.children}}


def mark(tag: str, *children: Any, **attributes: Any) -> Mark:
    """Return an element; attribute names are written with _ for -, numbers are cut to a tenth of a unit."""
    return Mark(
        tag,
        {name.rstrip("_").replace("_", "-"): _text(value) for name, value in attributes.items()},
        list(children),
    )


def canvas(width: float, height: float, children: Sequence[Any], label: str, **attributes: Any) -> Mark:
    """Return a drawing of so many design px (1/16 rem); `label` is what a screen reader says of it."""
    size = f"width:{width / 16:.3f}rem;height:{height / 16:.3f}rem"
    box = f"0 0 {_text(width)} {_text(height)}"
    return mark("svg", *children, viewBox=box, style=size, role="group", aria_label=label, **attributes)


def text(x: float, y: float, words: str, look: str = "", anchor: str = "middle") -> Mark:
    """Return text with its baseline at y; `look` is its class, which gives size and colour."""
    return mark("text", words, x=x, y=y, text_anchor=anchor, class_=look)


def tap(children: Sequence[Any], verb: str, arg: str, key: str, label: str) -> Mark:
    """Return a group that sends a gesture when it is tapped or entered by key."""
    gesture = {"data_verb": verb, "data_arg": arg, "data_key": key}
    return mark("g", *children, role="button", tabindex="0", aria_label=label, class_="tap", **gesture)


def ribbon(x0: float, w0: float, y0: float, x1: float, w1: float, y1: float) -> str:
    """Return the path of a ribbon from [x0, x0 + w0] at y0 down to [x1, x1 + w1] at y1."""
    bend = (y1 - y0) * 0.5
    left = f"M{x0:.1f} {y0:.1f}C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
    right = (
        f"H{x1 + w1:.1f}C{x1 + w1:.1f} {y1 - bend:.1f} {x0 + w0:.1f} {y0 + bend:.1f} {x0 + w0:.1f} {y0:.1f}Z"
    )
    return left + right


def _text(value: Any) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
