"""Take out of an environment what a server never reads: `python3 slim.py SITE_PACKAGES` says how much.

Each rule names files by their place among the packages and says why they may go. Nothing that is imported
goes; the image is proved by a demo loaded, served and backed up in it.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

RULES = (
    ("**/tests", "packages' own tests"),
    ("**/*.pyi", "types for checkers"),
    ("**/*.pyx", "sources of what is compiled"),
    ("**/*.pxd", "sources of what is compiled"),
    ("**/*.pxi", "sources of what is compiled"),
    ("**/*.map", "maps from shipped JavaScript to its sources"),
    ("**/*.dev.js", "JavaScript for its developers"),
    ("**/__pycache__", "made at the first start, in memory"),
    ("pyarrow/include", "headers"),
    ("pyarrow/src", "headers"),
    ("numpy/_core/include", "headers"),
    ("pyarrow/*flight*", "Arrow's network protocol"),
    ("pyarrow/*gandiva*", "Arrow's compiler"),
    ("pyarrow/*s3*", "Arrow's reader of object stores"),
    ("plotly/graph_objs/*/", "a class for each option of a figure; ours are plain values"),
    ("plotly/labextension", "for notebooks"),
    ("plotly/package_data/widgetbundle.js", "for notebooks"),
    ("plotly/package_data/datasets", "examples"),
    ("plotly/validators", "checks figures that are made as objects; ours are plain values"),
    ("pygments/lexers/[a-z]*.py", "colours for sources of 500 languages; nothing is shown in colours here"),
    ("pygments/lexers/_*_builtins.py", "the same"),
    ("**/*.a", "libraries for linking"),
    ("dash_*/metadata.json", "what the components' Python was written from"),
    ("setuptools", "builds packages; nothing is built here"),
    ("_distutils_hack", "belongs to setuptools"),
    ("distutils-precedence.pth", "belongs to setuptools"),
    ("tzdata", "the system has it"),
    ("dash/deps/*/demo*", "demonstrations"),
    ("scipy/stats", "not used, and by nothing that is"),
    ("scipy/signal", "not used, and by nothing that is"),
    ("scipy/io", "not used, and by nothing that is"),
    ("scipy/integrate", "not used, and by nothing that is"),
    ("scipy/interpolate", "not used, and by nothing that is"),
    ("scipy/cluster", "not used, and by nothing that is"),
    ("scipy/odr", "not used, and by nothing that is"),
    ("scipy/fftpack", "not used, and by nothing that is"),
    ("scipy/datasets", "not used, and by nothing that is"),
    ("scipy/differentiate", "not used, and by nothing that is"),
    ("scipy/misc", "not used, and by nothing that is"),
)


def slim(site: Path) -> int:
    """Remove what the rules name and the symbols that only a debugger reads; return the bytes."""
    gone = strip(site) + share(site)
    for pattern, _ in RULES:
        for path in sorted(site.glob(pattern)):
            if not path.exists() and not path.is_symlink():
                continue
            gone += weight(path)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    return gone


def strip(site: Path) -> int:
    """Take symbols that nothing links to out of compiled parts, where binutils is there; return bytes."""
    tool = shutil.which("strip")
    parts = [path for path in site.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    before = sum(map(weight, parts))
    for path in parts if tool else ():
        lean = path.with_name(path.name + ".lean")
        done = subprocess.run(
            [str(tool), "--strip-unneeded", "-o", str(lean), str(path)], check=False, capture_output=True
        )
        if done.returncode == 0 and loads(lean):
            lean.chmod(path.stat().st_mode)
            lean.replace(path)
        lean.unlink(missing_ok=True)
    return before - sum(map(weight, parts))


def loads(path: Path) -> bool:
    """Tell whether the loader takes a library (ELF, 64 bit): strip may misplace parts that were renamed."""
    data = path.read_bytes()
    if data[:5] != b"\x7fELF\x02":
        return False
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for number in range(count):
        kind, _, offset, address, _, _, _, align = struct.unpack_from(
            "<IIQQQQQQ", data, start + number * size
        )
        if kind == 1 and align > 1 and (offset - address) % align:
            return False
    return True


def share(site: Path) -> int:
    """Let names of one library be links again: a wheel can hold no links, only copies; return the bytes."""
    gone = 0
    for path in sorted(site.glob("pyarrow/lib*.so")):
        for copy in sorted(path.parent.glob(f"{path.name}.*")):
            if not copy.is_symlink() and copy.read_bytes() == path.read_bytes():
                gone += weight(copy)
                copy.unlink()
                copy.symlink_to(path.name)
    return gone


def weight(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    parts = path.rglob("*") if path.is_dir() else (path,)
    return sum(part.lstat().st_size for part in parts if not part.is_dir())


if __name__ == "__main__":
    site = Path(sys.argv[1])
    before = weight(site)
    gone = slim(site)
    print(f"{before / 1e6:.0f} MB of packages, {gone / 1e6:.0f} MB taken out")
