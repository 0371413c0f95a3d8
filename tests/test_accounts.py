"""Accounts, sessions and logs keep what they promise; passwords are nowhere in the clear."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from stores import audit
from stores.accounts import AccountError, Accounts
from stores.desk import FILE_NAME, SqliteDesk
from stores.sign_ins import FREE_FAILURES, LONGEST_WAIT, SignIns, wait_after

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RIGHT = "a long enough secret"
PLACES = [("place", "320115001")]


class Clock:
    """Give a time that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2019, 3, 6, 8)

    def __call__(self) -> datetime:
        return self.now


class Door:
    """Hold accounts and sessions over records in memory, with a clock to move."""

    def __init__(self, desk: SqliteDesk | None = None) -> None:
        self.desk = desk or SqliteDesk(None)
        self.clock = Clock()
        self.accounts = Accounts(self.desk, self.clock, CHEAP)
        hours, minutes = timedelta(hours=12), timedelta(minutes=30)
        self.signs = SignIns(self.desk, self.accounts, hours, minutes, self.clock)

    def later(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**delta)


@pytest.fixture
def door() -> Door:
    """Give a door with one duty account."""
    made = Door()
    made.accounts.add("Duty1", "duty", RIGHT, PLACES)
    return made


def test_a_password_opens_its_account_and_no_other(door: Door) -> None:
    other = door.accounts.add("other", "leader", "another long secret", [])
    assert door.accounts.check("ＤＵＴＹ1 ", RIGHT) == door.accounts.named("duty1").account_id
    assert door.accounts.check("duty1", RIGHT + " ") is None
    assert door.accounts.check("other", RIGHT) is None
    assert door.accounts.check("other", "another long secret") == other
    assert door.accounts.check("nobody", RIGHT) is None
    assert door.accounts.check("", "") is None


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [
        ("duty1", "duty", RIGHT),
        ("a", "duty", RIGHT),
        ("a b", "duty", RIGHT),
        ("a/b", "duty", RIGHT),
        ("x" * 41, "duty", RIGHT),
        ("boss", "root", RIGHT),
        ("boss", "duty", "short"),
        ("boss", "duty", "x" * 201),
        ("boss", "duty", "boss-boss12"),
    ],
)
def test_what_is_no_account_is_refused_in_words(door: Door, name: str, role: str, password: str) -> None:
    with pytest.raises(AccountError):
        door.accounts.add(name, role, password, [])
    assert len(door.accounts.list()) == 1


def test_an_unknown_hierarchy_makes_no_account(door: Door) -> None:
    with pytest.raises(AccountError, match="hierarchy"):
        door.accounts.add("boss", "duty", RIGHT, [("galaxy", "x")])
    assert len(door.accounts.list()) == 1


def test_no_secret_lies_on_the_disk(tmp_path: Path) -> None:
    door = Door(SqliteDesk(tmp_path / FILE_NAME))
    token = door.signs.open(door.accounts.add("duty1", "duty", RIGHT, PLACES))
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"duty1" in held
    assert RIGHT.encode() not in held
    assert token.encode() not in held


def test_the_hash_is_argon2id_with_the_librarys_parameters() -> None:
    desk = SqliteDesk(None)
    Accounts(desk).add("duty1", "duty", RIGHT, [])
    stored = desk.read("select password from account")[0]["password"]
    assert stored.startswith("$argon2id$")
    assert not PasswordHasher().check_needs_rehash(stored)


def test_a_cheaply_hashed_password_is_hashed_anew_when_it_is_used(door: Door) -> None:
    dearer = Accounts(door.desk, door.clock, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert dearer.check("duty1", RIGHT)
    assert "t=2" in door.desk.read("select password from account")[0]["password"]
    assert dearer.check("duty1", RIGHT)


def test_the_same_work_is_done_for_any_name(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real = door.accounts._matches
    monkeypatch.setattr(door.accounts, "_matches", lambda a, b: bool(done.append(a)) or real(a, b))
    door.accounts.add("gone", "duty", RIGHT, [])
    door.accounts.disable("gone")
    for name in ("duty1", "gone", "nobody"):
        assert door.accounts.check(name, "wrong password") is None
    assert len(done) == 3
    assert {hashed.split("$")[3] for hashed in done} == {done[0].split("$")[3]}


def test_a_session_ends_after_a_shift_and_when_idle(door: Door) -> None:
    account = door.accounts.named("duty1").account_id
    token = door.signs.open(account)
    for _ in range(36):
        door.later(minutes=19)
        assert door.signs.find(token)
    door.later(minutes=40)
    assert door.signs.find(token) is None, "twelve hours are over"
    idle = door.signs.open(account)
    door.later(minutes=31)
    assert door.signs.find(idle) is None
    quiet = door.signs.open(account)
    door.later(minutes=20)
    assert door.signs.find(quiet, touch=False)
    door.later(minutes=20)
    assert door.signs.find(quiet) is None, "what a page asks by itself is no use"


def test_signing_in_again_ends_the_session_the_browser_came_with(door: Door) -> None:
    account = door.accounts.named("duty1").account_id
    first = door.signs.open(account)
    second = door.signs.open(account, first)
    assert first != second
    assert door.signs.find(first) is None
    assert door.signs.find(second)


@pytest.mark.parametrize("act", ["disable", "password", "sign out"])
def test_a_session_is_revoked(door: Door, act: str) -> None:
    token = door.signs.open(door.accounts.named("duty1").account_id)
    if act == "disable":
        door.accounts.disable("duty1")
    elif act == "password":
        door.accounts.set_password("duty1", "another long secret")
    else:
        door.signs.end(token)
    assert door.signs.find(token) is None


def test_a_disabled_account_signs_in_no_more_until_it_has_a_new_password(door: Door) -> None:
    door.accounts.disable("duty1")
    assert door.signs.attempt("duty1", RIGHT, "a") == (None, 0)
    door.accounts.set_password("duty1", "another long secret")
    assert door.signs.attempt("duty1", "another long secret", "a")[0]


def test_a_changed_scope_holds_for_open_sessions(door: Door) -> None:
    token = door.signs.open(door.accounts.named("duty1").account_id)
    door.accounts.set_scope("duty1", [("affiliation", "O10001")])
    found = door.signs.find(token)
    assert found is not None
    assert found.scope.places == {("affiliation", "O10001")}


def test_guessing_waits_longer_and_longer(door: Door) -> None:
    for _ in range(FREE_FAILURES):
        assert door.signs.attempt("duty1", "wrong password", "a") == (None, 0)
    assert door.signs.attempt("duty1", "wrong password", "b") == (None, 0)
    account, wait = door.signs.attempt("duty1", RIGHT, "c")
    assert account is None, "from anywhere, even with the right password"
    assert wait == 2
    door.later(seconds=3)
    assert door.signs.attempt("duty1", RIGHT, "c")[0]
    assert door.signs.attempt("duty1", "wrong password", "c") == (None, 0), "counted from nought again"


def test_one_address_cannot_try_many_names(door: Door) -> None:
    for n in range(FREE_FAILURES + 1):
        assert door.signs.attempt(f"name{n}", "wrong password", "a") == (None, 0)
    assert door.signs.attempt("duty1", RIGHT, "a")[1] > 0
    assert door.signs.attempt("duty1", RIGHT, "b")[0]


def test_failures_are_forgotten_in_time(door: Door) -> None:
    for _ in range(FREE_FAILURES):
        door.signs.attempt("duty1", "wrong password", "a")
    door.later(hours=2)
    assert door.signs.attempt("duty1", "wrong password", "a") == (None, 0)
    assert door.signs.attempt("duty1", RIGHT, "a")[0]


@given(st.integers(0, 10_000))
def test_the_wait_never_shrinks_and_never_locks_for_good(failures: int) -> None:
    assert timedelta(0) <= wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT
    assert (wait_after(failures) == timedelta(0)) == (failures <= FREE_FAILURES)


def test_logs_are_written_read_and_pruned() -> None:
    desk, clock = SqliteDesk(None), Clock()
    recorder = audit.Recorder(desk, clock, 200)
    recorder.act(audit.Act("duty1", "duty", "sign-in", None, "done"))
    recorder.look(audit.Look("s", "duty", "panel/team", "320115", "age", None, 5, 2))
    recorder.flush()
    assert [row["action"] for row in audit.read(desk, "acts")] == ["sign-in"]
    looked = audit.read(desk, "access")[0]
    assert (looked["row_count"], looked["suppressed"], looked["region"]) == (5, 2, "320115")
    assert audit.read(desk, "acts", since="2019-03-07") == []
    assert len(audit.read(desk, "acts", since="2019-03-06", until="2019-03-06")) == 1
    audit.prune(desk, clock.now + timedelta(days=199), 200)
    assert len(audit.read(desk, "acts")) == 1
    audit.prune(desk, clock.now + timedelta(days=201), 200)
    assert audit.read(desk, "acts") == audit.read(desk, "access") == []


def test_a_flood_is_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = SqliteDesk(None)
    recorder = audit.Recorder(desk)
    monkeypatch.setattr(recorder, "_worker", object())
    for _ in range(5_007):
        recorder.act(audit.Act(None, None, "refused", "/desk", "refused"))
    recorder.flush()
    lines = audit.read(desk, "acts", most=10_000)
    assert len(lines) == 5_001
    assert any(row["detail"] == "7 lost" for row in lines)


def test_an_act_is_undone_with_its_line() -> None:
    desk = SqliteDesk(None)

    def fail() -> None:
        with desk.writing() as writer:
            audit.write(writer, audit.Act("duty1", "duty", "acknowledge", "a1", "done"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert audit.read(desk, "acts") == []


def test_no_cell_of_an_export_is_a_formula() -> None:
    rows = audit.csv_rows([{"a": "=1+1", "b": "@x", "c": None, "d": "plain", "e": 5}])
    assert rows == [["a", "b", "c", "d", "e"], ["'=1+1", "'@x", "", "plain", "5"]]
