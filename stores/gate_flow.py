"""Round one number that belongs to no tree and to no table."""

from __future__ import annotations

import hmac

from stores.gate_tree import BASE


def round_alone(value: float, key: bytes, measure: str, name: str) -> int:
    """Round one number that belongs to no tree (a heat cell, a count that does not add up over places).

    The number goes up with a chance of its remainder over five, by a permanent draw for ``name``.
    """
    floor, part = divmod(round(value), BASE)
    return BASE * (floor + int(_draw(key, measure, name) < part / BASE))


def _draw(key: bytes, measure: str, name: str) -> float:
    """Draw the permanent random number of one name in [0, 1)."""
    digest = hmac.digest(key, f"{measure}\n{name}".encode(), "sha256")
    return int.from_bytes(digest[:7], "big") / (1 << 56)
