"""Attributes of elements that Python cannot name: data-key, aria-label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def attributes(named: Mapping[str, str]) -> Any:
    """Return attributes to be spread into a Dash component, e.g. {'data-key': 'kpi/members'}."""
    return dict(named)


def pressed(on: bool, also: str = "") -> Any:
    """Return the attributes of a button that is on or off: its class, and what a screen reader says of it."""
    return {"className": f"{also} on".strip() if on else also, "aria-pressed": str(on).lower()}
