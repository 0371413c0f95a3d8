"""The 8+x matrix: what became of each institution, by month for one node or by unit for one month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from dashboard import parts
from dashboard.flow_words import shorter
from dashboard.severity import duty_legend, state_sign
from dashboard.words import Words
from layers.scene import Scene, World
from stores.duty_states import MORE, NAMES
from stores.figure import NO_DATA, Figure

MONTHS: Final = 12
MOST_UNITS: Final = 30
DONE: Final = ("held", "made_up", "late")
STATES: Final = {
    "held": ("held",),
    "late": ("made_up", "late"),
    "missed": ("missed",),
    "not_due": ("not_due",),
    "not_applicable": ("not_applicable",),
    "no_data": ("no_data",),
}
"""States as they are shown, each of columns of the questions."""
Rows = list[dict[str, Any]]


def ask_months(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the twelve months up to the one shown."""
    until = [month for month in world.months if month <= scene.month][-MONTHS:]
    view = {"basis": scene.basis, "node": scene.place, "from_month": until[0], "to_month": until[-1]}
    return {"months": ("duty_matrix", view)}


def ask_units(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the units below in the month shown, and for what the places among them are called."""
    here = {"basis": scene.basis, "node": scene.place}
    return {"units": ("duty_units", {**here, "month": scene.month}), "names": ("children", here)}


def share_of(row: Mapping[str, Any]) -> Figure:
    """Return the part carried out of what was due; no data where nothing was due, hidden where a part is.

    While a period runs nothing can be missed: then it is the part carried out so far.
    """
    done = parts.total(row[name] for name in DONE)
    rest = row["not_due"] if is_running(row) else row["missed"]
    return parts.share(done, parts.total([done, rest]))


def is_running(row: Mapping[str, Any]) -> bool:
    """Tell whether the duty of a month can still be met by all who have not met it."""
    return parts.as_figure(row["missed"]).value == 0 and bool(parts.as_figure(row["not_due"]).value)


def state_of(row: Mapping[str, Any]) -> str:
    """Return one state for a cell, '' where branches differ and a share is shown instead.

    A single branch has its own; of several all must agree. What is not published is 'hidden'.
    """
    state = row.get("state")
    if isinstance(state, str):
        return "late" if state == "made_up" else state
    figures = {
        name: parts.as_figure(row[name])
        for name in ("n", *DONE, "missed", "not_due", "not_applicable", "no_data")
    }
    if any(figure.state in ("hidden", "band") for figure in figures.values()):
        return "hidden"
    due = sum(figures[name].value or 0 for name in (*DONE, "missed"))
    if due:
        return ""
    for name in ("not_due", "no_data", "not_applicable"):
        if figures[name].value:
            return name
    return "no_data"


def cell(row: Mapping[str, Any] | None, at: str, words: Words, arg: str) -> html.Td:
    """Return a cell: a sign, or the share carried out in whole per cent, the darker the less."""
    if row is None:
        return html.Td(state_sign("no_data", words))
    state = state_of(row)
    if state:
        inner: Any = state_sign(state, words)
        look = ""
    else:
        share = share_of(row)
        inner = parts.number(share, words, percent=True)
        look = "so-far" if is_running(row) else f"share-{shade(share)}"
    return html.Td(parts.act("how", f"duty:{arg}", at, inner, f"duty/{arg}"), className=look)


def shade(share: Figure) -> int:
    """Return the step of the ramp 1 to 5: to 60, 80, 90, 97 per cent, and above."""
    value = 100 * float(share.value or 0)
    return 1 + sum(value >= edge for edge in (60, 80, 90, 97))


def month_table(rows: Rows, at: str, words: Words) -> html.Table:
    """Return institution × month."""
    months = sorted({str(row["month"]) for row in rows})
    found = {(row["institution"], row["month"]): row for row in rows}
    head = html.Tr([html.Td(""), *(html.Th(words.month_short(month)) for month in months)])
    body = [
        html.Tr(
            [
                html.Th(words.one_of("alert", f"duty_{name}")),
                *(cell(found.get((name, month)), at, words, f"{name}:{month}") for month in months),
            ]
        )
        for name in _names(rows)
    ]
    return html.Table([html.Thead(head), html.Tbody(body)], className="duty-table")


def unit_table(
    rows: Rows, names: Sequence[Mapping[str, Any]], month: str, at: str, words: Words
) -> html.Table:
    """Return unit × institution of one month; a unit that may not be named is not in the rows."""
    known = {str(row["node_id"]): words.name(row) for row in names}
    units = list(dict.fromkeys(str(row["node_id"]) for row in rows))[:MOST_UNITS]
    own = {str(row["node_id"]): row for row in rows}
    found = {(str(row["node_id"]), row["institution"]): row for row in rows}
    names_here = _names(rows)
    head = html.Tr([html.Td(""), *(html.Th(words.one_of("alert", f"duty_{name}")) for name in names_here)])
    body = [
        html.Tr(
            [
                html.Th(shorter(known.get(unit) or _name(own[unit], words)), title=known.get(unit, "")),
                *(cell(found.get((unit, name)), at, words, f"{name}:{month}@{unit}") for name in names_here),
            ]
        )
        for unit in units
    ]
    return html.Table([html.Thead(head), html.Tbody(body)], className="duty-table units")


def _names(rows: Rows) -> list[str]:
    """Return the institutions in the rows: the eight, then the district's own."""
    here = {row["institution"] for row in rows}
    return [name for name in (*NAMES, *MORE) if name in here]


def _name(row: Mapping[str, Any], words: Words) -> str:
    return str(row["name"]) if isinstance(row["name"], str) else words.figure(Figure(None, "hidden"))


def strip(rows: Rows, month: str) -> dict[str, Figure]:
    """Return the branches of a month by state over all institutions, as published sums."""
    here = [row for row in rows if row["month"] == month]
    return {
        name: parts.total(row[part] for row in here for part in own) if here else NO_DATA
        for name, own in STATES.items()
    }


def legend(words: Words) -> html.Div:
    """Return the legend of all states."""
    return duty_legend(words)
