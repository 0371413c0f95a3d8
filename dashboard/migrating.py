"""What `ejia migrate` does: a server's store is brought forward; an embedded one makes itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stores.pg_address import is_postgres

if TYPE_CHECKING:
    from stores.pg_server import Connection, Server
    from stores.settings import Settings


def outstanding(settings: Settings) -> tuple[str, ...]:
    """Say what a migration would do; changes nothing.

    Raises:
        StoreError: the store cannot be opened, or a newer program wrote it.
    """
    if not is_postgres(settings.store.url):
        return _embedded(settings)
    from stores.errors import SchemaVersionError
    from stores.pg_layout import layout, require_server

    server, connection = _connected(settings)
    try:
        require_server(connection, server.where)
        found = layout(connection)
        if found.state == "newer":
            raise SchemaVersionError(
                f"the store at {server.where} was written by a newer program: update this program"
            )
        return found.steps
    finally:
        connection.close()


def bring_forward(
    settings: Settings, web_role: str | None, tell: Callable[[str, float], None]
) -> tuple[str, ...]:
    """Migrate; return what was done.

    Args:
        settings: of the deployment, with the owner's address.
        web_role: who may serve without reading facts; None = the user of ``store.web_url``, if any.
        tell: hears what is being done and the share done.

    Raises:
        StoreError: it cannot be; everything is as it was.
    """
    if not is_postgres(settings.store.url):
        return _embedded(settings)
    from stores.pg_address import connection_of
    from stores.pg_layout import migrate
    from stores.pg_server import plainly

    if web_role is None and settings.store.web_url:
        web_role = connection_of(settings.store.web_url).get("user")
    server, connection = _connected(settings)
    try:
        with plainly("the migration"):
            return migrate(connection, settings, server.where, web_role, tell)
    finally:
        connection.close()


def _connected(settings: Settings) -> tuple[Server, Connection]:
    from stores.pg_server import Server

    server = Server(settings.store.url, 1)
    return server, server.connect()


def _embedded(settings: Settings) -> tuple[str, ...]:
    """Open the embedded store and its desk once: what they lack they make, or they say why not."""
    from dashboard.deployment import require_store
    from stores.desk import open_desk
    from stores.store import store_for_reading

    require_store(settings)
    with store_for_reading(settings.store.url, settings):
        open_desk(settings).close()
    return ()
