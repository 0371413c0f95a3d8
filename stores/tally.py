"""How many rows left the gate for one request, how many of their cells hidden: for the access log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from stores.figure import Figure


@dataclass
class Tally:
    """Hold the count of rows and of hidden cells."""

    rows: int = 0
    hidden: int = 0

    def add(self, other: Tally) -> None:
        """Add another count to this one."""
        self.rows += other.rows
        self.hidden += other.hidden


_open: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tallied() -> Iterator[Tally]:
    """Count what leaves the gate inside this block; an outer block counts it too."""
    outer, own = _open.get(), Tally()
    token = _open.set(own)
    try:
        yield own
    finally:
        _open.reset(token)
        if outer is not None:
            outer.add(own)


def start() -> Tally:
    """Count what leaves the gate from here on in this thread, until ``stop``; a request counts this way."""
    own = Tally()
    _open.set(own)
    return own


def stop() -> None:
    """Stop counting in this thread."""
    _open.set(None)


def count(rows: Sequence[Mapping[str, Any]]) -> None:
    """Count published rows, where somebody counts."""
    own = _open.get()
    if own is not None:
        own.rows += len(rows)
        own.hidden += sum(_is_hidden(value) for row in rows for value in row.values())


def count_again(known: Tally) -> None:
    """Count what an answer given before held, where somebody counts."""
    own = _open.get()
    if own is not None:
        own.add(known)


def _is_hidden(value: Any) -> bool:
    return isinstance(value, Figure) and value.state == "hidden"
