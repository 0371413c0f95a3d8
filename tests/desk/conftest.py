"""A served desk over a small district with warnings, and a browser in front of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from stores.accounts import Accounts
from stores.desk import open_desk
from tests.desk.seeding import opened_desk
from tests.signing import CHEAP, PASSWORD, ROOT
from tests.small_district import settings_in
from tests.wall.conftest import Wall, answers, free_port

TOP = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve the desk; give its address. 'zhiban' may sign in for the district, 'dongshan' for one town."""
    opened_desk(tmp_path)[0].store.close()
    desk = open_desk(settings_in(tmp_path))
    accounts = Accounts(desk, hasher=CHEAP)
    accounts.add("zhiban", "duty", PASSWORD, [("place", ROOT)])
    accounts.add("dongshan", "duty", PASSWORD, [("place", f"{ROOT}001")])
    desk.close()
    port, log = free_port(), (tmp_path / "serve.log").open("wb")
    command = [
        sys.executable,
        "-c",
        "from dashboard.commands import app; app()",
        "serve",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        [*command, "--data", str(tmp_path)],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    found = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if answers(found):
                break
            assert process.poll() is None, (tmp_path / "serve.log").read_text()
            time.sleep(0.1)
        yield found
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def context(chromium: object, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Open a fresh browser context at the size the test asks for by parameter, else 1920 × 1080."""
    width, height = getattr(request, "param", (1920, 1080))
    made = chromium.new_context(  # type: ignore[attr-defined]
        viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
    )
    yield made
    made.close()


@pytest.fixture
def at_desk(context: BrowserContext, address: str) -> Iterator[Wall]:
    """Stand at the desk, signed in as 'zhiban'; at the end nothing may have gone wrong or outside."""
    made = Wall(context.new_page(), address)
    made.page.goto(address + "/desk")
    made.page.fill("input[name=name]", "zhiban")
    made.page.fill("input[name=password]", PASSWORD)
    made.page.click("button[type=submit]")
    made.page.locator(".item").first.wait_for(timeout=30_000)
    yield made
    made.sound()
