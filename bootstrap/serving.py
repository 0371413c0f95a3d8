"""What `run.py` does: a store if there is none, a free port, a server, its address, a clean end."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.base import PYTHON, ROOT, RUN_LOCK, SetupError, say
from bootstrap.environment import make_ready

COMPLETE = ".complete"  # stands in a demo folder that was written to its end
HOST = "127.0.0.1"
FIRST_PORT = 8050
PORTS_TRIED = 50
PATIENCE = 90.0  # seconds until a server that does not answer is given up
DEFAULT_STORE = "duckdb:///data/ejia.duckdb"
DEPLOYMENT_VARIABLE = "EJIA_DISTRICT"  # names another deployment file, here as in the product


def main(arguments: Sequence[str]) -> int:
    """Set up and serve until Ctrl-C.

    Returns:
        0 after an orderly end, 2 for bad input or a set-up that cannot go on, 130 when interrupted on the
        way, or the exit code of the command that failed.
    """
    options = parser().parse_args(arguments)
    for name in (
        "SIGTERM",
        "SIGHUP",
    ):  # a stop from outside, a closed terminal: as Ctrl-C
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        port = free_port(options.port)
        make_ready(RUN_LOCK)
        where = whereabouts(options.store, options.data)
        provide_store(where)
        return serve(port, where, options.lang)
    except SetupError as stopped:
        print(f"\nCannot go on: {stopped}", file=sys.stderr, flush=True)
        return 2
    except subprocess.CalledProcessError as failed:
        print(f"\n'ejia {failed.cmd[1]}' ended with code {failed.returncode}.", file=sys.stderr, flush=True)
        return failed.returncode if failed.returncode > 0 else 1
    except KeyboardInterrupt:
        say("\nStopped. Start again to go on where it was left.")
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the options; each has a default, so that `python3 run.py` is enough."""
    made = argparse.ArgumentParser(
        prog="run.py",
        description="Serve the wall; on the first start also set up and build the demo district.",
    )
    made.add_argument(
        "--port", type=port_number, help=f"port to serve at (else {FIRST_PORT} or the next free one)"
    )
    made.add_argument("--store", metavar="URL", help="store to serve (else the one that district.toml names)")
    made.add_argument("--data", metavar="DIR", type=Path, help="folder of store, keys and caches (else data)")
    made.add_argument("--lang", choices=["zh", "en"], help="language in which the wall opens")
    return made


def port_number(text: str) -> int:
    """Return a port from the command line; argparse prints the error."""
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port; allowed are 1 to 65535, for example {FIRST_PORT}"
        )
    return int(text)


# The store


@dataclass(frozen=True)
class Whereabouts:
    """The data folder, the store's address, and its file when it is an embedded one."""

    data: Path
    url: str
    file: Path | None

    def options(self) -> list[str]:
        """Return the options that tell `ejia` so."""
        return ["--store", self.url, "--data", str(self.data)]


def whereabouts(url: str | None, data: Path | None) -> Whereabouts:
    """Say where the data are: what the command line names goes before the deployment file.

    A relative store starts in the data folder; when only the folder is named, it keeps its file name.
    Both come out absolute: `ejia` runs in another working folder.

    Raises:
        SetupError: the deployment file cannot be read.
    """
    deployment = Path(os.environ.get(DEPLOYMENT_VARIABLE) or ROOT / "district.toml").absolute()
    settings = deployed(deployment)
    folder = data.absolute() if data else deployment.parent / str(settings.get("data_dir", "data"))
    address = url or str(settings.get("store", {}).get("url", DEFAULT_STORE))
    scheme, _, rest = address.partition("://")
    if scheme != "duckdb" or rest in ("", "/", "/:memory:"):
        return Whereabouts(folder, address, None)
    path = Path(rest.removeprefix("/"))
    inside = data is not None and url is None and not path.is_absolute()
    if path.parts[0] == "data" and len(path.parts) > 1:
        path = path.relative_to("data")  # the data folder by its usual name
    file = folder / (path.name if inside else path)  # an absolute path stays as it is
    return Whereabouts(folder, f"duckdb:///{file}", file)


def deployed(file: Path) -> dict[str, Any]:
    """Return the deployment file's tables; none where there is no file."""
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SetupError(f"{file} is not readable TOML: {wrong}") from wrong


def provide_store(where: Whereabouts) -> None:
    """Write and load the demo district unless the store is there; a server's store is never filled by itself.

    Raises:
        SetupError: the data folder cannot be made.
        CalledProcessError: `ejia demo` or `ejia load` failed and has said why.
    """
    if where.file is None or where.file.exists():
        return
    try:
        where.data.mkdir(parents=True, exist_ok=True)
        where.file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise SetupError(
            f"The folder {where.data} cannot be made ({refused.strerror}). Name another: --data DIR"
        ) from refused
    folder = where.data / "demo"
    say(f"There is no store in {where.data} yet: building the demo district (a few minutes, once)")
    try:
        if not (folder / COMPLETE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            ejia("demo", str(folder))
            (folder / COMPLETE).touch()
        ejia("load", str(folder), *where.options())
    except BaseException:
        remove_store(where.file)  # it was not there before: a half-made one must not be served next time
        raise


def remove_store(file: Path) -> None:
    """Remove an embedded store and what its engine wrote beside it."""
    for path in (file, file.with_name(file.name + ".wal"), file.with_name(file.name + ".tmp")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def ejia(*arguments: str) -> None:
    """Run one `ejia` command to its end, on this terminal.

    Raises:
        CalledProcessError: it failed. Exit code 1 of `load` (done, with rejects) is no failure.
    """
    command = [str(PYTHON.parent / "ejia"), *arguments]
    with started(command) as child:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            end(child)
            raise
    if code and not (arguments[0] == "load" and code == 1):
        raise subprocess.CalledProcessError(code, command)


# The server


def free_port(wanted: int | None) -> int:
    """Return the port that was asked for, or the first free one from 8050.

    Raises:
        SetupError: the wanted port is taken, or all that are tried.
    """
    if wanted is not None:
        if is_free(wanted):
            return wanted
        raise SetupError(f"Port {wanted} is taken or not allowed. Name another, or leave out --port.")
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(port):
            if port != FIRST_PORT:
                say(f"Port {FIRST_PORT} is busy; taking {port}")
            return port
    last = FIRST_PORT + PORTS_TRIED - 1
    raise SetupError(f"Ports {FIRST_PORT} to {last} are all busy. Name a free one: --port N")


def is_free(port: int) -> bool:
    """Say whether a server could listen at a port of this machine now."""
    with socket.socket() as probe:
        if os.name != "nt":  # there the option means the opposite
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def serve(port: int, where: Whereabouts, language: str | None) -> int:
    """Serve until Ctrl-C; print the address as soon as the server answers."""
    command = [str(PYTHON.parent / "ejia"), "serve", "--port", str(port), *where.options()]
    with started(command) as child:
        try:
            if not answers(port, child):
                return give_up(child, port)
            query = f"?lang={language}" if language else ""
            say(f"\n  The wall: http://{HOST}:{port}/{query}\n  Ctrl-C ends it.\n")
            return abs(child.wait())
        except KeyboardInterrupt:
            end(child)
            say("\nStopped.")
            return 0


def answers(port: int, child: subprocess.Popen[bytes]) -> bool:
    """Wait until the server says that it is well; False when it ended or patience did."""
    deadline = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            pass  # not listening yet
        finally:
            connection.close()
        time.sleep(0.1)
    return False


def give_up(child: subprocess.Popen[bytes], port: int) -> int:
    """End a server that never answered and say so; return the exit code."""
    if child.poll() is None:
        end(child)
        print(
            f"The server did not answer at port {port} within {PATIENCE:.0f} s.", file=sys.stderr, flush=True
        )
        return 1
    print("The server ended before it answered; its own words stand above.", file=sys.stderr, flush=True)
    return abs(child.returncode) or 1


def started(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command as a group of its own, so that it can be ended with all that it starts itself."""
    return subprocess.Popen(command, cwd=ROOT, process_group=None if os.name == "nt" else 0)


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child and its own children: it is asked alone, then all of them are, at last they are made to.

    Alone first, because the server's worker may miss its stop when the signal comes from two sides at once.
    """
    steps: tuple[tuple[Callable[[], None], float | None], ...] = (
        (lambda: child.send_signal(signal.SIGINT), 5.0),
        (lambda: tell(child, "SIGTERM"), 3.0),
        (lambda: tell(child, "SIGKILL"), None),
    )
    for ask, patience in steps:
        ask()
        try:
            child.wait(patience)
            break
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue  # a second Ctrl-C hurries to the next step
    tell(child, "SIGKILL")  # whatever of its group outlived it


def tell(child: subprocess.Popen[bytes], name: str) -> None:
    """Send a signal to a child's whole group, if there is still one."""
    if os.name == "nt":
        child.terminate()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, getattr(signal, name))
