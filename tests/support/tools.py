"""Programs that are built once a machine, or stand on the path."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

BUILT: Final = Path.home() / ".cache" / "matcher-stream" / "tools"


def tool(name: str) -> str:
    """Where a program is, from the path or from `make NAME`; skips the test where it is not."""
    found = shutil.which(name) or next(map(str, sorted(BUILT.glob(f"{name}-*"))), None)
    if found is None:
        pytest.skip(f"{name} is not here: `make {name}` builds it")
    return found
