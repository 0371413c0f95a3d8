"""What a folder says about itself, file by file, in ejia-source.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

from geo.coordinates import SYSTEMS
from loaders.encodings import ENCODINGS
from loaders.layouts import layouts
from stores.errors import LoadError

FILE_NAME: Final = "ejia-source.toml"
CODE_SYSTEMS: Final = ("nbs", "mca", "local")
_TOP: Final = frozenset({"file", "data_label", "as_of", "name"})


@dataclass(frozen=True)
class Declared:
    """Hold what is declared of the files that match a pattern.

    Args:
        path: pattern relative to the folder, '*' and '**' as in a shell.
        layout: a layout's name, None = recognised by the headers.
        crs: coordinate system, None = not declared.
        code_system: system of the region codes, None = not declared.
        encoding: of text, None = found out.
        header_row: 1-based row of the headers, None = found out.
        layer: layer or worksheet, None = all.
    """

    path: str = "**"
    layout: str | None = None
    crs: str | None = None
    code_system: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    layer: str | None = None


@dataclass(frozen=True)
class Declaration:
    """Hold a folder's declaration; the first of the files that matches counts."""

    files: Sequence[Declared] = ()
    data_label: str | None = None
    as_of: str | None = None
    name: str | None = None

    def of(self, name: str) -> Declared | None:
        """Find what is declared of a file, by its path inside the folder; None = nothing."""
        return next((one for one in self.files if matches(name, one.path)), None)


def matches(name: str, pattern: str) -> bool:
    """Tell whether a path matches a pattern as a whole; '**/' stands for any folders or none."""
    if name == pattern:
        return True
    parts, wanted = PurePosixPath(name).parts, PurePosixPath(pattern).parts
    return _match(parts, wanted)


def _match(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(_match(parts[at:], wanted[1:]) for at in range(len(parts) + 1)) or len(wanted) == 1
    return bool(parts) and PurePosixPath(parts[0]).match(wanted[0]) and _match(parts[1:], wanted[1:])


def read_declaration(folder: Path) -> Declaration:
    """Read the declaration of a folder, an empty one where there is no file.

    Raises:
        LoadError: not TOML, or a key or value that is not known.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Declaration()
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoadError(f"{path}: cannot be read: {error}; correct it as the README shows") from error
    beyond = sorted(set(raw) - _TOP)
    if beyond:
        raise LoadError(f"{path}: unknown key '{beyond[0]}'; allowed are {', '.join(sorted(_TOP))}")
    tables = raw.get("file", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise LoadError(f"{path}: 'file' must be written as [[file]], once a file")
    files = [_declared(one, path, at) for at, one in enumerate(tables, 1)]
    return Declaration(files, _text(raw, "data_label", path), _as_of(raw, path), _text(raw, "name", path))


def _declared(raw: dict[str, Any], path: Path, at: int) -> Declared:
    """Check one [[file]] table."""
    where = f"{path}, [[file]] {at}"
    allowed = list(Declared.__dataclass_fields__)
    for key, value in raw.items():
        if key not in allowed:
            raise LoadError(f"{where}: unknown key '{key}'; allowed are {', '.join(allowed)}")
        if not isinstance(value, int if key == "header_row" else str) or isinstance(value, bool):
            raise LoadError(f"{where}: {key} = {value!r} has the wrong type")
    for key, known in _CHOICES.items():
        value = raw.get(key)
        if value is not None and value.lower() not in known():
            raise LoadError(f"{where}: {key} = '{value}' is unknown; allowed are {', '.join(known())}")
    pattern = raw.get("path")
    if not pattern or pattern.startswith("/") or ".." in PurePosixPath(pattern).parts:
        raise LoadError(f"{where}: path must name files inside the folder, such as '签到记录/*.csv'")
    lower = {key: value.lower() for key, value in raw.items() if key in _CHOICES}
    return Declared(**{**raw, **lower})


_CHOICES: Final[dict[str, Callable[[], tuple[str, ...]]]] = {
    "crs": lambda: SYSTEMS,
    "code_system": lambda: CODE_SYSTEMS,
    "encoding": lambda: tuple(ENCODINGS),
    "layout": lambda: tuple(layouts()),
}


def _text(raw: dict[str, Any], key: str, path: Path) -> str | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise LoadError(f"{path}: {key} must be text")
    return value


def _as_of(raw: dict[str, Any], path: Path) -> str | None:
    """Read the day the data tell of, written as text or as a TOML date."""
    value = raw.get("as_of")
    if value is None or isinstance(value, date):
        return None if value is None else value.isoformat()[:10]
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise LoadError(f"{path}: as_of = '{value}' is no day; write 2019-02-28") from error
