"""The registry of map layers, filled by discovery: a new layer is one new file in this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, Protocol, cast

from layers.scene import Scene, World

REST = {"registry", "scene"}
Rows = list[dict[str, Any]]


class Layer(Protocol):
    """One question about places and the name of the mark that draws its answer.

    A layer is a module with these names. `DEPENDS` are the scene's fields that change the answer
    ('pick:domain' is the filter by domain);
    `MARK` is a function of assets/marks.js; `ORDER` is drawn bottom first;
    `LEVELS` are those at which it is drawn unasked; a layer without any is offered for choice.
    """

    KEY: str
    MARK: str
    ORDER: int
    LEVELS: tuple[str, ...]
    DEPENDS: tuple[str, ...]

    def ask(self, scene: Scene, world: World) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return the questions of this scene: name → (question of the store, its parameters)."""
        ...

    def shape(self, rows: Mapping[str, Rows], scene: Scene, world: World) -> dict[str, Any]:
        """Return the mark's payload (JSON-able) from published rows, by the names used in `ask`."""
        ...


@cache
def all_layers() -> dict[str, Layer]:
    """Return every layer by key, bottom first.

    Raises:
        ValueError: two modules claim one key; both are named.
    """
    import layers

    found: dict[str, tuple[str, ModuleType]] = {}
    for info in pkgutil.iter_modules(layers.__path__):
        if info.name in REST or info.name.startswith("_"):
            continue
        module = importlib.import_module(f"layers.{info.name}")
        if module.KEY in found:
            raise ValueError(f"layer key {module.KEY!r} is claimed by {found[module.KEY][0]} and {info.name}")
        found[module.KEY] = (info.name, module)
    ordered = sorted(found.values(), key=lambda pair: int(pair[1].ORDER))
    return {module.KEY: cast(Layer, module) for _, module in ordered}


def chosen_layers() -> tuple[str, ...]:
    """Return the keys of the layers a scene may choose."""
    return tuple(key for key, layer in all_layers().items() if not layer.LEVELS)


def drawn_layers(chosen: tuple[str, ...], level: str) -> list[str]:
    """Return the chosen layers and those that are drawn unasked at a level."""
    return [*chosen, *(key for key, layer in all_layers().items() if level in layer.LEVELS)]
