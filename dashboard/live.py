"""Live push: small messages from one hub to every open wall, as server-sent events.

A message says that something changed and never carries what the gate would have to publish: the page asks
again. Each stream holds one of the server's threads, so the number of streams is bounded below theirs; who
finds no room asks /healthz now and then instead.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Condition, Thread
from typing import Any, Final, Protocol

from flask import Blueprint, Response, request

from dashboard.errors import RefusedError
from dashboard.sessions import VISITOR, current_mode, current_scope
from stores.errors import StoreError

THREADS_VARIABLE: Final = "EJIA_THREADS"
STOPPING_VARIABLE: Final = "EJIA_STOPPING"  # path of a file that appears when the server is to end
LOOK: Final = 0.2  # seconds between two looks for it
PATIENCE: Final = 1.0  # seconds a page waits for a place that a page that has gone still holds
BEAT: Final = 4.0  # seconds between signs of life; a page without one for twice as long says so
LONGEST: Final = 600.0  # seconds a stream lasts; then the browser opens another with its session of that time
RETRY: Final = 1000  # milliseconds until a browser tries again
KEPT: Final = 512  # messages a page may be behind before it has to ask for everything
VERSION_GAP: Final = 5.0  # seconds between two messages of a new version; a busy day would repaint all day
_log = logging.getLogger(__name__)


class Versioned(Protocol):
    """What the hub watches: a store."""

    @property
    def version(self) -> int:
        """Return a number that grows with every change."""
        ...

    def wait(self, seen: int, timeout: float) -> int:
        """Block until the version differs from ``seen`` or the time is over; return the present version."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message: for one wall or for all, and by mode where modes may not see the same."""

    number: int
    event: str
    data: Mapping[str, Any] | None
    by_mode: Mapping[str, Any] | None
    wall: str | None

    def to(self, mode: str, wall: str | None) -> Any:
        """Return what this mode at this wall is told; None for nothing."""
        if self.wall is not None and self.wall != wall:
            return None
        return self.data if self.by_mode is None else self.by_mode.get(mode)


class Hub:
    """Number messages and keep the last ones, so that a page that was away misses none. Any thread may call.

    Args:
        kept: messages that are kept.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.boot = secrets.token_hex(4)
        self.well = True
        self.closed = False
        self.version = 0
        self.knocks = 0
        self._ring: deque[Message] = deque(maxlen=kept)
        self._last = 0
        self._bell = Condition()

    @property
    def last(self) -> int:
        """Return the number of the latest message, 0 before the first."""
        return self._last

    def publish(
        self,
        event: str,
        data: Mapping[str, Any] | None = None,
        *,
        by_mode: Mapping[str, Any] | None = None,
        wall: str | None = None,
    ) -> int:
        """Tell every open stream; return the message's number.

        Args:
            event: what kind of news, a name the page listens to.
            data: what all are told; aggregates and commands only.
            by_mode: what each mode is told instead; a mode that is absent is told nothing.
            wall: the only wall that is told; None = all.
        """
        with self._bell:
            self._last += 1
            self._ring.append(Message(self._last, event, data, by_mode, wall))
            self._bell.notify_all()
            return self._last

    def knock(self) -> None:
        """Ask every open stream for a sign of life now: writing it shows which page has gone."""
        with self._bell:
            self.knocks += 1
            self._bell.notify_all()

    def after(self, seen: int, timeout: float, knocks: int | None = None) -> list[Message]:
        """Return the messages after ``seen``, waiting for one at most ``timeout`` seconds.

        Args:
            seen: number of the last message that was had.
            timeout: seconds.
            knocks: knocks that were heard; another one ends the waiting, None = none does.
        """

        def rings() -> bool:
            return self._last > seen or self.closed or (knocks is not None and self.knocks != knocks)

        with self._bell:
            self._bell.wait_for(rings, max(0.0, timeout))
            return [message for message in self._ring if message.number > seen]

    def reaches(self, seen: int) -> bool:
        """Tell whether every message after ``seen`` is still kept."""
        with self._bell:
            return 0 <= seen <= self._last and (not self._ring or seen >= self._ring[0].number - 1)

    def close(self) -> None:
        """End every stream, so that a server that is told to end need not wait for its pages."""
        with self._bell:
            self.closed = True
            self._bell.notify_all()

    def close_when_told(self, file: str) -> None:
        """Close once a file is there, from a thread of its own; without a name, never."""
        if file:
            Thread(target=self._close_at, args=(file,), name="closing", daemon=True).start()

    def _close_at(self, file: str) -> None:
        while not Path(file).exists():
            time.sleep(LOOK)
        self.close()

    def watch(self, store: Versioned, gap: float = VERSION_GAP) -> Thread:
        """Tell new versions of a store from now on, from one thread that lives as long as the process."""
        thread = Thread(target=self._watch, args=(store, gap), name="live", daemon=True)
        self.version = store.version
        thread.start()
        return thread

    def _watch(self, store: Versioned, gap: float) -> None:
        while True:
            try:
                now = store.wait(self.version, BEAT)
                self.well = True
            except StoreError as error:
                if self.well:
                    _log.warning("the store does not answer: %s", error)
                self.well = False
                time.sleep(1)
                continue
            if now != self.version:
                self.version = now
                self.publish("version", {"version": now})
                time.sleep(gap)


class Streams:
    """Count open streams and refuse one too many.

    Args:
        most: streams at a time.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._open = 0
        self._lock = Condition()
        self._waiting = BoundedSemaphore(max(1, most // 4))

    @property
    def open(self) -> int:
        """Return how many are open."""
        return self._open

    def enter(self) -> bool:
        """Take a place; tell whether there was one."""
        with self._lock:
            if self._open >= self.most:
                return False
            self._open += 1
            return True

    def enter_after(self, knock: Callable[[], None], patience: float = PATIENCE) -> bool:
        """Take a place; when all are taken, knock and wait for one. Tell whether there was one.

        A page that has gone is met only when something is written to it. Who waits holds a thread: few may.

        Args:
            knock: has every stream write something.
            patience: seconds to wait.
        """
        if self.enter():
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            knock()
            with self._lock:
                self._lock.wait_for(lambda: self._open < self.most, patience)
            return self.enter()
        finally:
            self._waiting.release()

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            self._open -= 1
            self._lock.notify_all()


def bounded(threads: int) -> int:
    """Return how many streams a server of so many threads may keep open: half, at least one."""
    return max(1, threads // 2)


class Stream:
    """Write a stream's messages one by one; closing it, even before the first, gives its place back."""

    def __init__(self, hub: Hub, streams: Streams, mode: str, wall: str | None, seen: int) -> None:
        self._hub, self._streams, self._mode, self._wall, self._seen = hub, streams, mode, wall, seen
        self._ends = time.monotonic() + LONGEST
        self._knocks = hub.knocks
        self._waiting: deque[str] = deque([f"retry: {RETRY}\n\n" + self._state("hello")])
        self._closed = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next message, or a sign of life after ``BEAT`` seconds without one."""
        if self._closed or self._hub.closed or time.monotonic() > self._ends:
            self.close()
            raise StopIteration
        if not self._waiting:
            self._fetch()
        if not self._waiting:
            self.close()
            raise StopIteration
        return self._waiting.popleft()

    def _fetch(self) -> None:
        """Wait for messages; those of other walls pass unseen."""
        until = time.monotonic() + BEAT
        while not self._waiting and not self._hub.closed:
            for message in self._hub.after(self._seen, until - time.monotonic(), self._knocks):
                self._seen = message.number
                told = message.to(self._mode, self._wall)
                if told is not None:
                    self._waiting.append(self._event(message.event, told))
            knocked, self._knocks = self._knocks != self._hub.knocks, self._hub.knocks
            if not self._waiting and not self._hub.closed and (knocked or time.monotonic() >= until):
                self._waiting.append(self._state("beat"))

    def _event(self, event: str, data: Any) -> str:
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return f"id: {self._hub.boot}-{self._seen}\nevent: {event}\ndata: {body}\n\n"

    def _state(self, event: str) -> str:
        """Say how things stand: the store's version, and whether it answers."""
        hub = self._hub
        return self._event(event, {"version": hub.version, "well": hub.well, "mode": self._mode})

    def close(self) -> None:
        """Give the place back, once."""
        if not self._closed:
            self._closed = True
            self._streams.leave()


def heard_mode(district: str) -> str:
    """Return the mode in which the present request may hear figures of the whole district.

    Who stands for a part of it hears what visitors hear.
    """
    scope = current_scope()
    everywhere = scope is None or any(node == district for _, node in scope.places)
    return current_mode() if everywhere else VISITOR


def blueprint(
    hub: Hub, streams: Streams, who: Callable[[], str | None], mode: Callable[[], str] = current_mode
) -> Blueprint:
    """Return the route /events.

    Args:
        hub: tells the messages.
        streams: counts who listens.
        mode: tells in which mode who asks may hear figures.
        who: names the wall or tablet that asks, for the messages that are for it alone.
    """
    live = Blueprint("live", __name__)

    @live.get("/events")
    def events() -> Response:
        listener = who()
        if hub.closed or not streams.enter_after(hub.knock):
            raise RefusedError(503, "streams_full")
        seen = resumed(hub, request.headers.get("Last-Event-ID", ""))
        stream = Stream(hub, streams, mode(), listener, seen)
        response = Response(stream, mimetype="text/event-stream")
        response.call_on_close(stream.close)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"  # a proxy in between passes messages on at once
        return response

    return live


def resumed(hub: Hub, identity: str) -> int:
    """Return the number after which a stream goes on: the one a page saw last, where it is still known."""
    boot, _, number = identity.partition("-")
    known = boot == hub.boot and number.isascii() and number.isdecimal() and len(number) < 12
    return int(number) if known and hub.reaches(int(number)) else hub.last


def threads_of_server() -> int:
    """Return how many requests this server answers at a time, as `ejia serve` handed it over."""
    told = os.environ.get(THREADS_VARIABLE, "")
    return int(told) if told.isdecimal() and int(told) > 1 else 16
