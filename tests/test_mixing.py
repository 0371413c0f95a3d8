"""Invented and real data are never mixed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from small_district import settings_in, tables

from loaders.mixing import refuse_mixing
from stores.errors import LoadError
from stores.store import LoadReport, Store, open_store


def folder(path: Path, label: str | None) -> Path:
    """Make a folder that says what it is."""
    path.mkdir()
    (path / "ejia-source.toml").write_text(f'data_label = "{label}"\n' if label else "", "utf-8")
    return path


def holding(path: Path, meta: dict[str, str] | None) -> Store:
    """Open a store, empty or loaded with a label."""
    settings = settings_in(path)
    store = open_store(settings.store.url, settings)
    if meta is not None:
        store.load(tables(), LoadReport("small", datetime(2019, 3, 1), {"as_of": "2019-02-28", **meta}))
    return store


@pytest.mark.parametrize(
    ("meta", "label", "refused"),
    [
        (None, "demo", False),
        (None, None, False),
        ({"data_label": "demo"}, "demo", False),
        ({"data_label": "demo"}, None, True),
        ({"data_label": "demo"}, "office", True),
        ({}, "demo", True),
        ({"data_label": "office"}, "demo", True),
        ({}, None, False),
        ({"data_label": "office"}, None, False),
    ],
)
def test_invented_and_real_never_meet(
    tmp_path: Path, meta: dict[str, str] | None, label: str | None, refused: bool
) -> None:
    store, given = holding(tmp_path, meta), folder(tmp_path / "given", label)
    try:
        if refused:
            with pytest.raises(LoadError, match="invented"):
                refuse_mixing(given, store)
        else:
            refuse_mixing(given, store)
    finally:
        store.close()
