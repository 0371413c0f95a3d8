"""Measure the intake of sign-ins: fifty a second, each posted alone as a reader does, into a served store.

    .venv/bin/python tests/bench_swipes.py http://127.0.0.1:8050 DATA_FOLDER [SECONDS]

The sign-ins are new ones of real members, so use a copy of a data folder. Prints how long a reader waits.
"""

from __future__ import annotations

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from dashboard.deployment import chosen
from dashboard.readers import make_token
from dashboard.replay import post
from stores.desk import open_desk
from stores.store import Store, store_for_reading

RATE = 50


def fresh(store: Store, count: int) -> list[dict[str, str]]:
    """Return sign-ins that nobody made: members of a branch who missed its latest activities."""
    signed = store.known("attendance", ["activity_id", "member_pid"]).to_pydict()
    known = set(zip(signed["activity_id"], signed["member_pid"], strict=True))
    members: dict[str, list[str]] = {}
    for row in store.known("member", ["member_pid", "branch_id"]).to_pylist():
        members.setdefault(row["branch_id"], []).append(row["member_pid"])
    held = store.known("activity", ["activity_id", "org_id", "start_at"]).sort_by(
        [("start_at", "descending")]
    )
    found = (
        {"activity": row["activity_id"], "pseudonym": pid, "at": row["start_at"].isoformat()}
        for row in held.to_pylist()
        if row["start_at"]
        for pid in members.get(row["org_id"], [])
        if (row["activity_id"], pid) not in known
    )
    return list(islice(found, count))


def main(url: str, data: str, seconds: int = 20) -> None:
    """Post at a steady rate and print what a reader waits."""
    settings = chosen(data=data)
    with store_for_reading(settings.store.url, settings) as store:
        swipes = fresh(store, RATE * seconds)
    token = make_token(open_desk(settings), "bench")
    start, took = time.monotonic(), []

    def send(index: int) -> None:
        time.sleep(max(0.0, start + index / RATE - time.monotonic()))
        before = time.monotonic()
        told = post(url, token, [swipes[index]])
        assert told["taken"] == 1, told
        took.append(time.monotonic() - before)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(send, range(len(swipes))))
    spent, worst = time.monotonic() - start, max(took)
    middle, late = statistics.median(took), sorted(took)[int(0.99 * len(took))]
    print(f"{len(swipes)} sign-ins in {spent:.1f} s = {len(swipes) / spent:.0f}/s")
    print(f"wait: median {1000 * middle:.0f} ms, 99 % {1000 * late:.0f} ms, worst {1000 * worst:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2])), *map(int, sys.argv[3:4]))
