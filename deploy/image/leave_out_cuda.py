"""Take CUDA's libraries out of an installed torch that will only ever see a CPU.

The torch that PyPI serves for Linux is linked against them, so that they must be there to be loaded
at all (2.7 GB), although nothing calls them on a machine without a GPU. Each one that torch's own
libraries name is replaced by a stub of a few kB with the same name, symbols and symbol versions,
whose every function answers with an error; the rest, and triton, are deleted. CUDA's runtime
itself stays, so that torch is told in the ordinary way that there is no device; a device that the
host offers all the same is hidden. Needs binutils.

    python deploy/image/leave_out_cuda.py .venv/lib/python3.11/site-packages
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: Small, and asked before anything else: whether there is a device.
KEPT = re.compile(r"lib(cudart|cupti)\.so")
#: Loaded only when something is computed on a device.
UNUSED = ("torch/lib/libtorch_cuda_linalg.so", "triton", "cuda")
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
#: cudaErrorUnknown; not zero, and so an error to cuBLAS, cuDNN, NCCL and the others too.
_ERROR = 999
#: Carried out by every start of this Python.
_HIDE = 'import os; os.environ["CUDA_VISIBLE_DEVICES"] = ""\n'


def _output(*command: str | Path) -> str:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def _symbols(library: Path, which: str) -> Iterator[tuple[str, str]]:
    """Name and version of each dynamic symbol that a library has, or asks for."""
    for line in _output("nm", "-D", "--with-symbol-versions", which, library).splitlines():
        name, _, version = line.split()[-1].partition("@")
        yield name, version.lstrip("@")


def _stub(library: Path, wanted: set[tuple[str, str]]) -> None:
    """Replace one library by functions of the same names that answer with an error."""
    with tempfile.TemporaryDirectory() as folder:
        source, script, built = (Path(folder, name) for name in ("stub.s", "stub.map", "stub.so"))
        lines = ['.section .note.GNU-stack,"",@progbits', ".text"]
        versions: dict[str, list[str]] = {}
        for name, version in sorted(wanted):
            lines += [f".globl {name}", f".type {name},@function", f"{name}:",
                      f"mov ${_ERROR}, %eax", "ret", f".size {name}, .-{name}"]  # fmt: skip
            if version:
                versions.setdefault(version, []).append(name)
        source.write_text("\n".join([*lines, ""]))
        blocks = [f"{v} {{ global: {'; '.join(names)}; }};" for v, names in versions.items()]
        script.write_text("\n".join(blocks))
        _output("as", "-o", source.with_suffix(".o"), source)
        link = ["ld", "-shared", "-soname", library.name, "-o", built, source.with_suffix(".o")]
        _output(*link, *([f"--version-script={script}"] if blocks else []))
        library.unlink()  # it may be a hard link into uv's cache
        shutil.copyfile(built, library)


def leave_out(site: Path) -> list[str]:
    """Do it.

    Args:
        site: The site-packages folder.

    Returns:
        Names of the libraries that are stubs now.
    """
    for name in UNUSED:
        path = site / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    ours = sorted((site / "torch" / "lib").glob("*.so"))
    asked = {symbol for path in ours for symbol in _symbols(path, "--undefined-only")}
    needed = {name for path in ours for name in _NEEDED.findall(_output("readelf", "-d", path))}
    stubs = []
    for path in sorted((site / "nvidia").rglob("*")):
        if path.is_dir() or KEPT.match(path.name):
            continue
        if path.name in needed:
            has = dict(_symbols(path, "--defined-only"))
            # some bring a C++ runtime along, which must come from the real one
            mine = {name for name, _ in asked if name in has and not name.startswith("_")}
            _stub(path, {(name, has[name]) for name in mine})
            stubs.append(path.name)
        elif path.suffix not in (".txt", ".md"):  # licences stay
            path.unlink()
    (site / "without_cuda.pth").write_text(_HIDE)
    return stubs


if __name__ == "__main__":
    print("Stubs:", *leave_out(Path(sys.argv[1])))
