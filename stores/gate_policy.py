"""Say for each class of measure, mode and level what may leave the store.

Three modes look at the same roll-ups: a visitor before the wall, a leader, the duty desk.  Each published
column has a class (declared at the head of its question), each row a level; class, mode and level give a
treatment.  What is not provided for is refused.

The thresholds follow the practice of official statistics (a threshold of ten for attributes, five for trusted
users, three for flows; base five for rounding).  Two choices are stricter than a plain reading of that
practice, because sums and differences can be asked of the same wall:

* Counts of conduct are exact in the district's total only.  With both numbers of a rate exact, their
  difference would be the exact number of absentees or of people in arrears of a town.
* On the affiliation basis only the root is exact; a committee right below it is otherwise treated as a town.
  Both hierarchies stand on the same branches, and two exact tables over the same branches can be subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

from stores.errors import StoreError
from stores.figure import HIDDEN, NO_DATA, Figure, band, exact, rounded

Mode = Literal["visitor", "leader", "duty"]
Kind = Literal["members", "attribute", "rare", "conduct"]
Treatment = Literal["exact", "rounded", "coarse", "hidden"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

DISTRICT, TOWN, COMMUNITY, BUILDING, FLOOR, BRANCH = range(6)
RANKS: Final[Mapping[str, int]] = {
    "district": DISTRICT,
    "town": TOWN,
    "community": COMMUNITY,
    "committee": COMMUNITY,
    "general_branch": COMMUNITY,
    "building": BUILDING,
    "floor": FLOOR,
    "branch": BRANCH,
}
"""Level → how far down; a level that is not here counts as a branch, the most protected."""

COARSE: Final = ((0, 9), (10, 29), (30, 49), (50, None))
"""Bands of plain head counts below the community, both ends inclusive."""


class GateError(StoreError):
    """Say why the gate refuses an answer."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold the treatments at district, town, community and below, and the least count that is shown."""

    district: Treatment
    town: Treatment
    community: Treatment
    below: Treatment
    least: int

    def at(self, rank: int) -> Treatment:
        """Give the treatment at a level's rank."""
        return (self.district, self.town, self.community, self.below)[min(rank, BUILDING)]


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold all thresholds of one deployment; the defaults suit a district."""

    least_visitor: int = 10
    least_leader: int = 10
    least_duty: int = 5
    rare_leader: int = 5
    conduct_leader: int = 5
    rate_least: int = 10
    rate_least_leader: int = 5
    rate_side: int = 3
    flow_edge: int = 3
    flow_place: int = 10

    def rule(self, kind: Kind, mode: Mode) -> Rule:
        """Look up the rule of a class in a mode."""
        return _rules(self)[kind, mode]

    def exact_rank(self, kind: Kind, mode: Mode, basis: str) -> int:
        """Give the lowest rank at which a class is exact, -1 = at none.

        Only the place hierarchy may be exact below its root, save for the duty desk.
        """
        rule = self.rule(kind, mode)
        ranks = [rank for rank in range(BRANCH + 1) if rule.at(rank) == "exact"]
        if mode != "duty" and basis != "place":
            ranks = [rank for rank in ranks if rank == DISTRICT]
        return max(ranks, default=-1)


@cache
def _rules(policy: Policy) -> Mapping[tuple[Kind, Mode], Rule]:
    """Write the policy out: one line a class and mode."""
    visitor, leader, duty = policy.least_visitor, policy.least_leader, policy.least_duty
    everything = Rule("exact", "exact", "exact", "exact", 0)
    return {
        ("members", "visitor"): Rule("exact", "exact", "rounded", "coarse", visitor),
        ("members", "leader"): Rule("exact", "exact", "exact", "rounded", leader),
        ("members", "duty"): everything,
        ("attribute", "visitor"): Rule("rounded", "rounded", "hidden", "hidden", visitor),
        ("attribute", "leader"): Rule("rounded", "rounded", "rounded", "hidden", leader),
        ("attribute", "duty"): Rule("rounded", "rounded", "rounded", "rounded", duty),
        ("rare", "visitor"): Rule("exact", "hidden", "hidden", "hidden", visitor),
        ("rare", "leader"): Rule("exact", "rounded", "hidden", "hidden", policy.rare_leader),
        ("rare", "duty"): everything,
        ("conduct", "visitor"): Rule("exact", "rounded", "rounded", "hidden", visitor),
        ("conduct", "leader"): Rule("exact", "rounded", "rounded", "rounded", policy.conduct_leader),
        ("conduct", "duty"): everything,
    }


def rank_of(level: object) -> int:
    """Rank a row's level; whatever is unknown ranks as a branch."""
    return RANKS.get(str(level), BRANCH)


def mode_of(name: str) -> Mode:
    """Check a mode's name.

    Raises:
        GateError: when there is no such mode.
    """
    for mode in MODES:
        if name == mode:
            return mode
    raise GateError(f"unknown mode {name!r}; there are {', '.join(MODES)}")


def show(treatment: Treatment, value: float | None, near: int | None, least: int, is_exact: bool) -> Figure:
    """Make the figure of one cell.

    Args:
        treatment: what the policy allows here.
        value: the true count; None = no data.
        near: its rounded value, a multiple of five; None when the gate could not make one.
        least: rounded values below this become the band ``<least``.
        is_exact: whether the exact number may really stand (its surroundings were checked).

    Returns:
        A figure that depends on ``value`` in an exact cell only.
    """
    if value is None:
        return NO_DATA
    if treatment == "hidden":
        return HIDDEN
    if treatment == "exact" and is_exact:
        return exact(value)
    if near is None:
        return HIDDEN
    if treatment == "coarse":
        low, high = next(edge for edge in COARSE if edge[1] is None or near <= edge[1])
        return band(low, high)
    return rounded(near) if near >= least else band(0, least - 1)
