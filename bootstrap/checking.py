"""What `check.py` does: every check with its real parts, all of them run, one summary at the end."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap.base import CHECK_LOCK, PYTHON, ROOT, SetupError, say
from bootstrap.environment import make_ready
from bootstrap.spark import provide_spark

LIMIT = 3600.0  # seconds for one check: a test that hangs must not hold everything for ever
NO_TESTS = 5  # pytest's exit code when nothing was selected


@dataclass(frozen=True)
class Part:
    """Something real that the tests need, by its Debian package."""

    package: str
    there: Callable[[], bool]


@dataclass(frozen=True)
class Result:
    """How one check ended."""

    name: str
    code: int
    seconds: float
    closing: str = ""

    def line(self) -> str:
        """Return the summary's line."""
        word = "passed" if self.code == 0 else f"FAILED ({self.code})"
        return f"  {self.name:<22}{word:<12}{self.seconds:6.1f} s  {self.closing}"


PARTS = (
    Part("chromium", lambda: shutil.which("chromium") is not None),
    Part("fonts-noto-cjk", lambda: any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))),
    Part("default-jre-headless", lambda: shutil.which("java") is not None),
    Part("buildah", lambda: shutil.which("buildah") is not None),
    # Debian 13's buildah starts only with it.
    Part("netavark", lambda: Path("/usr/lib/podman/netavark").exists()),
    Part("debootstrap", lambda: shutil.which("debootstrap") is not None),
    Part("libatomic1", lambda: any(Path("/usr/lib").glob("*/libatomic.so.1"))),
    # The release's own version of the server, whatever its number; the extension's scripts come by themselves
    # only where recommendations are installed.
    Part("postgresql", lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    Part("postgresql-postgis", lambda: any(Path("/usr/lib/postgresql").glob("*/lib/postgis-3.so"))),
    Part(
        "postgresql-postgis-scripts",
        lambda: any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")),
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run every check, whatever an earlier one said.

    Returns:
        0 when all passed, 1 when one failed, 2 when the set-up cannot go on, 130 when interrupted.
    """
    options = parser().parse_args(arguments)
    try:
        provide_parts()
        make_ready(CHECK_LOCK)
        provide_spark()
        results = [] if options.k else code_checks()
        results += tests(options)
    except SetupError as stopped:
        print(f"\nCannot go on: {stopped}", file=sys.stderr, flush=True)
        return 2
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    summarise(results)
    return 1 if any(result.code for result in results) else 0


def parser() -> argparse.ArgumentParser:
    """Return the options; none is needed."""
    made = argparse.ArgumentParser(
        prog="check.py", description="Install what the tests need and run every check."
    )
    made.add_argument(
        "-k", metavar="WORDS", help="only the tests whose names match, as pytest understands it"
    )
    made.add_argument("--fast", action="store_true", help="without the tests marked slow, browser or alone")
    return made


# Real parts


def provide_parts() -> None:
    """Install what is missing, as root through apt-get.

    Raises:
        SetupError: a part is missing and cannot be installed here. Tests are never skipped for it.
    """
    missing = [part.package for part in PARTS if not part.there()]
    if not missing:
        return
    wanted = " ".join(missing)
    if os.name == "nt" or os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(
            f"The tests need {wanted}, and only root can install it.\n"
            f"On Debian: sudo apt-get install {wanted}\nThen start check.py again."
        )
    say(f"Installing {wanted}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        command = ["apt-get", "-qq", *step]
        done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-800:]
            raise SetupError(f"apt-get {step[0]} failed:\n{said}")
    if still := [part.package for part in PARTS if not part.there()]:
        raise SetupError(f"apt-get installed {' '.join(still)}, yet it is not where it belongs")


# Checks


def code_checks() -> list[Result]:
    """Check style, types and the order of the rooms."""
    return [
        run("style (ruff)", [PYTHON, "-m", "ruff", "check", "--quiet", "."]),
        run("types (mypy)", [PYTHON, "-m", "mypy", "--no-error-summary"]),
        run("rooms (import-linter)", [PYTHON.parent / "lint-imports", "--no-logo"]),
    ]


def tests(options: argparse.Namespace) -> list[Result]:
    """Run the tests on two workers, then those that measure time, each by itself."""
    together, by_itself = "not alone", "alone"
    if options.fast:
        together, by_itself = "not alone and not slow and not browser", ""
    words = ["-k", options.k] if options.k else []
    pytest: list[str | Path] = [PYTHON, "-m", "pytest", "-q", *words]
    first = run("tests", [*pytest, "-n", "2", "--dist", "loadfile", "-m", together], shown=True)
    if not by_itself:
        return [first]
    second = run("tests, whole start", [*pytest, "-m", by_itself], shown=True)
    results = [result for result in (first, second) if result.code != NO_TESTS]
    return results or [first]  # nothing at all was selected: that is a failure


def run(name: str, command: Sequence[str | Path], shown: bool = False) -> Result:
    """Run one check; show its output as it comes, or only when it fails."""
    say(f"\n== {name}")
    start = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace",
    ) as child:  # fmt: skip
        assert child.stdout is not None
        watch = threading.Timer(LIMIT, child.kill)
        watch.start()
        try:
            for line in child.stdout:
                lines.append(line)
                if shown:
                    print(line, end="", flush=True)
        except KeyboardInterrupt:
            child.terminate()
            raise
        finally:
            watch.cancel()
    if child.returncode and not shown:
        print("".join(lines), end="", flush=True)
    closing = closing_line(lines) if shown else ""
    return Result(name, child.returncode, time.monotonic() - start, closing)


def closing_line(lines: Sequence[str]) -> str:
    """Return pytest's last line of counts, without its frame, or nothing."""
    counts = re.compile(r"\b\d+ (passed|failed|errors?|skipped|deselected)\b.* in [\d.]+s")
    return next((line.strip().strip("= ") for line in reversed(lines) if counts.search(line)), "")


def summarise(results: Sequence[Result]) -> None:
    """Print one summary; it ends with pytest's own closing line."""
    say("\n== summary")
    for result in results:
        say(result.line())
    failed = [result.name for result in results if result.code]
    say(f"  Not passed: {', '.join(failed)}" if failed else "  All passed.")
    if closing := [result.closing for result in results if result.closing]:
        say(f"=== {closing[0]} ===")
