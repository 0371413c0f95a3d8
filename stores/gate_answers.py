"""Answer the questions about flows: everything is read off one published table a place, level and period."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final

from stores.figure import HIDDEN, NO_DATA, Figure, band, exact, rounded
from stores.flow_chains import Layer, check_hops, dated_moves, layers_through
from stores.flow_places import Places, read_places
from stores.flow_steps import STAGES
from stores.flow_tables import (
    SUMS,
    FlowTable,
    Rows,
    exact_cells,
    inner_of,
    moves_in,
    summary,
    sums_of,
    took_and_returned,
)
from stores.gate_chain import publish_layers, wait_bands
from stores.gate_flow import round_alone
from stores.gate_matrix import Moved, Publisher, View, view_of
from stores.gate_policy import COMMUNITY, TOWN, GateError, Mode, Policy, rank_of
from stores.gate_rate import rate
from stores.gate_tree import BASE
from stores.questions import Question

_KEPT: Final = 256
_AS_FLOW: Final = dict.fromkeys(("n", "overdue", "median", "longest", *SUMS), "flow") | dict.fromkeys(
    ("node_id", "level", "status", "waited", "month"), "public"
)


class FlowAnswers:
    """Publish flows; the caller holds a lock.

    Args:
        store: answers the gate's own questions.
        policy: thresholds.
        key: secret of the draws.
    """

    def __init__(self, store: Any, policy: Policy, key: bytes) -> None:
        self._store = store
        self._policy = policy
        self._key = key
        self._version: int | None = None
        self._memory: OrderedDict[Hashable, Any] = OrderedDict()

    def answer(self, asked: Question, mode: Mode, params: Mapping[str, Any], version: int) -> Rows:
        """Answer a question that declares how the gate makes its rows.

        Raises:
            GateError: it declares a way that is not known.
            QuestionError: unknown basis or level.
        """
        if version != self._version:
            self._version = version
            self._memory.clear()
        ways: dict[str, Callable[..., Rows]] = {
            "matrix": self._matrix,
            "chain": self._chain,
            "summary": self._summary,
            "steps": self._steps,
            "held": self._held,
            "own": self._own,
            "months": self._months,
        }
        if asked.gate not in ways:
            raise GateError(f"{asked.name}: the gate does not know how to publish {asked.gate!r}")
        return ways[asked.gate](asked, mode, params)

    def _matrix(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Read rows off the published table."""
        rows = _shape(asked)(self.table(mode, **params))
        return [_figures(row, asked.publish, mode) for row in rows]

    def _chain(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Read rows off the published layers of a flow through a place."""
        given = dict(params)
        beyond = [given.pop("direction")] if "direction" in given else []
        rows = _shape(asked)(self.layers(mode, **given), *beyond)
        return [_figures(row, asked.publish, mode) for row in rows]

    def _summary(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Sum up the published tables of a place."""
        places, node = self.places(params["basis"]), params["node"]
        if not places.chain(node):
            return []
        own, below = places.own_level(node), places.next_level(node)
        row = summary(*(self.table(mode, level=level, **params) for level in (own, below)))[0]
        made = _figures(row, asked.publish, mode)
        if mode != "duty":
            made |= self._sums(mode, **params) | {"net": made["net"]}
            if not made["moved_in"].shown:
                made["net"] = HIDDEN
        days, completed, returned = took_and_returned(self._store, **params)
        rank = rank_of(row["level"])
        made["median_workdays"] = self._wait(days, completed, mode, rank)
        ended = completed + returned
        made["return_rate"] = rate(returned, ended, ended // BASE * BASE, mode, rank, self._policy)
        return [made]

    def _own(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Publish what moved in, out and inside a place: the sums of its published table."""
        rows = self._store.ask(asked.name, **params)
        if mode == "duty":
            return [_figures(row, _AS_FLOW, mode) for row in rows]
        if self._dark(mode, rows):
            return [row | dict.fromkeys(SUMS, HIDDEN) for row in rows]
        return [row | self._sums(mode, **params) for row in rows]

    def _months(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Publish the same month by month: each month's is its own table's."""
        rows = self._store.ask(asked.name, **params)
        if mode == "duty":
            return [_figures(row, _AS_FLOW, mode) for row in rows]
        if self._dark(mode, rows):
            return [row | dict.fromkeys(SUMS, HIDDEN) for row in rows]
        return [
            row | self._sums(mode, from_month=row["month"], to_month=row["month"], **params) for row in rows
        ]

    @staticmethod
    def _dark(mode: Mode, rows: Iterable[Mapping[str, Any]]) -> bool:
        """Tell whether no sums are told: to a visitor none below the community."""
        return mode == "visitor" and any(rank_of(row["level"]) > COMMUNITY for row in rows)

    def _sums(self, mode: Mode, basis: str, node: str, from_month: str, to_month: str) -> dict[str, Figure]:
        """Read a place's sums off its published table; what is not in it was too little to be named there."""
        places, policy = self.places(basis), self._policy
        table = self.table(mode, basis, places.own_level(node), node, from_month, to_month)
        inner = inner_of(table)
        if not any(end in inner for edge in table.cells for end in edge):
            # a visitor's place is named from ten moves on; to a leader each kind of edge gathers what is few
            few = policy.flow_place - 1 if mode == "visitor" else 2 * (policy.flow_edge - 1)
            return dict.fromkeys(SUMS, band(0, max(0, few)))
        make = figure_for(mode)
        return {name: make(n) for name, n in sums_of(table, inner).items()}

    def _steps(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Publish the pipeline: to a leader from three on, waits in bands; to a visitor the stages alone.

        How many are late a visitor sees of the district and all open stages together: the row 'open'.
        What was completed is the sum of the month's published table.
        """
        rows = self._store.ask(asked.name, **params)
        if mode == "duty":
            return [_figures(row, _AS_FLOW, mode) for row in rows]
        stages = [row for row in rows if row["waited"] is None]
        made = [self._stage(row, mode, params) for row in stages]
        if mode == "visitor":
            made += self._late_whole(stages, params["month"])
        if mode == "leader":
            for stage in stages:
                waits = [row for row in rows if row["waited"] and row["status"] == stage["status"]]
                made += [
                    stage
                    | dict.fromkeys(("overdue", "median", "longest"), HIDDEN)
                    | {"waited": band, "n": exact(n)}
                    for band, n in wait_bands(waits, self._policy.flow_edge)
                ]
        return made

    def _stage(self, row: Mapping[str, Any], mode: Mode, params: Mapping[str, Any]) -> dict[str, Any]:
        """Publish a stage's own row."""
        rank, n = rank_of(row["level"]), row["n"]
        made = dict(row)
        # the district is one in both trees: one number, one rounding
        asked = params.values() if rank else (params["month"],)
        made["n"] = self._count(n, mode, rank, ("stage", row["status"], *asked))
        if row["status"] == "completed" and not self._dark(
            mode, [row]
        ):  # these are the moves of the month: no second rounding of one number
            month = params["month"]
            sums = self._sums(mode, params["basis"], params["node"], month, month).values()
            made["n"] = figure_for(mode)(sum(int(one.value or 0) for one in sums))
            if not all(one.shown for one in sums):
                made["n"] = next(iter(sums))
        late = row["overdue"]
        made["overdue"] = HIDDEN if mode == "visitor" and late is not None else self._late(late, n)
        for name in ("median", "longest"):
            made[name] = self._wait(row[name], n, mode, rank)
        return made

    def _late_whole(self, stages: Sequence[Mapping[str, Any]], month: str) -> Rows:
        """Publish to a visitor how many open transfers of the district are late, rounded."""
        open_ = [row for row in stages if row["status"] in STAGES]
        if not open_ or rank_of(open_[0]["level"]):
            return []
        late = sum(row["overdue"] or 0 for row in open_)
        told = self._count(late, "visitor", 0, ("late", month))
        return [
            dict(open_[0])
            | {"status": "open", "n": NO_DATA, "overdue": told, "median": NO_DATA, "longest": NO_DATA}
        ]

    def _held(self, asked: Question, mode: Mode, params: Mapping[str, Any]) -> Rows:
        """Publish who holds overdue steps: never to a visitor."""
        if mode == "visitor":
            return []
        rows = self._store.ask(asked.name, **params)
        if mode == "duty":
            return [_figures(row, _AS_FLOW, mode) for row in rows]
        return [
            row
            | {
                "n": self._count(row["n"], mode, TOWN, ()),
                "overdue": self._late(row["overdue"], row["n"]),
                "longest": self._wait(row["longest"], row["n"], mode, TOWN),
            }
            for row in rows
        ]

    def _count(self, n: int, mode: Mode, rank: int, name: Sequence[Any]) -> Figure:
        """Publish a number of transfers: a leader from three on, a visitor rounded to five from ten on."""
        if mode == "leader":
            return exact(n) if not n or n >= self._policy.flow_edge else band(0, self._policy.flow_edge - 1)
        if rank > COMMUNITY:
            return HIDDEN
        near = round_alone(n, self._key, "flow", "|".join(map(str, name)))
        least = self._policy.flow_place
        return rounded(near) if near >= least else band(0, least - 1)

    def _late(self, late: int | None, n: int) -> Figure:
        """Publish to a leader how many of a number are late: from three on, less as a band."""
        if late is None:
            return NO_DATA
        if n < self._policy.flow_edge:
            return HIDDEN
        return exact(late) if late >= self._policy.flow_edge else band(0, self._policy.flow_edge - 1)

    def _wait(self, days: int | None, n: int, mode: Mode, rank: int) -> Figure:
        """Publish a wait in workdays when enough transfers stand behind it."""
        if days is None:
            return NO_DATA
        if mode == "duty":
            return exact(days)
        least = self._policy.flow_edge if mode == "leader" else self._policy.flow_place
        return exact(days) if n >= least and (mode == "leader" or rank <= COMMUNITY) else HIDDEN

    def layers(
        self,
        mode: Mode,
        basis: str,
        level: str,
        node: str,
        focus: str,
        from_month: str,
        to_month: str,
        hops: int,
    ) -> list[Layer]:
        """Give the layers of a flow as a mode may see them; first hops are edges of the published table."""
        places = self.places(basis)
        shown = level if mode == "duty" else places.shown_level(level, node)
        period = {"from_month": from_month, "to_month": to_month}
        check_hops(hops)
        view = self.view(mode, basis, level, node, from_month, to_month) if mode != "duty" else None
        exact_layers: list[Layer] = []
        if view is None or hops > 1:  # the first hops are the published table's
            moves = self._kept(
                ("dated", basis, shown, node, from_month, to_month, hops),
                lambda: dated_moves(self._store, places, shown, node, hops=hops, **period),
            )
            exact_layers = self._kept(
                ("layers", basis, shown, node, focus, from_month, to_month, hops),
                lambda: layers_through(moves, focus, hops=hops, **period),
            )
        if view is None:
            return exact_layers
        return publish_layers(self._publisher(mode, basis, from_month, to_month), view, exact_layers, focus)

    def table(
        self, mode: Mode, basis: str, level: str, node: str, from_month: str, to_month: str
    ) -> FlowTable:
        """Give the table around a node as a mode may see it."""
        places = self.places(basis)
        if mode == "duty":
            cells = exact_cells(places, self.moves(from_month, to_month), level, node)
            return FlowTable(places, node, cells)
        return FlowTable(places, node, self.view(mode, basis, level, node, from_month, to_month).shown)

    def view(self, mode: Mode, basis: str, level: str, node: str, from_month: str, to_month: str) -> View:
        """Give the published table with the moves behind each edge."""
        places = self.places(basis)
        below = places.depth(level, node) > places.depth_of(node)
        made: View = self._kept(
            ("view", mode, basis, below, node, from_month, to_month),
            lambda: view_of(self._publisher(mode, basis, from_month, to_month), level, node),
        )
        return made

    def places(self, basis: str) -> Places:
        """Give one hierarchy."""
        made: Places = self._kept(("places", basis), lambda: read_places(self._store, basis))
        return made

    def moves(self, from_month: str, to_month: str) -> Moved:
        """Give the moves of a period by organisation."""
        name = ("moves", from_month, to_month)
        made: Moved = self._kept(name, lambda: Moved(moves_in(self._store, from_month, to_month)))
        return made

    def _publisher(self, mode: Mode, basis: str, from_month: str, to_month: str) -> Publisher:
        made: Publisher = self._kept(
            ("publisher", mode, basis, from_month, to_month),
            lambda: Publisher(
                self.places(basis), self.moves(from_month, to_month), mode, self._policy, self._key
            ),
        )
        return made

    def _kept(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """Make something once a version, forgetting what was unused for longest."""
        if name not in self._memory:
            self._memory[name] = make()
            while len(self._memory) > _KEPT:
                self._memory.popitem(last=False)
        self._memory.move_to_end(name)
        return self._memory[name]


def _shape(asked: Question) -> Callable[..., Rows]:
    """Give how a question reads its rows off what was published.

    Raises:
        GateError: it does not say.
    """
    if asked.shape is None:
        raise GateError(f"{asked.name} does not say how its rows are read off a table")
    return asked.shape


def figure_for(mode: Mode) -> Callable[[float], Figure]:
    """Give what a number of a published table becomes in a mode: exact for the duty desk, else rounded."""
    return exact if mode == "duty" else rounded


def _figures(row: Mapping[str, Any], publish: Mapping[str, str], mode: Mode) -> dict[str, Any]:
    """Turn the protected columns of a row into figures.

    Raises:
        GateError: a column has no publishing class.
    """
    make = figure_for(mode)
    made: dict[str, Any] = {}
    for column, value in row.items():
        if column not in publish:
            raise GateError(f"no publishing class for {column}")
        if publish[column] == "flow":
            made[column] = NO_DATA if value is None else make(value)
        else:
            made[column] = value
    return made
