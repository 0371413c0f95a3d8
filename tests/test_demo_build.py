"""The demo is the same for the same seed, another for another, and grows with the scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from loaders.demo import totals
from loaders.demo.bearing import FACETS, bearings
from loaders.demo.district import District, build_district, check_totals
from loaders.demo.geography import Geography, build_geography
from loaders.demo.monthly import write_month
from loaders.demo.organisations import fit_sizes
from loaders.demo.tree import share_out
from loaders.demo.wording import company_names, make_unique, ordinal
from loaders.demo.workbook import column_letters
from loaders.demo.writer import Writer


@pytest.fixture(scope="module")
def geography() -> Geography:
    return build_geography(2019)


@pytest.fixture(scope="module")
def district(geography: Geography) -> District:
    return build_district(geography, 1, 2019)


def same(one: object, other: object) -> bool:
    parts = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)]  # type: ignore[arg-type]
    return all(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind in "fM") for a, b in parts)


def test_the_same_seed_gives_the_same_district(geography: Geography, district: District) -> None:
    again = build_district(geography, 1, 2019)
    for part in ("organisations", "members", "moves", "posts", "positions"):
        assert same(getattr(district, part), getattr(again, part)), part
    other = build_district(geography, 1, 7)
    check_totals(other, 1)
    assert not same(district.members, other.members)


def test_the_same_seed_gives_the_same_bytes(district: District, tmp_path: Path) -> None:
    for run in ("one", "other"):
        writer = Writer(tmp_path / run, district, 1, 2019)
        write_month(writer, 1)
        writer.surroundings()
    files = [p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.csv")]
    assert len(files) == 6
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes(), file


def test_a_greater_scale_multiplies_all_totals(geography: Geography) -> None:
    district = build_district(geography, 2, 2019)
    check_totals(district, 2)
    names = Counter(district.organisations.name)
    assert max(names.values()) == 1
    assert len(district.organisations) == 2 * totals.ORGANISATIONS


def test_a_wrong_total_is_named(district: District) -> None:
    with pytest.raises(ValueError, match="members are 62498, not 124996"):
        check_totals(district, 2)


def test_secretaries_and_boards(district: District) -> None:
    posts, o = district.posts, district.organisations
    now = np.isnat(posts.until)
    led = set(posts.organisation[now & (posts.role == "secretary")].tolist())
    assert len(o) - len(led) == totals.VACANT_SECRETARIES
    board = Counter(posts.organisation[posts.board].tolist())
    full = np.bincount(district.members.branch[district.members.status == "full"], minlength=len(o))
    assert all(board[b] >= 3 for b in o.branches[full[o.branches] >= 12][::20] if b in led)
    own = posts.board | (posts.role == "group_leader")
    assert (district.members.branch[posts.member[own]] == posts.organisation[own]).all()


def test_parts_sum_to_the_whole() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        weights = rng.random(int(rng.integers(1, 40))) + 0.01
        total = int(rng.integers(2 * len(weights), 5000))
        parts = share_out(total, weights, 2)
        assert parts.sum() == total
        assert parts.min() >= 2
    with pytest.raises(ValueError, match="cannot be split"):
        share_out(3, np.ones(2), 2)


def test_sizes_keep_their_limits_and_sum() -> None:
    shape = np.random.default_rng(2).lognormal(0, 0.7, 400)
    sizes = fit_sizes(shape, 9000, 3, 70)
    assert (sizes.sum(), sizes.min() >= 3, sizes.max() <= 70) == (9000, True, True)
    with pytest.raises(ValueError, match="cannot sum"):
        fit_sizes(shape, 100, 3, 70)


def test_wording() -> None:
    assert [ordinal(n) for n in (1, 10, 12, 20, 35, 101, 110, 999)] == [
        "一",
        "十",
        "十二",
        "二十",
        "三十五",
        "一百零一",
        "一百一十",
        "九百九十九",
    ]
    assert make_unique(["甲党支部", "乙党支部", "甲党支部"], "党支部") == [
        "甲第一党支部",
        "乙党支部",
        "甲第二党支部",
    ]
    names = company_names(5000, np.random.default_rng(3))
    assert len(set(names)) == 5000
    with pytest.raises(ValueError, match="company names"):
        company_names(10**6, np.random.default_rng(3))
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_places_differ_in_what_they_do_well(geography: Geography, district: District) -> None:
    made = district.organisations
    for facet in FACETS:
        in_town = [made.bearing[facet][made.town == town].mean() for town in range(len(geography.towns))]
        assert max(in_town) > 0.6 and min(in_town) < -0.6, facet
    lax = [np.log(made.laxity[made.town == town]).mean() for town in range(len(geography.towns))]
    duty = [made.bearing["duty"][made.town == town].mean() for town in range(len(geography.towns))]
    assert np.corrcoef(lax, duty)[0, 1] < -0.5
    nowhere, somewhere = bearings(np.array([-1, 0]), np.array([-1, 0]), 2019)
    assert set(nowhere) == {0.0} and 0.0 not in set(somewhere)
