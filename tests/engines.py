"""Every engine behind one face, so that one suite holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import cluster
import pyarrow as pa

from stores.desk import Desk, SqliteDesk
from stores.duckdb import DuckStore
from stores.pg_desk import PgDesk
from stores.postgres import PgStore
from stores.settings import Settings
from stores.store import LoadReport, Store
from stores.tables import fact_tables

NAMES = ("duckdb", "postgres")


@contextmanager
def made_engines(server: str) -> Iterator[list[Engine]]:
    """Give every engine at once."""
    made = [Engine(name, server if name == "postgres" else None) for name in NAMES]
    try:
        yield made
    finally:
        for engine in made:
            engine.close()


class Engine:
    """Make stores of one engine; ``close`` lets all of them go."""

    def __init__(self, name: str, server: str | None) -> None:
        self.name, self._server = name, server
        self._stores: list[Any] = []
        self.urls: list[str] = []

    def store(self, settings: Settings | None = None) -> Any:
        """Make an empty store."""
        if self._server is None:
            made: Any = DuckStore(None, settings or Settings())
        else:
            self.urls.append(cluster.new_database(self._server))
            made = PgStore(self.urls[-1], settings or Settings(), connections=4)
        self._stores.append(made)
        return made

    def emptied(self) -> Any:
        """Give a store without facts; on a server the last one is emptied, which is quicker."""
        if self._server is None or not self._stores:
            return self.store()
        store = self._stores[-1]
        with store._changing("emptying") as connection:
            tables = [*fact_tables(), "import_batch", "import_file", "import_reject"]
            connection.execute("truncate " + ", ".join(f"facts.{name}" for name in tables))
            connection.execute(
                "delete from facts.meta where key not in ('version', 'schema_version', 'program_mark')"
            )
        return store

    def loaded(self, tables: dict[str, pa.Table], **meta: str) -> Any:
        """Make a store with facts."""
        store: Store = self.store()
        store.load(tables, LoadReport("test", datetime(2019, 3, 1), meta or {"as_of": "2019-02-28"}))
        return store

    def desk(self) -> Desk:
        """Make empty records of the desk, beside the last store where there is one."""
        if self._server is None:
            made: Any = SqliteDesk(None)
        else:
            if not self.urls:
                self.urls.append(cluster.new_database(self._server))
            made = PgDesk(self.urls[-1], Settings(), connections=3)
        self._stores.append(made)
        return cast(Desk, made)

    def table(self, store: Any, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Read a table, its rows in some fixed order."""
        return sorted(self.rows(store, f"select {columns} from {name}"), key=str)

    def rows(self, store: Any, sql: str) -> list[tuple[Any, ...]]:
        """Read facts or roll-ups as they are."""
        if self._server is None:
            with store._reading() as cursor:
                found: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
            return found
        with store.server.lent("the test") as connection:
            return list(connection.execute(sql.encode()).fetchall())

    def close(self) -> None:
        """Let every store of this engine go."""
        for store in self._stores:
            store.close()
        for url in self.urls:
            cluster.drop_database(str(self._server), url)
        self._stores, self.urls = [], []
