"""The console's watch: judges the warnings as the facts change, beside walls that may not read them."""

from __future__ import annotations

import signal
from threading import Event

import typer

from dashboard.console import DataOption, FileOption, StoreOption, out, sentences, settings_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(watch)


def watch(store: StoreOption = None, data: DataOption = None, district: FileOption = None) -> None:
    """Judge the warnings whenever the facts change, until ended; as the owner of a PostgreSQL store.

    A wall on an embedded store does so itself.
    """
    from dashboard.deployment import patiently, require_store
    from indicators.warnings.watching import Watcher
    from stores.desk import open_desk
    from stores.pg_address import is_postgres, shown
    from stores.store import open_store

    with sentences():
        settings = settings_of(district, store, data)
        if not is_postgres(settings.store.url):
            raise ValueError("an embedded store is judged by `ejia serve` itself; nothing else need watch it")
        ended = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        patiently(lambda: require_store(settings), lambda text: out.print(text, markup=False))
        facts, desk = open_store(settings.store.url, settings), open_desk(settings)
        watcher = Watcher(facts, desk, settings)
        watcher.start()
        out.print(f"Watching {shown(settings.store.url)} (Ctrl-C ends it)", markup=False, soft_wrap=True)
        ended.wait()
        watcher.stop()
        desk.close()
        facts.close()
