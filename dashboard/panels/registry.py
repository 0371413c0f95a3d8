"""The registry of panels, filled by discovery: a new panel is one new file in this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, Protocol, cast

from dashboard.words import Words
from layers.scene import Scene, World

REST = {"registry"}
Rows = list[dict[str, Any]]
Asked = dict[str, tuple[str, dict[str, Any]]]


class Panel(Protocol):
    """One kind of panel: what it asks of a scene and how it paints the published answer.

    A panel is a module with these names. `DEPENDS` are the scene's fields that change it
    ('pick:domain' is the filter by domain; a panel that does not name a filter says that it does not follow);
    `SIDE` is where it stands: 'left', 'right', 'wide' (walls wider than 2.2:1 only), 'head', 'brand',
    'map' or 'sheet' (over the map, empty while closed); `ORDER` is from top to bottom.
    `BOARDS`, where a panel has it, are the only boards (`layers.scene.BOARDS`) on which it stands.
    Panels with the same `SHARES` stand in one place: of a scene exactly one of them paints.
    A sheet also says in `OPENS` which field of the scene opens it, and with what value up to a colon
    ('' for any but the empty one), so that a closed sheet asks nothing; one that 'open' opens in several ways
    lists all of them in `VIEWS`.
    """

    KEY: str
    ORDER: int
    SIDE: str
    DEPENDS: tuple[str, ...]

    def ask(self, scene: Scene, world: World) -> Asked:
        """Return the questions of this scene: name → (question of the store, its parameters)."""
        ...

    def paint(self, rows: Mapping[str, Rows], scene: Scene, words: Words, world: World) -> list[Any]:
        """Return Dash components from published rows, by the names used in `ask`; pure."""
        ...


@cache
def all_panels() -> dict[str, Panel]:
    """Return every panel by key, in the order in which they stand.

    Raises:
        ValueError: two modules claim one key; both are named.
    """
    import dashboard.panels

    found: dict[str, tuple[str, ModuleType]] = {}
    for info in pkgutil.iter_modules(dashboard.panels.__path__):
        if info.name in REST or info.name.startswith("_"):
            continue
        module = importlib.import_module(f"dashboard.panels.{info.name}")
        if module.KEY in found:
            raise ValueError(f"panel key {module.KEY!r} is claimed by {found[module.KEY][0]} and {info.name}")
        found[module.KEY] = (info.name, module)
    ordered = sorted(found.values(), key=lambda pair: (int(pair[1].ORDER), pair[0]))
    return {module.KEY: cast(Panel, module) for _, module in ordered}
