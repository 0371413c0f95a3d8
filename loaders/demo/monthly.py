"""Write the books that come once a month: activities, sign-ins, dues and study records."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from loaders.demo import headers
from loaders.demo.codes import WORDS
from loaders.demo.columns import (
    activity_columns,
    numbered,
    sign_in_columns,
)
from loaders.demo.duties import (
    STUDY_KINDS,
    Study,
    build_study,
    dues_of,
    study_hours,
)
from loaders.demo.meetings import hold_month, sign_in
from loaders.demo.moves import roll_of
from loaders.demo.workdays import MONTHS
from loaders.demo.writer import Writer

ACTIVITIES_AT_ONCE: Final = 100_000
MEMBERS_AT_ONCE: Final = 400_000


def write_month(writer: Writer, month: int) -> None:
    """Write one month's ledger, sign-ins and dues."""
    d, o = writer.district, writer.district.organisations
    rng = np.random.default_rng([writer.seed, 60, month])
    roll = roll_of(d.members, d.moves, month, o)
    activities = hold_month(month, o, writer.habits, writer.board[1], rng)
    name = MONTHS[month]
    code = numbered("HD" + name.replace("-", ""), 0, len(activities))
    for start in range(0, len(activities), ACTIVITIES_AT_ONCE):
        part = slice(start, min(start + ACTIVITIES_AT_ONCE, len(activities)))
        signed = sign_in(activities, roll, writer.board, o, writer.habits, rng, part)
        writer.csv(headers.ATTENDANCE, sign_in_columns(signed, activities, code, d), name, month, start > 0)
        writer.summary.sign_ins += len(signed.activity)
    writer.csv(headers.ACTIVITY, activity_columns(activities, code, d, rng), name, month)
    rows, liable, paid, exempt = dues_of(month, roll, d.members, writer.dues, o, rng)
    writer.csv(
        headers.DUES_MONTH,
        {
            "党组织编码": o.org_id[rows],
            "月份": np.full(len(rows), name, dtype=object),
            "应缴人数": liable,
            "实缴人数": paid,
            "免缴人数": exempt,
        },
        name,
        month,
    )
    writer.summary.activities += len(activities)


def write_study(writer: Writer) -> None:
    """Write the study records, part of the members after part, each into the twelve months' files."""
    d = writer.district
    hours = study_hours(d.members, d.organisations, d.posts, writer.seed)
    for start in range(0, len(d.members), MEMBERS_AT_ONCE):
        rows = np.arange(start, min(start + MEMBERS_AT_ONCE, len(d.members)))
        _study_part(
            writer, build_study(hours, d.members, d.moves, d.organisations, writer.seed, rows), start > 0
        )


def _study_part(writer: Writer, s: Study, append: bool) -> None:
    d = writer.district
    bounds = np.searchsorted(s.month, np.arange(13))
    kinds = pa.array([WORDS["study_record.kind"][k] for k in STUDY_KINDS])
    for month, name in enumerate(MONTHS):
        own = slice(int(bounds[month]), int(bounds[month + 1]))
        writer.csv(
            headers.STUDY,
            {
                "记录编号": numbered(
                    f"XX{name.replace('-', '')}", writer.studied[month], own.stop - own.start
                ),
                "党员编码": d.code.take(pa.array(s.member[own])),
                "党组织编码": pa.array(d.organisations.org_id).take(pa.array(s.branch[own])),
                "学习日期": s.day[own],
                "学时": s.hours[own],
                "学习类型": kinds.take(pa.array(s.kind[own])),
                "课程编号": _course_codes().take(pa.array(s.course[own])),
            },
            name,
            month,
            append,
        )
        writer.studied[month] += own.stop - own.start
    writer.summary.study_records += len(s.member)


def _course_codes() -> Any:
    return pa.array([f"KC{number:03d}" for number in range(200)])
