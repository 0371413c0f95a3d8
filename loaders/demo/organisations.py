"""Make the organisations of the demo: tree, sizes, seats in buildings, names, dates and states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.bearing import bearings
from loaders.demo.geography import Geography
from loaders.demo.naming import name_branches, number_names
from loaders.demo.seats import Seats, points_at
from loaders.demo.tree import (
    TOWNS,
    Node,
    Slot,
    grow_branches,
    grow_committees,
    grow_slots,
    share_out,
)
from loaders.demo.wording import company_names
from loaders.demo.workdays import AS_OF

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]


@dataclass
class Organisations:
    """All organisations as columns; rows of branches come after all others, sorted by parent.

    `parent`, `town`, `community`, `building` are row numbers (−1: none), `floor` 0 is unknown. `size` is the
    members a branch is to have (0 for others), `laxity` how often it fails in its duties (1 is usual), `life`
    the state of its 2018 organisational-life meeting: 'held', 'new', 'paused', 'late' ('' for others),
    `bearing` how much better than usual its place is at what (bearing.FACETS).
    """

    org_id: Texts
    name: Texts
    short_name: Texts
    kind: Texts
    relation: Texts
    domain: Texts
    parent: Ints
    town: Ints
    community: Ints
    building: Ints
    floor: Ints
    lon: Floats
    lat: Floats
    founded: Days
    status: Texts
    units: Ints
    groups: Ints
    term_years: Ints
    elected: Days
    term_end: Days
    extended: Days
    network: Bools
    size: Ints
    laxity: Floats
    life: Texts
    bearing: NDArray[np.void]
    first_branch: int

    def __len__(self) -> int:
        return len(self.org_id)

    @property
    def branches(self) -> Ints:
        """Give the row numbers of the branches."""
        return np.arange(self.first_branch, len(self), dtype=np.int64)


def build_organisations(geography: Geography, scale: int, seed: int) -> Organisations:
    """Make every organisation: 2,585 times `scale`, with sizes that sum to 62,498 times `scale`."""
    rng = np.random.default_rng([seed, 10])
    towns = geography.towns
    town_weights = towns["weight"].to_numpy(dtype=np.float64)
    town_row = {region: row for row, region in enumerate(towns["region_id"])}
    places = geography.communities
    community_town = np.array([town_row[t] for t in places["town_id"]], dtype=np.int64)
    firms = company_names(560 * scale, np.random.default_rng([seed, 11]))

    nodes = grow_committees(scale, town_weights, rng, firms)
    others = grow_branches(nodes, scale, rng)
    listed = zip(community_town.tolist(), places["name"], places["kind"], places["weight"], strict=True)
    grown, slots = grow_slots(nodes, listed, scale)
    nodes += grown
    sizes = _other_sizes(others, scale, rng)
    in_town = np.bincount([b.town for b in others], weights=sizes, minlength=len(TOWNS))
    own, own_sizes = _community_branches(slots, places, town_weights, in_town.astype(np.float64), scale, rng)
    branches = own + others
    size = np.concatenate([own_sizes, sizes])
    order = np.argsort([b.parent for b in branches], kind="stable")
    branches, size = [branches[i] for i in order], size[order]

    all_nodes = nodes + branches
    seats = Seats(geography, community_town, rng)
    building, community = seats.choose(all_nodes)
    name_branches(branches, building[len(nodes) :], geography, firms, rng, scale)
    number_names(all_nodes)
    return _assemble(all_nodes, len(nodes), size, building, community, geography, scale, seed, rng)


def _other_sizes(branches: list[Node], scale: int, rng: np.random.Generator) -> Ints:
    """Draw sizes 3 + log-normal, each domain group summing to its planned members; at most 70."""
    group = np.array(
        ["other" if b.domain in ("retired", "floating", "other") else b.domain for b in branches],
        dtype=object,
    )
    sizes = np.zeros(len(branches), dtype=np.int64)
    for domain, (_, members) in totals.DOMAINS.items():
        own = np.flatnonzero(group == domain)
        if len(own):
            spread = 0.7 if domain in ("nonpublic", "social_org", "other") else 0.5
            sizes[own] = fit_sizes(rng.lognormal(0, spread, len(own)), members * scale, 3, 70)
    return sizes


def fit_sizes(shape: Floats, total: int, least: int, most: int) -> Ints:
    """Stretch `shape` to whole sizes between `least` and `most` that sum to `total` exactly."""
    if not least * len(shape) <= total <= most * len(shape):
        raise ValueError(f"{len(shape)} sizes between {least} and {most} cannot sum to {total}")
    low, high = 0.0, float(total)
    for _ in range(60):
        middle = (low + high) / 2
        if np.clip(least + shape * middle, least, most).sum() < total:
            low = middle
        else:
            high = middle
    exact = np.clip(least + shape * high, least, most)
    sizes = np.floor(exact).astype(np.int64)
    room = np.flatnonzero(sizes < most)
    sizes[room[np.argsort(sizes[room] - exact[room], kind="stable")[: total - int(sizes.sum())]]] += 1
    return sizes


def _community_branches(
    slots: list[Slot],
    places: object,
    town_weights: Floats,
    in_town: Floats,
    scale: int,
    rng: np.random.Generator,
) -> tuple[list[Node], Ints]:
    """Fill each subdistrict up to its share of members with branches of its villages and communities."""
    count, members = (value * scale for value in totals.DOMAINS["village"])
    target = np.maximum(town_weights * totals.MEMBERS * scale - in_town, 0.3 * town_weights * members)
    town_members = share_out(members, target)
    kinds = places["kind"].tolist()  # type: ignore[index]
    weights = places["weight"].to_numpy()  # type: ignore[index]
    slot_weight = np.array([weights[s.community] for s in slots]) ** 0.8 * rng.uniform(0.85, 1.15, len(slots))
    slot_town = np.array([s.town for s in slots])
    expected = town_members[slot_town] * slot_weight / np.bincount(slot_town, slot_weight)[slot_town]
    least = np.array([1 if s.single else 2 for s in slots])
    many = np.where(least == 1, 0.0, np.maximum(expected - 70, 0.5))
    parts = share_out(count - int(least.sum()), many) + least
    branches = [
        Node(
            "branch",
            "",
            "",
            "village" if kinds[s.community] == "village" else "urban_community",
            s.parent,
            "community",
            s.town,
            s.community,
        )
        for s, n in zip(slots, parts.tolist(), strict=True)
        for _ in range(n)
    ]
    shape = np.repeat(np.clip(expected / parts, 12, 66), parts) * rng.lognormal(0, 0.15, count)
    return branches, fit_sizes(np.maximum(shape - 8, 1.0), members, 8, 70)


def _assemble(
    nodes: list[Node],
    first: int,
    size: Ints,
    building: Ints,
    community: Ints,
    geography: Geography,
    scale: int,
    seed: int,
    rng: np.random.Generator,
) -> Organisations:
    count = len(nodes)
    sizes = np.concatenate([np.zeros(first, dtype=np.int64), size])
    kind = np.array([n.kind for n in nodes], dtype=object)
    domain = np.array([n.domain for n in nodes], dtype=object)
    lon, lat = points_at(geography, building, community, rng)
    floors = geography.buildings["floors"].to_numpy(dtype=np.int64)
    top = np.where(building >= 0, floors[building], 0)
    homely = np.isin(domain, ("village", "urban_community"))
    floor = np.where(
        top > 0, 1 + (rng.random(count) * np.where(homely, np.minimum(top, 2), top)).astype(np.int64), 0
    )
    town = np.array([n.town for n in nodes], dtype=np.int64)
    bearing = bearings(town, community, seed)
    laxity, life = _manners(kind, domain, bearing["duty"], first, scale, rng)
    founded = _founded(kind, life, rng)
    term_years = np.where(homely, 5, 3).astype(np.int64)
    elected, term_end, extended = _terms(founded, term_years, scale, rng)
    joint = np.isin(kind, ("joint_branch",))
    names = np.array([n.name for n in nodes], dtype=object)
    assert len(set(names)) == count, "names of organisations must be unique"
    return Organisations(
        org_id=np.array([f"O{i + 1:05d}" for i in range(count)], dtype=object),
        name=names,
        short_name=np.array([n.short for n in nodes], dtype=object),
        kind=kind,
        relation=np.where(joint, "joint", np.where(homely, "same_as_parent", "legal_unit")).astype(object),
        domain=domain,
        parent=np.array([n.parent for n in nodes], dtype=np.int64),
        town=town,
        community=community,
        building=building,
        floor=floor,
        lon=lon,
        lat=lat,
        founded=founded,
        status=np.where(life == "paused", "paused", "active").astype(object),
        units=np.where(joint, rng.integers(2, 6, count), 1).astype(np.int64),
        groups=np.where(sizes >= 52, 3, np.where(homely & (sizes >= 46), 2, 0)).astype(np.int64),
        term_years=term_years,
        elected=elected,
        term_end=term_end,
        extended=extended,
        network=(domain == "floating") | ((domain == "building") & (rng.random(count) < 0.2)),
        size=sizes,
        laxity=laxity,
        life=life,
        bearing=bearing,
        first_branch=first,
    )


def _manners(
    kind: Texts, domain: Texts, duty: Floats, first: int, scale: int, rng: np.random.Generator
) -> tuple[Floats, Texts]:
    """Give laxity and the state of the life meeting: the same few branches fail again and again (Zipf)."""
    count = len(kind)
    life = np.full(count, "", dtype=object)
    life[first:] = "held"
    prone = {"nonpublic": 3.0, "park": 2.5, "building": 2.5, "floating": 4.0, "social_org": 2.0, "other": 2.0}
    tendency = np.array([prone.get(d, 0.3 if d in ("organ", "school") else 0.9) for d in domain[first:]])
    tendency = tendency * np.exp(-0.8 * duty[first:])
    order = np.argsort(-np.log(rng.random(count - first)) / tendency) + first
    laxity = np.ones(count)
    laxity[order] = 0.35 + 14.0 / (1 + np.arange(len(order)) / scale) ** 0.5
    temp = np.flatnonzero(kind == "temp_branch")
    life[temp] = "new"
    free = rng.permutation(np.flatnonzero(life == "held"))
    new = totals.NEW_OR_TEMPORARY * scale - len(temp)
    life[free[:new]] = "new"
    weak = [number for number in order.tolist() if life[number] == "held"]
    life[weak[: totals.LATE * scale]] = "late"
    calm = rng.permutation(np.flatnonzero((life == "held") & ~np.isin(domain, ("organ", "school"))))
    life[calm[: totals.PAUSED * scale]] = "paused"
    return laxity, life


def _founded(kind: Texts, life: Texts, rng: np.random.Generator) -> Days:
    start = np.datetime64("1984-01-01")
    day = start + (365.25 * 34 * rng.beta(2.2, 1.6, len(kind))).astype(np.int64).astype("timedelta64[D]")
    late = np.datetime64("2018-10-08") + rng.integers(0, 130, len(kind)).astype("timedelta64[D]")
    project = np.datetime64("2018-02-01") + rng.integers(0, 330, len(kind)).astype("timedelta64[D]")
    new = np.where(kind == "temp_branch", project, late)
    return np.where(life == "new", new, day).astype("datetime64[D]")


def _terms(founded: Days, years: Ints, scale: int, rng: np.random.Generator) -> tuple[Days, Days, Days]:
    """Give the last election, the end of the term and approved extensions; one in ninety has expired."""
    count = len(founded)
    # Terms are renewed in batches: few end within the next months.
    back = (rng.random(count) * (years * 365 - 200)).astype(np.int64)
    soon = rng.choice(count, 44 * scale, replace=False)
    back[soon] = years[soon] * 365 - rng.integers(15, 175, len(soon))
    expired = rng.choice(count, 28 * scale, replace=False)
    back[expired] = years[expired] * 365 + rng.integers(10, 330, len(expired))
    elected = np.maximum(founded, AS_OF - back.astype("timedelta64[D]"))
    end = (elected.astype("datetime64[M]") + (years * 12).astype("timedelta64[M]")).astype("datetime64[D]")
    end = end + (elected - elected.astype("datetime64[M]").astype("datetime64[D]"))
    extended = np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")
    some = expired[: 10 * scale]
    extended[some] = end[some] + np.timedelta64(365, "D")
    return elected.astype("datetime64[D]"), end.astype("datetime64[D]"), extended
