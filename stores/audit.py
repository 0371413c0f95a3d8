"""What has to be answered for: acts and refusals in one log, who looked at what in another.

Neither log holds a member's person. Acts at the desk are written in the act's own transaction; refusals and
looks are queued and written together, so that a screen never waits for the disk.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from time import sleep
from typing import Any, Final

from stores.accounts import clock
from stores.desk import Desk, Row, Writer
from stores.errors import StoreError

KEPT_DAYS: Final = 366  # twelve months; the network-security law asks for six at least
_WAITING: Final = 5000
_GATHER_SECONDS: Final = 0.5
_PRUNE_EVERY: Final = timedelta(hours=6)
_ACT: Final = """
insert into audit (audit_id, at, account, role, action, target, outcome, detail)
values ($audit_id, $at, $account, $role, $action, $target, $outcome, $detail)"""
_LOOK: Final = """
insert into access_log
    (access_id, at, session_id, role, screen, region, indicator, filter, row_count, suppressed)
values
    ($access_id, $at, $session_id, $role, $screen, $region, $indicator, $filter, $row_count, $suppressed)"""
TABLES: Final = {"acts": "audit", "access": "access_log"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Act:
    """Hold one line of the audit log.

    Args:
        account: the account's name, None for a stranger.
        role: of the account, None for a stranger.
        action: what was tried, such as 'sign-in', 'mode', 'acknowledge', 'refused'.
        target: what it was tried on: an alert, an organisation, a path.
        outcome: 'done', 'refused' or 'failed'.
        detail: a few words more, without anybody's name or number.
    """

    account: str | None
    role: str | None
    action: str
    target: str | None
    outcome: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Hold one line of the access log: which session saw how many rows, and how many cells were hidden."""

    session_id: str
    role: str
    screen: str
    region: str | None
    indicator: str | None
    filter: str | None
    row_count: int
    suppressed: int


def write(writer: Writer, act: Act, at: datetime | None = None) -> None:
    """Write an act inside the transaction that does it: both are there, or neither is."""
    writer.run(_ACT, **_values(act, at or clock()))


def read(desk: Desk, table: str, since: str = "", until: str = "", most: int = 500) -> list[Row]:
    """Return the last lines of a log, oldest first.

    Args:
        desk: the records.
        table: 'acts' or 'access'.
        since, until: ISO times or days, both inclusive; empty = open.
        most: how many lines, counted from the end.

    Raises:
        StoreError: there is no such log.
    """
    if table not in TABLES:
        raise StoreError(f"there is no log '{table}'; there are {', '.join(TABLES)}")
    sql = f"select * from {TABLES[table]} where at >= $since and at <= $until order by at desc limit $most"
    end = f"{until}T23:59:59" if len(until) == 10 else until or "9999"
    return desk.read(sql, since=since, until=end, most=most)[::-1]


def prune(desk: Desk, now: datetime, kept_days: int = KEPT_DAYS) -> None:
    """Drop lines older than the retention."""
    before = (now - timedelta(days=kept_days)).isoformat()
    with desk.writing(shown=False) as writer:
        for table in TABLES.values():
            writer.run(f"delete from {table} where at < $before", before=before)


class Recorder:
    """Write refusals and looks from a thread of its own, many in one transaction.

    A flood cannot fill the memory: what does not fit the queue is counted and written as one line.
    """

    def __init__(self, desk: Desk, now: Callable[[], datetime] = clock, kept_days: int = KEPT_DAYS) -> None:
        self._desk, self._now, self._kept_days = desk, now, kept_days
        self._queue: Queue[tuple[str, dict[str, Any]]] = Queue(_WAITING)
        self._lost = 0
        self._pruned: datetime | None = None
        self._writing = Lock()
        self._waiting = Event()
        self._worker: Thread | None = None

    def act(self, act: Act) -> None:
        """Take a line of the audit log."""
        self._put(_ACT, _values(act, self._now()))

    def look(self, look: Look) -> None:
        """Take a line of the access log."""
        self._put(_LOOK, {"access_id": secrets.token_hex(8), "at": self._now().isoformat(), **asdict(look)})

    def flush(self) -> None:
        """Write everything that waits; a failing disk costs these lines and says so in the program's log."""
        with self._writing:
            lines = self._drained()
            if lost := self._lost:
                self._lost -= lost
                lines.append(
                    (_ACT, _values(Act(None, None, "log", None, "failed", f"{lost} lost"), self._now()))
                )
            if not lines:
                return
            try:
                with self._desk.writing(shown=False) as writer:
                    for sql, values in lines:
                        writer.run(sql, **values)
                self._prune()
            except StoreError as error:
                _log.error("%d lines of the audit log could not be written: %s", len(lines), error)

    def _drained(self) -> list[tuple[str, dict[str, Any]]]:
        lines = []
        while True:
            try:
                lines.append(self._queue.get_nowait())
            except Empty:
                return lines

    def _put(self, sql: str, values: dict[str, Any]) -> None:
        try:
            self._queue.put_nowait((sql, values))
        except Full:
            self._lost += 1
        self._waiting.set()
        if self._worker is None:
            self._worker = Thread(target=self._work, name="audit", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        """Write what comes, for as long as the process lives."""
        while True:
            self._waiting.wait()
            sleep(_GATHER_SECONDS)  # others may come meanwhile
            self._waiting.clear()
            self.flush()

    def _prune(self) -> None:
        now = self._now()
        if self._pruned is None or now - self._pruned >= _PRUNE_EVERY:
            self._pruned = now
            prune(self._desk, now, self._kept_days)


def _values(act: Act, at: datetime) -> dict[str, Any]:
    return {"audit_id": secrets.token_hex(8), "at": at.isoformat(timespec="seconds"), **asdict(act)}


def csv_rows(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """Return lines of a log for a CSV file, head first; nothing in a spreadsheet reads them as a formula."""
    kept = list(rows)
    if not kept:
        return []
    return [list(kept[0]), *([_cell(value) for value in row.values()] for row in kept)]


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
