"""Write the whole demo folder: build the district, check its totals, write one file after the other."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from loaders.demo import headers
from loaders.demo.district import build_district, check_totals
from loaders.demo.files import (
    declare,
)
from loaders.demo.geography import build_geography
from loaders.demo.monthly import write_month, write_study
from loaders.demo.watch import write_watch
from loaders.demo.workdays import AS_OF, MONTHS
from loaders.demo.writer import DemoSummary, Writer

Progress = Callable[[str, float], None]


def write_demo(out: Path, scale: int = 1, seed: int = 2019, progress: Progress | None = None) -> DemoSummary:
    """Write the demo district's source files into `out`, the same for the same `seed`.

    `scale` multiplies members, organisations and positions over the same places. `progress` is called with
    what is being done and the share done (0 … 1). Raises ValueError for a scale below 1 and when a built
    total differs from the promised one. Files of a former demo in `out` are replaced; others are left alone.
    """
    if scale < 1:
        raise ValueError(f"scale must be 1 or more, not {scale}")
    say = progress or (lambda text, share: None)
    out.mkdir(parents=True, exist_ok=True)
    clear_former(out)
    say("绘制区划与楼宇", 0.0)
    geography = build_geography(seed, scale)
    say("生成党组织与党员", 0.1)
    district = build_district(geography, scale, seed)
    check_totals(district, scale)
    writer = Writer(out, district, scale, seed)
    steps: list[tuple[str, float, Callable[[], None]]] = [
        ("区划、楼宇与阵地", 0.15, writer.places),
        ("党组织信息", 0.2, writer.organisation_sheet),
        ("党员花名册", 0.22, writer.roster),
        ("任职、转接、评议", 0.45, writer.books),
        ("入驻单位与服务需求", 0.5, writer.surroundings),
        ("监测台账", 0.53, lambda: write_watch(writer)),
    ]
    for text, share, step in steps:
        say(text, share)
        step()
    for month, name in enumerate(MONTHS):
        say(f"{name} 活动、签到、党费", 0.55 + 0.3 * month / 12)
        write_month(writer, month)
    say("学习记实", 0.87)
    write_study(writer)
    declare(out / headers.DECLARATION, "江宁区党建数据（演示）", str(AS_OF), writer.declared)
    say("完成", 1.0)
    return writer.summary


def clear_former(out: Path) -> None:
    """Remove the files that a former demo wrote into `out`, so that none of another scale stays behind."""
    declaration = out / headers.DECLARATION
    if not declaration.is_file():
        return
    former = tomllib.loads(declaration.read_text(encoding="utf-8"))
    if former.get("data_label") != "demo":
        raise ValueError(f"{out} holds data that are not a demo; choose an empty folder")
    for file in former.get("file", []):
        path = (out / file["path"]).resolve()
        if path.is_relative_to(out.resolve()):
            path.unlink(missing_ok=True)
    declaration.unlink()
