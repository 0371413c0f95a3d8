"""Measure the intake: a million sign-ins through `load_folder` into a real store.

    python tests/bench_intake.py [ROWS]

prints seconds of the intake and of the store, rows a second and the peak of resident memory. The process is
held to two cores. Not a test: pytest does not collect it.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from loaders.intake import load_folder
from stores.settings import Settings
from stores.store import open_store

MEMBERS = 62_500
ACTIVITIES = 80_000
BRANCHES = 2_283


def write(folder: Path, rows: int) -> None:
    """Write organisations, members, activities and sign-ins as an office would export them."""
    rng = np.random.default_rng(2019)
    months = [f"2018-{month:02}" for month in range(3, 13)]
    branches = [f"O{at:05}" for at in range(BRANCHES)]
    with (folder / "org.csv").open("w") as file:
        file.write("党组织编码,党组织全称,组织类别\n")
        file.writelines(f"{one},第{one}党支部,党支部\n" for one in branches)
    with (folder / "member.csv").open("w") as file:
        file.write("党员编码,姓名,性别,公民身份号码,所在党支部编码,出生日期,入党日期\n")
        file.writelines(
            f"M{at:07},张某某,男,{110000000000000000 + at},{branches[at % BRANCHES]},1970-01-02,1999-07\n"
            for at in range(MEMBERS)
        )
    with (folder / "activity.csv").open("w") as file:
        file.write("活动编号,党组织编码,会议类型,起始时间,状态\n")
        file.writelines(
            f"A{at:07},{branches[at % BRANCHES]},主题党日,{months[at % 10]}-15 09:00:00,已开展\n"
            for at in range(ACTIVITIES)
        )
    pairs = rng.choice(np.int64(MEMBERS) * ACTIVITIES, int(rows * 1.01), replace=False)
    pairs = np.unique(pairs)[:rows]
    rng.shuffle(pairs)
    seconds = rng.integers(0, 7200, rows)
    with (folder / "签到记录.csv").open("w", encoding="gb18030") as file:
        file.write("活动编号,党员编码,签到时间,签到方式,读卡器编号,签到状态\n")
        for pair, second in zip(pairs.tolist(), seconds.tolist(), strict=True):
            activity, member = divmod(pair, MEMBERS)
            clock = f"{8 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            at = f"{months[activity % 10]}-15 {clock}"
            file.write(f"A{activity:07},M{member:07},{at},刷卡,R{activity % 900:04},有效\n")


def main(rows: int) -> int:
    """Run once and print the figures; exit code 1 when a row was not taken."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:2]))
    with tempfile.TemporaryDirectory() as place:
        folder, data = Path(place) / "files", Path(place) / "data"
        folder.mkdir()
        data.mkdir()
        pid = os.fork()
        if pid == 0:  # what the writer needs of memory is not the intake's
            write(folder, rows)
            os._exit(0)
        os.waitpid(pid, 0)
        settings = Settings(data_dir=data)
        store = open_store(f"duckdb:///{data}/bench.duckdb", settings)
        marks: dict[str, float] = {}

        def progress(what: str, done: int, total: int) -> Any:
            if what.startswith("store"):
                marks.setdefault("store", time.perf_counter())
                marks.setdefault("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

        start = time.perf_counter()
        report = load_folder(folder, store, settings, progress=progress)
        end = time.perf_counter()
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    read = marks["store"] - start
    print(f"rows read             {report.read:>12,}")
    print(f"rows accepted         {report.accepted:>12,}")
    print(f"reading and checking  {read:>12.1f} s   {report.read / read:>12,.0f} rows/s")
    print(f"store and roll-ups    {end - marks['store']:>12.1f} s")
    print(f"together              {end - start:>12.1f} s   {report.read / (end - start):>12,.0f} rows/s")
    print(f"peak memory           {peak:>12,.0f} MB, before the store {marks['peak']:,.0f} MB")
    return 0 if report.accepted == report.read else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
