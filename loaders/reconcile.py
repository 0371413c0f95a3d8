"""One transfer that two offices report, each with its own number, names and dates, becomes one transfer.

The office that sends and the office that receives keep a sheet each. Rows of different files (or of a file
and of the store) are one transfer when they name the same member and the same ends, do not contradict each
other in how it ended, and lie at most `WINDOW_DAYS` apart. Of several candidates the nearest date wins;
where two are equally near nothing is guessed: the row is held back and listed. A row that agrees in all but
the date with one that found no partner is held back too, since it is more likely a slip of the pen than a
second transfer.

What was known first, or stands in the file declared first, keeps its number and its words; the other fills
what it leaves empty, and says how it ended when it knows more. So nothing is counted twice, in whatever order
the files come.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from loaders.checking import SOURCE
from loaders.known import Known
from loaders.layouts import layouts
from loaders.mapping import ROW
from loaders.reasons import Reject

TABLE: Final = "transfer"
WINDOW_DAYS: Final = 30
"""How far the two dates of one transfer may lie apart: a letter is carried for thirty days."""
SLIP_DAYS: Final = 370
"""Up to which distance a partner that is otherwise alike is taken for a slip of the pen: a wrong year."""
AND: Final = " + "
"""Stands between the files that report one transfer."""
LIST: Final = "转接核对.csv"
_ENDED: Final = ("completed", "returned", "withdrawn", "rejected", "revoked")
_STEPS: Final = (
    "draft", "pending_application", "pending_from_branch", "pending_from_committee", "pending_to_committee",
    "pending_to_branch",
)  # fmt: skip
_PROGRESS: Final = ("status", "step_entered_at", "decided_at", "decided_by_org")
_DAYS: Final = ("decided_at", "applied_on", "step_entered_at")


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one line of the list: two rows that are one transfer, or one that is held back or stands alone.

    Args:
        kind: 'matched', 'alone' (reported by one side and taken), 'held' (not taken).
        transfer_id, source: the row that stands; of a row alone or held its own.
        other_id, other_source: the row that joined it, or the one it may be; empty when there is none.
        days: how far their dates lie apart; None = no dates to compare.
        differs: columns in which they differ, comma-joined.
    """

    kind: str
    transfer_id: str
    source: str
    other_id: str = ""
    other_source: str = ""
    days: int | None = None
    differs: str = ""


@dataclass(frozen=True)
class Reconciled:
    """Hold the rows that stand, rows that joined another by file, rows held back, and the list."""

    rows: pa.Table
    joined: dict[str, int] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold a row on its way: its place in the load (None = it is in the store), its rank, its content."""

    at: int | None
    rank: tuple[int, int]
    values: Mapping[str, Any]

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(str(self.values[SOURCE]).split(AND))


def reconcile(rows: pa.Table, known: Known) -> Reconciled:
    """Join the rows of a load that are one transfer, with each other and with those of the store.

    Args:
        rows: checked rows of all files with SOURCE and ROW, in the order they count.
        known: gives the store's transfers.

    Returns:
        The rows to be taken; O(n log n) for n rows, n² only within one member's.
    """
    rows = rows.set_column(rows.column_names.index(SOURCE), SOURCE, rows.column(SOURCE).cast(pa.string()))
    stored = known.rows(TABLE, [*layouts()[TABLE].columns, SOURCE])
    keys, old = rows.column("transfer_id").to_pylist(), stored.column("transfer_id").to_pylist()
    where = {key: at for at, key in enumerate(old)}
    groups = list(_groups(rows, stored, keys, set(keys)))
    made = _Making(rows)
    for own, other in groups:
        some = [_Row(at, (0 if keys[at] in where else 1, at), made.values(at)) for at in own]
        some += [_Row(None, (0, at), _stored(stored, at)) for at in other]
        made.join(sorted(some, key=lambda row: row.rank))
    for at, key in enumerate(keys):
        if key in where and AND in (stored.column(SOURCE)[where[key]].as_py() or ""):
            made.keep_what_was_joined(at, _stored(stored, where[key]))
    return made.done()


def _groups(
    rows: pa.Table, stored: pa.Table, keys: Sequence[str], own: set[str]
) -> Iterator[tuple[list[int], list[int]]]:
    """Give, for each member whom different files report, the places of the rows in the load and the store."""
    new = pd.DataFrame(
        {"member": rows.column("member_pid").to_pylist(), "source": rows.column(SOURCE).to_pylist()}
    )
    new["at"], new["old"] = np.arange(len(new)), False
    fresh = [key not in own for key in stored.column("transfer_id").to_pylist()]
    kept = pd.DataFrame(
        {"member": stored.column("member_pid").to_pylist(), "source": stored.column(SOURCE).to_pylist()}
    )
    kept["at"], kept["old"] = np.arange(len(kept)), True
    both = pd.concat([new, kept[np.array(fresh, bool)]], ignore_index=True).dropna(subset=["member"])
    files = both.groupby("member")["source"].nunique()
    several = set(files.index[files > 1]) & set(new["member"].dropna())
    chosen = both[both["member"].isin(several)]
    for _, group in chosen.groupby("member", sort=True):
        at, old = group["at"].to_numpy(), group["old"].to_numpy(dtype=bool)
        yield at[~old].tolist(), at[old].tolist()


def _stored(stored: pa.Table, at: int) -> dict[str, Any]:
    return {name: stored.column(name)[at].as_py() for name in stored.column_names}


class _Making:
    """Gather what becomes of the rows of a load."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows
        self._changed: dict[int, dict[str, Any]] = {}
        self._gone: set[int] = set()
        self._more: list[dict[str, Any]] = []
        self._sides: set[str] = set()
        self._result = Reconciled(rows)

    def values(self, at: int) -> dict[str, Any]:
        """Give a row's content."""
        if at in self._changed:
            return self._changed[at]
        return {name: self._rows.column(name)[at].as_py() for name in self._rows.column_names}

    def join(self, rows: Sequence[_Row]) -> None:
        """Join what is one transfer among the rows of one member, sorted by rank."""
        pairs, held = _pairs(rows)
        standing: dict[int, _Row] = {}
        for one, other, days in pairs:
            base = standing.get(one, rows[one])
            standing[one] = self._joined(base, standing.get(other, rows[other]), days)
        taken = {at for one, other, _ in pairs for at in (one, other)}
        held |= _slips(rows, taken | set(held))
        for at, (like, apart) in held.items():
            self._hold(rows[at], rows[like], apart)

    def keep_what_was_joined(self, at: int, stored: Mapping[str, Any]) -> None:
        """Keep what another office's row had added to a transfer, when one office's row comes again."""
        if at not in self._gone:
            self._changed[at] = _merged(self.values(at), stored)

    def done(self) -> Reconciled:
        """Give what became of all rows."""
        made = self._result
        made.findings.extend(self._alone())
        made.findings.sort(key=lambda one: (one.kind, one.source, one.transfer_id, one.other_id))
        if not self._changed and not self._gone and not self._more:
            return made
        stays = np.ones(self._rows.num_rows, bool)
        stays[np.array([*self._gone, *self._changed], np.int64)] = False
        new = [self._changed[at] for at in sorted(self._changed) if at not in self._gone] + self._more
        parts = [self._rows.filter(pa.array(stays)), pa.Table.from_pylist(new, schema=self._rows.schema)]
        return Reconciled(pa.concat_tables(parts), made.joined, made.rejects, made.findings)

    def _alone(self) -> Iterator[Finding]:
        """List the rows that found no partner in files of which others did."""
        if not self._sides:
            return
        names = [self._rows.column(name).to_pylist() for name in ("transfer_id", SOURCE)]
        for at, (key, source) in enumerate(zip(*names, strict=True)):
            if source in self._sides and at not in self._gone and at not in self._changed:
                yield Finding("alone", str(key), str(source))

    def _joined(self, base: _Row, other: _Row, days: int) -> _Row:
        """Let one row join another."""
        merged = _merged(base.values, other.values)
        differs = ",".join(_differing(base.values, other.values))
        self._result.findings.append(
            Finding(
                "matched",
                _id(base),
                str(base.values[SOURCE]),
                _id(other),
                str(other.values[SOURCE]),
                days,
                differs,
            )
        )
        self._sides |= other.sources
        if other.at is not None:
            self._gone.add(other.at)
            file = str(self._rows.column(SOURCE)[other.at].as_py())
            self._result.joined[file] = self._result.joined.get(file, 0) + 1
        if base.at is not None:
            self._changed[base.at] = merged
        else:
            names = self._rows.column_names
            self._more = [one for one in self._more if one["transfer_id"] != merged["transfer_id"]]
            self._more.append({name: merged.get(name, 0 if name == ROW else None) for name in names})
        return _Row(base.at, base.rank, merged)

    def _hold(self, row: _Row, like: _Row, days: int | None) -> None:
        """Hold a row back."""
        if row.at is None:
            return
        file, number = str(row.values[SOURCE]), int(row.values[ROW])
        what = f"{like.values[SOURCE]}, {_id(like)}"
        header = layouts()[TABLE].columns["transfer_id"].names[0]
        self._gone.add(row.at)
        self._result.rejects.append(Reject(file, number, header, _id(row), "two_sides", (what, what)))
        self._result.findings.append(
            Finding("held", _id(row), file, _id(like), str(like.values[SOURCE]), days)
        )


def _id(row: _Row) -> str:
    return str(row.values["transfer_id"])


def _pairs(rows: Sequence[_Row]) -> tuple[list[tuple[int, int, int]], dict[int, tuple[int, int | None]]]:
    """Join rows nearest first: (earlier, later, days apart); and give rows held, with what they may be."""
    open_ = [
        (days, one, other)
        for one in range(len(rows))
        for other in range(one + 1, len(rows))
        if (days := _apart(rows[one], rows[other])) is not None and days <= WINDOW_DAYS
    ]
    pairs: list[tuple[int, int, int]] = []
    held: dict[int, tuple[int, int | None]] = {}
    sources = {at: set(row.sources) for at, row in enumerate(rows)}
    into: dict[int, int] = {}
    while open_:
        nearest = min(open_)[0]
        now = [(one, other) for days, one, other in open_ if days == nearest]
        doubtful = {at for pair in now for at in pair if _has_two(at, now, rows)}
        for one, other in now:
            if one in doubtful or other in doubtful:
                held.setdefault(other, (one, nearest))
                continue
            first = into.get(one, one)
            if other in into or sources[first] & sources[other]:
                continue
            pairs.append((first, other, nearest))
            into[other] = first
            sources[first] |= sources[other]
        done = doubtful | set(held)
        open_ = [
            (days, one, other)
            for days, one, other in open_
            if days > nearest
            and not {one, other} & done
            and other not in into
            and not sources[into.get(one, one)] & sources[other]
        ]
    return pairs, held


def _has_two(at: int, pairs: Sequence[tuple[int, int]], rows: Sequence[_Row]) -> bool:
    """Tell whether a row has two partners of one file among pairs that are equally near."""
    partners = [one if other == at else other for one, other in pairs if at in (one, other)]
    seen: set[str] = set()
    for partner in partners:
        if seen & rows[partner].sources:
            return True
        seen |= rows[partner].sources
    return False


def _slips(rows: Sequence[_Row], taken: set[int]) -> dict[int, tuple[int, int | None]]:
    """Find rows alike in all but the date, or contradicting each other in the end, that found no partner."""
    found: dict[int, tuple[int, int | None]] = {}
    free = [at for at in range(len(rows)) if at not in taken]
    for place, one in enumerate(free):
        for other in free[place + 1 :]:
            if one in found or other in found or not _alike(rows[one], rows[other]):
                continue
            days = _days(rows[one].values, rows[other].values)
            if days is None or days <= SLIP_DAYS:
                found[other] = (one, days)
    return found


def _apart(one: _Row, other: _Row) -> int | None:
    """Give how many days two rows lie apart when they may be one transfer; None = they are not."""
    if not _alike(one, other) or _contradict(one.values, other.values):
        return None
    return _days(one.values, other.values)


def _alike(one: _Row, other: _Row) -> bool:
    """Tell whether two rows of different files name the same ends; an end left empty agrees with any."""
    if one.sources & other.sources:
        return False
    agree = [_ends_agree(_end(one.values, side), _end(other.values, side)) for side in ("from", "to")]
    return None not in agree and any(agree)


def _end(values: Mapping[str, Any], side: str) -> str | None:
    org = values.get(f"{side}_org_id")
    outside = values.get(f"{side}_external")
    return str(org) if org else f"ext:{outside}" if outside else None


def _ends_agree(one: str | None, other: str | None) -> bool | None:
    """Tell: True = the same, False = one is not known, None = they differ."""
    if one is None or other is None:
        return False
    if one.startswith("ext:") and other.startswith("ext:"):
        return True if one.startswith(other) or other.startswith(one) else None
    return True if one == other else None


def _contradict(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    ends = {values.get("status") for values in (one, other)} & set(_ENDED)
    return len(ends) > 1


def _days(one: Mapping[str, Any], other: Mapping[str, Any]) -> int | None:
    """Give how far two rows lie apart: by the decision, else the application, else what dates there are."""
    for name in _DAYS:
        a, b = _day(one.get(name)), _day(other.get(name))
        if a and b:
            return abs((a - b).days)
    first = [next((day for name in _DAYS if (day := _day(v.get(name)))), None) for v in (one, other)]
    return abs((first[0] - first[1]).days) if first[0] and first[1] else None


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _merged(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Fill what the base leaves empty; take how it ended from whoever knows more."""
    made = {name: other.get(name) if value is None else value for name, value in base.items()}
    if _far(other) > _far(base):
        made |= {name: other.get(name) or base.get(name) for name in _PROGRESS if name in base}
    names = [*str(base[SOURCE]).split(AND), *str(other[SOURCE]).split(AND)]
    return made | {SOURCE: AND.join(dict.fromkeys(names))}


def _far(values: Mapping[str, Any]) -> int:
    status = values.get("status")
    return len(_STEPS) if status in _ENDED else _STEPS.index(status) if status in _STEPS else -1


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Name the columns in which both say something, and not the same."""
    left_out = {"transfer_id", "member_pid", SOURCE, ROW}
    return sorted(
        name
        for name in one
        if name not in left_out and one[name] is not None and other.get(name) not in (None, one[name])
    )


def write_list(folder: Path, findings: Sequence[Finding]) -> str:
    """Write the list beside the source, for both offices; numbers, files and dates, nobody's name.

    Returns:
        Its path inside the folder.

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / "rejects" / LIST
    path.parent.mkdir(exist_ok=True)
    heads = ("结果", "转接编号", "来源", "对应编号", "对应来源", "相差天数", "不一致的列")
    words = {"matched": "已合并", "alone": "仅一方登记，已导入", "held": "未导入，待核对"}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for one in findings:
            days = "" if one.days is None else one.days
            row = (
                words[one.kind],
                one.transfer_id,
                one.source,
                one.other_id,
                one.other_source,
                days,
                one.differs,
            )
            writer.writerow(_harmless(str(cell)) for cell in row)
    return f"rejects/{LIST}"


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from reading a cell as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
