"""The whole app over the marked district, and how a browser asks it for what it paints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard import server
from dashboard.app import create_app
from tests.gate_district import CANARY, MONTHS
from tests.secret_district import PID, SECRET, Facts, open_secret
from tests.small_district import Opened

API = "/api/v1"
CALLBACK = "/_dash-update-component"
ASSETS = server.ASSETS
LAST = MONTHS[-1]
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
        server.install(app, opened.store, opened.gate, opened.settings, dash.csp_hashes)
    yield Wall(app, opened, facts, folder)
    opened.store.close()


def clean(text: str, folder: Path | None = None) -> str:
    """Check that a text names no person, nothing private and no file of ours; give it back."""
    for secret in (CANARY, PID, SECRET, *([str(folder)] if folder else []), str(ASSETS.parent)):
        assert secret not in text, text[max(0, text.index(secret) - 200) :][:400]
    assert not STACK.search(text), STACK.search(text)
    return text


def layout(client: FlaskClient, **scene: str) -> Any:
    """Fetch the page that a browser at this address would paint."""
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost/?{urlencode(scene)}"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, text[:300]
    return json.loads(clean(text))


@dataclass(frozen=True)
class Painter:
    """Hold how the browser asks for one view: the callback's output, its input, what comes back."""

    output: str
    asks: dict[str, str]
    out: dict[str, str]
    prop: str


@cache
def painters(app: Flask) -> dict[str, Painter]:
    """Read from the page itself how each panel and layer is asked for, as 'panel/team', 'layer/heat'."""
    client, found = app.test_client(), {}
    outputs = [one["output"] for one in client.get("/_dash-dependencies").get_json()]
    for one in elements(client.get("/_dash-layout").get_json()):
        asks = one.get("id")
        if isinstance(asks, dict) and "asks" in asks:
            kind, key = asks["asks"], asks["key"]
            output = next(name for name in outputs if name.startswith(f'{{"key":["MATCH"],"kind":"{kind}"}}'))
            out = {"key": key, "kind": kind}
            view = "layer" if kind == "layer" else "panel"  # sheets are panels too
            found[f"{view}/{key.partition('/')[2]}"] = Painter(output, asks, out, output.rpartition(".")[2])
    return found


def body_of(app: Flask, key: str, scene: Any) -> dict[str, Any]:
    """Write the request of a painter's callback as Dash's renderer does."""
    one = painters(app)[key]
    return {
        "output": one.output,
        "outputs": {"id": one.out, "property": one.prop},
        "inputs": [{"id": one.asks, "property": "data", "value": "anything"}],
        "changedPropIds": [f"{flat(one.asks)}.data"],
        "state": [{"id": "scene", "property": "data", "value": scene}],
    }


def flat(name: dict[str, str]) -> str:
    """Write an id as Dash does."""
    return json.dumps(name, separators=(",", ":"), sort_keys=True)


def post(client: FlaskClient, body: Any, **headers: str) -> Any:
    """Send a callback's request; characters that are none go out escaped."""
    return client.post(CALLBACK, data=json.dumps(body), content_type="application/json", headers=headers)


def call(client: FlaskClient, key: str, scene: dict[str, Any]) -> Any:
    """Ask for a panel or layer; give what it paints."""
    answer = post(client, body_of(client.application, key, scene))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200, (key, scene, text[:300])
    one = painters(client.application)[key]
    return json.loads(clean(text))["response"][flat(one.out)][one.prop]


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
