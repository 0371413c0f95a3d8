"""How subdistricts and communities differ: each does some things better than others and some worse.

A district in which all are alike shows nothing when its places are compared. What is said here moves failures
from one place to another; it changes none of the district's totals.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FACETS: Final = ("duty", "attendance", "study", "care", "service", "speed")
"""Meetings held, members who come, hours studied, members kept in touch with, service, transfers in time."""
BETWEEN_TOWNS: Final = 1.1
BETWEEN_COMMUNITIES: Final = 0.45
SHARED: Final = 0.25
"""How far a subdistrict that is good at one thing is good at the others."""


def bearings(town: Ints, community: Ints, seed: int) -> NDArray[np.void]:
    """Return for each organisation and facet how much better than usual its place is, about −2 to 2.

    Args:
        town: each organisation's subdistrict, −1 where it stands in none: such are as usual.
        community: each organisation's community, −1 likewise.
    """
    rng = np.random.default_rng([seed, 12])
    towns, communities = int(town.max()) + 1, int(community.max()) + 1
    even = np.linspace(-1.0, 1.0, max(towns, 2))[:towns]  # some first and some last, whatever the seed
    shared = rng.permutation(even)
    made = np.zeros(len(town), dtype=[(facet, np.float64) for facet in FACETS])
    for facet in FACETS:
        own = SHARED * shared + (1 - SHARED) * rng.permutation(even)
        by_town = np.append(BETWEEN_TOWNS * own / max(float(np.abs(own).max()), 1e-9), 0.0)
        by_community = np.append(rng.normal(0, BETWEEN_COMMUNITIES, communities), 0.0)
        made[facet] = by_town[town] + by_community[community]
    return made
