"""The compose file works as its own words say: its commands are run as they stand there, by its users.

No engine is needed: the image runs by the kernel's means with each service's environment, secrets, volumes
and command; the database is a real one that asks for passwords, prepared as the official image would.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster
import image
import psycopg
import pytest
import yaml
from intake_folder import write_folder

DOCKER = Path(__file__).resolve().parent.parent / "docker"
LOOPBACK = "127.0.0.1"
IN_THE_DATABASE = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/secrets
for secret in "$1"/*; do
    : > "/run/secrets/${secret##*/}"
    mount --bind "$secret" "/run/secrets/${secret##*/}"
done
: > /run/20-ejia.sh
mount --bind "$2" /run/20-ejia.sh
shift 2
cd /
exec setpriv --reuid=postgres --regid=postgres --clear-groups env -i PATH=/usr/bin:/bin "$@" /run/20-ejia.sh
"""


def told(text: str) -> list[str]:
    """Return the commands of a compose file's heading, one a line as they stand there."""
    return [line.partition("  #")[0].strip() for line in re.findall(r"^#   (.+)$", text, re.MULTILINE)]


class Project:
    """A copy of docker/ in which the words of compose.yaml are followed."""

    def __init__(self, folder: Path, facts: Path) -> None:
        shutil.copytree(DOCKER, folder / "docker", ignore=shutil.ignore_patterns("secrets"))
        self.folder, self.facts = folder, facts
        self.data, self.backups = folder / "data", folder / "backups"
        for volume in (self.data, self.backups):
            volume.mkdir()
            os.chown(volume, 10001, 10001)
        text = (folder / "docker" / "compose.yaml").read_text("utf-8")
        self.services: dict[str, Any] = yaml.safe_load(text)["services"]
        self.told = told(text)
        self.made = cluster.Cluster()

    @property
    def secrets(self) -> Path:
        """Return the folder of the secrets."""
        return self.folder / "docker" / "secrets"

    @property
    def socket(self) -> str:
        """Return the address of the administrator's database over the server's socket."""
        return f"postgresql://postgres@/postgres?host={self.made.folder}&port={self.made.executor.port}"

    def asked(self, text: str) -> list[tuple[Any, ...]]:
        """Ask the store's database directly."""
        with psycopg.connect(self.socket.replace("/postgres?", "/ejia?")) as connection:
            return connection.execute(text.encode()).fetchall()

    def password(self, of: str) -> str:
        """Return what a secret's file holds."""
        return (self.secrets / f"{of}_password").read_text("utf-8").strip()

    def make_secrets(self) -> None:
        """Run the commands before the first of compose itself, as one whose new files nobody may read."""
        own = [line for line in self.told if not line.startswith("docker compose")]
        script = "umask 077\n" + "\n".join(own)
        subprocess.run(["sh", "-eu", "-c", script], cwd=self.folder, check=True, timeout=60)

    def start_database(self) -> None:
        """Start a server that asks for passwords, and run database.sh as the official image does."""
        self.made.start()
        password = self.password("owner").replace("'", "''")
        cluster.administer(
            self.made.address,
            f"create role ejia superuser login password '{password}'",
            "create database ejia owner ejia",
        )
        hba = Path(self.made.executor.datadir) / "pg_hba.conf"
        hba.write_text("local all all trust\nhost all all all scram-sha-256\n")
        self.made.control("reload")
        done = self.run_in_database(self.secrets)
        assert done.returncode == 0, done.stderr

    def run_in_database(self, secrets: Path) -> subprocess.CompletedProcess[str]:
        """Run database.sh as 'postgres', with these secrets, over the server's socket."""
        given = {
            **self.services["database"]["environment"],
            "PGHOST": self.made.folder,
            "PGPORT": self.made.executor.port,
        }
        command = ["unshare", "--mount", "sh", "-c", IN_THE_DATABASE, "sh"]
        script = self.folder / "docker" / "database.sh"
        settings = [f"{name}={value}" for name, value in given.items()]
        return subprocess.run(
            [*command, str(secrets), str(script), *settings],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def of(self, name: str) -> dict[str, Any]:
        """Return how the image is started for a service."""
        service = self.services[name]
        address = f"{LOOPBACK}:{self.made.executor.port}"
        env = {key: value.replace("database:5432", address) for key, value in service["environment"].items()}
        mounts = {f"/run/secrets/{secret}": self.secrets / secret for secret in service["secrets"]}
        if any(volume.endswith(":/facts:ro") for volume in service["volumes"]):
            mounts["/facts"] = self.facts
        return {"data": self.data, "backups": self.backups, "env": env, "mounts": mounts}

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Give service and words of each `run` of the heading."""
        for line in self.told:
            if found := re.search(r" run --rm (\w+) (.+)$", line):
                yield found[1], shlex.split(found[2])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Give a project whose server is gone afterwards."""
    made = Project(tmp_path, write_folder(tmp_path / "office"))
    yield made
    made.made.remove()


def said_by(served: subprocess.Popen[str], wanted: str) -> str:
    """Read what a program says until a line has these words; return what was said."""
    heard: list[str] = []
    found = threading.Event()

    def read() -> None:
        for line in served.stdout or ():
            heard.append(line)
            if wanted in line:
                found.set()

    threading.Thread(target=read, daemon=True).start()
    assert found.wait(120), f"never said {wanted!r}: {''.join(heard)[-2000:]}"
    return "".join(heard)


def test_the_words_name_every_step() -> None:
    for name in ("compose.yaml", "compose.embedded.yaml"):
        lines = told((DOCKER / name).read_text("utf-8"))
        words = " ".join(lines)
        assert all(step in words for step in (" load ", " restore ", " up -d")), words
        assert all(name in line for line in lines if line.startswith("docker compose")), lines


def test_a_secret_that_cannot_be_read_stops_the_database(project: Project) -> None:
    project.make_secrets()
    project.start_database()
    for spoil in (lambda file: file.chmod(0o600), lambda file: (file.write_text(""), file.chmod(0o644))):
        cluster.administer(project.socket, "drop role ejia_web")
        spoil(project.secrets / "web_password")
        done = project.run_in_database(project.secrets)
        assert done.returncode == 1 and "chmod 644" in done.stderr and "down --volumes" in done.stderr
        assert not project.asked("select 1 from pg_roles where rolname = 'ejia_web'")
        cluster.administer(project.socket, "create role ejia_web")


@pytest.mark.slow
@pytest.mark.alone
def test_the_services_work_as_they_are_written(project: Project) -> None:
    """Follow the heading: secrets, database, migrate, load, serve, watch, back up, bring back, serve."""
    built = image.built("localhost/ejia")
    try:
        project.make_secrets()
        project.start_database()
        steps = list(project.commands())
        assert [words[0] for _, words in steps] == ["migrate", "load", "restore"]
        for service, words in steps[:2]:
            code, said = built.run(*words, **project.of(service))
            assert code in (0, 1), said  # 1: some rows of the folder are refused
        serve(built, project)
        with built.started(*project.services["watch"]["command"], **project.of("watch")) as watching:
            said_by(watching, "Watching")
        if served_by() == brought():
            there_and_back(built, project, *steps[2])
            serve(built, project)
        else:  # the image's tools are of the database that the compose file names
            with built.started(*project.services["backup"]["command"], **project.of("backup")) as backing:
                said_by(backing, f"the server is PostgreSQL {served_by()}, and this machine has pg_dump")
        web = f"postgresql://ejia_web@{LOOPBACK}:{project.made.executor.port}/ejia"
        with (
            psycopg.connect(web, password=project.password("web")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select 1 from facts.member")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(web, password="another")
        project.secrets.joinpath("web_password").chmod(0o600)
        code, said = built.run("status", **project.of("wall"))
        assert code == 2 and "chmod 644" in said, said
    finally:
        built.close()


def serve(built: image.Image, project: Project) -> None:
    """Start the wall and ask its health check; only its port is another one."""
    port = image.free_port()
    words = [word.replace("8050", str(port)) for word in project.services["wall"]["command"]]
    with built.started(*words, **project.of("wall")) as served:
        built.require_healthy(port, served)
        time.sleep(0.1)
        assert served.poll() is None


def there_and_back(built: image.Image, project: Project, service: str, words: list[str]) -> None:
    """Back up as the job does, lose what the office entered, and bring it back by the heading's words."""
    counted = "select count(*), min(org_id), max(org_id) from facts.organisation"
    with built.started(*project.services["backup"]["command"], **project.of("backup")) as backing:
        said_by(backing, "/backups/ejia-")
    (file,) = project.backups.iterdir()
    before = project.asked(counted)
    cluster.administer(project.socket.replace("/postgres?", "/ejia?"), "truncate facts.organisation")
    restore = [f"/backups/{file.name}" if word.startswith("/backups/") else word for word in words]
    code, said = built.run(*restore, **project.of(service))
    assert code == 0, said
    assert project.asked(counted) == before


def served_by() -> int:
    """Return the version of the servers of this machine."""
    return int(cluster.programs().parts[-2])


def brought() -> int:
    """Return the version of PostgreSQL's tools in the image."""
    found = re.search(r"postgresql-client-(\d+)", (DOCKER / "Dockerfile").read_text("utf-8"))
    assert found
    return int(found[1])
