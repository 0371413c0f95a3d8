"""Questions of space for programs: /api/v1/spatial/…, through the same gate as everything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Flask, Response, request

from dashboard import api, tables
from dashboard.errors import RefusedError
from dashboard.sessions import current_mode

if TYPE_CHECKING:
    from stores.gate import Gate

ROOT: Final = f"{api.ROOT}/spatial"
MOST_NEAREST: Final = 50
WIDEST_METRES: Final = 20_000
USUAL_METRES: Final = 500

Row = dict[str, Any]


def blueprint(app: Flask, gate: Gate) -> Blueprint:
    """Return the routes, limited like the rest of the API."""
    routes = Blueprint("spatial", __name__, url_prefix=ROOT)

    @routes.get("/buildings")
    def buildings() -> Response:
        """Answer which buildings touch ?bbox=west,south,east,north or lie in the shape of ?within=place."""
        api.known("bbox", "within", "period")
        month, place, box = _month(gate), request.args.get("within"), request.args.get("bbox")
        if (place is None) == (box is None):
            raise RefusedError(
                400, "bad_parameter", name="bbox", value=(box or "")[:40], allowed="bbox | within"
            )
        if place is not None:
            found = gate.answer("buildings_in_place", current_mode(), place=place, month=month)
        else:
            west, south, east, north = _box(str(box))
            asked = {"west": west, "south": south, "east": east, "north": north, "month": month}
            found = gate.answer("buildings_in_view", current_mode(), **asked)
        return api.answer({"period": month, "buildings": _rows(found)})

    @routes.get("/nearest")
    def nearest() -> Response:
        """Answer which organisations are the nearest to ?lon= and ?lat=, at most ?count=."""
        api.known("lon", "lat", "count", "period")
        count = api.whole_number("count", 5, 1, MOST_NEAREST)
        asked = {
            "lon": _degrees("lon", 180),
            "lat": _degrees("lat", 85),
            "count": count,
            "month": _month(gate),
        }
        found = gate.answer("nearest_organisations", current_mode(), **asked)
        return api.answer({"period": asked["month"], "organisations": _rows(found)})

    @routes.get("/gaps")
    def gaps() -> Response:
        """Answer where members work in units without an organisation, with no branch within ?metres=."""
        api.known("metres", "period")
        metres, month = api.whole_number("metres", USUAL_METRES, 0, WIDEST_METRES), _month(gate)
        found = gate.answer("coverage_gaps", current_mode(), metres=metres, month=month)
        return api.answer({"period": month, "metres": metres, "gaps": _rows(found)})

    api.limit(routes).init_app(app)
    return routes


def _rows(rows: list[Row]) -> list[Row]:
    return [tables.row_as_json(row) for row in rows]


def _month(gate: Gate) -> str:
    """Return ?period=, the last month by default."""
    months = [row["month"] for row in gate.answer("months", current_mode())]
    last = months[-1] if months else ""
    wanted = request.args.get("period", last)
    if wanted not in (*months, last):
        first = months[0] if months else ""
        raise RefusedError(400, "bad_month", value=wanted[:40], first=first, last=last)
    return wanted


def _degrees(name: str, most: int) -> float:
    return _number(name, request.args.get(name, ""), most)


def _box(text: str) -> list[float]:
    """Read west,south,east,north."""
    parts = text.split(",")
    if len(parts) != 4:
        raise RefusedError(
            400, "bad_parameter", name="bbox", value=text[:40], allowed="west,south,east,north"
        )
    box = [_number("bbox", part, most) for part, most in zip(parts, (180, 85, 180, 85), strict=True)]
    if box[0] > box[2] or box[1] > box[3]:
        raise RefusedError(
            400, "bad_parameter", name="bbox", value=text[:40], allowed="west,south,east,north"
        )
    return box


def _number(name: str, text: str, most: int) -> float:
    """Read degrees, rounded to a tenth of a metre so that equal questions are recognised."""
    try:
        value = float(text) if len(text) <= 24 else math.nan
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise RefusedError(400, "bad_parameter", name=name, value=text[:40], allowed=f"-{most} … {most}")
    return round(value, 6)
