"""Signs of warnings: severity by shape before colour, and what became of a duty; each looks different."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from dashboard import parts
from dashboard.attributes import attributes
from dashboard.words import Words

COLOURS: Final = ("", "#8fbcff", "#ffb84d", "#ff8a0d", "#ff7a2a")
"""Of severity 1 to 4; assets/alerts.js draws the same shapes on the map."""

SEVERITIES: Final = (4, 3, 2, 1)
DUTY_STATES: Final = ("held", "late", "missed", "not_due", "not_applicable", "no_data", "hidden")
"""As they are shown: what was made up for and what was held late are one sign."""

_SHAPES: Final = {
    1: "<circle cx='12' cy='12' r='8' fill='none' stroke='{c}' stroke-width='2.8'/>",
    2: "<path d='M12 3L22 20.500H2Z' fill='none' stroke='{c}' stroke-width='2.8'/>",
    3: "<path d='M12 1L23 12L12 23L1 12Z' fill='{c}'/>",
    4: "<circle cx='12' cy='12' r='4.6' fill='{c}'/><circle cx='12' cy='12' r='7.6' fill='none' stroke='{c}' "
    "stroke-width='1.5'/><circle cx='12' cy='12' r='10.8' fill='none' stroke='{c}' stroke-width='1.5'/>",
}


def glyph(severity: int) -> Any:
    """Return the shape of a severity 1 to 4; an empty place for 0, which is no warning."""
    if severity not in _SHAPES:
        return html.I(className="sev")
    shape = _SHAPES[severity].replace("{c}", COLOURS[severity])
    return parts.svg(f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>{shape}</svg>", "sev")


def state_sign(state: str, words: Words) -> html.I:
    """Return the sign of a duty's state, named for those who do not see it."""
    return html.I(
        className=f"duty duty-{state}",
        role="img",
        title=words(f"alert.duty_{state}"),
        **attributes({"aria-label": words(f"alert.duty_{state}")}),
    )


def duty_legend(words: Words) -> html.Div:
    """Return all states with their names."""
    return html.Div(
        [html.Span([state_sign(state, words), words(f"alert.duty_{state}")]) for state in DUTY_STATES],
        className="duty-legend",
    )
