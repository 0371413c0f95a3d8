"""The pipeline of transfers under way: where they stand, how long they have waited, who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low
from typing import Any, Final

from stores.flow_places import Asks, read_places

STAGES: Final = (
    "pending_application",
    "pending_from_branch",
    "pending_from_committee",
    "pending_to_committee",
    "pending_to_branch",
)
"""The steps in order: handed in by the member and not yet taken up, then what each of four offices does.

A source that knows one step before the committee's ('申请', 0) has it as the application; one that also says
'待转出支部审核' has both.  The sending branch holds both, so that what is overdue is charged alike.
"""
ENDS: Final = ("completed", "returned", "withdrawn", "rejected", "revoked")
POCKET: Final = "pocket"
"""A letter was issued and is not yet handed in."""
Rows = list[dict[str, Any]]


def pipeline(store: Asks, basis: str, node: str, month: str) -> Rows:
    """Count the pipeline of a place at a month's end.

    One row a stage with ``waited`` None: n, overdue, median and longest wait in workdays; then one row for
    each number of workdays waited.  Ended transfers are those of the month; their median and longest are from
    application to decision, for completed ones alone.  ``pocket`` counts letters issued and not handed in,
    its overdue those whose days have run out.  In earlier months than the last the steps are not known: there
    is one stage 'pending' without waits.
    """
    about = store.ask("node", basis=basis, node=node)
    if not about:
        return []
    base = {"node_id": node, "level": about[0]["level"]}
    state = store.ask("transfer_pipeline", basis=basis, node=node, month=month)
    counted = {row["status"]: row for row in state}
    rows: Rows = []
    if month == store.ask("months")[-1]["month"]:
        steps = store.ask("gate_steps", basis=basis, node=node)
        for stage in STAGES:
            own = [row for row in steps if row["status"] == stage]
            rows += _stage(base, stage, [row["waited"] for row in own], sum(row["overdue"] for row in own))
        letters = [row for row in steps if row["letter"]]
        run_out = sum(row["letter_run_out"] for row in letters)
        rows += _stage(base, POCKET, [row["letter_days"] for row in letters], run_out)[:1]
    elif "pending" in counted:
        rows.append(
            base
            | _row(
                "pending",
                None,
                int(counted["pending"]["n"]),
                None,
                (),
            )
        )
    took = [
        row["workdays"]
        for row in store.ask("gate_took", basis=basis, node=node, from_month=month, to_month=month)
        if row["workdays"] is not None
    ]
    for end in ENDS:
        n = int(counted[end]["n"]) if end in counted else 0
        rows.append(base | _row(end, None, n, None, took if end == "completed" else ()))
    return rows


def _stage(base: dict[str, Any], stage: str, waits: list[int], overdue: int) -> Rows:
    """Give a stage's row and one for each wait."""
    rows = [base | _row(stage, None, len(waits), overdue, waits)]
    return rows + [base | _row(stage, str(day), waits.count(day), None, ()) for day in sorted(set(waits))]


def _row(
    status: str, waited: str | None, n: int, overdue: int | None, waits: Sequence[int]
) -> dict[str, Any]:
    return {
        "status": status,
        "waited": waited,
        "n": n,
        "overdue": overdue,
        "median": median_low(waits) if waits else None,
        "longest": max(waits) if waits else None,
    }


def overdue_by_holder(store: Asks, basis: str, node: str, month: str) -> Rows:
    """Count the steps held by each place directly below a node, most overdue first; the last month only."""
    months = store.ask("months")
    if not months or month != months[-1]["month"] or not store.ask("node", basis=basis, node=node):
        return []
    places = read_places(store, basis)
    place_of = places.cut(places.next_level(node), node)
    held: dict[str, list[dict[str, Any]]] = {}
    for row in store.ask("gate_held_steps", basis=basis, node=node):
        held.setdefault(place_of(row["holder_org_id"]), []).append(row)
    rows = [
        {
            "node_id": place,
            "level": places.level_of(place),
            "n": len(steps),
            "overdue": sum(step["overdue"] for step in steps),
            "longest": max(step["waited"] for step in steps),
        }
        for place, steps in held.items()
    ]
    return sorted(rows, key=lambda row: (-row["overdue"], -row["longest"], row["node_id"]))
