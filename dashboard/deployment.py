"""What a process works with: the deployment file, and what its command line says otherwise."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from stores.errors import StoreDownError, StoreError
from stores.pg_address import is_postgres
from stores.settings import Settings, load_settings
from stores.store import embedded_file

if TYPE_CHECKING:
    from stores.gate import Gate
    from stores.store import Store

T = TypeVar("T")
VARIABLES: Final = {"file": "EJIA_DISTRICT", "store": "EJIA_STORE", "data": "EJIA_DATA"}


def chosen(file: str | None = None, store: str | None = None, data: str | None = None) -> Settings:
    """Load the settings, a store address or a data folder from the command line going first.

    A data folder brings its own embedded store: without `store`, a relative DuckDB address of the deployment
    file keeps its file name and moves into the folder.

    Raises:
        SettingsError: the deployment file is wrong.
    """
    settings = load_settings(Path(file) if file else None)
    if data:
        folder = Path(data).expanduser().resolve()
        url = store or _inside(settings.store.url, folder)
        settings = settings.model_copy(update={"data_dir": folder})
    else:
        url = store or settings.store.url
    return settings.model_copy(update={"store": settings.store.model_copy(update={"url": url})})


def _inside(url: str, folder: Path) -> str:
    """Move a relative DuckDB file into a folder; leave any other address as it is."""
    scheme, _, path = url.partition(":///")
    if scheme != "duckdb" or not path or path.startswith(("/", ":")):
        return url
    return f"duckdb:///{folder / Path(path).name}"


def handed_over() -> Settings:
    """Load the settings that `ejia serve` handed over to its worker in the environment."""
    return chosen(*(os.environ.get(name) for name in VARIABLES.values()))


def hand_over(file: str | None, store: str | None, data: str | None) -> None:
    """Put what the command line says into the environment, for the server's workers."""
    for name, value in zip(VARIABLES.values(), (file, store, data), strict=True):
        if value:
            os.environ[name] = value


def require_store(settings: Settings) -> None:
    """Refuse a store that does not exist yet, since opening it would make an empty one.

    Raises:
        StoreError: there is no such file, or the database holds no store.
    """
    if is_postgres(settings.store.url):
        from stores.postgres import require_store as require_on_server

        require_on_server(settings.store.url)
        return
    file = embedded_file(settings.store.url, settings)
    if file is not None and not file.exists():
        raise StoreError(f"there is no store at {file}; fill it with: ejia load FOLDER")


def for_web(settings: Settings) -> Settings:
    """Return the settings by which a server connects: as the web's role, where one is named."""
    store = settings.store
    if not store.web_url or not is_postgres(store.url):
        return settings
    return settings.model_copy(update={"store": store.model_copy(update={"url": store.web_url})})


def patiently(act: Callable[[], T], tell: Callable[[str], None]) -> T:
    """Do what needs a database server; while it does not answer, say so once and try every second.

    Raises:
        StoreError: anything else is wrong.
    """
    told = False
    while True:
        try:
            return act()
        except StoreDownError as error:
            if not told:
                tell(f"{error}. Waiting for it; Ctrl-C ends this.")
            told = True
            time.sleep(1)


def open_gate(settings: Settings) -> tuple[Store, Gate]:
    """Open the store and the gate before it, with the gate's own key of this deployment.

    Raises:
        StoreError: the store cannot be opened.
    """
    from stores.desk import open_desk
    from stores.gate import Gate
    from stores.key_file import key_from_file
    from stores.store import open_store
    from stores.whole import WholeStore

    store = WholeStore(open_store(settings.store.url, settings), open_desk(settings), settings)
    return store, Gate(store, settings, key_from_file(settings.data_dir / "gate.key"))
