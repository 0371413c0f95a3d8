"""Several processes serve one database: all hear of a change, and all outlive an outage of the database."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cluster
import pyarrow as pa
import pytest
import small_district
from engines import Engine

ROOT = Path(__file__).resolve().parent.parent
EJIA = [sys.executable, "-c", "from dashboard.commands import app; app(prog_name='ejia')"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mortal() -> Iterator[cluster.Cluster]:
    """Give a cluster that may be stopped."""
    made = cluster.Cluster()
    try:
        made.start()
        cluster.prepare(made.address)
        yield made
    finally:
        made.remove()


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, url: str, port: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run `ejia serve`, its words in said.txt of the folder, and end it with everything it started."""
    said = (folder / "said.txt").open("w")
    command = [*EJIA, "serve", "--store", url, "--data", str(folder), "--port", str(port), *words]
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=said,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield child
        child.send_signal(signal.SIGINT)
        child.wait(20)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        said.close()


def get(port: int, path: str) -> tuple[int, bytes]:
    """Ask a server on a connection of its own; (0, b'') where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def versions(port: int, times: int = 12) -> set[int]:
    """Ask for the store's version until every process has most likely been asked; None = not well."""
    found = set()
    for _ in range(times):
        status, body = get(port, "/healthz")
        found.add(json.loads(body)["version"] if status == 200 else -status)
    return found


def within(seconds: float, port: int, expected: set[int]) -> bool:
    """Tell whether all processes come to say the same in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if versions(port) == expected:
            return True
        time.sleep(0.1)
    return False


def test_two_processes_hear_of_a_change_and_outlive_an_outage(
    mortal: cluster.Cluster, tmp_path: Path
) -> None:
    engine = Engine("postgres", mortal.address)
    store = engine.loaded(small_district.tables())
    port = free_port()
    with serving(tmp_path, engine.urls[-1], port, "--workers", "2", "--threads", "4"):
        assert within(60, port, {1})
        rows = [{"activity_id": "A-O31001-2019-02", "member_pid": "x", "state": "valid"}]
        store.append_attendance(pa.Table.from_pylist(rows))
        assert within(10, port, {2})
        page = get(port, "/api/v1/places")
        assert page[0] == 200
        mortal.stop("immediate")
        assert within(10, port, {-503})
        began = time.monotonic()
        assert versions(port) == {-503}
        assert time.monotonic() - began < 10, "what is known to be away is not waited for"
        # The process that has answered remembers; which of the two is asked is chance.
        assert any(get(port, "/api/v1/places") == page for _ in range(24)), "the last state is kept"
        mortal.start()
        assert within(10, port, {2})
    said = (tmp_path / "said.txt").read_text()
    assert "store_down" in said or "does not answer" in said
    assert "Traceback" not in said, "an outage is told in sentences"
    engine.close()


def test_a_server_waits_for_its_database_and_says_so(mortal: cluster.Cluster, tmp_path: Path) -> None:
    engine = Engine("postgres", mortal.address)
    engine.loaded(small_district.tables())
    mortal.stop()
    port = free_port()
    try:
        with serving(tmp_path, engine.urls[-1], port):
            deadline = time.monotonic() + 20
            while "does not answer" not in (tmp_path / "said.txt").read_text():
                assert time.monotonic() < deadline, "it says what it waits for"
                time.sleep(0.1)
            mortal.start()
            assert within(60, port, {1})
    finally:
        if not mortal.executor.running():
            mortal.start()
    engine.close()


def test_an_embedded_store_has_one_process(tmp_path: Path) -> None:
    small_district.open_small(tmp_path).store.close()
    command = [*EJIA, "serve", "--data", str(tmp_path), "--workers", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "PostgreSQL" in done.stderr) == (2, True), done.stderr
