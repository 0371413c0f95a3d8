"""Whoever waits for a store's next version is woken by the change, not by the clock."""

from __future__ import annotations

import threading

import pyarrow as pa

from stores.bell import Bell
from stores.desk import SqliteDesk
from stores.duckdb import DuckStore
from stores.settings import Settings
from stores.whole import WholeStore

SWIPE = pa.table({"activity_id": ["A"], "member_pid": ["m"], "state": ["valid"]})


def woken_by(store: WholeStore | DuckStore, act: threading.Timer) -> int:
    """Wait for the next version while an act is under way; return it."""
    act.start()
    version = store.wait(store.version, 20)
    act.join()
    return version


def test_a_change_of_facts_wakes_and_the_end_of_time_does_too() -> None:
    store = DuckStore(None, Settings())
    assert store.wait(store.version, 0.01) == store.version
    assert store.wait(store.version + 1, 20) == store.version
    version = woken_by(store, threading.Timer(0.05, store.append_attendance, [SWIPE]))
    assert version == 1 == store.version
    store.close()


def test_facts_and_records_both_wake_whoever_waits_for_the_whole() -> None:
    whole = WholeStore(DuckStore(None, Settings()), SqliteDesk(None))
    assert woken_by(whole, threading.Timer(0.05, whole.append_attendance, [SWIPE])) == 1

    def write() -> None:
        with whole.desk.writing():
            pass

    assert woken_by(whole, threading.Timer(0.05, write)) == 2
    whole.close()


def test_every_waiter_is_woken_by_a_linked_bell() -> None:
    near, far = Bell(), Bell()
    near.link(far)
    state, woken = [0], []
    waiters = [
        threading.Thread(target=lambda: woken.append(far.wait(lambda: state[0], 0, 20))) for _ in range(3)
    ]
    for waiter in waiters:
        waiter.start()
    state[0] = 7
    near.ring()
    for waiter in waiters:
        waiter.join()
    assert woken == [7, 7, 7]
