"""Seat organisations in buildings: of the right kind, in the right place, some houses far more popular."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from loaders.demo.geography import Geography
from loaders.demo.tree import Node

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Where branches of a domain sit: kind of building → share.
SEATS: Final[dict[str, dict[str, float]]] = {
    "organ": {"organ": 0.75, "office": 0.25},
    "soe": {"office": 0.5, "park": 0.2, "factory": 0.3},
    "nonpublic": {"office": 0.45, "park": 0.35, "factory": 0.2},
    "school": {"school": 1.0},
    "institution": {"hospital": 0.4, "organ": 0.35, "office": 0.25},
    "social_org": {"office": 0.7, "organ": 0.3},
    "retired": {"residential": 0.6, "organ": 0.4},
    "floating": {"organ": 1.0},
    "other": {"factory": 0.5, "organ": 0.5},
    "village": {"organ": 0.8, "residential": 0.2},
    "urban_community": {"organ": 0.65, "residential": 0.35},
}


class Seats:
    """Choose buildings: of the right kind, in the right subdistrict or community, some far more popular."""

    def __init__(self, geography: Geography, community_town: Ints, rng: np.random.Generator) -> None:
        row = {region: number for number, region in enumerate(geography.communities["region_id"])}
        table = geography.buildings
        self.kind = table["kind"].to_numpy(dtype=object)
        self.community = np.array([row[c] for c in table["community_id"]], dtype=np.int64)
        self.town = community_town[self.community]
        floors = table["floors"].to_numpy(dtype=np.float64)
        # A few houses collect many organisations; that is what the drill to a floor is for.
        self.pull = np.sqrt(floors) * rng.lognormal(0, 0.9, len(floors))
        self.community_town = community_town
        self.rng = rng

    def choose(self, nodes: list[Node]) -> tuple[Ints, Ints]:
        """Give each node's building (−1 where there is none) and community."""
        building = np.full(len(nodes), -1, dtype=np.int64)
        wish: dict[tuple[str, int, int], list[int]] = {}
        for number, node in enumerate(nodes):
            kinds = SEATS[node.domain]
            kind = str(self.rng.choice(list(kinds), p=list(kinds.values())))
            wish.setdefault((kind, node.town, node.community), []).append(number)
        for (kind, town, community), numbers in wish.items():
            building[numbers] = self._draw(kind, town, community, len(numbers))
        fixed = np.array([n.community for n in nodes], dtype=np.int64)
        community_of = np.where(building >= 0, self.community[building], fixed)
        for number in np.flatnonzero(community_of < 0).tolist():
            inside = np.flatnonzero(self.community_town == nodes[number].town)
            community_of[number] = self.rng.choice(inside)
        return building, community_of

    def _draw(self, kind: str, town: int, community: int, count: int) -> Ints:
        here = self.community == community if community >= 0 else self.town == town
        fitting = np.flatnonzero(here & (self.kind == kind))
        if not len(fitting):
            fitting = np.flatnonzero(here & np.isin(self.kind, ("office", "organ", "residential")))
        if not len(fitting):
            return np.full(count, -1, dtype=np.int64)
        chance = self.pull[fitting]
        drawn: Ints = self.rng.choice(fitting, count, p=chance / chance.sum())
        return drawn


def points_at(
    geography: Geography, building: Ints, community: Ints, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Put organisations at their building, or at a free spot inside their community."""
    centre = shapely.centroid(geography.buildings.geometry.to_numpy())
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    shapes = geography.communities.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    lon = np.where(building >= 0, x[building], shapely.get_x(inner)[community])
    lat = np.where(building >= 0, y[building], shapely.get_y(inner)[community])
    # A few metres apart, so that neighbours in one house do not hide one another; never out of the community.
    near_x, near_y = lon + rng.normal(0, 0.00012, len(lon)), lat + rng.normal(0, 0.00010, len(lat))
    inside = shapely.contains_xy(shapes[community], near_x, near_y)
    return np.where(inside, near_x, lon).round(6), np.where(inside, near_y, lat).round(6)
