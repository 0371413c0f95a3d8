"""Post a day of the past to a running wall, as the readers did on that day, only faster."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dashboard.signins import MOST
from stores.errors import StoreError
from stores.store import Store

TICK: Final = 0.25  # seconds between two posts
COLUMNS: Final = ("activity_id", "member_pid", "at", "channel")

Swipes = list[dict[str, str]]


def swipes_of(store: Store, day: str) -> Swipes:
    """Return the sign-ins of a day 'YYYY-MM-DD' as a reader posts them, in the order in which they happened.

    Raises:
        ValueError: it is no day, or nobody signed in.
    """
    start = datetime.fromisoformat(day).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    rows = store.known("attendance", COLUMNS)
    low, high = (pa.scalar(moment, rows["at"].type) for moment in (start, start + timedelta(days=1)))
    rows = rows.filter(pc.and_(pc.greater_equal(rows["at"], low), pc.less(rows["at"], high))).sort_by("at")
    if not rows.num_rows:
        raise ValueError(f"nobody signed in on {day}")
    return [
        {
            "activity": row["activity_id"],
            "pseudonym": row["member_pid"],
            "at": row["at"].isoformat(),
            "channel": row["channel"] or "card",
        }
        for row in rows.to_pylist()
    ]


def ticks(swipes: Sequence[dict[str, str]], speed: float) -> Iterator[Swipes]:
    """Cut a day into posts of `TICK` seconds of real time at a speed; empty times are left out."""
    step = timedelta(seconds=TICK * speed)
    waiting: Swipes = []
    until: datetime | None = None
    for swipe in swipes:
        at = datetime.fromisoformat(swipe["at"])
        if until is None or at >= until or len(waiting) >= MOST:
            if waiting:
                yield waiting
            waiting, until = [], at + step
        waiting.append(swipe)
    if waiting:
        yield waiting


def post(url: str, token: str, swipes: Swipes) -> dict[str, Any]:
    """Post sign-ins to a wall; return its answer.

    Raises:
        StoreError: the wall refuses or does not answer.
    """
    request = urllib.request.Request(
        f"{url.rstrip('/')}/api/v1/swipes",
        json.dumps({"swipes": swipes}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except OSError as error:
        raise StoreError(f"{url} did not take the sign-ins: {error}") from error


def run(
    url: str, token: str, swipes: Swipes, speed: float, progress: Callable[[str, int, int], None]
) -> tuple[int, int]:
    """Post a day at a speed; return (taken, refused)."""
    taken = refused = done = 0
    due = time.monotonic()
    for batch in ticks(swipes, speed):
        told = post(url, token, batch)
        taken, refused, done = taken + told["taken"], refused + len(told["refused"]), done + len(batch)
        progress(batch[-1]["at"][11:16], done, len(swipes))
        due = max(due + TICK, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))
    return taken, refused
