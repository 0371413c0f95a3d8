"""The mode of a request comes from its signed session and from nowhere else; without one, a visitor."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

from flask import Flask, has_request_context, session

VISITOR: Final = "visitor"
MODES: Final = (VISITOR, "leader", "duty")
SHIELD: Final = "shield"
LASTS: Final = timedelta(hours=12)  # one shift in the duty room


def current_mode() -> str:
    """Return the mode of the present request: 'visitor', 'leader' or 'duty'.

    Outside a request, without a session, or with a session that was tampered with, it is 'visitor'; so it is
    while visitor mode is switched on.
    """
    if not has_request_context():
        return VISITOR
    return VISITOR if session.get(SHIELD) else own_mode()


def own_mode() -> str:
    """Return the mode that the session was signed in for, visitor mode being switched on or not."""
    mode = session.get("mode", VISITOR) if has_request_context() else VISITOR
    return mode if mode in MODES else VISITOR


def shield(on: bool) -> None:
    """Show this session what visitors may see, or again what it was signed in for; never more than that."""
    if on:
        session[SHIELD] = True
    else:
        session.pop(SHIELD, None)


def sign_with_key_file(app: Flask, folder: Path) -> None:
    """Sign the app's session cookie with a key in `folder`; scripts and other sites cannot use it."""
    app.secret_key = key_from_file(folder / "session.key")
    app.config.update(
        SESSION_COOKIE_NAME="ejia",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
    )


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
