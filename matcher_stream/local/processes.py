"""Child processes: started with a log file, stopped in order; ports they can have."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from schemas.errors import PortTaken

STOP_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def sent_when_we_end(number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` for a child that gets this signal when the thread that started it ends,
    however that comes about; None where the system has no such thing.
    """
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl  # looked up before the fork
    return lambda: prctl(_PR_SET_PDEATHSIG, int(number))


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Make sure that a port can be had.

    Raises:
        PortTaken: another process listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise PortTaken(
                f"El puerto {port} ya está ocupado: cierre el programa que lo usa o elija otro."
            ) from exc


class Child:
    """A process in a session of its own, so that Ctrl-C reaches only us and we stop it in order.
    If we are killed it gets SIGTERM from the system.

    Args:
        command: Program and arguments.
        log: File that takes its output; appended to.
        env: The whole environment; None means ours.
    """

    def __init__(
        self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                start_new_session=True,
                preexec_fn=sent_when_we_end(signal.SIGTERM),
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it runs, negative for a signal."""
        return self._process.poll()

    async def stop(self, timeout: float = STOP_SECONDS) -> None:
        """SIGTERM, and SIGKILL if it has not ended after `timeout` seconds."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, timeout)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await asyncio.to_thread(self._process.wait)

    def tail(self, lines: int = 15) -> str:
        """The last lines of its output."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
