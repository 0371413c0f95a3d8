"""Connections to one PostgreSQL server: a pool that lends none that is dead, and an ear for what changes."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from stores.errors import StoreDownError, StoreError
from stores.pg_address import connection_of, place, refused

LOG: Final = logging.getLogger("ejia.store")
CHANNEL: Final = "ejia"
BORROW_SECONDS: Final = 2.0
BEAT_SECONDS: Final = 2.0
"""How often the ear asks whether the server is still there, and tries again when it is not."""

STATEMENT_SECONDS: Final = 30
Connection = psycopg.Connection[Any]


class Server:
    """Lend connections to one database.

    Args:
        url: its address.
        most: connections open at a time.
        path: the rooms in which names are looked up.
    """

    def __init__(self, url: str, most: int, path: str = "rollup, facts, public") -> None:
        self.params = connection_of(url)
        self.where = place(self.params)
        self.silent = threading.Event()
        """Set by the ear while nobody answers, so that no request waits for what is known to be away."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # an outage is told once, by us
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            kwargs={**self.params, "autocommit": True, "prepare_threshold": 0},
            min_size=1,
            max_size=most,
            open=False,
            check=ConnectionPool.check_connection,
            configure=lambda connection: _configure(connection, path),
            timeout=BORROW_SECONDS,
            reconnect_timeout=BEAT_SECONDS,
            max_idle=300,
            num_workers=2,
            name="ejia",
        )

    def connect(self) -> Connection:
        """Open a connection of one's own, to be closed by the caller.

        Raises:
            StoreAddressError: the address, the user, the password or the database is wrong.
            StoreDownError: nobody answers there.
        """
        try:
            made: Connection = psycopg.connect(**self.params, autocommit=True)
        except psycopg.Error as error:
            raise refused(error, self.params) from None
        return made

    def open(self) -> None:
        """Begin to lend."""
        self._pool.open()

    @contextmanager
    def lent(self, what: str) -> Iterator[Connection]:
        """Lend a connection that was just now alive; ``what`` names the work in a sentence.

        Raises:
            StoreDownError: the server does not answer; at once where that is known already.
            StoreError: the work failed.
        """
        away = f"the database at {self.where} does not answer; the last state is kept"
        if self.silent.is_set():
            raise StoreDownError(away)
        try:
            with self._pool.connection() as connection, plainly(what):
                yield connection
        except PoolTimeout as error:
            raise StoreDownError(away) from error
        except PoolClosed as error:
            raise StoreError("the store is closed") from error

    def renew(self) -> None:
        """Replace the connections that an outage has broken."""
        self._pool.check()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close(timeout=2)


@contextmanager
def plainly(what: str) -> Iterator[None]:
    """Turn the driver's errors into the store's."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreError(
            f"{what} needs a right that this role does not have ({_said(error)}); use the owner's address"
        ) from error
    except psycopg.errors.DiskFull as error:
        raise StoreError(
            f"{what} failed: the database's disk is full ({_said(error)}); make room there and do it again, "
            "nothing was half done"
        ) from error
    except psycopg.errors.AdminShutdown as error:
        raise StoreDownError(f"{what} was cut off: the database is being stopped") from error
    except psycopg.OperationalError as error:
        if error.sqlstate is None or error.sqlstate.startswith(("08", "57P")):
            raise StoreDownError(f"{what} was cut off: the database does not answer") from error
        raise StoreError(f"{what} failed: {_said(error)}") from error
    except psycopg.Error as error:
        raise StoreError(f"{what} failed: {_said(error)}") from error


def _said(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error).splitlines()[0]


def _configure(connection: Connection, path: str) -> None:
    """Set what every session of ours wants: our rooms, no long statement, no compiler for short questions."""
    for text in (
        f"set search_path = {path}",
        "set jit = off",
        f"set statement_timeout = '{STATEMENT_SECONDS}s'",
    ):
        connection.execute(text, prepare=False)


class Ear:
    """Listen for new versions in a thread of its own, through outages and restarts.

    Args:
        server: whom to listen to.
        catch_up: reads the version; called after every connection, since what was said while nobody listened
            is lost, then with true for a connection after an outage, and at every beat.
        heard: is given the words of every notification.
    """

    def __init__(
        self, server: Server, catch_up: Callable[[Connection, bool], None], heard: Callable[[str], None]
    ) -> None:
        self._server, self._catch_up, self._heard = server, catch_up, heard
        self._end = threading.Event()
        self._woken, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="ejia-ear", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._end.set()
        self._wake.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(BEAT_SECONDS * 2)

    def _run(self) -> None:
        down = False
        while not self._end.is_set():
            try:
                connection = self._server.connect()
            except StoreError as error:
                if not down:
                    LOG.warning("%s; trying again until it does", error)
                down = True
                self._server.silent.set()
                self._end.wait(BEAT_SECONDS / 2)
                continue
            self._server.silent.clear()
            try:
                self._listen(connection, back=down)
            except (psycopg.Error, StoreError) as error:
                if not self._end.is_set():
                    LOG.warning("the connection to %s is lost (%s)", self._server.where, type(error).__name__)
            finally:
                down = True
                connection.close()
        self._woken.close()

    def _listen(self, connection: Connection, back: bool) -> None:
        """Hear notifications until the connection breaks or nobody wants to listen any more."""
        connection.execute(f"set search_path = rollup, facts, public; listen {CHANNEL}")
        self._catch_up(connection, back)
        if back:
            LOG.warning("the database at %s is back", self._server.where)
            self._server.renew()
        with selectors.DefaultSelector() as waiting:
            waiting.register(connection, selectors.EVENT_READ)
            waiting.register(self._woken, selectors.EVENT_READ)
            while not self._end.is_set():
                ready = waiting.select(BEAT_SECONDS)
                for notice in connection.notifies(timeout=0):
                    self._heard(notice.payload)
                if not ready:
                    self._catch_up(
                        connection, False
                    )  # a server that went without a word is found out by asking
