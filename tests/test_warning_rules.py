"""The reference tests of the warnings, and one test for each edge that the rules name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from indicators.warnings.columns import NEVER, day_of
from indicators.warnings.registry import ParameterError, all_warnings, check, defaults, parameters
from stores.settings import Warnings
from tests.plain_store import Rows, found, standing

Tables = dict[str, Rows]


def org(name: str = "O1", **more: Any) -> dict[str, Any]:
    return {"org_id": name, "kind": "branch", "founded_on": date(2010, 1, 1), "status": "active"} | more


def met(institution: str, day: date, name: str = "O1", **more: Any) -> dict[str, Any]:
    start = datetime(day.year, day.month, day.day, 14)
    row = {"activity_id": f"{name}{institution}{day}", "org_id": name, "institution": institution}
    row |= {"start_at": start, "end_at": start + timedelta(hours=2), "status": "held"}
    return row | more


def began(day: date = date(2018, 1, 1)) -> dict[str, Any]:
    """An activity of somebody else, from which day on there are records."""
    return met("theme_day", day, "O9")


def each_month(institution: str, first: date, months: int, name: str = "O1") -> list[dict[str, Any]]:
    days = [
        date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 15)
        for n in range(months)
    ]
    return [met(institution, day, name) for day in days]


def dues(paid: str | None, **more: Any) -> Tables:
    member = {"member_pid": "P1", "branch_id": "O1", "status": "full", "joined_month": "2000-01"}
    state = {"member_pid": "P1", "paid_through_month": paid, "cycle": "monthly"} | more
    return {"organisation": [org()], "member": [member], "dues_status": [state]}


def pending(entered: datetime, **more: Any) -> dict[str, Any]:
    row = {"transfer_id": "T1", "status": "pending_from_branch", "from_org_id": "O1", "route": "online"}
    return row | {"applied_on": entered.date(), "step_entered_at": entered} | more


# Reference tests


def test_dues_paid_through_august_are_seven_months_behind_when_march_is_closed() -> None:
    assert standing("W01", dues("2018-08"), date(2019, 3, 10))["O1"][1] == 1
    assert standing("W01", dues("2018-08"), date(2019, 4, 6))["O1"][1] == 3


def test_a_month_that_is_not_closed_does_not_count() -> None:
    assert standing("W01", dues("2018-08"), date(2019, 4, 3))["O1"][1] == 1


def test_a_branch_founded_in_the_quarter_owes_nothing_for_it() -> None:
    tables: Tables = {"organisation": [org(founded_on=date(2019, 1, 20)), org("O9")], "activity": [began()]}
    assert "O1" not in standing("W04", tables, date(2019, 4, 10))
    assert "O9" in standing("W04", tables, date(2019, 4, 10))
    assert standing("W04", tables, date(2019, 7, 6))["O1"] == ("2019Q2", 2)


@pytest.mark.parametrize(("due", "came", "low"), [(10, 5, False), (20, 9, True)])
def test_half_is_enough_and_nine_of_twenty_is_not(due: int, came: int, low: bool) -> None:
    act = met("theme_day", date(2019, 1, 15), due_count=due, attended_count=came)
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(), act]}
    assert ("O1" in standing("W02", tables, date(2019, 2, 10))) is low


def test_the_table_of_workdays_decides_not_the_day_of_the_week() -> None:
    off = [{"day": date(2019, 2, day), "is_workday": False} for day in range(4, 11)]
    swapped = [{"day": date(2019, 2, day), "is_workday": True} for day in (2, 3)]
    tables: Tables = {"organisation": [org()], "transfer": [pending(datetime(2019, 2, 1, 10))]}
    tables["workday"] = off + swapped
    # 2 and 3 February, then 11, 12 and 13: five workdays; the sixth is the 14th.
    assert standing("W03", tables, date(2019, 2, 13)) == {}
    assert standing("W03", tables, date(2019, 2, 14))["O1"] == ("2019-02-14", 2)
    assert standing("W03", tables, date(2019, 2, 18))["O1"][1] == 2
    tables["workday"] = []
    assert standing("W03", tables, date(2019, 2, 11))["O1"] == ("2019-02-11", 2)


def people(count: int, name: str = "O1") -> list[dict[str, Any]]:
    row = {"branch_id": name, "status": "full", "joined_month": "2000-01", "full_month": "2001-01"}
    return [row | {"member_pid": f"{name}P{n}"} for n in range(count)]


def test_six_members_without_a_committee_need_no_committee_meetings() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began()]}
    assert standing("W05", tables | {"member": people(6)}, date(2019, 2, 10)) == {}
    assert "O1" in standing("W05", tables | {"member": people(7)}, date(2019, 2, 10))


def test_terms_are_five_years_in_communities_and_three_elsewhere() -> None:
    for domain, end in (("urban_community", date(2019, 2, 1)), ("nonpublic", date(2017, 2, 1))):
        tables: Tables = {"organisation": [org(domain=domain, last_election_on=date(2014, 2, 1))]}
        assert standing("W11", tables, end)["O1"] == (end.isoformat(), 2)
        assert standing("W11", tables, end + timedelta(1))["O1"] == (end.isoformat(), 3)
        assert standing("W11", tables, end + timedelta(366))["O1"][1] == 4


def lost(since: date, **more: Any) -> dict[str, Any]:
    row = {"member_pid": "P1", "branch_id": "O1", "status": "full", "contact_state": "lost"}
    return row | {"lost_since": since} | more


def test_a_member_found_on_the_tenth_settles_what_opened_on_the_first() -> None:
    gone = lost(date(2018, 8, 1))
    tables: Tables = {"organisation": [org()], "member": [gone]}
    assert standing("W13", tables, date(2019, 2, 1))["O1"][1] == 3
    tables["disposal"] = [{"member_pid": "P1", "on_date": date(2019, 2, 10), "kind": "found"}]
    assert standing("W13", tables, date(2019, 2, 10)) == {}
    assert standing("W13", tables, date(2019, 2, 9))["O1"][1] == 3


# W01


def test_a_quarterly_payer_is_looked_at_when_a_quarter_has_closed() -> None:
    tables = dues("2018-06", cycle="quarterly")
    assert standing("W01", tables, date(2019, 2, 28))["O1"][1] == 1
    assert standing("W01", dues("2018-06"), date(2019, 2, 28))["O1"][1] == 3
    assert standing("W01", tables, date(2019, 4, 6))["O1"][1] == 3


def test_a_member_under_way_is_charged_to_the_sender() -> None:
    tables = dues("2018-01")
    tables["organisation"] = [org(), org("O2")]
    tables["transfer"] = [pending(datetime(2019, 2, 1), member_pid="P1", to_org_id="O2")]
    assert set(standing("W01", tables, date(2019, 2, 28))) == {"O1"}


def test_the_lost_are_counted_in_dues_and_named_as_lost() -> None:
    tables = dues("2018-01")
    tables["member"] = [tables["member"][0] | {"contact_state": "lost"}]  # type: ignore[operator]
    (one,) = found("W01", tables, date(2019, 2, 28)).episodes
    assert (one.num, one.detail["lost"]) == (1, 1)


def test_who_is_suspended_owes_no_dues() -> None:
    tables = dues("2018-01")
    tables["member"] = [tables["member"][0] | {"status": "suspended"}]  # type: ignore[operator]
    assert standing("W01", tables, date(2019, 2, 28)) == {}


def test_dues_without_a_record_are_unknown_not_nought() -> None:
    one = found("W01", dues(None), date(2019, 2, 28))
    assert one.episodes == []
    assert one.excluded == {"no_dues_record": 1}


def test_exempt_months_do_not_count() -> None:
    tables = dues("2018-01", exempt_from="2018-02", exempt_to="2018-11")
    assert standing("W01", tables, date(2019, 2, 28)) == {}


def test_probation_owes_dues_from_the_month_of_admission() -> None:
    tables = dues("2000-01", liable_from="2018-12")
    assert standing("W01", tables, date(2019, 2, 28)) == {}
    assert standing("W01", tables, date(2019, 7, 6))["O1"][1] == 3


def test_three_members_behind_are_serious() -> None:
    tables = dues("2018-05")
    tables["member"] = people(3)
    tables["dues_status"] = [{"member_pid": f"O1P{n}", "paid_through_month": "2018-05"} for n in range(3)]
    assert standing("W01", tables, date(2019, 2, 28))["O1"][1] == 4


def test_a_warning_of_dues_stays_until_nobody_owes_two_months() -> None:
    one = found("W01", dues("2018-11"), date(2019, 2, 28))
    assert (one.episodes, one.holds) == ([], frozenset({0}))
    assert found("W01", dues("2018-12"), date(2019, 2, 28)).holds == frozenset()


# W02


def rates(*shares: tuple[int, int], first: date = date(2018, 10, 15), **more: Any) -> Tables:
    acts = []
    for at, (due, came) in enumerate(shares):
        month = first.month - 1 + at
        day = date(first.year + month // 12, month % 12 + 1, 15)
        acts.append(met("theme_day", day, due_count=due, attended_count=came, **more))
    return {"organisation": [org(), org("O9")], "activity": [began(), *acts]}


def test_low_months_in_a_row_grow_worse_and_a_good_one_ends_it() -> None:
    tables = rates((20, 9), (20, 9), (20, 9))
    assert standing("W02", tables, date(2018, 11, 6))["O1"] == ("2018-10", 2)
    assert standing("W02", tables, date(2018, 12, 6))["O1"] == ("2018-10", 3)
    assert standing("W02", tables, date(2019, 1, 6))["O1"] == ("2018-10", 4)
    assert standing("W02", rates((20, 9), (20, 10)), date(2018, 12, 6))["O1"] == ("2018-10", 2)
    assert standing("W02", rates((20, 9), (20, 11)), date(2018, 12, 6)) == {}
    assert standing("W02", rates((20, 4)), date(2018, 11, 6))["O1"][1] == 4


def test_without_activities_nothing_is_said_of_signing_in() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began()]}
    assert "O1" not in standing("W02", tables, date(2019, 2, 10))


@pytest.mark.parametrize("status", ["cancelled", "postponed", "draft"])
def test_what_did_not_take_place_does_not_count(status: str) -> None:
    assert standing("W02", rates((20, 2), status=status), date(2018, 11, 6)) == {}


def test_few_due_are_taken_together_over_three_months() -> None:
    assert standing("W02", rates((4, 1), (4, 1)), date(2018, 12, 6)) == {}
    assert standing("W02", rates((4, 1), (4, 1), (4, 1)), date(2019, 1, 6))["O1"] == ("2018-12", 2)


def test_a_joint_activity_counts_for_each_with_its_own_share() -> None:
    tables = rates((40, 30))
    tables["organisation"] = [org(), org("O2"), org("O9")]
    name = tables["activity"][1]["activity_id"]
    shares = [("O1", 20, 5), ("O2", 20, 19)]
    tables["joint_share"] = [
        {"activity_id": name, "org_id": who, "due_count": due, "attended_count": came}
        for who, due, came in shares
    ]
    assert set(standing("W02", tables, date(2018, 11, 6))) == {"O1"}


def signs(tables: Tables, count: int, at: datetime, channel: str) -> Tables:
    name = tables["activity"][1]["activity_id"]
    rows = [
        {"activity_id": name, "member_pid": f"P{n}", "at": at, "channel": channel, "state": "valid"}
        for n in range(count)
    ]
    return tables | {"attendance": rows}


def test_lessons_made_up_for_count_and_early_cards_do_not() -> None:
    low = rates((20, 9))
    day = datetime(2018, 10, 15, 14)
    assert "O1" in standing("W02", signs(low, 12, day - timedelta(hours=2), "card"), date(2018, 11, 6))
    assert standing("W02", signs(low, 12, day, "card"), date(2018, 11, 6)) == {}
    late = signs(low, 12, day + timedelta(days=8), "visit")
    assert standing("W02", late, date(2018, 11, 6)) == {}
    too_late = signs(low, 12, day + timedelta(days=16), "visit")
    assert "O1" in standing("W02", too_late, date(2018, 11, 20))


def test_a_lesson_made_up_for_after_the_month_closed_ends_the_warning() -> None:
    low = rates((20, 9))
    moved = met("theme_day", date(2018, 10, 29), due_count=20, attended_count=9)
    low["activity"] = [low["activity"][0], moved]
    tables = signs(low, 12, datetime(2018, 11, 8, 10), "visit")
    assert "O1" in standing("W02", tables, date(2018, 11, 7))
    assert standing("W02", tables, date(2018, 11, 16)) == {}


def test_counting_waits_for_three_days_after_the_end() -> None:
    tables = rates((20, 9))
    tables["activity"] = [
        tables["activity"][0],
        met("theme_day", date(2018, 10, 31), due_count=20, attended_count=9),
    ]
    early = Warnings(grace_days=0)
    assert found("W02", tables, date(2018, 11, 2), early).episodes == []
    assert len(found("W02", tables, date(2018, 11, 4), early).episodes) == 1


def test_a_silent_reader_is_no_failure() -> None:
    tables = rates((20, 2))
    tables["reader"] = [{"reader_id": "R1", "org_id": "O1", "last_seen_at": datetime(2018, 12, 1)}]
    tables["reader_outage"] = [
        {"reader_id": "R1", "from_on": date(2018, 10, 16), "to_on": date(2018, 10, 30)}
    ]
    assert standing("W02", tables, date(2018, 11, 6)) == {}
    assert "O1" in standing("R5", tables, date(2018, 10, 24))
    assert standing("R5", tables, date(2018, 10, 22)) == {}
    assert standing("R5", tables, date(2018, 10, 30)) == {}


def test_what_is_entered_by_hand_ends_the_silence() -> None:
    tables = rates((20, 2))
    tables["reader"] = [{"reader_id": "R1", "org_id": "O1", "last_seen_at": datetime(2018, 10, 1)}]
    assert "O1" in standing("R5", tables, date(2018, 10, 9))
    assert standing("R5", tables, date(2018, 10, 15)) == {}


# W03


def test_a_return_stops_the_clock_and_a_new_submission_starts_it_again() -> None:
    steps = [
        ("pending_from_branch", datetime(2019, 1, 7, 9)),
        ("returned", datetime(2019, 1, 11, 9)),
        ("pending_from_branch", datetime(2019, 1, 21, 9)),
    ]
    tables: Tables = {"organisation": [org()], "transfer": [pending(datetime(2019, 1, 7, 9))]}
    tables["transfer_event"] = [
        {"transfer_id": "T1", "seq": n, "to_status": status, "at": at, "org_id": "O1"}
        for n, (status, at) in enumerate(steps)
    ]
    assert found("W03", tables, date(2019, 1, 28)).episodes == []
    assert standing("W03", tables, date(2019, 1, 29))["O1"][1] == 2
    assert standing("W03", tables, date(2019, 2, 5))["O1"][1] == 3


def test_a_letter_in_hand_is_charged_to_the_sender_and_expires() -> None:
    letter = pending(datetime(2019, 1, 7, 9), status="waiting_member", route="letter", to_org_id="O2")
    letter |= {"letter_issued_on": date(2019, 1, 7), "letter_valid_days": 10}
    tables: Tables = {"organisation": [org(), org("O2")], "transfer": [letter]}
    assert found("W03", tables, date(2019, 1, 17)).episodes == []
    (one,) = found("W03", tables, date(2019, 1, 18)).episodes
    assert (one.org, one.severity, one.detail["waiting_member"]) == (0, 4, 1)
    tables["transfer"] = [letter | {"letter_valid_days": 400}]
    assert found("W03", tables, date(2019, 4, 7)).episodes == []
    assert found("W03", tables, date(2019, 4, 8)).episodes[0].severity == 4


def test_only_our_own_steps_are_timed() -> None:
    outside = pending(datetime(2019, 1, 7, 9), from_org_id=None, to_org_id="O1")
    tables: Tables = {"organisation": [org()], "transfer": [outside]}
    one = found("W03", tables, date(2019, 2, 28))
    assert (one.episodes, one.excluded) == ([], {"outside": 1})


def test_a_step_without_time_uses_the_last_update_and_says_so() -> None:
    row = pending(datetime(2019, 1, 7, 9), step_entered_at=None, updated_at=datetime(2019, 1, 14))
    (one,) = found("W03", {"organisation": [org()], "transfer": [row]}, date(2019, 1, 25)).episodes
    assert (one.key, one.detail["no_step_time"]) == ("2019-01-22", 1)


def test_a_step_pending_for_ninety_days_is_serious() -> None:
    tables: Tables = {"organisation": [org()], "transfer": [pending(datetime(2019, 1, 7, 9))]}
    assert standing("W03", tables, date(2019, 4, 7))["O1"][1] == 3
    assert standing("W03", tables, date(2019, 4, 8))["O1"][1] == 4


# Duties


def test_three_quarters_without_a_meeting_and_the_next_one_expires_it() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(date(2018, 1, 2))]}
    assert standing("W04", tables, date(2018, 4, 6))["O1"] == ("2018Q1", 2)
    assert standing("W04", tables, date(2018, 7, 6))["O1"] == ("2018Q1", 3)
    assert standing("W04", tables, date(2018, 10, 6))["O1"] == ("2018Q1", 4)
    tables["activity"] = [began(date(2018, 1, 2)), met("member_meeting", date(2018, 11, 3))]
    first = next(one for one in found("W04", tables, date(2018, 11, 3)).episodes if one.org == 0)
    assert (first.how, first.severity) == ("expire", 4)


@pytest.mark.parametrize(("day", "how"), [(date(2018, 4, 20), "make_up"), (date(2018, 5, 1), "")])
def test_a_meeting_is_made_up_for_within_thirty_days(day: date, how: str) -> None:
    late = met("member_meeting", day, make_up_for="2018Q1")
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(date(2018, 1, 2)), late]}
    first = next(one for one in found("W04", tables, date(2018, 6, 1)).episodes if one.org == 0)
    assert (first.how, first.key) == (how, "2018Q1")


def test_a_meeting_made_up_for_in_days_of_grace_was_never_missed() -> None:
    late = met("member_meeting", date(2018, 4, 3), make_up_for="2018Q1")
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(date(2018, 1, 2)), late]}
    assert "O1" not in standing("W04", tables, date(2018, 6, 1))


def test_a_merged_branch_inherits_what_the_other_held() -> None:
    gone = org("O2", status="merged", abolished_on=date(2018, 3, 20), merged_into="O1")
    acts = [began(date(2018, 1, 2)), met("member_meeting", date(2018, 2, 3), "O2")]
    tables: Tables = {"organisation": [org(), gone, org("O9")], "activity": acts}
    assert set(standing("W04", tables, date(2018, 4, 10))) == {"O9"}


@pytest.mark.parametrize(
    ("more", "pauses"),
    [
        ({"status": "paused"}, []),
        ({}, [{"org_id": "O1", "from_on": date(2018, 1, 1), "to_on": date(2018, 2, 15)}]),
        ({"abolished_on": date(2018, 3, 20), "status": "abolished"}, []),
        ({"kind": "committee"}, []),
    ],
)
def test_who_rests_is_closed_or_is_no_branch_owes_nothing(more: dict[str, Any], pauses: Rows) -> None:
    tables: Tables = {"organisation": [org(**more), org("O9")], "activity": [began(date(2018, 1, 2))]}
    tables["org_pause"] = pauses
    assert set(standing("W04", tables, date(2018, 4, 10))) == {"O9"}


def test_a_pause_of_less_than_half_excuses_nothing() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(date(2018, 1, 2))]}
    tables["org_pause"] = [{"org_id": "O1", "from_on": date(2018, 1, 1), "to_on": date(2018, 2, 13)}]
    assert set(standing("W04", tables, date(2018, 4, 10))) == {"O1", "O9"}


def test_an_exemption_is_for_its_institution_alone() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(date(2018, 1, 2))]}
    tables["exempt_institution"] = [{"org_id": "O1", "institution": "member_meeting"}]
    assert "O1" not in standing("W04", tables, date(2018, 4, 10))
    assert "O1" in standing("W07", tables, date(2018, 4, 10))


def test_a_temporary_branch_owes_four_duties_only() -> None:
    tables: Tables = {
        "organisation": [org(kind="temp_branch", group_count=2), org("O9")],
        "activity": [began()],
    }
    tables["member"] = people(9)
    owed = {
        key
        for key in ("W04", "W05", "W06", "W07", "W08", "W09")
        if "O1" in standing(key, tables, date(2019, 3, 10))
    }
    assert owed == {"W04", "W07", "W08"}


def test_before_the_first_record_nobody_failed() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began(date(2018, 3, 2))]}
    assert standing("W04", tables, date(2018, 4, 10)) == {}
    assert standing("W08", tables, date(2018, 4, 10))["O1"] == ("2018-03", 2)


def test_one_month_without_a_committee_meeting_is_a_notice() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "member": people(7), "activity": [began()]}
    ladder = [
        standing("W05", tables, day)["O1"][1]
        for day in (date(2018, 2, 6), date(2018, 3, 6), date(2018, 4, 6))
    ]
    assert ladder == [1, 2, 3]


def test_a_committee_counts_even_of_few_members() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "member": people(5), "activity": [began()]}
    roles = ("secretary", "organisation_member", "publicity_member")
    tables["post"] = [
        {"post_id": role, "org_id": "O1", "member_pid": f"O1P{n}", "role": role, "from_on": date(2017, 1, 1)}
        for n, role in enumerate(roles)
    ]
    assert "O1" in standing("W05", tables, date(2018, 2, 6))
    tables["post"] = tables["post"][:1]
    assert "O1" not in standing("W05", tables, date(2018, 2, 6))


def test_groups_that_did_not_meet() -> None:
    tables: Tables = {"organisation": [org(group_count=3), org("O9")], "activity": [began()]}
    two = [met("group_meeting", date(2018, 1, 10), group_no=n, activity_id=f"G{n}") for n in (1, 2)]
    tables["activity"] = [began(), *two]
    (one,) = found("W06", tables, date(2018, 2, 6)).episodes
    assert (one.num, one.den, one.severity) == (1, 3, 1)
    assert standing("W06", {**tables, "activity": [began()]}, date(2018, 3, 6))["O1"][1] == 2
    assert standing("W06", {**tables, "activity": [began()]}, date(2018, 4, 6))["O1"][1] == 3
    stands_in = {**tables, "activity": [began(), met("member_meeting", date(2018, 1, 10))]}
    assert standing("W06", stands_in, date(2018, 2, 6)) == {}
    assert "O1" in standing("W06", stands_in, date(2018, 2, 6), group_covered_by_member_meeting=False)


def test_a_year_with_one_lecture_is_a_warning() -> None:
    tables: Tables = {"organisation": [org(), org("O9")]}
    tables["activity"] = [began(date(2018, 1, 2)), met("lecture", date(2018, 11, 5))]
    assert standing("W07", tables, date(2019, 1, 6))["O1"] == ("2018Q4", 3)
    tables["activity"] = [*tables["activity"], met("lecture", date(2018, 5, 5))]
    assert "O1" not in standing("W07", tables, date(2019, 1, 6))


def test_a_committee_secretary_who_gave_no_lecture() -> None:
    tables: Tables = {
        "organisation": [org("C1", kind="committee"), org("C2", kind="committee"), org(parent_org_id="C1")]
    }
    by = met("lecture", date(2018, 5, 5), lecturer_role="committee_secretary")
    tables["activity"] = [began(date(2018, 1, 2)), by]
    assert standing("W07", tables, date(2019, 1, 6))["C2"] == ("2018", 1)
    assert "C1" not in standing("W07", tables, date(2019, 1, 6))


def test_a_themed_day_off_the_unified_day_is_held() -> None:
    tables: Tables = {"organisation": [org()], "activity": each_month("theme_day", date(2018, 1, 1), 2)}
    assert standing("W08", tables, date(2018, 3, 10)) == {}
    assert standing("W08", tables, date(2018, 4, 6))["O1"] == ("2018-03", 2)


# Years


def test_the_life_meeting_is_told_in_february_late_in_march_serious_in_april() -> None:
    tables: Tables = {"organisation": [org(), org("O9")], "activity": [began()]}
    days = [date(2019, 1, 31), date(2019, 2, 1), date(2019, 2, 28), date(2019, 3, 1), date(2019, 4, 1)]
    seen = [standing("W09", tables, day).get("O1", ("", 0))[1] for day in days]
    assert seen == [0, 1, 1, 3, 4]
    tables["activity"] = [began(), met("org_life_meeting", date(2019, 3, 9), for_year=2018)]
    assert standing("W09", tables, date(2019, 3, 8))["O1"] == ("2018", 3)
    assert "O1" not in standing("W09", tables, date(2019, 3, 9))


@pytest.mark.parametrize(("founded", "owes"), [(date(2018, 10, 1), True), (date(2018, 10, 2), False)])
def test_founded_after_the_first_of_october_owes_no_life_meeting(founded: date, owes: bool) -> None:
    tables: Tables = {"organisation": [org(founded_on=founded), org("O9")], "activity": [began()]}
    assert ("O1" in standing("W09", tables, date(2019, 3, 1))) is owes


def appraisal(eligible: int, took: int) -> Tables:
    rows = [{"org_id": "O1", "year": 2018, "eligible": eligible, "participated": took}]
    return {"organisation": [org(), org("O9")], "activity": [began()], "appraisal_year": rows}


@pytest.mark.parametrize(
    ("eligible", "took", "severity"), [(20, 18, 0), (20, 17, 2), (20, 15, 2), (20, 14, 3), (4, 0, 0)]
)
def test_the_share_appraised(eligible: int, took: int, severity: int) -> None:
    tables = appraisal(eligible, took)
    assert standing("W10", tables, date(2019, 3, 1)).get("O1", ("", 0))[1] == severity
    assert standing("W10", tables, date(2019, 2, 28)) == {}
    assert standing("W10", tables, date(2019, 3, 1))["O9"] == ("2018", 3)


# Days


def test_a_term_is_told_ahead_and_extended_by_a_year_at_most() -> None:
    row = org(term_end_on=date(2019, 6, 30), last_election_on=date(2016, 6, 30))
    tables: Tables = {"organisation": [row]}
    assert standing("W11", tables, date(2018, 12, 31)) == {}
    assert standing("W11", tables, date(2019, 1, 1))["O1"] == ("2019-06-30", 1)
    assert standing("W11", tables, date(2019, 5, 1))["O1"][1] == 2
    tables["organisation"] = [row | {"extension_to": date(2021, 1, 1)}]
    assert standing("W11", tables, date(2020, 6, 29))["O1"][1] == 2
    assert standing("W11", tables, date(2020, 6, 30))["O1"][1] == 3


def test_an_election_ends_the_warning_and_begins_a_term() -> None:
    tables: Tables = {"organisation": [org(last_election_on=date(2016, 1, 10))]}
    tables["election"] = [{"org_id": "O1", "held_on": date(2019, 2, 10), "kind": "late"}]
    (one,) = found("W11", tables, date(2019, 2, 28)).episodes
    assert (one.how, one.severity, one.key) == ("clear", 3, "2019-01-10")


def test_a_temporary_branch_has_no_term() -> None:
    tables: Tables = {"organisation": [org(kind="temp_branch", last_election_on=date(2010, 1, 10))]}
    assert standing("W11", tables, date(2019, 2, 28)) == {}


def post(begin: date, end: date | None = None, role: str = "secretary", name: str = "O1") -> dict[str, Any]:
    row = {"post_id": f"{name}{role}{begin}", "org_id": name, "member_pid": "P1", "role": role}
    return row | {"from_on": begin, "to_on": end}


def test_a_vacancy_grows_from_thirty_to_ninety_days() -> None:
    tables: Tables = {"organisation": [org()], "post": [post(date(2016, 1, 1), date(2018, 11, 1))]}
    days = [date(2018, 12, 1), date(2018, 12, 2), date(2019, 1, 1), date(2019, 1, 31)]
    assert [standing("W12", tables, day).get("O1", ("", 0))[1] for day in days] == [0, 2, 3, 4]


@pytest.mark.parametrize("role", ["acting", "first_secretary", "secretary"])
def test_acting_and_concurrent_fill_the_post(role: str) -> None:
    second = post(date(2018, 11, 20), role=role) | {"is_concurrent": True}
    tables: Tables = {"organisation": [org()], "post": [post(date(2016, 1, 1), date(2018, 11, 1)), second]}
    assert standing("W12", tables, date(2019, 2, 28)) == {}


def test_a_deputy_does_not_fill_the_post_and_the_founding_month_is_free() -> None:
    deputy = post(date(2018, 11, 10), role="deputy_secretary")
    tables: Tables = {"organisation": [org(founded_on=date(2018, 11, 3))], "post": [deputy]}
    assert standing("W12", tables, date(2018, 12, 31)) == {}
    assert standing("W12", tables, date(2019, 1, 1))["O1"] == ("2018-12-01", 2)


def test_without_any_post_on_record_nothing_is_known() -> None:
    one = found("W12", {"organisation": [org()]}, date(2019, 2, 28))
    assert (one.episodes, one.excluded) == ([], {"no_data": 1})


def test_out_of_contact_from_three_months_to_a_year() -> None:
    tables: Tables = {"organisation": [org()], "member": [lost(date(2018, 1, 31))]}
    days = [date(2018, 4, 29), date(2018, 4, 30), date(2018, 7, 31), date(2019, 1, 31)]
    assert [standing("W13", tables, day).get("O1", ("", 0))[1] for day in days] == [0, 1, 3, 4]


def test_a_suspension_settles_for_two_years() -> None:
    tables: Tables = {"organisation": [org()], "member": [lost(date(2016, 1, 31))]}
    tables["disposal"] = [{"member_pid": "P1", "on_date": date(2017, 1, 10), "kind": "suspended"}]
    assert standing("W13", tables, date(2019, 1, 9)) == {}
    assert standing("W13", tables, date(2019, 1, 10))["O1"][1] == 4
    tables["disposal"] = [
        *tables["disposal"],
        {"member_pid": "P1", "on_date": date(2019, 2, 1), "kind": "removed"},
    ]
    assert standing("W13", tables, date(2019, 2, 1)) == {}


def test_a_visit_is_contact_and_a_silent_reader_makes_nobody_lost() -> None:
    ill = lost(date(2018, 1, 31), contact_state="normal", lost_since=None, last_contact_on=None)
    assert standing("W13", {"organisation": [org()], "member": [ill]}, date(2019, 2, 28)) == {}


def on_probation(end: date | None, **more: Any) -> dict[str, Any]:
    row = {"member_pid": "P1", "branch_id": "O1", "status": "probationary", "probation_end": end}
    return row | more


def test_a_probation_without_a_decision() -> None:
    tables: Tables = {"organisation": [org()], "member": [on_probation(date(2018, 6, 30))]}
    days = [date(2018, 7, 30), date(2018, 7, 31), date(2018, 9, 29), date(2018, 12, 28)]
    assert [standing("W14", tables, day).get("O1", ("", 0))[1] for day in days] == [0, 2, 3, 4]


@pytest.mark.parametrize("kind", ["convert", "cancel"])
def test_a_decision_ends_it_and_an_extension_gives_time(kind: str) -> None:
    tables: Tables = {"organisation": [org()], "member": [on_probation(date(2018, 6, 30))]}
    tables["probation_decision"] = [{"member_pid": "P1", "decided_on": date(2018, 9, 1), "kind": kind}]
    (one,) = found("W14", tables, date(2019, 2, 28)).episodes
    assert (one.how, one.severity) == ("clear", 2)
    longer = {
        "member_pid": "P1",
        "decided_on": date(2018, 7, 1),
        "kind": "extend",
        "extended_to": date(2018, 12, 31),
    }
    tables["probation_decision"] = [longer]
    assert standing("W14", tables, date(2019, 1, 30)) == {}
    assert standing("W14", tables, date(2019, 1, 31))["O1"][1] == 2


def test_a_probation_under_transfer_belongs_to_the_receiver_after_receipt() -> None:
    done = {
        "transfer_id": "T1",
        "member_pid": "P1",
        "from_org_id": "O2",
        "to_org_id": "O1",
        "status": "completed",
    }
    tables: Tables = {"organisation": [org(), org("O2")], "member": [on_probation(date(2018, 6, 30))]}
    tables["transfer"] = [done | {"decided_at": datetime(2018, 9, 1)}]
    assert set(standing("W14", tables, date(2018, 12, 1))) == {"O1"}


def study(
    hours: dict[str, float], members: int = 10, kind: str = "training", day: date = date(2018, 2, 5)
) -> Tables:
    rows = [
        {"record_id": f"{pid}{kind}", "member_pid": pid, "on_date": day, "hours": amount, "kind": kind}
        for pid, amount in hours.items()
    ]
    first = {
        "record_id": "first",
        "member_pid": "O9P0",
        "on_date": date(2018, 1, 2),
        "hours": 0.0,
        "kind": kind,
    }
    member = [row | {"birth_year": 1980} for row in people(members)]
    return {
        "organisation": [org(), org("O9")],
        "activity": [began(date(2018, 1, 2))],
        "member": member,
        "study_record": [first, *rows],
    }


def test_study_behind_by_share_of_members() -> None:
    enough = {f"O1P{n}": 4.0 for n in range(7)}
    assert standing("W15", study(enough), date(2018, 4, 6)) == {}
    assert standing("W15", study(dict(list(enough.items())[:6])), date(2018, 4, 6))["O1"] == ("2018Q1", 1)
    assert standing("W15", study({}), date(2018, 4, 6))["O1"] == ("2018Q1", 2)
    assert standing("W15", study({f"O1P{n}": 32.0 for n in range(6)}), date(2019, 1, 6))["O1"][1] == 3


def test_fewer_than_five_are_unknown_and_the_old_and_exempt_do_not_count() -> None:
    assert standing("W15", study({}, members=4), date(2018, 4, 6)) == {}
    tables = study({})
    tables["member"] = [row | {"birth_year": 1930} for row in tables["member"]]
    assert standing("W15", tables, date(2018, 4, 6)) == {}
    tables["member"] = [row | {"birth_year": 1980, "exempt_study": True} for row in tables["member"]]
    assert standing("W15", tables, date(2018, 4, 6)) == {}


def test_self_study_counts_for_half_and_the_newly_come_owe_less() -> None:
    alone = study({f"O1P{n}": 40.0 for n in range(10)}, kind="self")
    assert "O1" in standing("W15", alone, date(2018, 4, 6))
    fresh = study({f"O1P{n}": 1.4 for n in range(10)}, day=date(2018, 3, 20))
    assert "O1" in standing("W15", fresh, date(2018, 4, 6))
    fresh["member"] = [row | {"joined_month": "2018-03"} for row in fresh["member"]]
    assert standing("W15", fresh, date(2018, 4, 6)) == {}


def test_a_secretary_owes_more_hours() -> None:
    tables = study({f"O1P{n}": 4.0 for n in range(5)}, members=5)
    assert standing("W15", tables, date(2018, 4, 6)) == {}
    tables["post"] = [post(date(2016, 1, 1)) | {"member_pid": f"O1P{n}", "post_id": f"{n}"} for n in range(2)]
    assert standing("W15", tables, date(2018, 4, 6))["O1"] == ("2018Q1", 1)


# Reserves


def test_the_reserves() -> None:
    few: Tables = {"organisation": [org(), org("O2")], "member": [*people(2), *people(51, "O2")]}
    assert standing("R1", few, date(2019, 2, 28)) == {"O1": ("2019-01", 2), "O2": ("2019-01", 1)}
    away = people(1)[0] | {"floating": "out", "last_contact_on": date(2018, 8, 28)}
    floating: Tables = {"organisation": [org()], "member": [away]}
    assert standing("R2", floating, date(2019, 2, 27)) == {}
    assert standing("R2", floating, date(2019, 2, 28))["O1"][1] == 2
    talks = [{"org_id": "O1", "year": 2018, "due_count": 6, "held_count": 5}]
    assert "O1" in standing("R3", {"organisation": [org()], "heart_talk_year": talks}, date(2019, 1, 6))
    use = [{"position_id": "Z1", "on_date": date(2018, 12, 1), "events": 1, "visits": 3}]
    halls: Tables = {
        "organisation": [org()],
        "position": [{"position_id": "Z1", "org_id": "O1"}],
        "position_use": use,
    }
    assert standing("R4", halls, date(2019, 1, 30)) == {}
    assert "O1" in standing("R4", halls, date(2019, 1, 31))
    ask = {"request_id": "Q1", "community_id": "C", "raised_at": datetime(2019, 1, 1, 9)}
    help_: Tables = {"organisation": [org(region_id="C", kind="committee")], "service_request": [ask]}
    assert standing("R6", help_, date(2019, 1, 2)) == {}
    assert standing("R6", help_, date(2019, 1, 3))["O1"][1] == 1
    assert standing("R6", help_, date(2019, 1, 8))["O1"][1] == 2
    unit = {"unit_id": "U1", "region_id": "C", "member_count": 3}
    bare: Tables = {"organisation": [org(region_id="C", kind="committee")], "unit": [unit]}
    assert "O1" in standing("R7", bare, date(2019, 2, 28))


# Parameters


def test_thresholds_are_checked_against_the_function() -> None:
    check({"W02": {"rate": 0.4}}, ("W02",))
    for given, why in (
        ({"W02": {"rates": 0.4}}, "has no 'rates'"),
        ({"W02": {"rate": True}}, "not of type float"),
        ({"W01": {"months": 6.5}}, "not of type int"),
        ({"W01": {"months": -1}}, "below nought"),
        ({"W77": {}}, "there is no warning W77"),
    ):
        with pytest.raises(ParameterError, match=why):
            check(given, ("W01",))
    assert parameters(all_warnings()["W02"], {"W02": {"rate": 0.4}})["rate"] == 0.4


def test_every_warning_explains_its_parameters() -> None:
    assert list(all_warnings())[:2] == ["W01", "W02"]
    assert len(all_warnings()) == 22
    for one in all_warnings().values():
        assert set(one.HELP) == set(defaults(one))
        assert one.PERIOD in ("month", "quarter", "year", "day")
        assert one.VANISHED in ("clear", "retract")
        assert all(text.endswith(".") for text in one.HELP.values())


def test_never_is_later_than_any_day() -> None:
    assert (date(9999, 12, 31) - date(1970, 1, 1)).days < NEVER


def test_the_first_head_on_record_ends_a_vacancy_and_leaves_no_older_one() -> None:
    deputy = post(date(2018, 3, 10), role="deputy_secretary")
    tables: Tables = {"organisation": [org()], "post": [deputy]}
    assert standing("W12", tables, date(2018, 12, 31))["O1"] == ("2018-03-10", 4)
    tables["post"] = [deputy, post(date(2019, 1, 5))]
    assert found("W12", tables, date(2019, 2, 28)).episodes == []
    assert all_warnings()["W12"].VANISHED == "clear"


def test_a_late_extension_settles_and_begins_another_time() -> None:
    longer = {"member_pid": "P1", "decided_on": date(2018, 12, 1), "kind": "extend"}
    tables: Tables = {"organisation": [org()], "member": [on_probation(date(2018, 6, 30))]}
    tables["probation_decision"] = [longer | {"extended_to": date(2018, 12, 31)}]
    one, two = found("W14", tables, date(2019, 3, 1)).episodes
    assert (one.key, one.severity, one.how) == ("2018-07-31", 3, "clear")
    assert (two.key, two.severity, two.closed) == ("2019-01-31", 2, NEVER)


def test_the_wrong_size_lasts_from_its_first_month_on() -> None:
    tables: Tables = {"organisation": [org()], "activity": [began()], "member": people(2)}
    tables["transfer"] = [
        {
            "transfer_id": "T1",
            "member_pid": "O1P0",
            "from_org_id": "O1",
            "to_org_id": "O2",
            "status": "completed",
            "decided_at": datetime(2018, 11, 3),
        },
    ]
    tables["member"] = [*people(4)[1:], people(1)[0] | {"branch_id": "O2"}]
    tables["member"] = tables["member"][1:]
    assert standing("R1", tables, date(2019, 2, 28)) == {"O1": ("2018-11", 2)}


def test_an_abolished_organisation_has_no_term_and_no_vacancy_any_more() -> None:
    gone = org(last_election_on=date(2015, 1, 10), abolished_on=date(2018, 11, 30))
    tables: Tables = {"organisation": [gone], "post": [post(date(2016, 1, 1), date(2018, 6, 1))]}
    for key in ("W11", "W12"):
        (one,) = found(key, tables, date(2019, 2, 28)).episodes
        assert (day_of(one.closed), one.how) == (date(2018, 11, 30), "clear")
