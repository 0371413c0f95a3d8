"""Warnings on the map: a rate a place, and at the lowest unit the worst that nobody has acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.classes import class_breaks, class_of
from layers.members import number
from layers.registry import Rows
from layers.scene import Scene, World
from stores.figure import Figure

KEY = "alerts"
MARK = "alerts"
ORDER = 15
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the places one level down by their warnings, and for the units with any (now)."""
    here = {"basis": scene.basis, "node": scene.place}
    asked: dict[str, tuple[str, dict[str, Any]]] = {"points": ("alert_points", here)}
    ground = scene.place if scene.basis == "place" else world.root
    if world.level("place", ground) in ("district", "town"):
        asked["counts"] = ("alert_counts", {"basis": "place", "node": ground, "month": scene.month})
    return asked


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {measure, fill, breaks, hidden, places, points}.

    ``fill`` holds id → class 0..4 of warnings per 100 organisations, −1 for hidden.  ``places`` holds id →
    {rate, n, organisations, severity, seen}: texts for the pill, null where hidden; ``points`` are the units
    below the community: {id, lon, lat, n, severity, seen, name}.  ``severity`` is the worst that nobody has
    acknowledged, else the worst of all with ``seen`` true.
    """
    found = rows.get("counts", [])
    rates = {str(row["node_id"]): number(row["per_100"]) for row in found}
    known = [rate for rate in rates.values() if rate is not None]
    breaks = class_breaks(known, 5) if known else []
    payload: dict[str, Any] = {"measure": "alerts"}
    payload["fill"] = {node: -1 if rate is None else class_of(rate, breaks) for node, rate in rates.items()}
    payload["breaks"] = [min(known), *breaks, max(known)] if known else []
    payload["hidden"] = sum(rate is None for rate in rates.values())
    payload["places"] = {str(row["node_id"]): _place(row) for row in found}
    wide = set(payload["places"])
    payload["points"] = [
        _point(row) for row in rows.get("points", []) if str(row["node_id"]) not in wide and number(row["n"])
    ]
    return payload


def worst(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the severity to show (0 = none) and whether all were seen."""
    unseen, most = int(number(row["worst_unseen"]) or 0), int(number(row["worst"]) or 0)
    return {"severity": unseen or most, "seen": not unseen}


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    n = row["n"]
    band = isinstance(n, Figure) and n.state == "band"
    shown = {"n": None if band else number(n), "few": band, "rate": number(row["per_100"])}
    return {**shown, "organisations": row["organisations"], **worst(row)}


def _point(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["name"] if isinstance(row["name"], str) else ""
    spot = {"id": str(row["node_id"]), "lon": row["lon"], "lat": row["lat"], "name": name}
    return {**spot, "n": number(row["n"]), **worst(row)}
