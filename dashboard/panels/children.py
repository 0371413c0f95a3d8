"""The places one level down, the largest first; one tap goes there, the title opens the whole table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World

KEY = "children"
ORDER = 40
SIDE = "right"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "measure", "pick:domain")
MOST = 10
PREFIX = 3
RATES = ("signin", "dues", "study")
HOW = {"study": "study_met"}
"""Columns whose way of counting has another name."""
ENDINGS = {
    "town": ("街道", " Subdistrict", " Sub-district"),
    "community": ("社区居委会", "社区居民委员会", "村委会", "村民委员会", "社区", " Community", " Village"),
}
_OFFICE = re.compile("[省市区县][委级直]")
"""Where a name's beginning ends within a word: 江宁|区委教育工委, but 江宁区|东山街道党工委."""
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures one level down; at the lowest level for the organisations themselves."""
    params = {"basis": scene.basis, "node": scene.place, "month": scene.month}
    level = world.level(scene.basis, scene.place)
    if level in ("floor", "branch"):
        own = {"own": ("organisations_of", params)}
        building = scene.place.rpartition("/")[0]
        return {**own, "units": ("building_units", {"building": building})} if level == "floor" else own
    if domain := scene.picked("domain"):
        return {"children": ("children_of_domain", {**params, "domain": domain})}
    return {"children": ("children_figures", params)}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return ten places (a fuller board shows fewer) or the organisations of a floor, each a button."""
    if "own" in rows:
        found = _wanted(rows["own"], scene.picked("domain"))
        units = [row for row in rows.get("units", []) if str(row["floor"]) == scene.place.rpartition("/")[2]]
        return (
            _organisations(found, words) if found or "units" not in rows else _no_organisation(units, words)
        )
    found = rows["children"]
    level = str(found[0]["level"]) if found else ""
    name = words(f"panel.children_{level}") if level else words("panel.children")
    if not found:
        return [parts.title(name), html.Div(words("panel.no_children"), className="nothing")]
    column = scene.measure if scene.measure in (*RATES, "organisations") else "members"
    domain = scene.picked("domain")
    if domain:
        column = "organisations"
    shown = ranked(found, column)[:MOST]
    note = _note(shown, column, words)
    if domain:
        note = parts.notes(
            "" if words.lang == "en" else words.one_of("domains", domain), words("panel.and_signin")
        )
    names = short_names([place_name(row, words) for row in shown])
    lines = [_line(row, text, shown, column, words) for row, text in zip(shown, names, strict=True)]
    return [
        parts.title(f"{name} {words.number(len(found))}", note, "children", KEY),
        html.Div(lines, className="go-rows"),
    ]


def ranked(rows: Rows, column: str) -> Rows:
    """Return rows by a published column, the largest first; what is not shown goes last, in its own order."""
    sizes = [(parts.size(row.get(column)), row) for row in rows]
    known = [(value, row) for value, row in sizes if value is not None]
    known.sort(key=lambda pair: -pair[0])
    return [row for _, row in known] + [row for value, row in sizes if value is None]


def place_name(row: Mapping[str, Any], words: Words) -> str:
    """Return a place's name as a table writes it: a floor by its number, a town without 街道."""
    if row["level"] == "floor":
        return words("frame.floor", number=str(row["node_id"]).rpartition("/")[2])
    name = words.name(row)
    for ending in ENDINGS.get(str(row["level"]), ()):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def _is_count(column: str) -> bool:
    """Tell whether the sign-in rate stands beside a column: beside counts of all, not beside another rate."""
    return column in ("members", "organisations")


def short_names(names: list[str]) -> list[str]:
    """Drop what all names begin with, when enough of each remains to tell them apart."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    prefix = len(list(alike)) if len(names) > 1 else 0
    if prefix < PREFIX or min(map(len, names)) - prefix < 2:
        return names
    return [name[prefix - bool(_OFFICE.match(name, prefix - 1)) :] for name in names]


def _note(shown: Rows, column: str, words: Words) -> str:
    """Return what the columns are; that counts are rounded takes the place of the first one's name."""
    counts = [row.get(column) for row in shown] if _is_count(column) else []
    rounded = parts.rounding_note(counts, words, "panel.rounded")
    rate = words("panel.and_signin") if _is_count(column) else ""
    note = parts.notes(rounded or words(f"panel.by_{column}"), rate)
    return note.replace("　", " ") if words.lang == "en" else note  # no room for the wide space


def _line(row: Mapping[str, Any], text: str, shown: Rows, column: str, words: Words) -> html.Button:
    largest = max((parts.size(one.get(column)) or 0 for one in shown), default=0)
    value = parts.as_figure(row.get(column))
    look, node = "top" if row is shown[0] else "", str(row["node_id"])
    line = [
        html.Span(text, className="name"),
        parts.bar(parts.size(value), float(largest), f"{look} {value.state}".strip()),
        parts.number(
            value, words, percent=column in RATES, look=look, how=f"{HOW.get(column, column)}@{node}"
        ),
    ]
    if _is_count(column):
        line.append(parts.number(parts.signin(row), words, percent=True, look="rate", how=f"signin@{node}"))
    return parts.act("drill", str(row["node_id"]), KEY, line, f"row/{row['node_id']}", title=words.name(row))


def _wanted(rows: Rows, domain: str | None) -> Rows:
    """Return the organisations of the chosen domain, all where none is chosen."""
    return [row for row in rows if domain in (None, row["domain"] or "other")]


def _no_organisation(units: Rows, words: Words) -> list[Any]:
    """Return a floor without an organisation: its units, counted and never named, and how many lack one."""
    gaps = sum(row["coverage"] == "gap" for row in units)
    lines = [
        words("panel.floor_units", count=words.number(len(units))) if units else words("panel.floor_empty")
    ]
    head = parts.title(words("panel.own_organisations"), words.number(0))
    said = [html.Div(line, className="nothing") for line in lines]
    if gaps:
        said.append(html.Div(words("panel.floor_gaps", count=words.number(gaps)), className="nothing gap"))
    return [head, *said]


def _organisations(rows: Rows, words: Words) -> list[Any]:
    """Return the organisations of a floor or branch; a tap opens the card."""
    lines = [
        parts.act(
            "organisation",
            row["org_id"],
            KEY,
            [
                html.Span(row["short_name"] or row["name"], className="name wide"),
                parts.number(row["members"], words, how=f"members@{row['org_id']}"),
            ],
            f"row/{row['org_id']}",
            title=row["name"],
        )
        for row in rows[:MOST]
    ]
    name = parts.notes(words("panel.own_organisations"), words.number(len(rows)) if rows else "")
    if not lines:
        return [parts.title(name), html.Div(words("panel.no_organisations"), className="nothing")]
    return [parts.title(name, words("panel.by_members")), html.Div(lines, className="go-rows")]
