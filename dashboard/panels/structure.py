"""The structure of organisations: by domain, as ordered bars that filter the map and the other panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts, rank_view
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "structure"
ORDER = 30
SIDE = "left"
BOARDS = ("overview", "activity")
SHARES = rank_view.SHARES
DEPENDS = rank_view.DEPENDS
MOST = 5
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the organisations of this place by domain, where its neighbours do not stand here."""
    if rank_view.shown(scene, world):
        return {}
    params = {"basis": scene.basis, "node": scene.place, "month": scene.month}
    return {"mix": ("organisation_mix", params)}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the largest domains as bars, each a filter; all of them stand in the sheet behind the title."""
    if rank_view.shown(scene, world):
        return []
    found = ordered(rows["mix"])
    chosen = scene.picked("domain")
    largest = max((row["organisations"] for row in found), default=0)
    first = chosen or (found[0]["domain"] if found else None)
    shown = _first_five(found, chosen)
    rest = len(found) - len(shown)
    more = words("panel.and_more", count=words.one_of("numerals", rest)) if rest else ""
    note: Any = parts.notes(more, words("panel.each_organisation"))
    if rank_view.possible(scene, world) and not chosen:
        note = [more, rank_view.switch(scene, KEY, words)]
    painted: list[Any] = [parts.title(words("panel.structure"), note, "structure", KEY)]
    if not found:
        return [*painted, html.Div(words("panel.no_organisations"), className="nothing")]
    lines = [domain_row(row, largest, chosen, first, words) for row in shown]
    return [*painted, html.Div(lines, className="pick-rows")]


def ordered(rows: Rows) -> Rows:
    """Return the domains that have organisations, the largest first and 'other' last."""
    found = [row for row in rows if row["organisations"]]
    return sorted(found, key=lambda row: (row["domain"] == "other", -row["organisations"], row["domain"]))


def domain_row(
    row: Mapping[str, Any], largest: int, chosen: str | None, bright: str | None, words: Words
) -> html.Button:
    """Return one domain as a button: name, bar, number of organisations; the bright one stands out."""
    on = row["domain"] == chosen
    look = "top" if row["domain"] == bright else ""
    line = [
        html.Span(words.one_of("domains", row["domain"])),
        parts.bar(row["organisations"], largest, look),
        parts.number(row["organisations"], words, look=look, how="domains"),
    ]
    return parts.act(
        "pick",
        f"domain:{row['domain']}",
        KEY,
        line,
        f"pick/domain/{row['domain']}",
        className="on" if on else "off" if chosen else "",
        **{"aria-pressed": str(on).lower()},
    )


def _first_five(found: Rows, chosen: str | None) -> Rows:
    """Return the first five domains; the chosen one stands last among them when it is smaller."""
    shown = found[:MOST]
    below = [row for row in found[MOST:] if row["domain"] == chosen]
    return [*shown[: MOST - 1], *below] if below else shown
