"""What tests of the real encoder share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cache folder that starts empty: the first encoder of a precision is tuned, the rest not."""
    return tmp_path_factory.mktemp("tuned")
