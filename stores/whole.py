"""Facts and the desk's records as one store: what the gate and the screens ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stores.bell import Bell
from stores.desk import Desk
from stores.questions import question as find_question
from stores.settings import Settings
from stores.store import LoadReport, LoadResult, Part, Progress, Row, Rows, Status, Store

if TYPE_CHECKING:
    import pyarrow as pa

    from stores.shards import Made


class WholeStore:
    """Ask the facts, and let computed questions read the desk's records beside them.

    Args:
        facts: the store of facts and roll-ups.
        desk: the desk's records; computed questions find it as ``store.desk``.
        settings: the deployment, whose limits computed questions judge by, as ``store.settings``.
    """

    def __init__(self, facts: Store, desk: Desk, settings: Settings | None = None) -> None:
        self.facts = facts
        self.desk = desk
        self.settings = settings or Settings()
        self.bell = Bell()
        self.engine = facts.engine
        facts.bell.link(self.bell)
        desk.bell.link(self.bell)

    @property
    def version(self) -> int:
        """Return a number that grows with every load, late event and act at the desk."""
        return self.facts.version + self.desk.version

    def wait(self, seen: int, timeout: float) -> int:
        """Block until either part has a new version or the time is over; see ``Store.wait``."""
        return self.bell.wait(lambda: self.version, seen, timeout)

    def ask(self, question: str, /, **params: Any) -> list[Row]:
        """Answer a question; see ``Store.ask``."""
        asked = find_question(question)
        if asked.compute is not None:
            return asked.compute(self, **asked.bind(params))
        return self.facts.ask(question, **params)

    def load(
        self, tables: Mapping[str, Rows], report: LoadReport, progress: Progress | None = None
    ) -> LoadResult:
        """Take the rows of a load; see ``Store.load``."""
        return self.facts.load(tables, report, progress)

    def known(self, table: str, columns: Sequence[str], part: Part | None = None) -> pa.Table:
        """Return columns of rows of a table of facts; see ``Store.known``."""
        return self.facts.known(table, columns, part)

    def loads(self) -> dict[int, str]:
        """Return number and end of every load; see ``Store.loads``."""
        return self.facts.loads()

    def append_attendance(self, rows: pa.Table) -> tuple[int, int]:
        """Take late sign-ins; see ``Store.append_attendance``."""
        return self.facts.append_attendance(rows)

    def sign_in(self, rows: pa.Table) -> frozenset[tuple[str, str]]:
        """Take late sign-ins and tell which were new; see ``Store.sign_in``."""
        return self.facts.sign_in(rows)

    def shapes(self, level: str, parent: str | None = None) -> list[tuple[str, bytes, str]]:
        """Return the shapes of a level's places; see ``Store.shapes``."""
        return self.facts.shapes(level, parent)

    def pour(self, made: Made) -> int:
        """Replace every roll-up; see ``Store.pour``."""
        return self.facts.pour(made)

    def refresh(self) -> bool:
        """Take up a store that another process has published; see ``Store.refresh``."""
        return self.facts.refresh()

    def status(self) -> Status:
        """Count everything; see ``Store.status``."""
        return self.facts.status()

    def close(self) -> None:
        """Let both go."""
        self.facts.close()
        self.desk.close()
