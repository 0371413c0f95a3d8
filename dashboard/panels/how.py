"""How a number is counted: what it means, from what, by which rule, out of which files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.panels.annual import year_of
from dashboard.words import Words
from indicators.registry import Indicator, all_indicators, columns, question
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "how"
ORDER = 55
SIDE = "sheet"
OPENS = ("how", "")
DEPENDS = ("how", "place", "basis", "month", "span")
MOST_FILES = 4
COUNTS = ("read", "accepted", "rejected", "duplicate")
Rows = list[dict[str, Any]]


def asked_about(scene: Scene, world: World) -> tuple[Indicator | None, str, str]:
    """Return indicator, basis and node of 'members' or 'members@320115001'; None for what is none of them."""
    key, at, node = scene.how.partition("@")
    basis = "affiliation" if node.startswith("O") else scene.basis
    if at and world.nearest(basis, node) != node:
        basis = "place"  # the towns of a wide wall stand by place whatever the basis
    if at and world.nearest(basis, node) != node:
        return None, scene.basis, scene.place
    return all_indicators().get(key), basis if at else scene.basis, node or scene.place


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the rows of the indicator, the place's name, and the files behind its tables."""
    indicator, basis, place = asked_about(scene, world)
    if indicator is None:
        return {}
    start, end = scene.months_back(world)
    view: dict[str, Any] = {"basis": basis, "node": place, "month": scene.month}
    view |= {"from_month": start, "to_month": end, "year": year_of(scene.month)}
    asked = {
        "rows": question(indicator, view),
        "place": ("node", {"basis": basis, "node": place}),
        "freshness": ("freshness", dict[str, Any]()),
    }
    if indicator.OVER:
        node = {name: view[name] for name in ("basis", "node", "month")}
        asked["whole"] = (indicator.OVER[0], node)
    return asked | {f"files_{name}": ("sources", {"table_name": name}) for name in indicator.TABLES}


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return the sheet while a number is asked about."""
    indicator, _, _ = asked_about(scene, world)
    if indicator is None or "rows" not in rows:
        return []
    key = indicator.KEY
    facts = [
        *_fact(words("panel.definition"), words(f"how.{key}.definition")),
        *_fact(words("panel.formula"), words(f"how.{key}.formula")),
        *_counted(indicator, rows, scene, words, world),
        *_fact(words("panel.rule"), words(f"how.{key}.rule")),
        *_fact(words("panel.of"), _of(rows, scene, words, world, indicator)),
        *_fact(words("panel.loaded"), loaded(rows, words)),
    ]
    files = [row for name in indicator.TABLES for row in rows.get(f"files_{name}", [])]
    body = [html.Dl(facts), files_table(files, words), html.Div(words("panel.publishing"), className="foot")]
    text = parts.notes(words("panel.how"), words(f"how.{key}.title"))
    return [parts.sheet(text, "how", scene.how, body, words, f"how/{key}")]


def _fact(name: str, text: Any) -> list[Any]:
    return [html.Dt(name), html.Dd(text)]


def _months(indicator: Indicator, scene: Scene, world: World) -> tuple[str, ...]:
    last = world.months.index(scene.month)
    if indicator.WINDOW == "month":
        return (scene.month,)
    if indicator.WINDOW == "year":
        return world.months[max(0, last - 11) : last + 1]
    start, end = scene.months_back(world)
    return tuple(month for month in world.months if start <= month <= end)


def _counted(
    indicator: Indicator, rows: Mapping[str, Rows], scene: Scene, words: Words, world: World
) -> list[Any]:
    """Return numerator, denominator and their quotient, or the count alone."""
    months = _months(indicator, scene, world)
    above, below = columns(indicator, rows["rows"], months, rows.get("whole"))
    part = above[0] if len(above) == 1 else parts.total(above)
    key = indicator.KEY
    if not indicator.WHOLE and not indicator.OVER:
        return _fact(words("panel.counted"), _with_unit(parts.as_figure(part), indicator.UNIT, words))
    whole = parts.total(below)
    facts = _fact(words(f"how.{key}.part"), parts.number(part, words))
    facts += _fact(words(f"how.{key}.whole"), parts.number(whole, words))
    if indicator.UNIT in ("person", "organisation"):
        return facts
    return facts + _fact(words("panel.quotient"), _with_unit(parts.share(part, whole), indicator.UNIT, words))


def _with_unit(value: Figure, unit: str, words: Words) -> list[Any]:
    percent = unit == "percent"
    decimals = 1 if percent or unit == "hour" else 0
    sign = "%" if percent else words(f"units.{unit}")
    shown = parts.number(value, words, percent=percent, decimals=decimals)
    state = "" if value.state == "exact" else f"（{words(f'states.{value.state}')}）"
    return [shown, " " + sign if value.shown or value.state == "band" else "", html.Small(state)]


def _of(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World, indicator: Indicator) -> str:
    """Say of which place, on which basis, of which months."""
    months = _months(indicator, scene, world)
    period = words.month(months[-1])
    if indicator.QUESTION == "annual":
        period = words("panel.year", year=year_of(scene.month))
    elif len(months) > 1:
        period = f"{words.month(months[0])} – {period}"
    name = words.name(parts.first(rows, "place"))
    return parts.notes(name, words(f"bases.{asked_about(scene, world)[1]}"), period)


def loaded(rows: Mapping[str, Rows], words: Words) -> str:
    """Say when the facts were loaded and of which day they are."""
    fresh = parts.first(rows, "freshness")
    loaded = str(fresh.get("loaded_at") or "")[:16]
    return parts.notes(loaded, words("app.as_of", day=str(fresh.get("as_of") or "")[:10]))


def files_table(files: Rows, words: Words) -> Any:
    """Return the files of the last load with what became of their rows; many are summed up in one line."""
    if not files:
        return html.Div(words("panel.no_files"), className="nothing")
    shown = files if len(files) <= MOST_FILES else files[: MOST_FILES - 1]
    lines = [[row["file"], *(row[name] for name in COUNTS)] for row in shown]
    rest = files[len(shown) :]
    if rest:
        sums = [sum(row[name] or 0 for row in rest) for name in COUNTS]
        lines.append([words("panel.more_files", count=len(rest)), *sums])
    head = html.Tr([html.Th(words(f"panel.rows_{name}")) for name in ("file", *COUNTS)])
    body = [
        html.Tr([html.Td(name), *(html.Td(words.number(n or 0)) for n in counts)]) for name, *counts in lines
    ]
    return html.Table([html.Thead(head), html.Tbody(body)], className="files")
