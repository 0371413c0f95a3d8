"""A secret's file: made once, by whichever process comes first, and readable by its owner alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from loaders.pseudonyms import read_key
from stores.key_file import key_from_file


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "session.key"
    key = key_from_file(path)
    assert len(key) == 32
    path.chmod(0o644)
    assert key_from_file(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["session.key"]
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match="too short"):
        key_from_file(path)


@pytest.mark.parametrize("read", [lambda folder: key_from_file(folder / "a.key"), read_key])
def test_all_who_start_together_have_one_key(tmp_path: Path, read: Callable[[Path], bytes]) -> None:
    together = 8

    def start(folder: Path, barrier: Barrier) -> bytes:
        barrier.wait(10)
        return read(folder)

    with ThreadPoolExecutor(together) as pool:
        for turn in range(100):
            folder, barrier = tmp_path / str(turn), Barrier(together)
            keys = [pool.submit(start, folder, barrier) for _ in range(together)]
            assert len({key.result() for key in keys}) == 1
