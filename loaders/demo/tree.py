"""Grow the affiliation tree: work committees, committees, general branches, branches and their homes.

The tree differs from the tree of places on purpose: a firm's branch in one subdistrict may belong to the
development zone, and the district's own offices sit in Dongshan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loaders.demo.totals import COMMITTEES, DOMAINS, GENERAL_BRANCHES
from loaders.demo.wording import BUREAUS, STATE_FIRMS, ordinal

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TOWNS: Final = ("东山", "秣陵", "汤山", "淳化", "禄口", "江宁", "谷里", "湖熟", "横溪", "麒麟")


@dataclass
class Node:
    """One organisation: `group` tells where it hangs, `town` and `community` are row numbers (−1 unknown)."""

    kind: str
    name: str
    short: str
    domain: str
    parent: int
    group: str
    town: int
    community: int = -1
    towns: dict[int, float] = field(default_factory=dict)


# key, full name, short name, domain, kind, share of its branches by town (row in TOWNS; empty: by members)
SYSTEMS: Final[list[tuple[str, str, str, str, str, dict[int, float]]]] = [
    (
        "zone",
        "江宁经济技术开发区党工委",
        "开发区党工委",
        "organ",
        "work_committee",
        {1: 0.78, 0: 0.1, 3: 0.12},
    ),
    ("organs", "江宁区级机关党工委", "区级机关党工委", "organ", "work_committee", {0: 0.94, 1: 0.06}),
    ("education", "江宁区委教育工委", "教育工委", "school", "work_committee", {}),
    ("health", "江宁区卫生健康委党委", "卫健委党委", "institution", "committee", {}),
    ("soe", "江宁区国资系统党委", "国资系统党委", "soe", "committee", {0: 0.6, 1: 0.25, 3: 0.15}),
    ("hightech", "江宁高新技术产业开发区党工委", "高新区党工委", "organ", "work_committee", {3: 0.6, 0: 0.4}),
    ("riverside", "江宁滨江经济开发区党工委", "滨江开发区党工委", "organ", "work_committee", {5: 1.0}),
    ("qilin", "麒麟科技创新园党工委", "麒麟科创园党工委", "organ", "work_committee", {9: 1.0}),
    ("airport", "南京空港经济开发区（江宁）党工委", "空港开发区党工委", "organ", "work_committee", {4: 1.0}),
    (
        "twonew",
        "江宁区非公有制企业和社会组织党工委",
        "两新党工委",
        "social_org",
        "work_committee",
        {0: 0.6, 1: 0.4},
    ),
    ("veterans", "江宁区委老干部局党委", "老干部局党委", "retired", "committee", {0: 0.8, 1: 0.2}),
    (
        "housing",
        "江宁区住房和城乡建设系统党委",
        "住建系统党委",
        "institution",
        "committee",
        {0: 0.55, 1: 0.2, 3: 0.25},
    ),
    (
        "traffic",
        "江宁区交通运输系统党委",
        "交通系统党委",
        "institution",
        "committee",
        {0: 0.45, 4: 0.3, 1: 0.25},
    ),
]

# group, kind, system or 'town', how many, domain, naming pattern
MIDDLES: Final[list[tuple[str, str, str, int, str, str]]] = [
    ("zone_firm", "committee", "zone", 6, "nonpublic", "{firm}党委"),
    ("soe_firm", "committee", "soe", 5, "soe", "江宁{state}党委"),
    ("edu_group", "committee", "education", 4, "school", "江宁区第{n}教育集团党委"),
    ("hospital", "committee", "health", 2, "institution", "江宁区第{n}医疗集团党委"),
    ("town_firms", "committee", "town", 2, "nonpublic", "江宁区{town}街道非公企业综合党委"),
    ("organ_office", "general_branch", "organs", 8, "organ", "江宁{bureau}党总支"),
    ("town_office", "general_branch", "town", 10, "organ", "江宁区{town}街道机关党总支"),
    ("town_nonpublic", "general_branch", "town", 10, "nonpublic", "江宁区{town}街道非公企业党总支"),
    ("edu_town", "general_branch", "education", 10, "school", "江宁区{town}学区党总支"),
    ("zone_park", "general_branch", "zone", 10, "nonpublic", "江宁开发区第{n}片区党总支"),
    ("soe_unit", "general_branch", "soe", 4, "soe", "江宁{state}党总支"),
    ("health_unit", "general_branch", "health", 2, "institution", "江宁区第{n}卫生服务片区党总支"),
    ("veteran_unit", "general_branch", "veterans", 2, "retired", "江宁区第{n}离退休干部党总支"),
]
COMMUNITY_COMMITTEES: Final = 92
COMMUNITY_GENERALS: Final = 112

# domain group, group it hangs under (a system, a middle group or 'town'), branches
PLAN: Final[list[tuple[str, str, int]]] = [
    ("organ", "organs", 60),
    ("organ", "organ_office", 45),
    ("organ", "town_office", 80),
    ("organ", "zone", 21),
    ("soe", "soe", 20),
    ("soe", "soe_firm", 40),
    ("soe", "soe_unit", 20),
    ("soe", "zone", 20),
    ("soe", "housing", 15),
    ("soe", "traffic", 15),
    ("nonpublic", "zone", 60),
    ("nonpublic", "zone_firm", 40),
    ("nonpublic", "zone_park", 70),
    ("nonpublic", "hightech", 24),
    ("nonpublic", "riverside", 18),
    ("nonpublic", "airport", 16),
    ("nonpublic", "qilin", 12),
    ("nonpublic", "town_nonpublic", 150),
    ("nonpublic", "town", 60),
    ("nonpublic", "town_firms", 19),
    ("nonpublic", "twonew", 40),
    ("school", "education", 110),
    ("school", "edu_group", 36),
    ("school", "edu_town", 70),
    ("school", "town", 14),
    ("institution", "health", 30),
    ("institution", "hospital", 24),
    ("institution", "health_unit", 14),
    ("institution", "organs", 30),
    ("institution", "town", 40),
    ("institution", "housing", 10),
    ("institution", "traffic", 10),
    ("social_org", "twonew", 24),
    ("social_org", "town", 44),
    ("retired", "veteran_unit", 14),
    ("retired", "veterans", 6),
    ("retired", "town", 12),
    ("floating", "town", 14),
    ("other", "town", 6),
    ("other", "zone", 5),
    ("other", "housing", 3),
    ("other", "traffic", 2),
]


@dataclass(frozen=True)
class Slot:
    """A community, or a part of one at a greater scale, that carries branches: rows of parent and places."""

    parent: int
    town: int
    community: int
    single: bool


def share_out(total: int, weights: Floats, least: int = 0) -> Ints:
    """Split `total` into whole parts by `weights` (largest remainder), each at least `least`."""
    if total < least * len(weights):
        raise ValueError(f"{total} cannot be split into {len(weights)} parts of at least {least}")
    exact = weights / weights.sum() * (total - least * len(weights))
    parts = np.floor(exact).astype(np.int64)
    rest = total - least * len(weights) - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:rest]] += 1
    whole: Ints = parts + least
    return whole


def grow_committees(
    scale: int, town_weights: Floats, rng: np.random.Generator, firms: list[str]
) -> list[Node]:
    """Grow all work committees, committees and general branches but those of communities."""
    nodes = [
        Node(
            "work_committee", f"江宁区{t}街道党工委", f"{t}街道党工委", "organ", -1, "town", i, towns={i: 1.0}
        )
        for i, t in enumerate(TOWNS)
    ]
    for key, name, short, domain, kind, towns in SYSTEMS:
        spread = towns or dict(enumerate(town_weights.tolist()))
        nodes.append(
            Node(
                kind,
                name,
                short,
                domain,
                -1,
                key,
                max(spread, key=lambda town: spread[town]) if towns else 0,
                towns=spread,
            )
        )
    upper = {node.group: row for row, node in enumerate(nodes) if node.group != "town"}
    counts = _middle_counts(scale, len(nodes))
    for group, kind, system, count, domain, pattern in MIDDLES:
        for number in range(counts[(group, count)]):
            nodes.append(_middle(nodes, upper, (group, kind, system, domain, pattern), number, rng, firms))
    return nodes


def _middle_counts(scale: int, above: int) -> dict[tuple[str, int], int]:
    """Scale the middle groups; committees also take up what the unscaled systems leave."""
    committees = [(group, count) for group, kind, _, count, _, _ in MIDDLES if kind == "committee"]
    left = COMMITTEES * scale - above - COMMUNITY_COMMITTEES * scale
    parts = share_out(left, np.array([count for _, count in committees], dtype=np.float64))
    counts = dict(zip(committees, parts.tolist(), strict=True))
    for group, kind, _, count, _, _ in MIDDLES:
        if kind != "committee":
            counts[(group, count)] = count * scale
    assert sum(counts[(g, c)] for g, k, _, c, _, _ in MIDDLES if k != "committee") == (
        (GENERAL_BRANCHES - COMMUNITY_GENERALS) * scale
    )
    return counts


def _middle(
    nodes: list[Node],
    upper: dict[str, int],
    spec: tuple[str, str, str, str, str],
    number: int,
    rng: np.random.Generator,
    firms: list[str],
) -> Node:
    group, kind, system, domain, pattern = spec
    in_town = "{town}" in pattern
    town = number % len(TOWNS) if in_town else -1
    parent = town if system == "town" else upper[system]
    spread = {town: 1.0} if in_town else nodes[parent].towns
    if not in_town:
        town = int(rng.choice(list(spread), p=np.array(list(spread.values())) / sum(spread.values())))
        spread = (
            {town: 0.8, **{k: 0.2 * v for k, v in spread.items() if k != town}} if len(spread) > 1 else spread
        )
    name = pattern.format(
        firm=firms.pop() if "{firm}" in pattern else "",
        state=STATE_FIRMS[number % len(STATE_FIRMS)],
        bureau=BUREAUS[number % len(BUREAUS)],
        town=TOWNS[max(town, 0)],
        n=ordinal(number + 1),
    )
    return Node(
        kind,
        name,
        name.removeprefix("江宁区").removeprefix("南京"),
        domain,
        parent,
        group,
        town,
        towns=spread,
    )


def grow_branches(nodes: list[Node], scale: int, rng: np.random.Generator) -> list[Node]:
    """Hang the branches of all domains but villages and communities under their groups; names come later."""
    rows: dict[str, list[int]] = {}
    for row, node in enumerate(nodes):
        rows.setdefault(node.group, []).append(row)
    branches = []
    for domain, group, count in PLAN:
        parents = rows[group]
        weights = np.array([rng.uniform(0.7, 1.3) for _ in parents])
        if group == "town" or nodes[parents[0]].parent in rows["town"]:
            weights = weights * np.array([_town_pull(domain, nodes[p].town) for p in parents])
        least = 2 if group != "town" and len(parents) * 2 <= count * scale else 0
        for parent, part in zip(parents, share_out(count * scale, weights, least), strict=True):
            spread = nodes[parent].towns
            chance = np.array(list(spread.values()))
            towns = rng.choice(np.array(list(spread)), part, p=chance / chance.sum())
            branches += [Node("branch", "", "", domain, parent, group, int(town)) for town in towns]
    return branches


def _town_pull(domain: str, town: int) -> float:
    """Say how much of a domain a subdistrict attracts: firms gather in the built-up ones."""
    urban = (2.2, 2.2, 0.9, 1.1, 1.2, 0.9, 0.6, 0.8, 0.6, 0.8)[town]
    return urban if domain in ("nonpublic", "social_org", "floating") else urban**0.4


def grow_slots(
    nodes: list[Node], communities: Iterable[tuple[int, str, str, float]], scale: int
) -> tuple[list[Node], list[Slot]]:
    """Give the committees and general branches of communities and the slots that carry their branches.

    `communities` are (town row, name, kind, weight). The heaviest get committees, the next general branches,
    and the lightest few hang one branch straight under the subdistrict.
    """
    listed = list(communities)
    weights = np.array([c[3] for c in listed])
    order = np.argsort(-np.repeat(weights, scale), kind="stable")
    grown: list[Node] = []
    slots = [Slot(-1, -1, -1, True)] * len(order)
    for rank, slot in enumerate(order.tolist()):
        number, part = divmod(slot, scale)
        town, name, kind, _ = listed[number]
        if rank >= (COMMUNITY_COMMITTEES + COMMUNITY_GENERALS) * scale:
            slots[slot] = Slot(town, town, number, True)
            continue
        ending = "党委" if rank < COMMUNITY_COMMITTEES * scale else "党总支"
        label = name + (f"第{ordinal(part + 1)}" if scale > 1 else "")
        domain = "village" if kind == "village" else "urban_community"
        level = "committee" if ending == "党委" else "general_branch"
        full = f"江宁区{TOWNS[town]}街道{label}{ending}"
        slots[slot] = Slot(len(nodes) + len(grown), town, number, False)
        grown.append(Node(level, full, f"{label}{ending}", domain, town, "community", town, number))
    return grown, slots


def planned(domain: str) -> int:
    """Give the number of branches of a domain group at scale 1, for the check of the plan."""
    named = ("retired", "floating", "other") if domain == "other" else (domain,)
    return sum(count for key, _, count in PLAN if key in named)


assert all(planned(domain) == DOMAINS[domain][0] for domain in DOMAINS if domain != "village")
