"""The contact sheet of a rehearsal: every station on every wall, what is wrong marked where it is."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from dashboard.browser import Browser, opened_page
from dashboard.rehearsal import ARC_MINUTES, KINDS, LOOKING, Finding, Seen

WIDE: Final = 2400  # pixels of the sheet as a picture
TALLEST: Final = 16_000  # Chromium draws no taller picture
THUMB: Final = {"many": 132, "few": 300}  # height of a picture, where the sheet has many walls or one
_STYLE: Final = Markup((LOOKING / "contact.css").read_text("utf-8"))
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_PAGE: Final = Markup(
    """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style></head>
<body><h1>{title}</h1><p class="verdict{bad}">{verdict}</p>{counts}{walls}</body></html>
"""
)


def page(tour: str, lang: str, seen: Sequence[Seen]) -> str:
    """Return the sheet as one file of HTML that asks for nothing.

    Args:
        tour: its name.
        lang: 'zh' or 'en'.
        seen: as `rehearse` gives it.
    """
    names = list(dict.fromkeys(one.wall.name for one in seen))
    size = THUMB["few" if len(names) == 1 else "many"]
    walls = Markup("").join(_wall([one for one in seen if one.wall.name == name], size) for name in names)
    wrong = sum(len(one.findings) for one in seen)
    passed = f"passed: {len(seen)} pictures, nothing found"
    return str(
        _PAGE.format(
            lang="zh-CN" if lang == "zh" else "en",
            policy=_POLICY,
            style=_STYLE,
            title=f"ejia rehearse {tour}",
            bad=" bad" if wrong else "",
            verdict=f"{wrong} found in {len(seen)} pictures" if wrong else passed,
            counts=_counts(seen),
            walls=walls,
        )
    )


def _counts(seen: Sequence[Seen]) -> Markup:
    """Return a table of what was found, a row a kind; nothing where nothing was."""
    found = Counter(finding.kind for one in seen for finding in one.findings)
    rows = [
        Markup("<tr><td>{}</td><td>{}</td></tr>").format(kind, found[kind]) for kind in KINDS if found[kind]
    ]
    return Markup("<table>{}</table>").format(Markup("").join(rows)) if rows else Markup("")


def _wall(seen: Sequence[Seen], tall: int) -> Markup:
    wall = seen[0].wall
    least = wall.least_type()
    where = "in the hand" if wall.is_tablet else f"viewer at {wall.far:g} H"
    least_words = f"{ARC_MINUTES:g}′ = 汉字 {least['cjk']:.0f} px, 0–9 {least['other']:.0f} px"
    head = f"{wall.name}　{wall.grid or 'no seams'}　{where}: {least_words}"
    shots = Markup("").join(_shot(one, tall) for one in seen)
    return Markup('<h2>{}</h2><div class="row">{}</div>').format(head, shots)


def _shot(one: Seen, tall: int) -> Markup:
    wide = max(150, round(tall * one.wall.width / one.wall.height))
    high = round(wide * one.wall.height / one.wall.width)
    marks = Markup("").join(_mark(finding, one) for finding in one.findings)
    lines = Markup("").join(Markup("<li>{}</li>").format(text) for text in _told(one.findings))
    return Markup(
        '<figure class="{}" style="width:{}px"><div class="shot">'
        '<img alt="{}" width="{}" height="{}" src="data:image/webp;base64,{}">{}</div>'
        '<figcaption><b>{}</b><span>{}</span><span>{:.1f} s</span><span class="n">{}</span></figcaption>'
        "<ul>{}</ul></figure>"
    ).format(
        "bad" if one.findings else "",
        wide,
        one.station.chapter,
        wide,
        high,
        base64.b64encode(one.picture).decode(),
        marks,
        one.station.number,
        one.station.chapter,
        one.took,
        len(one.findings) or "",
        lines,
    )


def _told(findings: Sequence[Finding], most: int = 8) -> list[str]:
    lines = [finding.line() for finding in findings[:most]]
    return [*lines, f"… {len(findings) - most} more"] if len(findings) > most else lines


def _mark(finding: Finding, one: Seen) -> Markup:
    """Return a frame around what is wrong, in shares of the picture; nothing for what is everywhere."""
    x, y, wide, high = finding.box
    if wide >= one.wall.width:
        return Markup("")
    across, down = 100 / one.wall.width, 100 / one.wall.height
    return Markup('<i title="{}" style="left:{:.2f}%;top:{:.2f}%;width:{:.2f}%;height:{:.2f}%"></i>').format(
        escape(finding.line()), x * across, y * down, wide * across, high * down
    )


def as_picture(browser: Browser, text: str) -> bytes:
    """Return a sheet as a PNG, cut at what a browser can draw.

    Raises:
        BrowserError: the browser ended.
    """
    with opened_page(browser, WIDE, 1200, heard=False) as sheet:
        sheet.open("about:blank")
        frame = sheet.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        sheet.ask("Page.setDocumentContent", frameId=frame, html=text)
        sheet.evaluate("Promise.allSettled([...document.images].map((one) => one.decode())).then(() => 1)")
        tall = min(TALLEST, int(sheet.evaluate("document.documentElement.scrollHeight")))
        sheet.resize(WIDE, tall)
        return sheet.picture()
