"""Member distribution: a choropleth of a rate, or circles for a count, over the places one level down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from geo.classes import class_breaks, class_of
from layers.registry import Rows
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "members"
MARK = "choropleth"
ORDER = 10
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month", "measure", "pick:domain", "pick:group")

COUNTS = ("members", "organisations")
RATES = {
    "signin": ("attended", "due"),
    "dues": ("dues_paid", "dues_liable"),
    "study": ("study_met", "study_members"),
}
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "age": {
        "le35": ("≤30", "31–35"),
        "36_45": ("36–40", "41–45"),
        "46_55": ("46–50", "51–55"),
        "56_60": ("56–60",),
        "ge61": ("≥61",),
    },
    "education": {
        "postgrad": ("postgrad",),
        "bachelor": ("bachelor",),
        "college": ("college",),
        "secondary": ("secondary",),
        "junior": ("junior",),
    },
    "occupation": {
        "workers": ("worker", "farmer"),
        "professionals": ("professional", "manager"),
        "civil": ("civil_servant",),
        "retired": ("retired",),
        "others": ("student", "other"),
    },
}
"""Groups of members a wall shows and filters by, each of bands of the member cube: split → group → bands."""


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the figures of the places one level down; by affiliation the towns stay the ground."""
    node = scene.place if scene.basis == "place" else world.root
    if world.level("place", node) not in ("district", "town"):
        return {}
    here = {"basis": "place", "node": node, "month": scene.month}
    if group := chosen_group(scene):
        return {"mix": ("children_mix", {**here, "dim": group[0]})}
    if domain := scene.picked("domain"):
        return {"children": ("children_of_domain", {**here, "domain": domain})}
    return {"children": ("children_figures", {"basis": "place", "node": node, "month": scene.month})}


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {fill: id → class 0..4 or −1 for hidden, breaks, circles, hidden}; see `value_of`."""
    group = chosen_group(scene)
    measure = "group" if group else scene.measure
    if group:
        values = shares(rows.get("mix", []), GROUPS[group[0]][group[1]])
    else:
        values = {row["node_id"]: value_of(row, measure, world) for row in rows.get("children", [])}
    known = [value for value in values.values() if value is not None]
    breaks = class_breaks(known, 5) if known else []
    fill = {node: -1 if value is None else class_of(value, breaks) for node, value in values.items()}
    ends = [min(known), *breaks, max(known)] if known else []
    payload: dict[str, Any] = {"measure": measure, "fill": fill, "breaks": ends}
    payload["hidden"] = sum(value is None for value in values.values())
    if measure in COUNTS:
        payload["circles"] = {node: value for node, value in values.items() if value}
        payload["fill"] = {node: 1 if value is not None else -1 for node, value in values.items()}
        payload["breaks"] = []
    return payload


def chosen_group(scene: Scene) -> tuple[str, str] | None:
    """Return (split, group) of the filter by a group of members ('group:age.ge61'), None without one."""
    split, _, group = (scene.picked("group") or "").partition(".")
    return (split, group) if group in GROUPS.get(split, ()) else None


def shares(rows: Rows, bands: tuple[str, ...]) -> dict[str, float | None]:
    """Return the per cent that some bands are of all, by place; None where one counted is not shown."""
    whole: dict[str, float] = defaultdict(float)
    part: dict[str, float] = defaultdict(float)
    hidden = set()
    for row in rows:
        value = row["n"].value if isinstance(row["n"], Figure) else row["n"]
        whole[row["node_id"]] += value or 0
        if row["band"] in bands:
            part[row["node_id"]] += value or 0
            hidden |= {row["node_id"]} if value is None else set()
    return {
        node: None if node in hidden or not total else 100 * part[node] / total
        for node, total in whole.items()
    }


def value_of(row: Mapping[str, Any], measure: str, world: World) -> float | None:
    """Return a place's published value of a measure; None where it is hidden or does not exist.

    'density' is published members per square kilometre; rates are per cent as published.
    """
    if measure == "density":
        area, members = world.area_km2(row["node_id"]), number(row["members"])
        return None if not area or members is None else members / area
    value = number(row.get(measure)) if measure in row else _rate(row, measure)
    return value if value is None or measure in COUNTS else 100 * value


def _rate(row: Mapping[str, Any], measure: str) -> float | None:
    """Return a rate of published counts where the gate has none of its own; None where one is not shown."""
    part, whole = (row[name].value if isinstance(row[name], Figure) else row[name] for name in RATES[measure])
    return None if part is None or not whole else round(part / whole, 2)


def number(value: object) -> float | None:
    """Return the number behind a published value; the lower end of a band; None where hidden."""
    if isinstance(value, Figure):
        return value.value if value.value is not None else value.low
    return float(value) if isinstance(value, int | float) else None
