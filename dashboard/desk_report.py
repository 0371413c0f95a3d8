"""The shift's report on one A4 page: what came, what went, what is late. No person, nothing typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst

from dashboard.print_fonts import families, font_folder
from dashboard.words import Words

ROWS: Final = 14
_PAGE: Final = """
#let told = json("told.json")
#set page(paper: "a4", margin: (x: 18mm, top: 16mm, bottom: 15mm), footer: [
  #set text(8pt, fill: luma(90)); #told.footer #h(1fr) #told.made])
#set text(font: FAMILIES, size: 9.5pt, weight: 500, lang: told.lang)
#set par(leading: 0.6em)
#let red = rgb("#a51c0b")
#let small(one) = text(8.5pt, fill: luma(60))[#one]
#block(fill: red, width: 100%, inset: (x: 10pt, y: 8pt))[
  #text(15pt, weight: 700, fill: rgb("#f9c922"))[#told.centre] #h(1fr)
  #text(11pt, weight: 700, fill: white)[#told.title]]
#v(2pt)
#told.span #h(1fr) #told.scope
#v(4pt)
#grid(columns: (1fr,) * told.heads.len(), gutter: 8pt,
  ..told.heads.map(one => block(width: 100%, inset: 8pt, stroke: 0.6pt + luma(190))[
    #text(20pt, weight: 700)[#one.value] #linebreak() #text(8.5pt, fill: luma(60))[#one.name]]))
#v(4pt)
#text(11pt, weight: 700)[#told.ladder_title]
#table(columns: (1fr, 1fr, 1fr, 1fr, 2fr), stroke: none, inset: (x: 4pt, y: 3.5pt),
  align: (left, right, right, right, left),
  table.hline(stroke: 0.8pt), ..told.ladder_head.map(small), table.hline(stroke: 0.4pt),
  ..told.ladder.flatten().map(one => [#one]), table.hline(stroke: 0.8pt))
#grid(columns: (1fr, 1fr), gutter: 14pt,
  [#text(11pt, weight: 700)[#told.towns_title]
   #table(columns: (1fr, auto, auto, auto), stroke: none, inset: (x: 4pt, y: 3pt),
     align: (left, right, right, right),
     table.hline(stroke: 0.8pt), ..told.towns_head.map(small), table.hline(stroke: 0.4pt),
     ..told.towns.flatten().map(one => [#one]), table.hline(stroke: 0.8pt))],
  [#text(11pt, weight: 700)[#told.week_title]
   #table(columns: (1fr, auto), stroke: none, inset: (x: 4pt, y: 3pt), align: (left, right),
     table.hline(stroke: 0.8pt), ..told.week.flatten().map(one => [#one]), table.hline(stroke: 0.8pt))])
#text(11pt, weight: 700)[#told.worst_title]
#table(columns: (1fr, auto, auto, auto, auto), stroke: none, inset: (x: 4pt, y: 3pt),
  align: (left, left, left, right, right),
  table.hline(stroke: 0.8pt), ..told.worst_head.map(small), table.hline(stroke: 0.4pt),
  ..told.worst.flatten().map(one => [#one]), table.hline(stroke: 0.8pt))
#text(8.5pt, fill: luma(60))[#told.note]
"""


def pdf(told: Mapping[str, Any], folder: Path) -> bytes:
    """Set the report; what it tells travels as data, so that no name can become markup.

    Args:
        told: as `report` gives it.
        folder: where the unpacked fonts are kept.

    Raises:
        OSError: the fonts cannot be unpacked.
    """
    fonts = typst.Fonts(font_paths=[str(font_folder(folder))])
    names = ", ".join(json.dumps(name) for name in families())
    source = _PAGE.replace("FAMILIES", f"({names})").replace(
        'json("told.json")', "json(bytes(sys.inputs.told))"
    )
    text = json.dumps(told, ensure_ascii=False)
    made: bytes = typst.compile(source.encode(), font_paths=fonts, format="pdf", sys_inputs={"told": text})
    return made


def report(board: Mapping[str, Any], words: Words, about: Mapping[str, str]) -> dict[str, Any]:
    """Lay the desk's board out as the report's texts.

    Args:
        board: as the desk's page gets it.
        words: the language.
        about: 'centre', 'scope', 'from', 'to' and 'made'.
    """
    since, groups = board["since"], board["groups"]
    n = sum(len(group["alerts"]) for group in groups)
    late = [one for group in groups for one in group["alerts"] if one["late"]]
    heads = [
        ("new", since["new"]),
        ("cleared", since["cleared"]),
        ("escalated", since["escalated"]),
        ("urged", since["urged"]),
        ("open", n),
        ("late", len(late)),
    ]
    stages = [
        [
            words(f"desk.stage_{one['stage']}"),
            f"{one['n']:,}",
            _days(one["oldest"], words),
            f"{one['late']:,}",
            "",
        ]
        for one in board["ladder"][:-1]
    ]
    closed = board["ladder"][-1]
    stages.append(
        [
            words("desk.stage_closed"),
            f"{closed['n']:,}",
            "",
            "",
            words("desk.closed_note", median=closed["median"], waived=closed["waived"]),
        ]
    )
    towns = [
        [one["name"], str(one["n"]), str(one["orgs"]), "—" if one["rate"] is None else f"{one['rate']:.1f}"]
        for one in board["map"]["towns"]
    ]
    week = [
        [words(f"desk.due_{one['kind']}"), str(sum(one["n"].values()))] for one in board["week"]["kinds"]
    ] or [[words("desk.nothing_due"), ""]]
    return {
        "lang": words.lang,
        "centre": about["centre"],
        "title": words("desk.report"),
        "span": words("desk.report_span", start=about["from"], end=about["to"]),
        "scope": about["scope"],
        "made": about["made"],
        "footer": words("desk.report_footer"),
        "heads": [{"name": words(f"desk.head_{name}"), "value": f"{value:,}"} for name, value in heads],
        "ladder_title": words("desk.ladder"),
        "ladder_head": [words(f"desk.col_{name}") for name in ("stage", "n", "oldest", "late")] + [""],
        "ladder": stages,
        "towns_title": words("desk.per_100"),
        "towns_head": [words(f"desk.col_{name}") for name in ("town", "n", "orgs", "rate")],
        "towns": towns,
        "week_title": words("desk.week"),
        "week": week,
        "worst_title": words("desk.worst"),
        "worst_head": [words(f"desk.col_{name}") for name in ("org", "town", "indicators", "days", "due")],
        "worst": [_worst(group, words) for group in groups[:ROWS]]
        or [[words("desk.nothing"), "", "", "", ""]],
        "note": words("desk.report_note"),
    }


def _worst(group: Mapping[str, Any], words: Words) -> list[str]:
    """Write one organisation's row: its warnings, the oldest in days, how late the latest is."""
    names = [words(f"warn.{one['ind']}.short") for one in group["alerts"]]
    kept = words("frame.list_separator").join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
    late = max(one["late"] for one in group["alerts"])
    due = words("desk.overdue", days=late) if late else min(one["due"] for one in group["alerts"])[5:]
    return [group["name"][:24], group["place"], kept, str(max(one["days"] for one in group["alerts"])), due]


def _days(days: int, words: Words) -> str:
    return words("desk.unit_day", number=days)
