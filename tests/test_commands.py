"""The console says what is wrong in a sentence, ends with the promised code, and soon serves."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_district import open_small
from typer.testing import CliRunner, Result

from dashboard.commands import app
from dashboard.deployment import chosen

ROOT = Path(__file__).resolve().parent.parent
EJIA = [sys.executable, "-c", "from dashboard.commands import app; app(prog_name='ejia')"]


def run(*arguments: str) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with a small real store, closed."""
    folder = tmp_path_factory.mktemp("data with 空格")
    open_small(folder).store.close()
    return folder


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_help_names_the_commands() -> None:
    text = run("--help").output
    for name in ("demo", "load", "serve", "status"):
        assert name in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["serve", "--port", "0"],
        ["serve", "--port", "many"],
        ["serve", "--data", "/nowhere/at/all"],
        ["status", "--store", "oracle://host/db"],
        ["status", "--district", "/nowhere/district.toml"],
        ["load", "/nowhere/at/all"],
        ["load"],
        ["demo"],
    ],
)
def test_bad_usage_ends_with_2_and_without_a_traceback(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.output.strip()
    assert "Traceback" not in result.output


def test_asking_about_a_missing_store_makes_none(tmp_path: Path) -> None:
    result = run("status", "--data", str(tmp_path))
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "ejia load" in result.output


def test_status_counts_what_is_there(data: Path) -> None:
    result = run("status", "--data", str(data))
    assert result.exit_code == 0, result.output
    assert "organisation" in result.output
    assert "2019-02-28" in result.output


def calendar(folder: Path, *rows: str) -> Path:
    """Write a folder with the smallest source there is: a calendar of workdays."""
    folder.mkdir(exist_ok=True)
    declared = 'name = "calendar"\nas_of = 2019-02-28\n[[file]]\npath = "工作日历.csv"\nlayout = "workday"\n'
    (folder / "ejia-source.toml").write_text(declared, "utf-8")
    (folder / "工作日历.csv").write_text("\n".join(["日期,是否工作日", *rows]), "utf-8")
    return folder


def test_loading_tells_each_row_and_twice_changes_nothing(tmp_path: Path) -> None:
    source = str(calendar(tmp_path / "in", "2019-02-27,是", "2019-02-28,是"))
    first = run("load", source, "--data", str(tmp_path / "data"))
    again = run("load", source, "--data", str(tmp_path / "data"))
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    total = next(line for line in again.output.splitlines() if "sum" in line)
    assert [cell.strip() for cell in total.split("│")[3:7]] == ["2", "0", "0", "2"]


def test_rejected_rows_end_with_1_and_say_what_to_do(tmp_path: Path) -> None:
    source = calendar(tmp_path / "in", "2019-02-27,是", "2019-02-99,是")
    result = run("load", str(source), "--data", str(tmp_path / "data"))
    assert result.exit_code == 1, result.output
    assert "2019-02-99" in result.output
    assert list((source / "rejects").iterdir())


def test_a_load_that_cannot_be_leaves_no_store(tmp_path: Path) -> None:
    source = calendar(tmp_path / "in", "2019-02-27,是")
    (source / "工作日历.csv").write_text("a,b\n1,2\n", "utf-8")
    result = run("load", str(source), "--data", str(tmp_path / "data"))
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not (tmp_path / "data" / "ejia.duckdb").exists()


def test_the_demo_is_not_written_over_other_peoples_files(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = run("demo", str(tmp_path))
    assert (result.exit_code, [file.name for file in tmp_path.iterdir()]) == (2, ["letter.txt"])


def test_a_taken_port_is_named(data: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        result = run("serve", "--data", str(data), "--port", port)
    assert result.exit_code == 2
    assert port in result.output


def test_the_data_folder_brings_its_own_store(tmp_path: Path) -> None:
    assert chosen(data=str(tmp_path)).store.url == f"duckdb:///{tmp_path / 'ejia.duckdb'}"
    assert chosen(data=str(tmp_path), store="duckdb:////x/y.duckdb").store.url == "duckdb:////x/y.duckdb"
    assert chosen().store.url == "duckdb:///data/ejia.duckdb"


def answers(port: int) -> bool:
    """Tell whether a server says that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def processor_seconds() -> float:
    """Count the processor time of children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_the_server_is_soon_up_and_ends_cleanly(data: Path) -> None:
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started, worked = time.monotonic(), processor_seconds()
    command = [*EJIA, "serve", "--data", str(data), "--port", str(port)]
    child = subprocess.Popen(
        command, cwd=data, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        while not answers(port) and child.poll() is None and time.monotonic() - started < 60:
            time.sleep(0.05)
        assert answers(port), child.communicate(timeout=5)
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=10)[0].decode()
    finally:
        child.kill()
    assert child.returncode == 0, said
    assert "Traceback" not in said
    assert processor_seconds() - worked < 5  # the clock says as much on a machine that does nothing else


def ejia(data: Path, *arguments: str, typed: str = "") -> Result:
    """Run one command on a data folder, with something typed or piped in."""
    return CliRunner().invoke(app, [*arguments, "--data", str(data)], input=typed)


def test_accounts_are_made_listed_changed_and_disabled(data: Path) -> None:
    secret = "a long enough secret\n"
    made = ejia(data, "user", "add", "chief", "--role", "leader", "--password-file", "-", typed=secret)
    assert (made.exit_code, "place:320115" in made.output) == (0, True)
    typed = ejia(data, "user", "add", "night", "--place", "320115001", typed=secret * 2)
    assert typed.exit_code == 0, typed.output
    assert "long enough" not in typed.output
    listed = ejia(data, "user", "list").output
    assert "chief" in listed
    assert "night" in listed
    assert (
        ejia(data, "user", "scope", "night", "--under", "O10001").output.strip()
        == "night: affiliation:O10001"
    )
    assert ejia(data, "user", "passwd", "night", "--password-file", "-", typed=secret).exit_code == 0
    assert ejia(data, "user", "disable", "chief").exit_code == 0
    log = ejia(data, "audit", "export").output
    for act in ("user add", "user scope", "user passwd", "user disable"):
        assert act in log
    assert "long enough" not in log


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "add", "x y", "--password-file", "-"],
        ["user", "add", "boss", "--role", "king", "--password-file", "-"],
        ["user", "add", "boss", "--place", "999", "--password-file", "-"],
        ["user", "add", "boss", "--under", "O99", "--password-file", "-"],
        ["user", "add", "boss", "--password-file", "/nowhere"],
        ["user", "add", "boss", "--password", "on the command line"],
        ["user", "disable", "nobody"],
        ["user", "passwd", "nobody", "--password-file", "-"],
        ["user", "scope", "nobody"],
        ["audit", "show", "everything"],
    ],
)
def test_an_unfit_account_is_refused_in_a_sentence(data: Path, arguments: list[str]) -> None:
    result = ejia(data, *arguments, typed="a long enough secret\n")
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert "boss" not in ejia(data, "user", "list").output
