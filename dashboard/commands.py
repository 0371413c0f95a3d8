"""The console: write a demo district, load a folder of office files, serve the wall, tell how things stand.

Exit codes: 0 done, 1 done with rejected rows, 2 bad input or usage, 130 interrupted.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.progress import Progress
from rich.table import Table

from dashboard import commands_audit, commands_present, commands_user
from dashboard.console import (
    INTERRUPTED,
    DataOption,
    FileOption,
    StoreOption,
    bar,
    err,
    out,
    sentences,
    settings_of,
    text_of,
)

if TYPE_CHECKING:
    from loaders.report import IntakeReport
    from stores.settings import Settings
    from stores.store import Store

DONE_WITH_REJECTS: Final = 1
FIRST_PORT: Final = 8050
PORTS_TRIED: Final = 50
LONGEST_END: Final = 8  # seconds a worker may take to end

app = typer.Typer(
    help="The data screen of a district's party affairs: from a folder of office files to the wall.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(commands_user.app, name="user")
app.add_typer(commands_audit.app, name="audit")
app.add_typer(commands_present.tours, name="tour")
app.command()(commands_present.reader)
app.command()(commands_present.swipes)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; new, empty, or an earlier demo")
    ],
    scale: Annotated[int, typer.Option(min=1, max=100, help="How many times the district's size")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same files")] = 2019,
) -> None:
    """Write the demo district as an office would hand it over: a folder of sheets and maps."""
    with sentences():
        from loaders.demo import write_demo
        from loaders.demo.headers import DECLARATION

        if folder.exists() and any(folder.iterdir()) and not (folder / DECLARATION).exists():
            raise ValueError(f"{folder} is not empty and holds no demo; name a new folder")
        with bar() as progress:
            task = progress.add_task("", total=100)
            summary = write_demo(
                folder,
                scale,
                seed,
                lambda text, share: progress.update(task, description=text, completed=100 * share),
            )
        members, organisations = f"{summary.members:,}", f"{summary.organisations:,}"
        out.print(
            f"{folder}: {members} members in {organisations} organisations, {len(summary.rows)} files",
            markup=False,
        )
        out.print(f"Load it with: ejia load {folder}", markup=False)


@app.command()
def load(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The offices' files, with ejia-source.toml")
    ],
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Read a folder of office files into the store: all of it that fits, or nothing."""
    with sentences():
        from loaders.intake import LoadCancelledError, load_folder
        from loaders.mixing import refuse_mixing

        if not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
        settings = settings_of(district, store, data)
        try:
            with writable(settings) as opened, stoppable() as stopped, bar() as progress:
                refuse_mixing(folder, opened)
                report = load_folder(folder, opened, settings, progress=_told(progress), cancel=stopped)
        except LoadCancelledError as cancelled:
            err.print(str(cancelled), markup=False)
            raise typer.Exit(INTERRUPTED) from None
        _print_report(report)
    raise typer.Exit(report.exit_code)


@contextmanager
def writable(settings: Settings) -> Iterator[Store]:
    """Open the store for a load; beside a running server, a copy that takes its place at the end.

    A store that did not exist is removed again when the load fails.
    """
    from stores.errors import StoreBusyError
    from stores.snapshot import copied_store
    from stores.store import duckdb_path, open_store

    file = duckdb_path(settings.store.url.partition("://")[2], settings)
    fresh = file is not None and not file.exists()
    try:
        opened: Store = open_store(settings.store.url, settings)
    except StoreBusyError:
        if file is None:
            raise
        with copied_store(file, settings) as copy:
            yield copy
        return
    try:
        yield opened
    except BaseException:
        opened.close()
        if fresh and file is not None:
            file.unlink(missing_ok=True)
        raise
    opened.close()


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Give a question that is answered yes after the first Ctrl-C; a second one interrupts at once."""
    asked = Event()

    def note(number: int, frame: Any) -> None:
        asked.set()
        signal.signal(number, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _told(progress: Progress) -> Callable[[str, int, int], None]:
    """Turn what the intake says into one bar."""
    task = progress.add_task("", total=None)
    return lambda what, done, total: progress.update(task, description=what, completed=done, total=total)


def _print_report(report: IntakeReport) -> None:
    """Show what became of every file, the first rejected rows, and where they can be mended."""
    out.print(report.table())
    for note in report.notes:
        out.print(f"Note: {note}", markup=False)
    if report.rejects:
        out.print(report.reject_table())
        out.print("Mend and load again: " + ", ".join(report.reject_files), markup=False)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines in")
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=f"Port; else {FIRST_PORT} or the next free one")
    ] = None,
    threads: Annotated[int, typer.Option(min=2, max=256, help="Requests answered at a time")] = 16,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Serve the wall, the API and the map's shapes until Ctrl-C."""
    with sentences():
        settings = settings_of(district, store, data)
        chosen_port = free_port(host, port)
        refuse_empty(settings)
        from dashboard.deployment import hand_over
        from dashboard.live import THREADS_VARIABLE

        hand_over(text_of(district), store, text_of(data))
        os.environ[THREADS_VARIABLE] = str(threads)
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        out.print(f"Serving at http://{host}:{chosen_port} (Ctrl-C ends it)", soft_wrap=True)
        answer_requests(host, chosen_port, threads)


def answer_requests(host: str, port: int, threads: int) -> None:
    """Answer requests until interrupted: one worker process owns the store, with a pool of threads.

    The worker builds the app; this process stays small and only watches it.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from dashboard.live import STOPPING_VARIABLE

    flag = Path(tempfile.mkdtemp(prefix="ejia-")) / "stopping"
    os.environ[STOPPING_VARIABLE] = str(flag)

    class Server(Granian):  # type: ignore[misc, valid-type]
        def shutdown(self, exit_code: int = 0) -> None:
            flag.touch()  # open pages would otherwise hold their streams, and the worker wait for them
            try:
                super().shutdown(exit_code)
            finally:
                shutil.rmtree(flag.parent, ignore_errors=True)

    server = Server(
        "dashboard.server:build",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=threads,
        websockets=False,
        workers_kill_timeout=LONGEST_END,
        log_level=LogLevels.error,
    )
    server.serve()


def refuse_empty(settings: Settings) -> None:
    """Refuse to serve a store without data.

    Raises:
        StoreError: the store cannot be opened, or nothing was ever loaded.
    """
    from dashboard.deployment import require_store
    from stores.errors import StoreError
    from stores.store import open_store

    require_store(settings)
    store = open_store(settings.store.url, settings)
    try:
        if not store.version:
            raise StoreError(f"the store {settings.store.url} is empty; fill it with: ejia load FOLDER")
    finally:
        store.close()


def free_port(host: str, wanted: int | None) -> int:
    """Return the wanted port, or the first free one.

    Raises:
        ValueError: the wanted port, or every port tried, is taken.
    """
    if wanted is not None:
        if not _is_free(host, wanted):
            raise ValueError(f"port {wanted} is taken or not allowed; name another, or leave out --port")
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if _is_free(host, port):
            return port
    raise ValueError(
        f"the ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are all taken; name one with --port"
    )


def _is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@app.command()
def status(store: StoreOption = None, data: DataOption = None, district: FileOption = None) -> None:
    """Tell what the store holds: rows, last loads, version."""
    from dashboard.deployment import require_store
    from stores.store import store_for_reading

    with sentences():
        settings = settings_of(district, store, data)
        require_store(settings)
        with store_for_reading(settings.store.url, settings) as opened:
            found = opened.status()
        out.print(
            f"{settings.store.url}: version {found.version}, "
            f"schema {found.schema_version}, {_size(found.bytes)}",
            markup=False,
        )
        for key, value in found.meta.items():
            out.print(f"  {key}: {value}", markup=False)
        out.print(_rows_table(found.rows))
        if found.loads:
            out.print(_loads_table(found.loads))


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _rows_table(rows: Any) -> Table:
    table = Table("table", "rows")
    table.columns[1].justify = "right"
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    return table


def _loads_table(loads: Any) -> Table:
    """Show the last loads with whatever the store knows about each."""
    names = list(loads[0])
    table = Table(*names, title="last loads")
    for load in loads:
        table.add_row(*(str(load[name]) for name in names))
    return table
