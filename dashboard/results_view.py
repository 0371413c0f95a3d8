"""What warning and campaigns achieved: figures with their period, 风筝 归巢 先锋, weak and starred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import Figure

FIGURES: Final = ("dues_reminded", "transfers_resolved", "organisations_reminded", "lost_found")
RATES: Final = {"kite": "contact", "pioneer": "reporting"}
"""The gate's own rates of the campaigns."""
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the district's figures, and for campaigns, weak organisations and stars of the place shown."""
    here = {"basis": scene.basis, "node": scene.place}
    return {
        "figures": ("article_figures", {}),
        "campaigns": ("campaigns", here),
        "weak": ("weak_counts", here),
        "stars": ("stars", here),
    }


def figure_line(row: Mapping[str, Any], at: str, words: Words, *, period: bool) -> html.Button:
    """Return one of the article's figures: name, number, of how many, and its period."""
    key = str(row["key"])
    number: list[Any] = [html.B(parts.number(row["n"], words))]
    if row["of"]:
        number += [" / ", parts.number(row["of"], words)]
    number.append(html.Small(words(f"alert.unit_{key}")))
    shown: list[Any] = [
        html.Span(words(f"alert.figure_{key}"), className="name"),
        html.Span(number, className="amount"),
    ]
    if period:
        shown.append(html.Small(period_words(row, words), className="period"))
    return parts.act("how", f"article:{key}", at, shown, f"article/{key}")


def period_words(row: Mapping[str, Any], words: Words) -> str:
    """Write a figure's period as 2018-01-01 – 2018-12-31; its end alone where the beginning is not known."""
    return f"{row['from_day'] or ''} – {row['to_day']}"


def campaign_lines(row: Mapping[str, Any], figures: Rows, at: str, words: Words) -> list[Any]:
    """Return 风筝, 归巢 and 先锋: how many were reached of how many.

    ``figures`` are the article's; the district's members found are exact there, so both say the same.
    """
    row = exact_homing(row, figures)
    made = []
    for key, part, whole in (
        ("kite", "away_in_contact", "away"),
        ("homing", "lost_found", "lost_total"),
        ("pioneer", "reported", "in_service"),
    ):
        reached, all_ = parts.as_figure(row.get(part)), parts.as_figure(row.get(whole))
        rate = (
            parts.as_figure(row[RATES[key]])
            if key in RATES and RATES[key] in row
            else parts.share(reached, all_)
        )
        shown = [
            html.Span(words(f"alert.campaign_{key}"), className="name"),
            html.Span(
                [html.B(parts.number(reached, words)), " / ", parts.number(all_, words)], className="amount"
            ),
            parts.bar(rate.value, 1.0, "long top") if rate.shown else parts.bar(None, 1.0),
        ]
        made.append(parts.act("how", f"campaign:{key}", at, shown, f"campaign/{key}"))
    return made


def exact_homing(row: Mapping[str, Any], figures: Rows) -> dict[str, Any]:
    """Return the campaigns with the exact figures of members found, where they are the district's."""
    found = next((one for one in figures if one["key"] == "lost_found"), None)
    if found is None or row["level"] != "district":
        return dict(row)
    return {**row, "lost_found": found["n"], "lost_total": found["of"]}


def weak_total(rows: Rows, *, left: bool) -> Figure:
    """Return how many are under rectification, or with ``left`` how many were taken off the list."""
    found = [row["n"] for row in rows if (row["stage"] == "delisted") == left]
    return parts.total(found) if found else parts.as_figure(0)


def weak_line(rows: Rows, at: str, words: Words) -> html.Button:
    """Return weak and backward organisations as people decided: listed now, and taken off."""
    amount = [html.B(parts.number(weak_total(rows, left=False), words)), html.Small(words("alert.weak_unit"))]
    off = [html.Small(words("alert.weak_left")), parts.number(weak_total(rows, left=True), words)]
    shown = [
        html.Span(words("alert.weak"), className="name"),
        html.Span(amount, className="amount"),
        html.Small(off, className="period"),
    ]
    return parts.act("how", "weak:all", at, shown, "weak/all")


def star_bars(rows: Rows, at: str, words: Words) -> html.Button:
    """Return the organisations by stars, five first, as bars."""
    largest = max((int(row["organisations"]) for row in rows), default=0)
    lines: list[Any] = []
    for row in rows:
        lines += [
            html.Span("★" * int(row["stars"]) or words("alert.unrated"), className="stars"),
            parts.bar(float(row["organisations"]), float(largest)),
            parts.number(row["organisations"], words),
        ]
    return parts.act(
        "how", "star:all", at, html.Div(lines, className="rows tight"), "stars/all", className="star-rows"
    )
