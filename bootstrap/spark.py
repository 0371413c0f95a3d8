"""Spark for those who need more than one machine, put into `.venv`: `python3 -m bootstrap.spark`.

On the index there is only its source, half a gigabyte of Java archives and Python without anything to
compile, so its lock stands by itself: every other package of this project is a wheel. What is fetched is
checked against the hash in the lock; it is packed by the locked setuptools that is in `.venv` already.
"""

from __future__ import annotations

import shutil
import sys

from bootstrap.base import PYTHON, ROOT, RUN_LOCK, SPARK_LOCK, SetupError, say
from bootstrap.environment import alone, fingerprint, locked_source, make_ready, run_pip, stamp_of

ROOM_NEEDED = 2_200_000_000  # bytes: the source, its wheel and what is unpacked, while all three are there


def provide_spark() -> None:
    """Install Spark into `.venv`, once.

    Raises:
        SetupError: no room, or pip's own refusal.
    """
    stamp = stamp_of(SPARK_LOCK)
    if stamp.is_file() and stamp.read_text() == fingerprint(SPARK_LOCK):
        return
    free = shutil.disk_usage(ROOT).free
    if free < ROOM_NEEDED:
        raise SetupError(
            f"{ROOT} has {free / 1e9:.1f} GB free; Spark needs {ROOM_NEEDED / 1e9:.1f} GB meanwhile"
        )
    with alone():
        say("Installing Spark (once; about a minute)")
        run_pip([PYTHON, "-m", "pip", "install", *locked_source(SPARK_LOCK, "pyspark")], SPARK_LOCK, {})
        stamp.write_text(fingerprint(SPARK_LOCK))


def main() -> int:
    """Set up `.venv` and Spark in it; 0 when both are there, 2 when something is in the way."""
    try:
        make_ready(RUN_LOCK)
        provide_spark()
    except SetupError as stopped:
        print(f"\nCannot go on: {stopped}", file=sys.stderr, flush=True)
        return 2
    say("Spark is there; it needs Java 17 or newer on this machine, on Debian: default-jre-headless")
    return 0


if __name__ == "__main__":
    sys.exit(main())
