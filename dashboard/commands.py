"""The console: write a demo district, load a folder of office files, serve the wall, tell how things stand.

Exit codes: 0 done, 1 done with rejected rows, 2 bad input or usage, 130 interrupted.
"""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from loaders.report import IntakeReport
    from stores.settings import Settings
    from stores.store import Store

DONE_WITH_REJECTS: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
FIRST_PORT: Final = 8050
PORTS_TRIED: Final = 50

app = typer.Typer(
    help="The data screen of a district's party affairs: from a folder of office files to the wall.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        envvar="EJIA_STORE",
        help="Store, such as duckdb:////var/lib/ejia/ejia.duckdb",
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", envvar="EJIA_DATA", help="Folder of the store, its keys and caches"
    ),
]
FileOption = Annotated[
    Path | None, typer.Option("--district", metavar="FILE", help="Deployment file, district.toml")
]


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what may go wrong into one sentence and an exit code; nobody sees a traceback."""
    from stores.errors import StoreError

    try:
        yield
    except KeyboardInterrupt:
        err.print("Interrupted; nothing was left half done.")
        raise typer.Exit(INTERRUPTED) from None
    except (StoreError, ValueError) as wrong:
        err.print(f"Error: {wrong}", markup=False)
        raise typer.Exit(BAD_INPUT) from None
    except OSError as refused:
        where = f"{refused.filename}: " if refused.filename else ""
        err.print(f"Error: {where}{refused.strerror or refused}", markup=False)
        raise typer.Exit(BAD_INPUT) from None


@contextmanager
def bar() -> Iterator[Progress]:
    """Show progress bars while something long goes on; plain text where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=False) as progress:
        yield progress


def settings_of(district: Path | None, store: str | None, data: Path | None) -> Settings:
    """Load the settings that a command line describes."""
    from dashboard.deployment import chosen

    return chosen(_text(district), store, _text(data))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


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

        if not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
        settings = settings_of(district, store, data)
        try:
            with writable(settings) as opened, stoppable() as stopped, bar() as progress:
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
    from stores.store import embedded_file, open_store

    file = embedded_file(settings.store.url, settings)
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
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; several need a PostgreSQL store")
    ] = 1,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Serve the wall, the API and the map's shapes until Ctrl-C."""
    with sentences():
        from dashboard.deployment import for_web, hand_over, patiently

        settings = for_web(settings_of(district, store, data))
        several_need_a_server(settings, workers)
        chosen_port = free_port(host, port)
        patiently(lambda: refuse_empty(settings), lambda text: err.print(text, markup=False))
        hand_over(_text(district), store, _text(data))
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        out.print(f"Serving at http://{host}:{chosen_port} (Ctrl-C ends it)", soft_wrap=True)
        answer_requests(host, chosen_port, threads, workers)


def several_need_a_server(settings: Settings, workers: int) -> None:
    """Refuse several processes on a store that one process owns.

    Raises:
        ValueError: it is embedded.
    """
    from stores.pg_address import is_postgres

    if workers > 1 and not is_postgres(settings.store.url):
        raise ValueError(
            "an embedded store belongs to one process; leave out --workers, or keep the facts in PostgreSQL "
            "(--store postgresql://…)"
        )


def answer_requests(host: str, port: int, threads: int, workers: int = 1) -> None:
    """Answer requests until interrupted, each worker process with a pool of threads.

    An embedded store has one worker, which owns it. Workers build the app; this process stays small and only
    watches them.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server = Granian(
        "dashboard.server:build",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
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
    from stores.pg_address import shown
    from stores.store import open_store

    require_store(settings)
    store = open_store(settings.store.url, settings)
    try:
        if not store.version:
            raise StoreError(
                f"the store {shown(settings.store.url)} is empty; fill it with: ejia load FOLDER"
            )
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
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would be done; ends with 1 when there is something")
    ] = False,
    web_role: Annotated[
        str | None,
        typer.Option(help="Login role for `serve`, which reads no facts; else the one of store.web_url"),
    ] = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Bring a PostgreSQL store to this program's state, all of it or nothing; run as the store's owner."""
    from dashboard.migrating import bring_forward, outstanding

    with sentences():
        settings = settings_of(district, store, data)
        if check:
            todo = outstanding(settings)
            for step in todo:
                out.print(f"to do: {step}", markup=False)
            out.print("Nothing to do." if not todo else "Do it with: ejia migrate", markup=False)
            raise typer.Exit(1 if todo else 0)
        with bar() as progress:
            task = progress.add_task("", total=100)
            done = bring_forward(
                settings,
                web_role,
                lambda text, share: progress.update(task, description=text, completed=100 * share),
            )
        for step in done:
            out.print(f"done: {step}", markup=False)
        out.print("The store is up to date.", markup=False)


@app.command()
def status(store: StoreOption = None, data: DataOption = None, district: FileOption = None) -> None:
    """Tell what the store holds: rows, last loads, version."""
    from dashboard.deployment import require_store
    from stores.pg_address import shown
    from stores.store import store_for_reading

    with sentences():
        settings = settings_of(district, store, data)
        require_store(settings)
        with store_for_reading(settings.store.url, settings) as opened:
            found = opened.status()
        out.print(
            f"{shown(settings.store.url)}: version {found.version}, "
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


def _more() -> None:
    """Add the commands of other files; they come last, since they use what stands above."""
    from dashboard import commands_backup, commands_shards

    commands_shards.register(app)
    commands_backup.register(app)


_more()
