"""Word the names of the demo: organisations, invented companies, fictitious persons, titles of activities."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]

DIGITS: Final = "零一二三四五六七八九"

BUREAUS: Final = (
    "区委办公室 区政府办公室 区人大常委会机关 区政协机关 区纪委监委机关 区委组织部 区委宣传部 "
    "区委统战部 区委政法委 区财政局 区民政局 区司法局 区人社局 区审计局 区统计局 区发改委 "
    "区工信局 区科技局 区农业农村局 区水务局 区文旅局 区应急管理局 区市场监管局 区行政审批局 "
    "区城管局 区生态环境局 区税务局 区退役军人事务局 区总工会 团区委 区妇联 区科协 区工商联 "
    "区档案馆 区信访局 区机关事务管理局 区人民法院 区人民检察院"
).split()
TOWN_OFFICES: Final = (
    "党政办公室 组织人事科 社会事务科 经济发展科 财政所 综合行政执法队 便民服务中心 农业服务中心"
).split()
ZONE_OFFICES: Final = ("管委会办公室 经济发展局 规划建设局 投资促进局 财政局 综合保税区办公室").split()
INSTITUTES: Final = (
    "文化馆 图书馆 博物馆 体育中心 疾控中心 妇幼保健所 农业技术推广站 水利站 环境监测站 "
    "不动产登记中心 公共资源交易中心 社会保险中心 就业服务中心 园林绿化所 公路管理站 "
    "市政设施养护所 气象服务站 广播电视站"
).split()
STATE_FIRMS: Final = (
    "城市建设集团 交通建设集团 水务集团 文旅集团 农业发展集团 产业投资集团 公交客运 粮食储备 "
    "保障房开发 市政工程"
).split()
SOCIAL_NAMES: Final = (
    "社工服务中心 养老服务中心 律师事务所 会计师事务所 志愿者协会 商会 民办幼儿园 公益发展中心 "
    "书画研究会 体育协会"
).split()
PROJECTS: Final = (
    "轨道延伸工程项目 老旧小区改造项目 河道综合整治项目 安置房建设项目 防汛突击队 高标准农田项目 援外施工项目"
).split()

# Coined on purpose: pairs that no register is likely to hold.
COINED_FIRST: Final = "云星禾澄霁岚汐砚翎槿璟沐槐朔棠珞苇榆鹿鲸"
COINED_SECOND: Final = "栈槎砾汐簌漪砂笺屿埠衍筑曜藜跃枢翊澍铧隼"
TRADES: Final = (
    "软件 网络科技 信息技术 智能装备 新能源 精密机械 生物医药 汽车零部件 电力设备 通信设备 "
    "电子商务 物流 食品 建材 环保科技 文化传媒 物业服务 检测技术 新材料 航空配件 医疗器械 "
    "包装 餐饮管理 人力资源 园艺 纺织 印务 仪器仪表 轨道装备 工程咨询"
).split()

STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"

TITLES: Final = {
    "theme_day": (
        "学习新时代中国特色社会主义思想",
        "学习党支部工作条例（试行）",
        "重温入党誓词",
        "美丽庭院志愿服务",
        "参观实景课堂",
        "文明城市创建志愿行动",
        "走访慰问老党员",
    ),
    "member_meeting": ("季度支部党员大会", "讨论接收预备党员", "讨论预备党员转正", "听取支部工作报告"),
    "committee_meeting": ("研究本月支部工作", "研究党员发展工作", "研究主题党日安排"),
    "group_meeting": ("党小组学习讨论", "党小组会"),
    "lecture": ("支部书记讲党课", "党章专题党课", "乡村振兴专题党课", "庆祝建党九十七周年专题党课"),
    "org_life_meeting": ("2018年度组织生活会",),
    "appraisal": ("2018年度民主评议党员",),
    "heart_talk": ("开展谈心谈话",),
}


def ordinal(number: int) -> str:
    """Write 1 … 999 in Chinese figures: 12 → 十二; greater numbers stay in digits."""
    if number >= 1000:
        return str(number)
    if number >= 100:
        rest = number % 100
        between = "零" if 0 < rest < 10 else ("一" if 10 <= rest < 20 else "")
        return DIGITS[number // 100] + "百" + (between + ordinal(rest) if rest else "")
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def company_names(count: int, rng: np.random.Generator) -> list[str]:
    """Invent `count` different company names. Raises ValueError beyond what the word lists hold."""
    sizes = (len(COINED_FIRST), len(COINED_SECOND), len(TRADES), 4)
    space = int(np.prod(sizes))
    if count > space:
        raise ValueError(f"only {space} company names can be invented, not {count}")
    places, forms = ("南京", "江苏"), ("有限公司", "股份有限公司")
    numbers = rng.choice(space, count, replace=False)
    first, second, trade, form = np.unravel_index(numbers, sizes)
    return [
        places[f // 2] + COINED_FIRST[a] + COINED_SECOND[b] + TRADES[t] + forms[f % 2]
        for a, b, t, f in zip(first, second, trade, form, strict=True)
    ]


def make_unique(names: list[str], ending: str) -> list[str]:
    """Number the names that occur more than once: 'X党支部' twice becomes 'X第一党支部', 'X第二党支部'."""
    total: dict[str, int] = {}
    for name in names:
        total[name] = total.get(name, 0) + 1
    seen: dict[str, int] = {}
    result = []
    for name in names:
        if total[name] == 1:
            result.append(name)
            continue
        seen[name] = seen.get(name, 0) + 1
        stem = name.removesuffix(ending)
        result.append(f"{stem}第{ordinal(seen[name])}{ending}")
    return result


def house_of(building: str) -> str:
    """Give a building's name without its number: '晓里科创大厦3号楼' → '晓里科创大厦'."""
    return re.sub(r"\d+(号楼|幢|号厂房|号)$", "", building)


def person_names(numbers: Ints) -> Texts:
    """Give plainly fictitious names: '演示甲子0000001'."""
    stems = [a + b for a in STEMS for b in BRANCHES]
    return np.array([f"演示{stems[n % len(stems)]}{n:07d}" for n in numbers.tolist()], dtype=object)


def identity_numbers(births: NDArray[np.datetime64], numbers: Ints) -> Texts:
    """Give 18 digits that cannot belong to anybody: region 000000 and a wrong check digit."""
    dates = np.char.replace(np.datetime_as_string(births, unit="D").astype(str), "-", "")
    serial = numbers % 1000
    figures = np.array([[int(c) for c in f"000000{d}{s:03d}"] for d, s in zip(dates, serial, strict=True)])
    weights = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
    wrong = (figures @ weights + 1) % 11 if len(figures) else np.zeros(0, dtype=np.int64)
    return np.array(
        [f"000000{d}{s:03d}{'10X98765432'[w]}" for d, s, w in zip(dates, serial, wrong, strict=True)],
        dtype=object,
    )


def phone_numbers(numbers: Ints) -> Texts:
    """Give eleven digits that no operator hands out: they begin with 000."""
    return np.array([f"000{n % 100_000_000:08d}" for n in numbers.tolist()], dtype=object)


def home_addresses(numbers: Ints) -> Texts:
    """Give addresses on a road that does not exist."""
    return np.array([f"演示区虚构路{n % 9973 + 1}号" for n in numbers.tolist()], dtype=object)
