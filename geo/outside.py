"""The world outside the district as directions: where a province or city lies, seen from here."""

from __future__ import annotations

from math import atan2, cos, degrees, radians, sin
from typing import Final

HERE: Final = (118.84, 31.95)
"""Where a deployment stands unless it says otherwise, (lon, lat) in WGS84 degrees: Jiangning."""

OWN_CITY: Final = "南京"
OWN_PROVINCE: Final = "江苏"

# Seats of government, (lon, lat, English name), to a tenth of a degree: enough for a direction.
PLACES: Final[dict[str, tuple[float, float, str]]] = {
    "南京": (118.8, 32.1, "Nanjing"),
    "江苏": (120.1, 32.2, "Jiangsu"),
    "上海": (121.5, 31.2, "Shanghai"),
    "浙江": (120.2, 30.3, "Zhejiang"),
    "安徽": (117.3, 31.8, "Anhui"),
    "北京": (116.4, 39.9, "Beijing"),
    "天津": (117.2, 39.1, "Tianjin"),
    "河北": (114.5, 38.0, "Hebei"),
    "山西": (112.5, 37.9, "Shanxi"),
    "内蒙古": (111.7, 40.8, "Inner Mongolia"),
    "辽宁": (123.4, 41.8, "Liaoning"),
    "吉林": (125.3, 43.9, "Jilin"),
    "黑龙江": (126.6, 45.7, "Heilongjiang"),
    "福建": (119.3, 26.1, "Fujian"),
    "江西": (115.9, 28.7, "Jiangxi"),
    "山东": (117.0, 36.7, "Shandong"),
    "河南": (113.7, 34.8, "Henan"),
    "湖北": (114.3, 30.6, "Hubei"),
    "湖南": (113.0, 28.2, "Hunan"),
    "广东": (113.3, 23.1, "Guangdong"),
    "广西": (108.3, 22.8, "Guangxi"),
    "海南": (110.3, 20.0, "Hainan"),
    "重庆": (106.5, 29.6, "Chongqing"),
    "四川": (104.1, 30.7, "Sichuan"),
    "贵州": (106.7, 26.6, "Guizhou"),
    "云南": (102.7, 25.0, "Yunnan"),
    "西藏": (91.1, 29.7, "Tibet"),
    "陕西": (108.9, 34.3, "Shaanxi"),
    "甘肃": (103.8, 36.1, "Gansu"),
    "青海": (101.8, 36.6, "Qinghai"),
    "宁夏": (106.2, 38.5, "Ningxia"),
    "新疆": (87.6, 43.8, "Xinjiang"),
    "台湾": (121.5, 25.0, "Taiwan"),
    "香港": (114.2, 22.3, "Hong Kong"),
    "澳门": (113.5, 22.2, "Macao"),
}
ELSEWHERE: Final = 225.0
"""The direction of what is no known place: south-west, where the map's edge is free."""


def province_of(name: str) -> str:
    """Return the place of `PLACES` an outside name belongs to, '' where there is none.

    The own city goes before its province: '江苏省南京市' → '南京', '江苏省苏州市' → '江苏'.
    """
    if OWN_CITY in name:
        return OWN_CITY
    return next((place for place in PLACES if name.startswith(place)), "")


def bearing(lon: float, lat: float, here: tuple[float, float] = HERE) -> float:
    """Return the direction from `here` to a point in degrees clockwise from north, 0 ≤ bearing < 360.

    The initial bearing of the great circle on a sphere; both points in WGS84 degrees.
    """
    east, north = radians(lon - here[0]), radians(lat)
    south = radians(here[1])
    x = sin(east) * cos(north)
    y = cos(south) * sin(north) - sin(south) * cos(north) * cos(east)
    return degrees(atan2(x, y)) % 360


def bearing_of(place: str) -> float:
    """Return the direction of a place of `PLACES`; `ELSEWHERE` for any other."""
    return bearing(*PLACES[place][:2]) if place in PLACES else ELSEWHERE
