"""A first pip for a python that comes without one."""

from __future__ import annotations

import base64
import configparser
import contextlib
import hashlib
import html.parser
import os
import shutil
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bootstrap.base import PYTHON, SETUP_LOCK, SetupError, pinned_packages, pip_version, say

SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def find_pip(scratch: Path) -> tuple[list[str | Path], dict[str, str]]:
    """Return a command that runs some pip for `.venv`, and the variables that it needs.

    In turn: the pip in `.venv`; the one in python's own ensurepip; the system's pip; the locked wheel from
    the index that the user has set; Debian's package of pip, unpacked into `scratch` without installing it.

    Raises:
        SetupError: none of them is there; the text names each way out.
    """
    inside: list[str | Path] = [PYTHON, "-m", "pip"]
    if pip_version(inside):
        return inside, {}
    if subprocess.run([PYTHON, "-m", "ensurepip", "-q"], capture_output=True, check=False).returncode == 0:
        return inside, {}
    system: list[str | Path] = [sys.executable, "-m", "pip"]
    version = pip_version(system)
    if version and tuple(map(int, version.split(".")[:2])) >= (22, 3):  # the first with --python
        return [*system, "--python", PYTHON], {}
    reasons = []
    for way in (pip_from_index, pip_from_debian):
        try:
            found = way(scratch)
        except SetupError as refused:
            reasons.append(f"  - {refused}")
        else:
            return inside, {"PYTHONPATH": str(found)}
    raise SetupError(
        "\n".join([
            f"{sys.executable} comes without pip, and none could be had:", *reasons,
            "One of these helps: install pip (Debian: apt-get install python3-venv; Fedora: dnf install",
            "python3-pip), or set PIP_INDEX_URL to the package index that this machine may reach.",
        ])
    )  # fmt: skip


def pip_from_index(scratch: Path) -> Path:
    """Fetch the locked pip wheel from the index that the user has set; its hash must be in the lock.

    Raises:
        SetupError: no index is set, it does not answer, it lacks the wheel, or the hash is another.
    """
    setting = {**pip_settings(), **index_from_environment()}
    if not (index := setting.get("index-url")):
        raise SetupError("no package index is set (PIP_INDEX_URL or pip's configuration file)")
    version, hashes = pinned_packages(SETUP_LOCK)["pip"]
    wanted = f"pip-{version}-py3-none-any.whl"
    say(f"  fetching {wanted} from the index that is set")
    page = index.rstrip("/") + "/pip/"
    links = Links()
    links.feed(fetch(page, setting).decode("utf-8", "replace"))
    for link in links.found:
        address = urllib.parse.urljoin(page, link)
        if urllib.parse.unquote(urllib.parse.urlsplit(address).path).endswith("/" + wanted):
            content = fetch(address, setting)
            if hashlib.sha256(content).hexdigest() not in hashes:
                raise SetupError(
                    f"{wanted} from the index that is set has another hash than the lock: not used"
                )
            wheel = scratch / wanted
            wheel.write_bytes(content)
            return wheel
    raise SetupError(f"the index that is set does not have {wanted}")


def pip_from_debian(scratch: Path) -> Path:
    """Unpack Debian's pip into `scratch`, as root or not; apt checks its signature, nothing gets installed.

    Raises:
        SetupError: this is no Debian, or its archive does not answer.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SetupError("this system has no apt-get")
    say("  fetching Debian's pip (unpacked aside, not installed)")
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    apt = [
        "apt-get", "-qq", "-o", f"Dir::State::lists={scratch}/lists", "-o", f"Dir::Cache={scratch}/cache",
        "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none",
    ]  # fmt: skip
    step(scratch, [*apt, "update"])
    step(scratch, [*apt, "download", "python3-pip-whl"])
    for package in sorted(scratch.glob("*.deb")):
        step(scratch, ["dpkg-deb", "-x", str(package), str(scratch / "unpacked")])
    wheels = sorted(scratch.glob("unpacked/usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise SetupError("Debian's python3-pip-whl holds no wheel of pip")
    unpacked = scratch / "pip"
    with zipfile.ZipFile(wheels[-1]) as wheel:
        wheel.extractall(unpacked)
    trust_own_authorities(unpacked)
    return unpacked


def trust_own_authorities(folder: Path) -> None:
    """Point an unpacked pip to the authorities that it carries, where the system has none.

    Debian's pip looks for them in the system only, and stops when that file is missing, even if the user
    names another (PIP_CERT goes on top of these).
    """
    carried = folder / "pip" / "_vendor" / "certifi" / "cacert.pem"
    code = carried.with_name("core.py")
    if Path(SYSTEM_AUTHORITIES).exists() or not (carried.is_file() and code.is_file()):
        return
    text = code.read_text(encoding="utf-8")
    for quote in ("'", '"'):
        text = text.replace(f"{quote}{SYSTEM_AUTHORITIES}{quote}", repr(str(carried)))
    code.write_text(text, encoding="utf-8")


def step(folder: Path, command: list[str]) -> None:
    """Run one outside command in `folder`; raise SetupError with its last words when it fails."""
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["nothing"]
        raise SetupError(f"{command[0]} said: {said[0]}")


class Links(html.parser.HTMLParser):
    """Collect the targets of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the target of each link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def fetch(address: str, setting: Mapping[str, str]) -> bytes:
    """Return what stands at an address, by the user's proxy and certificates.

    Raises:
        SetupError: no answer, or not a good one. The address is not repeated: it may hold a password.
    """
    trust = ssl.create_default_context(cafile=setting.get("cert"))
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=trust)]
    if proxy := setting.get("proxy"):
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(
        urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    )
    if parts.username:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=60) as answer:
            content: bytes = answer.read()
    except (OSError, ValueError) as failed:
        raise SetupError(f"the index that is set does not answer ({failed})") from failed
    return content


def index_from_environment() -> dict[str, str]:
    """Return pip's settings that stand in the environment, uv's name for the index included."""
    names = {
        "index-url": ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"),
        "cert": ("PIP_CERT", "SSL_CERT_FILE"),
        "proxy": ("PIP_PROXY",),
    }
    return {
        key: value
        for key, variables in names.items()
        if (value := next((os.environ[name] for name in variables if os.environ.get(name)), None))
    }


def pip_settings() -> dict[str, str]:
    """Return what pip's configuration files set ([global] and [install]); a later file wins, as in pip."""
    home = Path.home()
    shared = [
        Path(folder) / "pip" for folder in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if folder
    ]
    own = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip"
    files = [*(folder / "pip.conf" for folder in shared), Path("/etc/pip.conf")]
    files += [home / ".pip" / "pip.conf", own / "pip.conf"]
    if named := os.environ.get("PIP_CONFIG_FILE"):
        files = [] if named == os.devnull else [*files, Path(named)]
    reader = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error, OSError):
        reader.read(files, encoding="utf-8")
    return {
        key: value
        for part in ("global", "install")
        if reader.has_section(part)
        for key, value in reader[part].items()
    }
