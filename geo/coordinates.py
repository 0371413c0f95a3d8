"""Convert positions between the coordinate systems met in Chinese files: wgs84, cgcs2000, gcj02, bd09.

All functions take and give longitude first, latitude second, in degrees.

- wgs84: GPS, GeoJSON. cgcs2000: China's official system (EPSG:4490). The two are the same here: their
ellipsoids
  differ by 0.1 mm (Wei Ziqing, "China Geodetic Coordinate System 2000 and its comparison with WGS84",
  2008), their frames by the drift of the plates since 2000, well under a metre; PROJ and EPSG treat them
  as equal.
- gcj02: the shifted system of Chinese web maps (AMap, Tencent), 300-700 m off.
- bd09: Baidu's further shift of gcj02, 1,200 m off.

The formulas of gcj02 and bd09 are unofficial. For gcj02 the open libraries agree. For bd09 there are two
in use, up to some 40 m apart: with waves of pi * 3000 / 180 (coordtransform) and of pi (eviltransform).
The first is taken, since only it meets an answer of Baidu's own conversion service within a metre. The
libraries' inverses are approximate (1-2 m); here they are iterated to well under a millimetre. Outside
China nothing is shifted, in either direction: what decides is the WGS84 position.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
System = Literal["wgs84", "gcj02", "bd09", "cgcs2000"]

SYSTEMS: tuple[System, ...] = ("wgs84", "gcj02", "bd09", "cgcs2000")
"""The coordinate systems understood, as written in declarations."""

CHINA = (73.4, 135.2, 3.8, 53.6)
"""West, east, south, north in degrees: the box in which gcj02 and bd09 are shifted."""

_AXIS = 6_378_245.0
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_FAR = 0.03
_ENOUGH = 1e-11


class UnknownSystemError(ValueError):
    """A coordinate system that is not one of SYSTEMS; the message names those allowed."""

    def __init__(self, name: object) -> None:
        super().__init__(f"unknown coordinate system {name!r}: allowed are {', '.join(SYSTEMS)}")
        self.name = name


def convert(lon: ArrayLike, lat: ArrayLike, source: str, target: str) -> tuple[Any, Any]:
    """Convert longitudes and latitudes (degrees) from the system `source` to `target`; both one of SYSTEMS.

    Takes numbers or arrays of any equal (or broadcastable) shape; gives two arrays of that shape, or two
    floats. There and back again inside China is exact to 1 mm. NaN and infinite values pass through.
    Points outside China are given back unchanged. Raises UnknownSystemError for another system.
    """
    for name in (source, target):
        if name not in SYSTEMS:
            raise UnknownSystemError(name)
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    shape = x.shape
    x, y = x.ravel().copy(), y.ravel().copy()
    if _plain(source) != _plain(target):
        near = _within(x, y, _FAR)
        x[near], y[near] = _converted(x[near], y[near], _plain(source), _plain(target))
    return x.reshape(shape)[()], y.reshape(shape)[()]


def in_china(lon: ArrayLike, lat: ArrayLike) -> Any:
    """Say of WGS84 positions whether gcj02 and bd09 are shifted there; false for NaN."""
    return _within(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64), 0.0)[()]


def _plain(system: str) -> str:
    return "wgs84" if system == "cgcs2000" else system


def _within(x: Floats, y: Floats, margin: float) -> NDArray[np.bool_]:
    west, east, south, north = CHINA
    inside: NDArray[np.bool_] = (x >= west - margin) & (x <= east + margin)
    return inside & (y >= south - margin) & (y <= north + margin)


def _converted(x: Floats, y: Floats, source: str, target: str) -> tuple[Floats, Floats]:
    """Convert finite points near China by way of gcj02; those truly outside stay as they are."""
    middle = _bd09_to_gcj02(x, y) if source == "bd09" else (x, y)
    true = (x, y) if source == "wgs84" else _gcj02_to_wgs84(*middle)
    inside = _within(*true, 0.0)
    if source == "wgs84":
        middle = _wgs84_to_gcj02(x, y)
    if target == "wgs84":
        moved = true
    else:
        moved = _gcj02_to_bd09(*middle) if target == "bd09" else middle
    return np.where(inside, moved[0], x), np.where(inside, moved[1], y)


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift as web maps must: a polynomial and sines of the distance from 105° E, 35° N."""
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (wave + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (wave + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY * np.sin(angle) ** 2
    meridian = np.radians(_AXIS * (1.0 - _ECCENTRICITY) / (magic * np.sqrt(magic)))
    parallel = np.radians(_AXIS / np.sqrt(magic) * np.cos(angle))
    return lon + east / parallel, lat + north / meridian


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Turn and stretch about the origin by tiny waves, then move by a constant."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _gcj02_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _undo(_wgs84_to_gcj02, lon, lat)


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _undo(_gcj02_to_bd09, lon, lat)


def _undo(shift: Any, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Find the points that `shift` moves to lon, lat by repeated correction."""
    x, y = lon, lat
    for _ in range(40):
        moved_x, moved_y = shift(x, y)
        gap_x, gap_y = lon - moved_x, lat - moved_y
        x, y = x + gap_x, y + gap_y
        if not len(x) or max(float(np.abs(gap_x).max()), float(np.abs(gap_y).max())) < _ENOUGH:
            break
    return x, y
