"""The address of a PostgreSQL store: what it may hold, how it is shown, and what a refused connection means.

The password belongs in PGPASSFILE (or ``?passfile=`` of the address) or PGPASSWORD, not into the deployment
file; libpq reads all three by itself. An address that does hold one is never printed with it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from stores.errors import StoreAddressError, StoreBusyError, StoreDownError, StoreError

SCHEMES: Final = ("postgresql", "postgres")
PATIENCE: Final[dict[str, Any]] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 6000,
    "target_session_attrs": "read-write",
    "application_name": "ejia",
}
"""Seconds (tcp_user_timeout: milliseconds): a server that is gone is noticed within ten.

Of several hosts in an address the one that takes writes is chosen, so a promoted standby is found by itself.
"""

_SECRET: Final = re.compile(r"(//[^/@:]*):[^@/]*@")
_SECRET_PARAMETER: Final = re.compile(r"((?:password|passwd|sslpassword)=)[^&\s]*", re.IGNORECASE)


def is_postgres(url: str) -> bool:
    """Tell whether an address names a PostgreSQL server."""
    return url.partition("://")[0] in SCHEMES


def shown(url: str) -> str:
    """Write an address without its password, for people and logs."""
    return _SECRET_PARAMETER.sub(r"\1…", _SECRET.sub(r"\1:…@", url))


def connection_of(url: str) -> dict[str, Any]:
    """Read an address into the parameters of a connection, with our patience where it says nothing.

    Raises:
        StoreAddressError: it is no address of PostgreSQL, or names no database.
    """
    if not is_postgres(url):
        raise StoreAddressError(f"'{shown(url)}' is no address of PostgreSQL")
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        said = shown(str(error)).strip().splitlines()[0]
        raise StoreAddressError(
            f"'{shown(url)}' is no address of PostgreSQL ({said}); write postgresql://user@host:5432/database"
        ) from None
    ports = str(given.get("port") or "").split(",")
    if not all(port.isdecimal() and 0 < int(port) < 65536 for port in ports if port):
        raise StoreAddressError(f"'{shown(url)}' names no port; write postgresql://user@host:5432/database")
    if not given.get("dbname") and not given.get("service"):
        raise StoreAddressError(
            f"'{shown(url)}' names no database; write postgresql://user@host:5432/database"
        )
    return {**PATIENCE, **given}


def place(params: dict[str, Any]) -> str:
    """Name a server in a sentence: host and port, never the password."""
    host = params.get("host") or params.get("hostaddr") or "the local socket"
    return f"{host}:{params['port']}" if params.get("port") else str(host)


def refused(error: psycopg.Error, params: dict[str, Any]) -> StoreError:
    """Say in one sentence why no connection came about and what to do.

    libpq gives only a text, in the server's language; what the handshake asked for says more than its words.
    """
    said = _first_line(error)
    low, pgconn = said.lower(), error.pgconn
    user, base, where = params.get("user") or "the system's user", params.get("dbname"), place(params)
    if isinstance(error, psycopg.ProgrammingError):
        return StoreAddressError(f"the address of the store does not hold: {said}")
    if getattr(pgconn, "needs_password", False) or "no password supplied" in low:
        return StoreAddressError(
            f"{where} wants a password for '{user}'; put it into the file that PGPASSFILE or ?passfile= "
            "names (host:port:database:user:password, mode 600), or into PGPASSWORD"
        )
    if "password authentication failed" in low or (
        getattr(pgconn, "used_password", False) and "authentication" in low
    ):
        return StoreAddressError(
            f"{where} refused the password of '{user}'; mend it in PGPASSFILE, ?passfile= or PGPASSWORD"
        )
    if "does not exist" in low and "database" in low:
        return StoreAddressError(f"there is no database '{base}' at {where}; create it: createdb {base}")
    if "does not exist" in low or "no pg_hba.conf entry" in low or "authentication failed" in low:
        return StoreAddressError(f"{where} does not let '{user}' into '{base}': {said}")
    if "too many" in low or "remaining connection slots" in low:
        return StoreBusyError(f"{where} has no connection left; raise max_connections or stop other clients")
    return StoreDownError(f"the database at {where} does not answer ({said}); start it, or mend the address")


def _first_line(error: BaseException) -> str:
    """Return what matters of a driver's text, without a password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    fatal = [line for line in lines if "FATAL" in line] or lines[:1]
    return shown(re.sub(r"^.*?(FATAL|failed): +", "", fatal[0]))[:200]
