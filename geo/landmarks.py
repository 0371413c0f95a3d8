"""Landmarks everybody in the district knows, for orientation on the map.

Written by hand from common knowledge; positions are approximate, ±500 m (hills and lakes: their middle).
WGS84. They orient the eye and serve no measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["airport", "railway", "metro", "hill", "lake", "river", "campus", "town"]


@dataclass(frozen=True)
class Landmark:
    """A known place: Chinese and English name, kind, longitude and latitude (WGS84, degrees), source note."""

    name: str
    name_en: str
    kind: Kind
    lon: float
    lat: float
    source: str = "by hand, ±500 m"


LANDMARKS: tuple[Landmark, ...] = (
    Landmark("禄口国际机场", "Lukou International Airport", "airport", 118.872, 31.735),
    Landmark("南京南站", "Nanjing South Railway Station", "railway", 118.798, 31.969),
    Landmark("江宁站", "Jiangning Railway Station", "railway", 118.905, 31.842),
    Landmark("江宁西站", "Jiangning West Railway Station", "railway", 118.610, 31.838),
    Landmark("百家湖", "Baijia Lake", "lake", 118.812, 31.932),
    Landmark("九龙湖", "Jiulong Lake", "lake", 118.815, 31.909),
    Landmark("杨柳湖", "Yangliu Lake", "lake", 118.950, 31.838),
    Landmark("安基山水库", "Anjishan Reservoir", "lake", 119.078, 32.095),
    Landmark("赵村水库", "Zhaocun Reservoir", "lake", 118.742, 31.703),
    Landmark("方山", "Mount Fang", "hill", 118.872, 31.897),
    Landmark("牛首山", "Mount Niushou", "hill", 118.746, 31.914),
    Landmark("将军山", "Mount Jiangjun", "hill", 118.773, 31.930),
    Landmark("祖堂山", "Mount Zutang", "hill", 118.742, 31.893),
    Landmark("汤山", "Mount Tang", "hill", 119.030, 32.055),
    Landmark("青龙山", "Mount Qinglong", "hill", 118.955, 32.000),
    Landmark("横山", "Mount Heng", "hill", 118.800, 31.640),
    Landmark("云台山", "Mount Yuntai", "hill", 118.700, 31.712),
    Landmark("秦淮河", "Qinhuai River", "river", 118.850, 31.930),
    Landmark("新济洲", "Xinjizhou Island", "river", 118.500, 31.860),
    Landmark("江宁大学城", "Jiangning University Town", "campus", 118.900, 31.915),
    Landmark("百家湖站", "Baijiahu Station", "metro", 118.814, 31.937),
    Landmark("河定桥站", "Hedingqiao Station", "metro", 118.812, 31.952),
    Landmark("小龙湾站", "Xiaolongwan Station", "metro", 118.825, 31.925),
    Landmark("竹山路站", "Zhushanlu Station", "metro", 118.836, 31.930),
    Landmark("天印大道站", "Tianyindadao Station", "metro", 118.849, 31.931),
    Landmark("南京交院站", "Institute of Communications Station", "metro", 118.880, 31.915),
    Landmark("中国药科大学站", "China Pharmaceutical University Station", "metro", 118.905, 31.906),
    Landmark("翔宇路南站", "Xiangyulu South Station", "metro", 118.855, 31.770),
)
