"""Fetch the wheels of a lock for the image's python, not this machine's: fetch.py LOCK VERSION FOLDER.

pip reads the conditions of a lock ("only below 3.12") as of the python it runs in, so they are settled here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement  # what pip itself reads conditions with


def settled(lock: str, version: str) -> str:
    """Return the entries of a lock that hold for a version such as '3.11', without their conditions."""
    kept = []
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        name, _, hashes = entry.partition("\\\n")
        wanted = Requirement(name.strip())
        here = {"python_version": version, "python_full_version": f"{version}.0"}
        if wanted.marker is None or wanted.marker.evaluate(here):
            kept.append(f"{wanted.name}{wanted.specifier} \\\n{hashes}")
    return "\n".join(kept) + "\n"


def main() -> int:
    """Download into FOLDER; return pip's exit code."""
    lock, version, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        entries = Path(place) / "requirements.txt"
        entries.write_text(settled(Path(lock).read_text("utf-8"), version), "utf-8")
        command = [sys.executable, "-m", "pip", "download", "-q", "--python-version", version, "--no-deps"]
        options = ["--only-binary", ":all:", "--require-hashes", "-r", str(entries), "-d", folder]
        return subprocess.run([*command, *options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
