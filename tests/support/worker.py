"""One matcher worker as a process, as an operator starts it."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from matcher_stream.local.processes import free_port
from tests.support.brokers import ROOT
from tests.support.processes import ChildProcess, wait_for

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class WorkerProcess(ChildProcess):
    """``faust -A matcher_stream.app worker`` with a data folder and a web port of its own.

    Args:
        name: Used in the log's name.
        folder: Takes the data folder and the log.
        env: The whole environment but for the data folder and the web port.
    """

    def __init__(self, name: str, folder: Path, env: Mapping[str, str]) -> None:
        self.port = free_port()
        self.data = folder / name
        command = [
            sys.executable,
            "-m",
            "faust",
            "-A",
            "matcher_stream.app",
            "worker",
            "-l",
            "info",
            "--web-port",
            str(self.port),
        ]
        full = {**env, "MATCHER_DATA_DIR": str(self.data), "MATCHER_WEB_PORT": str(self.port)}
        super().__init__(name, command, folder / f"{name}.log", full, ROOT)

    def say_everything(self) -> None:
        """From the next start on log at debug level."""
        self.command[self.command.index("info")] = "debug"

    def set(self, **env: str) -> None:
        """Change its environment from the next start on; an empty value takes a variable away."""
        assert self._env is not None
        self._env.update(env)
        for name in [name for name, value in env.items() if not value]:
            del self._env[name]

    def run_in(self, checkout: Path) -> None:
        """Run the program of another checkout from the next start on."""
        self._cwd = checkout

    def get(self, path: str, timeout: float = 5.0) -> tuple[int, str]:
        """Status and body of a page of its web; status 0 if nobody answers."""
        try:
            url = f"http://127.0.0.1:{self.port}{path}"
            with urllib.request.urlopen(url, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError:
            return 0, ""

    @property
    def ready(self) -> bool:
        """Whether it says that it is ready."""
        return self.get("/ready")[0] == 200

    def wait_ready(self, timeout: float = 120.0) -> float:
        """Wait until it takes part; returns the seconds it took.

        Raises:
            AssertionError: it ended, or was not ready in time; the message has its log's tail.
        """
        try:
            took = wait_for(lambda: not self.alive or self.ready, timeout, f"{self.name} ready")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.tail()}") from None
        assert self.alive, f"{self.name} ended with {self.exit_code}\n{self.tail()}"
        return took

    def wait_ready_or_dead(self, timeout: float = 120.0) -> None:
        """Wait until it takes part or has ended, whichever a test has prepared."""
        wait_for(lambda: not self.alive or self.ready, timeout, f"{self.name} ready or dead")

    def fill_disk(self) -> None:
        """From now on the system refuses every byte it wants to add to a file."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def freeze(self) -> None:
        """SIGSTOP: it holds its connections and says nothing."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Every sample of /metrics by name and labels."""
        status, text = self.get("/metrics")
        assert status == 200, f"/metrics answers {status}"
        return {
            (name, frozenset(_LABEL.findall(labels or ""))): float(value)
            for name, labels, value in _SAMPLE.findall(text)
        }

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples with this name and at least these labels."""
        wanted = set(labels.items())
        return sum(v for (n, have), v in self.metrics().items() if n == name and wanted <= have)

    def processor_seconds(self) -> float:
        """Seconds that its threads have taken on the processors (fields 14, 15 of proc(5) stat)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_memory(self) -> int:
        """Most bytes it ever had resident, 0 if it has ended."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/status").read_text()
            found = re.search(r"VmHWM:\s+(\d+) kB", status)
            return int(found[1]) * 1024 if found else 0
        return 0
