"""Every block of commands in the guides, run as a reader would, against one demo.

A block of `text` after it is what the reader sees: its lines are in the output, in that order,
`...` stands for whatever is between. A block that is not run says why (`REASONS`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.brokers import ROOT
from tests.support.guides import GUIDES, Block, blocks
from tests.support.processes import ChildProcess, wait_for
from tests.support.prompt import write_client

pytestmark = pytest.mark.broker

FIRST: Final = "docs/tutorial.md"
"""What it shows are jobs of the demo alone."""
WIDTH: Final = "120"
JOIN: Final = "export BROKER_URL="
"""Begins the line of the demo that another terminal copies."""
WITHIN_SECONDS: Final = 30.0
"""A reader looks again: what was published is worked off within seconds."""
SCORE: Final = re.compile(r"\b0\.\d\d\b")
LOOKS: Final = re.compile(r"matcher-stream (?:watch|review list|review show|verify)\b")
"""Begins a line that changes nothing, and may have come too early."""
SHELL: Final = """set -euo pipefail
source {state}
cd "$PWD"
{{
{text}}}
export -p > {state}
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running `matcher-stream dev`.

    Attributes:
        broker: Its HOST:PORT.
        worker: The same of its worker's pages.
        told: What it had printed when it was ready.
    """

    broker: str
    worker: str
    told: str


def _pages() -> dict[str, list[Block]]:
    """Blocks of commands and what they print, by page, the first page of a newcomer first.

    `docs/files.md` has a test of its own (`test_data.py`).
    """
    found = {
        guide: [b for b in blocks(guide) if b.language in ("bash", "text")] for guide in GUIDES
    }
    return {
        guide: listed
        for guide, listed in sorted(found.items(), key=lambda each: each[0] != FIRST)
        if any(block.language == "bash" and not block.reason for block in listed)
    }


PAGES: Final = _pages()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo of the tutorial, ready."""
    log = tmp_path_factory.mktemp("demo") / "dev.log"
    command = [sys.executable, "-c", "from matcher_stream.cli import main; main()", "dev"]
    env = {**os.environ, "COLUMNS": WIDTH}
    child = ChildProcess("demo", [*command, "--fake-llm"], log, env, cwd=ROOT)
    child.start()
    try:
        wait_for(lambda: not child.alive or JOIN in log.read_text(), 180, "the demo to be ready")
        assert child.alive, child.tail()
        told = log.read_text()
        broker = re.search(rf"{JOIN}kafka://(\S+)", told)
        worker = re.search(r"Trabajador en http://(\S+)", told)
        assert broker
        assert worker
        yield Demo(broker[1], worker[1], told)
    finally:
        child.reap()


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for the path, with a `matcher-stream` that starts at once."""
    folder = tmp_path_factory.mktemp("programs")
    address = folder / "socket"
    server = ChildProcess(
        "commands", [sys.executable, "-m", "tests.support.prompt", str(address)], folder / "log",
        {**os.environ, "COLUMNS": WIDTH}, cwd=ROOT,
    )  # fmt: skip
    write_client(folder / "matcher-stream", address)
    server.start()
    try:
        wait_for(lambda: not server.alive or address.exists(), 120, "commands to be imported")
        assert server.alive, server.tail()
        yield folder
    finally:
        server.reap()


@pytest.mark.parametrize("guide", PAGES)
def test_a_guide_s_commands_do_what_it_says(
    guide: str, demo: Demo, programs: Path, tmp_path: Path
) -> None:
    shell = Shell(demo, programs, tmp_path)
    said = demo.told  # of what is not run, only the demo's output is shown
    for number, block in enumerate(PAGES[guide]):
        if block.language == "text":
            assert shown(block.text, said), f"{block.place}: not in\n{said}"
        elif block.reason:
            said = demo.told
        else:
            following = PAGES[guide][number + 1 : number + 2]
            expected = following[0].text if following and following[0].language == "text" else ""
            said = shell.run(block, expected)


def test_the_readme_shows_what_the_demo_prints(demo: Demo) -> None:
    (block,) = (block for block in blocks("README.md") if block.language == "text")
    *lines, last = block.text.splitlines()
    assert shown("\n".join(lines), demo.told)
    pattern = re.sub(r"\\?\d+\\? segundos", r"\\d+ segundos", re.escape(last))
    assert re.search(pattern, demo.told), last


class Shell:
    """A reader's terminal: what is exported stays, as does the folder; addresses are the demo's.

    Args:
        demo: What the guides talk to.
        programs: Comes first on the path.
        folder: Where files are written.
    """

    def __init__(self, demo: Demo, programs: Path, folder: Path) -> None:
        self._demo = demo
        self._path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        self._folder = folder
        self._state = folder / ".exported"
        self._state.write_text(f"{JOIN}kafka://{demo.broker} MATCHER_PRODUCER_BATCH=1\n")

    def run(self, block: Block, expected: str) -> str:
        """What a block prints; what only looks does so until it shows what is expected."""
        started = time.monotonic()
        text = block.text.replace("127.0.0.1:9092", self._demo.broker)
        text = text.replace("127.0.0.1:6066", self._demo.worker)
        code, said = self._once(text)
        looks = "\n".join(line for line in text.splitlines() if LOOKS.match(line))
        while (code or not shown(expected, said)) and looks:
            if time.monotonic() - started > WITHIN_SECONDS:
                break
            code, said = self._once(f"{looks}\n")
        assert code == 0, f"{block.place}: ended with {code}\n{said}"
        return said

    def _once(self, text: str) -> tuple[int, str]:
        environment = {**os.environ, "PATH": os.pathsep.join(self._path), "COLUMNS": WIDTH}
        environment["TMPDIR"] = str(self._folder)
        done = subprocess.run(
            ["bash", "-c", SHELL.format(state=self._state, text=text)],
            cwd=self._folder, env=environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


def _plain(text: str) -> list[str]:
    return SCORE.sub("0.nn", text).replace("\N{NO-BREAK SPACE}", " ").splitlines()


def shown(expected: str, said: str) -> bool:
    """Whether the expected lines are parts of lines of the output, in their order.

    Scores move with models and weights, so one is as good as another; so is any kind of space.
    """
    lines: Sequence[str] = _plain(said)
    for wanted in _plain(expected):
        if wanted != "...":
            here = [number for number, line in enumerate(lines) if wanted.strip() in line]
            if not here:
                return False
            lines = lines[here[0] + 1 :]
    return True
