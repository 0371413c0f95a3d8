"""Membership transfers as arcs between places, with the outside world at the map's edge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from layers.members import number
from layers.registry import Rows
from layers.scene import Scene, World

KEY = "transfers"
MARK = "arcs"
ORDER = 60
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month", "span", "pick:domain")
MOST_ARCS = 28

# Bearing in degrees clockwise from north, as seen from the district; the rest stands south-west.
BEARINGS = {
    "南京市": (330, "Nanjing, other districts"),
    "江苏省": (60, "Jiangsu, other cities"),
    "上海市": (112, "Shanghai"),
    "浙江省": (150, "Zhejiang"),
    "安徽省": (250, "Anhui"),
    "北京市": (15, "Beijing"),
    "山东省": (355, "Shandong"),
    "河南省": (300, "Henan"),
    "湖北省": (270, "Hubei"),
    "广东省": (205, "Guangdong"),
}
ELSEWHERE = (228, "Elsewhere")


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the flows between towns, or between communities once inside a town, over the chosen span."""
    first, last = scene.months_back(world)
    level = "town" if _focus(scene, world)[0] == "district" else "community"
    edges = {"basis": "place", "from_month": first, "to_month": last}
    question = "transfer_edges"
    if domain := scene.picked("domain"):
        question, edges = "transfer_edges_of_domain", {**edges, "domain": domain}
    asked = {"towns": (question, {**edges, "level": "town"})}
    if level == "community":
        asked["communities"] = (question, {**edges, "level": "community"})
    return asked


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {arcs: [{from, to, n, direction}], nodes: [{id, lon, lat | bearing, moved_in, moved_out}]}."""
    level, focus = _focus(scene, world)
    edges = rows["towns"]
    if level == "community" and focus:
        edges = rows["communities"]
    wanted = [edge for edge in _merged(edges) if level == "district" or focus in edge[:2]]
    arcs = sorted(wanted, key=lambda edge: -edge[2])[:MOST_ARCS]
    shown = [
        {"from": source, "to": target, "n": n, "direction": "out" if _leaves(source, target, focus) else "in"}
        for source, target, n in arcs
    ]
    return {"arcs": shown, "nodes": _nodes(arcs, world), "put_away": len(wanted) - len(arcs)}


def _focus(scene: Scene, world: World) -> tuple[str, str | None]:
    """Return the level flows are drawn at and the place in their middle (None for the whole district)."""
    if scene.basis != "place" or scene.place == world.root:
        return "district", None
    chain = world.chain("place", scene.place)
    return ("town", chain[1]) if len(chain) == 2 else ("community", chain[2])


def _leaves(source: str, target: str, focus: str | None) -> bool:
    return source == focus if focus else target.startswith("ext:")


def _merged(edges: Rows) -> list[tuple[str, str, int]]:
    """Add up edges whose outside ends fall to one bearing; an edge within one place is not drawn."""
    total: dict[tuple[str, str], int] = defaultdict(int)
    for edge in edges:
        source, target = _outside(edge["from_node"]), _outside(edge["to_node"])
        if source != target:
            total[source, target] += int(number(edge["n"]) or 0)
    return [(source, target, n) for (source, target), n in total.items() if n > 0]


def _outside(node: str) -> str:
    if not node.startswith("ext:"):
        return node
    name = node.removeprefix("ext:")
    known = next((key for key in BEARINGS if key in name), None)
    return f"ext:{known or '其他'}"


def _nodes(arcs: list[tuple[str, str, int]], world: World) -> list[dict[str, Any]]:
    moved_in: dict[str, int] = defaultdict(int)
    moved_out: dict[str, int] = defaultdict(int)
    for source, target, n in arcs:
        moved_out[source] += n
        moved_in[target] += n
    nodes = []
    for node in moved_in.keys() | moved_out.keys():
        about = {"id": node, "moved_in": moved_in[node], "moved_out": moved_out[node]}
        about["total"] = moved_in[node] + moved_out[node]
        point = world.label_point(node)
        if node.startswith("ext:"):
            bearing, english = BEARINGS.get(node.removeprefix("ext:"), ELSEWHERE)
            name = {"南京市": "南京其他区", "江苏省": "省内他市", "其他": "其他省市"}.get(node[4:], node[4:])
            nodes.append({**about, "outside": True, "bearing": bearing, "name": name, "name_en": english})
        elif point:
            nodes.append({**about, "outside": False, "lon": point[0], "lat": point[1]})
    return sorted(nodes, key=lambda one: str(one["id"]))
