"""The scene: one small frozen value that is everything the wall shows, and its address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from shapely.geometry.base import BaseGeometry

from stores.settings import Settings

BASES = ("place", "affiliation")
SPANS = ("month", "quarter", "year")
DAYS = ("all", "workday", "weekend", "unified")
LANGUAGES = ("zh", "en")
MEASURES = ("density", "members", "organisations", "signin", "dues", "study")
PRESETS: dict[str, tuple[str, ...]] = {
    "overview": ("members", "branches", "heat", "landmarks"),
    "branches": ("branches", "positions", "landmarks"),
    "members": ("members",),
    "activity": ("heat", "branches"),
    "transfers": ("transfers",),
    "warnings": ("alerts",),
}
BOARDS = ("overview", "activity", "transfers", "warnings")
"""Sets of panels that stand on the wall together; a preset of the same name brings its board."""
APART = frozenset({"domain", "group"})
"""Filters that exclude one another: what both leave over may not be published."""
PICKS = tuple(f"pick:{dimension}" for dimension in ("domain", "group", "dim", "peer", "axes", "view"))
"""Filters by which a view may depend on a scene beside its fields; see `Scene.part`."""
_TOUR = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_STOP = re.compile(r"[1-9][0-9]?")
SPAN_MONTHS = {"month": 1, "quarter": 3, "year": 12}
WAYS = ("both", "in", "out")
"""Which flows of the place in the middle are drawn: both ways, arriving, leaving."""
HOPS = ("1", "2", "3")
NOISES = ("5", "1", "3", "10", "20")
"""The least number of members on a drawn flow; the first is the one a wall begins with."""
OUTSIDE = "ext:"
"""What the id of a place outside the district begins with."""
FLOW_LEVELS = {
    "district": "town",
    "town": "community",
    "community": "building",
    "building": "organisation",
    "floor": "organisation",
}
"""The level of the places between which flows are drawn, by the level of the place that is shown."""


class World(Protocol):
    """What a scene is checked against: the places, months and layers that exist."""

    @property
    def root(self) -> str:
        """Return the id of the district, the root of both trees."""
        ...

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months with data, 'YYYY-MM', ascending; never empty."""
        ...

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the keys of the known layers."""
        ...

    @property
    def settings(self) -> Settings:
        """Return the deployment: the centre's name, the map's source and approval number."""
        ...

    def nearest(self, basis: str, place: str) -> str:
        """Return `place` if it exists under this basis, else the nearest place above it."""
        ...

    def parent(self, basis: str, place: str) -> str | None:
        """Return the id of the place above, None for the root."""
        ...

    def level(self, basis: str, place: str) -> str:
        """Return the level of a place, e.g. 'town' or 'committee'."""
        ...

    def chain(self, basis: str, place: str) -> tuple[str, ...]:
        """Return the ids from the root down to the place, the place included."""
        ...

    def area_km2(self, place: str) -> float | None:
        """Return the area of a district, town or community in square kilometres, None where unknown."""
        ...

    def branches(self, place: str) -> int:
        """Return how many branches stand in a place in the last month."""
        ...

    def label_point(self, place: str) -> tuple[float, float] | None:
        """Return where a place's name stands as (lon, lat) in WGS84, None where it has no shape."""
        ...

    def outline(self, place: str) -> BaseGeometry | None:
        """Return the shape of a district, town or community, (lon, lat) in WGS84."""
        ...

    def knows(self, field: str, value: str) -> bool:
        """Tell whether what a field of the scene names exists.

        Args:
            field: 'picks' (one filter, 'domain:soe'), 'organisation', 'open' (a sheet), 'how' (a number).
            value: what it names; never empty.
        """
        ...

    def stations(self, tour: str) -> int:
        """Return how many stations a tour has, 0 for one that does not exist."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """Hold what the wall shows; the empty string means 'the default' for place and month."""

    place: str = ""
    basis: str = "place"
    month: str = ""
    span: str = "month"
    layers: tuple[str, ...] = PRESETS["overview"]
    measure: str = "density"
    picks: tuple[str, ...] = ()
    day: str = "all"
    hours: str = ""
    per: str = ""
    organisation: str = ""
    how: str = ""
    open: str = ""
    board: str = "overview"
    focus: str = ""
    hops: str = HOPS[0]
    way: str = WAYS[0]
    noise: str = NOISES[0]
    tour: str = ""
    stop: str = ""
    lang: str = "zh"

    def after(self, verb: str, arg: str, world: World) -> Scene:
        """Return the scene after one gesture.

        Args:
            verb: a key of `VERBS`, e.g. 'drill', 'up', 'layer', 'month'.
            arg: the gesture's argument; its meaning is the verb's.
            world: the places, months and layers that exist.

        Returns:
            A valid scene. An impossible argument leaves the scene as it was.

        Raises:
            KeyError: the verb is unknown.
        """
        return VERBS[verb](self, arg, world).settled(world)[0]

    def settled(self, world: World) -> tuple[Scene, tuple[tuple[str, str], ...]]:
        """Return the nearest valid scene and what had to change as (field, refused value) pairs."""
        wanted: dict[str, Any] = {
            "place": world.nearest(self.basis, self.place or world.root),
            "basis": _one_of(self.basis, BASES),
            "month": _nearest_month(self.month, world.months),
            "span": _one_of(self.span, SPANS),
            "layers": tuple(key for key in dict.fromkeys(self.layers) if key in world.layers),
            "measure": _one_of(self.measure, MEASURES),
            "picks": _together(tuple(p for p in dict.fromkeys(self.picks) if world.knows("picks", p)))[:4],
            "day": _one_of(self.day, DAYS),
            "hours": self.hours if _is_hours(self.hours) else "",
            "per": _one_of(self.per, ("", "members")),
            "board": _one_of(self.board, BOARDS),
            "hops": _one_of(self.hops, HOPS),
            "way": _one_of(self.way, WAYS),
            "noise": _one_of(self.noise, NOISES),
            "lang": _one_of(self.lang, LANGUAGES),
            "stop": "",
        }
        wanted |= {name: self._known(name, world) for name in ("organisation", "open", "how")}
        stations = world.stations(self.tour) if _TOUR.fullmatch(self.tour) else 0
        wanted["tour"] = self.tour if stations else ""
        if stations and _STOP.fullmatch(self.stop):
            wanted["stop"] = str(min(int(self.stop), stations))
        if wanted["basis"] != self.basis:
            wanted["place"] = world.nearest(BASES[0], self.place or world.root)
        wanted["focus"] = _focus(self.focus, wanted["basis"], wanted["place"], world)
        if not wanted["focus"]:
            wanted["hops"] = HOPS[0]
        refused = tuple(
            (name, _lost(getattr(self, name), value))
            for name, value in wanted.items()
            if getattr(self, name) not in ("", value)
        )
        return replace(self, **wanted), refused

    def _known(self, name: str, world: World) -> str:
        value = str(getattr(self, name))
        return value if value and world.knows(name, value) else ""

    def months_back(self, world: World) -> tuple[str, str]:
        """Return the first and last month ('YYYY-MM', inclusive) of the chosen span."""
        last = world.months.index(self.month) if self.month in world.months else len(world.months) - 1
        first = max(0, last - SPAN_MONTHS[self.span] + 1)
        return world.months[first], world.months[last]

    def hour_range(self) -> tuple[int, int]:
        """Return the chosen hours of the day as [from, to), 0..24."""
        if not self.hours:
            return 0, 24
        first, last = self.hours.split("-")
        return int(first), int(last)

    def flow_level(self, world: World) -> str:
        """Return the level of the places between which this scene draws flows, e.g. 'town'."""
        return flow_level(self.basis, self.place, world)

    def picked(self, dimension: str) -> str | None:
        """Return the chosen filter of a dimension, None where there is none."""
        for pick in self.picks:
            name, _, value = pick.partition(":")
            if name == dimension:
                return value
        return None

    def part(self, name: str) -> Any:
        """Return what a view may depend on: a field, or by 'pick:' and its dimension a filter."""
        field, colon, dimension = name.partition(":")
        return self.picked(dimension) or "" if colon else getattr(self, field)

    def as_query(self) -> str:
        """Return the address of this scene, defaults left out, in a fixed order."""
        plain = Scene()
        pairs = [
            (field.name, _text(getattr(self, field.name)))
            for field in fields(self)
            if getattr(self, field.name) != getattr(plain, field.name)
        ]
        return "?" + urlencode(pairs, safe=",:/") if pairs else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the scene for the browser: lists for tuples, and its own address under 'query'."""
        lists = {"layers": list(self.layers), "picks": list(self.picks)}
        return {**asdict(self), **lists, "query": self.as_query()}


def read_query(query: str) -> Scene:
    """Read a scene from an address; unknown names are passed over, repeated names take the last value."""
    known = {field.name for field in fields(Scene)}
    given = {name: value for name, value in parse_qsl(query.lstrip("?"), True) if name in known}
    return from_mapping(given)


def from_mapping(given: Mapping[str, Any]) -> Scene:
    """Build a scene from loosely typed values; 'layers' and 'picks' may be lists or comma-separated text."""
    values: dict[str, Any] = {}
    for field in fields(Scene):
        value = given.get(field.name)
        if value is None:
            continue
        if field.name in ("layers", "picks"):
            parts = value.split(",") if isinstance(value, str) else value
            values[field.name] = tuple(readable(part) for part in parts if part)
        else:
            values[field.name] = readable(value)
    return Scene(**values)


def readable(value: object) -> str:
    """Return a value from outside as text of at most 200 characters; what is no character is left out."""
    return str(value)[:200].encode("utf-8", "ignore").decode("utf-8")


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _lost(asked: str | tuple[str, ...], kept: str | tuple[str, ...]) -> str:
    """Return what of a field's value was refused; of a list the parts that are gone."""
    if isinstance(asked, str):
        return asked
    return _text(tuple(part for part in asked if part not in kept) or asked)


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else allowed[0]


def _nearest_month(month: str, months: tuple[str, ...]) -> str:
    earlier = [known for known in months if known <= month]
    if not month:
        return months[-1]
    return earlier[-1] if earlier else months[0]


def flow_level(basis: str, place: str, world: World) -> str:
    """Return the level of the places between which flows are drawn while `place` is shown."""
    if basis == "affiliation":
        return "committee" if place == world.root else "organisation"
    return FLOW_LEVELS.get(world.level(basis, place), "organisation")


def _focus(focus: str, basis: str, place: str, world: World) -> str:
    """Return the place in the middle of the flows, '' where it is none of those that are drawn.

    A place outside the district cannot be looked up: any name of a sensible length may be asked for.
    """
    if focus.startswith(OUTSIDE):
        return focus if len(OUTSIDE) < len(focus) <= 40 and focus.isprintable() else ""
    if not focus:
        return ""
    level = flow_level(basis, place, world)
    by_affiliation = level in ("committee", "organisation")
    tree = "affiliation" if by_affiliation else "place"
    if focus in (place, world.root) or world.nearest(tree, focus) != focus:
        return ""
    return focus if by_affiliation or world.level(tree, focus) == level else ""


def _together(picks: tuple[str, ...]) -> tuple[str, ...]:
    """Keep of the filters that exclude one another the first."""
    apart = [pick for pick in picks if pick.partition(":")[0] in APART]
    return tuple(pick for pick in picks if pick not in apart[1:])


def _is_hours(text: str) -> bool:
    first, dash, last = text.partition("-")
    return bool(dash) and first.isdecimal() and last.isdecimal() and 0 <= int(first) < int(last) <= 24


def _drill(scene: Scene, arg: str, world: World) -> Scene:
    """Go to a place; a town or building that the tree of affiliation does not have leads to the places."""
    found = (basis for basis in (scene.basis, *BASES) if world.nearest(basis, arg) == arg)
    basis = next(found, scene.basis)
    return replace(scene, place=arg, basis=basis, organisation="", how="", open="", focus="", hops=HOPS[0])


def _trace(scene: Scene, arg: str, world: World) -> Scene:
    """Put a place in the middle of the flows; once more, one hop further; after the last, one hop again."""
    if not arg or arg != scene.focus:
        return replace(scene, focus=arg, hops=HOPS[0], organisation="", how="", open="")
    if arg.startswith(OUTSIDE):
        return replace(scene, focus="")
    further = HOPS[HOPS.index(scene.hops) + 1 :] or HOPS
    return replace(scene, hops=further[0])


def _up(scene: Scene, arg: str, world: World) -> Scene:
    if scene.how or scene.open:
        return replace(scene, how="", open="")
    if scene.organisation:
        return replace(scene, organisation="")
    if scene.focus:
        shorter = HOPS[: HOPS.index(scene.hops)]
        return replace(scene, hops=shorter[-1]) if shorter else replace(scene, focus="")
    return replace(scene, place=world.parent(scene.basis, scene.place) or scene.place)


def _basis(scene: Scene, arg: str, world: World) -> Scene:
    there = world.nearest(arg, scene.place)
    return replace(scene, basis=arg, place=there, organisation="", focus="", hops=HOPS[0])


def _layer(scene: Scene, arg: str, world: World) -> Scene:
    on = tuple(key for key in scene.layers if key != arg)
    return replace(scene, layers=on if arg in scene.layers else (*on, arg))


def _preset(scene: Scene, arg: str, world: World) -> Scene:
    if arg not in PRESETS:
        return scene
    board = arg if arg in BOARDS else BOARDS[0]
    return replace(scene, layers=PRESETS[arg], board=board, open="", focus="", hops=HOPS[0])


def _pick(scene: Scene, arg: str, world: World) -> Scene:
    dimension = arg.partition(":")[0]
    apart = APART if dimension in APART else {dimension}
    rest = tuple(p for p in scene.picks if p.partition(":")[0] not in apart)
    return replace(scene, picks=rest if arg in scene.picks or arg == dimension else (*rest, arg))


def _step(scene: Scene, arg: str, world: World) -> Scene:
    months = world.months
    here = months.index(scene.month) if scene.month in months else len(months) - 1
    steps = int(arg) if arg.lstrip("-").isdecimal() and len(arg) < 5 and arg.count("-") < 2 else 0
    return replace(scene, month=months[(here + steps) % len(months)])


def _measure(scene: Scene, arg: str, world: World) -> Scene:
    shown = scene.layers if "members" in scene.layers else ("members", *scene.layers)
    return replace(scene, measure=arg, layers=shown, open="")


def _toggle(name: str) -> Callable[[Scene, str, World], Scene]:
    def change(scene: Scene, arg: str, world: World) -> Scene:
        value: Any = "" if getattr(scene, name) == arg else arg
        return replace(scene, **{name: value})

    return change


def _set(name: str) -> Callable[[Scene, str, World], Scene]:
    def change(scene: Scene, arg: str, world: World) -> Scene:
        value: Any = arg
        return replace(scene, **{name: value})

    return change


VERBS: dict[str, Callable[[Scene, str, World], Scene]] = {
    "drill": _drill,
    "up": _up,
    "home": lambda scene, arg, world: Scene(lang=scene.lang),
    "basis": _basis,
    "month": _set("month"),
    "step": _step,
    "span": _set("span"),
    "layer": _layer,
    "preset": _preset,
    "measure": _measure,
    "pick": _pick,
    "day": _set("day"),
    "hours": _set("hours"),
    "per": _toggle("per"),
    "organisation": _toggle("organisation"),
    "how": _toggle("how"),
    "open": _toggle("open"),
    "trace": _trace,
    "hops": _set("hops"),
    "way": _set("way"),
    "noise": _set("noise"),
    "lang": _set("lang"),
    "go": lambda scene, arg, world: replace(read_query(arg), lang=read_query(arg).lang),
}
