"""One Kubernetes for all tests of this folder, and a namespace for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import pytest

from tests.deploy.kubernetes.control_plane import ControlPlane

_NUMBERS: Final = itertools.count(1)
#: What the chart is asked for, and where a pod that is somebody or writes to its image is refused.
_RESTRICTED: Final = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")
}


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    running = ControlPlane(tmp_path_factory.mktemp("kubernetes"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def namespace(plane: ControlPlane) -> str:
    """A new one, in which nothing is allowed that a safe pod does not need."""
    name = f"empleo-{next(_NUMBERS)}"
    plane.apply({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": _RESTRICTED},
    })  # fmt: skip
    return name
