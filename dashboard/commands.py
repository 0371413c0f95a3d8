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
from datetime import date
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from dashboard import (
    commands_audit,
    commands_backup,
    commands_brief,
    commands_present,
    commands_rehearse,
    commands_shards,
    commands_user,
)
from dashboard.console import (
    FIRST_PORT,
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
    told,
    writable,
)

if TYPE_CHECKING:
    from indicators.warnings.running import Outcome
    from loaders.report import IntakeReport
    from stores.settings import Settings
    from stores.store import Store

DONE_WITH_REJECTS: Final = 1
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
app.command()(commands_rehearse.rehearse)
app.command()(commands_brief.brief)
commands_shards.register(app)
commands_backup.register(app)


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
                report = load_folder(folder, opened, settings, progress=told(progress), cancel=stopped)
                judge(opened, settings, None)
        except LoadCancelledError as cancelled:
            err.print(str(cancelled), markup=False)
            raise typer.Exit(INTERRUPTED) from None
        _print_report(report)
    raise typer.Exit(report.exit_code)


def judge(store: Store, settings: Settings, as_of: date | None) -> Outcome | None:
    """Evaluate warnings and radar over a store and write them into the desk's records."""
    from indicators.radar.running import run as run_radar
    from indicators.warnings.kept import memory_of
    from indicators.warnings.rehearsal import rehearse
    from indicators.warnings.running import run
    from stores.desk import open_desk

    desk = open_desk(settings)
    try:
        outcome = run(store, desk, settings, as_of, memory=memory_of(settings))
        if outcome is not None:
            rehearse(store, desk, settings)
            run_radar(store, desk, settings, as_of)
        return outcome
    finally:
        desk.close()


@app.command()
def warn(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DAY", help="Judge as of this day; else the data date")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Name the indicators and their thresholds")] = False,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Evaluate the warnings: open what is new, close what is over, and tell what is open."""
    from dashboard.deployment import require_store
    from stores.store import store_for_reading

    with sentences():
        settings = settings_of(district, store, data)
        if list_:
            out.print(_thresholds(settings))
            return
        day = date.fromisoformat(as_of) if as_of else None
        require_store(settings)
        with store_for_reading(settings.store.url, settings) as opened:
            outcome = judge(opened, settings, day)
        if outcome is None:
            raise ValueError("the store holds no facts yet; fill it with: ejia load FOLDER")
        out.print(
            f"{outcome.as_of}: {outcome.opened:,} opened, {outcome.escalated:,} grew worse, "
            f"{outcome.closed:,} closed, {outcome.retracted:,} retracted",
            markup=False,
        )
        out.print(_warnings_table(outcome))


def _thresholds(settings: Settings) -> Table:
    """List every indicator's parameters, their values in this deployment and what they mean."""
    from indicators.warnings.registry import all_warnings, parameters

    table = Table("indicator", "parameter", "value", "meaning")
    for key, one in all_warnings().items():
        mark = key if key in settings.warnings.enabled else f"{key} (off)"
        for name, value in parameters(one, settings.warnings.parameters).items():
            table.add_row(mark, name, str(value), one.HELP[name])
    return table


def _warnings_table(outcome: Outcome) -> Table:
    """Count what is open by indicator and severity."""
    from indicators.warnings.columns import NEVER

    table = Table("indicator", "judged", "open", "1", "2", "3", "4", "not judged")
    for key, found in outcome.found.items():
        lasting = [one.severity for one in found.episodes if one.closed >= NEVER]
        why = ", ".join(f"{reason} {count:,}" for reason, count in sorted(found.excluded.items()))
        counts = [f"{lasting.count(severity):,}" for severity in (1, 2, 3, 4)]
        table.add_row(key, f"{found.checked:,}", f"{len(lasting):,}", *counts, why)
    return table


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


def _print_report(report: IntakeReport) -> None:
    """Show what became of every file, the first rejected rows, and where they can be mended."""
    out.print(report.table())
    for note in report.notes:
        out.print(f"Note: {note}", markup=False)
    if report.findings:
        out.print(report.finding_line(), markup=False)
        if (table := report.finding_table()) is not None:
            out.print(table)
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
        from dashboard.live import THREADS_VARIABLE

        settings = for_web(settings_of(district, store, data))
        several_need_a_server(settings, workers)
        chosen_port = free_port(host, port)
        patiently(lambda: refuse_empty(settings), lambda text: err.print(text, markup=False))
        hand_over(text_of(district), store, text_of(data))
        os.environ[THREADS_VARIABLE] = str(threads)
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
        workers=workers,
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
