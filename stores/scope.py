"""For which places somebody stands, and whether what a question asks about lies inside them.

A scope is a set of subtrees of either hierarchy. Both hierarchies stand on the same organisations, so one
rule serves both: a place or organisation lies inside when every organisation under it lies under the scope. A
place without any organisation lies inside when the scope names it or a place above it in its own hierarchy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

BASES: Final = ("place", "affiliation")
Subject = tuple[str, str]
"""A (basis, node) pair that a question is about."""

SUBJECTS: Final[tuple[tuple[str, str | None], ...]] = (
    ("node", None),
    ("org_id", "affiliation"),
    ("place", "place"),
    ("building", "place"),
    ("community", "place"),
)
"""Parameters of questions that say what they are about, and in which hierarchy; None = by ``basis``."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Hold (basis, node) pairs; an empty scope holds nothing, the district's own node everything."""

    places: frozenset[Subject] = frozenset()


NOWHERE: Final = Scope()


def subject_of(params: Mapping[str, Any]) -> Subject | None:
    """Return what a question is about by its parameters; None where it is about the whole district."""
    for name, basis in SUBJECTS:
        if params.get(name) is not None:
            return basis or str(params.get("basis", "place")), str(params[name])
    return None


class Territory:
    """Know which organisations stand under each node, at one state of the hierarchies.

    Args:
        under: basis → node → ids of all organisations below it.
        parents: basis → node → the node above, None for a root.
    """

    def __init__(
        self, under: Mapping[str, Mapping[str, Any]], parents: Mapping[str, Mapping[str, str | None]]
    ) -> None:
        self._under = {
            basis: {node: frozenset(ids) for node, ids in found.items()} for basis, found in under.items()
        }
        self._parents = parents
        self._roots = {
            basis: next((node for node, above in found.items() if above is None), "")
            for basis, found in parents.items()
        }
        self._covered: dict[Scope, frozenset[str]] = {}

    def holds(self, scope: Scope, subject: Subject | None) -> bool:
        """Tell whether a scope holds a subject; None, the whole district, is held by a root only."""
        if any(self._roots.get(basis) == node for basis, node in scope.places):
            return True
        if subject is None or subject[0] not in self._parents or subject[1] not in self._parents[subject[0]]:
            return False
        own = self._under.get(subject[0], {}).get(subject[1], frozenset())
        if own:
            return own <= self._organisations(scope)
        return any((subject[0], node) in scope.places for node in self._chain(*subject))

    def _organisations(self, scope: Scope) -> frozenset[str]:
        """Collect the organisations under all places of a scope."""
        if scope not in self._covered:
            if len(self._covered) > 256:
                self._covered.clear()
            parts = [self._under.get(basis, {}).get(node, frozenset()) for basis, node in scope.places]
            self._covered[scope] = frozenset().union(*parts)
        return self._covered[scope]

    def under(self, basis: str, node: str) -> frozenset[str]:
        """Return the ids of the organisations under a node."""
        return self._under.get(basis, {}).get(node, frozenset())

    def organisations(self, scope: Scope) -> frozenset[str] | None:
        """Return the ids of the organisations a scope holds; None = all of them."""
        if self.holds(scope, None):
            return None
        return self._organisations(scope)

    def _chain(self, basis: str, node: str) -> list[str]:
        """List a node and those above it."""
        chain: list[str] = []
        at: str | None = node
        while at is not None and at not in chain:
            chain.append(at)
            at = self._parents[basis].get(at)
        return chain
