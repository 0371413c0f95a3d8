"""The console past one machine: facts as Parquet, roll-ups by DuckDB or Spark, into any store."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.console import DataOption, FileOption, bar, err, out, sentences, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stores.settings import Settings
    from stores.shards import Runner

WORK = "_rollup"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(facts)
    app.command()(rollup)


def facts(
    store: Annotated[str, typer.Argument(metavar="STORE", help="Store, such as duckdb:///data/ejia.duckdb")],
    folder: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; new, empty, or earlier facts")
    ],
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Write the facts of a store as Parquet by district and month; again, only what has changed."""
    with sentences():
        from dashboard.deployment import require_store
        from stores.lake import write_facts
        from stores.store import store_for_reading

        settings = settings_of(district, store, data)
        require_store(settings)
        with store_for_reading(settings.store.url, settings) as opened, bar() as progress:
            task = progress.add_task("", total=1.0)
            count = write_facts(
                opened,
                folder,
                settings.district.code,
                lambda what, share: progress.update(task, description=what, completed=share),
            )
        out.print(f"{folder}: {count:,} rows", markup=False)
        out.print(
            f"Roll them up with: ejia rollup --engine duckdb --facts {folder} --into STORE", markup=False
        )


def rollup(
    folder: Annotated[
        Path, typer.Option("--facts", metavar="PATH", help="Folder of facts, as ejia facts writes it")
    ],
    into: Annotated[
        str, typer.Option("--into", metavar="URL", help="Store to fill: postgresql://… or duckdb:///…")
    ],
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help="duckdb, or a cluster: spark://host:7077")
    ] = "duckdb",
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=f"Folder that the cluster sees too; else {WORK} among the facts"),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="KEY=VALUE", help="Setting of Spark, such as spark.cores.max=64"),
    ] = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Make the roll-ups of a folder of facts, as far as they are not made yet, and fill a store with them."""
    with sentences():
        from stores.lake import Lake
        from stores.shards import roll_up
        from stores.store import store_for_loading

        settings = settings_of(district, into, data)
        lake = Lake(folder.resolve())
        place = (work or folder / WORK).resolve()
        place.mkdir(parents=True, exist_ok=True)
        reach(settings)  # a wrong address is said before hours of work
        with runner_of(engine, settings, place, option or []) as runner, bar() as progress:
            task = progress.add_task("", total=1.0)
            made, done = roll_up(
                lake,
                runner,
                settings,
                place,
                lambda what, share: progress.update(task, description=what, completed=share),
            )
        out.print(
            f"Counted {done.counted} partitions, {done.known} were known; "
            f"made {done.made} tables, {done.found} were there",
            markup=False,
        )
        with store_for_loading(settings.store.url, settings) as opened:
            if opened.status().meta.get("rolled_up") == made.meta["rolled_up"]:
                out.print("The store has these roll-ups already", markup=False)
                return
            version = opened.pour(made)
        out.print(f"Filled the store: version {version}", markup=False)


def reach(settings: Settings) -> None:
    """See that the store to be filled can be reached, and make nothing where there is none yet.

    Raises:
        StoreError: its address is wrong, or its server does not answer.
    """
    from stores.pg_address import is_postgres
    from stores.store import duckdb_path, open_store

    scheme, _, rest = settings.store.url.partition("://")
    if is_postgres(settings.store.url) or scheme != "duckdb":
        open_store(settings.store.url, settings).close()
    else:
        duckdb_path(rest, settings)


@contextmanager
def runner_of(engine: str, settings: Settings, work: Path, options: list[str]) -> Iterator[Runner]:
    """Give what runs the texts, and let it go.

    Raises:
        StoreAddressError: there is no such engine, or what it needs is missing.
        ValueError: an option is not KEY=VALUE, or none of Spark's.
    """
    from stores.shards import LocalRunner

    wrong = [one for one in options if not one.startswith("spark.") or "=" not in one]
    if wrong:
        raise ValueError(f"'{wrong[0]}' is no setting of Spark; write --option spark.cores.max=64")
    if engine == "duckdb":
        runner: Runner = LocalRunner(settings, work)
    else:
        from stores.spark import SparkRunner, require

        require(engine)
        err.print(f"Waiting for {engine}", markup=False)
        runner = SparkRunner(engine, dict(one.split("=", 1) for one in options))
    try:
        yield runner
    finally:
        runner.close()
