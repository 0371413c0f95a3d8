"""The only way out: every number that reaches a screen passes here and leaves as a figure.

The gate asks the store, reads at the head of the question which class each column has, and publishes each
cell by class, mode and level (``stores.gate_policy``).  One scheme carries all protected counts: controlled
rounding to base five, consistent down the tree and the same in both hierarchies where they agree
(``stores.gate_tree``), small rounded values shown as the band ``<10``.  It was chosen over suppression
because a hidden cell of a shown total comes back by subtraction and has to take innocent cells with it,
from one table to the next; a rounded one does not.  Suppression remains where policy stops a measure at a
level.

Whatever is not declared is refused: an unknown mode, a question without classes, a column without a class.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stores.figure import HIDDEN, NO_DATA, Figure, exact
from stores.gate_answers import FlowAnswers
from stores.gate_axis import axis_cell
from stores.gate_context import (
    FAMILIES,
    SPLIT_HEADS,
    Asks,
    Context,
    Count,
    Family,
    Memory,
    Rounded,
    Rows,
    read_trees,
)
from stores.gate_flow import round_alone
from stores.gate_policy import (
    BRANCH,
    BUILDING,
    COMMUNITY,
    DISTRICT,
    TOWN,
    GateError,
    Kind,
    Mode,
    Policy,
    mode_of,
    rank_of,
    show,
)
from stores.gate_rate import rate
from stores.gate_tree import SLACK
from stores.gate_warned import warned
from stores.questions import Question, names
from stores.questions import question as find_question
from stores.scope import Scope, Subject, subject_of
from stores.tally import count

_KEPT: Final = 512
_MIN_KEY: Final = 16


@dataclass(frozen=True)
class _Asked:
    """Hold one question on its way through: what it declares, who asks, of what."""

    declared: Question
    mode: Mode
    params: Mapping[str, Any]
    context: Context
    found: dict[Hashable, Rounded | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Spot:
    """Hold one row and where it belongs: hierarchy, node, rank."""

    row: Mapping[str, Any]
    basis: str
    node: str
    rank: int


class Gate:
    """Publish answers of a store.

    Args:
        store: answers questions; its ``version`` grows with every change of facts.
        settings: the deployment's settings; thresholds come from its ``gate`` part when they are there.
        key: secret of the rounding, at least 16 bytes; the same key gives the same published numbers.

    Raises:
        GateError: when the key is too short.
    """

    def __init__(self, store: Asks, settings: Any, key: bytes) -> None:
        if len(key) < _MIN_KEY:
            raise GateError(f"the gate's key must have at least {_MIN_KEY} bytes")
        self._store = store
        self._key = key
        self._policy = policy_from(settings)
        self._scope_of: Callable[[], Scope | None] = _unlimited
        self._lock = threading.RLock()
        self._context: tuple[int, Context] | None = None
        self._memory: tuple[Hashable, Memory] | None = None
        self._answers: OrderedDict[Hashable, Rows] = OrderedDict()
        self._flows = FlowAnswers(store, self._policy, key)

    def answer(self, question: str, mode: str, **params: Any) -> Rows:
        """Answer a question for a mode.

        Args:
            question: name of a question in ``stores/sql``.
            mode: 'visitor', 'leader' or 'duty', from the server's session.
            params: parameters of the question.

        Outside the asker's scope (``within``) the answer is a visitor's, whatever the mode.

        Returns:
            Rows; public columns are plain values, all others ``Figure``s; a declared rate is one more column.
            The rows are the caller's own.

        Raises:
            GateError: for an unknown mode, a question that is not for publication, an undeclared column.
            StoreError: whatever the store itself refuses.
        """
        checked = mode_of(mode)
        if question.startswith("gate_"):
            raise GateError(f"{question} is for the gate alone")
        version = self._store.version
        if checked != "visitor" and not self.holds(self._scope_of(), subject_of(params)):
            checked = "visitor"
            modes = find_question(question).modes
            if modes and checked not in modes:
                return []  # what no visitor may ask has no answer outside the scope
        name = (version, question, checked, tuple(sorted(params.items())))
        with self._lock:
            found = self._answers.get(name)
            if found is not None:
                self._answers.move_to_end(name)
        if found is None:
            found = self._publish(question, checked, params, version)
            self._keep(name, found)
        count(found)
        return [dict(row) for row in found]

    def within(self, scope_of: Callable[[], Scope | None]) -> None:
        """Let the asker's scope limit every answer: what lies outside it is published as for a visitor.

        Args:
            scope_of: gives the scope of whoever asks now; None = unlimited.
        """
        self._scope_of = scope_of

    def holds(self, scope: Scope | None, subject: Subject | None) -> bool:
        """Tell whether a scope holds what a question is about; a subject of None is the whole district."""
        if scope is None:
            return True
        with self._lock:
            return self._fresh(self._store.version).territory.holds(scope, subject)

    def under(self, basis: str, node: str) -> frozenset[str]:
        """Return the ids of the organisations under a node; empty where there are none or no such node."""
        with self._lock:
            return self._fresh(self._store.version).territory.under(basis, node)

    def organisations(self, scope: Scope | None) -> frozenset[str] | None:
        """Return the ids of the organisations a scope holds; None = all of them."""
        if scope is None:
            return None
        with self._lock:
            return self._fresh(self._store.version).territory.organisations(scope)

    def warm(self) -> None:
        """Round every month's counts of the whole district ahead of the first visitor, in both hierarchies.

        It is meant for a thread of its own after start or load; answers wait for one month at most.
        """
        months = self._store.ask("months")
        for row in reversed(months):
            for basis in ("place", "affiliation"):
                root = self._store.ask("gate_root", basis=basis)[0]["node_id"]
                for question in ("headline", "children_figures"):
                    self.answer(question, "visitor", basis=basis, node=root, month=row["month"])
        here = {"basis": "place", "node": self._store.ask("gate_root", basis="place")[0]["node_id"]}
        if months:
            self.answer("flow_months", "visitor", **here)
        for row in self._store.ask("organisation_mix", **here, month=months[-1]["month"]) if months else ():
            self.answer("series_of_domain", "visitor", **here, domain=row["domain"])

    def _keep(self, name: Hashable, rows: Rows) -> None:
        """Keep an answer, dropping the one unused for longest when there are too many."""
        with self._lock:
            self._answers[name] = rows
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)

    def _publish(self, question: str, mode: Mode, params: Mapping[str, Any], version: int) -> Rows:
        """Ask the store and publish its rows."""
        declared = find_question(question)
        if declared.modes and mode not in declared.modes:
            raise GateError(f"{question} is not for mode {mode}")
        if declared.gate:
            with self._lock:
                return self._flows.answer(declared, mode, declared.bind(params), version)
        rows = self._store.ask(question, **params)
        if not rows:
            return []
        base = _without_filter(declared)
        if base is not None:
            plain = {name: value for name, value in params.items() if name != _FILTER}
            if self._store.ask(base.name, **plain) == rows:
                # a filter that leaves all is published as without it; two roundings of one number narrow it
                return self._publish(base.name, mode, plain, version)
        undeclared = set(rows[0]) - set(declared.publish)
        if undeclared:
            raise GateError(f"{question}: no publishing class for {', '.join(sorted(undeclared))}")
        free = _PUBLIC if mode == "visitor" else _PUBLIC | {"named"}
        if free.issuperset(declared.publish[column] for column in rows[0]) and not declared.rates:
            return rows
        with self._lock:
            asked = _Asked(declared, mode, params, self._fresh(version))
            if "cell_x" in declared.publish:
                return self._cells(rows, asked)
            if "alerts" in declared.publish.values():
                rows = self._units(rows, asked)
            return [self._row(row, asked) for row in rows]

    def _units(self, rows: Rows, asked: _Asked) -> Rows:
        """Leave out, for visitors, units below the community: that a branch has a warning points at it."""
        if asked.mode != "visitor":
            return rows
        return [row for row in rows if self._seen(self._spot(row, asked)) <= COMMUNITY]

    def _seen(self, spot: _Spot) -> int:
        """Rank a unit for a visitor who looks at warnings: a committee is an organisation itself, so that it
        is shown as a community is, and what stands below it not at all."""
        if spot.basis == "place" or spot.rank == DISTRICT:
            return spot.rank
        return COMMUNITY if spot.rank == TOWN else BUILDING

    def _fresh(self, version: int) -> Context:
        """Give the context of this version; the trees are read again only after a load."""
        if self._context is None or self._context[0] != version:
            mark = tuple(tuple(row.values()) for row in self._store.ask("gate_mark"))
            if self._memory is None or self._memory[0] != mark:
                self._memory = (mark, Memory(read_trees(self._store), self._key))
            self._context = (version, Context(self._store, self._memory[1]))
        return self._context[1]

    def _row(self, row: Mapping[str, Any], asked: _Asked) -> dict[str, Any]:
        """Publish one row that stands for a node."""
        spot = self._spot(row, asked)
        published = {}
        for column, value in row.items():
            declared = asked.declared.publish[column]
            if declared == "axis":
                published[column] = axis_cell(column, row, asked.mode, self._seen(spot), self._policy)
                continue
            if declared in _WARNINGS:
                published[column] = warned(
                    declared, column, row, asked.mode, self._seen(spot), spot.basis == "place"
                )
                continue
            kind = self._kind(declared, column, asked)
            published[column] = value if kind is None else self._cell(spot, column, kind, asked)
        for share in asked.declared.rates:
            published[share.name] = self._rate(spot, share.part, share.whole, asked)
        return published

    def _spot(self, row: Mapping[str, Any], asked: _Asked) -> _Spot:
        """Find where a row belongs; a row without a node that names an organisation is that branch's."""
        if "node_id" not in row:
            return _Spot(row, "affiliation", str(row.get("org_id", "")), rank_of(row.get("level")))
        basis, node = str(asked.params.get("basis", "place")), str(row["node_id"])
        known = asked.context.rank(basis, node)
        rank = rank_of(row["level"]) if "level" in row else BRANCH if known is None else known
        if rank == COMMUNITY and asked.context.is_top_committee(basis, node):
            rank = TOWN
        return _Spot(row, basis, node, rank)

    def _kind(self, declared: str, column: str, asked: _Asked) -> Kind | None:
        """Give the class that governs a column, None = public; stricter than declared where needed.

        Members split by anything, and the split into full and probationary members, are attributes, save for
        the duty desk.
        """
        if declared in _PUBLIC:
            return None
        if declared == "members":
            family = FAMILIES.get(asked.declared.name)
            is_split = column in _STANDING or bool(family and family.split)
            return "attribute" if is_split and asked.mode != "duty" else "members"
        if declared == "attribute":
            return "attribute"
        if declared == "rare":
            return "rare"
        if declared == "split":
            return "attribute" if asked.mode != "duty" else "conduct"
        if declared in ("conduct", "flow") or declared.startswith("rate"):
            return "conduct"
        raise GateError(f"{asked.declared.name}: unknown publishing class {declared!r} of {column}")

    def _cell(self, spot: _Spot, column: str, kind: Kind, asked: _Asked) -> Figure:
        """Publish one protected cell."""
        value = spot.row[column]
        rule = self._policy.rule(kind, asked.mode)
        treatment = rule.at(spot.rank)
        if value is None:
            return NO_DATA
        if treatment == "hidden":
            return HIDDEN
        if treatment == "exact" and asked.mode == "duty":
            return exact(value)
        near, may_be_exact, narrow = self._near(spot, column, kind, asked)
        if narrow and (near is None or near < rule.least):
            return HIDDEN
        return show(treatment, value, near, rule.least, may_be_exact)

    def _near(self, spot: _Spot, column: str, kind: Kind, asked: _Asked) -> tuple[int | None, bool, bool]:
        """Find a cell's rounded value, whether it may be exact, whether it is too narrow to show small."""
        family = FAMILIES.get(asked.declared.name)
        rank = asked.context.rank(spot.basis, spot.node)
        if family is None or rank is None or (rank >= BUILDING and not family.goes_down(column)):
            return self._alone(spot, column, asked), False, False
        varying = [spot.row[name] for name in (*family.split, *family.params) if name in spot.row]
        name = (column, kind, spot.basis, *varying)
        if name not in asked.found:
            asked.found[name] = asked.context.rounded(self._count(spot, column, kind, family, asked))
        made = asked.found[name]
        return (None, False, True) if made is None else made.at(spot.node)

    def _count(self, spot: _Spot, column: str, kind: Kind, family: Family, asked: _Asked) -> Count:
        """Name the count a cell belongs to."""
        params = {name: asked.params.get(name, spot.row.get(name)) for name in family.params}
        return Count(
            family,
            tuple(sorted(params.items())),
            spot.basis,
            tuple(spot.row[name] for name in family.split),
            column,
            self._policy.exact_rank(kind, asked.mode, spot.basis),
            self._totals_rank(spot, column, asked.mode),
            self._policy.rule(kind, asked.mode).least,
            SLACK if asked.mode == "visitor" else 1,
        )

    def _totals_rank(self, spot: _Spot, column: str, mode: Mode) -> int:
        """Give the lowest rank at which the total of a split is exact beside its bands."""
        if column in SPLIT_HEADS:
            return TOWN if mode == "visitor" else COMMUNITY
        return self._policy.exact_rank("conduct", mode, spot.basis)

    def _alone(self, spot: _Spot, column: str, asked: _Asked) -> int:
        """Round a count that has no tree: one that does not add up over places, or a single branch's."""
        public = [
            str(value)
            for name, value in spot.row.items()
            if asked.declared.publish[name] in _PUBLIC and name != _FILTER
        ]
        name = "|".join([_unfiltered(asked), spot.node, *public, *_period(asked)])
        return round_alone(spot.row[column], self._key, column, name)

    def _rate(self, spot: _Spot, part: str, whole: str, asked: _Asked) -> Figure:
        """Publish a rate of two columns of a row."""
        classes = asked.declared.publish
        rare = "rare" in (classes[part], classes[whole])
        if rare and self._policy.rule("rare", asked.mode).at(spot.rank) == "hidden":
            return HIDDEN
        near = None
        if asked.mode == "visitor" and spot.row[whole] is not None:
            near = self._near(spot, whole, "conduct", asked)[0]
        return rate(spot.row[part], spot.row[whole], near, asked.mode, spot.rank, self._policy)

    def _cells(self, rows: Rows, asked: _Asked) -> Rows:
        """Publish cells of the heat; a cell with nothing left to show is left out."""
        kinds = {name: self._kind(kind, name, asked) for name, kind in asked.declared.publish.items()}
        made = [self._heat_cell(row, kinds, asked) for row in rows]
        return [row for row in made if any(kinds[name] and row[name].shown for name in row)]

    def _heat_cell(
        self, row: Mapping[str, Any], kinds: Mapping[str, Kind | None], asked: _Asked
    ) -> dict[str, Any]:
        """Publish one cell: rounded to five by itself, hidden below the least count."""
        cell: dict[str, Any] = {}
        for name, value in row.items():
            kind = kinds[name]
            if kind is None:
                cell[name] = value
            elif value is None:
                cell[name] = NO_DATA
            elif asked.mode == "duty":
                cell[name] = exact(value)
            else:
                place = f"{asked.params.get('lod')}|{row['cell_x']}|{row['cell_y']}"
                near = round_alone(value, self._key, name, place)
                least = self._policy.rule(kind, asked.mode).least
                cell[name] = show("rounded", value, near, least, False) if near >= least else HIDDEN
        return cell


def _unlimited() -> Scope | None:
    return None


_WARNINGS: Final = frozenset({"named", "alerts"})
_PUBLIC: Final = frozenset({"public", "level", "node", "band", "dim", "month"})
_STANDING: Final = frozenset({"full_members", "probationary"})
_FILTER: Final = "domain"


def _unfiltered(asked: _Asked) -> str:
    """Name a question as if no domain were chosen.

    So a count that the filter leaves whole is rounded alike; two roundings of one number would narrow it.
    """
    return asked.declared.name.removesuffix(f"_of_{_FILTER}")


def _without_filter(declared: Question) -> Question | None:
    """Give the question that a filtered one narrows, where its rows are read off published tables."""
    name, filtered, _ = declared.name.partition(f"_of_{_FILTER}")
    base = find_question(name) if filtered and name in names() else None
    return base if base is not None and base.gate else None


def _period(asked: _Asked) -> list[str]:
    """Write the parameters of a question, the filter left out, in a fixed order."""
    return [f"{name}={value}" for name, value in sorted(asked.params.items()) if name != _FILTER]


def policy_from(settings: Any) -> Policy:
    """Take the thresholds a deployment sets; the rest keep their defaults."""
    given = getattr(settings, "gate", None)
    names = Policy.__dataclass_fields__
    return Policy(
        **{name: getattr(given, name) for name in names if isinstance(getattr(given, name, None), int)}
    )
