"""What became of each duty of each branch in each month, as the last evaluation wrote it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from stores.desk import Writer
from stores.periods import month_key, month_number

NAMES: Final = (
    "member_meeting",
    "committee_meeting",
    "group_meeting",
    "lecture",
    "theme_day",
    "org_life_meeting",
    "appraisal",
    "heart_talk",
)
LETTERS: Final = {
    "h": "held",
    "u": "made_up",
    "l": "late",
    "m": "missed",
    "d": "not_due",
    "n": "not_applicable",
    "o": "no_data",
}
STATES: Final = tuple(LETTERS.values())
Found = Mapping[tuple[str, str], tuple[int, str]]


def read_states(store: Any, orgs: Iterable[str]) -> Found:
    """Return (organisation, institution) → (first month, letters) of some organisations."""
    wanted = set(orgs)
    rows = store.desk.read("select org_id, institution, first_month, states from duty_state")
    return {
        (row["org_id"], row["institution"]): (month_number(row["first_month"]), row["states"])
        for row in rows
        if row["org_id"] in wanted
    }


def state_at(found: Found, org: str, institution: str, month: int) -> str | None:
    """Return the state of a month; None = the organisation is no branch, or nothing is known of the month."""
    first, letters = found.get((org, institution), (0, ""))
    place = month - first
    return LETTERS[letters[place]] if 0 <= place < len(letters) else None


def put_states(writer: Writer, first_month: int, states: Mapping[tuple[str, str], str]) -> int:
    """Write what changed: (organisation, institution) → a letter a month; return how many rows."""
    first = month_key(first_month)
    rows = writer.run("select org_id, institution, first_month, states from duty_state")
    known = {(row["org_id"], row["institution"]): (row["first_month"], row["states"]) for row in rows}
    changed = [
        {"org": org, "institution": institution, "first": first, "letters": letters}
        for (org, institution), letters in states.items()
        if known.get((org, institution)) != (first, letters)
    ]
    writer.many(
        """insert into duty_state (org_id, institution, first_month, states)
        values ($org, $institution, $first, $letters)
        on conflict (org_id, institution) do update set first_month = excluded.first_month,
            states = excluded.states""",
        changed,
    )
    gone = [{"org": org, "institution": name} for org, name in known.keys() - states.keys()]
    writer.many("delete from duty_state where org_id = $org and institution = $institution", gone)
    return len(changed)
