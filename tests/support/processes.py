"""Child processes of a test: started with a log file, found ready by polling, always reaped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matcher_stream.local.processes import sent_when_we_end

Condition = Callable[[], bool]


class NeverHappened(AssertionError):
    """A condition was not met in time."""


def port_answers(port: int) -> bool:
    """Whether something listens on a loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def wait_for(condition: Condition, timeout: float, what: str, every: float = 0.05) -> float:
    """Poll until `condition` holds; returns the seconds it took.

    Raises:
        NeverHappened: it did not hold within `timeout` seconds.
    """
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > timeout:
            raise NeverHappened(f"{what}: not within {timeout:g} s")
        time.sleep(every)
    return time.monotonic() - started


class ChildProcess:
    """One process in a session of its own, with output to a file; killed if the tests are.

    Args:
        name: Used in the log's name and in messages.
        command: Program and arguments.
        log: File that takes stdout and stderr; appended to.
        env: The whole environment.
        cwd: Working directory.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._env = dict(env) if env is not None else None
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; does not wait until it is ready."""
        assert not self.alive, f"{self.name} runs already"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                preexec_fn=sent_when_we_end(signal.SIGKILL),
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What it ended with, None while it runs; negative for a signal."""
        return None if self._process is None else self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if it still runs."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait_end(self, timeout: float) -> int:
        """Wait until it ended; returns its exit code.

        Raises:
            NeverHappened: it still runs after `timeout` seconds.
        """
        assert self._process is not None
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise NeverHappened(f"{self.name} did not end within {timeout:g} s") from None

    def kill9(self) -> None:
        """End it at once, without any clean-up of its own."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)

    def stop(self, timeout: float = 30.0) -> int:
        """Ask it to end (SIGTERM), and kill it if it does not; returns its exit code."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.wait_end(timeout)
        except NeverHappened:
            self.kill9()
            raise

    def reap(self) -> None:
        """Make sure that nothing of it is left, whatever state it is in."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)

    def tail(self, lines: int = 40) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        text = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([f"---- {self.name} ({self.log})", *text])
