"""Landmarks everybody in the district knows, for orientation on the map.

Written by hand from common knowledge; positions are approximate, ±500 m (hills, lakes, rivers: a point in the
middle). WGS84. They orient the eye and serve no measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["airport", "railway", "metro", "hill", "lake", "river", "campus"]

BY_HAND = "by hand, ±500 m"
FAR_OFF = "by hand, ±1 km"


@dataclass(frozen=True)
class Landmark:
    """A known place: Chinese and English name, kind, longitude and latitude (WGS84, degrees), source note."""

    name: str
    name_en: str
    kind: Kind
    lon: float
    lat: float
    source: str = BY_HAND


LANDMARKS: tuple[Landmark, ...] = (
    Landmark("禄口国际机场", "Lukou International Airport", "airport", 118.862, 31.742),
    Landmark("南京南站", "Nanjing South Railway Station", "railway", 118.798, 31.969),
    Landmark("方山", "Mount Fang", "hill", 118.872, 31.897),
    Landmark("牛首山", "Mount Niushou", "hill", 118.746, 31.914),
    Landmark("将军山", "Mount Jiangjun", "hill", 118.773, 31.930),
    Landmark("祖堂山", "Mount Zutang", "hill", 118.742, 31.893),
    Landmark("汤山", "Mount Tang", "hill", 119.030, 32.055),
    Landmark("青龙山", "Mount Qinglong", "hill", 118.955, 32.000, FAR_OFF),
    Landmark("百家湖", "Baijia Lake", "lake", 118.812, 31.932),
    Landmark("九龙湖", "Jiulong Lake", "lake", 118.815, 31.909),
    Landmark("秦淮河", "Qinhuai River", "river", 118.850, 31.910, FAR_OFF),
    Landmark("长江", "Yangtze River", "river", 118.530, 31.915, FAR_OFF),
    Landmark("江宁大学城", "Jiangning University Town", "campus", 118.900, 31.912),
    Landmark("河定桥站", "Hedingqiao Station", "metro", 118.814, 31.955),
    Landmark("百家湖站", "Baijiahu Station", "metro", 118.818, 31.937),
    Landmark("小龙湾站", "Xiaolongwan Station", "metro", 118.827, 31.928),
    Landmark("竹山路站", "Zhushanlu Station", "metro", 118.838, 31.927),
    Landmark("中国药科大学站", "China Pharmaceutical University Station", "metro", 118.903, 31.901),
)
