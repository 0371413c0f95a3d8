"""The whole app over the marked district, and how a browser asks it for what it paints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard import server
from dashboard.app import create_app, script_hashes
from dashboard.panels.registry import all_panels
from dashboard.views import boards, browser_scene, depends, kind, question
from dashboard.world import DistrictWorld
from layers.scene import from_mapping
from tests.gate_district import CANARY, MONTHS
from tests.secret_district import PID, SECRET, Facts, open_secret
from tests.small_district import Opened

API = "/api/v1"
WRITTEN = (("scene", "data"), ("notice", "children"), ("parcel", "data"))
ALL_SHEETS = '{"key":["ALL"],"kind":"sheet"}'
CALLBACK = "/_dash-update-component"
ASSETS = server.ASSETS
LAST = MONTHS[-1]
WORLDS: dict[int, DistrictWorld] = {}
"""App → the world behind it, from which a test knows what a browser would hold."""
STACK = re.compile(r"Traceback|File \\?\"/|\.py\b|site-packages|duckdb:|sqlalchemy", re.IGNORECASE)


@dataclass(frozen=True)
class Wall:
    """Hold the whole app over the marked district, and the facts behind it."""

    app: Flask
    opened: Opened
    facts: Facts
    folder: Path

    def visitor(self) -> FlaskClient:
        """Give a browser without cookies."""
        return self.app.test_client()


def opened_wall(folder: Path) -> Iterator[Wall]:
    """Build the app as the server's worker builds it, its store in a folder; close the store at the end."""
    facts = Facts()
    opened = open_secret(folder, facts)
    dash = create_app(opened.store, opened.gate, opened.settings)
    dash.config.assets_path_ignore = ["vendor", "remote"]
    app: Flask = dash.server
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.api.RATE", "1000000 per minute")
        server.install(app, opened.store, opened.gate, opened.settings, lambda: script_hashes(dash))
    WORLDS[id(app)] = DistrictWorld(opened.store, opened.gate, opened.settings)
    yield Wall(app, opened, facts, folder)
    del WORLDS[id(app)]
    opened.store.close()


def clean(text: str, folder: Path | None = None) -> str:
    """Check that a text names no person, nothing private and no file of ours; give it back."""
    for secret in (CANARY, PID, SECRET, *([str(folder)] if folder else []), str(ASSETS.parent)):
        assert secret not in text, text[max(0, text.index(secret) - 200) :][:400]
    assert not STACK.search(text), STACK.search(text)
    return text


def layout(client: FlaskClient, **scene: str) -> Any:
    """Fetch the page that a browser at this address would paint."""
    answer = client.get("/_dash-layout?wide=1", headers={"Referer": f"http://localhost/?{urlencode(scene)}"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, text[:300]
    return json.loads(clean(text))


def view_of(key: str) -> str:
    """Return the view of a panel or layer: sheets are panels too."""
    kind_, _, name = key.partition("/")
    return f"{kind(all_panels()[name])}/{name}" if kind_ == "panel" else key


def tapped(verb: Any, arg: Any, scene: Any, held: Any = None) -> dict[str, Any]:
    """Write the request of a gesture as Dash's renderer does, from a wall of all columns."""
    sheets = [
        {"key": f"sheet/{key}", "kind": "sheet"} for key, one in all_panels().items() if kind(one) == "sheet"
    ]
    plain = [{"id": name, "property": prop} for name, prop in WRITTEN]
    states = [
        {"id": "scene", "property": "data", "value": scene},
        {"id": "held", "property": "data", "value": held},
    ]
    return {
        "output": f"..{'...'.join(f'{name}.{prop}' for name, prop in WRITTEN)}...{ALL_SHEETS}.children..",
        "outputs": [*plain, [{"id": sheet, "property": "children"} for sheet in sheets]],
        "inputs": [
            {"id": "tap", "property": "data", "value": {"verb": verb, "arg": arg, "n": 1, "wide": True}}
        ],
        "changedPropIds": ["tap.data"],
        "state": [*states, [{"id": sheet, "property": "id", "value": sheet} for sheet in sheets]],
    }


def body_of(app: Flask, key: str, scene: Any) -> dict[str, Any]:
    """Write the request of a browser that holds all views of a scene but one."""
    view, held = view_of(key), {}
    if isinstance(scene, dict):
        try:
            world = WORLDS[id(app)]
            shown = browser_scene(from_mapping(scene).settled(world)[0], world)
            held = {name: question(name, shown) for name in depends() if name != view}
        except (TypeError, ValueError, AttributeError):
            held = {}  # a scene that is none: the server refuses it itself
    return tapped("stay", "", scene, held)


def flat(name: dict[str, str]) -> str:
    """Write an id as Dash does."""
    return json.dumps(name, separators=(",", ":"), sort_keys=True)


def post(client: FlaskClient, body: Any, **headers: str) -> Any:
    """Send a callback's request; characters that are none go out escaped."""
    return client.post(CALLBACK, data=json.dumps(body), content_type="application/json", headers=headers)


def call(client: FlaskClient, key: str, scene: dict[str, Any]) -> Any:
    """Ask for a panel or layer in a scene in which it stands; give what it paints, None if nothing."""
    view = view_of(key)
    scene = {**scene, "board": boards()[view][0]} if view in boards() else dict(scene)
    scene |= {"layers": [key.partition("/")[2]]} if key.startswith("layer/") else {}
    answer = post(client, body_of(client.application, key, scene))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, (key, scene, text[:300])
    found = json.loads(clean(text))["response"]
    parcel = found["parcel"]["data"]
    assert set(parcel["held"]) <= {view}
    if view.startswith("sheet/"):
        return found[flat({"key": view, "kind": "sheet"})]["children"]
    if view.startswith("panel/"):
        return parcel["panels"][view]
    return parcel["layers"].get(key.partition("/")[2])


def elements(part: Any) -> Iterator[dict[str, Any]]:
    """Walk the properties of what is painted: Dash components and plain [tag, attributes, children] alike."""
    if isinstance(part, list) and len(part) == 3 and isinstance(part[0], str) and isinstance(part[1], dict):
        tag, about, inner = part
        text = inner[0] if len(inner) == 1 and isinstance(inner[0], str) else inner
        yield {**about, "type": tag, "className": about.get("class", ""), "children": text}
        yield from elements(inner)
    elif isinstance(part, list):
        for one in part:
            yield from elements(one)
    elif isinstance(part, dict) and "props" in part:
        yield part["props"] | {"type": part["type"].lower()}
        for value in part["props"].values():
            yield from elements(value)


def words_of(part: Any) -> Iterator[str]:
    """Walk the texts a reader can meet outside of marked numbers, tooltips and labels included."""
    for one in elements(part):
        if "num" in str(one.get("className", "")).split():
            continue
        for name in ("children", "title", "aria-label"):
            value = one.get(name)
            texts = value if isinstance(value, list) else [value]
            yield from (str(text) for text in texts if isinstance(text, str | int | float))
