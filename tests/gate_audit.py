"""An attacker with a linear programme, who sees every table and knows the method but not the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack

from stores.figure import Figure


@dataclass(frozen=True)
class Clue:
    """Hold what one published number says: the sum over some atoms lies between two bounds (None = open)."""

    atoms: tuple[int, ...]
    low: float
    high: float | None


def clue(atoms: Iterable[int], figure: Figure, error: int = 4) -> Clue | None:
    """Read a figure as an attacker does; a band is taken for its rounded ends, give or take the error."""
    if figure.state == "exact" and figure.value is not None:
        return Clue(tuple(atoms), figure.value, figure.value)
    if figure.state == "rounded" and figure.value is not None:
        return Clue(tuple(atoms), max(0, figure.value - error), figure.value + error)
    if figure.state == "band" and figure.low is not None:
        high = None if figure.high is None else figure.high - figure.high % 5 + error
        return Clue(tuple(atoms), max(0, figure.low - error), high)
    return None


class Attack:
    """Hold all clues about ``count`` unknown atoms and find how far a cell can be narrowed."""

    def __init__(self, count: int, clues: Sequence[Clue]) -> None:
        self._count = count
        rows = [at for at, one in enumerate(clues) for _ in one.atoms]
        columns = [atom for one in clues for atom in one.atoms]
        table = csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(clues), count)))
        upper = np.array([one.high is not None for one in clues])
        high = np.array([one.high if one.high is not None else 0.0 for one in clues])
        low = np.array([one.low for one in clues])
        self._left = vstack([table[upper], -table])
        self._right = np.concatenate([high[upper], -low])

    def interval(self, atoms: Iterable[int]) -> tuple[float, float]:
        """Find the least and the greatest sum over some atoms that all clues allow."""
        aim = np.zeros(self._count)
        aim[list(atoms)] = 1
        ends = []
        for sign in (1, -1):
            found = linprog(sign * aim, A_ub=self._left, b_ub=self._right, bounds=(0, None), method="highs")
            if found.status == 3:
                ends.append(np.inf)
                continue
            assert found.status == 0, f"the true counts must satisfy every clue: {found.message}"
            ends.append(sign * found.fun)
        return ends[0], ends[1]
