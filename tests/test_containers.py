"""Containers and backups: the image is built and run without a Docker engine; backups come back."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

import cluster
import image
import psycopg
import pytest
import yaml
from random_district import LAST, arrow, draw
from typer.testing import CliRunner

from bootstrap.base import PYTHON
from dashboard.commands import app
from stores import backup
from stores.desk import SqliteDesk
from stores.duckdb import DuckStore
from stores.errors import SchemaVersionError, StoreBusyError, StoreError
from stores.postgres import PgStore
from stores.settings import Settings, StoreAddress
from stores.store import LoadReport, Store

ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
MOST_BYTES = 700_000_000


def fill(store: Store, seed: int = 5) -> None:
    """Load a random district."""
    tables = {name: arrow(name, part) for name, part in draw(seed).items()}
    store.load(tables, LoadReport("x", datetime(2019, 3, 1), {"as_of": str(LAST)}))


def settings_for(url: str, data: Path) -> Settings:
    """Give settings of a store and a data folder."""
    return Settings(data_dir=data, store=StoreAddress(url=url))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Give a data folder with an embedded store and a desk that hold something."""
    data = tmp_path / "data"
    data.mkdir()
    settings = settings_for(f"duckdb:///{data / 'ejia.duckdb'}", data)
    store = DuckStore(data / "ejia.duckdb", settings)
    fill(store)
    store.close()
    desk = SqliteDesk(data / "desk.sqlite")
    with desk.writing() as writer:
        writer.run("create table note (text text)")
        writer.run("insert into note values ('kept')")
    desk.close()
    (data / "gate.key").write_bytes(b"secret of the gate")
    return settings


def tables(path: Path) -> dict[str, list[str]]:
    """Return every table of an embedded store."""
    store = DuckStore(path, Settings())
    with store._reading() as cursor:
        names = [
            row[0] for row in cursor.execute("select table_name from information_schema.tables").fetchall()
        ]
        found = {
            name: sorted(map(str, cursor.execute(f'select * from "{name}"').fetchall())) for name in names
        }
    store.close()
    return found


def notes(data: Path) -> list[Any]:
    """Return what the desk's test table says."""
    with sqlite3.connect(data / "desk.sqlite") as found:
        return found.execute("select text from note").fetchall()


# The embedded store


def test_an_embedded_store_comes_back_as_it_was(home: Settings, tmp_path: Path) -> None:
    made = backup.back_up(home, tmp_path / "backups")
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert (made.engine, made.version, made.server) == ("duckdb", 1, 0)
    assert b"secret of the gate" not in made.file.read_bytes()
    before = tables(home.data_dir / "ejia.duckdb")
    there = settings_for(f"duckdb:///{tmp_path / 'other' / 'wall.duckdb'}", tmp_path / "other")
    backup.restore(there, made.file)
    assert tables(tmp_path / "other" / "wall.duckdb") == before
    assert notes(tmp_path / "other") == [("kept",)]
    restored = DuckStore(tmp_path / "other" / "wall.duckdb", there)
    fill(restored, 6)  # it lives on
    restored.close()
    with pytest.raises(StoreError, match="--replace"):
        backup.restore(there, made.file)
    backup.restore(there, made.file, replace=True)
    assert tables(tmp_path / "other" / "wall.duckdb") == before


def test_a_backup_is_of_one_moment_while_others_write(home: Settings, tmp_path: Path) -> None:
    """A server that holds the store and takes sign-ins meanwhile: the copy opens and its sums agree."""
    code = (
        "import sys, random; sys.path.insert(0, 'tests')\n"
        "from random_district import arrow, draw, sign_ins\n"
        "from pathlib import Path\nfrom stores.duckdb import DuckStore\n"
        "from stores.settings import Settings\n"
        "store = DuckStore(Path(sys.argv[1]), Settings()); rows = draw(5); print('up', flush=True)\n"
        "while True:\n"
        "    late = sign_ins(random.Random(), rows, 3)\n"
        "    for one in late: one['member_pid'] = str(random.random())\n"
        "    store.append_attendance(arrow('attendance', late))\n"
    )
    command = [PYTHON, "-c", code, str(home.data_dir / "ejia.duckdb")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"up\n"
            server.send_signal(signal.SIGSTOP)  # between two writes or within one
            made = backup.back_up(home, tmp_path / "backups")
            server.send_signal(signal.SIGCONT)
            with pytest.raises(StoreBusyError, match="stop the server"):
                backup.restore(home, made.file, replace=True)
        finally:
            server.kill()
    there = settings_for(f"duckdb:///{tmp_path / 'wall.duckdb'}", tmp_path)
    backup.restore(there, made.file)
    store = DuckStore(tmp_path / "wall.duckdb", there)
    with store._reading() as cursor:
        kept = cursor.execute("select * from tree order by all").fetchall()
    store.rebuild()
    with store._reading() as cursor:
        assert cursor.execute("select * from tree order by all").fetchall() == kept
    store.close()


def test_a_damaged_or_foreign_file_changes_nothing(home: Settings, tmp_path: Path) -> None:
    made = backup.back_up(home, tmp_path / "backups")
    before = tables(home.data_dir / "ejia.duckdb")
    data = bytearray(made.file.read_bytes())
    at = data.find(b"DUCK") + 5000
    data[at] ^= 1
    (tmp_path / "flipped.tar").write_bytes(data)
    (tmp_path / "short.tar").write_bytes(data[: len(data) // 2])
    (tmp_path / "letter.tar").write_bytes(b"Dear Sir")
    for name, words in (("flipped", "damaged"), ("short", "damaged"), ("letter", "no backup")):
        with pytest.raises(StoreError, match=words):
            backup.restore(home, tmp_path / f"{name}.tar", replace=True)
    for told, words in (
        ({"format": 2}, "newer program"),
        ({"schema": 99}, "newer program"),
        ({"parts": {"../../escape": "0"}}, "newer program"),
        ({"parts": {"store.duckdb": "0"}}, "damaged"),
    ):
        _crafted(made.file, tmp_path / "crafted.tar", told)
        with pytest.raises((StoreError, SchemaVersionError), match=words):
            backup.restore(home, tmp_path / "crafted.tar", replace=True)
    assert tables(home.data_dir / "ejia.duckdb") == before
    assert not [path for path in home.data_dir.iterdir() if path.name.startswith(".backup-")]


def _crafted(source: Path, target: Path, told: dict[str, Any]) -> None:
    """Write a backup whose manifest says otherwise."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            data = stream.read()
            if member.name == "manifest.json":
                data = json.dumps({**json.loads(data), **told}).encode()
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))


def test_old_backups_go_and_other_files_stay(tmp_path: Path) -> None:
    names = [f"ejia-2019030{day}T000000.tar" for day in range(1, 6)]
    for name in (*names, "letter.txt", "ejia-x.tar"):
        (tmp_path / name).touch()
    assert [path.name for path in backup.thin_out(tmp_path, 2)] == names[:3]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*names[3:], "letter.txt", "ejia-x.tar"]
    )
    assert backup.thin_out(tmp_path, 0) == []


def test_the_commands_back_up_and_restore(home: Settings, tmp_path: Path) -> None:
    run = CliRunner()
    data = ["--data", str(home.data_dir)]
    said = run.invoke(app, ["backup", str(tmp_path / "b"), "--keep", "1", *data])
    assert said.exit_code == 0, said.output
    (file,) = (tmp_path / "b").iterdir()
    refused = run.invoke(app, ["restore", str(file), *data])
    assert refused.exit_code == 2
    assert "--replace" in refused.stderr
    said = run.invoke(app, ["restore", str(file), "--replace", *data])
    assert said.exit_code == 0, said.output
    for words in (
        ["restore", str(tmp_path / "none.tar")],
        ["backup", str(tmp_path), "--store", "duckdb:///no.duckdb"],
    ):
        wrong = run.invoke(app, [*words, *data])
        assert wrong.exit_code == 2
        assert "Traceback" not in wrong.output


def test_the_backup_job_goes_on_until_it_is_ended(home: Settings, tmp_path: Path) -> None:
    start = "import sys; sys.path.append('.'); from dashboard.commands import app; app(prog_name='ejia')"
    words = ["backup", str(tmp_path / "b"), "--every", "0.0003", "--keep", "2", "--data", str(home.data_dir)]
    with subprocess.Popen(
        [PYTHON, "-P", "-c", start, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as job:
        assert job.stdout is not None
        written = 0
        for line in job.stdout:
            written += "version 1" in line
            if "Removed" in line:
                break
        job.send_signal(signal.SIGTERM)
        assert job.wait(60) == 0
    assert written == 3
    assert len(list((tmp_path / "b").iterdir())) >= 2


# PostgreSQL


def test_a_database_comes_back_as_it_was(server: str, tmp_path: Path) -> None:
    url, other = cluster.new_database(server), cluster.new_database(server)
    try:
        settings = settings_for(url, tmp_path / "a")
        store = PgStore(url, settings, connections=2)
        fill(store)
        version = store.version
        store.close()
        made = backup.back_up(settings, tmp_path / "backups")
        assert (made.engine, made.version) == ("postgres", version)
        there = settings_for(other, tmp_path / "b")
        with pytest.raises(StoreError, match="--replace"):
            backup.restore(settings, made.file)
        backup.restore(there, made.file, replace=True)
        assert _dumped(other) == _dumped(url)
        restored = PgStore(other, there, connections=2)
        assert restored.version == version
        fill(restored, 6)
        restored.close()
        backup.restore(there, made.file, replace=True)
        assert _dumped(other) == _dumped(url)
        with pytest.raises(StoreError, match="PostgreSQL, and this one is in a DuckDB file"):
            backup.restore(settings_for("duckdb:///x.duckdb", tmp_path / "c"), made.file)
    finally:
        for one in (url, other):
            cluster.drop_database(server, one)


def _dumped(url: str) -> dict[str, list[str]]:
    """Return every table of a database's rooms."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "select schemaname || '.' || tablename from pg_tables "
            "where schemaname in ('facts', 'rollup', 'desk')"
        ).fetchall()
        return {
            name: sorted(map(str, connection.execute(f"select * from {name}".encode()).fetchall()))
            for (name,) in names
        }


def test_tools_of_another_version_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for major in (13, 15, 17):
        tool = tmp_path / str(major) / "bin" / "pg_dump"
        tool.parent.mkdir(parents=True)
        tool.touch()
    monkeypatch.setattr(backup, "PROGRAMS", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert backup.program("pg_dump", 14).parts[-3] == "15"
    assert backup.program("pg_dump", 17).parts[-3] == "17"
    with pytest.raises(StoreError, match=r"PostgreSQL 18, .*has pg_dump 17; .*postgresql-client-18"):
        backup.program("pg_dump", 18)
    with pytest.raises(StoreError, match="has no pg_restore"):
        backup.program("pg_restore", 15)


def test_a_password_is_in_no_list_of_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def run(command: list[str], **given: Any) -> subprocess.CompletedProcess[str]:
        seen.update(command=command, env=given["env"])
        return subprocess.CompletedProcess(command, 1, "", "pg_dump: error: refused\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(StoreError, match="refused") as said:
        backup._run(Path("/x/pg_dump"), "postgresql://me:top-secret@db:5432/ejia", "--format=custom")
    assert "top-secret" not in " ".join(seen["command"]) + str(said.value)
    assert seen["env"]["PGPASSWORD"] == "top-secret"


# Files for containers


def test_the_dockerfile_is_clean() -> None:
    found = subprocess.run(
        [PYTHON.parent / "hadolint", DOCKER / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    assert "\nUSER 10001\n" in text
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("name", ["compose.yaml", "compose.embedded.yaml"])
def test_compose_asks_for_little(name: str) -> None:
    told = yaml.safe_load((DOCKER / name).read_text("utf-8"))
    ours = {key: one for key, one in told["services"].items() if one.get("image") == "ejia"}
    assert {"wall", "backup"} <= set(ours)
    for key, service in ours.items():
        assert service["read_only"] is True, key
        assert service["cap_drop"] == ["ALL"], key
        assert service["security_opt"] == ["no-new-privileges:true"], key
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), key
        words = service["command"]
        known = CliRunner().invoke(app, [words[0], "--help"])
        assert known.exit_code == 0, words
        for option in (word for word in words if word.startswith("--")):
            assert option in known.output, option
    for service in told["services"].values():
        for volume in service.get("volumes", ()):
            named = volume.partition(":")[0]
            assert named.startswith((".", "$")) or named in told["volumes"], volume
        for secret in service.get("secrets", ()):
            assert secret in told["secrets"]
        for key, value in service.get("environment", {}).items():
            assert "PASSWORD" not in key or (key.endswith("_FILE") and value.startswith("/run/secrets/")), key
    for secret in told.get("secrets", {}).values():
        assert set(secret) == {"file"}
    images = [one["image"] for one in told["services"].values() if one["image"] != "ejia"]
    assert not [one for one in images if one.endswith(":latest") or ":" not in one.rpartition("/")[2]]


def test_no_secret_goes_into_the_image_or_the_repository() -> None:
    let_in = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert let_in[0] == "*"
    assert "!docker" not in let_in
    assert "docker/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_the_database_client_is_of_the_servers_version() -> None:
    served = re.search(r"postgis:(\d+)-", (DOCKER / "compose.yaml").read_text("utf-8"))
    brought = re.search(r"postgresql-client-(\d+)", (DOCKER / "Dockerfile").read_text("utf-8"))
    assert served and brought and served[1] == brought[1]


@pytest.mark.parametrize(("version", "wanted"), [("3.11", "<"), ("3.13", ">")])
def test_the_lock_is_settled_for_the_images_python(version: str, wanted: str) -> None:
    """Whatever python fetches the wheels: only one of two entries with opposite conditions is left."""
    import runpy

    settled = runpy.run_path(str(DOCKER / "fetch.py"))["settled"]
    lock = "a==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\n"
    lock += "b==1 ; python_full_version < '3.12' \\\n    --hash=sha256:bb\n"
    lock += "b==2 ; python_full_version >= '3.12' \\\n    --hash=sha256:cc\n"
    kept = settled(lock, version).splitlines()
    assert kept[:3] == ["a==1 \\", "    --hash=sha256:aa \\", "    --hash=sha256:ab"]
    assert kept[3:] == (
        ["b==1 \\", "    --hash=sha256:bb"] if wanted == "<" else ["b==2 \\", "    --hash=sha256:cc"]
    )
    text = settled((ROOT / "requirements.txt").read_text("utf-8"), version)
    assert ";" not in text and "duckdb==" in text and "colorama" not in text


# The image


@pytest.mark.slow
@pytest.mark.alone
def test_the_image_serves_and_is_backed_up_with_a_read_only_root(demo_folder: Path, tmp_path: Path) -> None:
    """Build it, load the demo in it, serve it, ask its health check, back it up and bring it back."""
    built = image.built("localhost/ejia")
    try:
        assert built.size < MOST_BYTES, f"{built.size / 1e6:.0f} MB"
        assert built.config["User"] == "10001"
        data, backups = tmp_path / "data", tmp_path / "backups"
        for folder in (data, backups):
            folder.mkdir()
            os.chown(folder, 10001, 10001)
        shutil.copytree(demo_folder, data / "demo")
        for path in (data / "demo", *(data / "demo").rglob("*")):
            os.chown(path, 10001, 10001)
        code, said = built.run("load", "/data/demo", data=data, backups=backups)
        assert code in (0, 1), said
        port = image.free_port()
        words = ("serve", "--host", "127.0.0.1", "--port", str(port))
        with built.started(*words, data=data, backups=backups) as served:
            built.require_healthy(port, served)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                assert b"<html" in answer.read()
            code, said = built.run("backup", "/backups", data=data, backups=backups)
            assert code == 0, said
        (file,) = backups.iterdir()
        restored = ("restore", f"/backups/{file.name}", "--replace")
        code, said = built.run(*restored, data=data, backups=backups)
        assert code == 0, said
        for folder in ("/opt/ejia/x", "/etc/x", "/x"):
            code, _ = built.run("facts", "duckdb:///ejia.duckdb", folder, data=data, backups=backups)
            assert code == 2  # the root is read-only, and says so in a sentence
    finally:
        built.close()
