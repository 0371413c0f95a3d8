"""What became of every row of every file: read = accepted + rejected + duplicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.table import Table

from loaders.reasons import Reject
from loaders.reconcile import Finding


@dataclass
class FileReport:
    """Hold what is said of one sheet.

    Args:
        file: path inside the folder, with '#sheet' where a file holds several.
        layout: layout by which it was read; `recognised` when found by its headers.
        read, accepted, rejected, duplicate: rows.
        unknown_columns: headers no layout knows; they are not loaded.
        dropped_columns: personal columns and withheld text, each with the number of cells dropped.
        notes: rows above and below the table that are no data.
    """

    file: str
    layout: str
    table_name: str
    sha256: str
    encoding: str = ""
    crs: str | None = None
    code_system: str | None = None
    recognised: bool = False
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    unknown_columns: list[str] = field(default_factory=list)
    dropped_columns: list[dict[str, Any]] = field(default_factory=list)
    notes: int = 0

    def row(self) -> dict[str, Any]:
        """Give the row for the store's import_file."""
        left_out = ("recognised", "notes")
        return {name: value for name, value in vars(self).items() if name not in left_out}


@dataclass
class IntakeReport:
    """Hold what became of a folder.

    Args:
        folder: as given.
        files: one entry a sheet, in the order they were read.
        rejects: one entry a rejected row.
        meta: what the folder declares of itself (data_label, as_of, name).
        notes: what else deserves to be said: files left aside, declarations without a file.
        findings: transfers that two offices report, or that only one of two does.
        reject_files: files with rejected rows, beside the source, that can be mended and loaded again.
        batch_id: number of the load in the store.
    """

    folder: str
    started_at: datetime
    files: list[FileReport] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    reject_files: list[str] = field(default_factory=list)
    batch_id: int | None = None

    @property
    def read(self) -> int:
        """Count the rows read."""
        return sum(one.read for one in self.files)

    @property
    def accepted(self) -> int:
        """Count the rows taken, new or changed."""
        return sum(one.accepted for one in self.files)

    @property
    def rejected(self) -> int:
        """Count the rows rejected."""
        return sum(one.rejected for one in self.files)

    @property
    def duplicate(self) -> int:
        """Count the rows already known."""
        return sum(one.duplicate for one in self.files)

    @property
    def exit_code(self) -> int:
        """Give the exit code: 0 = all taken or known, 1 = some rows rejected."""
        return 1 if self.rejected else 0

    def reject_rows(self) -> list[Mapping[str, Any]]:
        """Give the rows for the store's import_reject."""
        return [
            {
                "file": one.file,
                "row": one.row,
                "column": one.column,
                "value": one.value,
                "reason": one.reason,
                "advice": one.advice,
            }
            for one in self.rejects
        ]

    def table(self) -> Table:
        """Lay the files out for the console."""
        table = Table(title=self.folder, show_footer=True)
        table.add_column("file", "sum")
        table.add_column("layout")
        sums = (
            ("read", self.read),
            ("accepted", self.accepted),
            ("rejected", self.rejected),
            ("duplicate", self.duplicate),
        )
        for name, total in sums:
            table.add_column(name, f"{total:,}", justify="right")
        table.add_column("not loaded")
        for one in self.files:
            counts = (one.read, one.accepted, one.rejected, one.duplicate)
            layout = f"{one.layout} (by its headers)" if one.recognised else one.layout
            table.add_row(_safe(one.file), layout, *(f"{count:,}" for count in counts), _safe(_left_out(one)))
        return table

    def reject_table(self, most: int = 20) -> Table:
        """Lay the first rejected rows out for the console."""
        table = Table(title=f"rejected rows ({min(most, len(self.rejects))} of {len(self.rejects):,})")
        for name in ("file", "row", "column", "value", "reason", "what to do"):
            table.add_column(name)
        for one in self.rejects[:most]:
            cells = (one.file, str(one.row), one.column, one.value or "", one.reason, one.advice)
            table.add_row(*(_safe(cell) for cell in cells))
        return table

    def finding_line(self) -> str:
        """Say how many transfers two offices report, and what became of them."""
        counts = Counter(one.kind for one in self.findings)
        said = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("matched", "alone", "held"))
        return f"Transfers reported by two offices: {said}"

    def finding_table(self, most: int = 20) -> Table | None:
        """Lay out for the console what does not match: held back first, then one-sided; None = all match."""
        order = sorted(
            (one for one in self.findings if one.kind != "matched"), key=lambda one: one.kind != "held"
        )
        if not order:
            return None
        table = Table(title="transfers that do not match")
        for name in ("result", "transfer", "file", "other", "other file", "days apart", "differs"):
            table.add_column(name)
        for one in order[:most]:
            days = "" if one.days is None else str(one.days)
            cells = (
                one.kind, one.transfer_id, one.source, one.other_id, one.other_source, days, one.differs,
            )  # fmt: skip
            table.add_row(*(_safe(cell) for cell in cells))
        return table


def _left_out(one: FileReport) -> str:
    """Name the columns that were not loaded."""
    dropped = [f"{part['column']} ×{part['count']:,}" for part in one.dropped_columns]
    parts = [f"dropped: {', '.join(dropped)}"] * bool(dropped)
    parts += [f"unknown: {', '.join(one.unknown_columns)}"] * bool(one.unknown_columns)
    return "; ".join(parts)


def _safe(text: str) -> str:
    """Keep square brackets from being read as markup."""
    return text.replace("[", "\\[")
