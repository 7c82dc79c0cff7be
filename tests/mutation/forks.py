"""Runs things in forks of this process, some at a time, each with a limit of time and memory."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

_MOST_MEMORY = 4 << 30
_LEAST_SECONDS = 15.0
#: How a try ended.
KILLED, SURVIVED, TIMED_OUT, NOT_IN_PLACE = "killed", "survived", "timed out", "not in place"
UNSEEN = "run by no test"
_CODES = {0: SURVIVED, 1: KILLED, 2: NOT_IN_PLACE}


class Forks:
    """Runs things in forks, some at a time, each with a limit of time.

    Args:
        beside: How many at a time.
    """

    def __init__(self, beside: int) -> None:
        self._beside = beside
        self._running: dict[int, tuple[float, Callable[[int | None], None]]] = {}

    def start(
        self, work: Callable[[], int], seconds: float, ended: Callable[[int | None], None]
    ) -> None:
        """Run `work` in a fork as soon as there is room; it returns the exit status.

        Args:
            work: What the fork does.
            seconds: After which it is killed.
            ended: Is told its exit status, None if it was killed for its time.
        """
        while len(self._running) >= self._beside:
            self._reap()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.setsid()
            _silent()
            code = 1
            try:
                code = work()
            finally:
                os._exit(code)
        self._running[pid] = (time.monotonic() + seconds, ended)

    def wait(self) -> None:
        """Until all have ended."""
        while self._running:
            self._reap()

    def _reap(self) -> None:
        for pid, (until, ended) in list(self._running.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            late = not done and (time.monotonic() > until or _memory(pid) > _MOST_MEMORY)
            if late:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            if done or late:
                del self._running[pid]
                ended(None if late else abs(os.waitstatus_to_exitcode(status)))
                return
        time.sleep(0.005)


def _memory(pid: int) -> int:
    """Bytes of memory that a process has touched (Linux: field 2 of /proc/PID/statm, proc(5))."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _silent() -> None:
    """Nothing of a fork is shown."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def outcome_of(code: int | None) -> str:
    """How a fork's end is called; whatever ends it unasked has been noticed."""
    return TIMED_OUT if code is None else _CODES.get(code, KILLED)


def limit(seconds: float) -> float:
    """Seconds that a try gets for tests that take so long by themselves."""
    return _LEAST_SECONDS + 4 * seconds
