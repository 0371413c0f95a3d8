"""Spark as the runner of roll-ups: its SQL on a standalone cluster, Parquet in and out, no Python on workers.

The optional package ``pyspark`` and a Java of 17 or newer belong to the machine that gives the command;
workers need Spark alone. Facts and work folder must be seen by all of them under the same path.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stores.errors import StoreAddressError, StoreDownError, StoreError
from stores.spark_sql import spoken

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ADDRESS: Final = re.compile(r"spark://([\w.-]+:\d+(?:,[\w.-]+:\d+)*)")
PATIENCE: Final = 5.0  # seconds for a master to answer
WORKERS_WITHIN: Final = 180.0  # seconds for a first worker to come
_KINDS: Final = {
    "text": "string", "integer": "int", "bigint": "bigint", "double": "double", "boolean": "boolean",
    "date": "date", "timestamp": "timestamp_ntz", "blob": "binary",
}  # fmt: skip
_FIXED: Final = {
    # The texts are standard SQL: "x" is a name, a wrong cast is an error.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    # Times are local and without zone; nothing may move them.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.adaptive.enabled": "true",
    # A sorted column of ids is some fiftieth of its size in a file: by the files' size alone Spark would send
    # tables of millions of rows to every executor, and its driver would end for want of memory.
    "spark.sql.sources.fileCompressionFactor": "50",
    "spark.scheduler.mode": "FAIR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class SparkRunner:
    """Run texts on a Spark cluster; see ``shards.Runner``.

    Args:
        master: 'spark://host:port', several masters by commas.
        options: Spark's own settings over the fixed ones, such as spark.executor.memory.

    Raises:
        StoreAddressError: the address is none of a master, or pyspark or Java are missing.
        StoreDownError: no master answers, or none of its workers takes the work.
    """

    engine = "spark"

    def __init__(self, master: str, options: Mapping[str, str] | None = None) -> None:
        hosts = require(master)
        from pyspark.sql import SparkSession

        here = _here(hosts)
        if here:  # else Java asks what this machine's own name stands for, and not every network knows
            os.environ.setdefault("SPARK_LOCAL_IP", here["spark.driver.host"])
        with _plainly():
            builder = SparkSession.builder.master(master).appName("ejia roll-ups")
            for key, value in {**_FIXED, **here, **(options or {})}.items():
                builder = builder.config(key, value)
            self._spark: SparkSession = builder.getOrCreate()
        self._naming = threading.Lock()
        try:
            self._await_worker(master)
        except BaseException:
            self.close()
            raise

    def see(self, table: str, files: Sequence[Path], columns: Mapping[str, str] | None) -> None:
        """Let texts read files as a table; see ``Runner.see``."""
        with _plainly():
            self._read(files, columns).createOrReplaceTempView(table)

    def rows(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a text."""
        with _plainly():
            return [tuple(row) for row in self._spark.sql(spoken(sql), args=params or None).collect()]

    def write(self, sql: str, folder: Path) -> None:
        """Write what a text says."""
        with _plainly():
            self._spark.sql(spoken(sql)).write.parquet(str(folder))

    def count(self, sql: str, files: Sequence[Path], columns: Mapping[str, str], folder: Path) -> None:
        """Write what a text says of some files, as one file; from any thread."""
        name = f"attendance_{threading.get_ident()}"
        with _plainly():
            self._read(files, columns).createOrReplaceTempView(name)
            text = re.sub(r"\bfrom attendance\b", f"from {name}", spoken(sql))
            self._spark.sql(text).coalesce(1).write.parquet(str(folder))

    def close(self) -> None:
        """Give the cluster back."""
        self._spark.stop()

    def _read(self, files: Sequence[Path], columns: Mapping[str, str] | None) -> DataFrame:
        """Read files, by folder where all of it is meant."""
        schema = ", ".join(
            f"`{name}` {_KINDS[kind]}" for name, kind in (columns or {"nothing": "text"}).items()
        )
        if not files:
            return self._spark.createDataFrame([], schema)
        reader = self._spark.read if columns is None else self._spark.read.schema(schema)
        return reader.option("recursiveFileLookup", "true").parquet(*(str(file) for file in files))

    def _await_worker(self, master: str) -> None:
        """Wait for a worker; without one Spark would wait for ever.

        Raises:
            StoreDownError: none came.
        """
        executors = self._spark.sparkContext._jsc.sc()
        until = time.monotonic() + WORKERS_WITHIN
        while executors.getExecutorMemoryStatus().size() < 2:  # the first is the driver
            if time.monotonic() > until:
                raise StoreDownError(
                    f"no worker of {master} took the work within {WORKERS_WITHIN:.0f} s; "
                    "look whether workers are there and have cores and memory free"
                )
            time.sleep(0.1)


def require(master: str) -> list[tuple[str, int]]:
    """Check all that a Spark run needs before Java is started; return the masters.

    Raises:
        StoreAddressError: the address is none, or pyspark or Java are missing.
        StoreDownError: no master answers.
    """
    match = ADDRESS.fullmatch(master)
    if match is None:
        raise StoreAddressError(f"'{master}' is no engine; write duckdb, or spark://host:7077")
    if importlib.util.find_spec("pyspark") is None:
        raise StoreAddressError("Spark needs its package; install it with: python3 -m bootstrap.spark")
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        raise StoreAddressError(
            "Spark needs Java 17 or newer; on Debian: apt-get install default-jre-headless"
        )
    pairs = (one.rpartition(":") for one in match[1].split(","))
    hosts = [(host, int(port)) for host, _, port in pairs]
    if not any(_answers(host, port) for host, port in hosts):
        raise StoreDownError(f"no master answers at {master}; start it, or mend the address")
    return hosts


def _answers(host: str, port: int) -> bool:
    """Tell whether something listens there."""
    try:
        with socket.create_connection((host, port), PATIENCE):
            return True
    except (OSError, OverflowError):
        return False


def _here(hosts: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Name this machine as the cluster sees it: the address from which the master is reached."""
    for host, port in hosts:
        try:
            with socket.create_connection((host, port), PATIENCE) as found:
                own = found.getsockname()[0]
        except OSError:
            continue
        return {"spark.driver.host": own, "spark.driver.bindAddress": own}
    return {}


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn Spark's errors into the store's: their first line says what, the rest is Java's."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise StoreError(f"Spark: {lines[0][:300] if lines else type(error).__name__}") from error
