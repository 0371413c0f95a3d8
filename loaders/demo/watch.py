"""Write the books that warnings and radar need: pauses, elections, steps, readers, talks, points."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loaders.demo import headers
from loaders.demo.files import look_up, worded
from loaders.demo.steps import steps_of
from loaders.demo.workdays import AS_OF
from loaders.demo.writer import Writer

BANDS = ("<60", "60–79", "80–99", "≥100")
BAND_ODDS = (0.09, 0.42, 0.35, 0.14)
READERS = 420
OUTAGES = 9
PAUSE_REASON = "单位停业、合并中"


def write_watch(writer: Writer) -> None:
    """Write all of them."""
    _organisations(writer)
    _members(writer)
    _steps(writer)
    _readers(writer)


def _organisations(writer: Writer) -> None:
    o = writer.district.organisations
    rng = np.random.default_rng([writer.seed, 90])
    rest = np.flatnonzero(o.life == "paused")
    begin = np.datetime64("2018-01-08") + rng.integers(0, 20, len(rest)).astype("timedelta64[D]")
    writer.csv(
        headers.ORG_PAUSE,
        {
            "党组织编码": o.org_id[rest],
            "暂停起始日期": begin,
            "暂停截止日期": np.full(len(rest), np.datetime64("NaT"), dtype="datetime64[D]"),
            "暂停原因": np.full(len(rest), PAUSE_REASON, dtype=object),
            "批准单位": look_up(o.short_name, o.parent[rest]),
        },
    )
    lasting = np.flatnonzero(o.kind != "temp_branch")
    writer.csv(
        headers.ELECTION,
        {
            "党组织编码": o.org_id[lasting],
            "换届日期": o.elected[lasting],
            "换届类型": worded("election.kind", np.full(len(lasting), "regular", dtype=object)),
            "批准延期至": o.extended[lasting],
        },
    )
    rows = o.branches
    size = o.size[rows]
    full = np.minimum(np.maximum(size // 3, 1), 12)
    held = np.where(rng.random(len(rows)) < 0.03 * np.minimum(o.laxity[rows], 5), full - 1, full)
    year = np.full(len(rows), 2018)
    writer.csv(
        headers.HEART_TALK,
        {"党组织编码": o.org_id[rows], "年度": year, "应谈对数": full, "已谈对数": held},
    )
    service = o.bearing["service"][rows]
    eager = 0.36 + 0.04 * service - 0.05 * np.log(o.laxity[rows]) + rng.normal(0, 0.05, len(rows))
    eager = np.clip(eager, 0.02, 0.8)
    writer.csv(
        headers.VOLUNTEERS,
        {"党组织编码": o.org_id[rows], "年度": year, "参加志愿服务人数": rng.binomial(size, eager)},
    )
    scored = rng.multinomial(size, _band_odds(service))
    writer.csv(
        headers.POINTS,
        {
            "党组织编码": np.repeat(o.org_id[rows], len(BANDS)),
            "年度": np.repeat(year, len(BANDS)),
            "积分段": np.tile(np.array(BANDS, dtype=object), len(rows)),
            "人数": scored.ravel(),
        },
    )


def _band_odds(service: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move members from the bands below sixty points to those above, or the other way: branch × band."""
    moved = np.array(BAND_ODDS) * np.exp(np.outer(service, (-0.25, -0.04, 0.07, 0.14)))
    odds: NDArray[np.float64] = moved / moved.sum(axis=1, keepdims=True)
    return odds


def _members(writer: Writer) -> None:
    """Write what was decided about members out of contact: who was found."""
    d = writer.district
    found = np.flatnonzero(d.members.contact == "found")
    writer.csv(
        headers.DISPOSAL,
        {
            "党员编码": d.code.take(pa.array(found)),
            "处置日期": d.members.found_on[found],
            "处置方式": worded("disposal.kind", np.full(len(found), "found", dtype=object)),
        },
    )


def _steps(writer: Writer) -> None:
    d = writer.district
    row, number, before, after, when, holder = steps_of(d.moves, d.organisations, d.late)
    writer.csv(
        headers.TRANSFER_EVENT,
        {
            "转接编号": np.array([f"ZJ{n + 1:06d}" for n in row.tolist()], dtype=object),
            "环节序号": number,
            "原状态": worded("transfer.status", before),
            "新状态": worded("transfer.status", after),
            "进入时间": when,
            "经办党组织编码": look_up(d.organisations.org_id, holder),
        },
    )


def _readers(writer: Writer) -> None:
    """Write readers of the larger branches; a few were silent for a while, three still are."""
    o = writer.district.organisations
    rng = np.random.default_rng([writer.seed, 91])
    alive = o.branches[o.life[o.branches] == "held"]
    own = np.sort(alive[np.argsort(-o.size[alive], kind="stable")[: READERS * writer.scale]])
    code = np.array([f"DK{row:06d}" for row in own.tolist()], dtype=object)
    seen = AS_OF.astype("datetime64[s]") + rng.integers(6 * 3600, 20 * 3600, len(own)).astype(
        "timedelta64[s]"
    )
    silent = np.sort(rng.choice(len(own), OUTAGES * writer.scale, replace=False))
    begin = AS_OF - rng.integers(40, 300, len(silent)).astype("timedelta64[D]")
    until = begin + rng.integers(9, 24, len(silent)).astype("timedelta64[D]")
    still = np.arange(len(silent)) % 3 == 0
    begin[still] = AS_OF - rng.integers(9, 12, int(still.sum())).astype("timedelta64[D]")
    until[still] = np.datetime64("NaT")
    seen[silent[still]] = begin[still].astype("datetime64[s]")
    writer.csv(headers.READER, {"读卡器编号": code, "党组织编码": o.org_id[own], "最近联机时间": seen})
    writer.csv(headers.READER_OUTAGE, {"读卡器编号": code[silent], "断联起始日期": begin, "恢复日期": until})
