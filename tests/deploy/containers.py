"""A container engine, where there is one."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

_BUILT = Path.home() / ".cache" / "matcher-stream" / "tools" / "docker-compose"


def run(
    command: Sequence[str], seconds: float = 60, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        list(command), capture_output=True, text=True, check=False, timeout=seconds,
        env={**os.environ, "DOCKER_BUILDKIT": "1", **env},
    )  # fmt: skip


@functools.cache
def docker() -> str:
    """The engine's client; skips the test where no engine answers."""
    for found in filter(None, (os.environ.get("DOCKER"), shutil.which("docker"))):
        if run([found, "info", "--format", "{{.ServerVersion}}"]).returncode == 0:
            return found
    pytest.skip("no container engine answers here: start docker, or name its socket in DOCKER_HOST")


@functools.cache
def compose_program() -> tuple[str, ...]:
    """Compose, as a plugin of docker or by itself; skips the test where there is none."""
    for found in (["docker", "compose"], ["docker-compose"], [str(_BUILT)]):
        if shutil.which(found[0]) and run([*found, "version"]).returncode == 0:
            return tuple(found)
    pytest.skip("docker compose is not here")


def ok(command: Sequence[str], seconds: float = 60, **env: str) -> str:
    """Run a program that must succeed; returns what it says."""
    done = run(command, seconds, **env)
    assert done.returncode == 0, (
        f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )
    return done.stdout


Environment = Mapping[str, str]
