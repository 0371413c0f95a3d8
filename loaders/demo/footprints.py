"""Draw invented buildings: blocks on a local street grid around the hearts of each community, with names.

A block holds buildings of one kind in that kind's usual layout: rows of flats, towers round a court, sheds in
rows. All lengths are metres in EPSG:4549; a building never crosses its community's border.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geo.partition import Floats

BLOCK = (168.0, 122.0)
STREET = 20.0
BORDER_GAP = 9.0
"""Least distance in metres between a building and its community's border: half a street."""

# Outlines in a unit square; x, y from the lower left corner.
BOX = ((0, 0), (1, 0), (1, 1), (0, 1))
ANGLE = ((0, 0), (1, 0), (1, 0.42), (0.38, 0.42), (0.38, 1), (0, 1))
COURT = ((0, 0), (1, 0), (1, 1), (0.72, 1), (0.72, 0.4), (0.28, 0.4), (0.28, 1), (0, 1))

# Kind → layouts: buildings as (x, y, width, depth, outline) in a block of 148 by 102 metres between streets.
Lot = tuple[float, float, float, float, tuple[tuple[float, float], ...]]
LAYOUTS: dict[str, list[list[Lot]]] = {
    "residential": [
        [(x, y, 43, 13, BOX) for y in (4, 45, 86) for x in (2, 53, 104)],
        [(x, y, 62, 14, BOX) for y in (2, 30, 58, 86) for x in (6, 80)],
        [(x, y, 24, 22, BOX) for y in (6, 70) for x in (4, 42, 80, 118)],
    ],
    "office": [
        [(6, 6, 48, 34, BOX), (84, 8, 56, 28, BOX), (8, 60, 38, 38, BOX), (78, 56, 60, 42, ANGLE)],
        [(4, 4, 36, 36, BOX), (56, 4, 36, 36, BOX), (108, 4, 36, 36, BOX), (20, 62, 100, 34, COURT)],
    ],
    "park": [
        [(x, y, 38, 34, BOX) for y in (6, 60) for x in (4, 55, 106)],
        [(4, 6, 62, 40, ANGLE), (84, 6, 56, 30, BOX), (4, 66, 56, 30, BOX), (84, 58, 60, 40, COURT)],
    ],
    "factory": [
        [(4, 6, 66, 40, BOX), (80, 6, 64, 40, BOX), (4, 58, 100, 38, BOX), (114, 62, 28, 24, BOX)],
        [(4, 4, 140, 28, BOX), (4, 38, 140, 28, BOX), (4, 74, 84, 24, BOX)],
    ],
    "school": [
        [(6, 8, 66, 15, BOX), (6, 42, 66, 15, BOX), (6, 76, 66, 15, BOX), (96, 10, 40, 34, BOX)],
        [(10, 10, 84, 56, COURT), (104, 8, 36, 30, BOX), (104, 58, 38, 16, BOX)],
    ],
    "hospital": [[(8, 8, 84, 56, COURT), (102, 10, 40, 26, BOX), (20, 78, 70, 18, BOX)]],
    "organ": [[(24, 50, 92, 40, COURT), (14, 10, 50, 16, BOX), (84, 10, 50, 16, BOX)]],
}

KINDS = ("residential", "office", "park", "factory", "school", "hospital", "organ")
# Chances of a block's kind at the heart of a town community, at its edge, and in a village.
HEART = (0.34, 0.34, 0.08, 0.02, 0.10, 0.05, 0.07)
EDGE = (0.48, 0.11, 0.13, 0.12, 0.11, 0.02, 0.03)
VILLAGE = (0.72, 0.03, 0.04, 0.12, 0.05, 0.02, 0.02)
# Some towns are known for something: more of that kind.
LEANING = {"320115001": "office", "320115002": "park", "320115004": "school", "320115005": "factory"}
LEANING |= {"320115006": "factory", "320115010": "park"}

FLOORS = {
    "office": (6, 30),
    "park": (4, 15),
    "factory": (1, 4),
    "school": (3, 6),
    "hospital": (4, 18),
    "organ": (3, 12),
}
FLATS = (6, 6, 11, 11, 18, 18, 26, 32)
COTTAGES = (2, 2, 3, 3, 4)

FIRST = re.findall(
    "..",
    (
        "天元佳湖秦淮方山牛首将军凤凰金鹰紫金银杏翠岭云台金陵江南文鼎瑞景锦绣和瑞明月东方"
        "莱茵康桥亲水观澜静湖百合绿洲华彩百家双龙竹山月华九龙河定同曦湖畔文靖宏运诚信吉印"
        "清水苏源利源胜利南苑北岸春江朗诗枫林玉兰丹桂梧桐海棠青松白鹭鹭岛学府书香望江听泉"
    ),
)
LAST = {
    "residential": ("花园", "家园", "雅苑", "新村", "名邸", "小区", "佳苑", "公寓"),
    "office": ("大厦", "国际中心", "商务广场", "财富广场", "总部园", "创业大厦"),
    "park": ("科技园", "软件园", "产业园", "云谷", "智造园", "生物医药园"),
    "factory": ("机械厂", "电子厂", "新材料厂", "食品厂", "汽车部件厂", "装备厂"),
    "school": ("小学", "中学", "幼儿园", "实验学校", "职业学校"),
    "hospital": ("卫生服务中心", "医院", "康复医院"),
    "organ": ("政务服务中心", "行政办公区", "综合服务中心"),
}
VILLAGE_LAST = ("新村", "新居", "农家院", "居民点", "小区")
PART = {"residential": "幢", "factory": "号厂房"}


@dataclass
class Names:
    """The building names of one community, each given once."""

    place: str
    used: set[str] = field(default_factory=set)

    def site(self, kind: str, village: bool, rng: np.random.Generator) -> str:
        """Name a new block of `kind`; the first office block bears the community's own name."""
        last = VILLAGE_LAST if village and kind == "residential" else LAST[kind]
        own = f"{self.place}科创大厦" if kind == "office" else f"{self.place}{last[0]}"
        if kind in ("office", "school", "hospital") and own not in self.used:
            return self._give(own)
        for _ in range(60):
            name = str(rng.choice(FIRST)) + str(rng.choice(last))
            if name not in self.used:
                return self._give(name)
        return self._give(f"{self.place}{last[0]}第{len(self.used) + 1}区")

    def _give(self, name: str) -> str:
        self.used.add(name)
        return name


@dataclass(frozen=True)
class Fabric:
    """How a place is built: street `angle`, block `size` (1 = BLOCK), share of `greens`."""

    angle: float
    size: float
    greens: float

    def turn(self, xy: Floats, sign: int = 1) -> Floats:
        """Turn points (n, 2) from the street grid into the map, or back with `sign` -1."""
        cos, sin = np.cos(self.angle), sign * np.sin(self.angle)
        turned: Floats = xy @ np.array([[cos, sin], [-sin, cos]])
        return turned


@dataclass(frozen=True)
class Block:
    """A block of one kind: its lower left corner in the street grid, and how near the heart (0..1) it is."""

    corner: Floats
    kind: str
    heart: float


def draw_buildings(
    communities: gpd.GeoDataFrame, seats: Mapping[str, Floats], count: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Draw about `count` buildings in `communities` (metres; region_id, name, kind, town_id, weight).

    `seats`: town id → x, y of its seat. Returns building_id, name, kind, community_id, floors, grade (A, B, C
    for offices and parks, else null), geometry, in the same coordinates. Names are unique in a community.
    """
    rows: list[dict[str, object]] = []
    shapes: list[Polygon] = []
    angles = {town: rng.uniform(-0.35, 0.35) for town in seats}
    wanted_of = shares_of(count, communities.weight.to_numpy())
    # The more buildings, the closer they stand: the district keeps its size.
    size, greens = float(np.clip(1.5 * (8000 / count) ** 0.2, 0.8, 1.5)), 0.35 if count < 20_000 else 0.12
    full = 0
    for place, wanted in zip(communities.itertuples(), wanted_of, strict=True):
        fabric = Fabric(angles[place.town_id] + rng.normal(0, 0.16), size, greens)
        # What found no room in the communities before is built in this one.
        full += int(wanted)
        for row, outline in _community(place, seats[place.town_id], full - len(rows), fabric, rng):
            rows.append({"building_id": f"B{len(rows) + 1:06d}", **row})
            shapes.append(outline)
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=communities.crs)


def shares_of(count: int, weights: Floats) -> NDArray[np.int64]:
    """Split `count` by `weights`, softened so that no place is left bare; sums exactly to `count`."""
    soft = 0.65 * weights / weights.sum() + 0.35 / len(weights)
    exact = soft / soft.sum() * count
    base: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = np.argsort(base - exact, kind="stable")[: count - int(base.sum())]
    base[rest] += 1
    return base


def _community(
    place: object, seat: Floats, wanted: int, fabric: Fabric, rng: np.random.Generator
) -> Iterator[tuple[dict[str, object], Polygon]]:
    region, title, town = str(place.region_id), str(place.name), str(place.town_id)  # type: ignore[attr-defined]
    village = place.kind == "village"  # type: ignore[attr-defined]
    outline: Polygon = place.geometry  # type: ignore[attr-defined]
    inner = outline.buffer(-BORDER_GAP)
    shapely.prepare(inner)
    names = Names(title.removesuffix("社区").removesuffix("村"))
    hearts = _hearts(outline, seat, village, rng)
    given = 0
    for block in _blocks(outline, hearts, fabric, village, LEANING.get(town), rng):
        # The service centre comes first: every community has one.
        block = block if given else replace(block, kind="organ")
        outlines = _outlines(block, fabric, rng)
        outlines = outlines[shapely.contains(inner, outlines)][: wanted - given]
        if not len(outlines):
            continue
        kind = block.kind
        first = f"{title}党群服务中心" if given == 0 else names.site(kind, village, rng)
        floors = _floors(kind, block.heart, village, len(outlines), rng)
        grades = _grades(kind, floors)
        for turn, shape in enumerate(outlines):
            yield (
                {
                    "name": _part_name(first, kind, turn, len(outlines)),
                    "kind": kind,
                    "community_id": region,
                    "floors": int(floors[turn]),
                    "grade": grades[turn],
                },
                shape,
            )
        given += len(outlines)
        if given >= wanted:
            return


def _part_name(site: str, kind: str, turn: int, total: int) -> str:
    return site if total == 1 else f"{site}{turn + 1}{PART.get(kind, '号楼')}"


def _hearts(outline: Polygon, seat: Floats, village: bool, rng: np.random.Generator) -> Floats:
    """Choose where a community is built up: one heart towards the seat, and hamlets in villages; (n, 2)."""
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(outline, tolerance=50.0))[0]
    edge = shapely.get_coordinates(shapely.maximum_inscribed_circle(outline, tolerance=50.0))[1]
    radius = float(np.hypot(*(edge - middle)))
    towards = (seat - middle) / max(float(np.hypot(*(seat - middle))), 1.0)
    pull = min(float(np.hypot(*(seat - middle))), 0.5 * radius)
    hearts = [middle + towards * pull]
    for _ in range(int(rng.integers(2, 5)) if village else int(rng.integers(1, 4))):
        turn, far = rng.uniform(0, 2 * np.pi), radius * rng.uniform(0.45, 1.0)
        hearts.append(middle + far * np.array([np.cos(turn), np.sin(turn)]))
    return np.array(hearts)


def _blocks(
    outline: Polygon,
    hearts: Floats,
    fabric: Fabric,
    village: bool,
    leaning: str | None,
    rng: np.random.Generator,
) -> Iterator[Block]:
    """Give the blocks of a turned street grid from the hearts outwards, some kept as greens to the last."""
    turned = shapely.transform(outline, lambda xy: fabric.turn(xy, -1))
    west, south, east, north = turned.bounds
    block = np.array(BLOCK) * fabric.size
    columns, rows = np.arange(west, east, block[0]), np.arange(south, north, block[1])
    corner = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
    # Every third street is wider: the grid reads as quarters.
    corner = corner + 14.0 * np.floor((corner - [west, south]) / (3 * block))
    middle = fabric.turn(corner + block / 2)
    kept = shapely.contains_xy(outline, middle[:, 0], middle[:, 1])
    corner, middle = corner[kept], middle[kept]
    green = rng.random(len(corner)) < fabric.greens
    # Hamlets count as farther, so the main heart fills first and largest.
    away = np.hypot(*(middle[:, None, :] - hearts[None]).transpose(2, 0, 1))
    away[:, 1:] += 160.0
    near = away.min(axis=1) * rng.uniform(0.55, 1.5, len(corner))
    reach = max(float(np.median(near)), 1.0) if len(near) else 1.0
    chances = (np.array(HEART), np.array(VILLAGE if village else EDGE))
    # Greens are built over only when a crowded place has no other room.
    for number in np.lexsort((near, green)):
        heart = float(np.clip(1.0 - near[number] / reach, 0.0, 1.0)) * (0.25 if village else 1.0)
        odds = heart * chances[0] + (1 - heart) * chances[1]
        if leaning is not None:
            odds = odds + 0.12 * (np.array(KINDS) == leaning)
        yield Block(corner[number], str(rng.choice(KINDS, p=odds / odds.sum())), heart)


def _outlines(block: Block, fabric: Fabric, rng: np.random.Generator) -> NDArray[np.object_]:
    """Place one of the kind's layouts in the block, mirrored at random, no two buildings of one size."""
    layouts = LAYOUTS[block.kind]
    lots = layouts[int(rng.integers(len(layouts)))]
    flip = rng.random(2) < 0.5
    size = np.array(BLOCK) - STREET
    shapes = []
    # Plots stay empty where there is room to spare, so that places spread as they do.
    built = rng.random(len(lots)) >= 0.8 * fabric.greens
    built[int(rng.integers(len(lots)))] = True
    for x, y, width, depth, outline in (lot for lot, there in zip(lots, built, strict=True) if there):
        grow = rng.uniform(0.84, 1.0, 2)
        xy = np.array(outline, dtype=float) * [width, depth] * grow + [x, y]
        xy = np.where(flip, size - xy, xy)
        shapes.append(Polygon(fabric.turn((xy + STREET / 2) * fabric.size + block.corner)))
    return np.array(shapes, dtype=object)


def _floors(
    kind: str, heart: float, village: bool, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose floors (1 to 32): flats of one estate are alike, offices are tall at the heart."""
    if kind == "residential":
        storeys = int(rng.choice(COTTAGES if village else FLATS))
        return np.full(count, storeys, dtype=np.int64)
    low, high = FLOORS[kind]
    tall = 0.15 if village else 0.35 + 0.65 * heart
    drawn = low + (high - low) * tall * rng.beta(1.6, 2.2, count)
    return np.clip(np.round(drawn), 1, 32).astype(np.int64)


def _grades(kind: str, floors: NDArray[np.int64]) -> list[str | None]:
    if kind not in ("office", "park"):
        return [None] * len(floors)
    return ["A" if storeys >= 16 else "B" if storeys >= 9 else "C" for storeys in floors]
