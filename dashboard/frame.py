"""The frame: where panels, map and controls stand, before any of them is painted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import dash_leaflet as dl
from dash import dcc, html

from dashboard.attributes import attributes
from dashboard.panels.registry import all_panels
from dashboard.views import boards, depends, kind, map_words, question, standing
from dashboard.words import languages

Painter = Callable[[str], Any]


def layout(scene: dict[str, Any], is_wide: bool, version: str, paint: Painter, payload: Painter) -> html.Div:
    """Return the whole page, painted for a scene.

    Args:
        scene: as `views.browser_scene` gives it.
        is_wide: whether the wall has the columns of wide walls.
        version: of the store; part of every geometry address.
        paint: panel key → its components (a sheet) or its plain tree.
        payload: layer key → its payload, or None for a layer that is off.
    """
    return html.Div(
        [
            html.Header(
                [html.Div(_slot("brand", paint), className="brand"), *_slots("head", paint)], id="header"
            ),
            html.Main([_map(), *_slots("map", paint)], id="stage"),
            *(
                html.Aside(_slots(side, paint), className=f"column {side}")
                for side in ("left", "right", "wide")
            ),
            html.Div(_slots("sheet", paint), id="sheets"),
            html.Div(id="notice", role="status"),
            html.Div(
                id="map-words",
                hidden=True,
                **attributes({"data-words": _words(), "data-follows": _follows()}),
            ),
            *_stores(scene, is_wide, version, paint, payload),
        ],
        id="wall",
    )


def _slots(side: str, paint: Painter) -> list[html.Section]:
    keys = [key for key, panel in all_panels().items() if side == panel.SIDE]
    return [section for key in keys for section in _slot(key, paint)]


def _slot(key: str, paint: Painter) -> list[html.Section]:
    """Return a panel's place. A sheet's components are painted into it; the browser fills a plain one."""
    if kind(all_panels()[key]) == "sheet":
        holder = html.Div(paint(key), id={"kind": "sheet", "key": f"sheet/{key}"}, className="painted")
    else:
        holder = html.Div(className="painted", **attributes({"data-view": f"panel/{key}"}))
    named = {"data-key": f"panel/{key}"}
    if f"panel/{key}" in boards():
        named["data-boards"] = " ".join(boards()[f"panel/{key}"])
    return [html.Section(holder, className=f"panel {key}", **attributes(named))]


def _map() -> html.Div:
    blank = dl.Map(
        id="map",
        center=[31.87, 118.84],
        zoom=10,
        minZoom=8,
        maxZoom=19,
        zoomSnap=0,
        zoomControl=False,
        attributionControl=False,
        trackViewport=False,
        doubleClickZoom=False,
        wheelPxPerZoomLevel=120,
    )
    parts = [blank, html.Div(className="fade left"), html.Div(className="fade right")]
    parts += [html.Div(id="stack"), html.Div(id="legend"), html.Div(id="scale-bar")]
    return html.Div(parts, id="map-box")


def _words() -> str:
    return json.dumps({lang: map_words(lang) for lang in languages()}, ensure_ascii=False)


def _follows() -> str:
    """Return which filters each panel follows, by view key."""
    filters = {
        name: [part for part in parts if part.startswith("pick:")] for name, parts in depends().items()
    }
    return json.dumps({name: parts for name, parts in filters.items() if parts})


def _stores(
    scene: dict[str, Any], is_wide: bool, version: str, paint: Painter, payload: Painter
) -> list[Any]:
    """Return what the browser keeps: the scene, the last parcel of answers, and which questions it holds."""
    asked = {key: question(key, scene) for key in standing(scene, is_wide)}
    panels = {key: paint(key.partition("/")[2]) for key in asked if key.startswith("panel/")}
    layers = {key[6:]: payload(key[6:]) for key in asked if key.startswith("layer/")}
    return [
        dcc.Store(id="scene", data=scene),
        dcc.Store(id="tap"),
        dcc.Store(id="version", data=version),
        dcc.Store(id="parcel", data={"panels": panels, "layers": layers, "held": {}}),
        dcc.Store(id="held", data=asked),
    ]
