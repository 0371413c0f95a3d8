"""Place what stands around the branches: positions and their use, units in buildings, requests for help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.geography import Geography
from loaders.demo.organisations import Organisations
from loaders.demo.tree import TOWNS
from loaders.demo.wording import company_names, house_of
from loaders.demo.workdays import AS_OF, workday_calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]

FACES: Final = {
    "micro_a": "微家",
    "micro_b": "微课堂",
    "rural_academy": "乡村振兴学堂",
    "field_class": "实景课堂",
    "delegate_studio": "党代表工作室",
    "network_branch": "网上党员之家",
    "member_home": "党员之家",
}
CATEGORIES: Final = (
    "助老助残",
    "矛盾调解",
    "环境整治",
    "就业帮扶",
    "家电维修",
    "课业辅导",
    "法律咨询",
    "健康义诊",
)
DAILY: Final = {
    "service_centre": 0.75,
    "micro_a": 0.32,
    "micro_b": 0.3,
    "rural_academy": 0.3,
    "field_class": 0.28,
}
"""Share of working days on which a position of the kind is used; 0.2 where not listed."""


@dataclass
class Positions:
    """Positions as columns; `region` is a community's row (−1: the district itself)."""

    position_id: Texts
    name: Texts
    kind: Texts
    organisation: Ints
    community: Ints
    lon: Floats
    lat: Floats
    opened: Days
    capacity: Ints
    featured: Bools

    def __len__(self) -> int:
        return len(self.position_id)


def build_positions(geography: Geography, organisations: Organisations, scale: int, seed: int) -> Positions:
    """Place service centres, 212 'two-micro' positions and the other kinds, each run by a nearby branch."""
    rng = np.random.default_rng([seed, 90])
    places = geography.communities
    weights = places["weight"].to_numpy(dtype=np.float64)
    village = (places["kind"] == "village").to_numpy()
    names = places["name"].to_numpy(dtype=object)
    town_of = _town_rows(geography)
    heavy = np.argsort(-weights, kind="stable")
    spots: list[tuple[str, int, str]] = [
        ("service_centre", int(np.flatnonzero(town_of == 0)[0]), "江宁区党群服务中心")
    ]
    for town in range(totals.TOWN_CENTRES):
        first = int(heavy[town_of[heavy] == town][0])
        spots.append(("service_centre", first, f"{TOWNS[town]}街道党群服务中心"))
    for part in range(scale):
        ending = "党群服务中心" if part == 0 else f"党群服务第{part}站"
        spots += [
            ("service_centre", c, names[c] + ending) for c in heavy[: totals.COMMUNITY_CENTRES].tolist()
        ]
    for kind, count in totals.POSITIONS.items():
        odds = np.where(village, 1.0, 0.1 if kind == "rural_academy" else 0.5) * weights
        if kind not in ("rural_academy", "field_class"):
            odds = weights
        drawn = rng.choice(len(weights), count * scale, p=odds / odds.sum())
        seen: dict[int, int] = {}
        for c in drawn.tolist():
            seen[c] = seen.get(c, 0) + 1
            spots.append((kind, c, f"{names[c]}{FACES[kind]}{'' if seen[c] == 1 else seen[c]}"))
    return _placed(spots, geography, organisations, rng)


def _town_rows(geography: Geography) -> Ints:
    row = {region: number for number, region in enumerate(geography.towns["region_id"])}
    return np.array([row[t] for t in geography.communities["town_id"]], dtype=np.int64)


def _placed(
    spots: list[tuple[str, int, str]],
    geography: Geography,
    organisations: Organisations,
    rng: np.random.Generator,
) -> Positions:
    count = len(spots)
    community = np.array([c for _, c, _ in spots], dtype=np.int64)
    kind = np.array([k for k, _, _ in spots], dtype=object)
    rows = organisations.branches
    of_place: dict[int, Ints] = {
        c: rows[
            (organisations.community[rows] == c)
            & np.isin(organisations.domain[rows], ("village", "urban_community"))
        ]
        for c in set(community.tolist())
    }
    runner = np.array([int(rng.choice(of_place[c])) if len(of_place[c]) else -1 for c in community.tolist()])
    lon, lat = _scattered(community, geography, rng)
    centre = kind == "service_centre"
    opened = np.datetime64("2013-06-01") + rng.integers(0, 1900, count).astype("timedelta64[D]")
    fresh = np.datetime64("2017-03-01") + rng.integers(0, 700, count).astype("timedelta64[D]")
    return Positions(
        position_id=np.array([f"ZD{i + 1:05d}" for i in range(count)], dtype=object),
        name=np.array([n for _, _, n in spots], dtype=object),
        kind=kind,
        organisation=runner.astype(np.int64),
        community=community,
        lon=lon,
        lat=lat,
        opened=np.where(centre, opened, fresh).astype("datetime64[D]"),
        capacity=(np.where(centre, 80, 20) + 10 * rng.integers(0, 8, count)).astype(np.int64),
        featured=rng.random(count) < np.where(np.isin(kind, ("rural_academy", "field_class")), 0.4, 0.06),
    )


def _scattered(community: Ints, geography: Geography, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Put each position a few steps from a building of its community, still inside it."""
    row = {region: number for number, region in enumerate(geography.communities["region_id"])}
    owner = np.array([row[c] for c in geography.buildings["community_id"]], dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    start = np.searchsorted(owner[order], np.arange(len(row) + 1))
    length = (start[1:] - start[:-1])[community]
    pick = order[start[community] + (rng.random(len(community)) * length).astype(np.int64)]
    centre = shapely.centroid(geography.buildings.geometry.to_numpy()[pick])
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    lon, lat = x + rng.normal(0, 0.0003, len(x)), y + rng.normal(0, 0.00025, len(x))
    inside = shapely.contains_xy(geography.communities.geometry.to_numpy()[community], lon, lat)
    return np.where(inside, lon, x), np.where(inside, lat, y)


def position_use(positions: Positions, seed: int) -> tuple[Ints, Days, Ints, Ints]:
    """Give the days a position was used over the year: its row, day, events, visits."""
    rng = np.random.default_rng([seed, 91])
    days, worked, _ = workday_calendar()
    days = days[worked & (days >= np.datetime64("2018-03-01")) & (days <= AS_OF)]
    chance = np.array([DAILY.get(k, 0.2) for k in positions.kind]) * rng.uniform(0.4, 1.4, len(positions))
    # About one in twenty stands idle for long.
    chance[rng.random(len(positions)) < 0.05] = 0.01
    used = rng.random((len(positions), len(days))) < chance[:, None]
    used &= days[None, :] >= positions.opened[:, None]
    row, day = np.nonzero(used)
    events = 1 + rng.poisson(0.35, len(row))
    visits = 1 + rng.poisson(events * np.minimum(positions.capacity[row] * 0.35, 40))
    return row, days[day], events, visits


@dataclass
class Units:
    """Units in buildings as columns; `organisation` −1 where no branch covers them."""

    name: Texts
    building: Ints
    floor: Ints
    coverage: Texts
    members: Ints
    organisation: Ints


def build_units(geography: Geography, organisations: Organisations, scale: int, seed: int) -> Units:
    """Fill office houses, parks and factories: firms with a branch, under a joint one, too small, or gaps."""
    rng = np.random.default_rng([seed, 92])
    rows = organisations.branches
    firms = np.isin(organisations.domain[rows], ("nonpublic", "soe", "social_org"))
    own = rows[firms & (organisations.building[rows] >= 0)]
    joint = rows[(organisations.kind[rows] == "joint_branch") & (organisations.building[rows] >= 0)]
    under = np.repeat(joint, organisations.units[joint])
    kinds = geography.buildings["kind"].to_numpy(dtype=object)
    floors = geography.buildings["floors"].to_numpy(dtype=np.int64)
    able = np.flatnonzero(np.isin(kinds, ("office", "park", "factory")))
    gaps = totals.GAPS * scale
    small = rng.choice(able, 2400 * scale, p=floors[able] / floors[able].sum())
    empty = rng.choice(able, 1500 * scale, p=floors[able] / floors[able].sum())
    bare = able[~np.isin(able, organisations.building)]
    gap = rng.choice(bare if len(bare) else able, gaps)
    building = np.concatenate([organisations.building[own], organisations.building[under], small, empty, gap])
    coverage = np.repeat(
        np.array(["own", "joint", "under3", "none", "gap"], dtype=object),
        [len(own), len(under), len(small), len(empty), len(gap)],
    )
    floor = 1 + (rng.random(len(building)) * floors[building]).astype(np.int64)
    floor[: len(own)] = np.maximum(organisations.floor[own], 1)
    owner = np.concatenate([own, under, np.full(len(small) + len(empty) + len(gap), -1)])
    held = np.select(
        [coverage == "own", coverage == "joint", coverage == "under3", coverage == "gap"],
        [
            organisations.size[owner],
            rng.integers(1, 4, len(owner)),
            rng.integers(1, 3, len(owner)),
            3 + rng.poisson(1.2, len(owner)),
        ],
        0,
    )
    name = np.array(_unit_names(own, len(building), organisations, geography, building, seed), dtype=object)
    return Units(name, building, floor, coverage, held.astype(np.int64), owner.astype(np.int64))


def _unit_names(
    own: Ints, count: int, organisations: Organisations, geography: Geography, building: Ints, seed: int
) -> list[str]:
    """Name units: those with a branch after it, others by an invented firm or, beyond these, by house."""
    invented = company_names(min(count - len(own), 40_000), np.random.default_rng([seed, 93]))
    houses = geography.buildings["name"].tolist()
    branch = {n.removesuffix("党支部") for n in organisations.name}
    names = [organisations.name[row].removesuffix("党支部") for row in own]
    for number, row in enumerate(building[len(own) :].tolist()):
        name = invented[number] if number < len(invented) else f"{house_of(houses[row])}第{number + 1}商户"
        names.append(name if name not in branch else f"{name}（{house_of(houses[row])}）")
    return names


@dataclass
class Requests:
    """Requests for help as columns; NaT where a step has not been reached."""

    community: Ints
    category: Ints
    raised: NDArray[np.datetime64]
    taken: NDArray[np.datetime64]
    done: NDArray[np.datetime64]
    status: Texts
    volunteers: Ints
    hours: Floats


def build_requests(geography: Geography, scale: int, seed: int) -> Requests:
    """Raise about 3,600 requests over the year; nearly all are taken within two days and done in a week."""
    rng = np.random.default_rng([seed, 94])
    count = totals.SERVICE_REQUESTS * scale
    weights = geography.communities["weight"].to_numpy(dtype=np.float64)
    first = np.datetime64("2018-03-01T00:00:00")
    raised = np.sort(first + (rng.random(count) * 365 * 86400).astype(np.int64).astype("timedelta64[s]"))
    day = raised.astype("datetime64[D]").astype("datetime64[s]")
    raised = np.sort(day + rng.integers(8 * 3600, 20 * 3600, count).astype("timedelta64[s]"))
    taken = raised + (rng.exponential(14 * 3600, count) + 600).astype(np.int64).astype("timedelta64[s]")
    done = taken + (rng.exponential(80 * 3600, count) + 3600).astype(np.int64).astype("timedelta64[s]")
    end = np.datetime64("2019-02-28T18:00:00")
    never = rng.random(count) < 0.015
    taken = np.where(never | (taken > end), np.datetime64("NaT"), taken).astype("datetime64[s]")
    done = np.where(np.isnat(taken) | (done > end), np.datetime64("NaT"), done).astype("datetime64[s]")
    praised = rng.random(count) < 0.7
    status = np.where(
        np.isnat(taken), "待认领", np.where(np.isnat(done), "已认领", np.where(praised, "已评价", "已完成"))
    )
    volunteers = np.where(np.isnat(taken), 0, 1 + rng.poisson(1.1, count))
    return Requests(
        community=rng.choice(len(weights), count, p=weights / weights.sum()),
        category=rng.choice(len(CATEGORIES), count),
        raised=raised,
        taken=taken,
        done=done,
        status=status.astype(object),
        volunteers=volunteers.astype(np.int64),
        hours=np.where(np.isnat(done), 0.0, np.round(volunteers * rng.uniform(0.5, 4, count) * 2) / 2),
    )
