"""Time roll-ups of many sign-ins: python tests/bench_spark.py [--millions 30 100] prints seconds by engine.

Writes a lake of that many sign-ins over twelve months, and rolls it up by DuckDB in one process and by a
Spark cluster of two workers of one core each on this machine, from the same files, with the same memory.
Prints what a first run takes, what one changed partition takes, and whether all tables are equal.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import duckdb  # noqa: E402
import large_district  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import spark_cluster  # noqa: E402

from stores.lake import MANIFEST, Lake  # noqa: E402
from stores.settings import Settings, StoreAddress  # noqa: E402
from stores.shards import KEPT_BACK, LocalRunner, Made, Runner, roll_up  # noqa: E402
from stores.spark import SparkRunner  # noqa: E402
from stores.store import SCHEMA_VERSION  # noqa: E402
from stores.tables import fact_tables  # noqa: E402

KINDS = {
    "text": pa.string(), "integer": pa.int32(), "bigint": pa.int64(), "double": pa.float64(),
    "boolean": pa.bool_(), "date": pa.date32(), "timestamp": pa.timestamp("us"), "blob": pa.binary(),
}  # fmt: skip


def main() -> None:
    """Measure each size on both engines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--memory", type=int, default=4, help="GB for each engine")
    parser.add_argument("--engines", nargs="+", default=["duckdb", "spark"])
    given = parser.parse_args()
    for millions in given.millions:
        with tempfile.TemporaryDirectory(prefix="ejia-bench-") as folder:
            measure(Path(folder), millions, given.memory, given.engines)


def measure(folder: Path, millions: int, memory: int, engines: list[str]) -> None:
    """Write a lake and roll it up by each engine."""
    started = time.perf_counter()
    lake = write_lake(folder / "lake", millions * 1_000_000)
    size = sum(file.stat().st_size for file in (folder / "lake").rglob("*.parquet"))
    print(f"{millions} million sign-ins: {size / 1e9:.2f} GB of Parquet in {seconds(started)} s", flush=True)
    made = {}
    for engine in engines:
        made[engine] = timed(engine, lake, folder, memory)
    if len(made) == 2:
        different = compare(*made.values())
        print(
            f"  {'equal in every table' if not different else 'DIFFERENT: ' + ', '.join(different)}",
            flush=True,
        )


def timed(engine: str, lake: Lake, folder: Path, memory: int) -> Made:
    """Time a first run, and one after a partition was written anew."""
    work = folder / f"work-{engine}"
    settings = Settings(store=StoreAddress(memory=f"{memory}GB", threads=2))
    if engine == "duckdb":
        return runs("DuckDB", LocalRunner(settings, work_folder(work)), lake, settings, work)
    with spark_cluster.running(2, 1, f"{memory // 2 - 1}g") as master:
        options = {
            "spark.executor.memory": f"{(memory - 2) * 1024 // 2 - 128}m",
            "spark.driver.memory": "1g",
            "spark.sql.shuffle.partitions": "16",
        }
        started = time.perf_counter()
        runner = SparkRunner(master, options)
        print(f"  Spark   session {seconds(started):>6} s", flush=True)
        return runs("Spark", runner, lake, settings, work_folder(work))


def work_folder(work: Path) -> Path:
    """Make the folder of a run."""
    work.mkdir(parents=True, exist_ok=True)
    return work


def runs(name: str, runner: Runner, lake: Lake, settings: Settings, work: Path) -> Made:
    """Run twice: everything, then with a sign-in less in one partition; leave the lake as it was."""
    counted = 0.0
    started = time.perf_counter()

    def tell(what: str, share: float) -> None:
        nonlocal counted
        if share <= 0.5 and what.startswith("sign-ins"):
            counted = time.perf_counter() - started

    made, done = roll_up(lake, runner, settings, work, tell)
    first = seconds(started)
    print(
        f"  {name:8}first run {first:>6} s, of it {counted:.1f} s for {done.counted} partitions of sign-ins",
        flush=True,
    )
    part = lake.partitions("attendance")[-1].files[0]
    kept, times = part.read_bytes(), part.stat()
    rows = pq.ParquetFile(part).read()
    pq.write_table(rows.slice(1), part, compression="zstd")
    started = time.perf_counter()
    made, done = roll_up(lake, runner, settings, work)
    print(f"  {name:8}one changed {seconds(started):>4} s, {done.counted} partition counted", flush=True)
    part.write_bytes(kept)
    os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))
    runner.close()
    return made


def seconds(started: float) -> str:
    """Return the seconds since then."""
    return f"{time.perf_counter() - started:.1f}"


def compare(first: Made, second: Made) -> list[str]:
    """Return the tables in which two runs differ; sums of hours are compared to a millionth."""
    with duckdb.connect() as local:
        return [
            name
            for name in first.folders
            if name not in KEPT_BACK and not _same(local, first.folders[name], second.folders[name])
        ]


def _same(local: Any, one: Path, other: Path) -> bool:
    columns = local.execute(f"describe select * from read_parquet('{one}/*.parquet')").fetchall()
    names = ", ".join(f"round({row[0]}, 6)" if row[1] == "DOUBLE" else f'"{row[0]}"' for row in columns)
    a, b = (f"select {names} from read_parquet('{folder}/*.parquet')" for folder in (one, other))
    found = local.execute(
        f"select (select count(*) from (({a}) except all ({b}))), "
        f"(select count(*) from (({b}) except all ({a})))"
    ).fetchall()
    return bool(found[0] == (0, 0))


def write_lake(folder: Path, sign_ins: int) -> Lake:
    """Write a lake with about so many sign-ins; everything but sign-ins and activities by large_district."""
    each = 100  # sign-ins an activity: more than in a district, so that they are most of the work
    scale = max(1, round(sign_ins / large_district.ACTIVITIES / each))
    large_district.SIGN_INS = 0
    tables = large_district.tables(scale)
    tables.pop("attendance")
    with duckdb.connect(
        config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(folder / "spill")}
    ) as local:
        for name, rows in tables.items():
            if name != "activity":
                file = folder / name / ("district=320115" if name in ("member",) else ".") / "part-0.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(whole(name, rows), file, compression="zstd")
        local.register("activity", whole("activity", tables["activity"]))
        local.execute("create table a as select *, left(cast(start_at as varchar), 7) as m from activity")
        months = [row[0] for row in local.execute("select distinct m from a order by m").fetchall()]
        for month in months:
            for name, query in (
                ("activity", "select * exclude (m) from a where m = $m order by activity_id"),
                ("attendance", _SIGN_INS.format(each=sign_ins // (large_district.ACTIVITIES * scale) or 1)),
            ):
                file = folder / name / "district=320115" / f"month={month}" / "part-0.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                text = query.replace("$m", f"'{month}'")
                local.execute(f"copy ({text}) to '{file}' (format parquet, compression zstd)")
    shutil.rmtree(folder / "spill", ignore_errors=True)
    manifest = {"schema": SCHEMA_VERSION, "meta": {"as_of": "2019-02-28"}}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return Lake(folder)


_SIGN_INS = """
select
    activity_id, printf('%032x', (hash(activity_id) % 4000000000 + i) % 60000000) as member_pid,
    start_at + to_minutes(cast(i as integer)) as "at", 'card' as channel,
    'R' || (hash(activity_id) % 5000) as reader_id,
    case when i % 29 = 0 then 'late' when i % 31 = 0 then 'rejected' else 'valid' end as state
from (select activity_id, start_at from a where m = $m order by activity_id) a, range({each}) r(i)"""


def whole(name: str, rows: pa.Table) -> pa.Table:
    """Give a table all the columns that schema.sql names."""
    columns = fact_tables()[name].columns
    arrays = [
        rows[column].cast(KINDS[kind])
        if column in rows.column_names
        else pa.nulls(rows.num_rows, KINDS[kind])
        for column, kind in columns.items()
    ]
    return pa.table(arrays, names=list(columns))


if __name__ == "__main__":
    main()
