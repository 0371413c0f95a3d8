"""A bell that rings when a store's version changes, so that nobody has to ask again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition
from typing import Final

LOOK_SECONDS: Final = 0.5
"""How often to look for oneself: what another process does to a file rings no bell here."""


class Bell:
    """Wake the threads that wait for a change. Any thread may ring and wait."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._rung = 0
        self._linked: list[Bell] = []

    def link(self, other: Bell) -> None:
        """Let another bell ring whenever this one does."""
        self._linked.append(other)

    def ring(self) -> None:
        """Wake everybody who waits here or at a linked bell."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()
        for other in self._linked:
            other.ring()

    def wait(self, version: Callable[[], int], seen: int, timeout: float) -> int:
        """Block until ``version()`` differs from ``seen`` or ``timeout`` seconds are over; return it."""
        deadline = time.monotonic() + timeout
        while True:
            rung = self._rung
            now = version()  # without the lock: it may itself wait for somebody who rings
            left = deadline - time.monotonic()
            if now != seen or left <= 0:
                return now
            with self._condition:
                if self._rung == rung:
                    self._condition.wait(min(left, LOOK_SECONDS))
