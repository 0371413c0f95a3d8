"""Write the texts that each engine is sent: `python tests/make_snapshots.py`, then read the difference."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from test_engines import SNAPSHOTS, whole  # noqa: E402 - the tests are no package

if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for engine in ("duckdb", "postgres"):
        (SNAPSHOTS / f"{engine}.sql").write_text(whole(engine), "utf-8")
