"""One matcher worker as a child process, watched through its web pages."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

from matcher_stream.local.processes import Child, check_port
from schemas.errors import EnvironmentFailure

ROOT: Final = Path(__file__).resolve().parents[2]
POLL_SECONDS: Final = 0.1
_SAMPLE: Final = re.compile(r"^([a-z_]+)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)


class WorkerEnded(EnvironmentFailure):
    """The worker ended by itself. Operator: its log says why."""


class Worker:
    """A running worker.

    Args:
        child: Its process.
        url: Its web address.
        session: For asking its pages.
    """

    def __init__(self, child: Child, url: str, session: aiohttp.ClientSession) -> None:
        self._child = child
        self.url = url
        self._session = session

    def check_alive(self) -> None:
        """Raise WorkerEnded if the process has ended, with the last thing it said."""
        if self._child.exit_code is not None:
            raise WorkerEnded(
                f"El trabajador terminó con código {self._child.exit_code} "
                f"({_last_words(self._child.tail())}); su registro está en {self._child.log}."
            )

    async def page(self, path: str) -> str | None:
        """A page's text whatever its status, None if nobody answers yet."""
        try:
            async with self._session.get(self.url + path) as answer:
                return await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    async def readiness(self) -> dict[str, Any]:
        """What /ready says; empty if nobody answers yet."""
        import orjson

        text = await self.page("/ready")
        try:
            return dict(orjson.loads(text)) if text else {}
        except orjson.JSONDecodeError:
            return {}

    async def until_ready(self, on_step: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Poll until it takes part in the work; returns what it said then.

        Args:
            on_step: Told what /ready says each time.

        Raises:
            WorkerEnded: it ended.
        """
        while True:
            self.check_alive()
            facts = await self.readiness()
            on_step(facts)
            if facts.get("ready"):
                return facts
            await asyncio.sleep(POLL_SECONDS)

    async def counters(self) -> dict[str, float]:
        """Events done by each agent, and ``lists_waiting``; empty if nobody answers.

        Raises:
            WorkerEnded: it ended.
        """
        self.check_alive()
        text = await self.page("/metrics")
        found: dict[str, float] = {}
        for name, labels, value in _SAMPLE.findall(text or ""):
            if name == "matcher_processed_total":
                found[labels.removeprefix('agent="').rstrip('"')] = float(value)
            elif name == "matcher_candidate_lists_waiting":
                found["lists_waiting"] = float(value)
        return found


def _last_words(log: str) -> str:
    """The last line that tells of trouble, without time stamps."""
    lines = [line for line in log.splitlines() if re.search(r"CRITICAL|ERROR|Error", line)]
    if not lines:
        return "sin mensaje"
    return re.sub(r"^\[[^]]*\]\s*(\[[^]]*\]\s*)*", "", lines[-1]).strip().rstrip(".")


@asynccontextmanager
async def running_worker(env: Mapping[str, str], folder: Path, port: int) -> AsyncIterator[Worker]:
    """Start one worker and stop it afterwards (SIGTERM).

    Args:
        env: Settings that differ from our own environment.
        folder: Takes its data and its log.
        port: Of its web pages, on the loopback address.

    Raises:
        PortTaken: another process listens there.
    """
    check_port(port)
    command = [
        sys.executable, "-m", "faust", "-A", "matcher_stream.app", "worker", "-l", "info",
        "--web-port", str(port),
    ]  # fmt: skip
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    full = {
        **os.environ,
        **env,
        "PYTHONPATH": path,
        "MATCHER_WEB_HOST": "127.0.0.1",
        "MATCHER_WEB_PORT": str(port),
        "MATCHER_DATA_DIR": str(folder / "data"),
        "MATCHER_LOG_FORMAT": "text",  # of which a person is shown the last words
    }
    child = Child(command, folder / "worker.log", full)
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield Worker(child, f"http://127.0.0.1:{port}", session)
    finally:
        await child.stop()
