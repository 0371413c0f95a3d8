"""Membership transfers as arcs between places, with the outside world at the map's edge.

Without a centre the map shows totals first: a circle a place, and the strongest flows.  With one it shows
what comes to it and leaves it, hop by hop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from geo.outside import OWN_CITY, OWN_PROVINCE, PLACES, bearing_of, province_of
from layers.members import number
from layers.registry import Rows
from layers.scene import OUTSIDE, Scene, World

KEY = "transfers"
MARK = "flows"
ORDER = 60
LEVELS: tuple[str, ...] = ()
DEPENDS = ("place", "basis", "month", "span", "focus", "hops", "way", "noise")
MOST_OVERVIEW = 18
MOST_ARCS = 500
MOST_TRIED = 12
OWN = {OWN_CITY: ("南京其他区", "Other Nanjing"), OWN_PROVINCE: ("省内他市", "Other Jiangsu")}
TOWARDS = {"in": "backward", "out": "forward"}
OTHER = "other"
"""The end that stands for all places too small to be named."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Hold one flow: `n` members (published) from one place to another, `hop` steps from the centre."""

    start: str
    end: str
    n: int
    hop: int = 1
    direction: str = "between"


def view(scene: Scene, world: World) -> dict[str, Any]:
    """Return what every question about flows is asked of: basis, level, node and the months of the span."""
    first, last = scene.months_back(world)
    node = {"basis": scene.basis, "level": scene.flow_level(world), "node": scene.place}
    return {**node, "from_month": first, "to_month": last}


def subject(scene: Scene) -> str:
    """Return the place the numbers beside the map speak of: the centre, or the place that is shown."""
    return scene.place if not scene.focus or scene.focus.startswith(OUTSIDE) else scene.focus


def is_traced(scene: Scene) -> bool:
    """Tell whether a place that can be traced over several hops is the centre."""
    return bool(scene.focus) and not scene.focus.startswith(OUTSIDE)


def directions(scene: Scene) -> tuple[str, ...]:
    """Return the directions that are drawn, of 'in' and 'out'."""
    return ("in", "out") if scene.way == "both" else (scene.way,)


def ask_names(scene: Scene) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask what the places are called between which this scene draws flows, and where they stand."""
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "names": ("children", {"basis": scene.basis, "node": scene.place}),
        "places": ("place_tree", {}),
        "here": ("node", {"basis": scene.basis, "node": scene.place}),
    }
    if scene.place.startswith("B"):
        organisations = {"basis": scene.basis, "node": scene.place, "month": scene.month}
        asked["organisations"] = ("organisations_of", organisations)
    return asked


def ask(scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ask for the flows of this level, and for the trace of the centre where there is one."""
    asked = ask_names(scene)
    asked["totals"] = ("flow_totals", view(scene, world))
    asked["edges"] = ("flow_edges", view(scene, world))
    for way in directions(scene) if is_traced(scene) else ():
        traced = {"focus": scene.focus, "direction": TOWARDS[way], "hops": int(scene.hops)}
        asked[way] = ("flow_trace", {**view(scene, world), **traced})
    return asked


def shape(rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
    """Return {arcs, nodes, put_away, focus, level, all}.

    put_away counts the flows that are not drawn.  `all` holds every flow of the level as [from, to, n] and
    every place, so that the browser draws the next centre at once and asks afterwards.
    """
    known = known_places(rows)
    edges = drawable(rows, scene, known)
    least = int(scene.noise)
    loud = [edge for edge in edges if edge.n >= least]
    most = MOST_ARCS if scene.focus else MOST_OVERVIEW
    drawn = sorted(loud, key=lambda edge: (edge.hop, -edge.n, edge.start, edge.end))[:most]
    discs = strongest(drawn, int(scene.hops), scene.way) if scene.focus else {}
    arcs = [
        {"from": e.start, "to": e.end, "n": e.n, "hop": e.hop, "direction": e.direction}
        | ({"disc": discs[e]} if e in discs else {})
        for e in drawn
    ]
    nodes = _nodes(drawn, edges, rows, scene, known)
    return {
        "arcs": arcs,
        "nodes": nodes,
        "put_away": len(edges) - len(drawn),
        "focus": scene.focus,
        "level": scene.flow_level(world),
        "all": _everything(rows, scene, known),
    }


def _everything(rows: Mapping[str, Rows], scene: Scene, known: Mapping[str, Any]) -> dict[str, Any]:
    edges = gathered(rows.get("edges", []), known, "")
    ends = {end for edge in edges for end in (edge.start, edge.end)} | _inside(rows, known)
    inside = _inside(rows, known)
    nodes = [_about(node, rows, scene, known) | ({"inside": True} if node in inside else {}) for node in ends]
    order = sorted(edges, key=lambda edge: (-edge.n, edge.start, edge.end))
    listed = [[edge.start, edge.end, edge.n] for edge in order]
    return {"edges": listed, "nodes": sorted(nodes, key=lambda one: str(one["id"]))}


def known_places(rows: Mapping[str, Rows]) -> dict[str, dict[str, Any]]:
    """Return the places that can stand on the map by id, each with name, name_en, lon and lat."""
    known = {str(row["node_id"]): row for row in rows.get("places", [])}
    known |= {str(row["node_id"]): row for row in rows.get("names", []) if row["level"] != "floor"}
    known |= {str(row["node_id"]): row for row in rows.get("here", []) if row["level"] != "floor"}
    for row in rows.get("organisations", []):
        known[str(row["org_id"])] = {"name": row["short_name"] or row["name"], "name_en": None, "lon": None}
    return known


def drawable(rows: Mapping[str, Rows], scene: Scene, known: Mapping[str, Any]) -> list[Edge]:
    """Return the flows between different places on the map, outside ends gathered, not yet thinned."""
    if is_traced(scene):
        return [edge for way in directions(scene) for edge in gathered(rows.get(way, []), known, way)]
    edges = gathered(rows.get("edges", []), known, "")
    inside = insiders(rows, scene)
    told = [replace(edge, direction=_direction(edge, inside)) for edge in edges]
    if not scene.focus:
        return told
    focus = gather(scene.focus, known)
    mine = [
        replace(edge, direction="in" if edge.end == focus else "out")
        for edge in told
        if focus in (edge.start, edge.end)
    ]
    return [edge for edge in mine if edge.direction in directions(scene)]


def insiders(rows: Mapping[str, Rows], scene: Scene) -> set[str]:
    """Return the ends that lie in the place shown: its parts, and itself for those too small to be named."""
    parts = {str(row["node_id"]) for row in rows.get("names", [])}
    return parts | {str(row["org_id"]) for row in rows.get("organisations", [])} | {scene.place}


def _direction(edge: Edge, inside: set[str]) -> str:
    """Say how a flow looks from the place that is shown: into it, out of it, or between its parts."""
    if edge.start in inside and edge.end in inside:
        return "between"
    return "out" if edge.start in inside else "in"


def gather(node: str, known: Mapping[str, Any]) -> str:
    """Return the end at which a node is drawn: itself, its province outside, or 'other'."""
    if node.startswith(OUTSIDE):
        return OUTSIDE + (province_of(node.removeprefix(OUTSIDE)) or OTHER)
    return node if node in known else OTHER


def gathered(edges: Rows, known: Mapping[str, Any], way: str) -> list[Edge]:
    """Add up edges whose ends are drawn at one place; what stays within one place is not drawn."""
    total: dict[tuple[str, str, int], int] = defaultdict(int)
    for edge in edges:
        start, end = gather(str(edge["from_node"]), known), gather(str(edge["to_node"]), known)
        hop = int(number(edge.get("hop", 1)) or 1)
        if start != end:
            total[start, end, hop] += int(number(edge["n"]) or 0)
    return [Edge(start, end, n, hop, way) for (start, end, hop), n in total.items() if n > 0]


def strongest(edges: Iterable[Edge], hops: int, way: str) -> dict[Edge, int]:
    """Return the strongest path through the centre as edge → the number of its step in the order of time.

    Step 1 is the hop furthest back.  From the centre outward the strongest flow is taken at each hop among
    those that go on from the one before; a longer path goes before a stronger first hop.
    """
    by_way: dict[str, list[Edge]] = {"in": [], "out": []}
    for edge in edges:
        by_way.setdefault(edge.direction, []).append(edge)
    back = {edge: hops - edge.hop + 1 for edge in _path(by_way["in"])}
    forth = {edge: (hops if way == "both" else 0) + edge.hop for edge in _path(by_way["out"])}
    return back | forth


def _path(edges: list[Edge], near: Edge | None = None) -> list[Edge]:
    """Return the longest path that goes on from `near`; of equally long ones the strongest."""
    hop = near.hop + 1 if near else 1
    own = [edge for edge in edges if edge.hop == hop and (near is None or _continues(near, edge))]
    paths = [[edge, *_path(edges, edge)] for edge in sorted(own, key=lambda one: -one.n)[:MOST_TRIED]]
    return max(paths, key=lambda path: (len(path), [edge.n for edge in path], path[0].start), default=[])


def _continues(near: Edge, far: Edge) -> bool:
    return far.end == near.start if near.direction == "in" else far.start == near.end


def _nodes(
    drawn: list[Edge], edges: list[Edge], rows: Mapping[str, Rows], scene: Scene, known: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return every place on the map, with what moved in and out of it, or to and from the centre."""
    sums = _sums(edges, scene) if scene.focus else _totals(rows, known)
    ends = {end for edge in drawn for end in (edge.start, edge.end)}
    centre = gather(scene.focus, known) if scene.focus else ""
    named = _inside(rows, known) | ends | ({centre} - {""})
    made = []
    for node in named if OTHER in ends else named - {OTHER}:
        moved_in, moved_out = sums.get(node, (0, 0))
        counts = {"moved_in": moved_in, "moved_out": moved_out, "total": moved_in + moved_out}
        made.append(_about(node, rows, scene, known) | counts)
    return sorted(made, key=lambda one: (-one["total"], one["id"]))


def _inside(rows: Mapping[str, Rows], known: Mapping[str, Any]) -> set[str]:
    """Return the parts of the place shown that can stand on the map."""
    inside = {str(row["node_id"]) for row in rows.get("names", []) if str(row["node_id"]) in known}
    return inside | {str(row["org_id"]) for row in rows.get("organisations", [])}


def _about(node: str, rows: Mapping[str, Rows], scene: Scene, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return where an end of flows stands and what it is called."""
    rest = {"rest": True} if node == scene.place else {}  # it stands for its parts that are too small
    return {"id": node} | rest | (_outside(node) if _is_out(node) else _standing(node, known, rows))


def _is_out(node: str) -> bool:
    return node == OTHER or node.startswith(OUTSIDE)


def _sums(edges: list[Edge], scene: Scene) -> dict[str, tuple[int, int]]:
    """Return what each place gave to the centre and got from it directly, and the centre's own sums.

    A place's figures are those of the centre seen from there: + arrives at the centre, − leaves it.
    """
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    for edge in edges:
        if edge.hop == 1 and edge.direction == "in":
            came[edge.start] += edge.n
            came[edge.end] += edge.n
        elif edge.hop == 1:
            went[edge.end] += edge.n
            went[edge.start] += edge.n
    return {node: (came[node], went[node]) for node in came.keys() | went.keys()}


def _totals(rows: Mapping[str, Rows], known: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return what moved into and out of each place in all; outside places by their province.

    Of an outside place it is the district's side that is told: + came from there, − went there.
    """
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    for row in rows.get("totals", []):
        node = gather(str(row["node_id"]), known)
        ways = ("moved_out", "moved_in") if node.startswith(OUTSIDE) else ("moved_in", "moved_out")
        came[node] += int(number(row[ways[0]]) or 0)
        went[node] += int(number(row[ways[1]]) or 0)
    for edge in gathered(rows.get("edges", []), known, ""):
        for node, other in ((edge.start, came), (edge.end, went)):
            if _is_out(node) and not any(gather(str(r["node_id"]), known) == node for r in rows["totals"]):
                other[node] += edge.n
    return {node: (came[node], went[node]) for node in came.keys() | went.keys()}


def _standing(node: str, known: Mapping[str, Any], rows: Mapping[str, Rows]) -> dict[str, Any]:
    """Return name and point of a place on the map; one without a point stands around the place shown."""
    about = known.get(node, {})
    names = {
        "outside": False,
        "name": short_name(str(about.get("name") or node), district_of(known)),
        "name_en": about.get("name_en"),
    }
    if about.get("lon") is not None:
        return {**names, "lon": about["lon"], "lat": about["lat"]}
    here = next(iter(rows.get("here", [])), {})
    return {**names, "lon": here.get("lon"), "lat": here.get("lat"), "around": True}


def _outside(node: str) -> dict[str, Any]:
    """Return the name of an outside end and the direction in which it lies, degrees clockwise from north."""
    place = node.removeprefix(OUTSIDE) if node != OTHER else ""
    if node == OTHER:
        names = ("其他", "Others")
    elif place in OWN:
        names = OWN[place]
    else:
        names = (place, PLACES[place][2]) if place in PLACES else ("其他省市", "Elsewhere")
    angle = round(bearing_of(place), 1)
    return {"outside": True, "merged": node == OTHER, "bearing": angle, "name": names[0], "name_en": names[1]}


ENDINGS = ("街道党工委", "党工委", "委员会", "党委", "工委", "社区居委会", "村委会", "社区", "街道")
OF_THE_DISTRICT = ("级", "委")
"""How the name of an office goes on after the district's: 区级机关, 区委党校."""


def short_name(name: str, district: str = "") -> str:
    """Return a name without what its neighbours' names share: kind and district; 12 signs at most."""
    short = name
    for ending in ENDINGS:
        if short.endswith(ending) and len(short) - len(ending) >= 2:
            short = short.removesuffix(ending)
            break
    stem = district[:-1]
    for beginning in (district, stem) if len(stem) >= 2 else ():
        rest = short.removeprefix("中共").removeprefix(beginning)
        if rest != short and len(rest) >= 2 and not rest.startswith(OF_THE_DISTRICT):
            short = rest
            break
    return short if len(short) <= 12 else short[:11] + "…"


def district_of(known: Mapping[str, Any]) -> str:
    """Return the name of the district among known places, '' where it is not among them."""
    return next((str(row["name"]) for row in known.values() if row.get("level") == "district"), "")
