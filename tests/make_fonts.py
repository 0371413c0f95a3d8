"""Cut the wall's font: one core slice of what the product writes, further slices for other people's names.

Run `python tests/make_fonts.py` again when a test says that the core slice is stale. The sources are Debian's
fonts-noto-cjk and fonts-noto-cjk-extra (Noto Sans CJK SC, SIL Open Font License 1.1).
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tomllib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "assets" / "fonts"
SHEET = ROOT / "assets" / "fonts.css"
DEBIAN = Path("/usr/share/fonts/opentype/noto")
WEIGHTS = {500: "NotoSansCJK-Medium.ttc", 700: "NotoSansCJK-Bold.ttc"}
SIMPLIFIED_CHINESE = 2  # the face inside Debian's collections
TEXT = {".py", ".toml", ".js", ".css", ".csv", ".json", ".geojson"}
LOCALES = ROOT / "dashboard" / "locales"
SHEETS = frozenset({"how", "warn", "desk", "remote", "login", "errors", "api", "radar_axis"})
"""Sections of words that no first screen shows."""
SCREEN = ("dashboard", "layers", "indicators", "geo", "assets", "district.toml", "loaders/demo/reference")
OWN = ("demo", "sheet", "core")
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + (
    "\u00a0°±²³×÷·é–—‘’“”…‰→←↑↓≈≤≥−▲▼●○■◆★☆、。〈〉《》「」『』【】〔〕"
    "！（），／：；？＊％～＋－＝｜零一二三四五六七八九十百千万亿年月日时分秒第"
)
WIDE = re.compile(r"[\u00a0-\uffef]")


def screen_characters() -> set[str]:
    """Collect every character that the wall itself, and the demo's place names, put on the first screens."""
    files = [file for part in SCREEN for file in _texts(ROOT / part) if file.parent != LOCALES]
    words = "".join(_words(LOCALES / "zh.toml", own=True))
    return set(ALWAYS) | _wide(files) | set(WIDE.findall(words))


def sheet_characters() -> set[str]:
    """Collect the further characters of explanations, the desk, the tablet and other pages."""
    words = "".join(_words(LOCALES / "zh.toml", own=False))
    return set(WIDE.findall(words)) - screen_characters()


def demo_characters() -> set[str]:
    """Collect the further characters that the demo's organisations and buildings may carry."""
    return _wide(_texts(ROOT / "loaders" / "demo")) - screen_characters() - sheet_characters()


def _words(file: Path, *, own: bool) -> list[str]:
    """List the words of a language that stand on the wall (own) or behind a tap and on other pages."""
    found: list[str] = []
    for section, words in tomllib.loads(file.read_text("utf-8")).items():
        if (section in SHEETS) != own:
            found += _leaves(words)
    return found


def _leaves(words: object) -> list[str]:
    """List the texts under a section."""
    if isinstance(words, dict):
        return [text for part in words.values() for text in _leaves(part)]
    return [str(words)]


def further_slices() -> list[set[str]]:
    """Read the slices of GB2312, the most frequent characters first."""
    lines = (FONTS / "slices.txt").read_text("utf-8").splitlines()
    return [set(line) for line in lines]


def _texts(part: Path) -> list[Path]:
    """List the text files of a folder, generated font files and vendored libraries left out."""
    if part.is_file():
        return [part]
    files = [path for path in sorted(part.rglob("*")) if path.suffix in TEXT]
    return [path for path in files if not {"vendor", "fonts"} & set(path.relative_to(ROOT).parts)]


def _wide(files: Iterable[Path]) -> set[str]:
    """Collect the characters beyond Latin of some files."""
    return {char for file in files for char in WIDE.findall(file.read_text("utf-8"))}


def cut(source: Path, characters: set[str], target: Path) -> str:
    """Write one slice as woff2 named by its content; return the file's name."""
    options = subset.Options()
    options.font_number = SIMPLIFIED_CHINESE
    options.flavor = "woff2"
    options.hinting = False
    options.desubroutinize = True
    options.layout_features = ["kern"]
    options.name_IDs = [0, 1, 2, 13, 14]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(char) for char in characters])
    cutter.subset(font)
    loose = target.with_suffix(".tmp")
    subset.save_font(font, str(loose), options)
    version = hashlib.sha256(loose.read_bytes()).hexdigest()[:8]
    final = target.with_name(f"{target.name}.{version}.woff2")
    loose.replace(final)
    return final.name


def unicode_range(characters: Iterable[str]) -> str:
    """Write characters as a CSS unicode-range: U+20-7E,U+4E00."""
    points = sorted(map(ord, characters))
    breaks = [0, *(i for i, (a, b) in enumerate(pairwise(points), 1) if b != a + 1), len(points)]
    spans = [(points[start], points[end - 1]) for start, end in pairwise(breaks)]
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans)


def face(weight: int, file: str, characters: set[str], display: str) -> str:
    """Write one @font-face rule."""
    return (
        f'@font-face{{font-family:"Ejia Sans";font-weight:{weight};font-display:{display};'
        f'src:url("fonts/{file}") format("woff2");unicode-range:{unicode_range(characters)}}}'
    )


def make(sources: dict[int, Path], everything: bool = False) -> None:
    """Cut the core and demo slices, or all, and write assets/fonts.css.

    Slices may overlap: of several rules that cover a character the browser takes the last.
    """
    further = [(f"more-{i:02}", characters) for i, characters in enumerate(further_slices())]
    own = [("demo", demo_characters()), ("sheet", sheet_characters()), ("core", screen_characters())]
    rules = ["/* Noto Sans CJK SC, cut by tests/make_fonts.py; licence in fonts/OFL.txt. */"]
    for name, characters in further + own:
        for weight, source in sources.items() if characters else ():
            stem = f"{name}-{weight}"
            kept = sorted(FONTS.glob(f"{stem}.*.woff2"))
            if everything or not kept or name in OWN:
                for old in kept:
                    old.unlink()
                file = cut(source, characters, FONTS / stem)
                print(f"{file}: {len(characters)} characters, {(FONTS / file).stat().st_size / 1024:.0f} KiB")
            else:
                file = kept[0].name
            rules.append(face(weight, file, characters, "block" if name == "core" else "swap"))
    SHEET.write_text("\n".join(rules) + "\n", "utf-8")


def main() -> None:
    """Read where the source fonts are and make the slices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--medium", type=Path, default=DEBIAN / WEIGHTS[500])
    parser.add_argument("--bold", type=Path, default=DEBIAN / WEIGHTS[700])
    parser.add_argument("--all", action="store_true", help="cut the further slices anew too")
    given = parser.parse_args()
    make({500: given.medium, 700: given.bold}, given.all)


if __name__ == "__main__":
    main()
