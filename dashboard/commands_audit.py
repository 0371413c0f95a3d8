"""ejia audit: read or export who did what, and who looked at what."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from dashboard.console import DataOption, FileOption, StoreOption, out, sentences, settings_of

app = typer.Typer(help="Who did what, and who looked at what.", no_args_is_help=True)

LogArgument = Annotated[str, typer.Argument(metavar="LOG", help="acts or access")]
SinceOption = Annotated[str, typer.Option(metavar="DAY", help="First day or time, such as 2019-03-06")]
UntilOption = Annotated[str, typer.Option(metavar="DAY", help="Last day or time, inclusive")]


@app.command()
def show(
    log: LogArgument = "acts",
    since: SinceOption = "",
    until: UntilOption = "",
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many lines, the last ones")] = 50,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Show the last lines of a log."""
    rows = _read(log, since, until, most, district, store, data)
    if not rows:
        out.print("Nothing was written down.")
        return
    names = [name for name in rows[0] if not name.endswith("_id") or name == "session_id"]
    table = Table(*names)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    out.print(table, markup=False)


@app.command()
def export(
    log: LogArgument = "acts",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="CSV to write; else standard output")
    ] = None,
    since: SinceOption = "",
    until: UntilOption = "",
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Write a log as CSV, oldest line first; the export itself is written down too."""
    from stores.audit import csv_rows

    rows = csv_rows(_read(log, since, until, 10_000_000, district, store, data, export=True))
    with sentences():
        if to is None:
            csv.writer(sys.stdout).writerows(rows)
            return
        with to.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        out.print(f"{to}: {max(0, len(rows) - 1)} lines", markup=False)


def _read(
    log: str,
    since: str,
    until: str,
    most: int,
    district: Path | None,
    store: str | None,
    data: Path | None,
    *,
    export: bool = False,
) -> list[dict[str, object]]:
    """Read lines of a log, and write down that they were exported."""
    from stores.audit import Act, read, write
    from stores.desk import open_desk

    with sentences():
        desk = open_desk(settings_of(district, store, data))
        try:
            rows = read(desk, log, since, until, most)
            if export:
                with desk.writing(shown=False) as writer:
                    write(writer, Act("console", None, "export", log, "done", f"{len(rows)} lines"))
            return rows
        finally:
            desk.close()
