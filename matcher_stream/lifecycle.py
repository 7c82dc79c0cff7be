"""What the matcher does at a rebalance: finish batches, rebuild the indexes, tell how it went."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.runtime.hooks import RebalanceHooks, all_free

log = logging.getLogger(__name__)


class MatcherHooks(RebalanceHooks):
    """The steps of the matcher."""

    FAILURE = "The indexes could not be built"
    TASK = "index build"

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.names.read)
        self._context = context
        self._phases = Phases()

    async def finish(self) -> None:
        """Wait for batches in flight; if all of them finished, the indexes equal the tables."""
        context = self._context
        locks = (context.locks.people, context.locks.jobs, context.locks.lists)
        if await all_free(locks, context.settings.session_timeout / 2):
            context.state.mark_synced()
        else:
            log.warning("A batch did not finish before its partitions were taken away")

    def joined(self) -> None:
        """Note how long joining took."""
        self._phases.joined()

    async def take(self, partitions: list[int]) -> None:
        """Index what these partitions hold."""
        context = self._context
        self._phases.recovered()
        encoder = await asyncio.wrap_future(context.vectors.encoder)
        context.state.prepare(encoder.dim)
        started = time.monotonic()
        async with context.locks.people, context.locks.jobs:
            await context.score(context.state.rebuild, partitions)
        metrics.START_SECONDS.labels("index").set(time.monotonic() - started)
        metrics.PEOPLE.set(context.state.match.count_people())
        metrics.JOBS.set(len(context.state.match.jobs))
        metrics.DIRTY.set(len(context.state.dirty))

    def opening(self) -> None:
        """From here on the indexes may differ from the tables."""
        self._context.state.mark_in_use()

    def ready(self, partitions: list[int]) -> None:
        """Tell what is owned and how long each part of the start took."""
        log.info("Ready for partitions %s: %s", partitions, self._phases.summary())


class Phases:
    """How long each part of a start took, in seconds; told by metrics and one log line."""

    def __init__(self) -> None:
        self._mark = time.monotonic()
        metrics.START_SECONDS.labels("import").set(_seconds_since_exec())

    def joined(self) -> None:
        """The group gave us partitions."""
        self._note("join")

    def recovered(self) -> None:
        """The tables hold what the changelogs hold."""
        self._note("recovery")

    def _note(self, phase: str) -> None:
        now = time.monotonic()
        metrics.START_SECONDS.labels(phase).set(now - self._mark)
        self._mark = now

    @staticmethod
    def summary() -> str:
        """The phases so far, in words."""
        samples = next(iter(metrics.START_SECONDS.collect())).samples
        return ", ".join(f"{s.labels['phase']} {s.value:.2f} s" for s in samples)


def _seconds_since_exec() -> float:
    """Seconds since this process was started (Linux: field 22 of /proc/self/stat, proc(5))."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
