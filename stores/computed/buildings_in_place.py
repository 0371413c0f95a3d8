"""Which buildings lie in a place's shape, with how many organisations, gaps and members?"""

from typing import Any

from stores.computed.buildings_in_view import PUBLISH as PUBLISH
from stores.computed.buildings_in_view import about
from stores.spatial import spatial

PARAMS = ("place", "month")


def rows(store: Any, place: str, month: str) -> list[dict[str, Any]]:
    """Look the buildings up by their outline, whatever community they are said to belong to."""
    return about(store, spatial(store).buildings_within(place), month)
