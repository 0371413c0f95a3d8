"""The plotly figures of the wall, as plain values with one shared look: transparent, still, large enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dash import html

from dashboard.attributes import attributes
from dashboard.words import Words

CONFIG: Final[Any] = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
FONT: Final = "Ejia Sans, Noto Sans CJK SC, sans-serif"
TEXT, QUIET, GRID = "#b0c2f9", "#9aa8d4", "#2b4480"
BAR, BRIGHT = "#2b6fb0", "#5ac8fa"


def spoken(
    graph: Any, title: str, names: Sequence[str], values: Sequence[float | None], words: Words
) -> html.Div:
    """Return a chart that a screen reader says as its title and its values, name by name."""

    def text(value: float | None) -> str:
        return words("states.no_data") if value is None else words.number(value, 0 if value > 99 else 1)

    said = [f"{name} {text(value)}" for name, value in zip(names, values, strict=True)]
    label = f"{title}: {words('frame.list_separator').join(said)}"
    return html.Div(graph, role="img", **attributes({"aria-label": label}))


def layout(**more: Any) -> dict[str, Any]:
    """Return the shared layout; `more` is added to it."""
    axis = {
        "gridcolor": GRID,
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 22, "color": QUIET},
    }
    shared = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 22, "color": TEXT},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {
            **axis,
            "showgrid": False,
            "automargin": True,
            "type": "category",
            "tickangle": 0,
            "dtick": 2,
        },
        "yaxis": {**axis, "automargin": True, "rangemode": "tozero", "nticks": 4},
        "bargap": 0.35,
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"font": {"size": 22, "family": FONT}, "bgcolor": "#0f1f43"},
        "transition": {"duration": 0},
        "dragmode": False,
    }
    return shared | more


def bars(names: Sequence[str], values: Sequence[float | None], title: str) -> dict[str, Any]:
    """Return a trace of upright bars; None leaves a gap."""
    return {
        "type": "bar",
        "x": list(names),
        "y": list(values),
        "name": title,
        "marker": {"color": BAR},
        "hovertemplate": "%{x}　%{y:,.4~r}<extra></extra>",
    }


def bars_and_rate(
    names: Sequence[str],
    counts: Sequence[float | None],
    rates: Sequence[float | None],
    titles: tuple[str, str],
) -> dict[str, Any]:
    """Return bars of counts with a line of rates, 0..1, on an axis of per cent at the right."""
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(names),
        "y": list(rates),
        "name": titles[1],
        "yaxis": "y2",
        "line": {"color": BRIGHT, "width": 3},
        "marker": {"size": 10, "color": "#ffffff"},
        "hovertemplate": "%{x}　%{y:.0%}<extra></extra>",
    }
    right = {
        "overlaying": "y",
        "side": "right",
        "range": [0, 1.02],
        "tickformat": ".0%",
        "showgrid": False,
        "automargin": True,
        "fixedrange": True,
        "tickmode": "array",
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "tickfont": {"size": 22, "color": QUIET},
    }
    return {"data": [bars(names, counts, titles[0]), line], "layout": layout(yaxis2=right)}


def bars_and_line(
    names: Sequence[str], values: Sequence[float | None], level: float, title: str
) -> dict[str, Any]:
    """Return bars with a level line across them."""
    line = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": level,
        "y1": level,
        "line": {"color": "#ffffff", "width": 2, "dash": "dot"},
    }
    return {"data": [bars(names, values, title)], "layout": layout(shapes=[line])}
