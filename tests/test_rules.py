"""Rules for every file: what it may name, what it says first, how it enters its registry."""

from __future__ import annotations

import ast
import importlib
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("geo", "stores", "indicators", "loaders", "layers", "dashboard")
APART = {".git", ".venv", "data", "screenshots", "vendor", "fonts", "node_modules", "build", "__pycache__"}
TEXT = {".py", ".md", ".toml", ".txt", ".sql", ".js", ".css", ".yaml", ".yml", ".html", ".svg", ".json", ""}
# Put together here, so that this file does not name them itself.
MACHINE = re.compile(r"/(?:work|root|home/[a-z]+)/[a-z.]|/tm" + r"p/\w", re.IGNORECASE)
INDEX_HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb", "debian", "org"),
)]  # fmt: skip
NOTE_TO_SELF = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def files() -> list[Path]:
    """Return every text file of the product, found without git."""
    found = []
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [
            name for name in inner if name not in APART and not name.endswith(("_cache", ".egg-info"))
        ]
        inner[:] = [name for name in inner if not name.startswith(".") or name == ".ci"]
        found += [
            Path(folder) / name for name in names if Path(name).suffix in TEXT and not name.startswith(".")
        ]
    return sorted(found)


def modules() -> list[Path]:
    """Return every Python file of the product."""
    return [file for file in files() if file.suffix == ".py"]


def named(file: Path) -> str:
    """Return a file's path as a test's name."""
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", files(), ids=named)
def test_a_file_names_no_machine_and_no_index(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not (found := MACHINE.search(text)), found
    assert not [host for host in INDEX_HOSTS if host in text]
    assert not (found := NOTE_TO_SELF.search(text)), found


@pytest.mark.parametrize("file", modules(), ids=named)
def test_a_module_says_its_one_idea_in_its_first_line(file: Path) -> None:
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    assert said, "no docstring"
    first = said.splitlines()[0]
    assert 10 <= len(first) <= 110
    assert first.endswith((".", "。")), first


@pytest.mark.parametrize("file", sorted((ROOT / "stores" / "sql").rglob("*.sql")), ids=named)
def test_a_question_says_what_it_asks(file: Path) -> None:
    head = [line for line in file.read_text(encoding="utf-8").splitlines()[:12] if line.startswith("--")]
    assert head, "no comment"
    if not file.name.startswith("gate_"):  # those are asked by the gate itself and leave it as nothing
        assert any(line.startswith("-- publish:") for line in head), "no publishing classes"


def test_every_room_says_what_it_holds() -> None:
    for room in ROOMS:
        package = importlib.import_module(room)
        assert package.__doc__, room
