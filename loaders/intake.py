"""Read a folder of office files into the store: everything that fits, or nothing.

A folder is read table by table, those referred to first. Each sheet is mapped in pieces, so that a million
rows need little memory and a wish to stop is heard. The store takes all tables in one transaction; pure
events (attendance, study, use of positions) are read file by file while it does, so that memory does not grow
with the number of months.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders import systems
from loaders.checking import SOURCE, Checked, check, plain_rows
from loaders.declaration import Declaration, read_declaration
from loaders.known import Known, Target
from loaders.layouts import Fit, Layout, fit, layouts
from loaders.mapping import Context, Mapper, Settled
from loaders.pseudonyms import Pseudonyms, read_key
from loaders.reconcile import TABLE as TRANSFERS
from loaders.reconcile import reconcile, write_list
from loaders.rejects import write_rejects
from loaders.report import FileReport, IntakeReport
from loaders.sheets import RawSheet
from loaders.sources import Source, by_table, find_sources
from stores.errors import LoadError
from stores.settings import Settings
from stores.store import LoadReport, Rows

PIECE_ROWS: Final = 200_000

Progress = Callable[[str, int, int], None]
"""Told what is read, and how many bytes of how many are done; then 'store: <table>', from 0 to all again."""


class LoadCancelledError(LoadError):
    """Say that a load was stopped; the store is as it was."""


@dataclass
class _Run:
    """Hold one load on its way."""

    settings: Settings
    context: Context
    report: IntakeReport
    progress: Progress
    cancel: Callable[[], bool]
    total: int
    done: int = 0
    tables: dict[str, Rows] = field(default_factory=dict)

    def heed(self) -> None:
        """Stop when asked to.

        Raises:
            LoadCancelledError: somebody asked.
        """
        if self.cancel():
            raise LoadCancelledError("stopped as asked; the store is as it was")


def load_folder(
    folder: Path,
    store: Target,
    settings: Settings,
    *,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> IntakeReport:
    """Read a folder into the store in one transaction.

    Args:
        folder: the offices' files, with ejia-source.toml saying how they are to be read.
        store: takes the rows.
        settings: the deployment; its data_dir holds the key of the pseudonyms.
        progress: told of each piece.
        cancel: asked before each piece; true stops the load.

    Returns:
        What became of every row. Rejected rows stand in <folder>/rejects as well, as handed over.

    Raises:
        LoadError: folder or file cannot be read as declared; the store is as it was.
        LoadCancelledError: stopped by `cancel`; the store is as it was.
    """
    folder = Path(folder)
    declaration = read_declaration(folder)
    sources, notes = find_sources(folder, declaration)
    files, more = by_table(sources)
    report = IntakeReport(str(folder), datetime.now(), meta=_meta(declaration), notes=notes + more)
    context = Context(Pseudonyms(read_key(settings.data_dir)), Known(store))
    total = sum(source.path.stat().st_size for some in files.values() for source in some)
    run = _Run(settings, context, report, progress or _silent, cancel or _never, total)
    for table, some in files.items():
        layout = layouts()[table]
        if layout.event:
            run.tables[table] = _events(run, layout, some)
        else:
            _read_table(run, layout, some)
    _store(run, store)
    pairs = [(source, table) for table, some in files.items() for source in some]
    _send_back(folder, pairs, report, declaration)
    return report


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def _never() -> bool:
    """Go on."""
    return False


def _meta(declaration: Declaration) -> dict[str, str]:
    """Give what the folder says of itself."""
    pairs = {"data_label": declaration.data_label, "as_of": declaration.as_of, "name": declaration.name}
    return {key: value for key, value in pairs.items() if value}


def _read_table(run: _Run, layout: Layout, sources: Sequence[Source]) -> None:
    """Read all files of one table and check their rows together."""
    pieces: list[pa.Table] = []
    for source in sources:
        pieces += _read_source(run, layout, source)
        run.done += source.path.stat().st_size
    pieces = [piece for piece in pieces if piece.num_rows]
    if not pieces:
        return
    rows = pa.concat_tables(pieces, promote_options="default").unify_dictionaries()
    del pieces
    checked = check(layout, rows, run.context.known, run.settings.district.code)
    if layout.table == "region":
        run.report.notes += [
            f"region {code}: known as {old}, now called {new}; check whether the codes are of another system"
            for code, old, new in run.context.known.renamed(checked.rows)
        ]
    if layout.table == TRANSFERS:
        checked = _reconciled(run, checked)
    run.context.known.add(layout.table, checked.rows)
    _settle(run.report, layout, checked)
    run.tables[layout.table] = plain_rows(checked.rows)


def _reconciled(run: _Run, checked: Checked) -> Checked:
    """Join transfers that two offices report; a row that joined another counts as a duplicate."""
    made = reconcile(checked.rows, run.context.known)
    run.report.findings += made.findings
    joined = {name: made.joined.get(name, 0) + n for name, n in checked.duplicate.items()}
    return Checked(made.rows, made.joined | joined, checked.rejects + made.rejects)


def _events(run: _Run, layout: Layout, sources: Sequence[Source]) -> Iterator[pa.Table]:
    """Read the files of a table of pure events one after the other, while the store takes them.

    A key that two files share is found by the store, where the first word stands: a duplicate of the second.
    """
    for source in sources:
        pieces = [piece for piece in _read_source(run, layout, source) if piece.num_rows]
        run.done += source.path.stat().st_size
        if pieces:
            rows = pa.concat_tables(pieces, promote_options="default").unify_dictionaries()
            del pieces
            checked = check(layout, rows, run.context.known, run.settings.district.code)
            _settle(run.report, layout, checked)
            yield plain_rows(checked.rows)


def _told(run: _Run, told: LoadReport, last: Rows) -> Iterator[pa.Table]:
    """Pass the last events on, then write into the report what has become of the files."""
    yield from (last,) if isinstance(last, pa.Table) else last
    _tell_files(run.report, told)


def _tell_files(report: IntakeReport, told: LoadReport) -> None:
    """Write the files and rejected rows of the intake into what the store keeps."""
    cast(list[Any], told.files)[:] = [one.row() for one in report.files]
    cast(list[Any], told.rejects)[:] = report.reject_rows()


def _read_source(run: _Run, layout: Layout, source: Source) -> list[pa.Table]:
    """Read the sheets of one file that fill this table."""
    digest, pieces = source.digest(), []
    for sheet in source.sheets():
        if source.layout_of(sheet) is layout:
            pieces += _read_sheet(run, layout, source, sheet, digest)
        elif source.layout is None and source.layout_of(sheet) is None:
            run.report.notes.append(f"{source.name}#{sheet.name}: left aside, its headers fit no layout")
    return pieces


def _settle(report: IntakeReport, layout: Layout, checked: Checked) -> None:
    """Move rows from the accepted to the rejected and the duplicates."""
    report.rejects += checked.rejects
    files = {one.file: one for one in report.files if one.table_name == layout.table}
    for reject in checked.rejects:
        files[reject.file].rejected += 1
        files[reject.file].accepted -= 1
    for name, count in checked.duplicate.items():
        files[name].duplicate += count
        files[name].accepted -= count


def _read_sheet(run: _Run, layout: Layout, source: Source, sheet: RawSheet, digest: str) -> list[pa.Table]:
    """Map one sheet piece by piece and report on it."""
    name = f"{source.name}#{sheet.name}" if sheet.name else source.name
    fitted = fit(layout, sheet.headers)
    _require(layout, fitted, sheet, name)
    settled = _settled(run, layout, source, sheet, fitted, name)
    entry = FileReport(
        name, layout.table, layout.table, digest, sheet.encoding, settled.crs, settled.code_system
    )
    entry.recognised = source.layout is None
    entry.read, entry.notes = sheet.read, sheet.notes
    entry.unknown_columns = list(fitted.unknown) + _unused_shape(layout, sheet)
    entry.dropped_columns = _dropped(sheet, fitted)
    run.report.files.append(entry)
    mapper = Mapper(layout, sheet, fitted, settled, run.context)
    run.report.rejects += mapper.torn()
    entry.rejected = len(sheet.torn)
    size, rows = source.path.stat().st_size, max(1, len(sheet.numbers))
    made = []
    for start in range(0, len(sheet.numbers), PIECE_ROWS):
        run.heed()
        run.progress(name, run.done + size * start // rows, run.total)
        piece = mapper.piece(start, min(start + PIECE_ROWS, len(sheet.numbers)))
        run.report.rejects += piece.rejects
        entry.rejected += len(piece.rejects)
        entry.accepted += piece.rows.num_rows
        made.append(piece.rows.append_column(SOURCE, _same_text(name, piece.rows.num_rows)))
    run.progress(name, run.done + size, run.total)
    return made


def _same_text(text: str, n: int) -> pa.Array:
    """Repeat a text n times in the room of one."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([text]))


def _require(layout: Layout, fitted: Fit, sheet: RawSheet, name: str) -> None:
    """Refuse a sheet without a column that every row needs.

    Raises:
        LoadError: with the names that would do.
    """
    for column in layout.columns.values():
        if column.required and column.name not in fitted.places:
            raise LoadError(
                f"{name}: no column for {column.name} of the layout {layout.table}; "
                f"allowed headers are {'、'.join(column.names[:5])}; found {'、'.join(sheet.headers[:12])}"
            )


def _settled(run: _Run, layout: Layout, source: Source, sheet: RawSheet, fitted: Fit, name: str) -> Settled:
    """Settle coordinate and code system of a sheet, refusing what is not declared."""
    crs = codes = None
    where = str(source.path) + (f"#{sheet.name}" if sheet.name else "")
    if _holds_coordinates(layout, sheet, fitted):
        crs = systems.require_crs(source.declared.crs, where)
        if sheet.shapes is not None:
            sheet.shapes = systems.to_degrees(sheet.shapes, sheet.system, crs, where)
    target = run.settings.district.code_system
    places = [column.name for column in layout.columns.values() if column.kind == "place"]
    filled = [fitted.places[one] for one in places if one in fitted.places]
    if any(sheet.rows.column(at).null_count < sheet.rows.num_rows for at in filled):
        codes = systems.require_codes(source.declared.code_system, where)
        if layout.table == "region" and {"region_id", "name"} <= set(fitted.places):
            cells = [sheet.rows.column(fitted.places[one]).to_pylist() for one in ("region_id", "name")]
            systems.check_names(cells[0], cells[1], codes, where)
    return Settled(name, crs, codes, target, run.settings.district.code)


def _holds_coordinates(layout: Layout, sheet: RawSheet, fitted: Fit) -> bool:
    """Tell whether the layout takes coordinates and the sheet has any."""
    if layout.shape is not None and sheet.shapes is not None:
        return True
    axes = [
        fitted.places[one.name] for one in layout.columns.values() if one.axis and one.name in fitted.places
    ]
    return any(sheet.rows.column(at).null_count < sheet.rows.num_rows for at in axes)


def _unused_shape(layout: Layout, sheet: RawSheet) -> list[str]:
    """Name shapes that the layout has no use for."""
    return ["geometry"] if sheet.shapes is not None and layout.shape is None else []


def _dropped(sheet: RawSheet, fitted: Fit) -> list[dict[str, Any]]:
    """Count the filled cells of each personal column."""
    found = []
    for at in fitted.personal:
        column = sheet.rows.column(at)
        filled = pc.sum(pc.fill_null(pc.not_equal(column, ""), False)).as_py() or 0
        found.append({"column": " ".join(sheet.headers[at].split()), "count": int(filled)})
    return found


def _store(run: _Run, store: Target) -> None:
    """Hand everything to the store; rows it knows already become duplicates."""
    report = run.report
    told = LoadReport(report.folder, report.started_at, report.meta, [], [])
    _tell_files(report, told)
    events = [name for name, rows in run.tables.items() if not isinstance(rows, pa.Table)]
    for name in events:  # whichever the store takes last tells of all
        run.tables[name] = _told(run, told, run.tables[name])

    def tell(what: str, share: float) -> None:
        run.heed()
        run.progress(f"store: {what}", round(share * run.total), run.total)

    run.heed()
    pa.default_memory_pool().release_unused()
    result = store.load(run.tables, told, tell)
    report.batch_id = result.batch_id
    for one in report.files:
        known = result.by_source.get((one.table_name, one.file), (0, 0))[1]
        one.accepted -= known
        one.duplicate += known


def _send_back(
    folder: Path, sources: Sequence[tuple[Source, str]], report: IntakeReport, declaration: Declaration
) -> None:
    """Write the rejected rows beside the source; a folder that cannot be written is said, no more."""
    if not report.rejects and not report.findings:
        return
    try:
        if report.rejects:
            report.reject_files = write_rejects(folder, sources, report.rejects, declaration)
        if report.findings:
            listed = write_list(folder, report.findings)
            report.notes.append(f"transfers that two offices report are listed in {listed}")
    except OSError as error:
        report.notes.append(
            f"{folder}/rejects cannot be written ({error.strerror}); the rows are listed in the store"
        )
