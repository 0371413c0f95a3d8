"""A person is known by a keyed hash of the source's number, and the key lies outside the database."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from stores.errors import LoadError
from stores.key_file import key_from_file

KEY_FILE: Final = "pseudonym.key"
KEY_BYTES: Final = 32
PSEUDONYM_BYTES: Final = 16


def read_key(data_dir: Path) -> bytes:
    """Read the key, making it (readable by its owner alone) where there is none yet.

    Raises:
        LoadError: the key cannot be read or written, or is too short. Without the old key nobody is
            recognised.
    """
    path = data_dir / KEY_FILE
    try:
        return key_from_file(path, KEY_BYTES)
    except OSError as error:
        raise LoadError(
            f"{path}: the key of the pseudonyms cannot be read or written: {error.strerror}"
        ) from error
    except ValueError:
        raise LoadError(
            f"{path}: the key of the pseudonyms is shorter than {KEY_BYTES} bytes; restore it from a backup"
        ) from None


class Pseudonyms:
    """Turn source numbers into pseudonyms, each number once.

    HMAC-SHA256, the first 128 bits in hexadecimal (32 characters). Full-width forms, blanks around the number
    and the letter case of a final X make no difference.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    def of(self, numbers: Iterable[str]) -> list[str]:
        """Give the pseudonyms of many numbers, in order."""
        return [self._known.get(number) or self._make(number) for number in numbers]

    def _make(self, number: str) -> str:
        plain = unicodedata.normalize("NFKC", number).strip().upper()
        made = hmac.digest(self._key, plain.encode(), "sha256")[:PSEUDONYM_BYTES].hex()
        self._known[number] = made
        return made
