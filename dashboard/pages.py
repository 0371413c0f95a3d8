"""Plain pages outside the wall (sign-in, desk): their frame, the files they name, their language."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response, make_response, request
from markupsafe import Markup, escape

from dashboard.words import Words

THEME: Final = "ejia_theme"  # cookie, set by the desk's own switch; 'light' or nothing
ASSETS: Final = Path(__file__).resolve().parent.parent / "assets"
_PAGE: Final = Markup(
    """<!DOCTYPE html>
<html lang="{lang}"{theme}><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/assets/favicon.ico">{sheets}</head>
<body class="{name}"{data}>{body}{scripts}</body></html>"""
)


@cache
def _mark(name: str) -> str:
    """Return what makes an asset's address change with its text, so that a browser may keep it for good."""
    return hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]


def page(name: str, title: str, body: Markup, words: Words, data: dict[str, str] | None = None) -> Response:
    """Return a whole page in the wall's style.

    Args:
        name: of the page; its files are assets/NAME.css and assets/NAME.js, and its body has it as class.
        title: of the window.
        body: escaped markup.
        words: the language.
        data: what the script reads from the body's data attributes.
    """
    sheets = [file for file in ("fonts.css", "tokens.css", f"{name}.css") if (ASSETS / file).exists()]
    scripts = [file for file in (f"{name}.js",) if (ASSETS / file).exists()]
    filled = _PAGE.format(
        lang="zh-CN" if words.lang == "zh" else words.lang,
        title=title,
        name=name,
        theme=Markup(' data-theme="light"') if request.cookies.get(THEME) == "light" else "",
        body=body,
        data=Markup("").join(
            Markup(' data-{}="{}"').format(key, value) for key, value in (data or {}).items()
        ),
        sheets=Markup("").join(
            Markup('<link rel="stylesheet" href="/assets/{}?m={}">').format(file, _mark(file))
            for file in sheets
        ),
        scripts=Markup("").join(
            Markup('<script src="/assets/{}?m={}" defer></script>').format(file, _mark(file))
            for file in scripts
        ),
    )
    return make_response(str(filled))


def said(words: Words, key: str, **values: object) -> Markup:
    """Return a text of the locales, escaped."""
    return escape(words(key, **values))
