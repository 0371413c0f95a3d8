"""A `.venv` in the checkout with every package of a lock in it, made once and then left alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from bootstrap.base import (
    CHECK_LOCK,
    PYTHON,
    ROOM_NEEDED,
    ROOT,
    RUN_LOCK,
    SETUP_LOCK,
    VENV,
    SetupError,
    pinned_packages,
    pip_version,
    say,
)
from bootstrap.first_pip import find_pip

LAUNCHER = """#!/bin/sh
# The console command `ejia`, wherever this folder stands.
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
exec "$here/python" -P -c 'from dashboard.commands import app; app(prog_name="ejia")' "$@"
"""


def make_ready(lock: Path) -> Path:
    """Return the python of `.venv`, with every package of `lock` in it; do nothing when that is so already.

    Raises:
        SetupError: no room, no right to write, no pip to be had, or pip's own refusal.
    """
    if stamp_of(lock).is_file() and stamp_of(lock).read_text() == fingerprint(lock) and PYTHON.exists():
        return PYTHON
    check_room()
    with alone():
        say(f"Setting up {VENV} (once; about a minute)")
        make_venv()
        unfinished().touch()
        install_pip()
        install(lock)
        link_checkout()
        unfinished().unlink()
        stamp_of(lock).write_text(fingerprint(lock))
        if lock == CHECK_LOCK:  # it holds the other lock's packages too
            stamp_of(RUN_LOCK).write_text(fingerprint(RUN_LOCK))
    return PYTHON


def stamp_of(lock: Path) -> Path:
    """Return the file that says which state of `lock` is installed."""
    return VENV / f"{lock.stem}.installed"


def unfinished() -> Path:
    """Return the file that stands in `.venv` while it is being filled."""
    return VENV / "unfinished"


def fingerprint(lock: Path) -> str:
    """Return a hash over what an installation depends on: the lock, this file and the interpreter."""
    parts = [lock.read_bytes(), Path(__file__).read_bytes(), os.fsencode(os.path.realpath(PYTHON))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def check_room() -> None:
    """Raise SetupError when the folder cannot be written or the disk is too full."""
    if not os.access(ROOT, os.W_OK):
        raise SetupError(
            f"This user may not write in {ROOT}, where .venv and data belong.\n"
            "Copy the folder to a place of your own, for example your home, and start it there."
        )
    free = shutil.disk_usage(ROOT).free
    if free < ROOM_NEEDED:
        raise SetupError(
            f"{ROOT} has {free / 1e9:.1f} GB free; the packages need {ROOM_NEEDED / 1e9:.1f} GB.\n"
            "Free some room there, or move the folder to a larger disk."
        )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the folder while setting up, so that two starts at once do not mix their packages."""
    if os.name == "nt":
        yield
        return
    import fcntl

    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is setting up this folder; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_venv() -> None:
    """Make `.venv` without pip, unless a finished one stands there whose python runs."""
    if (
        not unfinished().exists()
        and PYTHON.exists()
        and subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode == 0
    ):
        return
    try:
        import venv
    except ImportError as missing:
        raise SetupError(
            f"{sys.executable} has no module 'venv'.\nOn Debian: apt-get install python3 python3-venv"
        ) from missing
    venv.EnvBuilder(clear=VENV.exists(), symlinks=os.name != "nt").create(VENV)


def link_checkout() -> None:
    """Let `.venv` import the rooms from this checkout and give it the command `ejia`.

    The path is written relative to site-packages: plain ASCII, whatever the folder above is called.
    """
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run([PYTHON, "-c", code], capture_output=True, check=True, encoding="utf-8")
    site = Path(asked.stdout.strip())
    (site / "ejia.pth").write_text(os.path.relpath(ROOT, site) + "\n", encoding="ascii")
    launcher = PYTHON.parent / "ejia"
    launcher.write_text(LAUNCHER, encoding="ascii")
    launcher.chmod(0o755)


def install_pip() -> None:
    """Put the locked pip into `.venv`, fetched by the first pip that this machine has."""
    pinned = pinned_packages(SETUP_LOCK)["pip"][0]
    if pip_version([PYTHON, "-m", "pip"]) == pinned:
        return
    with tempfile.TemporaryDirectory(prefix="ejia-") as scratch:
        command, extra = find_pip(Path(scratch))
        run_pip([*command, "install", *locked(SETUP_LOCK)], SETUP_LOCK, extra)


def install(lock: Path) -> None:
    """Install what `lock` names, each file checked against its hash, wheels only: nothing is compiled."""
    run_pip([PYTHON, "-m", "pip", "install", *locked(lock)], lock, {})


def locked(lock: Path) -> list[str | Path]:
    """Return pip's options for a complete lock."""
    return ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", lock]


def locked_source(lock: Path, name: str) -> list[str | Path]:
    """Return pip's options for a lock in which one package comes as source, built by what `.venv` has."""
    return ["--no-deps", "--no-build-isolation", "--no-binary", name, "--require-hashes", "-r", lock]


def pip_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for pip: the user's settings, uv's names for an index understood as pip's own.

    Settings that would install elsewhere than into `.venv` are taken out.
    """
    environment = {**os.environ, **extra, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN"):
        if name not in extra:
            environment.pop(name, None)
    for theirs, ours in (
        ("UV_INDEX_URL", "PIP_INDEX_URL"),
        ("UV_DEFAULT_INDEX", "PIP_INDEX_URL"),
        ("UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
    ):
        if theirs in environment and ours not in os.environ:
            environment[ours] = environment[theirs]
    return environment


def run_pip(command: list[str | Path], lock: Path, extra: Mapping[str, str]) -> None:
    """Run pip with a counting line of progress.

    Raises:
        SetupError: pip failed; its last lines are in the text.
    """
    total = len(re.findall(r"^[a-z0-9].*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    last: deque[str] = deque(maxlen=12)
    count = 0
    with subprocess.Popen(
        command, cwd=ROOT, env=pip_environment(extra), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    ) as pip:  # fmt: skip
        assert pip.stdout is not None
        try:
            for line in pip.stdout:
                if not line.startswith("WARNING: Location"):
                    last.append(line.rstrip())
                if line.startswith("Collecting "):
                    count += 1
                    show_count(count, total, line.split()[1].partition("=")[0])
                elif line.startswith("Installing collected"):
                    show_count(total, total, "unpacking", ends=True)
        except KeyboardInterrupt:
            pip.kill()
            raise
    if pip.returncode:
        told = "\n".join(f"    {line}" for line in last)
        raise SetupError(
            f"pip could not install {lock.name}. It said:\n{told}\n"
            "If this machine reaches packages through a mirror, a proxy or a certificate of its own, set\n"
            "them for pip (PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT, or its configuration file) and start again."
        )


def show_count(count: int, total: int, name: str, ends: bool = False) -> None:
    """Show how far pip is: in place on a terminal, now and then in a log."""
    if sys.stdout.isatty():
        print(f"\r  packages {count}/{total}  {name:<32.32}", end="\n" if ends else "", flush=True)
    elif ends or count % 25 == 1:
        say(f"  packages {count}/{total}  {name}")
