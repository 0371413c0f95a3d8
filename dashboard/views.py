"""Views: every part of the wall that is painted from the scene, panels and layers alike, by one key."""

from __future__ import annotations

from functools import cache
from typing import Any

from dashboard.panels.registry import Panel, all_panels
from dashboard.words import Words
from layers.registry import all_layers, drawn_layers
from layers.scene import Scene, World


def kind(panel: Panel) -> str:
    """Return 'sheet' for a panel of Dash components, which comes and goes, and 'panel' for a plain one."""
    return "sheet" if panel.SIDE == "sheet" else "panel"


@cache
def depends() -> dict[str, list[str]]:
    """Return the scene's fields each view depends on, by view key ('panel/team', 'layer/heat')."""
    panels = {f"{kind(panel)}/{key}": [*panel.DEPENDS, "lang"] for key, panel in all_panels().items()}
    layers = {f"layer/{key}": list(layer.DEPENDS) for key, layer in all_layers().items()}
    return panels | layers


@cache
def wide() -> list[str]:
    """Return the views that stand on wide walls only."""
    return [f"panel/{key}" for key, panel in all_panels().items() if panel.SIDE == "wide"]


@cache
def boards() -> dict[str, list[str]]:
    """Return the boards on which a panel stands, by view key; views that are not named stand on all."""
    panels = all_panels().items()
    return {
        f"{kind(panel)}/{key}": list(on) for key, panel in panels if (on := getattr(panel, "BOARDS", None))
    }


def is_standing(key: str, scene: dict[str, Any]) -> bool:
    """Tell whether a view stands on the scene's board."""
    return key not in boards() or scene["board"] in boards()[key]


def standing(scene: dict[str, Any], is_wide: bool) -> list[str]:
    """Return the keys of the views that stand on the wall in a scene; layers that are off do not."""
    drawn = {f"layer/{key}" for key in scene["drawn"]}
    return [
        key
        for key in depends()
        if is_standing(key, scene)
        and (is_wide or key not in wide())
        and (not key.startswith("layer/") or key in drawn)
    ]


@cache
def opens() -> dict[str, list[str]]:
    """Return the field and value of the scene that open each sheet, by view key."""
    panels = all_panels().items()
    return {f"sheet/{key}": list(when) for key, panel in panels if (when := getattr(panel, "OPENS", None))}


def is_closed(key: str, scene: dict[str, Any]) -> bool:
    """Tell whether a view is a sheet that this scene leaves closed."""
    if key not in opens():
        return False
    field, value = opens()[key]
    chosen = str(scene[field]).partition(":")[0]
    return chosen != value if value else not chosen


def question(key: str, scene: dict[str, Any]) -> str:
    """Return the part of a scene a view depends on as text: equal text, equal answer."""
    if is_closed(key, scene):
        return "closed"
    return "|".join(_part(scene, name) for name in depends()[key])


def _part(scene: dict[str, Any], name: str) -> str:
    """Return a field of the scene as text, or the filter of a dimension ('pick:domain')."""
    field, colon, dimension = name.partition(":")
    if not colon:
        return _text(scene[field])
    return next((str(p).partition(":")[2] for p in scene["picks"] if str(p).startswith(f"{dimension}:")), "")


def _text(value: Any) -> str:
    return ",".join(value) if isinstance(value, list | tuple) else str(value)


def browser_scene(scene: Scene, world: World) -> dict[str, Any]:
    """Return the scene with what the browser needs beside it: its chain of places and its level."""
    chain = world.chain(scene.basis, scene.place)
    level = world.level(scene.basis, scene.place)
    own = {"chain": list(chain), "level": level}
    return {**scene.as_dict(), **own, "drawn": drawn_layers(scene.layers, level)}


def map_words(lang: str) -> dict[str, str]:
    """Return the words the map itself writes, in one language."""
    from dashboard.words import table

    return {key[4:]: text for key, text in table(Words(lang).lang).items() if key.startswith("map.")}
