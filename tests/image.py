"""Run the image where no Docker engine is at hand: root read-only, its own user, no rights, tmpfs on /tmp.

What `docker run --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp -v …:/data` does, by
the kernel's own means (mount and pid namespaces, chroot, setpriv). As root, on Linux.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
_SCRIPT = """
set -e
root=$1; data=$2; backups=$3; mounts=$4; shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
while [ "$mounts" -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; : > "$root$2"; fi
    mount --bind "$1" "$root$2"
    mount -o remount,ro,bind "$root$2"
    shift 2
    mounts=$((mounts - 1))
done
mount -o remount,ro,bind "$root"
mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom; do
    : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
mount --bind "$data" "$root/data"
mount --bind "$backups" "$root/backups"
exec chroot "$root" /usr/bin/env -i SETTINGS="$SETTINGS" /usr/bin/setpriv \\
    --reuid "$UID_" --regid "$UID_" --clear-groups --bounding-set -all --inh-caps -all --no-new-privs \\
    --pdeathsig KILL /bin/sh -c 'eval "$SETTINGS"; unset SETTINGS; exec "$@"' sh "$@"
"""


class Image:
    """Hold a built image and a place where its files can be seen."""

    def __init__(self, name: str) -> None:
        told = json.loads(_said("buildah", "inspect", "--type", "image", name))
        self.config: dict[str, Any] = told["Docker"]["config"]
        self.size = _bytes(name)
        self._container = _said("buildah", "from", name)
        self.root = Path(_said("buildah", "mount", self._container))

    def close(self) -> None:
        """Let the container go; the image stays for the next build."""
        _said("buildah", "rm", self._container)

    @contextlib.contextmanager
    def started(
        self,
        *words: str,
        data: Path,
        backups: Path,
        env: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
    ) -> Iterator[subprocess.Popen[str]]:
        """Start the image's entry point with these words, and end it with everything it started.

        Args:
            words: what the entry point is given.
            data, backups: folders that are the volumes.
            env: variables beside the image's own.
            mounts: place inside → file or folder of this machine, to be read only.
        """
        settings = dict(one.split("=", 1) for one in self.config["Env"]) | dict(env or {})
        settings |= {"HOME": "/data"}
        exported = "".join(f"export {name}={shlex.quote(value)}; " for name, value in settings.items())
        user = self.config["User"]
        inside = [*self.config["Entrypoint"], *words]
        bound = [part for target, source in (mounts or {}).items() for part in (str(source), target)]
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _SCRIPT, "sh"]
        with subprocess.Popen(
            [*command, str(self.root), str(data), str(backups), str(len(mounts or {})), *bound, *inside],
            env={**os.environ, "UID_": user, "SETTINGS": f"cd {self.config['WorkingDir']}; {exported}"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as child:  # fmt: skip
            try:
                yield child
            finally:
                if child.poll() is None:
                    child.send_signal(signal.SIGKILL)  # the namespace's first process takes all with it

    def run(
        self,
        *words: str,
        data: Path,
        backups: Path,
        env: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
    ) -> tuple[int, str]:
        """Run the entry point to its end; return exit code and what it said; see ``started``."""
        with self.started(*words, data=data, backups=backups, env=env, mounts=mounts) as child:
            said, _ = child.communicate(timeout=600)
            return child.returncode, said

    def require_healthy(self, port: int, served: subprocess.Popen[str]) -> None:
        """Ask the image's own health check, at the port that is free here, until it says yes."""
        said: list[str] = []
        threading.Thread(target=lambda: said.extend(served.stdout or ()), daemon=True).start()
        test = [word.replace("8050", str(port)) for word in self.config["Healthcheck"]["Test"][1:]]
        until = time.monotonic() + 120
        while time.monotonic() < until and served.poll() is None:
            done = subprocess.run(["chroot", str(self.root), *test], capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.5)
        pytest.fail("the health check never passed: " + "".join(said)[-2000:])


def built(name: str) -> Image:
    """Build the image as the script does and give it."""
    done = subprocess.run(
        [ROOT / "docker" / "build-without-engine.sh", name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return Image(name)


def _bytes(name: str) -> int:
    """Return the bytes of all layers, unpacked, as `docker images` counts them."""
    manifest = json.loads(_said("buildah", "inspect", "--type", "image", name))
    layers = manifest["OCIv1"]["rootfs"]["diff_ids"]
    storage = Path("/var/lib/containers/storage/overlay-layers/layers.json")
    sizes = {one.get("diff-digest"): one.get("diff-size", 0) for one in json.loads(storage.read_text())}
    return sum(sizes[layer] for layer in layers)


def _said(*command: str) -> str:
    """Run a command and return what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stderr}"
    return done.stdout.strip()


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
