"""Setting up and starting: locks, the standard library, ports, stores, certificates, mirrors, a clean end."""

from __future__ import annotations

import ast
import hashlib
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap import checking, environment, first_pip, serving
from bootstrap.base import PYTHON, SetupError, pinned_packages

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))
STARTERS = [ROOT / "run.py", ROOT / "check.py", *sorted((ROOT / "bootstrap").glob("*.py"))]
ROOMS = ("geo", "stores", "indicators", "loaders", "layers", "dashboard")


# Locks


def test_the_locks_are_the_four_that_the_starters_use() -> None:
    assert [lock.name for lock in LOCKS] == [
        "requirements-dev.txt", "requirements-setup.txt", "requirements-spark.txt", "requirements.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(--?(extra-)?index|--?find-links|-[ifec] )", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_is_exact_and_hashed(lock: Path) -> None:
    pins = pinned_packages(lock)
    assert pins
    assert all(hashes for _, hashes in pins.values())
    heads = [line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith(" ")]
    assert all(re.match(r"[a-z0-9-]+==\S+", head) for head in heads)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"]
    check_lock = pinned_packages(ROOT / "requirements-dev.txt")
    run_lock = pinned_packages(ROOT / "requirements.txt")
    for lock, requirements in (
        (run_lock, wanted),
        (check_lock, [*wanted, *project["optional-dependencies"]["dev"]]),
    ):
        for requirement in requirements:
            name, version = re.sub(r"\[.*\]", "", requirement).split("==")
            assert lock[name][0] == version
    spark_lock = pinned_packages(ROOT / "requirements-spark.txt")
    for requirement in project["optional-dependencies"]["spark"]:
        name, version = requirement.split("==")
        assert spark_lock[name][0] == version
    assert not set(spark_lock) & set(check_lock)  # neither may change what the other has put there
    assert {name: check_lock[name][0] for name in run_lock} == {
        name: pin[0] for name, pin in run_lock.items()
    }


def test_the_environment_holds_the_lock() -> None:
    from importlib.metadata import version

    pins = pinned_packages(ROOT / "requirements-dev.txt")
    for name in ("dash", "duckdb", "shapely", "granian", "playwright"):
        assert version(name) == pins[name][0]


# The standard library alone


@pytest.mark.parametrize("file", STARTERS, ids=lambda file: file.name)
def test_starters_import_only_the_standard_library(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or top == "bootstrap", name


def test_starters_start_without_any_package() -> None:
    for starter in ("run.py", "check.py"):
        asked = subprocess.run(
            [sys.executable, "-E", "-s", "-S", ROOT / starter, "--help"],
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert asked.returncode == 0, asked.stderr
        assert "--" in asked.stdout


# Rooms


def test_the_rooms_keep_their_order() -> None:
    found = subprocess.run(
        [PYTHON.parent / "lint-imports", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert found.returncode == 0, found.stdout
    assert "0 broken" in found.stdout


# Ports


def test_the_first_free_port_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        first = busy.getsockname()[1]
        monkeypatch.setattr(serving, "FIRST_PORT", first)
        assert serving.free_port(None) > first
        assert f"Port {first} is busy" in capsys.readouterr().out
        with pytest.raises(SetupError, match="taken"):
            serving.free_port(first)
    assert serving.free_port(first) == first


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80x", ""])
def test_a_wrong_port_is_refused_with_what_is_allowed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        serving.parser().parse_args([f"--port={text}"])
    assert stopped.value.code == 2
    assert "1 to 65535" in capsys.readouterr().err


# Stores


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a deployment file that is not there yet."""
    monkeypatch.setenv(serving.DEPLOYMENT_VARIABLE, str(tmp_path / "district.toml"))
    return tmp_path / "district.toml"


def test_where_an_embedded_store_stands(deployment: Path) -> None:
    home = deployment.parent
    assert serving.whereabouts(None, None).file == home / "data" / "ejia.duckdb"
    assert serving.whereabouts(None, home / "党 建").file == home / "党 建" / "ejia.duckdb"
    assert serving.whereabouts("duckdb:///x/区.duckdb", None).file == home / "data" / "x" / "区.duckdb"
    absolute = serving.whereabouts("duckdb:////srv/ejia.duckdb", home / "d")
    assert (absolute.file, absolute.data) == (Path("/srv/ejia.duckdb"), home / "d")
    assert serving.whereabouts("postgresql://db/ejia", None).file is None


@pytest.mark.parametrize(
    "url", ["duckdb:///data/ejia.duckdb", "duckdb:///区.duckdb", "duckdb:////srv/a b.duckdb"]
)
@pytest.mark.parametrize("data", [None, "党建 数据"])
def test_the_starter_and_the_product_mean_the_same_file(deployment: Path, url: str, data: str | None) -> None:
    from dashboard.deployment import chosen
    from stores.settings import Settings
    from stores.store import duckdb_path

    assert Settings().store.url == serving.DEFAULT_STORE
    deployment.write_text(f'data_dir = "d"\n[store]\nurl = "{url}"\n', encoding="utf-8")
    where = serving.whereabouts(None, Path(data) if data else None)
    for given in ((None, data), (where.url, str(where.data))):  # by the deployment file; as run.py says it
        settings = chosen(None, *given)
        meant = duckdb_path(settings.store.url.removeprefix("duckdb://"), settings)
        assert meant == where.file
        assert settings.data_dir == where.data


def test_a_deployment_file_that_is_no_toml_is_said(deployment: Path) -> None:
    deployment.write_text("[store", encoding="utf-8")
    with pytest.raises(SetupError, match=r"district\.toml is not readable TOML"):
        serving.whereabouts(None, None)


def test_a_half_made_store_does_not_stay(
    tmp_path: Path, deployment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "data" / "ejia.duckdb"
    ran: list[str] = []

    def stop_in_load(*arguments: str) -> None:
        ran.append(arguments[0])
        if arguments[0] == "demo":
            Path(arguments[1]).mkdir()
            return
        store.write_bytes(b"half")
        store.with_name("ejia.duckdb.wal").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "ejia", stop_in_load)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            serving.provide_store(serving.whereabouts(None, tmp_path / "data"))
        assert not store.exists()
        assert not store.with_name("ejia.duckdb.wal").exists()
    assert ran == ["demo", "load", "load"]  # the finished demo folder is used again


def test_a_store_that_is_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ejia.duckdb").write_bytes(b"mine")
    monkeypatch.setattr(serving, "ejia", lambda *_: pytest.fail("nothing was to be run"))
    serving.provide_store(serving.whereabouts(None, tmp_path))
    serving.provide_store(serving.whereabouts("postgresql://db/ejia", tmp_path))
    assert (tmp_path / "ejia.duckdb").read_bytes() == b"mine"


# Setting up


def test_an_environment_that_is_ready_is_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "VENV", tmp_path)
    lock = ROOT / "requirements.txt"
    environment.stamp_of(lock).write_text(environment.fingerprint(lock))
    monkeypatch.setattr(environment, "alone", lambda: pytest.fail("it set up again"))
    assert environment.make_ready(lock) == PYTHON


def test_an_environment_left_half_filled_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "党建 e家" / ".venv"
    monkeypatch.setattr(environment, "VENV", folder)
    monkeypatch.setattr(environment, "PYTHON", folder / "bin" / "python")
    environment.make_venv()
    (folder / "mark").touch()
    environment.make_venv()
    assert (folder / "mark").exists()
    environment.unfinished().touch()
    environment.make_venv()
    assert not (folder / "mark").exists()
    assert (folder / "bin" / "python").exists()


def test_a_full_disk_and_a_locked_folder_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(ROOT)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SetupError, match="free"):
        environment.check_room()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SetupError, match="may not write"):
        environment.check_room()


def test_pip_gets_the_users_index_and_stays_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_INDEX_URL", "http://mirror.invalid/simple")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    given = environment.pip_environment({})
    assert given["PIP_INDEX_URL"] == "http://mirror.invalid/simple"
    assert "PIP_TARGET" not in given
    assert given["PIP_USER"] == "0"
    monkeypatch.setenv("PIP_INDEX_URL", "http://own.invalid/simple")
    assert environment.pip_environment({})["PIP_INDEX_URL"] == "http://own.invalid/simple"


def test_pips_configuration_files_are_read_as_pip_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "none"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    for folder, url in ((".pip", "http://old.invalid/"), (".config/pip", "http://own.invalid/")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "pip.conf").write_text(f"[global]\nindex-url = {url}\n", encoding="utf-8")
    assert first_pip.pip_settings()["index-url"] == "http://own.invalid/"
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert first_pip.pip_settings() == {}


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve an index of one wheel from this machine, in the lock by its hash; give the wheel."""
    folder = tmp_path / "simple" / "pip"
    folder.mkdir(parents=True)
    version = pinned_packages(ROOT / "requirements-setup.txt")["pip"][0]
    wheel = folder / f"pip-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pip/__init__.py", "")
    (folder / "index.html").write_text(f'<a href="{wheel.name}#sha256=0">{wheel.name}</a>', encoding="utf-8")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    monkeypatch.setattr(first_pip, "pinned_packages", lambda _: {"pip": (version, [digest])})

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(tmp_path))  # type: ignore[arg-type]

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield wheel
        server.shutdown()


def test_a_first_pip_comes_from_the_users_index(mirror: Path, tmp_path: Path) -> None:
    assert first_pip.pip_from_index(tmp_path).read_bytes() == mirror.read_bytes()


def test_a_first_pip_with_another_hash_is_not_used(mirror: Path, tmp_path: Path) -> None:
    mirror.write_bytes(mirror.read_bytes() + b"x")
    with pytest.raises(SetupError, match="another hash"):
        first_pip.pip_from_index(tmp_path)
    assert not list(tmp_path.glob("*.whl"))


def test_debians_pip_gets_its_own_authorities_where_the_system_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "pip" / "_vendor" / "certifi" / "core.py"
    code.parent.mkdir(parents=True)
    code.with_name("cacert.pem").write_text("authorities")
    monkeypatch.setattr(first_pip, "SYSTEM_AUTHORITIES", str(tmp_path / "none.crt"))
    code.write_text(f"WHERE = {first_pip.SYSTEM_AUTHORITIES!r}\n")
    first_pip.trust_own_authorities(tmp_path)
    given: dict[str, str] = {}
    exec(compile(code.read_text(), "core.py", "exec"), given)
    assert given["WHERE"] == str(code.with_name("cacert.pem"))
    (tmp_path / "none.crt").touch()
    code.write_text("untouched")
    first_pip.trust_own_authorities(tmp_path)
    assert code.read_text() == "untouched"


def test_an_index_that_does_not_answer_is_said_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:secret@127.0.0.1:9/simple")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(SetupError, match="does not answer") as refused:
        first_pip.pip_from_index(tmp_path)
    assert "secret" not in str(refused.value)


def test_without_any_pip_every_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(first_pip, "pip_version", lambda _: None)
    monkeypatch.setattr(first_pip, "PYTHON", shutil.which("false"))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SetupError) as refused:
        first_pip.find_pip(tmp_path)
    for word in ("no package index is set", "no apt-get", "python3-venv", "PIP_INDEX_URL"):
        assert word in str(refused.value)


def test_a_failed_installation_shows_pips_own_words(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("no-such==1 \\\n    --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    failing: list[str | Path] = [
        sys.executable,
        "-c",
        "print('Collecting no-such==1'); print('why'); raise SystemExit(1)",
    ]
    with pytest.raises(SetupError, match=r"(?s)why.*PIP_INDEX_URL"):
        environment.run_pip(failing, lock, {})


# Checking


def test_a_missing_part_fails_for_who_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PARTS", (checking.Part("chromium", lambda: False),))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError, match="sudo apt-get install chromium"):
        checking.provide_parts()


def test_a_check_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LIMIT", 0.5)
    result = checking.run("hangs", [sys.executable, "-c", "import time; time.sleep(60)"])
    assert result.code == -signal.SIGKILL
    assert result.seconds < 10


def test_the_summary_ends_with_pytests_closing_line(capsys: pytest.CaptureFixture[str]) -> None:
    closing = checking.closing_line(["x\n", "===== 2 failed, 3 passed in 1.25s =====\n", "\n"])
    assert closing == "2 failed, 3 passed in 1.25s"
    checking.summarise([checking.Result("style", 0, 1.0), checking.Result("tests", 1, 2.0, closing)])
    lines = capsys.readouterr().out.splitlines()
    assert "Not passed: tests" in lines[-2]
    assert lines[-1] == "=== 2 failed, 3 passed in 1.25s ==="


def test_ci_calls_the_newcomers_command_and_only_that() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec python3 check.py"]


# The end


def test_a_child_is_ended_with_its_own_children(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(2, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    script = tmp_path / "parent.sh"
    script.write_text(f'trap "" INT\n"$1" -c "{code}" &\nwait\n')
    with started_with_output(["sh", str(script), sys.executable]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        start = time.monotonic()
        serving.end(child)
        assert child.returncode == -signal.SIGTERM
        assert time.monotonic() - start < 9
        assert child.stdout.read() == b""  # nobody holds the other end any more


def started_with_output(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command as `serving.started` does, with its output at hand."""
    return subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0)


@pytest.mark.alone
def test_a_second_start_serves_at_once_and_ctrl_c_ends_it(loaded_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "党建 数据"
    shutil.copytree(loaded_data, data)
    port = serving.free_port(None)
    command = [sys.executable, ROOT / "run.py", "--data", data.name, "--port", str(port), "--lang", "en"]
    with subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as run:  # fmt: skip
        assert run.stdout is not None
        said = []
        for line in run.stdout:
            said.append(line)
            if "The wall:" in line:
                break
        assert f"http://127.0.0.1:{port}/?lang=en" in "".join(said), "".join(said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
        os.killpg(run.pid, signal.SIGINT)
        said += run.stdout.readlines()
        assert run.wait(20) == 0
    assert "Traceback" not in "".join(said), "".join(said)
    assert said[-1].strip() == "Stopped."
    assert serving.is_free(port)


def test_the_image_holds_every_room() -> None:
    image = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    let_in = (ROOT / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for part in (*ROOMS, "assets"):
        assert f"COPY {part} /opt/ejia/{part}\n" in image
        assert f"!{part}\n" in let_in


def test_the_readme_names_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```(?:sh|bash|console)\n(.*?)```", text, re.DOTALL))
    starters = set(re.findall(r"python3 (\S+\.py)", blocks))
    assert {"run.py", "check.py"} <= starters
    assert all((ROOT / starter).is_file() for starter in starters)
    named = set(re.findall(r"(?:^|/|\s)ejia ([a-z]+)", blocks))
    assert {"demo", "load"} <= named
    for command in sorted(named):
        asked = subprocess.run(
            [PYTHON, "-P", "-c", START, command, "--help"], capture_output=True, cwd=ROOT, check=False
        )
        assert asked.returncode == 0, f"ejia {command}: {asked.stderr.decode()}"


START = "import sys; sys.path.append('.'); from dashboard.commands import app; app(prog_name='ejia')"
