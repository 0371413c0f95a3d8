"""Which organisations are the nearest to a point in a month?"""

from typing import Any

from stores.spatial import spatial

PARAMS = ("lon", "lat", "count", "month")
PUBLISH = "org_id, name, domain, lon, lat, metres = public; level = level"


def rows(store: Any, lon: float, lat: float, count: int, month: str) -> list[dict[str, Any]]:
    """Return them nearest first; degrees of WGS84, metres on the sphere."""
    known = {row["org_id"]: row for row in store.ask("gate_spots")}
    columns = ("org_id", "name", "domain", "lon", "lat", "level")
    return [
        {**{column: known[org][column] for column in columns}, "metres": metres}
        for org, metres in spatial(store).nearest(lon, lat, count, month)
        if org in known
    ]
