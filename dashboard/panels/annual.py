"""The year's duties: organisation-life meetings, democratic appraisal, and members found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboard import parts
from dashboard.words import Words
from layers.scene import Scene, World
from stores.figure import NOT_DUE, Figure

KEY = "annual"
ORDER = 10
SIDE = "wide"
BOARDS = ("overview", "activity")
DEPENDS = ("place", "basis", "month", "pick:domain")
ROWS = 10
DOTS = 400
Rows = list[dict[str, Any]]


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the year whose duties end by the month shown."""
    params = {"basis": scene.basis, "node": scene.place, "year": year_of(scene.month)}
    here = {"basis": scene.basis, "node": scene.place, "month": scene.month}
    asked = {"annual": parts.of_domain("annual", params, scene)}
    if scene.picked("domain"):
        asked["whole"] = ("annual", params)
        asked["mix"] = ("organisation_mix", here)
    else:
        asked["now"] = ("headline", here)
    return asked


def paint(rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
    """Return three blocks: meetings held, members appraised, members found."""
    year = words("panel.year_before" if year_of(scene.month) < int(scene.month[:4]) else "panel.year_now")
    row = parts.first(rows, "annual")
    if row and not is_due(scene.month):
        row = dict.fromkeys(row, NOT_DUE)
    domain = scene.picked("domain")
    now = (
        next((one for one in rows["mix"] if one["domain"] == domain), {})
        if domain
        else parts.first(rows, "now")
    )
    note = parts.domain_note(scene, words, year)
    whole = parts.first(rows, "whole" if domain else "annual")
    return [
        *_life(row, note, words),
        *_appraisal(row, now.get("members"), note, words),
        *(_homing(whole, words) if scene.place == world.root or _is_published(whole) else []),
        *([html.Div(words("panel.unfiltered"), className="unfiltered")] if domain else []),
    ]


def year_of(month: str) -> int:
    """Return the year whose duties are shown in a month: they run to the end of March of the next year."""
    year, number = int(month[:4]), int(month[5:7])
    return year - 1 if number <= 3 else year


def is_due(month: str) -> bool:
    """Tell whether the year's duties are under way or done: from December to March, by the rules."""
    return int(month[5:7]) in (12, 1, 2, 3)


def _life(row: Mapping[str, Any], year: str, words: Words) -> list[Any]:
    done, branches = parts.as_figure(row.get("org_life_branches_done")), row.get("branches")
    told = words("panel.one_branch_done" if parts.size(done) == 1 else "panel.branches_done")
    shown = [parts.number(done, words), html.Small(told)]
    return [
        parts.title(words("panel.organisation_life"), year),
        parts.act("how", "organisation_life", KEY, shown, "kpi/organisation_life", className="kpi"),
        parts.bar(done.value, float(parts.size(branches) or 0), "long top"),
    ]


def _appraisal(row: Mapping[str, Any], members: parts.Published, year: str, words: Words) -> list[Any]:
    appraised = parts.as_figure(row.get("appraised"))
    rate = parts.share(appraised, members)
    shown: list[Any] = [parts.number(rate, words, percent=True, decimals=1)]
    shown += [html.Small(words("panel.appraised"))] if rate.shown else []
    side = html.Span(
        [parts.number(appraised, words, how="appraisal"), html.Small(words("units.person"))], className="side"
    )
    return [
        parts.title(words("panel.appraisal"), year),
        html.Div(
            [parts.act("how", "appraisal", KEY, shown, "kpi/appraisal", className="kpi"), side],
            className="kpis",
        ),
        parts.bar(rate.value, 1.0, "long top"),
    ]


def _homing(row: Mapping[str, Any], words: Words) -> list[Any]:
    lost, found = parts.as_figure(row.get("lost_total")), parts.as_figure(row.get("lost_found"))
    said = [
        words("panel.found"),
        html.B(parts.number(found, words)),
        " / ",
        parts.number(lost, words),
        f" {words('units.person')}" if lost.shown else "",
    ]
    head = parts.title(words("panel.homing"), parts.act("how", "homing", KEY, said, "kpi/homing"))
    return [head, _dots(found, lost, words)]


def _is_published(row: Mapping[str, Any]) -> bool:
    """Tell whether the members found are told here; below the district visitors are told nothing of them."""
    return all(parts.as_figure(row.get(name)).value is not None for name in ("lost_total", "lost_found"))


def _dots(found: Figure, lost: Figure, words: Words) -> Any:
    """Return one dot a member, hollow where still away; hidden and missing counts are said instead."""
    if found.value is None or lost.value is None:
        return html.Div(words(f"panel.because_{lost.state}"), className="nothing")
    scale = max(1.0, float(lost.value) / DOTS)
    whole, full = round(float(lost.value) / scale), round(float(found.value) / scale)
    return parts.svg(dots(whole, full), "dots")


def dots(whole: int, full: int) -> str:
    """Draw `whole` dots in columns of ten, the first `full` of them filled; units of a tenth of a column."""
    wide = max(35, -(-whole // ROWS))
    marks = []
    for index in range(whole):
        x, y = 11 * (index // ROWS) + 5.5, 14 * (index % ROWS) + 6
        marks.append(f"<use href='#{'f' if index < full else 'o'}' x='{x:g}' y='{y:g}'/>")
    shapes = (
        "<defs><circle id='f' r='3.6' fill='#5ac8fa'/>"
        "<circle id='o' r='3.2' fill='none' stroke='#b0c2f9' stroke-width='1.2'/></defs>"
    )
    size = f"viewBox='0 0 {11 * wide} {14 * ROWS}'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' {size}>{shapes}{''.join(marks)}</svg>"
