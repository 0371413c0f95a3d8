"""What only a server does: rights, migration, many processes, outages, and plain words for what is wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster
import psycopg
import pyarrow as pa
import pytest
import small_district
from engines import Engine
from typer.testing import CliRunner, Result

from dashboard.commands import app
from stores import pg_layout
from stores.errors import LoadError, SchemaVersionError, StoreAddressError, StoreDownError, StoreError
from stores.gate import Gate
from stores.pg_address import connection_of, shown
from stores.pg_desk import PgDesk
from stores.pg_facts import indexes
from stores.postgres import PgStore
from stores.questions import names, question
from stores.settings import Settings, StoreAddress
from stores.store import open_store
from stores.tables import fact_tables

SWIPE = {"activity_id": "A-O31001-2019-02", "member_pid": "O31001-001", "state": "valid"}
NODE = {"basis": "place", "node": "320115", "month": "2019-02"}


def swipes(*people: str) -> pa.Table:
    """Sign people in at one meeting."""
    return pa.Table.from_pylist([SWIPE | {"member_pid": person} for person in people])


def with_password(url: str, password: str = cluster.PASSWORD) -> str:
    """Put a password into an address."""
    return url.replace("@", f":{password.replace(' ', '%20')}@", 1)


def as_web(url: str) -> str:
    """Return a store's address for the web role."""
    return url.replace("ejia_owner@", "ejia_web@")


def settings_for(url: str, web_url: str = "") -> Settings:
    """Return a deployment on a server."""
    return Settings(store=StoreAddress(url=url, web_url=web_url))


@pytest.fixture
def pg(server: str) -> Iterator[Engine]:
    """Give the engine on a server."""
    made = Engine("postgres", server)
    yield made
    made.close()


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """Give the address of a database with an empty store, for its owner."""
    made = cluster.new_database(server)
    yield made
    cluster.drop_database(server, made)


def run(*words: str) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(app, list(words))


# Rights


def test_the_web_role_asks_everything_and_reads_no_fact(pg: Engine, tmp_path: Path) -> None:
    owner = pg.loaded(small_district.tables())
    owner_url = pg.urls[-1]
    assert run("migrate", "--store", owner_url, "--web-role", "ejia_web").exit_code == 0
    web = PgStore(as_web(owner_url), Settings(), connections=2)
    try:
        gate = Gate(web, Settings(), b"a key for tests only")
        assert gate.answer("headline", "visitor", **NODE) == Gate(
            owner, Settings(), b"a key for tests only"
        ).answer("headline", "visitor", **NODE)
        assert web.shapes("town") == owner.shapes("town")
        facts = [*fact_tables(), "import_reject", "spell", "held", "signed"]
        with psycopg.connect(as_web(owner_url), autocommit=True) as connection:
            connection.execute("set search_path = rollup, facts, public")
            for table in facts:
                for verb in (f"select * from {table}", f"delete from {table}"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(verb.encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("update tree set members = 0")
        with pytest.raises(StoreError, match="right"):
            web.known("member", ["member_pid"])
        with pytest.raises(StoreError, match="right"):
            web.load(small_district.tables(), owner_report())
        owner.load({"organisation": pa.table({"org_id": ["N1"], "kind": ["branch"]})}, owner_report())
        assert heard(web, owner.version)
        assert web.ask("headline", **NODE)[0]["organisations"] == 15
        assert web.append_attendance(swipes("x", "y")) == (2, 0)
        assert pg.table(owner, "attendance", "member_pid") == [("x",), ("y",)]
        desk = PgDesk(as_web(owner_url), Settings(), connections=2)
        with desk.writing() as writer:
            writer.run("insert into audit (audit_id, at, action, outcome) values ('a', 'b', 'c', 'd')")
        desk.close()
    finally:
        web.close()


def owner_report() -> Any:
    from engines import LoadReport, datetime

    return LoadReport("test", datetime(2019, 3, 1), {"as_of": "2019-02-28"})


def heard(store: PgStore, version: int) -> bool:
    """Wait until a store knows of a version."""
    deadline = time.monotonic() + 5
    while store.version < version and time.monotonic() < deadline:
        store.wait(store.version, 1)
    return store.version == version


def test_no_question_needs_a_table_that_the_web_role_may_not_read() -> None:
    assert not pg_layout.open_tables() & set(fact_tables())
    for name in names():
        assert "member_pid" not in question(name).publish


def test_the_web_role_must_be_there_and_not_own_the_store(url: str) -> None:
    for role, word in (("nobody_here", "no role"), ("ejia_owner", "owns")):
        result = run("migrate", "--store", url, "--web-role", role)
        assert (result.exit_code, word in result.output) == (2, True), result.output


# Migration


def test_a_bare_database_is_laid_out_once_and_the_second_time_nothing_is_left(server: str) -> None:
    url = cluster.new_database(server, cluster.BARE)
    try:
        check = run("migrate", "--check", "--store", url)
        assert (check.exit_code, "lay out" in check.output) == (1, True)
        assert cluster.rows_of(url, "select to_regnamespace('facts')") == [(None,)]
        assert run("migrate", "--store", url).exit_code == 0
        check = run("migrate", "--check", "--store", url)
        assert (check.exit_code, "Nothing to do" in check.output) == (0, True)
        assert cluster.rows_of(url, "select number from migration") == [
            (number,) for number, _, _ in pg_layout.steps()
        ]
        kinds = cluster.rows_of(
            url,
            "select f_table_name, type, srid from geometry_columns where f_table_schema = 'facts' order by 1",
        )
        assert kinds == [("building", "GEOMETRY", 4326), ("region", "GEOMETRY", 4326)]
        gist = "select count(*) from pg_indexes where schemaname = 'facts' and indexdef like '%gist%'"
        assert cluster.rows_of(url, gist) == [(2,)]
    finally:
        cluster.drop_database(server, url)


def test_an_older_store_is_brought_forward_with_its_facts(pg: Engine) -> None:
    store = pg.loaded(small_district.tables())
    before = store.ask("headline", **NODE)
    url = pg.urls[-1]
    store.close()
    cluster.administer(
        url,
        "alter table facts.member drop column exempt_study",
        "drop table facts.service_request",
        "update facts.meta set value = '0' where key = 'schema_version'",
    )
    with pytest.raises(SchemaVersionError, match="ejia migrate"):
        PgStore(url, Settings())
    result = run("status", "--store", url)
    assert (result.exit_code, "ejia migrate" in result.output) == (2, True)
    check = run("migrate", "--check", "--store", url).output
    assert "column member.exempt_study" in check and "table service_request" in check
    assert run("migrate", "--store", url).exit_code == 0
    again = PgStore(url, Settings(), connections=2)
    assert again.ask("headline", **NODE) == before
    assert again.version == 2
    again.close()


def test_a_newer_store_is_left_alone(url: str) -> None:
    for change in (
        "insert into facts.migration (number, name) values (999, 'later')",
        "update facts.meta set value = '99' where key = 'schema_version'",
        "insert into desk.desk_migration values (999, 'later')",
    ):
        with psycopg.connect(url) as connection:
            connection.execute(change.encode())
            connection.commit()
        for words in (["status"], ["migrate"], ["migrate", "--check"]):
            result = run(*words, "--store", url)
            said = " ".join(result.output.split())
            assert (result.exit_code, "update this program" in said) == (2, True), said
        cluster.administer(
            url,
            "delete from facts.migration where number = 999",
            "delete from desk.desk_migration where number = 999",
            "update facts.meta set value = '1' where key = 'schema_version'",
        )


def test_a_migration_that_fails_leaves_nothing(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = cluster.new_database(server, cluster.BARE)
    steps = (*pg_layout.steps(), (900, "broken", "create table facts.half (a integer); select 1 / 0"))
    monkeypatch.setattr(pg_layout, "steps", lambda: steps)
    try:
        result = run("migrate", "--store", url)
        assert result.exit_code == 2 and "Traceback" not in result.output
        assert cluster.rows_of(url, "select to_regnamespace('facts'), to_regnamespace('desk')") == [
            (None, None)
        ]
    finally:
        cluster.drop_database(server, url)


def test_two_migrations_at_once_do_the_work_once(server: str) -> None:
    url = cluster.new_database(server, cluster.BARE)
    done: list[tuple[str, ...]] = []

    def migrate() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            done.append(pg_layout.migrate(connection, Settings(), "here"))

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cluster.drop_database(server, url)
    assert sorted(len(one) for one in done) == [0, 0, 1]


# Many processes


def test_a_change_reaches_every_process(pg: Engine) -> None:
    first = pg.loaded(small_district.tables())
    second = PgStore(pg.urls[-1], Settings(), connections=2)
    try:
        seen = second.version
        assert seen == first.version == 1
        waiting = threading.Timer(0.1, first.append_attendance, [swipes("a")])
        waiting.start()
        assert second.wait(seen, 20) == 2
        assert second.append_attendance(swipes("a", "b")) == (1, 1)
        assert heard(first, 3)
        assert first.append_attendance(swipes("a")) == (0, 1)
        assert first.version == second.version == 3
    finally:
        second.close()


def test_sign_ins_of_several_processes_at_once_all_count(pg: Engine) -> None:
    first = pg.loaded(small_district.tables())
    second = PgStore(pg.urls[-1], Settings(), connections=2)
    taken: list[int] = []

    def sign_in(store: PgStore, people: range) -> None:
        for start in people:
            taken.append(store.append_attendance(swipes(*(f"p{n}" for n in range(start, start + 5))))[0])

    threads = [
        threading.Thread(target=sign_in, args=(store, range(base, 60, 4)))
        for base, store in enumerate((first, second, first, second))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert sum(taken) == len(pg.rows(first, "select 1 from attendance"))
    added = pg.table(first, "tree")
    first.rebuild()
    assert added == pg.table(first, "tree")


def test_a_load_while_others_read_is_never_half_seen(pg: Engine) -> None:
    store = pg.loaded(small_district.tables())
    reader = PgStore(pg.urls[-1], Settings(), connections=3)
    seen, failures, stop = set(), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                row = reader.ask("headline", **NODE)[0]
                seen.add((row["organisations"], row["members"]))
            except StoreError as error:
                failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(3):
        people = {"member_pid": [f"n{turn}-{n}" for n in range(10)], "branch_id": [f"N{turn}"] * 10}
        org = pa.table({"org_id": [f"N{turn}"], "kind": ["branch"]})
        store.load(
            {"organisation": org, "member": pa.table(people | {"status": ["full"] * 10})}, owner_report()
        )
    stop.set()
    for thread in threads:
        thread.join()
    reader.close()
    assert not failures
    assert seen <= {(14 + turn, 388 + 10 * turn) for turn in range(4)}
    assert pg.rows(store, "select to_regnamespace('rollup_last'), to_regnamespace('rollup_next')") == [
        (None, None)
    ]


# Outages


@pytest.fixture(scope="module")
def mortal() -> Iterator[cluster.Cluster]:
    """Give a cluster that may be killed."""
    made = cluster.Cluster()
    try:
        made.start()
        cluster.prepare(made.address)
        yield made
    finally:
        made.remove()


def test_a_store_outlives_its_server(mortal: cluster.Cluster) -> None:
    engine = Engine("postgres", mortal.address)
    store = engine.loaded(small_district.tables())
    desk = engine.desk()
    answer, version = store.ask("headline", **NODE), store.version
    for how in ("immediate", "fast"):
        mortal.stop(how)
        started = time.monotonic()
        with pytest.raises(StoreDownError, match=r"does not answer|cut off|stopped"):
            store.ask("headline", **NODE)
        with pytest.raises(StoreDownError):
            desk.read("select 1 as one")
        assert time.monotonic() - started < 10
        assert store.version == version
        assert store.wait(version, 0.2) == version
        with pytest.raises(StoreDownError):
            open_store(engine.urls[-1], Settings())
        mortal.start()
        back = time.monotonic()
        while time.monotonic() - back < 10:
            try:
                assert store.ask("headline", **NODE) == answer
                assert desk.read("select 1 as one") == [{"one": 1}]  # has an ear of its own
                break
            except StoreDownError:
                time.sleep(0.05)
        else:
            pytest.fail("no answer within ten seconds")
        for _ in range(12):  # more than the pool holds: none of its connections is dead
            assert store.ask("headline", **NODE) == answer
        assert desk.read("select 1 as one") == [{"one": 1}]
        other = PgStore(engine.urls[-1], Settings(), connections=2)
        assert other.append_attendance(swipes(how)) == (1, 0)
        assert heard(store, version + 1), "news after an outage does not arrive"
        version += 1
        other.close()
    engine.close()


def test_a_store_follows_to_the_promoted_standby() -> None:
    primary = cluster.Cluster()
    try:
        primary.start()
        cluster.prepare(primary.address)
        engine = Engine("postgres", primary.address)
        loaded = engine.loaded(small_district.tables())
        standby = primary.standby()
        try:
            ports = primary.executor.port, standby.executor.port
            both = engine.urls[-1].replace(f":{ports[0]}", f":{ports[0]},127.0.0.1:{ports[1]}")
            store = open_store(both, Settings())
            answer, version = store.ask("headline", **NODE), store.version
            assert loaded.append_attendance(swipes("before")) == (1, 0)
            assert heard(store, version + 1)
            caught_up(primary, standby)
            primary.stop("immediate")
            with pytest.raises(StoreDownError):
                store.ask("headline", **NODE)  # the standby still only repeats
            standby.control("promote", "-w")
            promoted = time.monotonic()
            while time.monotonic() - promoted < 10:
                try:
                    assert store.ask("headline", **NODE) == answer
                    break
                except StoreDownError:
                    time.sleep(0.05)
            else:
                pytest.fail("no answer within ten seconds")
            other = open_store(both, Settings())
            assert other.version == version + 1, "what the primary took is there"
            assert other.append_attendance(swipes("after")) == (1, 0)
            assert heard(store, version + 2), "news from the promoted server does not arrive"
            for one in (other, store, loaded):
                one.close()
        finally:
            standby.remove()
    finally:
        primary.remove()


def caught_up(primary: cluster.Cluster, standby: cluster.Cluster) -> None:
    """Wait until the standby has repeated everything."""
    [(end,)] = cluster.rows_of(primary.address, "select pg_current_wal_lsn()::text")
    for _ in range(200):
        reached = "select pg_last_wal_replay_lsn() >= %s::pg_lsn"
        if cluster.rows_of(standby.address, reached, end) == [(True,)]:
            return
        time.sleep(0.05)
    pytest.fail("the standby does not follow")


def test_a_cut_connection_is_replaced_unseen(pg: Engine, server: str) -> None:
    store = pg.loaded(small_district.tables())
    answer = store.ask("headline", **NODE)
    name = pg.urls[-1].rsplit("/", 1)[1]
    for _ in range(3):
        cluster.administer(
            server, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        )
        assert store.ask("headline", **NODE) == answer


def test_a_killed_load_leaves_all_as_it_was(pg: Engine, server: str) -> None:
    store = pg.loaded(small_district.tables())
    before, name = pg.table(store, "tree"), pg.urls[-1].rsplit("/", 1)[1]

    def kill(what: str, share: float) -> None:
        if share > 0.9:
            cluster.administer(
                server, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            )

    more = pa.table({"org_id": ["N1"], "kind": ["branch"]})
    with pytest.raises(StoreDownError):
        store.load({"organisation": more}, owner_report(), kill)
    assert pg.table(store, "tree") == before
    assert store.load({"organisation": more}, owner_report()).accepted == {"organisation": 1}


# Bad input


def test_what_is_wrong_is_one_sentence_and_exit_code_2(server: str, url: str, tmp_path: Path) -> None:
    port = server.rsplit(":", 1)[1].split("/")[0]
    cases = {
        "postgresql://": "names no database",
        "postgresql://h:notaport/x": "postgresql://user@host:5432/database",
        f"postgresql://ejia_owner@127.0.0.1:{port}/nothing_here": "createdb nothing_here",
        f"postgresql://no_such_role@127.0.0.1:{port}/postgres": "no_such_role",
        "postgresql://ejia@127.0.0.1:1/ejia": "does not answer",
        "postgresql://ejia@no-such-host.invalid/ejia": "does not answer",
        "mysql://h/x": "postgresql://user@host:5432/database",
    }
    for bad, words in cases.items():
        for command in (["status"], ["migrate"], ["load", str(tmp_path)]):
            result = run(*command, "--store", bad, "--data", str(tmp_path / "d"))
            assert result.exit_code == 2, (bad, command, result.output)
            if bad.startswith("mysql") and command == ["migrate"]:
                continue
            assert words in " ".join(result.output.split()), (bad, command, result.output)
            assert "Traceback" not in result.output


def test_an_empty_database_is_no_store_to_look_at(server: str) -> None:
    url = cluster.new_database(server, cluster.BARE)
    try:
        result = run("status", "--store", url)
        assert (result.exit_code, "ejia migrate" in result.output) == (2, True), result.output
        assert cluster.rows_of(url, "select to_regnamespace('facts')") == [(None,)]
        result = run("serve", "--store", url)
        assert result.exit_code == 2
    finally:
        cluster.drop_database(server, url)


def test_a_missing_extension_says_who_can_add_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "no_postgis"
    cluster.administer(server, f"create database {name} owner ejia_owner")
    url = cluster.at(server, name, "ejia_owner")
    try:
        result = run("migrate", "--store", url)
        assert result.exit_code == 2
        assert "create extension postgis" in result.output
        monkeypatch.setattr(pg_layout, "AVAILABLE", "select null where false")
        said = " ".join(run("migrate", "--store", url).output.split())
        assert "apt install postgresql-" in said and "-postgis-3" in said
        assert cluster.rows_of(url, "select to_regnamespace('facts')") == [(None,)]
    finally:
        cluster.administer(server, f"drop database {name}")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "EUC_CN"])
def test_texts_in_another_encoding_are_refused(server: str, encoding: str) -> None:
    name = f"in_{encoding.lower()}"
    cluster.administer(
        server,
        f"create database {name} owner ejia_owner encoding '{encoding}' locale 'C' template template0",
    )
    url = cluster.at(server, name, "ejia_owner")
    try:
        for command in ("migrate", "status"):
            result = run(command, "--store", url)
            said = " ".join(result.output.split())
            assert result.exit_code == 2 and f"as {encoding}; UTF8 is needed" in said, said
    finally:
        cluster.administer(server, f"drop database {name}")


def test_too_old_a_server_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg_layout, "LEAST_SERVER", 990000)
    for command in ("status", "migrate"):
        result = run(command, "--store", url)
        assert (result.exit_code, "99 or newer" in " ".join(result.output.split())) == (2, True), (
            result.output
        )
    monkeypatch.setattr(pg_layout, "LEAST_SERVER", 140000)
    monkeypatch.setattr(pg_layout, "LEAST_POSTGIS", (99, 0))
    with pytest.raises(StoreAddressError, match=r"99\.0 or newer"):
        open_store(url, Settings())


def test_passwords_are_asked_for_refused_and_never_shown(
    mortal: cluster.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    url = cluster.new_database(mortal.address)
    rules = Path(mortal.executor.datadir) / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text("host all ejia_owner 127.0.0.1/32 scram-sha-256\n" + before)
    mortal.control("reload")
    try:
        said = run("status", "--store", url)
        assert (said.exit_code, "PGPASSFILE" in said.output) == (2, True), said.output
        said = run("status", "--store", with_password(url, "a wrong secret"))
        assert said.exit_code == 2 and "refused the password" in " ".join(said.output.split()), said.output
        assert "wrong" not in said.output and "secret" not in said.output
        file = tmp_path / "pass"
        file.write_text(f"127.0.0.1:*:*:ejia_owner:{cluster.PASSWORD}\n")
        file.chmod(0o600)
        said = run("migrate", "--store", f"{url}?passfile={file}")
        assert said.exit_code == 0, said.output
        monkeypatch.setenv("PGPASSFILE", str(file))
        assert run("migrate", "--check", "--store", url).exit_code == 0
        monkeypatch.delenv("PGPASSFILE")
        said = run("status", "--store", with_password(url))
        assert said.exit_code == 0 and "password" not in said.output
    finally:
        rules.write_text(before)
        mortal.control("reload")


def test_an_address_is_shown_without_its_password() -> None:
    for address in (
        "postgresql://u:s3cret@h/d",
        "postgresql://u:s3cret%40x@h:5432/d?sslmode=require",
        "postgresql://h/d?user=u&password=s3cret",
    ):
        assert "s3cret" not in shown(address)
        assert connection_of(address)["password"].startswith("s3cret")
    assert shown("postgresql://u@h/d") == "postgresql://u@h/d"


def test_a_full_disk_is_one_sentence_and_leaves_all_as_it_was(mortal: cluster.Cluster) -> None:
    engine = Engine("postgres", mortal.address)
    store = engine.loaded(small_district.tables())
    before, version = engine.table(store, "tree"), store.version
    name = engine.urls[-1].rsplit("/", 1)[1]
    with small_disk(mortal, name):
        people = {"member_pid": [f"n{n}" for n in range(60_000)], "branch_id": ["O31001"] * 60_000}
        with pytest.raises(StoreError, match="disk is full"):
            store.load({"member": pa.table(people)}, owner_report())
        assert store.version == version
        assert engine.table(store, "tree") == before
    engine.close()


FULL = """
create function public.full_disk() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file: No space left on device' using errcode = '53100';
end $$"""
FULL_TABLE = "create trigger full_disk before insert on facts.member execute function public.full_disk()"


class small_disk:  # noqa: N801 - reads as what it does
    """Put a database's new tables and temporary ones on a disk of eight megabytes.

    Where this process may not mount a disk, the server says of a table what it would say of a full one.
    """

    def __init__(self, mortal: cluster.Cluster, database: str) -> None:
        self._mortal, self._database = mortal, database
        self._folder = mortal.folder / "small"

    def __enter__(self) -> None:
        import shutil
        import subprocess

        self._folder.mkdir()
        address = self._mortal.address
        mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(self._folder)]
        self._mounted = not subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode
        if not self._mounted:
            cluster.administer(cluster.at(address, self._database), FULL, FULL_TABLE)
            return
        shutil.chown(self._folder, "postgres")
        cluster.administer(
            address,
            f"create tablespace small location '{self._folder}'",
            "grant create on tablespace small to ejia_owner",
            f"alter database {self._database} set default_tablespace = 'small'",
            f"alter database {self._database} set temp_tablespaces = 'small'",
        )

    def __exit__(self, *problem: object) -> None:
        import subprocess

        if not self._mounted:
            return
        cluster.administer(
            self._mortal.address,
            f"alter database {self._database} reset all",
            f"drop database {self._database} with (force)",
            "drop tablespace small",
        )
        subprocess.run(["umount", "-l", str(self._folder)], check=True)


# Odds and ends


def test_values_that_do_not_fit_are_refused_whole(pg: Engine) -> None:
    store = pg.loaded(small_district.tables())
    version = store.version
    for rows in (
        {"organisation": pa.table({"org_id": ["a\0b"]})},
        {"building": pa.table({"building_id": ["B9"], "geom": pa.array([b"no shape"], pa.binary())})},
        {"organisation": pa.table({"org_id": ["O1"], "floor": [2**40]})},
    ):
        with pytest.raises(LoadError, match="does not fit"):
            store.load(rows, owner_report())
    assert store.version == version


@pytest.mark.parametrize("times", [1, 2], ids=("new keys", "a key that repeats"))
def test_a_first_load_leaves_every_index_as_it_was(pg: Engine, times: int) -> None:
    text = "select tablename, indexname, indexdef from pg_indexes where schemaname = 'facts' order by 1, 2"
    store = pg.loaded(small_district.tables())
    before = pg.rows(store, text)
    assert ("attendance", "attendance_batch") in [row[:2] for row in before]
    report = store.load({"attendance": swipes(*["O31001-001", "O31001-002"] * times)}, owner_report())
    assert report.accepted == {"attendance": 2}
    assert pg.rows(store, text) == before


def test_indexes_follow_the_columns() -> None:
    assert indexes({"key", "month", "basis", "node_id", "n"}) == [
        ("key", "month"),
        ("basis", "node_id", "month"),
    ]
    assert indexes({"activity_id", "n"}) == [("activity_id",)]
    assert indexes({"something"}) == []
