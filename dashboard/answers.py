"""Answers: scene → questions → gate → payload, remembered until the store's next version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from dashboard.sessions import current_scope
from dashboard.world import DistrictWorld
from layers.registry import Layer
from layers.scene import Scene, World
from stores.gate import Gate
from stores.settings import Settings
from stores.store import Store
from stores.tally import Tally, count_again, tallied

Asked = Mapping[str, tuple[str, dict[str, Any]]]
MOST = 4096


class Answers:
    """Answer views for a mode; equal scenes get the same object back."""

    def __init__(self, store: Store, gate: Gate, settings: Settings) -> None:
        self._settings = settings
        self._store = store
        self._gate = gate
        self._kept: OrderedDict[tuple[Any, ...], tuple[Any, Tally]] = OrderedDict()
        self._lock = Lock()
        self._world = DistrictWorld(store, gate, settings)

    @property
    def world(self) -> DistrictWorld:
        """Return the world of the store's present version."""
        if self._world.version != self._store.version:
            self._world = DistrictWorld(self._store, self._gate, self._settings)
        return self._world

    @property
    def version(self) -> int:
        """Return the store's present version."""
        return self._store.version

    def rows(self, asked: Asked, mode: str) -> dict[str, list[dict[str, Any]]]:
        """Answer questions by name, every value through the gate."""
        return {
            name: self._gate.answer(question, mode, **params) for name, (question, params) in asked.items()
        }

    def layer(self, layer: Layer, scene: Scene, mode: str) -> dict[str, Any]:
        """Return a layer's payload; 'place' says which place it answers for."""

        def make() -> dict[str, Any]:
            world = self.world
            rows = self.rows(layer.ask(scene, world), mode)
            return {"place": scene.place, **layer.shape(rows, scene, world)}

        payload: dict[str, Any] = self.keep(self.layer_key(layer, scene, mode), make)
        return payload

    def painted(
        self, panel: Any, scene: Scene, mode: str, paint: Callable[[dict[str, Any], World], Any]
    ) -> Any:
        """Return a panel's components, painted by `paint(rows, world)`."""

        def make() -> Any:
            world = self.world
            return paint(self.rows(panel.ask(scene, world), mode), world)

        return self.keep(self.panel_key(panel, scene, mode), make)

    def layer_key(self, layer: Layer, scene: Scene, mode: str) -> tuple[Any, ...]:
        """Return under what a layer's payload is kept."""
        return ("layer", layer.KEY, mode, self._question(layer.DEPENDS, scene))

    def panel_key(self, panel: Any, scene: Scene, mode: str) -> tuple[Any, ...]:
        """Return under what a panel's components are kept."""
        return ("panel", panel.KEY, mode, scene.lang, self._question(panel.DEPENDS, scene))

    def unchanged(self, key: tuple[Any, ...], since: int | None) -> bool:
        """Tell whether what a page got at version ``since`` is known to be what it would get now."""
        if since is None:
            return False
        with self._lock:
            before = self._kept.get((since, current_scope(), *key))
            now = self._kept.get((self._store.version, current_scope(), *key))
        return before is not None and now is not None and (before[0] is now[0] or before[0] == now[0])

    def keep(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return what was made for this key, the asker's scope and this version, or make it."""
        full = (self._store.version, current_scope(), *key)
        with self._lock:
            known = self._kept.get(full)
            if known is not None:
                self._kept.move_to_end(full)
        if known is not None:
            count_again(known[1])
            return known[0]
        with tallied() as tally:
            made = make()
        with self._lock:
            self._kept[full] = made, tally
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return made

    @staticmethod
    def _question(fields: tuple[str, ...], scene: Scene) -> tuple[Any, ...]:
        return tuple(scene.part(name) for name in fields)
