"""A place's map for paper: drawn from the wall's own layers and shapes as lines and areas, no picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asinh, cos, floor, log10, pi, radians, tan
from typing import Any, Final

from dashboard.paper import Point, drawing, element, ink, path
from dashboard.words import Words
from layers.scene import Scene, World

Feature = Mapping[str, Any]
Room = tuple[float, float, float, float]
Payloads = Mapping[str, Mapping[str, Any]]
MARGIN: Final = 0.06  # of the frame's shorter edge stays free around the place
RIM: Final = 40_075_016.7  # metres of the equator
AROUND: Final = 0.0022  # degrees around a chosen building, some 220 m
AIR: Final = 0.0008  # … around the buildings of a community, at least
_ENDINGS: Final = (
    "街道",
    "镇",
    "社区居委会",
    "村委会",
    "居委会",
    "社区",
    "村",
    " Subdistrict",
    " Sub-district",
    " Community",
    " Village",
    " Town",
)


@dataclass(frozen=True, slots=True)
class Label:
    """Hold a name on the map: its middle in tenths of a millimetre, its size in points, and how it looks."""

    text: str
    x: float
    y: float
    size: float
    look: str

    def json(self) -> dict[str, Any]:
        """Return it for the typesetter."""
        return {"text": self.text, "x": self.x, "y": self.y, "size": self.size, "look": self.look}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold a map: the drawing (SVG), its names, its scale bar in tenths of a millimetre and in metres."""

    svg: str
    labels: tuple[Label, ...]
    bar: float
    metres: int


class Frame:
    """Turn degrees of WGS84 into tenths of a millimetre, north up, one scale for both ways (Mercator)."""

    def __init__(self, bbox: Sequence[float], width: float, height: float) -> None:
        west, south, east, north = bbox
        left, right, low, high = _across(west), _across(east), _down(north), _down(south)
        edge = MARGIN * min(width, height)
        self.scale = min((width - 2 * edge) / (right - left), (height - 2 * edge) / (high - low))
        self.width, self.height = width, height
        self._x = width / 2 - self.scale * (left + right) / 2
        self._y = height / 2 - self.scale * (low + high) / 2
        self.metres = RIM * cos(radians((south + north) / 2)) / self.scale  # to a tenth of a millimetre

    def at(self, lon: float, lat: float) -> Point:
        """Return where a place lies."""
        return self._x + self.scale * _across(lon), self._y + self.scale * _down(lat)

    def rings(self, feature: Feature) -> list[list[Point]]:
        """Return the rings of a GeoJSON area."""
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        return [[self.at(*spot[:2]) for spot in ring] for polygon in polygons for ring in polygon]

    def holds(self, x: float, y: float, air: float = 0) -> bool:
        """Tell whether a spot is on the map."""
        return air <= x <= self.width - air and air <= y <= self.height - air


def _across(lon: float) -> float:
    return (lon + 180) / 360


def _down(lat: float) -> float:
    return 0.5 - asinh(tan(radians(lat))) / (2 * pi)


def draw(
    scene: Scene,
    world: World,
    payloads: Payloads,
    places: bytes,
    surroundings: bytes,
    buildings: Callable[[str], bytes],
    size: tuple[float, float],
    words: Words,
) -> Drawn:
    """Draw the map of a scene's place.

    Args:
        scene: what is shown; a floor or building is shown inside its community.
        world: the places there are.
        payloads: of the layers that are drawn, by key.
        places: the shapes of district, towns and communities as the wall gets them (GeoJSON).
        surroundings: the neighbouring districts.
        buildings: gives the footprints of a community.
        size: width and height in tenths of a millimetre.
        words: the language.

    Raises:
        ValueError: the district has no shape, so there is nothing to draw.
    """
    known = {one["properties"]["id"]: one for one in json.loads(places)["features"]}
    chain = world.chain("place", scene.place) if scene.basis == "place" else (world.root,)
    shown = next((known[node] for node in reversed(chain) if node in known), None)
    if shown is None:
        raise ValueError("the district has no shape to draw")
    about = shown["properties"]
    level = about["level"]
    feet = json.loads(buildings(about["id"]))["features"] if level == "community" else []
    frame = Frame(_view(about["bbox"], feet, chain), *size)
    marks = [element("rect", x=0, y=0, width=size[0], height=size[1], fill=ink("rest"))]
    marks += [
        _area(frame, one, ink("rest"), ink("line"), 1.5) for one in json.loads(surroundings)["features"]
    ]
    children = [one for one in known.values() if one["properties"]["parent"] == about["id"]]
    if level != "district":
        marks += [
            _area(frame, one, ink("land"), "#ffffff", 4)
            for one in known.values()
            if one["properties"]["level"] == "town"
        ]
    if level == "community":
        marks += _community(frame, shown, known, payloads, chain, feet)
        children = []
    else:
        marks += _areas(frame, children, payloads.get("members", {}))
    marks += _contours(frame, payloads.get("heat", {}))
    marks.append(_area(frame, shown, "none", ink("outline"), 5))
    dots = _branches(payloads.get("branches", {}), scene)
    marks += _dots(frame, dots, 4.2 if level == "district" else 8)
    kept = "".join(marks)
    clip = element("clipPath", element("rect", x=0, y=0, width=size[0], height=size[1]), id="edge")
    metres = _round(frame.metres * size[0] * 0.2)
    svg = drawing(*size, [element("defs", clip), element("g", kept, clip_path="url(#edge)")])
    names = _names(frame, shown, children, list(known.values()), words)
    if feet:
        names = _buildings(frame, feet, payloads.get("buildings", {}).get("values", {}), chain) + names
    return Drawn(svg, tuple(names), metres / frame.metres, metres)


def _view(whole: Sequence[float], feet: Sequence[Feature], chain: Sequence[str]) -> Sequence[float]:
    """Return what the map shows, in degrees: a place; of a community where its buildings stand.

    Around a chosen building so much is shown that its neighbours stand beside it.
    """
    chosen = [one for one in feet if one["properties"]["id"] in chain]
    boxes = [one["properties"]["bbox"] for one in chosen or feet]
    if not boxes:
        return whole
    west, south = (min(box[i] for box in boxes) for i in (0, 1))
    east, north = (max(box[i] for box in boxes) for i in (2, 3))
    air = AROUND if chosen else max(AIR, 0.12 * max(east - west, north - south))
    return west - air, south - air, east + air, north + air


def _area(frame: Frame, feature: Feature, fill: str, line: str, width: float) -> str:
    about: dict[str, Any] = {"stroke": line, "stroke_width": width, "stroke_linejoin": "round"}
    return element("path", d=path(frame.rings(feature)), fill=fill, fill_rule="evenodd", **about)


def _areas(frame: Frame, children: Sequence[Feature], members: Mapping[str, Any]) -> list[str]:
    """Draw the places one level down by class; what is hidden is hatched, what is not asked is plain."""
    fill, circles = members.get("fill", {}), members.get("circles", {})
    marks = [element("defs", _hatch())]
    for child in children:
        own = fill.get(child["properties"]["id"])
        tone = ink("2") if own is None or circles else "url(#hidden)" if own < 0 else ink(str(own + 1))
        marks.append(_area(frame, child, tone, "#ffffff", 4))
    largest = max(circles.values(), default=0)
    for child in children:
        if n := circles.get(child["properties"]["id"]):
            x, y = frame.at(*child["properties"]["label"])
            about: dict[str, Any] = {"fill": ink("4"), "fill_opacity": 0.55, "stroke": ink("outline")}
            marks.append(element("circle", cx=x, cy=y, r=80 * (n / largest) ** 0.5, stroke_width=3, **about))
    return marks


def _hatch() -> str:
    lines = element("rect", width=24, height=24, fill=ink("land")) + element(
        "path", d="M-6 6L6 -6M0 24L24 0M18 30L30 18", stroke=ink("line"), stroke_width=3
    )
    return element("pattern", lines, id="hidden", width=24, height=24, patternUnits="userSpaceOnUse")


def _community(
    frame: Frame,
    shown: Feature,
    known: Mapping[str, Feature],
    payloads: Payloads,
    chain: Sequence[str],
    feet: Sequence[Feature],
) -> list[str]:
    """Draw a community: its neighbours, its buildings by the organisations inside, the chosen one."""
    about = shown["properties"]
    siblings = [one for one in known.values() if one["properties"]["parent"] == about["parent"]]
    marks = [_area(frame, one, "#ffffff", ink("line"), 2) for one in siblings if one is not shown]
    marks.append(_area(frame, shown, ink("land"), ink("outline"), 3))
    values = payloads.get("buildings", {}).get("values", {})
    for foot in feet:
        node = foot["properties"]["id"]
        n = values.get(node, {}).get("organisations", 0)
        tone = ink("outline") if node in chain else ink("5" if n > 3 else "4" if n else "2")
        marks.append(_area(frame, foot, tone, "#ffffff", 1))
    return marks


def _contours(frame: Frame, heat: Mapping[str, Any]) -> list[str]:
    """Draw activity as lines, the busier the stronger."""
    levels = heat.get("levels", [])
    marks = []
    for rank, (_, rings) in enumerate(levels):
        spots = [
            [frame.at(lon / 1e5, lat / 1e5) for lon, lat in zip(ring[::2], ring[1::2], strict=True)]
            for ring in rings
        ]
        share = rank / max(1, len(levels) - 1)
        about: dict[str, Any] = {"fill": "none", "stroke": ink("contour"), "stroke_linejoin": "round"}
        marks.append(
            element(
                "path", d=path(spots), stroke_width=1.5 + 2 * share, stroke_opacity=0.3 + 0.5 * share, **about
            )
        )
    return marks


def _branches(payload: Mapping[str, Any], scene: Scene) -> list[Point]:
    """Return the branches that the scene's filters leave, as lon and lat."""
    domain, dim = scene.picked("domain"), payload.get("dim")
    domains = payload.get("domains", [])
    return [
        (lon / 1e5, lat / 1e5)
        for i, (lon, lat) in enumerate(zip(payload.get("lon", []), payload.get("lat", []), strict=True))
        if not (dim and dim[i]) and (not domain or domains[payload["domain"][i]] == domain)
    ]


def _dots(frame: Frame, spots: Iterable[Point], radius: float) -> list[str]:
    found = [frame.at(*spot) for spot in spots]
    return [
        element("circle", cx=x, cy=y, r=radius, fill=ink("dot"), stroke="#ffffff", stroke_width=radius / 5)
        for x, y in found
        if frame.holds(x, y)
    ]


def _names(
    frame: Frame, shown: Feature, children: Sequence[Feature], known: Sequence[Feature], words: Words
) -> list[Label]:
    """Place names without collision, the largest areas first; one without room is left out."""
    about = shown["properties"]
    wanted = [(child, 8.5 if about["level"] == "district" else 6.5, "name") for child in children]
    wanted.sort(key=lambda one: -_extent(one[0]))
    beside = {"district": (), "town": ("town",), "community": ("community",)}[about["level"]]
    others = [one for one in known if one["properties"]["level"] in beside and one is not shown]
    wanted += [(one, 6.5, "far") for one in sorted(others, key=lambda one: -_extent(one))]
    kept: list[Label] = []
    rooms = _kept_free(frame)
    siblings = {one["properties"]["name"] for one in known if one["properties"]["level"] == "district"}
    for feature, size, look in wanted:
        text = short(feature["properties"], words, siblings)
        x, y = frame.at(*feature["properties"]["label"])
        label = Label(text, round(x, 1), round(y, 1), size, look)
        if _fits(label, frame, rooms):
            kept.append(label)
    return kept


def _buildings(
    frame: Frame, feet: Sequence[Feature], values: Mapping[str, Any], chain: Sequence[str]
) -> list[Label]:
    """Name the buildings with organisations, the chosen one first, then by how many there are inside."""

    def order(foot: Feature) -> tuple[bool, float]:
        node = foot["properties"]["id"]
        return node not in chain, -(values.get(node, {}).get("organisations") or 0)

    kept: list[Label] = []
    rooms = _kept_free(frame)
    for foot in sorted(feet, key=order):
        about = foot["properties"]
        if order(foot) == (True, 0) or not about["name"]:
            break
        west, south, east, _ = about["bbox"]
        x, y = frame.at((west + east) / 2, south)
        label = Label(about["name"], round(x, 1), round(y + 20, 1), 6.5, "name")
        if _fits(label, frame, rooms):
            kept.append(label)
    return kept


def _kept_free(frame: Frame) -> list[Room]:
    """Return where the legend and the scale bar stand."""
    return [
        (0, frame.height - 170, 410, frame.height),
        (frame.width - 300, frame.height - 80, frame.width, frame.height),
    ]


def _fits(label: Label, frame: Frame, rooms: list[Room]) -> bool:
    """Tell whether a name finds room, and take it."""
    wide = label.size * 3.53 * sum(1.0 if ord(sign) > 255 else 0.55 for sign in label.text) / 2 + 8
    high = label.size * 3.53 * 0.62
    room = (label.x - wide, label.y - high, label.x + wide, label.y + high)
    if not (frame.holds(room[0], room[1], 4) and frame.holds(room[2], room[3], 4)):
        return False
    if any(room[0] < r[2] and room[2] > r[0] and room[1] < r[3] and room[3] > r[1] for r in rooms):
        return False
    rooms.append(room)
    return True


def _extent(feature: Feature) -> float:
    west, south, east, north = feature["properties"]["bbox"]
    return float((east - west) * (north - south))


def short(about: Mapping[str, Any], words: Words, districts: Iterable[str] = ()) -> str:
    """Return a place's name without its kind, where what remains is not the district's own name."""
    name = words.name(about)
    for ending in _ENDINGS:
        cut = name.removesuffix(ending)
        if cut != name and len(cut) > 1:
            return name if any(one.startswith(cut) for one in districts) else cut
    return name


def _round(metres: float) -> int:
    """Return the largest round length that is no longer: 1, 2 or 5 times a power of ten."""
    power = 10 ** floor(log10(max(1.0, metres)))
    return int(next(step * power for step in (5, 2, 1) if step * power <= max(1.0, metres)))
