"""Measure the store in production: `python tests/bench_postgres.py [--scale 10] [--only load,questions,…]`.

Starts a cluster of its own with a server's usual settings (every commit reaches the disk) and prints each
figure beside its target. Ratios hold on any machine, times on a quiet one. EJIA_DEMO names a demo folder for
the sheet of members; EJIA_TIPG names the python of an environment with tipg and uvicorn, whose tiles of the
same table stand beside ours.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import bench_questions  # noqa: E402
import cluster  # noqa: E402
import large_district  # noqa: E402
from test_spatial import tile_of  # noqa: E402

from stores import pg_merging  # noqa: E402
from stores.pg_sql import TYPES  # noqa: E402
from stores.postgres import PgStore  # noqa: E402
from stores.questions import names  # noqa: E402
from stores.settings import Settings  # noqa: E402
from stores.spatial import spatial  # noqa: E402
from stores.store import LoadReport  # noqa: E402
from stores.tables import fact_tables  # noqa: E402

USUAL = "-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=30min -c max_connections=50"
PARTS = ("load", "questions", "spatial", "late", "tiles", "tipg", "xlsx", "backup")
FOOTPRINTS = 200_000
TIPG = "/collections/public.footprint/tiles/WebMercatorQuad/{}"
ROOT = Path(__file__).resolve().parent.parent


def say(what: str, value: float, unit: str, target: str = "") -> None:
    """Print one figure."""
    print(f"{what:52}{value:10.2f} {unit:7}{target}", flush=True)


def clock(act: Callable[[], Any], rounds: int = 1) -> list[float]:
    """Return milliseconds of each round."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - started))
    return times


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[18] if len(times) > 1 else times[0]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--footprints", type=int, default=FOOTPRINTS, help="buildings in all, most of them empty"
    )
    parser.add_argument("--events", type=float, default=1, help="share of the sign-ins and study records")
    parser.add_argument("--only", default=",".join(PARTS))
    given = parser.parse_args()
    wanted = given.only.split(",")
    made = cluster.Cluster(USUAL)
    try:
        made.start()
        cluster.prepare(made.address)
        url = cluster.new_database(made.address)
        if "load" in wanted:
            loading(url, given.scale)
        store = PgStore(url, Settings())
        if set(wanted) - {"load", "xlsx"}:
            fill(store, given.scale, given.footprints, given.events)
        for part, act in (("questions", questions), ("spatial", spaces), ("late", late)):
            if part in wanted:
                act(store, given.rounds)
        if "tiles" in wanted:
            tiles(store, url)
        if "tipg" in wanted:
            beside_tipg(store, made, url)
        if "xlsx" in wanted:
            xlsx()
        if "backup" in wanted:
            backup(made, url)
        store.close()
    finally:
        made.remove()


def loading(url: str, scale: int) -> None:
    """Copy sign-ins into a table of facts, by ourselves and by psql, each into an empty table."""
    table = fact_tables()["attendance"]
    rows = large_district.tables(scale)["attendance"]
    columns = [name for name in table.columns if name in rows.column_names]
    laid = pg_merging._laid_out(table, columns, rows)
    kinds = [*(table.columns[name] for name in columns), "text"]
    body = ", ".join(f'"{name}" {TYPES[table.columns[name]]}' for name in columns)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        file = Path(folder) / "signins.csv"
        pa_csv.write_csv(laid, file, pa_csv.WriteOptions(include_header=False))
        for key in (False, True):
            ours, theirs = [], []
            for _ in range(3):
                fresh(url, body, key)
                import psycopg

                with psycopg.connect(url) as connection:
                    ours += clock(
                        lambda: (
                            pg_merging.copy_in(
                                connection, "copy public.taken from stdin (format binary)", laid, kinds
                            ),
                            connection.commit(),
                        )
                    )
                fresh(url, body, key)
                theirs += clock(
                    lambda: subprocess.run(
                        ["psql", url, "-qc", f"\\copy public.taken from '{file}' with (format csv)"],
                        check=True,
                    )
                )
            where = "with its key" if key else "bare"
            say(f"sign-ins a second, {where}", laid.num_rows / min(ours), "k/s")
            say(f"… by psql \\copy, {where}", laid.num_rows / min(theirs), "k/s")
            say(f"… ratio, {where}", min(theirs) / min(ours), "", "≥ 1.2" if not key else "")
        cluster.administer(url, "drop table public.taken")
        whole = []
        for _ in range(3):
            cluster.administer(at_public(url), "truncate facts.attendance", "checkpoint")
            with psycopg.connect(url) as connection:
                whole += clock(
                    lambda: (
                        pg_merging._first_load(connection, table, columns, laid, 1),
                        connection.commit(),
                    )
                )
        cluster.administer(url, "truncate facts.attendance")
        say("… as a first load: copied, then indexed", laid.num_rows / min(whole), "k/s")
        say("… ratio to psql \\copy with its key", min(theirs) / min(whole), "", "≥ 1.2")


def fresh(url: str, body: str, key: bool) -> None:
    """Make an empty table for sign-ins."""
    last = ", primary key (activity_id, member_pid)" if key else ""
    cluster.administer(
        at_public(url),
        "drop table if exists public.taken",
        f"create table public.taken ({body}, source_id text{last})",
    )
    cluster.administer(
        at_public(url),
        "grant all on public.taken to ejia_owner",
        "alter table public.taken owner to ejia_owner",
        "checkpoint",  # what earlier loads left to be written is nobody's time
    )


def at_public(url: str) -> str:
    """Return the address for the administrator, who may write in 'public'."""
    return url.replace("ejia_owner@", "postgres@")


def fill(store: PgStore, scale: int, buildings: int, events: float = 1) -> None:
    """Load the large district with this many footprints."""
    tables = large_district.tables(scale, events=events)
    tables["building"] = pa.concat_tables([tables["building"], footprints(tables["building"], buildings)])
    rows = sum(table.num_rows for table in tables.values())
    took = clock(
        lambda: store.load(tables, LoadReport("bench", datetime(2019, 3, 1), {"as_of": "2019-02-28"}))
    )
    say(f"load and roll-ups of {rows:,} rows, scale {scale}", took[0] / 1000, "s")
    say("making all roll-ups anew", clock(store.rebuild)[0] / 1000, "s")


def footprints(like: pa.Table, buildings: int) -> pa.Table:
    """Draw the buildings of the district that no organisation stands in."""
    rng, count = np.random.default_rng(7), max(0, buildings - like.num_rows)
    west, south = rng.uniform(118.61, 119.08, count), rng.uniform(31.71, 32.08, count)
    shapes = shapely.box(west, south, west + rng.uniform(0.0001, 0.0006, count), south + 0.0003)
    made = {
        "building_id": [f"F{at:07}" for at in range(count)],
        "name": [f"{at}号" for at in range(count)],
        "kind": ["residential"] * count,
        "floors": rng.integers(1, 30, count),
        "community_id": [f"320115{at % 10 + 1:03}{at % 21 + 1:03}" for at in range(count)],
        "geom": [bytes(one) for one in shapely.to_wkb(shapes)],
    }
    columns = [made.get(name, [None] * count) for name in like.column_names]
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, like.schema.types, strict=True)],
        names=like.column_names,
    )


def questions(store: PgStore, rounds: int) -> None:
    """Ask every question of the screens."""
    given = bench_questions.examples(store)
    worst = []
    for name in names():
        if not name.startswith("gate_"):
            rows, middle, high = bench_questions._timed(store, name, given, rounds)
            worst.append((high, middle, rows, name))
    for high, middle, rows, name in sorted(worst, reverse=True)[:12]:
        target = "≤ 40, a large map" if rows > 500 else "≤ 10"
        if name == "searchables":
            target = "once a version, for the search"
        say(f"{name}: {rows} rows, p50 {middle:.2f}, p95", high, "ms", target)
    say("all questions, median of p95", statistics.median(one[0] for one in worst), "ms")


def spaces(store: PgStore, rounds: int) -> None:
    """Ask the questions of space."""
    ask = spatial(store)
    for what, act in {
        "buildings in a view of 1 km": lambda: ask.buildings_in(118.8, 31.9, 118.81, 31.91),
        "buildings in a community": lambda: ask.buildings_within("320115003004"),
        "nearest ten organisations": lambda: ask.nearest(118.8, 31.9, 10, "2019-02"),
        "coverage gaps, 500 m": lambda: ask.gaps(500, "2019-02"),
    }.items():
        act()
        say(f"{what}, p95", p95(clock(act, rounds)), "ms", "≤ 40")


def late(store: PgStore, rounds: int) -> None:
    """Take late sign-ins, a thousand at a time: an evening's meetings, and a whole day's."""
    text = "select activity_id from held order by 1 limit 500"
    meetings = [row[0] for row in cluster.rows_of(store._url, text)]
    for what, spread, target in (("40 meetings", 40, "≤ 50"), ("500 meetings", 500, "")):
        times = []
        for turn in range(max(5, rounds // 4)):
            rows = pa.table(
                {
                    "activity_id": [meetings[(at * 7 + turn) % spread] for at in range(1000)],
                    "member_pid": [f"late-{spread}-{turn}-{at}" for at in range(1000)],
                    "at": [datetime(2019, 2, 1, 9)] * 1000,
                    "state": ["valid"] * 1000,
                }
            )
            times += clock(lambda rows=rows: store.append_attendance(rows))
        say(f"late batch of 1,000 sign-ins at {what}, p50", statistics.median(times), "ms", target)


def tiles(store: PgStore, url: str) -> None:
    """Fetch tiles through HTTP: the first time (z14 was made ahead), from memory, confirmed by their tag."""
    with serving(url) as connection:
        for z in (12, 13, 14, 15, 16):
            wanted = [f"/tiles/buildings/{at}.mvt" for at in around(z)]
            first, size = [], 0.0
            for path in wanted:
                first += clock(lambda path=path: fetch(connection, path))
                size += len(fetch(connection, path)[1]) / 1000 / len(wanted)
            again = [clock(lambda path=path: fetch(connection, path))[0] for path in wanted]
            target = "≤ 3" if z >= 14 else ""
            say(f"tile z{z} ({size:.0f} kB), first asked, p50", statistics.median(first), "ms", target)
            say("… p95", p95(first), "ms")
            say("… kept, p50", statistics.median(again), "ms", target)
        tag = fetch(connection, wanted[0])[0]
        same = clock(lambda: fetch(connection, wanted[0], {"If-None-Match": tag}), 100)
        say("… confirmed by its tag, p50", statistics.median(same), "ms")
    ask = spatial(store)
    for z in (14, 15, 16):
        x, y = tile_of(118.85, 31.9, z)
        times = clock(lambda z=z, x=x, y=y: ask.tile(z, x, y), 60)
        say(f"tile z{z}, the database alone, p50", statistics.median(times), "ms")


def around(z: int) -> list[str]:
    """Return the tiles about the middle of the district as 'z/x/y'."""
    x, y = tile_of(118.85, 31.9, z)
    span = range(-4, 5) if z >= 14 else range(-1, 2)
    return [f"{z}/{x + i}/{y + j}" for i in span for j in span]


def worked(parent: int) -> int:
    """Return the processor time of a process and all below it, in ticks."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(stat.parent.name) == parent:
            ticks += int(fields[11]) + int(fields[12])
        elif int(fields[1]) == parent:
            ticks += worked(int(stat.parent.name))
    return ticks


def rest(parent: int, seconds: float = 300) -> None:
    """Wait until a process and all below it have nothing to do for some seconds."""
    end, idle, before = time.monotonic() + seconds, 0, worked(parent)
    while idle < 3 and time.monotonic() < end:
        time.sleep(2)
        now = worked(parent)
        idle = idle + 1 if now - before < 10 else 0
        before = now


@contextmanager
def serving(url: str) -> Iterator[http.client.HTTPConnection]:
    """Serve the wall over a store and connect to it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        port = 20_000 + os.getpid() % 20_000
        command = [sys.executable, "-c", "from dashboard.commands import app; app(prog_name='ejia')", "serve"]
        words = ["--store", url, "--data", folder, "--port", str(port)]
        child = subprocess.Popen([*command, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            wait_for(connection, "/healthz")
            rest(child.pid)  # it warms itself: the search's index of all these names, the first scenes
            connection.close()  # what was idle so long is opened again at the next request
            yield connection
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(20)


def beside_tipg(store: PgStore, made: cluster.Cluster, url: str) -> None:
    """Fetch the same tiles of the same shapes from our server and from tipg, turn by turn, none twice.

    tipg reads a plain copy of the table with the same index, as it would be published by it.
    """
    python = os.environ.get("EJIA_TIPG")
    if not python:
        print("tipg: name a python that has it in EJIA_TIPG")
        return
    cluster.administer(
        at_public(url),
        "drop table if exists public.footprint",
        "create table public.footprint as select row_number() over () as id, node_id, name, kind,"
        " floors, gaps, organisations, geom from rollup.shape where level = 'building'",
        "alter table public.footprint add primary key (id)",
        "create index on public.footprint using gist (geom)",
        "analyze public.footprint",
    )
    port = 40_000 + os.getpid() % 20_000
    settings = {
        "DATABASE_URL": at_public(url),
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_MAX_FEATURES_PER_TILE": "100000",
    }
    words = ["--port", str(port), "--log-level", "warning", "--timeout-keep-alive", "900"]
    command = [python, "-m", "uvicorn", "tipg.main:app", *words]
    child = subprocess.Popen(command, env=os.environ | settings, cwd="/tmp")
    try:
        theirs = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        wait_for(theirs, "/healthz")
        with serving(url) as ours:
            theirs.close()
            for z in (14, 15, 16):
                times: dict[str, list[float]] = {"ours": [], "tipg": []}
                for at in around(z):
                    mine, other = f"/tiles/buildings/{at}.mvt", TIPG.format(at)
                    times["ours"] += clock(lambda mine=mine: fetch(ours, mine))
                    times["tipg"] += clock(lambda other=other: fetch(theirs, other))
                ours_ms, theirs_ms = (statistics.median(one) for one in times.values())
                say(f"tile z{z}, first asked, p50: ours", ours_ms, "ms", "≤ 3")
                say("… tipg", theirs_ms, "ms")
                say("… ratio", theirs_ms / ours_ms, "")
    finally:
        child.terminate()
        child.wait(20)


def wait_for(connection: http.client.HTTPConnection, path: str) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        try:
            if fetch(connection, path)[1]:
                return
        except OSError:
            connection.close()
        time.sleep(0.2)
    raise SystemExit("the server does not answer")


def fetch(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None
) -> tuple[str, bytes]:
    """Return the tag and the body of an answer."""
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    return answer.headers.get("ETag", ""), answer.read()


def xlsx() -> None:
    """Read the demo's sheet of members, if a demo folder is at hand: EJIA_DEMO names it."""
    folder = Path(os.environ.get("EJIA_DEMO", "/nowhere"))
    sheets = sorted(folder.rglob("*.xlsx"), key=lambda path: -path.stat().st_size) if folder.is_dir() else []
    if not sheets:
        print("xlsx: name a demo folder in EJIA_DEMO")
        return
    from python_calamine import CalamineWorkbook

    from loaders.formats import xlsx as reader

    members = next((path for path in sheets if "党员" in path.name), sheets[0])
    rows: list[int] = []

    def read() -> None:
        book = CalamineWorkbook.from_path(str(members))
        rows.append(sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names))

    took = clock(read)
    say(f"{members.name}: {rows[0]:,} rows by {reader.__name__}", took[0] / 1000, "s", "≤ 3 for 60,000")


def backup(made: cluster.Cluster, url: str) -> None:
    """Back a year up and restore it into a new database."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        file = Path(folder) / "year.dump"
        took = clock(lambda: subprocess.run(["pg_dump", "-Fc", "-Z1", "-f", str(file), url], check=True))
        say(f"pg_dump, {file.stat().st_size / 1e6:.0f} MB", took[0] / 1000, "s")
        cluster.administer(made.address, "create database restored owner ejia_owner")
        target = cluster.at(made.address, "restored")
        took = clock(lambda: subprocess.run(["pg_restore", "-j", "2", "-d", target, str(file)], check=True))
        say("pg_restore", took[0] / 1000, "s")
        again = PgStore(cluster.at(made.address, "restored", "ejia_owner"), Settings(), connections=2)
        print(f"restored: version {again.version}, {len(again.ask('months'))} months")
        again.close()


if __name__ == "__main__":
    main()
