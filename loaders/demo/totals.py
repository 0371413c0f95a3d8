"""Hold the figures the demo must meet exactly and the assumptions its distributions rest on.

Totals: Liang Aiguo's article on the Jiangning "e-Home" centre (end of February 2019). Organisations: national
ratios of 2018. Ages, sex, education: national bulletin of 2018, by largest remainder. The rest is assumed.
"""

from __future__ import annotations

from typing import Final

MEMBERS: Final = 62_498
COMMITTEES: Final = 134
GENERAL_BRANCHES: Final = 168
BRANCHES: Final = 2_283
ORGANISATIONS: Final = COMMITTEES + GENERAL_BRANCHES + BRANCHES

LIFE_MEETINGS: Final = 2_095
NEW_OR_TEMPORARY: Final = 62
PAUSED: Final = 46
LATE: Final = BRANCHES - LIFE_MEETINGS - NEW_OR_TEMPORARY - PAUSED

APPRAISED: Final = 58_087
LOST: Final = 350
FOUND: Final = 313
WOMEN: Final = 17_016
COLLEGE: Final = 31_001
PROBATIONARY: Final = 1_300
FLOATING_OUT: Final = 2_600
FLOATING_IN: Final = 1_500
ILL_OR_AGED: Final = 1_500
ABROAD: Final = 180

# Who was not appraised besides the lost: 37 + these = 62,498 − 58,087.
UNAPPRAISED_OUT: Final = 1_900
UNAPPRAISED_MOVING: Final = 500
UNAPPRAISED_ABSENT: Final = 294

# Birth years are counted as 2019 − age, so that the bands can be told from the year alone.
AGE_BANDS: Final = (
    (20, 25, 1_933),
    (26, 30, 6_855),
    (31, 35, 6_469),
    (36, 40, 5_935),
    (41, 45, 5_957),
    (46, 50, 6_434),
    (51, 55, 6_291),
    (56, 60, 4_688),
    (61, 70, 9_865),
    (71, 80, 5_740),
    (81, 95, 2_331),
)

# domain group → branches, members; "village" holds communities too, "nonpublic" also parks and buildings
DOMAINS: Final = {
    "village": (920, 37_000),
    "soe": (130, 3_120),
    "nonpublic": (509, 5_850),
    "school": (230, 5_520),
    "institution": (158, 3_950),
    "organ": (206, 4_944),
    "social_org": (68, 646),
    "other": (62, 1_468),
}
PARK_BRANCHES: Final = 60
BUILDING_BRANCHES: Final = 60

TRANSFERS: Final = {"inside_branch_tree": 2_035, "in_from_outside": 875, "out_to_outside": 790}
PENDING: Final = 240
RETURNED: Final = 280
OTHER_ENDS: Final = {"withdrawn": 42, "rejected": 26, "revoked": 9, "draft": 31}

POSITIONS: Final = {
    "micro_a": 120,
    "micro_b": 92,
    "rural_academy": 18,
    "field_class": 35,
    "delegate_studio": 24,
    "network_branch": 12,
    "member_home": 30,
}
TOWN_CENTRES: Final = 10
COMMUNITY_CENTRES: Final = 200
WEAK_ORGANISATIONS: Final = 12
GAPS: Final = 160
VACANT_SECRETARIES: Final = 20
SERVICE_REQUESTS: Final = 3_600

SIGN_IN: Final = {
    "organ": 0.88,
    "school": 0.86,
    "institution": 0.85,
    "soe": 0.84,
    "village": 0.74,
    "urban_community": 0.74,
    "nonpublic": 0.66,
    "park": 0.68,
    "building": 0.68,
    "social_org": 0.68,
    "retired": 0.72,
    "floating": 0.45,
    "other": 0.62,
}
