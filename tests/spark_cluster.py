"""A real Spark cluster for the tests: a standalone master and two workers on loopback."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SMALL_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto"
LITTLE = {
    # A few hundred rows: what counts is how long it takes to compile and to plan.
    "spark.executor.memory": "512m",
    "spark.driver.memory": "512m",
    "spark.driver.extraJavaOptions": SMALL_JAVA,
    "spark.executor.extraJavaOptions": SMALL_JAVA,
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}


def home() -> Path:
    """Return where Spark stands; without Spark or Java the test fails."""
    found = importlib.util.find_spec("pyspark")
    if found is None or found.origin is None:
        pytest.fail("there is no pyspark; install it with: python3 -m bootstrap.spark")
    if shutil.which("java") is None:
        pytest.fail("there is no Java; install default-jre-headless")
    return Path(found.origin).parent


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(workers: int = 2, cores: int = 1, memory: str = "640m") -> Iterator[str]:
    """Start master and workers, give the master's address, and end them whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="ejia-spark-", dir="/tmp"))
    started: list[subprocess.Popen[bytes]] = []
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    try:
        started.append(_start(folder, "master", "master.Master", "--port", str(port)))
        _until(lambda: _listens(port), started, folder)
        for number in range(workers):
            words = ("--cores", str(cores), "--memory", memory, "--work-dir", str(folder / f"work{number}"))
            started.append(_start(folder, f"worker{number}", "worker.Worker", *words, address))
        logs = [folder / f"worker{number}.log" for number in range(workers)]
        _until(
            lambda: all("Successfully registered" in log.read_text("utf-8", "replace") for log in logs),
            started,
            folder,
        )
        yield address
    finally:
        for child in reversed(started):  # with the executors that a worker has begun
            _end(child)
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, name: str, role: str, *words: str) -> subprocess.Popen[bytes]:
    """Start a part of the cluster in a group of its own."""
    environment = {
        **os.environ,
        "SPARK_HOME": str(home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_JAVA_OPTS": SMALL_JAVA,
        "SPARK_DAEMON_MEMORY": "192m",
        "SPARK_LOCAL_DIRS": str(folder),
        "EJIA_TEST_SPARK": str(os.getpid()),
    }
    ports = ("--webui-port", "0", "--host", "127.0.0.1")
    lead = ("setpriv", "--pdeathsig", "KILL")  # ends with the tests, however they end
    command = [*lead, str(home() / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}", *ports, *words]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
        )


def _until(there: object, started: list[subprocess.Popen[bytes]], folder: Path) -> None:
    """Wait until something is so; fail with what the parts said when one of them has ended."""
    assert callable(there)
    until = time.monotonic() + 240  # on a machine with much else to do
    while not there():
        if time.monotonic() > until or any(child.poll() is not None for child in started):
            said = "\n".join(log.read_text("utf-8", "replace")[-800:] for log in folder.glob("*.log"))
            pytest.fail(f"the Spark cluster did not start:\n{said}")
        time.sleep(0.1)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5):
            return True
    except OSError:
        return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a part and wait for it; its executors are children of the worker's group or die with it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        try:
            child.wait(10)
            break
        except subprocess.TimeoutExpired:
            continue


def executors() -> list[int]:
    """Return the executors that this process's clusters run (Linux): children of our workers."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = command.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            ours = f"EJIA_TEST_SPARK={os.getpid()}".encode() in (command.parent / "environ").read_bytes()
        except OSError:
            continue
        if "CoarseGrainedExecutorBackend" in text and ours:
            found.append(int(command.parent.name))
    return found
