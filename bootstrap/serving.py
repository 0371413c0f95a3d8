"""What `run.py` does: a store if there is none, a free port, a server, its address, a clean end."""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from bootstrap.base import PYTHON, ROOT, RUN_LOCK, SetupError, say
from bootstrap.environment import make_ready

HOST = "127.0.0.1"
FIRST_PORT = 8050
PORTS_TRIED = 50
PATIENCE = 90.0  # seconds until a server that does not answer is given up
DEFAULT_STORE = "duckdb:///ejia.duckdb"


def main(arguments: Sequence[str]) -> int:
    """Set up and serve until Ctrl-C.

    Returns:
        0 after an orderly end, 2 for bad input or a set-up that cannot go on, 130 when interrupted on the
        way, or the exit code of the command that failed.
    """
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C, the child too
    try:
        port = free_port(options.port)
        make_ready(RUN_LOCK)
        provide_store(options.store, options.data)
        return serve(port, options)
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
    made.add_argument("--data", metavar="DIR", type=Path, default=ROOT / "data", help="folder of the store")
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


def provide_store(url: str | None, data: Path) -> None:
    """Write and load the demo district unless the store is there; a server's store is never filled by itself.

    Raises:
        SetupError: the data folder cannot be made.
        CalledProcessError: `ejia demo` or `ejia load` failed and has said why.
    """
    file = store_file(url or configured_store(ROOT / "district.toml"), data)
    if file is None or file.exists():
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise SetupError(
            f"The folder {data} cannot be made ({refused.strerror}). Name another: --data DIR"
        ) from refused
    folder = data / "demo"
    say(f"There is no store in {data} yet: building the demo district (two or three minutes, once)")
    try:
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            ejia("demo", str(folder))
            (folder / ".complete").touch()
        ejia("load", str(folder), *store_options(url, data))
    except BaseException:
        remove_store(file)  # it was not there before: a half-made one must not be served next time
        raise


def configured_store(file: Path) -> str:
    """Return the store's address in the deployment file, or the embedded default."""
    if not file.is_file():
        return DEFAULT_STORE
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SetupError(f"{file} is not readable TOML: {wrong}") from wrong
    return str(settings.get("store", {}).get("url", DEFAULT_STORE))


def store_file(url: str, data: Path) -> Path | None:
    """Return the file of an embedded store, or None for one that is reached as a server.

    A relative path stands in the data folder; four slashes make it absolute.
    """
    scheme, _, rest = url.partition("://")
    if scheme != "duckdb":
        return None
    return data / rest.removeprefix("/")


def remove_store(file: Path) -> None:
    """Remove an embedded store and what its engine wrote beside it."""
    for path in (file, file.with_name(file.name + ".wal"), file.with_name(file.name + ".tmp")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def store_options(url: str | None, data: Path) -> list[str]:
    """Return the options that tell `ejia` which store."""
    return [*(["--store", url] if url else []), "--data", str(data)]


def ejia(*arguments: str) -> None:
    """Run one `ejia` command to its end, on this terminal.

    Raises:
        CalledProcessError: it failed. Exit code 1 of `load` (done, with rejects) is no failure.
    """
    command = [str(PYTHON.parent / "ejia"), *arguments]
    with subprocess.Popen(command, cwd=ROOT) as child:
        code = wait_for(child)
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


def serve(port: int, options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; print the address as soon as the server answers."""
    command = [str(PYTHON.parent / "ejia"), "serve", "--port", str(port)]
    command += store_options(options.store, options.data)
    with subprocess.Popen(command, cwd=ROOT) as child:
        try:
            if not answers(port, child):
                return give_up(child, port)
            language = f"?lang={options.lang}" if options.lang else ""
            say(f"\n  The wall: http://{HOST}:{port}/{language}\n  Ctrl-C ends it.\n")
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


def wait_for(child: subprocess.Popen[bytes]) -> int:
    """Wait for a child; when interrupted, let it end first, so that nothing is left running."""
    try:
        return child.wait()
    except KeyboardInterrupt:
        end(child)
        raise


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child: it may have had the Ctrl-C itself; if not it is asked, and at last it is made to."""
    for ask, patience in ((None, 3.0), (child.terminate, 8.0), (child.kill, None)):
        if ask is not None:
            ask()
        try:
            child.wait(patience)
            return
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue  # a second Ctrl-C hurries to the next step
