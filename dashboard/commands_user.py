"""ejia user: the accounts of the people who may sign in."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from dashboard.console import DataOption, FileOption, StoreOption, out, sentences, settings_of

if TYPE_CHECKING:
    from stores.accounts import Accounts
    from stores.desk import Desk
    from stores.settings import Settings

app = typer.Typer(help="Who may sign in, with which role and for which places.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, dots, hyphens")]
PlaceOption = Annotated[
    list[str] | None,
    typer.Option("--place", metavar="NODE", help="A place such as 320115001; may be repeated"),
]
UnderOption = Annotated[
    list[str] | None,
    typer.Option("--under", metavar="ORG", help="An organisation and all below it; may be repeated"),
]
SecretOption = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="First line of a file; - reads standard input"),
]


@dataclass(frozen=True)
class _Opened:
    settings: Settings
    desk: Desk
    accounts: Accounts


@contextmanager
def _opened(district: Path | None, store: str | None, data: Path | None) -> Iterator[_Opened]:
    """Open the desk's records for one command."""
    from stores.accounts import Accounts
    from stores.desk import open_desk

    with sentences():
        settings = settings_of(district, store, data)
        desk = open_desk(settings)
        try:
            yield _Opened(settings, desk, Accounts(desk))
        finally:
            desk.close()


@app.command()
def add(
    name: NameArgument,
    role: Annotated[str, typer.Option(help="visitor, leader, duty or admin")] = "duty",
    place: PlaceOption = None,
    under: UnderOption = None,
    password_file: SecretOption = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Make an account; without --place or --under it stands for the whole district."""
    with _opened(district, store, data) as opened:
        places = _places(opened.settings, place, under) or [("place", opened.settings.district.code)]
        opened.accounts.add(name, role, read_password(password_file), places)
        _note(opened.desk, "user add", name, role)
        out.print(f"{name}: {role}, {_told(places)}", markup=False)


@app.command("list")
def list_accounts(store: StoreOption = None, data: DataOption = None, district: FileOption = None) -> None:
    """Show all accounts."""
    with _opened(district, store, data) as opened:
        table = Table("account", "role", "places", "since", "state")
        for one in opened.accounts.list():
            state = f"disabled {one.disabled_at}" if one.disabled_at else "open"
            table.add_row(one.name, one.role, _told(sorted(one.scope.places)), one.made_at, state)
        out.print(table)


@app.command()
def disable(
    name: NameArgument, store: StoreOption = None, data: DataOption = None, district: FileOption = None
) -> None:
    """Keep an account from signing in, and end its sessions at once; a new password lets it in again."""
    with _opened(district, store, data) as opened:
        opened.accounts.disable(name)
        _note(opened.desk, "user disable", name, None)
        out.print(f"{name}: disabled", markup=False)


@app.command()
def passwd(
    name: NameArgument,
    password_file: SecretOption = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Change an account's password, and end its sessions at once."""
    with _opened(district, store, data) as opened:
        opened.accounts.named(name)
        opened.accounts.set_password(name, read_password(password_file))
        _note(opened.desk, "user passwd", name, None)
        out.print(f"{name}: password changed", markup=False)


@app.command()
def scope(
    name: NameArgument,
    place: PlaceOption = None,
    under: UnderOption = None,
    store: StoreOption = None,
    data: DataOption = None,
    district: FileOption = None,
) -> None:
    """Say for which places an account stands; outside them it sees what a visitor sees."""
    with _opened(district, store, data) as opened:
        places = _places(opened.settings, place, under)
        opened.accounts.set_scope(name, places)
        _note(opened.desk, "user scope", name, _told(places))
        out.print(f"{name}: {_told(places)}", markup=False)


def read_password(file: Path | None) -> str:
    """Read a password from the keyboard, twice and unseen, or from the first line of a file or of '-'.

    Raises:
        OSError: the file cannot be read.
    """
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    return text.split("\n", 1)[0].rstrip("\r")


def _places(settings: Settings, place: list[str] | None, under: list[str] | None) -> list[tuple[str, str]]:
    """Turn the options into (basis, node) pairs that exist.

    Raises:
        ValueError: a place or organisation is not in the store.
    """
    wanted = [("place", node) for node in place or ()] + [("affiliation", node) for node in under or ()]
    if wanted:
        _check(settings, wanted)
    return wanted


def _check(settings: Settings, wanted: Sequence[tuple[str, str]]) -> None:
    from dashboard.deployment import require_store
    from stores.store import store_for_reading

    require_store(settings)
    with store_for_reading(settings.store.url, settings) as opened:
        for basis, node in wanted:
            if not opened.ask("ancestors", basis=basis, node=node):
                raise ValueError(f"there is no '{node}' in the hierarchy by {basis}")


def _told(places: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{basis}:{node}" for basis, node in places) or "no places: sees what a visitor sees"


def _note(desk: Desk, action: str, name: str, detail: str | None) -> None:
    """Write what the console did to the audit log."""
    from stores.accounts import plain_name
    from stores.audit import Act, write

    with desk.writing(shown=False) as writer:
        write(writer, Act("console", None, action, plain_name(name), "done", detail))
