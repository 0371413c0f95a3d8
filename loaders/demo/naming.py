"""Name the branches: after community, firm, school, office or house, each name once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loaders.demo import totals
from loaders.demo.geography import Geography
from loaders.demo.tree import TOWNS, Node
from loaders.demo.wording import (
    BUREAUS,
    INSTITUTES,
    PROJECTS,
    SOCIAL_NAMES,
    STATE_FIRMS,
    TOWN_OFFICES,
    ZONE_OFFICES,
    house_of,
    make_unique,
)

Ints = NDArray[np.int64]


def name_branches(
    branches: list[Node],
    building: Ints,
    geography: Geography,
    firms: list[str],
    rng: np.random.Generator,
    scale: int,
) -> None:
    """Name all branches uniquely; the busiest parks and office houses get joint branches of their own."""
    houses = geography.buildings["name"].tolist()
    kinds = geography.buildings["kind"].tolist()
    names = geography.communities["name"].tolist()
    for domain, kind, count in (
        ("park", "park", totals.PARK_BRANCHES),
        ("building", "office", totals.BUILDING_BRANCHES),
    ):
        able = [
            i
            for i, b in enumerate(branches)
            if b.domain == "nonpublic" and building[i] >= 0 and kinds[building[i]] == kind
        ]
        for i in rng.permutation(able)[: count * scale]:
            branches[i].domain, branches[i].kind = domain, "joint_branch"
    drawn = []
    for i, b in enumerate(branches):
        house = house_of(houses[building[i]]) if building[i] >= 0 else ""
        drawn.append(_branch_name(b, house, names, firms, rng))
    for b, name in zip(branches, drawn, strict=True):
        b.name = name


def number_names(nodes: list[Node]) -> None:
    """Number equal names and shorten them for the map."""
    left = list(range(len(nodes)))
    for ending in ("联合党支部", "临时党支部", "流动党员党支部", "党支部", "党总支", "党委", "党工委"):
        own = [i for i in left if nodes[i].name.endswith(ending)]
        left = [i for i in left if not nodes[i].name.endswith(ending)]
        for i, name in zip(own, make_unique([nodes[i].name for i in own], ending), strict=True):
            nodes[i].name = name
    for node in nodes:
        node.short = node.short or node.name.removeprefix("江宁区").replace("有限公司", "")


def _branch_name(
    b: Node, house: str, communities: list[str], firms: list[str], rng: np.random.Generator
) -> str:
    town = f"江宁区{TOWNS[b.town]}街道"
    if b.group == "community":
        return f"{town}{communities[b.community]}党支部"
    if b.domain in ("park", "building"):
        return f"{town}{house}联合党支部"
    if b.domain == "nonpublic":
        return f"{firms.pop()}党支部"
    if b.domain == "school":
        return f"江宁区{house or TOWNS[b.town] + '实验学校'}党支部"
    if b.domain == "floating":
        return f"{town}流动党员党支部"
    if b.domain == "retired":
        return f"{town}离退休干部党支部" if b.group == "town" else "江宁区离退休干部党支部"
    if b.domain == "other":
        b.kind = "temp_branch"
        return f"{town}{rng.choice(PROJECTS)}临时党支部"
    return _office_name(b, town, house, rng)


def _office_name(b: Node, town: str, house: str, rng: np.random.Generator) -> str:
    if b.domain == "soe":
        return f"江宁{rng.choice(STATE_FIRMS)}{TOWNS[b.town]}分公司党支部"
    if b.domain == "social_org":
        return f"{town}{rng.choice(SOCIAL_NAMES)}党支部"
    if b.domain == "institution":
        if b.group in ("health", "hospital", "health_unit"):
            return (
                f"江宁区{house}党支部" if "卫生" in house or "医院" in house else f"{town}卫生服务中心党支部"
            )
        return (town if b.group == "town" else "江宁区") + f"{rng.choice(INSTITUTES)}党支部"
    if b.group == "town_office":
        return f"{town}{rng.choice(TOWN_OFFICES)}党支部"
    if b.group == "zone":
        return f"江宁开发区{rng.choice(ZONE_OFFICES)}党支部"
    return f"江宁{rng.choice(BUREAUS)}党支部"
