"""Secrets that lie in files beside the store: complete or not at all, and one for all processes."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def key_from_file(path: Path, size: int = 32) -> bytes:
    """Return the secret in a file that only its owner may read; make it on first use.

    Two processes that start together end up with one key: the file appears complete or not at all.

    Raises:
        OSError: the folder cannot be written, or the file not be read.
        ValueError: the file holds fewer than `size` bytes.
    """
    if not path.exists():
        _publish(path, secrets.token_bytes(size))
    if path.stat().st_mode & 0o077:
        with suppress(OSError):  # a secret mounted read-only has its own guard
            path.chmod(0o600)
    key = path.read_bytes()
    if len(key) < size:
        raise ValueError(f"the key file {path} is too short; delete it to have a new one made")
    return key


def _publish(path: Path, key: bytes) -> None:
    """Put a key into place unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process's key is as good
    finally:
        draft.unlink(missing_ok=True)
