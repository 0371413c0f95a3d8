"""Rules for every file: what it may name, what it says first, how it enters its registry."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import pkgutil
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

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
REGISTRIES: dict[str, dict[str, Any]] = {
    "layers": {
        "KEY": str, "MARK": str, "ORDER": int, "LEVELS": tuple, "DEPENDS": tuple,
        "ask": Callable, "shape": Callable,
    },
    "indicators": {
        "KEY": str, "TABLES": tuple, "QUESTION": str, "PARAMS": tuple, "FIXED": Mapping, "WHERE": Mapping,
        "PART": str, "WHOLE": str, "WINDOW": str, "WHOLE_AT": str, "UNIT": str,
    },
    "dashboard.panels": {
        "KEY": str, "ORDER": int, "SIDE": str, "DEPENDS": tuple, "ask": Callable, "paint": Callable,
    },
}  # fmt: skip
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
    ends = ("?",) if file.parent.name == "computed" and file.stem != "__init__" else (".", "。")
    assert first.endswith(ends), first


@pytest.mark.parametrize("file", sorted((ROOT / "stores" / "sql").rglob("*.sql")), ids=named)
def test_a_question_says_what_it_asks(file: Path) -> None:
    head = [line for line in file.read_text(encoding="utf-8").splitlines()[:12] if line.startswith("--")]
    assert head, "no comment"
    if file.parent.name == "sql" and not file.name.startswith("gate_"):  # the gate keeps those for itself
        assert any(line.startswith("-- publish:") for line in head), "no publishing classes"


def test_every_room_says_what_it_holds() -> None:
    for room in ROOMS:
        package = importlib.import_module(room)
        assert package.__doc__, room


# Registries: one file each, found by walking


def members(room: str) -> dict[str, ModuleType]:
    """Return the modules of a room that say KEY, by file name."""
    found = {}
    for info in pkgutil.iter_modules(importlib.import_module(room).__path__):
        if info.ispkg or info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{room}.{info.name}")
        if hasattr(module, "KEY"):
            found[info.name] = module
    return found


def entries() -> list[tuple[str, str, ModuleType]]:
    """Return (registry, file name, module) of every registered module."""
    return [(room, name, module) for room in REGISTRIES for name, module in members(room).items()]


@pytest.mark.parametrize("room", list(REGISTRIES))
def test_a_registry_is_not_empty_and_its_keys_are_file_names(room: str) -> None:
    found = members(room)
    assert found
    assert [module.KEY for module in found.values()] == list(found)


@pytest.mark.parametrize(
    ("room", "name", "module"), entries(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_member_of_a_registry_has_what_its_kind_needs(room: str, name: str, module: ModuleType) -> None:
    for wanted, kind in REGISTRIES[room].items():
        value = getattr(module, wanted, None)
        assert callable(value) if kind is Callable else isinstance(value, kind), f"{room}.{name}.{wanted}"
    for function in ("ask", "shape", "paint"):
        if hasattr(module, function):
            assert getattr(module, function).__doc__, f"{room}.{name}.{function}"


def test_what_layers_and_panels_depend_on_is_in_the_scene() -> None:
    from layers.scene import PICKS, Scene

    fields = {field.name for field in dataclasses.fields(Scene)}
    for room, name, module in entries():
        named = {part for part in getattr(module, "DEPENDS", ()) if part not in PICKS}
        strangers = named - fields
        assert not strangers, f"{room}.{name}: {strangers}"


def test_every_layer_has_a_mark_and_words() -> None:
    from dashboard.words import Words, languages
    from layers.registry import all_layers

    marks = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "assets").glob("*.js")))
    for key, layer in all_layers().items():
        assert re.search(rf"\b{layer.MARK}\b", marks), f"{key}: {layer.MARK}"
        for lang in languages() if not layer.LEVELS else ():  # what is drawn unasked has no button
            assert f"map.layer_{key}" in Words(lang), f"{key} in {lang}"


def test_every_indicator_is_asked_and_explained() -> None:
    from dashboard.words import Words, languages, table
    from indicators.registry import all_indicators
    from stores.questions import question

    for key, indicator in all_indicators().items():
        asked = question(indicator.QUESTION)
        assert set(indicator.PARAMS) | set(indicator.FIXED) == set(asked.params), key
        columns = {indicator.PART, indicator.WHOLE, *indicator.WHERE} - {""}
        assert columns <= set(asked.publish), f"{key}: {columns - set(asked.publish)}"
        for lang in languages():
            assert [word for word in table(lang) if word.startswith(f"how.{key}.")], f"{key} in {lang}"
            assert indicator.UNIT == "percent" or f"units.{indicator.UNIT}" in Words(lang), f"{key} in {lang}"


def test_every_language_speaks_of_the_same() -> None:
    from dashboard.words import languages, table

    tables = {lang: table(lang) for lang in languages()}
    assert {"zh", "en"} <= set(tables)
    places = {
        lang: {key: set(re.findall(r"\{(\w+)", text)) for key, text in words.items()}
        for lang, words in tables.items()
    }
    for lang, words in places.items():
        assert words.keys() == places["zh"].keys(), f"{lang}: {words.keys() ^ places['zh'].keys()}"
        assert words == places["zh"]


def test_every_question_can_be_read_and_is_of_the_published() -> None:
    from stores import questions

    assert questions.names()
    for name in questions.names():
        question = questions.question(name)
        assert question.sentence, name
        assert question.publish or name.startswith("gate_"), name
