"""Where do three or more members work in units without an organisation, with no branch within a distance?"""

from typing import Any

from stores.spatial import spatial

PARAMS = ("metres", "month")
PUBLISH = (
    "building_id, name, community_id, lon, lat, units, nearest_m = public; level = level; members = rare"
)
# How many work there is no count of the hierarchy: no rounding of it could agree with any other, so only the
# duty desk sees it.


def rows(store: Any, metres: float, month: str) -> list[dict[str, Any]]:
    """Return one row a building; ``nearest_m`` is null where there is no branch at all."""
    known = {row["building_id"]: row for row in store.ask("gate_blanks")}
    return [
        {**known[building], "nearest_m": far, "level": "building"}
        for building, far in spatial(store).gaps(metres, month)
        if building in known
    ]
