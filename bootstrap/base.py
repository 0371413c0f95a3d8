"""Where things stand in the checkout, how a step fails, and what a lock pins."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SETUP_LOCK = ROOT / "requirements-setup.txt"
RUN_LOCK = ROOT / "requirements.txt"
CHECK_LOCK = ROOT / "requirements-dev.txt"
SPARK_LOCK = ROOT / "requirements-spark.txt"
ROOM_NEEDED = 1_600_000_000  # bytes: the packages unpacked, and their wheels while they are unpacked


class SetupError(Exception):
    """A step that cannot go on; its text says what, where, and what to do next."""


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def pinned_packages(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Return name → (version, sha256 hashes) of a lock; of several versions the last is kept."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := re.match(r"([a-z0-9-]+)==([^ ;]+)", line):
            name = pin[1]
            found[name] = (pin[2], [])
        elif name and (hashed := re.search(r"sha256:([0-9a-f]{64})", line)):
            found[name][1].append(hashed[1])
    return found


def pip_version(command: list[str | Path]) -> str | None:
    """Return the version that a pip command answers with, or None when it is not there."""
    asked = subprocess.run([*command, "--version"], capture_output=True, check=False, encoding="utf-8")
    said = re.match(r"pip (\S+)", asked.stdout)
    return said[1] if asked.returncode == 0 and said else None
