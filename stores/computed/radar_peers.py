"""What do town, district and organisations of the same kind reach, and where is this node behind?"""

from __future__ import annotations

from typing import Any

from stores.radar_views import AXES, level_of, quarters_until, values_of

PARAMS = ("basis", "node", "month")
PUBLISH = """node_id = node; level = level; axis, quarter, peer = public;
num, den, value, low, high, n, behind, gap_order = axis"""
FEW = 10
EXCEPT = frozenset({"A7", "A8"})
"""Axes that are no ratio of their numerator and denominator: a town's value keeps the node itself in."""
LARGEST = 3


def rows(store: Any, basis: str, node: str, month: str) -> list[dict[str, Any]]:
    """Return a row an axis and peer.

    ``peer`` 'town' and 'district' have the value of the sums (a town of fewer than ten organisations without
    the node itself); 'kind' has the median with quartiles ``low`` and ``high`` of ``n`` organisations of the
    same domain and size, else of the same domain, and none where there are too few. ``behind`` are the points
    by which the node lies below that median, ``gap_order`` 1 to 3 its three largest.
    """
    quarters = quarters_until(store, month)
    if not quarters:
        return []
    quarter = quarters[-1]
    level = level_of(store, basis, node)
    own = {axis: row for (axis, name), row in values_of(store, basis, node).items() if name == quarter}
    about = {"node_id": node, "level": level, "quarter": quarter}
    made = _upper(store, basis, node, level, quarter, own, about)
    kind = _kind(store, node, quarter)
    behind: dict[str, float] = {
        axis: kind[axis]["middle"] - own[axis]["value"]
        for axis in AXES
        if axis in kind and axis in own and own[axis]["value"] is not None
    }
    order: list[str] = sorted((axis for axis in behind if behind[axis] > 0), key=lambda axis: -behind[axis])
    order = order[:LARGEST]
    for axis, found in kind.items():
        row = {"axis": axis, "peer": "kind", "num": None, "den": None, "value": found["middle"]}
        row |= {"low": found["low"], "high": found["high"], "n": found["n"], "behind": behind.get(axis)}
        made.append(about | row | {"gap_order": order.index(axis) + 1 if axis in order else None})
    return made


def _upper(
    store: Any,
    basis: str,
    node: str,
    level: str,
    quarter: str,
    own: dict[str, dict[str, Any]],
    about: dict[str, Any],
) -> list[dict[str, Any]]:
    """Return town and district, so far as the node lies below them."""
    line = {row["level"]: row["node_id"] for row in store.ask("ancestors", basis=basis, node=node)}
    made = []
    for peer in ("town", "district"):
        place = line.get(peer)
        if place is None and peer == "town":
            place = _town_of(store, node)
        if place is None or place == node:
            continue
        found = values_of(store, "place" if peer == "town" else basis, place)
        for axis in AXES:
            row = found.get((axis, quarter))
            if row is None or row["value"] is None:
                continue
            value, num, den = row["value"], row["num"], row["den"]
            small = found.get(("A1", quarter), {"den": FEW})["den"] < FEW
            if peer == "town" and small and axis not in EXCEPT and axis in own:
                num, den = num - (own[axis]["num"] or 0), den - (own[axis]["den"] or 0)
                value = 100 * num / den if den > 0 else None
            none = {"low": None, "high": None, "n": None, "behind": None, "gap_order": None}
            made.append(about | {"axis": axis, "peer": peer, "num": num, "den": den, "value": value} | none)
    return made


def _town_of(store: Any, node: str) -> str | None:
    """Return the town in which an organisation stands."""
    found = store.ask("organisation", org_id=node, month="")
    if not found or found[0]["community_id"] is None:
        return None
    line = store.ask("ancestors", basis="place", node=found[0]["community_id"])
    return next((row["node_id"] for row in line if row["level"] == "town"), None)


def _kind(store: Any, node: str, quarter: str) -> dict[str, dict[str, Any]]:
    """Return axis → quartiles of organisations of the same kind: domain and size, else domain."""
    kinds = store.desk.read("select domain, size_band from radar_kind where node_id = $node", node=node)
    if not kinds:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for size in ("*", kinds[0]["size_band"]):
        rows = store.desk.read(
            """select axis, low, middle, high, n from radar_peer
            where domain = $domain and size_band = $size and quarter = $quarter""",
            domain=kinds[0]["domain"],
            size=size,
            quarter=quarter,
        )
        found |= {row["axis"]: row for row in rows if row["axis"] in AXES}
    return found
