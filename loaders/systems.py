"""Coordinates and region codes are taken in the system declared, checked against the file, and converted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo.coordinates import CHINA, SYSTEMS, convert
from stores.errors import LoadError

TOWNS_FILE: Final = Path(__file__).resolve().parent / "code_systems.toml"
_PLAIN: Final = ("wgs84", "cgcs2000")
_ENDINGS: Final = (
    "街道",
    "镇",
    "乡",
    "社区",
    "村",
    "区",
    "办事处",
    "居委会",
    "村委会",
    "居民委员会",
    "村民委员会",
)

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


def require_crs(declared: str | None, where: str) -> str:
    """Return the declared coordinate system.

    Raises:
        LoadError: none is declared.
    """
    if declared is None:
        raise LoadError(
            f"{where}: holds coordinates, and nothing says in which system; declare crs in ejia-source.toml "
            f"({', '.join(SYSTEMS)}): a wrong guess would move every point by half a kilometre or more"
        )
    return declared


def require_codes(declared: str | None, where: str) -> str:
    """Return the declared code system.

    Raises:
        LoadError: none is declared.
    """
    if declared is None:
        raise LoadError(
            f"{where}: holds region codes, and nothing says of which system; declare code_system in "
            "ejia-source.toml (nbs, mca, local): in the other system most towns bear another's code"
        )
    return declared


def to_degrees(shapes: Shapes, said: str | None, declared: str, where: str) -> Shapes:
    """Bring shapes in the file's own projection to degrees of the declared system.

    Args:
        shapes: n geometries or None.
        said: what the file says of itself, None = nothing.
        declared: one of SYSTEMS.

    Raises:
        LoadError: file and declaration contradict each other.
    """
    if said is None:
        return shapes
    try:
        own = CRS.from_user_input(said)
    except CRSError as error:
        raise LoadError(
            f"{where}: names the unknown coordinate system '{said[:80]}'; correct the file"
        ) from error
    base = own.geodetic_crs
    code = base.to_epsg(min_confidence=20) if base is not None else None
    name = base.name if base is not None else ""
    plain = (
        code in (4326, 4490, 4979, 4480)
        or "CRS84" in name
        or "WGS 84" in name
        or "CGCS" in name
        or "China Geodetic" in name
    )
    beside = declared not in _PLAIN and (own.is_projected or code == 4490)
    if not plain or beside:
        raise LoadError(
            f"{where}: is declared {declared}, and the file itself says {own.name} ({said[:60]}); "
            "correct the declaration or the file"
        )
    if not own.is_projected:
        return shapes
    move = Transformer.from_crs(own, base, always_xy=True)
    moved = shapely.transform(shapes, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    return np.asarray(moved, dtype=object)


def convert_shapes(shapes: Shapes, declared: str) -> Shapes:
    """Convert shapes in degrees of a system to WGS84."""

    def move(xy: Floats) -> Floats:
        return np.column_stack(convert(xy[:, 0], xy[:, 1], declared, "wgs84"))

    if declared in _PLAIN:
        return shapes
    return np.asarray(shapely.transform(shapes, move), dtype=object)


def outside(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Flag positions outside the box of China; NaN counts as inside."""
    west, east, south, north = CHINA
    with np.errstate(invalid="ignore"):
        flags: NDArray[np.bool_] = (lon < west) | (lon > east) | (lat < south) | (lat > north)
    return flags


@cache
def _towns() -> Sequence[Mapping[str, str]]:
    found: list[Mapping[str, str]] = tomllib.loads(TOWNS_FILE.read_text("utf-8"))["town"]
    return found


def stem(name: str) -> str:
    """Cut what kind of place it is off a name: 淳化街道 → 淳化."""
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def translate(code: str, source: str, target: str) -> str | None:
    """Translate a region code between code systems; None = no counterpart is known.

    Codes down to the district (6 digits) are the same in all; towns (9 digits) are looked up; communities (12
    digits) keep to no rule between the systems.
    """
    if source == target or len(code) <= 6:
        return code
    return next((town[target] for town in _towns() if town.get(source) == code and target in town), None)


def check_names(codes: Sequence[str | None], names: Sequence[str | None], declared: str, where: str) -> None:
    """Check towns by name against the code system declared.

    Raises:
        LoadError: a code bears the name that it has in another system.
    """
    for code, name in zip(codes, names, strict=True):
        own = next((town for town in _towns() if town.get(declared) == code), None)
        if own is None or not name or stem(own["name"]) == stem(name):
            continue
        other = next((one for one in _towns() if stem(one["name"]) == stem(name)), None)
        if other is not None:
            system = next((key for key in ("nbs", "mca") if other.get(key) == code), None)
            hint = f'; in {system} it is {name}: declare code_system = "{system}"' if system else ""
            raise LoadError(
                f"{where}: is declared {declared}, where {code} is {own['name']}, but calls it {name}{hint}, "
                "or correct the codes"
            )


def points(shapes: Shapes) -> tuple[Any, Any]:
    """Give longitude and latitude of each shape: the point itself, or one inside the area; NaN for None."""
    inside = shapely.point_on_surface(shapes)
    return shapely.get_x(inside), shapely.get_y(inside)
