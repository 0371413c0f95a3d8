"""Invented and real data never share a store: a wall would call real ones 'demo', or invented ones real."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from loaders.declaration import read_declaration
from stores.errors import LoadError
from stores.store import Store

DEMO: Final = "demo"


def refuse_mixing(folder: Path, store: Store) -> None:
    """Refuse a folder that is of the other kind than what the store holds already; an empty store takes any.

    Raises:
        LoadError: it is invented and the store holds real data, or the other way round.
    """
    found = store.ask("freshness")[0]
    if not found["batches"]:
        return
    holds, comes = found["data_label"] == DEMO, read_declaration(folder).data_label == DEMO
    if holds and not comes:
        raise LoadError("the store holds invented data (data_label 'demo'); load real data into a new store")
    if comes and not holds:
        raise LoadError(
            "the store holds real data; invented data (data_label 'demo') needs a store of its own"
        )
