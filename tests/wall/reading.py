"""How a page reads: the contrast of each text, who is met by Tab, what has no name for a screen reader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
LARGE, BOLD = 24.0, 18.66  # CSS px from which WCAG asks for 3:1 instead of 4.5:1; bold text from the second

HAN = re.compile(r"[\u2e80-\u9fff\uff01-\uff60]")
ENGLISH = {"中文": "the switch says its language in that language"}
CHINESE = {
    "EN": "the switch, short",
    "English": "the switch on the sign-in page",
    "CSV": "a format's name",
    **dict.fromkeys(("xlsx", "csv", "geojson"), "endings of the offices' files"),
    **dict.fromkeys(("district", "toml"), "the settings file that holds a threshold"),
    **dict.fromkeys(("ejia", "user", "add", "role", "duty", "leader"), "the command that makes an account"),
    **dict.fromkeys(("Space", "PageDown", "PageUp", "Home", "Esc", "Enter"), "keys as they are printed"),
}
"""Words that stand in the other language, each with its reason."""

_ASKED = Path(__file__).with_suffix(".js").read_text("utf-8")


def _ask(page: Page, name: str) -> Any:
    return page.evaluate(f"{_ASKED.strip().rstrip(';')}.{name}()")


def nameless(page: Page) -> list[str]:
    """Return the pictures and controls that have no name for a screen reader."""
    found: list[str] = _ask(page, "nameless")
    return found


def strings(page: Page) -> list[str]:
    """Return every string of a page: texts, names for screen readers, hints, the title."""
    found: list[str] = _ask(page, "strings")
    return found


def not_english(page: Page, names: frozenset[str]) -> list[str]:
    """Return the strings of an English page with Chinese that is no known name, whole or cut by '…'."""
    bad = []
    for text in strings(page):
        for part in re.split(r"[\s,·/›()+×＊]+", text):
            cut = part.endswith("…") and any(name.startswith(part[:-1]) for name in names)
            if HAN.search(part) and part not in names and part not in ENGLISH and not cut:
                bad.append(f"{part!r} in {text[:60]!r}")
    return bad


def not_chinese(page: Page, names: frozenset[str] = frozenset()) -> list[str]:
    """Return the Latin words of a Chinese page that are neither declared nor part of a name."""
    found = (
        (word, text)
        for text in strings(page)
        if text not in names
        for word in re.findall(r"[A-Za-z]{2,}", text)
    )
    return [f"{word!r} in {text[:60]!r}" for word, text in found if word not in CHINESE]


def violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical, a line a rule."""
    page.evaluate(AXE)
    told: dict[str, Any] = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", TAGS)
    return [
        f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:140]}"
        for one in told["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def faint(page: Page) -> list[str]:
    """Return the texts whose contrast is below WCAG AA."""
    return [
        f"{text!r} {ratio:.2f}:1 at {size:.0f} px ({look})"
        for text, ratio, size, weight, look in _ask(page, "contrast")
        if ratio < (3.0 if size >= LARGE or (size >= BOLD and weight >= 700) else 4.5) - 0.02
    ]


def tabbed(page: Page, most: int = 400) -> tuple[list[str], list[str], list[str]]:
    """Walk the page by Tab; return what is met, what shows no focus, and what Tab never reaches."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    wanted: list[str] = _ask(page, "controls")
    met, dim, ends = [], [], 0
    for _ in range(most):
        page.keyboard.press("Tab")
        found = _ask(page, "meet")
        if found is None or found[3]:
            ends += 1  # the page's end is met once before what has the focus at the beginning
            if ends > 2:
                break
            continue
        met.append(found[0])
        if not found[1] or not found[2]:
            dim.append(found[0])
    left: list[str] = _ask(page, "left")
    assert wanted
    return met, dim, left
