"""Columns of Arrow as PostgreSQL's binary COPY, a chunk at a time and without a loop over rows.

The format (PostgreSQL's documentation, COPY, "Binary Format"): a header of 19 bytes; for each row the number
of its fields (int16) and for each field its length in bytes (int32, -1 = null) and its bytes, everything in
network order; at the end an int16 of -1. Dates count days and timestamps microseconds from 2000-01-01.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = b"\xff\xff"
CHUNK: Final = 32_768
DAYS_TO_2000: Final = 10_957
MICROSECONDS_TO_2000: Final = 946_684_800_000_000
ARROW: Final[dict[str, pa.DataType]] = {
    "text": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "blob": pa.binary(),
}
_BIG_ENDIAN: Final = {
    "integer": ">i4", "bigint": ">i8", "double": ">f8", "boolean": ">i1", "date": ">i4", "timestamp": ">i8",
}  # fmt: skip
Bytes = npt.NDArray[np.uint8]


def cast(column: Any, kind: str) -> Any:
    """Give a column the type that a kind of schema.sql stands for.

    Raises:
        pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError: a value does not fit.
    """
    wanted = ARROW[kind]
    if column.type == wanted:
        return column
    finer = pa.types.is_timestamp(column.type) and kind == "timestamp"  # nanoseconds may go
    return pc.cast(column, wanted, safe=not finer)


def chunks(table: pa.Table | pa.RecordBatchReader, kinds: list[str]) -> Iterator[bytes]:
    """Write a table whose columns already have the types of ``kinds``; the parts belong together in order."""
    yield HEADER
    for batch in _batches(table):
        if batch.num_rows:
            yield _rows([_field(batch.column(at), kind) for at, kind in enumerate(kinds)], batch.num_rows)
    yield END


def _batches(table: pa.Table | pa.RecordBatchReader) -> Iterator[Any]:
    """Cut a table, or what comes of one, into batches of at most CHUNK rows."""
    if isinstance(table, pa.Table):
        yield from table.to_batches(max_chunksize=CHUNK)
        return
    for batch in table:
        for start in range(0, batch.num_rows, CHUNK):
            yield batch.slice(start, CHUNK)


def _field(array: Any, kind: str) -> tuple[Bytes, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return a column's bytes one after the other, the length of each value (0 where null), and the nulls."""
    nulls = np.asarray(array.is_null())
    if kind in ("text", "blob"):
        return *_varying(array, nulls), nulls
    filled = array.fill_null(False if kind == "boolean" else 0) if array.null_count else array
    if kind == "date":
        values = np.asarray(filled.cast(pa.int32())) - DAYS_TO_2000
    elif kind == "timestamp":
        values = np.asarray(filled.cast(pa.int64())) - MICROSECONDS_TO_2000
    else:
        values = np.asarray(filled)
    packed = values.astype(_BIG_ENDIAN[kind])[~nulls]
    lengths = np.where(nulls, 0, packed.dtype.itemsize).astype(np.int64)
    return np.frombuffer(packed.tobytes(), np.uint8), lengths, nulls


def _varying(array: Any, nulls: npt.NDArray[np.bool_]) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Read texts or bytes out of Arrow's buffers."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    lengths = np.diff(offsets).astype(np.int64)
    data = array.buffers()[2]
    whole = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    if nulls.any():
        lengths[nulls & (lengths > 0)] = 0  # a null may still have bytes behind it
        return _gathered(whole, offsets[:-1].astype(np.int64), lengths), lengths
    return whole[offsets[0] : offsets[-1]], lengths


def _gathered(whole: Bytes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Bytes:
    """Take runs of bytes one after the other."""
    return whole[_run_indices(starts, lengths)]


def _run_indices(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the index of every byte of runs that begin at ``starts``."""
    total = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    indices: npt.NDArray[np.int64] = np.arange(total, dtype=np.int64) + np.repeat(starts - before, lengths)
    return indices


def _rows(fields: list[tuple[Bytes, npt.NDArray[np.int64], npt.NDArray[np.bool_]]], count: int) -> bytes:
    """Lay the fields of a chunk out row by row."""
    sizes = np.full(count, 2, np.int64)
    for _, lengths, _ in fields:
        sizes += 4 + lengths
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]), np.uint8)
    at = ends - sizes
    out[at + 1] = len(fields)  # fewer than 256 columns
    at = at + 2
    for data, lengths, nulls in fields:
        announced = np.where(nulls, -1, lengths).astype(">i4")
        out[at[:, None] + np.arange(4)] = announced.view(np.uint8).reshape(count, 4)
        at = at + 4
        out[_run_indices(at, lengths)] = data
        at = at + lengths
    return out.tobytes()
