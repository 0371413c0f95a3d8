"""The numbers a caption may name: each one a published value of the whole district, of the latest month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dashboard import parts
from dashboard.panels.annual import year_of
from dashboard.words import Words
from layers.scene import World
from stores.figure import NO_DATA, Figure, exact

Rows = list[dict[str, Any]]
Asked = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Value:
    """Say where a value comes from, how it is written ('number', 'percent'), and where a wall shows it.

    ``seen``: parts of a scene, any of which shows the value ('board:activity', 'layer:positions',
    'measure:dues', 'open:results'); empty = every scene does.
    """

    ask: Callable[[World], Asked]
    read: Callable[[Rows], parts.Published]
    form: str = "number"
    seen: tuple[str, ...] = ()


def _latest(question: str) -> Callable[[World], Asked]:
    return lambda world: (question, {"basis": "place", "node": world.root, "month": world.months[-1]})


def _plain(question: str) -> Callable[[World], Asked]:
    return lambda world: (question, {})


def _series(world: World) -> Asked:
    return "series", {"basis": "place", "node": world.root}


def _year(world: World) -> Asked:
    return "annual", {"basis": "place", "node": world.root, "year": year_of(world.months[-1])}


def _twelve(world: World) -> Asked:
    """Ask what the transfers board says of a year, so that caption and board give the same numbers."""
    months = world.months[-12:]
    span = {"from_month": months[0], "to_month": months[-1]}
    return "flow_summary", {"basis": "place", "node": world.root, **span}


def _district(question: str, **more: Any) -> Callable[[World], Asked]:
    return lambda world: (question, {"basis": "place", "node": world.root, **more})


def _first(name: str) -> Callable[[Rows], parts.Published]:
    return lambda rows: rows[0][name] if rows else None


def _last(name: str) -> Callable[[Rows], parts.Published]:
    return lambda rows: rows[-1][name] if rows else None


def _count(name: str, *wanted: str) -> Callable[[Rows], parts.Published]:
    return lambda rows: exact(sum(row[name] in wanted for row in rows))


def _open_lost(rows: Rows) -> parts.Published:
    if not rows:
        return None
    lost, found = (parts.as_figure(rows[0][name]) for name in ("lost_total", "lost_found"))
    if lost.value is None or found.value is None:
        return lost
    return Figure(lost.value - found.value, lost.state)


def _all(name: str) -> Callable[[Rows], parts.Published]:
    return lambda rows: parts.total(row[name] for row in rows) if rows else None


def _figure(key: str, name: str) -> Callable[[Rows], parts.Published]:
    return lambda rows: next((row[name] for row in rows if row["key"] == key), None)


_SIZE: Final = ("board:overview", "board:activity")
_FLOW: Final = ("board:transfers",)
_WARN: Final = ("board:warnings",)
_CAME: Final = ("board:warnings", "open:results")
_SITE: Final = ("layer:positions",)
VALUES: Final[Mapping[str, Value]] = {
    "members": Value(_latest("headline"), _first("members"), seen=_SIZE),
    "organisations": Value(_latest("headline"), _first("organisations"), seen=_SIZE),
    "committees": Value(_latest("headline"), _first("committees"), seen=_SIZE),
    "general_branches": Value(_latest("headline"), _first("general_branches"), seen=_SIZE),
    "branches": Value(_latest("headline"), _first("branches"), seen=_SIZE),
    "towns": Value(_plain("place_tree"), _count("level", "town")),
    "communities": Value(_plain("place_tree"), _count("level", "community")),
    "positions": Value(_plain("positions"), lambda rows: exact(len(rows)), seen=_SITE),
    "micro_positions": Value(_plain("positions"), _count("kind", "micro_a", "micro_b"), seen=_SITE),
    "academies": Value(_plain("positions"), _count("kind", "rural_academy", "field_class"), seen=_SITE),
    "activities": Value(_series, _last("activities"), seen=("board:activity",)),
    "signin": Value(_series, _last("signin"), "percent", ("board:activity", "measure:signin")),
    "dues": Value(_series, _last("dues"), "percent", ("measure:dues",)),
    "study_met": Value(_series, _last("study"), "percent", ("board:activity", "measure:study")),
    "moved_in": Value(_twelve, _first("moved_in"), seen=_FLOW),
    "moved_out": Value(_twelve, _first("moved_out"), seen=_FLOW),
    "moved_net": Value(_twelve, _first("net"), seen=_FLOW),
    "lost": Value(_year, _first("lost_total"), seen=_CAME),
    "found": Value(_year, _first("lost_found"), seen=_CAME),
    "lost_open": Value(_year, _open_lost, seen=_CAME),
    "life_meetings": Value(_year, _first("org_life_branches_done")),
    "appraised": Value(_year, _first("appraised")),
    "appraisal": Value(_year, _first("appraisal"), "percent"),
    "alerts_open": Value(_district("alert_total", month=None), _first("n"), seen=_WARN),
    "alerts_opened": Value(_district("alert_months"), _all("opened"), seen=_WARN),
    "alerts_cleared": Value(_district("alert_months"), _all("cleared"), seen=(*_WARN, "board:overview")),
    "dues_reminded": Value(_plain("article_figures"), _figure("dues_reminded", "n"), seen=_CAME),
    "transfers_resolved": Value(_plain("article_figures"), _figure("transfers_resolved", "n"), seen=_CAME),
    "organisations_reminded": Value(
        _plain("article_figures"), _figure("organisations_reminded", "n"), seen=_CAME
    ),
}
"""Name in a caption → value; a district adds its own by one more line."""


def asked(names: tuple[str, ...], world: World) -> dict[str, Asked]:
    """Return the questions of some values, by name; 'as_of' needs freshness."""
    found = {name: VALUES[name].ask(world) for name in names if name in VALUES}
    return found | ({"as_of": ("freshness", {})} if "as_of" in names else {})


def written(names: tuple[str, ...], rows: Mapping[str, Rows], words: Words) -> dict[str, str]:
    """Write published values for a caption; a hidden one stands as its sign."""
    texts = {}
    for name in names:
        if name == "as_of":
            texts[name] = words.day(str(rows[name][0]["as_of"])[:10])
        elif name in VALUES:
            texts[name] = _text(figure_of(name, rows), VALUES[name].form, words)
    return texts


def figure_of(name: str, rows: Mapping[str, Rows]) -> Figure:
    """Return a value as published."""
    value = VALUES[name].read(rows.get(name, []))
    return NO_DATA if value is None else parts.as_figure(value)


def _text(figure: Figure, form: str, words: Words) -> str:
    if form == "percent" and figure.value is not None:
        return words.percent(figure.value, 0 if round(figure.value * 100, 6).is_integer() else 1)
    return words.figure(figure)
