"""Steps of transfers: who held each, from when until when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indicators.warnings.columns import NEVER, Flags, Ints
from indicators.warnings.facts import Facts

PENDING = (
    "pending_application",
    "pending_from_branch",
    "pending_from_committee",
    "pending_to_committee",
    "pending_to_branch",
    "waiting_member",
)


@dataclass(frozen=True)
class Steps:
    """Hold steps as columns.

    ``org`` holds the step (-1 = somebody outside), ``entered`` and ``left`` are its days (``NEVER`` = still),
    ``applied`` the transfer's first day, ``letter_until`` the last day of a paper letter (``NEVER`` = none),
    ``waiting`` a letter in the member's hand, ``untimed`` a step whose time is the last update's.
    """

    org: Ints
    entered: Ints
    left: Ints
    applied: Ints
    letter_until: Ints
    waiting: Flags
    untimed: Flags


def steps_of(facts: Facts, letter_days: int, letter_most_days: int) -> Steps:
    """Lay out every step known on the day: from the events, else from the transfer's present state."""
    c = facts.columns
    among = c.column("transfer", "transfer_id")
    of = pc.fill_null(pc.index_in(c.column("transfer_event", "transfer_id"), value_set=among), -1)
    of = np.asarray(of.to_numpy(zero_copy_only=False)).astype(np.int64)
    told = np.isin(np.arange(len(among)), of)
    parts = [_from_events(facts, of), _from_state(facts, ~told)]
    transfer, org, entered, left, status, untimed = (
        np.concatenate([part[at] for part in parts]) for at in range(6)
    )
    known = entered <= facts.today
    transfer, org, entered = transfer[known], org[known], entered[known]
    left = np.where(left[known] <= facts.today, left[known], NEVER)
    valid = np.minimum(
        np.where((days := c.ints("transfer", "letter_valid_days")) > 0, days, letter_days), letter_most_days
    )
    issued = c.days("transfer", "letter_issued_on")
    letter = c.equal("transfer", "route", "letter") & (issued < NEVER)
    until = np.where(letter, issued + valid, NEVER)
    return Steps(
        org,
        entered,
        left,
        c.days("transfer", "applied_on")[transfer],
        until[transfer],
        status[known] == PENDING.index("waiting_member"),
        untimed[known].astype(np.bool_),
    )


def _from_events(facts: Facts, of: Ints) -> tuple[Ints, ...]:
    """Lay out the steps that events tell of; the next event of the same transfer ends a step."""
    c = facts.columns
    day, seq = c.days("transfer_event", "at"), c.ints("transfer_event", "seq")
    order = np.lexsort((seq, of))
    of, day = of[order], day[order]
    status = c.codes("transfer_event", "to_status", PENDING)[order]
    org = c.orgs("transfer_event", "org_id")[order]
    same = np.concatenate([of[1:] == of[:-1], [False]]) if len(of) else np.zeros(0, dtype=np.bool_)
    left = np.where(same, np.concatenate([day[1:], [NEVER]]) if len(of) else day, NEVER)
    pending = (status >= 0) & (of >= 0) & (day < NEVER)
    flags = np.zeros(len(of), dtype=np.int64)
    return of[pending], org[pending], day[pending], left[pending], status[pending], flags[pending]


def _from_state(facts: Facts, chosen: Flags) -> tuple[Ints, ...]:
    """Lay out the present step of transfers without events: sender's branch, its superior, and so on."""
    c = facts.columns
    status = c.codes("transfer", "status", PENDING)
    row = np.flatnonzero(chosen & (status >= 0))
    sender, receiver = c.orgs("transfer", "from_org_id"), c.orgs("transfer", "to_org_id")
    above = c.orgs("organisation", "parent_org_id")
    upper = np.where(sender >= 0, above[sender], -1), np.where(receiver >= 0, above[receiver], -1)
    holder = np.select(
        [status <= 1, status == 2, status == 3, status == 4], [sender, upper[0], upper[1], receiver], sender
    )
    entered = c.days("transfer", "step_entered_at")
    updated = c.days("transfer", "updated_at") if (entered[row] >= NEVER).any() else entered
    untimed = entered >= NEVER
    entered = np.where(untimed, updated, entered)
    left = np.full(len(row), NEVER, dtype=np.int64)
    return row, holder[row], entered[row], left, status[row], untimed[row].astype(np.int64)


def transfers_of(facts: Facts) -> pa.Array:
    """Return the ids of all transfers, in the order of the rows."""
    return facts.columns.column("transfer", "transfer_id")
