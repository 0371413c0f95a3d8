"""What a brief says: eight figures, three sentences, the places inside; every value as published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from dashboard import parts, radar_view
from dashboard.panels.children import place_name, ranked, short_names
from dashboard.radar_drawing import axes_of
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import NO_DATA, Figure

MOST: Final = 10
TABLES: Final = ("organisation", "member", "activity", "attendance", "dues_month", "transfer")
RATES: Final = ("signin", "dues", "study")
COLUMNS: Final = ("place", "members", "organisations", "activities", *RATES)
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the questions of a brief, by name."""
    node = {"basis": scene.basis, "node": scene.place}
    here = {**node, "month": scene.month}
    now = world.months.index(scene.month)
    year = {"from_month": world.months[max(0, now - 11)], "to_month": scene.month}
    district = {"basis": "place", "node": world.root}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "now": ("headline", here),
        "all": ("headline", {**district, "month": scene.month}),
        "series": ("series", node),
        "district": ("series", district),
        "moved": ("transfer_totals", {**node, **year}),
        "trail": ("ancestors", node),
        "fresh": ("freshness", {}),
        **radar_view.ask(scene, world),
        **{f"files/{name}": ("sources", {"table_name": name}) for name in TABLES},
    }
    if now >= 3:
        asked["before"] = ("headline", {**node, "month": world.months[now - 3]})
    if world.level(scene.basis, scene.place) not in ("floor", "branch"):
        asked["children"] = ("children_figures", here)
    return asked


def figures(rows: Mapping[str, Rows], scene: Scene, words: Words) -> list[dict[str, str]]:
    """Return eight figures: name, value, unit, and a note such as the change since a quarter ago."""
    now, month = parts.first(rows, "now"), _month(rows["series"], scene.month)
    moved = parts.first(rows, "moved")
    came = parts.total(moved.get(name) for name in ("inside", "moved_in", "moved_out")) if moved else NO_DATA
    kinds = [
        f"{words(f'panel.{kind}')} {words.number(int(parts.size(now.get(kind)) or 0))}"
        for kind in ("committees", "general_branches")
        if parts.size(now.get(kind))
    ]
    cells = [
        _count("brief.members", now.get("members"), "brief.persons", change(rows, words), words),
        _count("brief.organisations", now.get("organisations"), "brief.items", "　".join(kinds), words),
        _count("brief.branches", now.get("branches"), "brief.items", "", words),
        _count("brief.activities", month.get("activities"), "brief.times", words.month(scene.month), words),
    ]
    for name in RATES:
        value = parts.signin(month) if name == "signin" else month.get(name)
        cells.append(_rate(f"brief.{name}", value, against(name, value, rows, scene, words), words))
    cells.append(_count("brief.moved", came, "brief.persons", words("brief.twelve"), words))
    return cells


def _month(series: Rows, month: str) -> dict[str, Any]:
    return next((row for row in series if row["month"] == month), {})


def _count(name: str, value: parts.Published, unit: str, note: str, words: Words) -> dict[str, str]:
    figure = parts.as_figure(value)
    shown = figure.shown or figure.state == "band"
    told = note if shown else words(f"states.{figure.state}")
    return {
        "name": words(name),
        "value": words.figure(figure),
        "unit": words(unit) if shown else "",
        "note": told,
    }


def _rate(name: str, value: parts.Published, note: str, words: Words) -> dict[str, str]:
    figure = parts.as_figure(value)
    text = parts.text_of(figure, words, percent=True)
    told = note if figure.shown else words(f"states.{figure.state}")
    return {"name": words(name), "value": text, "unit": "%" if figure.shown else "", "note": told}


def change(rows: Mapping[str, Rows], words: Words) -> str:
    """Return by how many members a place grew since the quarter before; '' where one of both is not exact."""
    now, before = (parts.as_figure(parts.first(rows, name).get("members")) for name in ("now", "before"))
    if now.state != "exact" or before.state != "exact" or now.value == before.value:
        return ""
    sign = "▲" if (now.value or 0) > (before.value or 0) else "▼"
    amount = words.number(abs((now.value or 0) - (before.value or 0)))
    return words("brief.since_quarter", sign=sign, n=amount)


def against(name: str, value: parts.Published, rows: Mapping[str, Rows], scene: Scene, words: Words) -> str:
    """Return the district's rate beside a place's own; for the district the month before."""
    own, months = parts.as_figure(value), rows["district"]
    level = parts.first(rows, "now").get("level")
    if level == "district":
        earlier = [row for row in months if row["month"] < scene.month][-1:]
        other = parts.as_figure(earlier[0].get(name)) if earlier else NO_DATA
        key = "brief.last_month"
    else:
        other, key = parts.as_figure(_month(months, scene.month).get(name)), "brief.in_district"
    if own.value is None or other.value is None:
        return ""
    return words(key, value=f"{100 * other.value:.0f}%")


def sentences(rows: Mapping[str, Rows], scene: Scene, world: World, words: Words) -> list[str]:
    """Return three sentences, true of what is published: how large, how active, where better or worse."""
    owner = radar_owner(rows, scene, world, words)
    return [_size(rows, scene, world, words), _active(rows, scene, words), _state(rows, owner, words)]


def radar_owner(rows: Mapping[str, Rows], scene: Scene, world: World, words: Words) -> str:
    """Return whose radar it is where it is not the place's own: that of a building is its community's."""
    if radar_view.subject(scene, world)[1] == scene.place or not rows["node"]:
        return ""
    return words.name(rows["node"][0])


def _size(rows: Mapping[str, Rows], scene: Scene, world: World, words: Words) -> str:
    now = parts.first(rows, "now")
    if not now:
        return words("brief.says_none", name=_name(rows, words))
    members, everybody = (parts.as_figure(parts.first(rows, name).get("members")) for name in ("now", "all"))
    values = {
        "name": _name(rows, words),
        "members": words.figure(members),
        "organisations": words.number(int(parts.size(now.get("organisations")) or 0)),
        "branches": words.number(int(parts.size(now.get("branches")) or 0)),
    }
    if not members.shown and members.state != "band":
        return words("brief.says_hidden_size", **values)
    share = parts.share(members, everybody)
    if scene.place == world.root or share.value is None:
        return words("brief.says_size", **values)
    return words("brief.says_share", share=words.percent(share.value, 1), **values)


def _name(rows: Mapping[str, Rows], words: Words) -> str:
    trail = rows["trail"]
    return place_title(trail[-1], words) if trail else ""


def place_title(row: Mapping[str, Any], words: Words) -> str:
    """Return a place's whole name; a floor is called by its number."""
    return place_name(row, words) if row["level"] == "floor" else words.name(row)


def _active(rows: Mapping[str, Rows], scene: Scene, words: Words) -> str:
    month = _month(rows["series"], scene.month)
    held, rate = parts.as_figure(month.get("activities")), parts.signin(month)
    if not month or not held.value:
        return words("brief.says_no_activity", month=words.month(scene.month))
    values = {"month": words.month(scene.month), "n": words.figure(held)}
    if rate.value is None:
        return words("brief.says_activity", **values)
    values["rate"] = words.percent(rate.value, 0)
    there = parts.as_figure(_month(rows["district"], scene.month).get("signin")).value
    if parts.first(rows, "now").get("level") == "district" or there is None:
        return words("brief.says_signin", **values)
    points = round(100 * rate.value) - round(100 * there)
    way = "as" if not points else "above" if points > 0 else "below"
    return words(f"brief.says_signin_{way}", points=abs(points), **values)


def _state(rows: Mapping[str, Rows], owner: str, words: Words) -> str:
    found = rows["axes"]
    if not found:
        return words("radar.none")
    quarter = radar_view.quarter_words(str(found[0]["quarter"]), words)
    if owner:
        quarter = words("brief.of", name=owner, quarter=quarter)
    gaps = radar_view.gaps(axes_of(found, rows["peers"]), rows["peers"], words, "brief.since")[:2]
    told = [f"{words(f'radar.{axis}')}{'' if words.lang == 'zh' else ': '}{text}" for axis, _, text in gaps]
    if not told:
        known = any(isinstance(row["value"], Figure) and row["value"].shown for row in found)
        return words("brief.says_steady" if known else "brief.says_dark", quarter=quarter)
    return words("brief.says_state", quarter=quarter, parts=words("brief.and").join(told))


def inside(rows: Mapping[str, Rows], words: Words) -> tuple[str, list[str], list[list[str]], int]:
    """Return the level of the places one level down, the columns, a row each, and how many more there are.

    The largest come first; a column in which nothing is published stays away.
    """
    found = rows.get("children", [])
    if not found:
        return "", [], [], 0
    shown = ranked(found, "members")[:MOST]
    values = {name: [_published(row, name) for row in shown] for name in COLUMNS[1:]}
    columns = [
        name for name, column in values.items() if any(one.shown or one.state == "band" for one in column)
    ]
    names = short_names([place_name(row, words) for row in shown])
    lines = [
        [name[:22], *(_written(values[column][i], column, words) for column in columns)]
        for i, name in enumerate(names)
    ]
    return str(found[0]["level"]), [COLUMNS[0], *columns], lines, len(found) - len(shown)


def _published(row: Mapping[str, Any], column: str) -> Figure:
    return parts.signin(row) if column == "signin" else parts.as_figure(row.get(column))


def _written(figure: Figure, column: str, words: Words) -> str:
    if column not in RATES or not figure.shown:
        return words.figure(figure)
    return parts.text_of(figure, words, percent=True) + "%"


def files(rows: Mapping[str, Rows], words: Words) -> list[str]:
    """Return the names of the files behind a brief; of many in one folder the folder's, with their number."""
    names = dict.fromkeys(
        str(row["file"]) for name in TABLES for row in rows[f"files/{name}"] if row["accepted"]
    )
    folders = Counter(name.rpartition("/")[0] for name in names)
    told = []
    for name in names:
        folder = name.rpartition("/")[0]
        told.append(name if not folder else words("brief.folder", name=folder, n=folders[folder]))
    return list(dict.fromkeys(told))[:MOST]
