"""The intake of sign-ins: each one checked, many written at once, the new ones told to the walls."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from queue import SimpleQueue
from typing import Any, Final

import pyarrow as pa

from dashboard.live import Hub
from dashboard.pulses import RULES, Pulses, SignIn
from loaders.pseudonyms import Pseudonyms
from stores.errors import StoreError
from stores.store import Store

CHANNELS: Final = ("card", "qr", "app", "manual", "visit")
MOST: Final = 1000  # sign-ins a request
GATHER: Final = 0.1  # seconds in which requests join one write
BEFORE, AFTER = timedelta(minutes=60), timedelta(minutes=30)
"""A sign-in counts from an hour before an activity's start to half an hour after its end."""
SLACK: Final = timedelta(minutes=10)  # a reader's clock may be ahead by so much
RELOOK: Final = 30.0  # seconds until an unknown number makes the intake look into the store again
KEPT_ACTIVITIES: Final = 20_000
CHINA: Final = timezone(timedelta(hours=8))
_ID: Final = re.compile(r"[\w./:\-]{1,64}")
_PSEUDONYM: Final = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger(__name__)

Refusal = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Swipe:
    """Hold one checked sign-in: what is written, and where it stands on the map."""

    activity: str
    member: str
    at: datetime
    channel: str
    reader: str | None
    state: str
    seat: SignIn


@dataclass(slots=True)
class Job:
    """Hold the sign-ins of one request, and what became of them."""

    swipes: Sequence[Swipe]
    replay: bool
    done: threading.Event = field(default_factory=threading.Event)
    taken: int = 0
    known: int = 0
    failed: bool = False


class Book:
    """Know the activities, members and organisations that a sign-in may name, as of the last look.

    Args:
        store: of the facts.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked = float("-inf")
        self._lock = threading.Lock()
        self._activities: dict[str, tuple[str, datetime | None, datetime | None]] = {}
        self._members: dict[str, str] = {}
        self._above: dict[str, str | None] = {}
        self._regions: dict[str, str | None] = {}

    def has(self, activity: str, member: str) -> bool:
        """Tell whether both are known, looking again where the last look is old."""
        if activity in self._activities and member in self._members:
            return True
        with self._lock:
            if time.monotonic() - self._looked >= RELOOK:
                self._look()
        return activity in self._activities and member in self._members

    def _look(self) -> None:
        known = self._store.known
        activities = known("activity", ["activity_id", "org_id", "start_at", "end_at"]).to_pydict()
        rows = zip(activities["org_id"], activities["start_at"], activities["end_at"], strict=True)
        self._activities = dict(zip(activities["activity_id"], rows, strict=True))
        members = known("member", ["member_pid", "branch_id"]).to_pydict()
        self._members = dict(zip(members["member_pid"], members["branch_id"], strict=True))
        seats = known("organisation", ["org_id", "parent_org_id", "region_id"]).to_pydict()
        self._above = dict(zip(seats["org_id"], seats["parent_org_id"], strict=True))
        self._regions = dict(zip(seats["org_id"], seats["region_id"], strict=True))
        self._looked = time.monotonic()

    def state(self, activity: str, member: str, at: datetime) -> str:
        """Return 'valid', 'observer' for somebody of another organisation, 'rejected' outside the time."""
        organisation, start, end = self._activities[activity]
        if start is not None and not start - BEFORE <= at <= (end or start + timedelta(hours=3)) + AFTER:
            return "rejected"
        at_home = self._members[member]
        for _ in range(32):
            if at_home == organisation:
                return "valid"
            above = self._above.get(at_home)
            if not above:
                break
            at_home = above
        return "observer"

    def seat(self, activity: str, member: str, at: datetime) -> SignIn:
        """Return where a sign-in happened."""
        organisation = self._activities[activity][0]
        return SignIn(member, at, organisation, self._regions.get(organisation) or "")


class Intake:
    """Check sign-ins and write them from one thread.

    Args:
        store: takes them.
        hub: tells the walls.
        pseudonyms: turn members' numbers into what the store knows.
    """

    def __init__(self, store: Store, hub: Hub, pseudonyms: Pseudonyms) -> None:
        self._store, self._hub, self._pseudonyms = store, hub, pseudonyms
        self.book = Book(store)
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._signed: OrderedDict[str, set[str]] = OrderedDict()
        self._pulses = {mode: Pulses(rule) for mode, rule in RULES.items()}
        self._replayed = {mode: Pulses(rule) for mode, rule in RULES.items()}
        self._replay_at = datetime(1970, 1, 1)
        self._days: Counter[tuple[str, bool]] = Counter()
        self._worker: threading.Thread | None = None
        self._starting = threading.Lock()

    def take(self, given: Sequence[Any], reader: str, *, replay: bool, wait: float = 10.0) -> dict[str, Any]:
        """Check and write a request's sign-ins.

        Args:
            given: as they came, each a mapping with activity, member (or pseudonym), at, channel, reader.
            reader: who posts them; stands for a missing ``reader``.
            replay: show them and write nothing.
            wait: seconds the writer may take.

        Returns:
            taken and known (already signed in), both counts, and refused: {'index', 'why'} a wrong one.

        Raises:
            StoreError: the store did not take them; posting again is safe.
        """
        swipes, refused = self.checked(given, reader)
        job = Job(swipes, replay)
        if swipes:
            self._start()
            self._jobs.put(job)
            if not job.done.wait(wait) or job.failed:
                raise StoreError("the sign-ins were not written; post them again")
        return {"taken": job.taken, "known": job.known, "refused": refused}

    def checked(self, given: Sequence[Any], reader: str) -> tuple[list[Swipe], list[Refusal]]:
        """Part what can be written from what cannot, with the reason of each."""
        swipes: list[Swipe] = []
        refused: list[Refusal] = []
        for index, one in enumerate(given):
            try:
                swipes.append(self._swipe(one, reader))
            except ValueError as wrong:
                refused.append({"index": index, "why": str(wrong)})
        return swipes, refused

    def _swipe(self, one: Any, reader: str) -> Swipe:
        """Return a checked sign-in.

        Raises:
            ValueError: why it cannot be taken, in one word.
        """
        if not isinstance(one, Mapping):
            raise ValueError("form")
        activity, at = _id(one.get("activity"), "activity"), _time(one.get("at"))
        member = self._member(one)
        channel = one.get("channel", "card")
        if channel not in CHANNELS:
            raise ValueError("channel")
        device = _id(one.get("reader", reader), "reader")
        if not self.book.has(activity, member):
            raise ValueError("unknown")
        state = self.book.state(activity, member, at)
        return Swipe(activity, member, at, str(channel), device, state, self.book.seat(activity, member, at))

    def _member(self, one: Mapping[str, Any]) -> str:
        """Return the pseudonym of whoever signed in; the number itself is kept nowhere."""
        told = one.get("pseudonym")
        if isinstance(told, str) and _PSEUDONYM.fullmatch(told):
            return told
        return self._pseudonyms.of([_id(one.get("member"), "member")])[0]

    def _start(self) -> None:
        with self._starting:
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="sign-ins", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        """Write what waits, all of it at once, for as long as the process lives."""
        while True:
            jobs = [self._jobs.get()]
            time.sleep(GATHER)
            while not self._jobs.empty():
                jobs.append(self._jobs.get())
            try:
                self.write(jobs)
            except Exception:  # whatever it was, those who wait must hear of it
                _log.exception("sign-ins were not written")
                for job in jobs:
                    job.failed = True
            for job in jobs:
                job.done.set()

    def write(self, jobs: Sequence[Job]) -> None:
        """Write the new sign-ins of some requests in one go, and tell the walls."""
        fresh: list[Swipe] = []
        replayed: list[Swipe] = []
        for job in jobs:
            for swipe in job.swipes:
                new = job.replay or self._is_new(swipe)
                job.taken, job.known = job.taken + new, job.known + (not new)
                if new:
                    (replayed if job.replay else fresh).append(swipe)
        if fresh:
            self._append(fresh)
        self._tell(fresh, self._pulses, replay=False)
        self._rewind(replayed)
        self._tell(replayed, self._replayed, replay=True)

    def _rewind(self, replayed: Sequence[Swipe]) -> None:
        """Begin a replay anew when its clock goes back by more than its order may be muddled."""
        if not replayed:
            return
        if min(one.at for one in replayed) < self._replay_at - timedelta(minutes=30):
            self._replayed = {mode: Pulses(rule) for mode, rule in RULES.items()}
            for key in [key for key in self._days if key[1]]:
                del self._days[key]
        self._replay_at = max(one.at for one in replayed)

    def _append(self, fresh: Sequence[Swipe]) -> None:
        """Hand new sign-ins to the store; after a failure nothing is believed to be written."""
        names = {"activity_id": "activity", "member_pid": "member", "at": "at", "channel": "channel"}
        names |= {"reader_id": "reader", "state": "state"}
        rows = {column: [getattr(one, name) for one in fresh] for column, name in names.items()}
        kinds = {"at": pa.timestamp("us")}
        table = pa.table({name: pa.array(rows[name], kinds.get(name, pa.string())) for name in rows})
        try:
            self._store.append_attendance(table)
        except BaseException:
            self._signed.clear()
            raise

    def _is_new(self, swipe: Swipe) -> bool:
        """Tell whether nobody has written this sign-in yet, and remember it."""
        if swipe.activity not in self._signed:
            rows = self._store.ask("gate_signed", activity=swipe.activity)
            self._signed[swipe.activity] = {row["member_pid"] for row in rows}
            while len(self._signed) > KEPT_ACTIVITIES:
                self._signed.popitem(last=False)
        there = self._signed[swipe.activity]
        if swipe.member in there:
            return False
        there.add(swipe.member)
        return True

    def _tell(self, swipes: Sequence[Swipe], pulses: Mapping[str, Pulses], *, replay: bool) -> None:
        """Publish pulses by mode, and the whole district's count of the day, which is for everybody."""
        counted = [one for one in swipes if one.state in ("valid", "late")]
        if not counted:
            return
        day = max(one.at for one in counted).date().isoformat()
        for one in counted:
            self._days[one.at.date().isoformat(), replay] += 1
        for old in sorted(self._days)[:-8]:
            del self._days[old]
        told = {"day": day, "count": self._days[day, replay], "replay": replay}
        told["at"] = max(one.at for one in counted).strftime("%H:%M")
        seats = _seats(counted)
        self._hub.publish(
            "swipes", by_mode={mode: {**told, "pulses": each.add(seats)} for mode, each in pulses.items()}
        )


def _seats(swipes: Iterable[Swipe]) -> list[SignIn]:
    return [one.seat for one in swipes if one.seat.community]


def _id(value: Any, name: str) -> str:
    """Return an identifier of at most 64 letters, digits and ./:-_ .

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(name)
    return value


def _time(value: Any) -> datetime:
    """Return a time of day in China; a time without a zone is one there.

    Raises:
        ValueError: it is no ISO 8601 time, or lies in the future.
    """
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("at")
    try:
        at = datetime.fromisoformat(value)
        local = at.astimezone(CHINA).replace(tzinfo=None) if at.tzinfo else at
    except (ValueError, OverflowError):
        raise ValueError("at") from None
    if local.year < 1949 or local > datetime.now(UTC).astimezone(CHINA).replace(tzinfo=None) + SLACK:
        raise ValueError("at")
    return local
