"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cluster
import engines
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from stores.desk import Desk

settings.register_profile("unhurried", deadline=None)  # how long an example takes says nothing here
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-partial-raster",  # an edge mended in part is softer by a shade: one picture, one raster
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of reference data beside the repository, or skip the test without it."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the reference data folder 'shared' is not beside the repository")
    return folder


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Make a folder once for all workers of a run and give it; the others wait for the one that makes it."""
    base = factory.getbasetemp()
    home = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, claim, done = home / name, home / f"{name}.claim", home / f"{name}.done"
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        for _ in range(3000):
            if done.exists():
                assert done.read_text() == "", f"another worker could not make {name}: {done.read_text()}"
                return folder
            time.sleep(0.1)
        pytest.fail(f"nobody finished {name} within five minutes")
    try:
        make(folder)
    except BaseException as error:
        done.write_text(repr(error))
        raise
    done.touch()
    return folder


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the demo district's folder of files at scale 1, written once a run."""
    from loaders.demo import write_demo

    def make(folder: Path) -> None:
        write_demo(folder)

    return made_once(tmp_path_factory, "demo", make)


@pytest.fixture(scope="session")
def loaded_data(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder whose store holds the whole demo, loaded once a run; copy it to change it."""
    from dashboard.deployment import chosen
    from loaders.intake import load_folder
    from stores.store import open_store

    def make(folder: Path) -> None:
        folder.mkdir()
        settings = chosen(data=str(folder))
        store = open_store(settings.store.url, settings)
        load_folder(demo_folder, store, settings)
        store.close()

    return made_once(tmp_path_factory, "loaded", make)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the administrator's address of a real PostgreSQL with PostGIS, started once a run."""
    owner = os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()

    def make(folder: Path) -> None:
        folder.mkdir()
        cluster.wanted(folder / "address", owner)

    return (made_once(tmp_path_factory, "postgres", make) / "address").read_text()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for an engine on each, save where it declares to differ, with a reason."""
    if "engine_name" in metafunc.fixturenames:
        differs = {}
        for marker in metafunc.definition.iter_markers("differs"):
            differs |= marker.kwargs
        assert set(differs) <= set(engines.NAMES) and all(differs.values()), (
            "say which engine differs and why"
        )
        names = [name for name in engines.NAMES if name not in differs]
        metafunc.parametrize("engine_name", names, scope="module")


@pytest.fixture(scope="module")
def engine_of_module(engine_name: str, request: pytest.FixtureRequest) -> Iterator[engines.Engine]:
    """Give an engine whose stores live as long as the module."""
    made = engines.Engine(
        engine_name, request.getfixturevalue("server") if engine_name == "postgres" else None
    )
    yield made
    made.close()


@pytest.fixture
def engine(engine_name: str, request: pytest.FixtureRequest) -> Iterator[engines.Engine]:
    """Give an engine whose stores live as long as the test."""
    made = engines.Engine(
        engine_name, request.getfixturevalue("server") if engine_name == "postgres" else None
    )
    yield made
    made.close()


@pytest.fixture
def desk(engine: engines.Engine) -> Desk:
    """Give empty records of the desk."""
    return engine.desk()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once; a missing browser fails the tests."""
    with sync_playwright() as play:
        path = shutil.which("chromium") or "/usr/bin/chromium"
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
