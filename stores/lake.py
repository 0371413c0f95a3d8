"""Facts outside any store: Parquet in folders by district and month, for as many machines as there are.

    FACTS/facts.json                                      what the source declares
    FACTS/attendance/district=320115/month=2019-02/*.parquet   events, by where and when
    FACTS/member/district=320115/*.parquet                people, by where
    FACTS/organisation/*.parquet                          things

Columns are those of schema.sql without provenance. A key stands in one partition only: a sign-in in that of
its activity, an activity in that of its organisation and its beginning. What is written anew with the same
content stays the same file, so that nothing is counted again for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from stores.errors import LoadError, StoreAddressError
from stores.store import RESERVED_META, SCHEMA_VERSION, Store
from stores.tables import fact_tables

MANIFEST: Final = "facts.json"
NOWHERE, NEVER = "000000", "0000-00"
"""District and month of rows whose organisation or time is not known."""

_HOMES: Final = """
create temp table home as
select o.org_id, left(coalesce(o.region_id, b.community_id, $root), 6) as district
from organisation o left join building b on b.building_id = o.building_id"""
_TWO_ENDS: Final = """
left join home h on h.org_id = t.to_org_id
left join home g on g.org_id = t.from_org_id"""
_BY_BRANCH: Final = "left join home h on h.org_id = t.branch_id"
_SPLITS: Final[Mapping[str, tuple[str, str, str]]] = {
    # table → (joins, district, what begins with its month)
    "activity": ("left join home h on h.org_id = t.org_id", "h.district", "t.start_at"),
    "attendance": (
        "left join activity a on a.activity_id = t.activity_id left join home h on h.org_id = a.org_id",
        "h.district",
        'coalesce(a.start_at, t."at")',
    ),
    "dues_month": (_BY_BRANCH, "h.district", "t.month"),
    "study_record": (_BY_BRANCH, "h.district", "t.on_date"),
    "transfer": (_TWO_ENDS, "coalesce(h.district, g.district)", "coalesce(t.decided_at, t.applied_on)"),
    "member": (_BY_BRANCH, "h.district", ""),
}
_PLACE: Final = re.compile(r"(?:district=(\d{6}))?(?:/month=(\d{4}-\d{2}))?")
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Hold the files of one table, district and month; '' where a table is not parted so."""

    table: str
    district: str
    month: str
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """Return what the ledger calls it."""
        return "/".join(part for part in (self.table, self.district, self.month) if part)


class Lake:
    """Read a folder of facts.

    Raises:
        StoreAddressError: the folder is none of facts.
        LoadError: it was written for another schema.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            found = json.loads((folder / MANIFEST).read_text("utf-8"))
            schema, meta = found["schema"], found["meta"]
        except (OSError, ValueError, KeyError, TypeError):
            raise StoreAddressError(
                f"{folder} is no folder of facts; write one with: ejia facts {folder}"
            ) from None
        if schema != SCHEMA_VERSION:
            raise LoadError(
                f"{folder} was written for schema {schema}, this program needs {SCHEMA_VERSION}: write anew"
            )
        if not isinstance(meta, dict) or RESERVED_META & set(meta):
            raise LoadError(f"{folder / MANIFEST} declares what a source cannot declare")
        self.meta: dict[str, str] = {str(key): str(value) for key, value in meta.items()}

    def partitions(self, table: str) -> list[Partition]:
        """Return a table's partitions in order of their names; none where there is no row.

        Raises:
            LoadError: a folder in between is neither a district nor a month.
        """
        top = self.folder / table
        found: dict[tuple[str, str], list[Path]] = {}
        for file in sorted(top.rglob("*.parquet")):
            inner = file.parent.relative_to(top).as_posix()
            place = _PLACE.fullmatch("" if inner == "." else inner)
            if place is None:
                raise LoadError(f"{file.parent} is no partition; name it district=NNNNNN/month=YYYY-MM")
            found.setdefault((place[1] or "", place[2] or ""), []).append(file)
        return [Partition(table, *place, tuple(files)) for place, files in sorted(found.items())]


def write_facts(store: Store, folder: Path, root: str, tell: Progress = lambda what, share: None) -> int:
    """Write the facts of a store as a lake; a second time only what has changed.

    Args:
        store: any engine's.
        folder: new, empty, or an earlier lake.
        root: the district's code, for organisations that say no place.
        tell: hears the table being written and the share done.

    Returns:
        How many rows there are.

    Raises:
        LoadError: the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise LoadError(f"{folder} is not empty and holds no facts; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".writing-{os.getpid()}"
    scratch.mkdir()
    count = 0
    try:
        with duckdb.connect(config={"preserve_insertion_order": True, "threads": 2}) as local:
            names = list(fact_tables())
            for name in names:
                columns = fact_tables()[name].columns
                local.register("known_rows", store.known(name, list(columns)))
                local.execute(f"create table {name} as select * from known_rows")
                local.unregister("known_rows")
            local.execute(_HOMES, {"root": root})
            for place, name in enumerate(names):
                tell(name, place / len(names))
                count += _write_table(local, name, folder, scratch)
        _write_manifest(store, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    tell("", 1.0)
    return count


def _write_table(local: duckdb.DuckDBPyConnection, name: str, folder: Path, scratch: Path) -> int:
    """Write one table's partitions, sorted by key, and let go of those that are empty now."""
    joins, district, begins = _SPLITS.get(name, ("", "", ""))
    month = f"left(cast({begins} as varchar), 7)" if begins else "null"
    local.execute(
        f"""
        create temp table placed as
        select t.*,
            case when regexp_full_match({district or "null"}, '[0-9]{{6}}') then {district or "null"}
                else '{NOWHERE}' end as shard_district,
            case when regexp_full_match({month}, '[0-9]{{4}}-[0-9]{{2}}') then {month}
                else '{NEVER}' end as shard_month
        from {name} t {joins}"""
    )
    found = local.execute(
        "select shard_district, shard_month, count(*) from placed group by all order by all"
    )
    written, count = set(), 0
    for where, when, rows in found.fetchall():
        inner = [f"district={where}"] * bool(district) + [f"month={when}"] * bool(begins)
        file = folder.joinpath(name, *inner, "part-0.parquet")
        _write_file(local, name, (where, when), scratch / "next.parquet", file)
        written.add(file)
        count += rows
    local.execute("drop table placed")
    for old in (folder / name).rglob("*.parquet"):
        if old not in written:
            old.unlink()
    return count


def _write_file(
    local: duckdb.DuckDBPyConnection, name: str, place: tuple[str, str], scratch: Path, file: Path
) -> None:
    """Write one partition beside its place and move it there if it says something new."""
    key = ", ".join(fact_tables()[name].key)
    local.execute(
        f"""
        copy (
            select * exclude (shard_district, shard_month) from placed
            where shard_district = '{place[0]}' and shard_month = '{place[1]}' order by {key}
        ) to '{str(scratch).replace("'", "''")}' (format parquet, compression zstd)"""
    )
    if file.exists() and digest(file) == digest(scratch):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch.replace(file)


def _write_manifest(store: Store, folder: Path) -> None:
    """Keep what the source declared; last, since it makes the folder a lake."""
    meta = {key: value for key, value in store.status().meta.items() if key not in RESERVED_META}
    meta = {key: value for key, value in meta.items() if not key.startswith(("program_", "rolled_up"))}
    text = json.dumps({"schema": SCHEMA_VERSION, "meta": meta}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def digest(file: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def arrow_batches(folder: Path, columns: Mapping[str, Any]) -> Iterator[Any]:
    """Read a folder of Parquet as record batches in the order of its files, with these columns and types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(list(columns.items()))
    for file in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(262_144, columns=list(columns)):
            table = pa.Table.from_batches([batch]).select(list(columns)).cast(schema)
            yield from table.to_batches()
