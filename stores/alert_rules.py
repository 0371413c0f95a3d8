"""The life of a warning as pure rules: which step may follow which, and what each step asks for.

预警 → 提醒 → 督办 → 整改 → 销号. A warning opens, its organisation is notified, acknowledges, puts things
right by a promised day, and the warning is cleared; or it is waived with a reason, expires when the period is
past and the next one was met, is made up for, or is retracted because the facts were corrected. What is
closed stays closed: the same failing begun anew is a new warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from stores.errors import StoreError

OPEN: Final = ("open", "notified", "acknowledged", "rectifying")
CLOSED: Final = ("cleared", "waived", "expired", "made_up", "retracted")
STATES: Final = OPEN + CLOSED
SEVERITIES: Final = (1, 2, 3, 4)
"""1 提示 notice, 2 关注 watch, 3 预警 warning, 4 严重 serious."""
URGINGS: Final = ("remind", "urge", "talk", "visit", "notice")
SYSTEM: Final = "system"
"""The actor of steps that the evaluation takes by itself."""
LONGEST_TEXT: Final = 2000

_STAYS: Final = {state: state for state in OPEN}
_STEPS: Final[Mapping[str, Mapping[str, str]]] = {
    "notify": {**_STAYS, "open": "notified"},
    "urge": {**_STAYS, "open": "notified"},
    "acknowledge": {"open": "acknowledged", "notified": "acknowledged", "rectifying": "rectifying"},
    "assign": _STAYS,
    "note": _STAYS,
    "promise": {"acknowledged": "rectifying", "rectifying": "rectifying"},
    "reply": _STAYS,
    "escalate": _STAYS,
    "clear": dict.fromkeys(OPEN, "cleared"),
    "waive": dict.fromkeys(OPEN, "waived"),
    "expire": dict.fromkeys(OPEN, "expired"),
    "make_up": dict.fromkeys(OPEN, "made_up"),
    "retract": dict.fromkeys(OPEN, "retracted"),
}
VERBS: Final = tuple(_STEPS)
BY_HAND: Final = ("notify", "urge", "acknowledge", "assign", "note", "promise", "reply", "clear", "waive")
"""Steps that a person may take; the others are the evaluation's."""
_ASKS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "assign": (("value", "to whom the warning is assigned"),),
    "promise": (("value", "the promised day"),),
    "clear": (("evidence", "evidence, or what was verified"),),
    "waive": (("note", "a reason"), ("approver", "who approved it")),
    "note": (("note", "a text"),),
    "reply": (("note", "what the organisation replied"),),
}


class AlertError(StoreError):
    """Say in a sentence why a step is refused."""


def after(state: str, verb: str) -> str:
    """Return the state after a step.

    Raises:
        AlertError: there is no such step, or it may not follow this state.
    """
    if verb not in _STEPS:
        raise AlertError(f"there is no step '{verb}'; there are {', '.join(VERBS)}")
    if state in CLOSED:
        raise AlertError(f"the warning is closed ({state}); nothing more can be done to it")
    if state not in _STEPS[verb]:
        allowed = ", ".join(_STEPS[verb])
        raise AlertError(f"'{verb}' cannot follow '{state}'; it follows {allowed}")
    return _STEPS[verb][state]


def check(verb: str, given: Mapping[str, str | None], today: date) -> None:
    """Check what a step brings with it.

    Args:
        verb: the step.
        given: ``note``, ``evidence``, ``approver``, ``value``; missing or empty = not given.
        today: a promised day may not lie before it.

    Raises:
        AlertError: something the step asks for is missing, too long or impossible.
    """
    for name, what in _ASKS.get(verb, ()):
        if not (given.get(name) or "").strip():
            raise AlertError(f"'{verb}' asks for {what}")
    long = [name for name, text in given.items() if text and len(text) > LONGEST_TEXT]
    if long:
        raise AlertError(f"{', '.join(long)}: at most {LONGEST_TEXT} characters")
    if verb == "promise":
        promised_day(str(given["value"]), today)


def promised_day(text: str, today: date) -> date:
    """Read a promised day.

    Raises:
        AlertError: it is no day 'YYYY-MM-DD', or lies in the past or more than a year ahead.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise AlertError(f"'{text}' is no day; write YYYY-MM-DD") from None
    if day < today:
        raise AlertError(f"the promised day {day} lies before {today}")
    if (day - today).days > 366:
        raise AlertError(f"the promised day {day} lies more than a year ahead")
    return day


def check_urging(kind: str) -> None:
    """Check a kind of urging.

    Raises:
        AlertError: there is no such kind.
    """
    if kind not in URGINGS:
        raise AlertError(f"there is no urging '{kind}'; there are {', '.join(URGINGS)}")
