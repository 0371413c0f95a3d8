"""The places one level down, the largest first; one tap goes there, the title opens the whole table."""

from __future__ import annotations

from collections import Counter
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
BOARDS = ("overview",)
DEPENDS = ("place", "basis", "month", "measure", "picks")
MOST = 5
PREFIX = 3
RATES = ("signin", "dues", "study")
TREE_COLUMN = {"town": "town_id", "community": "community_id", "building": "building_id"}
ENDINGS = {
    "town": ("街道", " Subdistrict", " Sub-district"),
    "community": ("社区居委会", "社区居民委员会", "村委会", "村民委员会", "社区", " Community", " Village"),
}
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures one level down; at the lowest level for the organisations themselves."""
    params = {"basis": scene.basis, "node": scene.place, "month": scene.month}
    if world.level(scene.basis, scene.place) in ("floor", "branch"):
        return {"own": ("organisations_of", params)}
    asked: dict[str, tuple[str, dict[str, Any]]] = {"children": ("children_figures", params)}
    if scene.picked("domain") and scene.basis == "place":
        asked["points"] = ("branch_points", {"month": scene.month})
    return asked


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return five places, or the organisations of a floor, each a button."""
    if "own" in rows:
        return _organisations(rows["own"], words)
    found = rows["children"]
    level = str(found[0]["level"]) if found else ""
    name = words(f"panel.children_{level}") if level else words("panel.children")
    if not found:
        return [parts.title(name), html.Div(words("panel.no_children"), className="nothing")]
    column = scene.measure if scene.measure in (*RATES, "organisations") else "members"
    domain = scene.picked("domain") if "points" in rows else None
    if domain:
        found, column = _of_domain(found, rows["points"], level, domain), "branches"
    shown = ranked(found, column)[:MOST]
    note = words.one_of("domains", domain) if domain else _note(shown, column, words)
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
    return names if prefix < PREFIX or min(map(len, names)) - prefix < 2 else [n[prefix:] for n in names]


def _note(shown: Rows, column: str, words: Words) -> str:
    """Return what the columns are; that counts are rounded takes the place of the first one's name."""
    rounded = parts.rounding_note([row.get(column) for row in shown], words) if _is_count(column) else ""
    rate = words("panel.and_signin") if _is_count(column) else ""
    return parts.notes(rounded or words(f"panel.by_{column}"), rate)


def _line(row: Mapping[str, Any], text: str, shown: Rows, column: str, words: Words) -> html.Button:
    largest = max((parts.size(one.get(column)) or 0 for one in shown), default=0)
    value = parts.as_figure(row.get(column))
    look = "top" if row is shown[0] else ""
    line = [
        html.Span(text, className="name"),
        parts.bar(parts.size(value), float(largest), f"{look} {value.state}".strip()),
        parts.number(value, words, percent=column in RATES, look=look),
    ]
    if _is_count(column):
        line.append(parts.number(row.get("signin"), words, percent=True, look="rate"))
    return parts.act("drill", str(row["node_id"]), KEY, line, f"row/{row['node_id']}", title=words.name(row))


def _of_domain(rows: Rows, points: Rows, level: str, domain: str) -> Rows:
    """Return the places with their branches of one domain counted from the map's own points."""
    place = TREE_COLUMN.get(level)
    if place is None:
        return rows
    counts = Counter(point[place] for point in points if point["domain"] == domain)
    return [{**row, "branches": counts.get(row["node_id"], 0)} for row in rows]


def _organisations(rows: Rows, words: Words) -> list[Any]:
    """Return the organisations of a floor or branch; a tap opens the card."""
    lines = [
        parts.act(
            "organisation",
            row["org_id"],
            KEY,
            [
                html.Span(row["short_name"] or row["name"], className="name wide"),
                parts.number(row["members"], words),
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
